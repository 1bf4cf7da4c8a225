"""Rubric versions: a folder of files, one immutable document, and the core's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from readiness.core.actions import Action, ActionLibrary
from readiness.core.languages import Language
from readiness.core.rubric import Band, Dimension, Gate, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.version_maps import VersionMap
from readiness.library.canonical import digest_of
from readiness.library.conditions import read_condition
from readiness.library.languages import TRANSLATIONS
from readiness.library.map_files import MapForm, check_own, version_map
from readiness.library.rubric_checks import check_form
from readiness.library.rubric_files import ActionForm, ActionsForm, QuestionForm, RubricForm
from readiness.library.rubric_texts import Texts, english_texts, flat
from readiness.library.yaml_files import FileProblem, FileProblems, problems_of, read_yaml


@dataclass(frozen=True, eq=False)
class RubricVersion:
    """One immutable version: its document, and what the document means."""

    document: Mapping[str, Any]
    digest: str
    form: RubricForm
    action_forms: Mapping[str, ActionForm]
    rubric: Rubric
    actions: ActionLibrary
    texts: Mapping[Language, Texts]
    #: What became of the questions of the version before; None for a version that does not say.
    map: VersionMap | None = None

    @property
    def id(self) -> str:
        """Its number, such as 2026.1."""
        return self.rubric.id

    def question_form(self, question_id: str) -> QuestionForm:
        """Return the question as its file describes it, with references."""
        return next(question for question in self.form.questions if question.id == question_id)


def read_rubric_folder(folder: Path) -> RubricVersion:
    """Return the version that the files of *folder* describe.

    :raises FileProblems: with everything that is wrong with it.
    """
    problems: list[FileProblem] = []
    if not folder.is_dir():
        raise FileProblems([FileProblem(folder, "", "is not a folder: a rubric version is a folder with rubric.yaml")])
    parts: dict[str, Any] = {}
    # A version without a map has a document without that key: its digest is what it was before there were maps.
    with_map = ["map"] if (folder / "map.yaml").exists() else []
    for name in ("rubric", "actions", *TRANSLATIONS, *with_map):
        try:
            parts[name] = read_yaml(folder / f"{name}.yaml")
        except FileProblem as problem:
            problems.append(problem)
    if problems:
        raise FileProblems(problems)
    document = {
        "rubric": parts["rubric"],
        "actions": parts["actions"],
        "texts": {language.value: parts[language] for language in TRANSLATIONS},
        **{name: parts[name] for name in with_map},
    }
    return version_from(document, where=str(folder))


def version_from(document: Mapping[str, Any], where: str = "document") -> RubricVersion:
    """Return the version that *document* holds.

    :raises FileProblems: with everything that is wrong with it.
    """
    problems: list[FileProblem] = []
    forms: dict[str, Any] = {}
    for name, model in (("rubric", RubricForm), ("actions", ActionsForm), ("map", MapForm)):
        if name == "map" and "map" not in document:
            continue
        try:
            forms[name] = model.model_validate(document[name])
        except ValidationError as error:
            problems += problems_of(f"{where}/{name}.yaml", error)
    if problems:
        raise FileProblems(problems)
    form: RubricForm = forms["rubric"]
    actions: list[ActionForm] = forms["actions"].actions
    texts: dict[Language, Texts] = {Language.EN: english_texts(form, actions)}
    for language in TRANSLATIONS:
        texts[language], wrong = _translation(document["texts"][language.value], texts[Language.EN], where, language)
        problems += wrong
    problems += check_form(form, actions, where)
    from_before = version_map(forms["map"]) if "map" in forms else None
    problems += check_own(from_before, form, where) if from_before else []
    if problems:
        raise FileProblems(problems)
    return RubricVersion(
        document=document,
        digest=digest_of(document),
        form=form,
        action_forms={action.id: action for action in actions},
        rubric=_rubric(form),
        actions=ActionLibrary(map(_action, actions), day_rate=form.planning.day_rate.hkd),
        texts=texts,
        map=from_before,
    )


def _translation(
    nested: Any, english: Texts, where: str, language: Language
) -> tuple[dict[str, str], list[FileProblem]]:
    """Return the texts of a translation, and what is missing, left over or no text in it."""
    path = f"{where}/{language}.yaml"
    found = flat(nested) if isinstance(nested, Mapping) else {}
    problems = [FileProblem(path, key, "is missing: translate it") for key in english if key not in found]
    problems += [FileProblem(path, key, "is no text of this rubric: remove it") for key in found if key not in english]
    problems += [
        FileProblem(path, key, f"is no text: {text!r:.40}")
        for key, text in found.items()
        if not isinstance(text, str) or not text.strip()
    ]
    return found, problems


def _rubric(form: RubricForm) -> Rubric:
    scoring = form.scoring
    return Rubric(
        id=form.id,
        pillars=tuple(Pillar(pillar.id) for pillar in form.pillars),
        dimensions=tuple(Dimension(d.id, d.pillar, Fraction(d.weight)) for d in form.dimensions),
        questions=tuple(map(_question, form.questions)),
        bands=tuple(Band(band.id, None if band.floor is None else Fraction(band.floor)) for band in form.bands),
        gates=tuple(Gate(gate.id, gate.dimension, gate.needs, gate.limit) for gate in form.gates),
        scoring=Scoring(
            lowest=scoring.scale.lowest,
            highest=scoring.scale.highest,
            decimals=scoring.decimals,
            minimum_coverage=Fraction(scoring.minimum_coverage),
            not_sure=scoring.not_sure,
        ),
    )


def _question(form: QuestionForm) -> Question:
    return Question(
        id=form.id,
        kind=Kind(form.kind),
        dimension=form.dimension,
        weight=Fraction(form.weight),
        not_applicable=form.not_applicable is not None,
        options=tuple(option.id for option in form.options),
        rows=tuple(row.id for row in form.rows),
        other=form.other,
        show_when=read_condition(form.show_when) if form.show_when else None,
    )


def _action(form: ActionForm) -> Action:
    lowest, highest = form.spend.hkd
    return Action(
        id=form.id,
        dimension=form.dimension,
        from_level=form.from_level,
        to_level=form.to_level,
        person_days=form.person_days,
        weeks=form.weeks,
        spend=(lowest, highest),
        spend_for=form.spend.buys,
        prerequisites=tuple(form.prerequisites),
        helps=tuple(form.helps),
    )
