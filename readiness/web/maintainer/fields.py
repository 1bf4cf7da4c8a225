"""Which places of a draft a page shows, and how each is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import east_asian_width

from readiness.core.languages import Language
from readiness.documents.words import Words
from readiness.library.draft_documents import ids_of, mark_of, value_at
from readiness.library.draft_values import shown_value
from readiness.library.languages import TRANSLATIONS
from readiness.services.drafts import Draft, State
from readiness.web.maintainer.labels import part_label, translation_label

#: Spending of an action.
BUYS = ("none", "training", "software", "equipment", "consultancy", "compute", "staff")

#: Latin letters that stand in a line of a box, on a phone and beside two others; lines that a box has at most.
LETTERS, MOST_ROWS = 32, 16


@dataclass(frozen=True, slots=True)
class Field:
    """One place that can be written."""

    path: str
    label: str
    value: str
    #: The mark of the value that the person sees.
    seen: str
    kind: Literal["text", "line", "choice"] = "line"
    options: tuple[tuple[str, str], ...] = ()
    #: The language of a text.
    language: Language | None = None
    #: How a translation stands, in words, and as it is.
    standing: str = ""
    state: State | None = None

    @property
    def rows(self) -> int:
        """How many lines a box needs to show its text, of a language whose letters may be twice as wide."""
        widths = [
            sum(2 if east_asian_width(letter) in "FW" else 1 for letter in line) for line in self.value.split("\n")
        ]
        return min(max(sum(1 + width // LETTERS for width in widths), 2), MOST_ROWS)


@dataclass(frozen=True, slots=True)
class Row:
    """A text in its languages, side by side."""

    key: str
    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: texts, and what is no text."""

    title: str
    rows: tuple[Row, ...]
    values: tuple[Field, ...] = ()


def sections(draft: Draft, part: str, thing: str | None, words: Words) -> list[Section]:
    """Return what a page shows; nothing if the draft has no such thing."""
    makers = {"questions": _question, "actions": _action, "bands": _bands, "gates": _gates, "policy": _policy}
    return list(makers[part](draft, thing, words))


def paths_of(found: list[Section]) -> set[str]:
    """Return every place that a page lets one write."""
    return {field.path for section in found for row in section.rows for field in row.fields} | {
        field.path for section in found for field in section.values
    }


def _question(draft: Draft, thing: str | None, words: Words) -> Iterator[Section]:
    question = value_at(draft.document, f"questions.{thing}")
    if not isinstance(question, Mapping):
        return
    _ = words.gettext
    key = f"questions.{thing}"
    dimension = question.get("dimension")
    pillars = tuple((id, id) for id in ids_of(draft.document, "pillars"))
    dimensions = tuple((id, id) for id in ids_of(draft.document, "dimensions"))
    values = [_value(draft, f"{key}.weight", words), _value(draft, f"{key}.show_when", words)]
    if question.get("kind") == "level":
        values.insert(0, _value(draft, f"{key}.dimension", words, dimensions))
    yes_no = (("yes", _("yes")), ("no", _("no")))
    if question.get("kind") == "multiple":
        values.append(_value(draft, f"{key}.other", words, yes_no))
    yield Section(_("The question"), _rows(draft, f"{key}.", words), tuple(values))
    if dimension and value_at(draft.document, f"dimensions.{dimension}") is not None:
        place = f"dimensions.{dimension}"
        its = (_value(draft, f"{place}.pillar", words, pillars), _value(draft, f"{place}.weight", words))
        title = _("Its dimension, %(id)s") % {"id": dimension}
        yield Section(title, _rows(draft, f"{place}.", words), its)


def _action(draft: Draft, thing: str | None, words: Words) -> Iterator[Section]:
    if value_at(draft.document, f"actions.{thing}") is None:
        return
    key = f"actions.{thing}"
    buys = tuple((each, each) for each in BUYS)
    values = (
        _value(draft, f"{key}.person_days", words),
        _value(draft, f"{key}.weeks", words),
        _value(draft, f"{key}.spend.hkd", words),
        _value(draft, f"{key}.spend.for", words, buys),
        _value(draft, f"{key}.prerequisites", words),
        _value(draft, f"{key}.helps", words),
    )
    yield Section(words.gettext("The action"), _rows(draft, f"{key}.", words), values)


