"""Foreign values in messages: one short plain line, in the words of JSON, whatever they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal


def shown(value: object, longest: int = 60) -> str:
    """Return *value* as JSON would write it, on one printable line of at most *longest* characters."""
    if value is None or isinstance(value, bool | str):
        text = json.dumps(value[: longest + 1] if isinstance(value, str) else value, ensure_ascii=False)
    elif isinstance(value, int):
        text = str(value) if abs(value) < 10**longest else "a very large number"
    elif isinstance(value, Decimal):
        text = str(value)
    elif isinstance(value, Mapping):
        text = "an object"
    elif isinstance(value, list | tuple):
        text = "a list"
    else:
        text = type(value).__name__
    text = "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def shown_key(key: str) -> str:
    """Return a key as it stands if it is short and plain, else as :func:`shown` has it."""
    return key if key.isprintable() and len(key) <= 60 else shown(key)


def _escaped(letter: str) -> str:
    return json.dumps(letter)[1:-1]
