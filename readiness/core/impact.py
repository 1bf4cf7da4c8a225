"""What another version would change for those who were assessed: counted, never computed anew for one of them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness.core.answers import Answer, Mark
from readiness.core.quick_scores import Quick, mover, reader, scorer
from readiness.core.rubric import Rubric
from readiness.core.scoring import dimension_levels
from readiness.core.version_maps import Change, VersionMap

#: Where fewer answers than a band needs are given.
NO_BAND = "none"
UNKNOWN = "unknown"
#: What stands for a level where there is none.
NOT_ASKED, NO_ANSWER = "not asked", "no answer"
#: A number below this, by sector or size, could name a company.
FEWEST = 5
#: Cases that are shown.
CASES = 12


@dataclass(frozen=True, slots=True)
class Case:
    """One assessment that moves, without anything that names it."""

    band_before: str
    band_after: str
    score_before: int | None
    score_after: int | None
    #: The dimensions whose level differs or that come or go, with both levels in words of numbers.
    dimensions: tuple[tuple[str, str, str], ...]
    #: The gates of the newer version that hold its band down.
    gates: tuple[str, ...]


@dataclass
class Impact:
    """What was counted so far; bands by id, ``none`` where there is none."""

    compared: int = 0
    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    sectors: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    sizes: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """How many would be in another band."""
        return sum(count for (before, after), count in self.matrix.items() if before != after)


class Comparison:
    """Compares assessments one by one under two versions."""

    def __init__(self, old: Rubric, new: Rubric, map: VersionMap | None) -> None:
        """Prepare the comparison; without a map every question with the same id is the same."""
        self._old, self._new = old, new
        self._read, self._score_old, self._score_new = reader(old), scorer(old), scorer(new)
        self._move = mover(old, new, map) if map is not None else self._same
        #: The questions of the newer version that an earlier answer can reach; the others count as unanswered.
        self.carried = _carried(old, new, map)
        self._rank = {band.id: rank for rank, band in enumerate(new.bands)}
        self._seen = 0
        self._most: list[tuple[tuple[int, int], int, dict[str, Answer], dict[str, Answer], Quick, Quick]] = []
        self.found = Impact()

    def add(self, answers: Mapping[str, object], sector: str | None, size: str | None) -> None:
        """Count one assessment by its stored answers."""
        before = self._read(answers)
        after = self._move(before)
        one, other = self._score_old(before), self._score_new(after)
        pair = (one.band or NO_BAND, other.band or NO_BAND)
        found = self.found
        found.compared += 1
        found.matrix[pair] += 1
        found.sectors.setdefault(sector or UNKNOWN, Counter())[pair] += 1
        found.sizes.setdefault(size or UNKNOWN, Counter())[pair] += 1
        if one != other:
            self._remember(before, after, one, other)

    def result(self) -> Impact:
        """Return what was counted, with the cases that move most."""
        ordered = sorted(self._most, key=lambda each: (each[0], each[1]), reverse=True)
        self.found.cases = [self._case(before, after, one, other) for _, _, before, after, one, other in ordered]
        return self.found

    def _remember(self, before: dict[str, Answer], after: dict[str, Answer], one: Quick, other: Quick) -> None:
        bands = abs(self._rank.get(one.band or "", -1) - self._rank.get(other.band or "", -1))
        weight = (bands, abs((one.score or 0) - (other.score or 0)))
        if len(self._most) == CASES and self._most[0][0] >= weight:
            return
        self._seen += 1
        # The number keeps two of the same weight from being compared further.
        entry = (weight, -self._seen, before, after, one, other)
        if len(self._most) < CASES:
            heapq.heappush(self._most, entry)
        else:
            heapq.heapreplace(self._most, entry)

    def _case(self, before: dict[str, Answer], after: dict[str, Answer], one: Quick, other: Quick) -> Case:
        levels_before, levels_after = dimension_levels(self._old, before), dimension_levels(self._new, after)
        differing = tuple(
            (id, _level(levels_before, id), _level(levels_after, id))
            for id in dict.fromkeys([*levels_before, *levels_after])
            if levels_before.get(id) != levels_after.get(id) or (id in levels_before) != (id in levels_after)
        )
        gates = tuple(
            gate.id for gate in self._new.gates if (level := levels_after[gate.dimension]) is None or level < gate.needs
        )
        return Case(one.band or NO_BAND, other.band or NO_BAND, one.score, other.score, differing, gates)

    def _same(self, answers: Mapping[str, Answer]) -> dict[str, Answer]:
        read_new = reader(self._new)
        return read_new({id: a.value if isinstance(a, Mark) else a for id, a in answers.items()})


def _carried(old: Rubric, new: Rubric, map: VersionMap | None) -> set[str]:
    if map is None:
        return set(old.questions_by_id) & set(new.questions_by_id)
    return {id for id, origin in map.questions.items() if origin.change is not Change.NEW}


def record(found: Impact, *, decimals: int) -> dict[str, Any]:
    """Return what was found as plain values; small numbers by sector and size are hidden."""
    return {
        "compared": found.compared,
        "moved": found.moved,
        "matrix": [[before, after, count] for (before, after), count in sorted(found.matrix.items())],
        "sectors": _groups(found.sectors),
        "sizes": _groups(found.sizes),
        "cases": [
            {
                "band": [case.band_before, case.band_after],
                "score": [_shown(case.score_before, decimals), _shown(case.score_after, decimals)],
                "dimensions": [list(each) for each in case.dimensions],
                "gates": list(case.gates),
            }
            for case in found.cases
        ],
    }


def _groups(groups: Mapping[str, Counter[tuple[str, str]]]) -> dict[str, Any]:
    """Return each group with its numbers in each band before and after, and how many move up or down in it.

    A number from 1 to 4 is null: fewer than 5. Where one is hidden the total is, too: it would give it away.
    """
    shown: dict[str, Any] = {}
    for name, pairs in sorted(groups.items()):
        before: Counter[str] = Counter()
        after: Counter[str] = Counter()
        for (one, other), count in pairs.items():
            before[one] += count
            after[other] += count
        moved = sum(count for (one, other), count in pairs.items() if one != other)
        total = sum(pairs.values())
        hidden = any(0 < count < FEWEST for count in (*before.values(), *after.values(), moved, total))
        shown[name] = {
            "total": None if hidden else total,
            "moved": _public(moved),
            "before": {band: _public(count) for band, count in before.items()},
            "after": {band: _public(count) for band, count in after.items()},
        }
    return shown


def _public(count: int) -> int | None:
    return None if 0 < count < FEWEST else count


def _shown(score: int | None, decimals: int) -> str | None:
    return None if score is None else f"{score / 10**decimals:.{decimals}f}"


def _level(levels: Mapping[str, Any], id: str) -> str:
    if id not in levels:
        return NOT_ASKED
    return NO_ANSWER if levels[id] is None else str(levels[id])
