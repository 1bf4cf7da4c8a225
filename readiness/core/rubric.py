"""The structure of a rubric version: what is asked, how it is scored, which bands there are.

Texts are kept apart (see ``readiness.library.rubrics``): they never take part in a rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import ceil

from readiness.core.conditions import Condition


class Kind(StrEnum):
    """The kinds of question. Only ``level`` questions are scored."""

    LEVEL = "level"
    SINGLE = "single"
    MULTIPLE = "multiple"
    MATRIX = "matrix"
    NUMBER = "number"
    SHORT_TEXT = "short_text"


@dataclass(frozen=True, slots=True)
class Pillar:
    """A group of dimensions."""

    id: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that is scored. ``weight`` is its share in the mean, relative to the others'."""

    id: str
    pillar: str
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. A level question belongs to a dimension; the others to none."""

    id: str
    kind: Kind
    dimension: str | None = None
    #: Relative to the other questions of the same dimension.
    weight: Fraction = Fraction(1)
    #: Whether "not applicable" is offered.
    not_applicable: bool = False
    #: The options of a choice or matrix, by id.
    options: tuple[str, ...] = ()
    #: The rows of a matrix, by id.
    rows: tuple[str, ...] = ()
    #: Whether a multiple choice takes "other, please say".
    other: bool = False
    show_when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of scores. ``floor`` is the lowest rounded score in it; None for the lowest band."""

    id: str
    floor: Fraction | None


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule of ours: at most band ``limit`` while ``dimension`` is below level ``needs``."""

    id: str
    dimension: str
    needs: int
    limit: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """The scoring policy of a version. Levels run from ``lowest`` to ``highest``."""

    lowest: int
    highest: int
    #: Decimals of the rounded score; rounding is half up.
    decimals: int
    #: Below this share of scored dimensions there is no band.
    minimum_coverage: Fraction
    #: The level that "not sure" counts as.
    not_sure: int

    @property
    def levels(self) -> range:
        """Every level, lowest first."""
        return range(self.lowest, self.highest + 1)


@dataclass(frozen=True)
class Rubric:
    """One immutable version: everything that a score depends on."""

    id: str
    pillars: tuple[Pillar, ...]
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    #: Lowest first.
    bands: tuple[Band, ...]
    gates: tuple[Gate, ...]
    scoring: Scoring

    @cached_property
    def questions_by_id(self) -> dict[str, Question]:
        """Every question by its id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def questions_by_dimension(self) -> dict[str, tuple[Question, ...]]:
        """The scored questions of each dimension, in rubric order."""
        return {
            dimension.id: tuple(q for q in self.questions if q.dimension == dimension.id and q.kind is Kind.LEVEL)
            for dimension in self.dimensions
        }

    @property
    def fewest_scored(self) -> int:
        """How many dimensions must be scored for a band."""
        return ceil(self.scoring.minimum_coverage * len(self.dimensions))

    def rank(self, band: str) -> int:
        """Return the place of *band*, 0 for the lowest."""
        return [each.id for each in self.bands].index(band)

    def lowest_of(self, bands: Iterable[str]) -> str:
        """Return the lowest of *bands*."""
        return min(bands, key=self.rank)
