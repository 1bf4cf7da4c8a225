"""What differs between two rubric versions, by meaning: by id and language, not by line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from readiness.core.conditions import questions_in
from readiness.core.languages import Language
from readiness.core.rubric import Kind
from readiness.core.version_numbers import ChangeKind
from readiness.library.canonical import canonical
from readiness.library.conditions import read_condition
from readiness.library.rubric_files import ActionForm, QuestionForm, RubricForm
from readiness.library.rubric_texts import Texts

TEXT, MINOR, MAJOR = ChangeKind.TEXT, ChangeKind.MINOR, ChangeKind.MAJOR

#: The texts that people answer by. Everything else only explains.
ANSWERED_BY = re.compile(
    r"guide|questions\.[^.]+\.(text|not_applicable|levels\.[^.]+\.text|options\.[^.]+|rows\.[^.]+)\Z"
)
#: A text of the lists of lines, which have no ids.
LINE = re.compile(r"(?P<list>method|guide)\.\d+\Z")


class Written(Protocol):
    """What two versions are compared by: a version, or a folder whose content is not known to be right yet."""

    @property
    def form(self) -> RubricForm:
        """Structure, policy and English texts."""

    @property
    def action_forms(self) -> Mapping[str, ActionForm]:
        """The actions by id."""

    @property
    def texts(self) -> Mapping[Language, Texts]:
        """Every text by language and key."""


@dataclass(frozen=True, slots=True)
class Part:
    """A text in its languages, or a value, of a thing that was added."""

    #: The place by ids.
    where: str
    #: Each language that has it, with what it says there; a value has no language.
    said: tuple[tuple[Language | None, str], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. ``before`` is None for what was added, ``after`` for what was removed."""

    kind: ChangeKind
    #: The place by ids, such as ``questions.data_quality.levels.3.text``.
    where: str
    before: str | None
    after: str | None
    #: The language of a text; None for what is no text.
    language: Language | None = None
    #: Of a thing that was added, everything that is in it.
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with an id: how it reads, and the kind of a change that adds or removes it."""

    title: str
    added: ChangeKind
    removed: ChangeKind


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is no text, and the kind of its change."""

    shown: str
    kind: ChangeKind


#: Translations that a second person marked as saying the same as before: language and key.
SameMeaning = Collection[tuple[Language, str]]


def kind_of(old: Written, new: Written, same_meaning: SameMeaning = ()) -> ChangeKind:
    """Return the kind of the change from *old* to *new*."""
    return highest(differences(old, new, same_meaning))


def highest(found: Iterable[Difference]) -> ChangeKind:
    """Return the highest kind of some differences; of none, text."""
    return max((each.kind for each in found), key=lambda kind: kind.rank, default=TEXT)


def differences(old: Written, new: Written, same_meaning: SameMeaning = ()) -> tuple[Difference, ...]:
    """Return what differs between two versions, apart from their numbers, the weightiest first."""
    found = [
        *_things(old, new),
        *_orders(old, new),
        *_values(old, new),
        *_lines(old, new, same_meaning),
        *_texts(old, new, same_meaning),
    ]
    return tuple(sorted(found, key=lambda each: -each.kind.rank))


def _things(old: Written, new: Written) -> Iterator[Difference]:
    before, after = _things_of(old), _things_of(new)
    for where, thing in before.items():
        if where not in after and not _within(where, after, before):
            yield Difference(thing.removed, where, thing.title, None)
    for where, thing in after.items():
        if where not in before and not _within(where, before, after):
            yield Difference(thing.added, where, None, thing.title, parts=tuple(_parts_of(new, where)))


def _within(where: str, one: Mapping[str, Thing], other: Mapping[str, Thing]) -> bool:
    """Return whether *where* is part of a thing that itself was added or removed."""
    return any(parent in other and parent not in one for parent in _parents(where))


def _parents(where: str) -> Iterator[str]:
    parts = where.split(".")
    yield from (".".join(parts[:length]) for length in range(2, len(parts)))


