"""``map.yaml``: what became of each question of the version before, and what must be true of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from readiness.core.rubric import Kind
from readiness.core.version_maps import NEW, Change, Origin, Take, VersionMap
from readiness.library.languages import Form
from readiness.library.rubric_files import Id, QuestionForm, RubricForm, VersionId
from readiness.library.yaml_files import FileProblem

if TYPE_CHECKING:
    from readiness.library.rubrics import RubricVersion

FILE = "map.yaml"
#: Kinds whose options or levels can have counterparts, and in which kinds.
_COUNTERPARTS = {
    Kind.LEVEL: (Kind.LEVEL, Kind.SINGLE),
    Kind.SINGLE: (Kind.LEVEL, Kind.SINGLE),
    Kind.MULTIPLE: (Kind.MULTIPLE,),
    Kind.MATRIX: (Kind.MATRIX,),
}
_MERGED = (Kind.LEVEL, Kind.NUMBER)


class OptionsForm(Form):
    """The counterpart of each earlier level or option; null where there is none any more."""

    options: dict[str, int | str | None] = Field(min_length=1)
    #: The earlier question, where it has another id.
    source: Id | None = Field(default=None, alias="from")


class MergedForm(Form):
    """Several earlier questions became this one."""

    merged: list[Id] = Field(min_length=2)
    take: Literal["lowest", "highest"]


class SplitForm(Form):
    """An earlier question became several, of which this is one."""

    split: Id


def _form_of(value: Any) -> str:
    keys = value if isinstance(value, Mapping) else ()
    return "word" if isinstance(value, str) else next((key for key in ("merged", "split") if key in keys), "options")


OriginForm = Annotated[
    Annotated[Literal["same", "reworded", "new"], Tag("word")]
    | Annotated[OptionsForm, Tag("options")]
    | Annotated[MergedForm, Tag("merged")]
    | Annotated[SplitForm, Tag("split")],
    Discriminator(_form_of),
]


class MapForm(Form):
    """``map.yaml`` as a whole."""

    format: Literal[1]
    before: VersionId = Field(alias="from")
    questions: dict[Id, OriginForm]
    retired: list[Id] = Field(default_factory=list)


def version_map(form: MapForm) -> VersionMap:
    """Return the map that a file describes."""
    return VersionMap(
        before=form.before,
        questions={id: _origin(id, origin) for id, origin in form.questions.items()},
        retired=tuple(form.retired),
    )


def check_own(map: VersionMap, form: RubricForm, where: str) -> list[FileProblem]:
    """Return what is wrong with a map that its own version shows: a question left out, an option that is not there."""
    found: list[tuple[str, str]] = []
    if map.before == form.id:
        found.append(("from", "names this very version: it names the one before"))
    questions = {question.id: question for question in form.questions}
    for id in questions:
        if id not in map.questions:
            found.append((f"questions.{id}", "is missing: say same, reworded, options, merged, split or new"))
    for id, origin in map.questions.items():
        if id not in questions:
            found.append((f"questions.{id}", "is no question of this version: remove it, or list it under retired"))
            continue
        offered = _answers(questions[id])
        for key, counterpart in origin.options.items():
            if counterpart is not None and str(counterpart) not in offered:
                said = f"{counterpart!r} is no {_noun(questions[id])} of {id}"
                found.append((f"questions.{id}.options.{key}", f"{said}: name one of {', '.join(offered)}, or null"))
            elif counterpart is not None and isinstance(counterpart, int) != (questions[id].kind is Kind.LEVEL):
                found.append((f"questions.{id}.options.{key}", "a level is a number, an option its id as text"))
    return [FileProblem(f"{where}/{FILE}", place, problem) for place, problem in found]


def check_map(old: RubricVersion, new: RubricVersion, where: str | None = None) -> list[FileProblem]:
    """Return what is wrong with the map of *new*, now that its predecessor is known; nothing means that it is complete.

    :param old: the version that the map starts from.
    :param where: the folder of *new*, for messages.
    """
    path = f"{where or f'rubric {new.id}'}/{FILE}"
    if new.map is None:
        return [FileProblem(path, "", f"is missing: say what became of each question of {old.id}")]
    if new.map.before != old.id:
        remedy = f"write {old.id}, and say what became of each question since that version"
        return [FileProblem(path, "from", f"is {new.map.before}, but the version before is {old.id}", remedy=remedy)]
    before = {question.id: question for question in old.form.questions}
    after = {question.id: question for question in new.form.questions}
    found = list(_uses(new.map, before))
    for id, origin in new.map.questions.items():
        if id in after:
            found += [
                (f"questions.{id}{place}", problem) for place, problem in _origin_problems(origin, id, before, after)
            ]
    problems = [FileProblem(path, place, problem) for place, problem in found]
    return [*check_own(new.map, new.form, where or f"rubric {new.id}"), *problems]


Found = Iterator[tuple[str, str]]


def _origin(id: str, form: str | OptionsForm | MergedForm | SplitForm) -> Origin:
    match form:
        case OptionsForm():
            return Origin(Change.OPTIONS, (form.source or id,), form.options)
        case MergedForm():
            return Origin(Change.MERGED, tuple(form.merged), take=Take(form.take))
        case SplitForm():
            return Origin(Change.SPLIT, (form.split,))
        case "new":
            return NEW
    return Origin(Change(form), (id,))


def _uses(map: VersionMap, before: Mapping[str, QuestionForm]) -> Found:
    """Yield the earlier questions that are used not at all, or in a way that contradicts another use."""
    users: dict[str, list[str]] = {}
    for id, origin in map.questions.items():
        for source in origin.sources:
            users.setdefault(source, []).append(id)
    for id in before:
        if id in map.retired and id in users:
            yield f"retired.{id}", f"is used by {', '.join(users[id])}: take it off the list"
        elif id not in map.retired and id not in users:
            yield f"retired.{id}", f"is missing: no question comes from {id}, so list it under retired"
    for id in map.retired:
        if id not in before:
            yield f"retired.{id}", f"there is no question {id} in {map.before}"
    for source, ids in users.items():
        yield from _shares(map, source, ids)


def _shares(map: VersionMap, source: str, ids: list[str]) -> Found:
    parts = [id for id in ids if map.questions[id].change is Change.SPLIT]
    if len(ids) > 1 and len(parts) < len(ids):
        yield f"questions.{ids[1]}", f"{source} is used by {' and '.join(ids)}: only the parts of a split share one"
    elif len(ids) == len(parts) == 1:
        yield f"questions.{ids[0]}", f"is the only part of {source}: say reworded, or options with from"


def _origin_problems(
    origin: Origin, id: str, before: Mapping[str, QuestionForm], after: Mapping[str, QuestionForm]
) -> Found:
    """Yield what is wrong with what the map says of one question, at a place below it."""
    if origin.change is Change.NEW:
        if id in before:
            yield "", f"the version before has {id}: an id is never used again, call the new question otherwise"
        return
    unknown = [source for source in origin.sources if source not in before]
    for source in unknown:
        yield "", f"there is no question {source} in the version before"
    if unknown:
        return
    sources = [before[source] for source in origin.sources]
    match origin.change:
        case Change.OPTIONS:
            yield from _options_problems(origin, sources[0], after[id])
        case Change.MERGED:
            yield from _merged_problems(origin, sources, after[id])
        case Change.SAME:
            yield from _same_problems(sources[0], after[id])
        case _ if sources[0].kind is not after[id].kind:
            yield "", f"is {after[id].kind}, but {sources[0].id} was {sources[0].kind}: map its options, or retire it"


def _options_problems(origin: Origin, source: QuestionForm, question: QuestionForm) -> Found:
    if question.kind not in _COUNTERPARTS.get(source.kind, ()):
        yield ".options", f"{source.kind} has no counterparts in {question.kind}: retire {source.id} instead"
        return
    offered = _answers(source)
    for key in offered:
        if key not in origin.options:
            yield f".options.{key}", f"is missing: name the counterpart of this {_noun(source)}, or null"
    for key in origin.options:
        if key not in offered:
            yield f".options.{key}", f"there is no {_noun(source)} {key} in {source.id} of the version before"


def _merged_problems(origin: Origin, sources: list[QuestionForm], question: QuestionForm) -> Found:
    if len(set(origin.sources)) < len(origin.sources):
        yield ".merged", "names a question twice"
    kinds = {source.kind for source in sources} | {question.kind}
    if len(kinds) > 1 or question.kind not in _MERGED:
        yield ".merged", "only level questions, or only numbers, become one: of others none is lowest or highest"


def _same_problems(source: QuestionForm, question: QuestionForm) -> Found:
    """Yield where a question is not the same: a person who answered the one might answer the other differently."""
    remedy = "say reworded, or name the counterparts under options"
    if source.kind is not question.kind:
        yield "", f"is {question.kind} and was {source.kind}, which is not same"
        return
    earlier, later = _asked(source), _asked(question)
    for key in dict.fromkeys([*earlier, *later]):
        if earlier.get(key) != later.get(key):
            yield "", f"its {key} differs from the version before, which is not same: {remedy}"


def _asked(question: QuestionForm) -> dict[str, Any]:
    """Return what a person answers by, in English: not why it is asked, nor the evidence."""
    asked: dict[str, Any] = {"text": " ".join(question.text.split()), "other": question.other}
    if question.not_applicable is not None:
        asked["not_applicable"] = question.not_applicable
    asked |= {f"level {level}": form.text for level, form in question.levels.items()}
    asked |= {f"option {option.id}": option.text for option in question.options}
    asked |= {f"row {row.id}": row.text for row in question.rows}
    if question.show_when:
        asked["show_when"] = question.show_when
    return asked


def _answers(question: QuestionForm) -> list[str]:
    return list(question.levels) if question.kind is Kind.LEVEL else [option.id for option in question.options]


def _noun(question: QuestionForm) -> str:
    return "level" if question.kind is Kind.LEVEL else "option"
