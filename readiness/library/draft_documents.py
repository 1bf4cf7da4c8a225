"""A version while it is written: any part of its document by a path, whether or not the whole is right.

A path names a place by ids, as the check does: ``questions.data_quality.levels.3.text``, ``bands.ready.floor``,
``actions.ai_talent_1_2.weeks``, ``map.questions.ai_talent``. A path of a translation begins with its language:
``zh-Hant/questions.data_quality.text``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

from readiness.core.languages import Language
from readiness.library.canonical import canonical
from readiness.library.languages import TRANSLATIONS

#: Nothing is there; as a value to put, it removes what is there.
ABSENT = None
#: Lists of things with ids, in which a path goes by the id.
_LISTS = ("pillars", "dimensions", "questions", "bands", "gates", "options", "rows", "actions")
#: Lists of lines, in which a path goes by the number, from 1.
_LINES = ("method", "guide")
#: Where a text stands that has another key than its place.
_TEXT_PLACES = {"basis": ("spend", "basis")}


class NoSuchPlace(LookupError):
    """A path names no place that a document of this kind has."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: there is no such place in the draft")
        #: The path.
        self.path = path


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """Return what stands at *path*, or None if nothing does."""
    root, steps = _root(document, path)
    here: Any = root
    for step in steps:
        here = _child(here, step)
        if here is None:
            return None
    return here


def with_value(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return *document* with *value* at *path*; None removes what is there. Its other parts are shared.

    :raises NoSuchPlace: if what would hold it is not there.
    """
    changed = deepcopy(dict(document))
    root, steps = _root(changed, path)
    *above, last = steps
    here: Any = root
    for step in above:
        below = _child(here, step)
        if below is None:
            if value is None:
                return changed
            if not _may_be_made(here, path):
                raise NoSuchPlace(path)
            below = here[step] = {}
        here = below
    _put(here, last, value, path)
    return changed


def mark_of(value: Any) -> str:
    """Return a short mark of a value, by which a form tells what it saw."""
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def english_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the English texts by key, as far as they are there; an empty one is one that is to be written."""
    return dict(_english(document))


def translation_of(document: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return the texts of a translation by key, as far as they are there."""
    return dict(_leaves(document.get("texts", {}).get(language.value, {}), ""))


def ids_of(document: Mapping[str, Any], name: str) -> list[str]:
    """Return the ids of the things of a list, such as ``questions``, in their order."""
    things = document["actions"]["actions"] if name == "actions" else document["rubric"].get(name, [])
    return [str(thing["id"]) for thing in things if isinstance(thing, Mapping) and "id" in thing]


def _root(document: Mapping[str, Any], path: str) -> tuple[Any, list[str]]:
    language, slash, key = path.partition("/")
    if slash:
        if language not in {each.value for each in TRANSLATIONS} or not key:
            raise NoSuchPlace(path)
        return document["texts"], [language, *key.split(".")]
    steps = path.split(".")
    if not all(steps):
        raise NoSuchPlace(path)
    if steps[0] == "actions":
        if steps[-1] in _TEXT_PLACES and len(steps) == 3:
            steps = [*steps[:-1], *_TEXT_PLACES[steps[-1]]]
        return document["actions"], steps
    if steps[0] in ("map", "texts"):
        return document, steps
    return document["rubric"], steps


def _child(here: Any, step: str) -> Any:
    if isinstance(here, Mapping):
        return here.get(step)
    if isinstance(here, list):
        index = _index(here, step)
        return None if index is None else here[index]
    return None


def _index(things: list[Any], step: str) -> int | None:
    """Return where the thing with this id stands, or the line with this number."""
    for index, thing in enumerate(things):
        if isinstance(thing, Mapping) and thing.get("id") == step:
            return index
    if step.isascii() and step.isdecimal() and 1 <= int(step) <= len(things):
        plain = not isinstance(things[int(step) - 1], Mapping)
        return int(step) - 1 if plain else None
    return None


def _may_be_made(here: Any, path: str) -> bool:
    """Return whether a mapping that is missing may be made here: those of translations, levels and the map."""
    return isinstance(here, dict) and ("/" in path or path.startswith("map.") or ".levels." in path)


def _put(here: Any, step: str, value: Any, path: str) -> None:
    if isinstance(here, dict):
        if value is None and step != "floor":
            here.pop(step, None)
        else:
            here[step] = value
        return
    if not isinstance(here, list):
        raise NoSuchPlace(path)
    index = _index(here, step)
    if index is not None and value is None:
        del here[index]
    elif index is not None:
        here[index] = value
    elif value is not None and ((isinstance(value, Mapping) and value.get("id") == step) or step == str(len(here) + 1)):
        here.append(value)
    elif value is not None:
        raise NoSuchPlace(path)


def _english(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    rubric = document["rubric"]
    yield "title", _text(rubric.get("title"))
    yield "planning.day_rate.basis", _text(value_at(document, "planning.day_rate.basis"))
    for name in _LINES:
        for number, line in enumerate(rubric.get(name, []), start=1):
            yield f"{name}.{number}", _text(line)
    for name, parts in (
        ("pillars", ("name",)),
        ("dimensions", ("name", "definition")),
        ("bands", ("name", "interpretation", "characteristics", "recommendation")),
        ("gates", ("explanation",)),
    ):
        for thing in _things(rubric, name):
            for part in parts:
                yield f"{name}.{thing['id']}.{part}", _text(thing.get(part))
    for question in _things(rubric, "questions"):
        yield from _question(question)
    for action in _things(document["actions"], "actions"):
        for part in ("title", "first_step", "then", "role", "done_when"):
            yield f"actions.{action['id']}.{part}", _text(action.get(part))
        spend = action.get("spend")
        yield f"actions.{action['id']}.basis", _text(spend.get("basis") if isinstance(spend, Mapping) else None)


def _question(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    key = f"questions.{question['id']}"
    for part in ("text", "why", "example"):
        yield f"{key}.{part}", _text(question.get(part))
    if question.get("not_applicable") is not None:
        yield f"{key}.not_applicable", _text(question["not_applicable"])
    levels = question.get("levels")
    for level, form in (levels if isinstance(levels, Mapping) else {}).items():
        for part in ("text", "evidence"):
            yield f"{key}.levels.{level}.{part}", _text(form.get(part) if isinstance(form, Mapping) else None)
    for kind in ("options", "rows"):
        for option in _things(question, kind):
            yield f"{key}.{kind}.{option['id']}", _text(option.get("text"))


def _things(parent: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = parent.get(name, [])
    return [thing for thing in found if isinstance(thing, Mapping) and "id" in thing] if isinstance(found, list) else []


def _leaves(nested: Any, above: str) -> Iterator[tuple[str, str]]:
    if not isinstance(nested, Mapping):
        return
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        elif isinstance(value, str):
            yield f"{above}{key}", value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
