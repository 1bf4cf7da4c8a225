"""Reading ``show_when`` from a rubric file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.core.conditions import All, AnyOf, Condition, Not, Test
from readiness.core.wording import shown

FORM = "all: [...], any: [...], not: {...} or {question, equals | includes | at_least}"


def read_condition(data: Mapping[str, Any]) -> Condition:
    """Return the condition that *data* describes.

    :raises ValueError: if it has another form.
    """
    match data:
        case {"all": list(inner)} if len(data) == 1:
            return All(tuple(read_condition(each) for each in inner))
        case {"any": list(inner)} if len(data) == 1:
            return AnyOf(tuple(read_condition(each) for each in inner))
        case {"not": dict(inner)} if len(data) == 1:
            return Not(read_condition(inner))
        case {"question": str(question), "equals": str() | int() as value} if len(data) == 2 and value is not bool(
            value
        ):
            return Test(question, "equals", value)
        case {"question": str(question), "includes": str(value)} if len(data) == 2:
            return Test(question, "includes", value)
        case {"question": str(question), "at_least": int(value)} if _is_test(data, value):
            return Test(question, "at_least", value)
    keys = f" with the keys {', '.join(map(str, data))}" if isinstance(data, Mapping) and data else ""
    raise ValueError(f"a condition is {FORM}; found {shown(data)}{keys:.80}")


def _is_test(data: Mapping[str, Any], value: object) -> bool:
    return len(data) == 2 and not isinstance(value, bool)
