"""What a form sends for one place of a draft, as the value that the document holds, and back."""

from __future__ import annotations

import json
import re
from typing import Any

#: Whole numbers, by the last step of their path.
NUMBERS = {"person_days", "weeks", "needs", "not_sure", "decimals", "lowest", "highest", "hkd"}
#: Lists of ids, with a comma between.
LISTS = {"prerequisites", "helps"}
#: What is nothing when it is empty.
OPTIONAL = {"floor", "not_applicable", "show_when", "weight"}


def read_value(path: str, text: str) -> Any:
    """Return what *text* means at *path*; what cannot be read stays text, and the check names it."""
    last = path.rpartition(".")[2]
    text = text.replace("\r\n", "\n").replace("\x00", "")
    if last in OPTIONAL and not text.strip():
        return None
    if path.endswith("spend.hkd"):
        numbers = re.findall(r"\d+", text.replace(",", ""))
        return [int(number[:12]) for number in numbers]
    if last in NUMBERS and re.fullmatch(r"\s*\d{1,9}\s*", text):
        return int(text)
    if last in LISTS:
        return [part for part in re.split(r"[\s,]+", text) if part]
    if last == "other":
        return text == "yes"
    if last == "show_when":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def shown_value(path: str, value: Any) -> str:
    """Return a value as a form shows it; :func:`read_value` reads the same back."""
    last = path.rpartition(".")[2]
    if value is None:
        return ""
    if path.endswith("spend.hkd") and isinstance(value, list):
        return " - ".join(map(str, value))
    if last in LISTS and isinstance(value, list):
        return ", ".join(map(str, value))
    if last == "other":
        return "yes" if value else "no"
    if last == "show_when" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
