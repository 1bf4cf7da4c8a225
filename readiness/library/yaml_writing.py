"""Writing plain values as YAML that every reader takes for the same: a line for each text, in quotes unless plain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.library.strict_yaml import AMBIGUOUS

#: Texts that need no quotes in any version of YAML: words and ids; never a number, a date, or a sign of YAML.
_BARE = re.compile(r"[A-Za-z\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*(?:[ -][A-Za-z0-9_\u4e00-\u9fff]+)*\Z")
_WORDS_OF_YAML = re.compile(r"(?:null|true|false|y|n)\Z", re.IGNORECASE)
#: What JSON leaves as it is, but YAML would take for a line break or not print.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def yaml_text(content: Any) -> str:
    """Return *content* as YAML in block style; reading it gives the same back."""
    return "\n".join(_lines(content)) + "\n"


def _lines(content: Any) -> Iterator[str]:
    if isinstance(content, Mapping) and content:
        for key, value in content.items():
            yield from _entry(f"{_text(key)}:", value, "  ")
    elif isinstance(content, list) and content:
        for item in content:
            yield from _item(item)
    else:
        yield _scalar(content)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping | list) and value:
        yield start
        yield from (indent + line for line in _lines(value))
    else:
        yield f"{start} {_scalar(value)}"


def _item(item: Any) -> Iterator[str]:
    """Yield an item of a list: its first line after the dash, the others below it."""
    for number, line in enumerate(_lines(item)):
        yield f"{'  ' if number else '- '}{line}"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, allow_nan=False)


def _text(text: str) -> str:
    if _BARE.match(text) and not AMBIGUOUS.match(text) and not _WORDS_OF_YAML.match(text):
        return text
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
