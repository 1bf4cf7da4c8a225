"""The kind of a change, and the numbers of versions: 2026.1, then 2026.1.1 for texts, 2026.2 for anything else."""

from __future__ import annotations

from enum import StrEnum


class ChangeKind(StrEnum):
    """What a change of a rubric can do to answers and scores."""

    #: Only what nobody answers by.
    TEXT = "text"
    #: A wording that answers were given by, or something optional.
    MINOR = "minor"
    #: Anything that can change a score or a band.
    MAJOR = "major"

    @property
    def rank(self) -> int:
        """The place among the kinds, 0 for the smallest change."""
        return list(ChangeKind).index(self)


def order(number: str) -> tuple[int, ...]:
    """Return what version numbers are sorted by: 2026.2 before 2026.10, 2026.1.1 between 2026.1 and 2026.2.

    What is no number comes first.
    """
    parts = number.split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdecimal() for part in parts) else ()


def next_number(previous: str, kind: ChangeKind) -> str:
    """Return the number of the version that follows *previous* in the same year."""
    year, place, *texts = order(previous)
    if kind is ChangeKind.TEXT:
        return f"{year}.{place}.{texts[0] + 1 if texts else 1}"
    return f"{year}.{place + 1}"


def is_next(number: str, previous: str, kind: ChangeKind) -> bool:
    """Return whether *number* is right for what follows *previous*: the next one, or the first of a later year."""
    if number == next_number(previous, kind):
        return True
    year, *rest = order(number)
    return kind is not ChangeKind.TEXT and rest == [1] and year > order(previous)[0]