def _parts_of(version: Written, thing: str) -> Iterator[Part]:
    """Yield the texts and values of a thing, which is read before it is confirmed."""
    below = f"{thing}."
    for where in version.texts[Language.EN]:
        if where == thing or where.startswith(below):
            texts = ((language, version.texts[language].get(where)) for language in Language)
            yield Part(where, tuple((language, str(text).strip()) for language, text in texts if text))
    for where, value in _values_of(version, set()).items():
        if where.startswith(below):
            yield Part(where, ((None, value.shown),))


def _things_of(version: Written) -> dict[str, Thing]:
    form, found = version.form, dict[str, Thing]()
    for name in ("pillars", "dimensions", "bands"):
        found |= {f"{name}.{each.id}": Thing(each.name, MAJOR, MAJOR) for each in getattr(form, name)}
    for question in form.questions:
        found.update(_question_things(question))
    for gate in form.gates:
        found[f"gates.{gate.id}"] = Thing(gate.explanation, MAJOR, MAJOR)
    for action in version.action_forms.values():
        found[f"actions.{action.id}"] = Thing(action.title, MINOR, MINOR)
    return found


def _question_things(question: QuestionForm) -> Iterator[tuple[str, Thing]]:
    key = f"questions.{question.id}"
    kind = MAJOR if question.kind is Kind.LEVEL else MINOR
    yield key, Thing(question.text, kind, kind)
    if question.not_applicable is not None:
        # Offered, it changes no answer that was given; withdrawn, it takes some away.
        yield f"{key}.not_applicable", Thing(question.not_applicable, MINOR, MAJOR)
    for part in ("options", "rows"):
        for option in getattr(question, part):
            yield f"{key}.{part}.{option.id}", Thing(option.text, MINOR, MINOR)
    for level, level_form in question.levels.items():
        yield f"{key}.levels.{level}", Thing(level_form.text, MAJOR, MAJOR)


def _orders(old: Written, new: Written) -> Iterator[Difference]:
    """Yield the lists whose items, as far as both versions have them, stand in another order."""
    before, after = _orders_of(old), _orders_of(new)
    for where in before.keys() & after.keys():
        kind, one = before[where]
        other = after[where][1]
        kept = set(one) & set(other)
        first, second = [id for id in one if id in kept], [id for id in other if id in kept]
        if first != second:
            yield Difference(kind, f"{where} (order)", ", ".join(first), ", ".join(second))


def _orders_of(version: Written) -> dict[str, tuple[ChangeKind, list[str]]]:
    form = version.form
    found = {
        "bands": (MAJOR, [band.id for band in form.bands]),
        "dimensions": (MINOR, [dimension.id for dimension in form.dimensions]),
        "pillars": (MINOR, [pillar.id for pillar in form.pillars]),
        "questions": (MINOR, [question.id for question in form.questions]),
        "gates": (MINOR, [gate.id for gate in form.gates]),
    }
    for question in form.questions:
        for part in ("options", "rows"):
            found[f"questions.{question.id}.{part}"] = (MINOR, [each.id for each in getattr(question, part)])
    return found


def _values(old: Written, new: Written) -> Iterator[Difference]:
    looked_at = _looked_at(old) | _looked_at(new)
    before, after = _values_of(old, looked_at), _values_of(new, looked_at)
    for where in before:
        if where in after and before[where].shown != after[where].shown:
            kind = max(before[where].kind, after[where].kind, key=lambda kind: kind.rank)
            yield Difference(kind, where, before[where].shown, after[where].shown)


