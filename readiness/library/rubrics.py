"""Rubric versions: a folder of files, one immutable document, and the core's objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from readiness.core.actions import Action, ActionLibrary
from readiness.core.languages import Language
from readiness.core.rubric import Band, Dimension, Gate, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.version_maps import VersionMap
from readiness.core.wording import shown, shown_key
from readiness.library.action_checks import check_actions
from readiness.library.canonical import digest_of
from readiness.library.condition_checks import check_conditions
from readiness.library.conditions import read_condition
from readiness.library.form_problems import problems_of
from readiness.library.languages import TRANSLATIONS
from readiness.library.map_files import MapForm, check_own, version_map
from readiness.library.rubric_checks import check_rubric
from readiness.library.rubric_files import ActionForm, ActionsForm, QuestionForm, RubricForm
from readiness.library.rubric_texts import Texts, english_texts, flat
from readiness.library.strict_yaml import UNPRINTABLE
from readiness.library.yaml_files import FileProblem, FileProblems, located, read_yaml

#: The key of a translation file that lists the texts whose English changed without a change of meaning.
STILL_RIGHT = "still_right"


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


@dataclass(frozen=True, eq=False)
class Parts:
    """What the files of a version say, before it is known whether they fit together."""

    document: Mapping[str, Any]
    #: The folder, or what the document is called in messages.
    where: str
    form: RubricForm
    actions: list[ActionForm]
    texts: Mapping[Language, Texts]
    #: The texts that a translation says are right although their English changed.
    still_right: Mapping[Language, list[str]]
    #: What keeps the version from being used: none of it can be scored or shown in three languages then.
    problems: list[FileProblem]
    #: What became of the questions of the version before.
    map: VersionMap | None = None

    @property
    def action_forms(self) -> Mapping[str, ActionForm]:
        """The actions by id."""
        return {action.id: action for action in self.actions}

    def file(self, name: str) -> str:
        """Return the path of a file of the version, such as ``rubric`` or ``zh-Hant``."""
        return f"{self.where}/{name}.yaml"

    def file_of_text(self, key: str, language: Language) -> str:
        """Return the path of the file that holds a text."""
        if language is not Language.EN:
            return self.file(language.value)
        return self.file("actions" if key.startswith("actions.") else "rubric")


def read_rubric_folder(folder: Path) -> RubricVersion:
    """Return the version that the files of *folder* describe.

    :raises FileProblems: with everything that is wrong with it.
    """
    try:
        return version_from(read_document(folder), where=str(folder))
    except FileProblems as error:
        raise FileProblems(located(error.problems)) from None


def read_document(folder: Path) -> dict[str, Any]:
    """Return the document that the files of *folder* hold, whatever it says.

    :raises FileProblems: if a file is missing or no strict YAML.
    """
    if not folder.is_dir():
        remedy = "a rubric version is a folder with rubric.yaml, actions.yaml and a file for each translation"
        raise FileProblems([FileProblem(folder, "", "is not a folder", remedy=remedy)])
    problems: list[FileProblem] = []
    parts: dict[str, Any] = {}
    # A version without a map has a document without that key: its digest is what it was before there were maps.
    with_map = ["map"] if (folder / "map.yaml").exists() else []
    for name in ("rubric", "actions", *(language.value for language in TRANSLATIONS), *with_map):
        try:
            parts[name] = read_yaml(folder / f"{name}.yaml")
        except FileProblems as error:
            problems += error.problems
    if problems:
        raise FileProblems(problems)
    return {
        "rubric": parts["rubric"],
        "actions": parts["actions"],
        "texts": {language.value: parts[language.value] for language in TRANSLATIONS},
        **{name: parts[name] for name in with_map},
    }


def version_from(document: Mapping[str, Any], where: str = "document") -> RubricVersion:
    """Return the version that *document* holds.

    :raises FileProblems: with everything that keeps it from being used.
    """
    parts = parts_of(document, where)
    if parts.problems:
        raise FileProblems(parts.problems)
    return RubricVersion(
        document=document,
        digest=digest_of(document),
        form=parts.form,
        action_forms=parts.action_forms,
        rubric=_rubric(parts.form),
        actions=ActionLibrary(map(_action, parts.actions), day_rate=parts.form.planning.day_rate.hkd),
        texts=parts.texts,
        map=parts.map,
    )


def parts_of(document: Mapping[str, Any], where: str = "document") -> Parts:
    """Return what *document* says, and what keeps it from being used.

    :raises FileProblems: if a file has another form.
    """
    problems: list[FileProblem] = []
    forms: dict[str, Any] = {}
    for name, model in (("rubric", RubricForm), ("actions", ActionsForm), ("map", MapForm)):
        if name == "map" and "map" not in document:
            continue
        try:
            forms[name] = model.model_validate(document[name])
        except ValidationError as error:
            problems += problems_of(f"{where}/{name}.yaml", error, model, document[name])
    if problems:
        raise FileProblems(problems)
    form: RubricForm = forms["rubric"]
    actions: list[ActionForm] = forms["actions"].actions
    english = english_texts(form, actions)
    texts: dict[Language, Texts] = {Language.EN: english}
    still_right: dict[Language, list[str]] = {}
    for language in TRANSLATIONS:
        nested = document["texts"][language.value]
        still_right[language], wrong = _still_right(nested, f"{where}/{language}.yaml")
        texts[language], others = _translation(nested, english, f"{where}/{language}.yaml")
        problems += wrong + others
    for name in ("rubric", "actions"):
        problems += _unprintable(document[name], f"{where}/{name}.yaml")
    for language in TRANSLATIONS:
        problems += _unprintable(document["texts"][language.value], f"{where}/{language}.yaml")
    for name, findings in (
        ("rubric", (*check_rubric(form), *check_conditions(form))),
        ("actions", check_actions(form, actions)),
    ):
        problems += [FileProblem(f"{where}/{name}.yaml", id, what, remedy=remedy) for id, what, remedy in findings]
    from_before = version_map(forms["map"]) if "map" in forms else None
    problems += check_own(from_before, form, where) if from_before else []
    return Parts(document, where, form, actions, texts, still_right, problems, from_before)


def _unprintable(content: Any, path: str, where: str = "") -> Iterator[FileProblem]:
    """Yield the texts that no file could hold; they can only come from elsewhere than a file."""
    if isinstance(content, str):
        if UNPRINTABLE.search(content):
            yield FileProblem(
                path, where, f"holds a character that does not print: {shown(content)}", remedy="remove it"
            )
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _unprintable(value, path, f"{where}.{key}" if where else str(key))
    elif isinstance(content, list):
        for number, value in enumerate(content, start=1):
            name = value.get("id", number) if isinstance(value, Mapping) else number
            yield from _unprintable(value, path, f"{where}.{name}")


def _still_right(nested: Any, path: str) -> tuple[list[str], list[FileProblem]]:
    listed = nested.get(STILL_RIGHT, []) if isinstance(nested, Mapping) else []
    if isinstance(listed, list) and all(isinstance(key, str) for key in listed):
        return listed, []
    remedy = "list the keys of texts whose English changed without a change of meaning"
    return [], [FileProblem(path, STILL_RIGHT, "is no list of keys", remedy=remedy)]


def _translation(nested: Any, english: Texts, path: str) -> tuple[dict[str, str], list[FileProblem]]:
    """Return the texts of a translation, and what is missing, left over or no text in it."""
    if not isinstance(nested, Mapping):
        remedy = "must be a mapping with the keys of the English texts"
        return {}, [FileProblem(path, "", f"is {shown(nested)}", remedy=remedy)]
    found = flat({key: value for key, value in nested.items() if key != STILL_RIGHT})
    problems = [FileProblem(path, key, "is missing", remedy="translate it") for key in english if key not in found]
    problems += [
        FileProblem(path, shown_key(key), "is no text of this rubric", remedy="remove it")
        for key in found
        if key not in english
    ]
    problems += [
        FileProblem(path, shown_key(key), f"is no text: {shown(text)}", remedy="translate the English text")
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
