"""Score and band alone, for very many assessments: the same numbers as :mod:`readiness.core.scoring`, quicker.

What can be prepared once for a version, or for the way from one version to the next, is prepared once. Where a version
is of a shape that this does not know, the full rules are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, lcm

from readiness.core.answers import Answer, AnswersError, Mark, read
from readiness.core.moving import move
from readiness.core.rubric import Kind, Question, Rubric
from readiness.core.scoring import band_for, band_of, dimension_levels, rounded
from readiness.core.version_maps import NEW, Change, VersionMap

#: Plain values by question, as they are stored.
Plain = Mapping[str, object]
#: Reads answers under one version and returns their score and band.
Scorer = Callable[[Mapping[str, Answer]], "Quick"]
Mover = Callable[[Mapping[str, Answer]], dict[str, Answer]]


@dataclass(frozen=True, slots=True)
class Quick:
    """A score in units of the policy's last decimal, and a band; both None where too few answers are given."""

    score: int | None
    band: str | None


NOTHING = Quick(None, None)


def reader(rubric: Rubric) -> Callable[[Plain], dict[str, Answer]]:
    """Return how to read stored values of a version; what cannot be read is left out."""
    known: dict[str, dict[object, Answer]] = {}
    for question in rubric.questions:
        if question.kind is Kind.LEVEL:
            values: dict[object, Answer] = {level: level for level in rubric.scoring.levels}
            values[Mark.NOT_SURE.value] = Mark.NOT_SURE
            if question.not_applicable:
                values[Mark.NOT_APPLICABLE.value] = Mark.NOT_APPLICABLE
            known[question.id] = values

    def read_all(plain: Plain) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for id, value in plain.items():
            answer: Answer | None
            if id in known:
                # True is not 1.
                answer = known[id].get(value) if type(value) in (int, str) else None
            else:
                answer = _read(rubric, id, value)
            if answer is not None:
                found[id] = answer
        return found

    return read_all


def scorer(rubric: Rubric) -> Scorer:
    """Return how to score answers of a version."""
    if not _is_simple(rubric):
        return lambda answers: _by_all_rules(rubric, answers)
    asked = [(rubric.questions_by_dimension[d.id][0].id, d) for d in rubric.dimensions]
    common = lcm(*(d.weight.denominator for d in rubric.dimensions))
    weights = [(id, int(d.weight * common)) for id, d in asked]
    of_dimension = {d.id: id for id, d in asked}
    unit = 10**rubric.scoring.decimals
    floors = [(-1 if band.floor is None else ceil(band.floor * unit), rank) for rank, band in enumerate(rubric.bands)]
    gates = [(of_dimension[gate.dimension], gate.needs, rubric.rank(gate.limit)) for gate in rubric.gates]
    names = [band.id for band in rubric.bands]
    not_sure, fewest = rubric.scoring.not_sure, rubric.fewest_scored

    def score(answers: Mapping[str, Answer]) -> Quick:
        total = weight_of_all = scored = 0
        for id, weight in weights:
            answer = answers.get(id)
            if answer is None or answer is Mark.NOT_APPLICABLE:
                continue
            total += weight * (not_sure if answer is Mark.NOT_SURE else answer)  # type: ignore[operator]
            weight_of_all += weight
            scored += 1
        if scored < fewest or not weight_of_all:
            return NOTHING
        value = (2 * total * unit + weight_of_all) // (2 * weight_of_all)
        rank = max(rank for floor, rank in floors if floor <= value)
        for id, needs, limit in gates:
            answer = answers.get(id)
            level = not_sure if answer is Mark.NOT_SURE else answer
            if not isinstance(level, int) or level < needs:
                rank = min(rank, limit)
        return Quick(value, names[rank])

    return score


def mover(old: Rubric, new: Rubric, map: VersionMap) -> Mover:
    """Return how to move answers from one version to the next."""
    steps: list[tuple[str, str, dict[object, Answer]]] = []
    for question in new.questions:
        origin = map.questions.get(question.id, NEW)
        if origin.change is Change.NEW:
            continue
        source = old.questions_by_id.get(origin.sources[0]) if len(origin.sources) == 1 else None
        plain = source is not None and source.kind is question.kind is Kind.LEVEL
        if source is None or not plain or origin.change is Change.MERGED:
            return lambda answers: move(old, answers, new, map).answers
        counterparts = dict(origin.options) if origin.change is Change.OPTIONS else None
        steps.append((question.id, source.id, _levels_between(old, new, question, counterparts)))

    def moved(answers: Mapping[str, Answer]) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for id, source, table in steps:
            if source in answers:
                answer = table.get(answers[source])
                if answer is not None:
                    found[id] = answer
        return found

    return moved


def _levels_between(
    old: Rubric, new: Rubric, question: Question, counterparts: Mapping[str, int | str | None] | None
) -> dict[object, Answer]:
    table: dict[object, Answer] = {Mark.NOT_SURE: Mark.NOT_SURE}
    if question.not_applicable:
        table[Mark.NOT_APPLICABLE] = Mark.NOT_APPLICABLE
    for level in old.scoring.levels:
        counterpart = level if counterparts is None else counterparts.get(str(level))
        if isinstance(counterpart, int) and counterpart in new.scoring.levels:
            table[level] = counterpart
    return table


def _is_simple(rubric: Rubric) -> bool:
    """Return whether each dimension has one question, which is always asked."""
    return all(
        len(rubric.questions_by_dimension[d.id]) == 1 and rubric.questions_by_dimension[d.id][0].show_when is None
        for d in rubric.dimensions
    )


def _by_all_rules(rubric: Rubric, answers: Mapping[str, Answer]) -> Quick:
    levels = dimension_levels(rubric, answers)
    pairs = [(d.weight, level) for d in rubric.dimensions if (level := levels[d.id]) is not None]
    if not pairs or len(pairs) < rubric.fewest_scored:
        return NOTHING
    mean = sum((w * level for w, level in pairs), Fraction(0)) / sum((w for w, _ in pairs), Fraction(0))
    value = int(Fraction(rounded(mean, rubric.scoring)) * 10**rubric.scoring.decimals)
    band = band_of(rubric, answers) if rubric.gates else band_for(mean, rubric).id
    return Quick(value, band)


def _read(rubric: Rubric, id: str, value: object) -> Answer | None:
    try:
        return read(rubric, id, value)
    except AnswersError:
        return None