def _values_of(version: Written, looked_at: set[str]) -> dict[str, Value]:
    form, found = version.form, dict[str, Value]()
    scoring = form.scoring
    for name, value in (
        ("method", scoring.method),
        ("scale.lowest", scoring.scale.lowest),
        ("scale.highest", scoring.scale.highest),
        ("rounding", scoring.rounding),
        ("decimals", scoring.decimals),
        ("minimum_coverage", _number(scoring.minimum_coverage)),
        ("not_sure", scoring.not_sure),
    ):
        found[f"scoring.{name}"] = Value(str(value), MAJOR)
    found["planning.day_rate.hkd"] = Value(str(form.planning.day_rate.hkd), MINOR)
    found["licence"] = Value(form.licence, TEXT)
    found["sources"] = Value(_references(form.sources), TEXT)
    for dimension in form.dimensions:
        found[f"dimensions.{dimension.id}.pillar"] = Value(dimension.pillar, MAJOR)
        found[f"dimensions.{dimension.id}.weight"] = Value(_number(dimension.weight), MAJOR)
    for question in form.questions:
        found.update(_question_values(question, scored_by=question.id in looked_at))
    for band in form.bands:
        found[f"bands.{band.id}.floor"] = Value(_number(band.floor) if band.floor is not None else "none", MAJOR)
    for gate in form.gates:
        for name in ("dimension", "needs", "limit"):
            found[f"gates.{gate.id}.{name}"] = Value(str(getattr(gate, name)), MAJOR)
    for action in version.action_forms.values():
        for name, value in (
            ("dimension", action.dimension),
            ("from", action.from_level),
            ("to", action.to_level),
            ("person_days", action.person_days),
            ("weeks", action.weeks),
            ("spend.hkd", " to ".join(map(str, action.spend.hkd))),
            ("spend.for", action.spend.buys),
            ("prerequisites", ", ".join(sorted(action.prerequisites))),
            ("helps", ", ".join(sorted(action.helps))),
        ):
            found[f"actions.{action.id}.{name}"] = Value(str(value), MINOR)
    return found


def _question_values(question: QuestionForm, *, scored_by: bool) -> Iterator[tuple[str, Value]]:
    """Yield the values of a question; *scored_by*: a condition looks at it, so that it can decide what is scored."""
    key = f"questions.{question.id}"
    level = question.kind is Kind.LEVEL
    yield f"{key}.kind", Value(question.kind.value, MAJOR)
    yield f"{key}.dimension", Value(question.dimension or "none", MAJOR)
    yield f"{key}.weight", Value(_number(question.weight) if level else "none", MAJOR)
    condition = canonical(question.show_when) if question.show_when is not None else "always"
    yield f"{key}.show_when", Value(condition, MAJOR if level or scored_by else MINOR)
    yield f"{key}.other", Value("yes" if question.other else "no", MINOR)
    yield f"{key}.references", Value(_references(question.references), TEXT)


def _looked_at(version: Written) -> set[str]:
    """Return the ids of the questions that a condition looks at."""
    found: set[str] = set()
    for question in version.form.questions:
        if question.show_when is not None:
            try:
                found |= questions_in(read_condition(question.show_when))
            except ValueError:
                # Its own check names it; here it may look at anything.
                found |= {each.id for each in version.form.questions}
    return found


def _lines(old: Written, new: Written, same_meaning: SameMeaning) -> Iterator[Difference]:
    """Yield the lines of ``method`` and ``guide`` that came or went, whatever their place."""
    for language in Language:
        for name in ("method", "guide"):
            before, after = (_lines_of(version.texts[language], name) for version in (old, new))
            gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
            kind = _text_kind(name, language, same_meaning)
            if before != after and not gone and not come:
                yield Difference(kind, f"{name} (order)", " / ".join(before), " / ".join(after), language)
            yield from (Difference(kind, name, line, None, language) for line in gone.elements())
            yield from (Difference(kind, name, None, line, language) for line in come.elements())


def _lines_of(texts: Texts, name: str) -> list[str]:
    return [str(text).strip() for key, text in texts.items() if (match := LINE.match(key)) and match["list"] == name]


def _texts(old: Written, new: Written, same_meaning: SameMeaning) -> Iterator[Difference]:
    for language in Language:
        before, after = old.texts[language], new.texts[language]
        for key in before:
            if key in after and not LINE.match(key):
                one, other = str(before[key]).strip(), str(after[key]).strip()
                if one != other:
                    yield Difference(_text_kind(key, language, same_meaning), key, one, other, language)


def _text_kind(key: str, language: Language, same_meaning: SameMeaning) -> ChangeKind:
    if not ANSWERED_BY.match(key) or (language is not Language.EN and (language, key) in same_meaning):
        return TEXT
    return MINOR


def _number(text: str) -> str:
    """Return a decimal so that equal ones read the same: 1 for "1.0"."""
    return f"{Decimal(text).normalize():f}"


def _references(references: Iterable[Any]) -> str:
    return "; ".join(sorted(f"{each.title} ({each.lang}) {each.href or ''}".strip() for each in references)) or "none"
