"""What became of each question from one rubric version to the next: data of the newer version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Change(StrEnum):
    """What a map says of a question of the newer version."""

    #: The same question under the same id.
    SAME = "same"
    #: The same question in other words: its answer is to be confirmed.
    REWORDED = "reworded"
    #: Its options or levels have counterparts, named one by one.
    OPTIONS = "options"
    #: Made of several earlier questions.
    MERGED = "merged"
    #: One of several that an earlier question became.
    SPLIT = "split"
    #: Asked for the first time.
    NEW = "new"


class Take(StrEnum):
    """Which of the answers that are merged counts."""

    LOWEST = "lowest"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the answer to a question of the newer version comes from."""

    change: Change
    #: Questions of the older version; none for a new question.
    sources: tuple[str, ...] = ()
    #: The counterpart of each earlier level ("3") or option; None where there is none any more.
    options: Mapping[str, int | str | None] = field(default_factory=dict)
    take: Take = Take.LOWEST


NEW = Origin(Change.NEW)


@dataclass(frozen=True, slots=True)
class VersionMap:
    """How the answers of one version become those of the next."""

    #: The number of the older version.
    before: str
    #: Every question of the newer version.
    questions: Mapping[str, Origin]
    #: The questions of the older version that are asked no more.
    retired: tuple[str, ...] = ()
