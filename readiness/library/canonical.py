"""The canonical form of a document, and its digest."""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any


def canonical(document: Any) -> str:
    """Return *document* as JSON with sorted keys, no spaces and no escapes, always the same for the same content."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def ordered(document: Any) -> str:
    """Return *document* as JSON that keeps the order of its keys; it has the same digest as the canonical form."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest_of(document: Any) -> str:
    """Return "sha256:" and the hexadecimal digest of the canonical form."""
    return "sha256:" + sha256(canonical(document).encode()).hexdigest()


def readable(record: Any) -> str:
    """Return *record* as indented JSON; ``Decimal`` becomes a JSON number."""
    return json.dumps(record, ensure_ascii=False, indent=2, default=_number, allow_nan=False)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
