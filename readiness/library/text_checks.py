"""Whether the texts of a rubric version tell its parts apart, and whether they were translated at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from readiness.core.languages import Language
from readiness.library.findings import Finding, Findings
from readiness.library.rubric_texts import Texts

#: Texts of one group must differ from each other: the part of the key that names the group, and the id in it.
GROUPS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<group>questions\.[^.]+\.levels)\.(?P<id>[^.]+)\.text",
        r"(?P<group>questions\.[^.]+\.options)\.(?P<id>[^.]+)",
        r"(?P<group>questions\.[^.]+\.rows)\.(?P<id>[^.]+)",
        r"(?P<group>questions)\.(?P<id>[^.]+)\.text",
        r"(?P<group>pillars|dimensions|bands)\.(?P<id>[^.]+)\.name",
        r"(?P<group>actions)\.(?P<id>[^.]+)\.title",
    )
)
#: Fewer English words than these may be a name that is the same in every language.
FEWEST_WORDS = 4


def check_texts(texts: Texts) -> Findings:
    """Yield the texts of one language that read the same as another one of their group."""
    seen: dict[tuple[str, str], str] = {}
    for key, group, id in _grouped(texts):
        words = " ".join(texts[key].casefold().split())
        other = seen.setdefault((group, words), id)
        if other != id:
            name = f"level {other}" if group.endswith(".levels") else other
            yield Finding(key, f"reads the same as {name}", "say what makes the difference")


def check_translated(texts: Texts, english: Texts, language: Language) -> Findings:
    """Yield the texts of a translation that are still in English."""
    for key, text in texts.items():
        if text.strip() == english.get(key, "").strip() and len(re.findall(r"[A-Za-z]{2,}", text)) >= FEWEST_WORDS:
            yield Finding(key, "is still the English text", f"translate it to {language}")


def _grouped(texts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for key in texts:
        for pattern in GROUPS:
            match = pattern.fullmatch(key)
            if match:
                yield key, match["group"], match["id"]
