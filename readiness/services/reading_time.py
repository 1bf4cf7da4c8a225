"""How long the owner's way takes to read: counted from the texts, at a stated reading speed.

This is an estimate from the length of what stands on the pages, not the time of a person. Speeds are assumptions:
250 Chinese characters or 180 English words a minute, slower than for a newspaper since five choices are compared,
and ten seconds a page for choosing and tapping.
"""

from __future__ import annotations

import re
from functools import lru_cache

from readiness.core.languages import Language
from readiness.library.rubrics import RubricVersion

PER_MINUTE = {Language.EN: 180, Language.ZH_HANT: 250, Language.ZH_HANS: 250}
SECONDS_A_PAGE = 10
#: Start, about the company, check, submit.
OTHER_PAGES = 4


@lru_cache(maxsize=32)
def minutes(version: RubricVersion, language: Language) -> float:
    """Return the minutes for reading every question with its choices, and for choosing."""
    texts = version.texts[language]
    seen = [text for key, text in texts.items() if _on_the_page(key)]
    reading = sum(map(_units, seen)) / PER_MINUTE[language]
    pages = len(version.rubric.questions) + OTHER_PAGES
    return reading + pages * SECONDS_A_PAGE / 60


def _on_the_page(key: str) -> bool:
    return bool(re.fullmatch(r"questions\.\w+\.(text|not_applicable|levels\.\d\.text)|guide\.1", key))


def _units(text: str) -> int:
    """Return how many words or Chinese characters a text has."""
    return len(re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9%$']+", text))
