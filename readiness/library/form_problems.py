"""What the form of a file does not allow, in words that say what to do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from readiness.core.wording import shown, shown_key
from readiness.library.form_shape import inside, keys_of
from readiness.library.yaml_files import FileProblem

#: What a value must be, by the kind of pydantic's error; ``{expected}`` and the like stand in its context.
WORDS = {
    "string_type": "must be a text: put it in quotes",
    "string_unicode": "remove the character that does not print",
    "int_type": "must be a whole number, without quotes",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "list_type": "must be a list: a line with a dash for each item",
    "dict_type": "must be a mapping: a line of key and value for each",
    "model_type": "must be a mapping: a line of key and value for each",
    "string_too_short": "write the text",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "union_tag_invalid": "must be a text, a whole number or a text in three languages",
    "union_tag_not_found": "must be a text, a whole number or a text in three languages",
}
#: What a text must be, by the pattern that it misses.
PATTERNS = {
    r"^[a-z][a-z0-9_]{0,63}$": "an id is a small letter, then at most 63 small letters, digits or _",
    r"^[a-z][a-z0-9-]{0,63}$": "a scheme's id is a small letter, then at most 63 small letters, digits or -",
    r"^\d{4}\.\d{1,3}(\.\d{1,3})?$": 'a version is numbered by year and place, such as "2026.2" or "2026.2.1"',
    r"^\d{1,6}(\.\d{1,6})?$": 'write a decimal of 0 or more, such as "0.8"',
    r"^\d{4}-\d{2}-\d{2}$": 'write a day, such as "2026-01-31"',
    r"^\d{4}(-\d{2}(-\d{2})?)?$": 'write a day, a month or a year, such as "2026-01-31"',
}


def problems_of(
    path: Path | str, error: ValidationError, model: type[BaseModel], document: Any
) -> Iterator[FileProblem]:
    """Yield a problem for each thing that the form *model* of a file does not allow in *document*."""
    for each in error.errors(include_url=False):
        where, allowed = _place(model, document, each["loc"])
        problem, remedy = _words(dict(each), allowed)
        yield FileProblem(path, where, problem, remedy=remedy)


def _words(error: dict[str, Any], allowed: tuple[str, ...]) -> tuple[str, str]:
    """Return what is wrong, and what to do."""
    kind, found, context = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "missing":
            return "is missing", "write it"
        case "extra_forbidden":
            name = str(error["loc"][-1])
            near = get_close_matches(name, allowed, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            return "is no key of this form", f"{hint}allowed: {', '.join(allowed)}"
        case "string_pattern_mismatch":
            return f"is {shown(found)}", PATTERNS.get(context["pattern"], f"must match {context['pattern']}")
        case "value_error":
            return f"is {shown(found)}", str(context["error"])
        case "string_too_short":
            return "is empty", WORDS[kind]
        case _:
            remedy = WORDS[kind].format_map(context) if kind in WORDS else error["msg"]
            return f"is {shown(found)}", remedy


def _place(model: type[BaseModel], document: Any, path: tuple[int | str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a place by ids instead of numbers, and the keys that its mapping takes."""
    form: Any = model
    value = document
    steps: list[str] = []
    allowed: tuple[str, ...] = ()
    for index, step in enumerate(path):
        last = index + 1 == len(path)
        if step == "[key]":
            continue
        if isinstance(value, list) and isinstance(step, int):
            steps.append(_item_name(value, step))
            value = value[step]
        elif isinstance(value, Mapping) and (step in value or last):
            allowed = keys_of(form)
            steps.append(shown_key(str(step)))
            value = value.get(step)
        else:
            # The name of a member of a union: it is nothing that stands in the file.
            continue
        form = inside(form, step)
    return ".".join(steps), allowed


def _item_name(items: list[Any], index: int) -> str:
    """Return the id of an item if it alone bears it, else its number from 1."""
    ids = Counter(id for item in items if isinstance(id := _id(item), str))
    id = _id(items[index])
    if isinstance(id, str) and ids[id] == 1 and re.fullmatch(r"[\w-]{1,64}", id):
        return id
    return str(index + 1)


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, Mapping) else None
