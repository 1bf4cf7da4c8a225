"""How far apart people in a room were: what may be shown of their answers, and how much they agree, exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from readiness.core.answers import Answer

#: A role is shown with its answers only when so many people hold it.
FEWEST_OF_A_ROLE = 2
#: So many answers, or none, must be left outside the shown roles: of two, whoever gave one would know the other.
FEWEST_LEFT = 3
#: So many people must have answered before anything is shown: one alone would be known by name.
FEWEST = 2
#: From here on people are far apart. Ours: half of a room one level below the other half is not yet far.
FAR_DEVIATION = Fraction(3, 4)
FAR_RANGE = 3

Role = TypeVar("Role", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far apart the levels lie that people gave on their own.

    Only levels are compared: whoever is not sure is counted apart, since that is no level.
    """

    #: How many gave a level; at least one.
    levels: int
    #: Highest minus lowest level, 0 to 4 where levels run from 1 to 5; of several questions the largest.
    range: int
    #: How far the levels lie from their question's mean, on average; in levels, exact.
    deviation: Fraction

    @property
    def is_low(self) -> bool:
        """Whether people were far apart: the plan says so."""
        return self.deviation >= FAR_DEVIATION or self.range >= FAR_RANGE


def agreement(questions: Iterable[Sequence[Answer]]) -> Agreement | None:
    """Return how much people agree on a dimension, or None where fewer than two gave a level to any question of it.

    :param questions: for each question of the dimension what people answered, each on their own.
    """
    deviations: list[Fraction] = []
    widest = 0
    for voices in questions:
        levels = [voice for voice in voices if type(voice) is int]
        if len(levels) < FEWEST:
            continue
        mean = Fraction(sum(levels), len(levels))
        deviations += [abs(level - mean) for level in levels]
        widest = max(widest, max(levels) - min(levels))
    if not deviations:
        return None
    return Agreement(len(deviations), widest, sum(deviations, Fraction(0)) / len(deviations))


def differ(voices: Iterable[Answer]) -> bool:
    """Return whether not everybody said the same."""
    return len(set(voices)) > 1


def may_be_shown(voices: int) -> bool:
    """Return whether so many voices may be shown at all: one alone would be known, whoever else is in the room."""
    return voices >= FEWEST


def shown_by_role(voices: Iterable[tuple[Role, Answer]]) -> dict[Role, Counter[Answer]]:
    """Return the answers of each role that may be shown, beside those of everybody.

    A role is shown when two or more who answered hold it. Taking the shown roles from the total leaves what the others
    said. Where that is one answer, it would be that person's; where it is two, each of these people would take their
    own away and have the other's: then no role is shown.
    """
    said: dict[Role, Counter[Answer]] = {}
    for role, answer in voices:
        said.setdefault(role, Counter())[answer] += 1
    shown = {role: answers for role, answers in said.items() if answers.total() >= FEWEST_OF_A_ROLE}
    left = sum(answers.total() for role, answers in said.items() if role not in shown)
    return {} if 0 < left < FEWEST_LEFT else shown