def _bands(draft: Draft, _thing: str | None, words: Words) -> Iterator[Section]:
    for id in ids_of(draft.document, "bands"):
        key = f"bands.{id}"
        title = value_at(draft.document, f"{key}.name") or id
        yield Section(str(title), _rows(draft, f"{key}.", words), (_value(draft, f"{key}.floor", words),))


def _gates(draft: Draft, _thing: str | None, words: Words) -> Iterator[Section]:
    dimensions = tuple((id, id) for id in ids_of(draft.document, "dimensions"))
    bands = tuple((id, id) for id in ids_of(draft.document, "bands"))
    for id in ids_of(draft.document, "gates"):
        key = f"gates.{id}"
        values = (
            _value(draft, f"{key}.dimension", words, dimensions),
            _value(draft, f"{key}.needs", words),
            _value(draft, f"{key}.limit", words, bands),
        )
        yield Section(id, _rows(draft, f"{key}.", words), values)


def _policy(draft: Draft, _thing: str | None, words: Words) -> Iterator[Section]:
    _ = words.gettext
    policy = (
        "id",
        "scoring.minimum_coverage",
        "scoring.not_sure",
        "scoring.decimals",
        "scoring.scale.lowest",
        "scoring.scale.highest",
    )
    yield Section(_("Scoring"), (), tuple(_value(draft, path, words) for path in policy))
    rate = (_value(draft, "planning.day_rate.hkd", words),)
    yield Section(_("Cost of a person-day"), _rows(draft, "planning.", words), rate)
    yield Section(_("Title and pillars"), _rows(draft, "title", words) + _rows(draft, "pillars.", words))
    yield Section(_("Method and guide"), _rows(draft, "method.", words) + _rows(draft, "guide.", words))


def _rows(draft: Draft, prefix: str, words: Words) -> tuple[Row, ...]:
    keys = [key for key in draft.english if key.startswith(prefix)]
    return tuple(_row(draft, key, words) for key in sorted(keys, key=_reading_order))


def _reading_order(key: str) -> tuple[int, ...]:
    """Order texts as one reads them: the question first, its levels last."""
    places = {"text": 0, "name": 0, "title": 0, "why": 1, "example": 2, "not_applicable": 3, "levels": 4}
    return tuple(int(step) if step.isdecimal() else places.get(step, 9) for step in key.split(".")[2:]) or (0,)


def _row(draft: Draft, key: str, words: Words) -> Row:
    path = _path_of_text(key)
    english = value_at(draft.document, path)
    fields = [Field(path, "English", shown_value(path, english), mark_of(english), "text", language=Language.EN)]
    for language in TRANSLATIONS:
        place = f"{language.value}/{key}"
        value = value_at(draft.document, place)
        state = draft.state_of(language, key)
        name = {Language.ZH_HANT: "繁體中文", Language.ZH_HANS: "简体中文"}[language]
        standing = translation_label(state, words)
        shown = shown_value(place, value)
        fields.append(
            Field(place, name, shown, mark_of(value), "text", language=language, standing=standing, state=state)
        )
    return Row(key, part_label(key, words), tuple(fields))


def _path_of_text(key: str) -> str:
    """Return the place of an English text; an option's is below its id."""
    steps = key.split(".")
    return f"{key}.text" if len(steps) == 4 and steps[2] in ("options", "rows") else key


def _value(draft: Draft, path: str, words: Words, options: tuple[tuple[str, str], ...] = ()) -> Field:
    value: Any = value_at(draft.document, path)
    kind: Literal["choice", "line"] = "choice" if options else "line"
    return Field(path, part_label(path, words), shown_value(path, value), mark_of(value), kind, options)
