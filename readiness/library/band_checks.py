"""Whether every band can be reached by some answers."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import lcm

from readiness.core.rubric import Rubric
from readiness.core.scoring import band_for
from readiness.library.findings import Finding, Findings

#: Sums of weighted levels that are looked at; with more of them every band is taken to be reachable.
MOST_SUMS = 50_000


def check_reach(rubric: Rubric) -> Findings:
    """Yield the bands that no complete set of levels comes to."""
    means = _means(rubric)
    reached = {band_for(mean, rubric).id for mean in means} if means is not None else None
    for band in rubric.bands:
        if reached is not None and band.id not in reached:
            problem = "no answers come to it: the score jumps over it"
            yield Finding(
                f"bands.{band.id}", problem, "move its floor or the next one's, so that a possible mean lies in it"
            )


def _means(rubric: Rubric) -> set[Fraction] | None:
    """Return every mean that a complete set of levels gives, or None if there are too many."""
    total = sum((dimension.weight for dimension in rubric.dimensions), Fraction(0))
    shares = []
    for dimension in rubric.dimensions:
        questions = rubric.questions_by_dimension[dimension.id]
        weights = sum((question.weight for question in questions), Fraction(0))
        shares += [dimension.weight / total * question.weight / weights for question in questions]
    # Whole numbers, and equal shares together: much quicker than fractions one by one.
    unit = lcm(*(share.denominator for share in shares))
    sums = {0}
    for share, times in Counter(int(share * unit) for share in shares).items():
        lowest, highest = rubric.scoring.lowest * times, rubric.scoring.highest * times
        sums = {known + share * level for known in sums for level in range(lowest, highest + 1)}
        if len(sums) > MOST_SUMS:
            return None
    return {Fraction(each, unit) for each in sums}
