"""From answers to a score and a band. Exact: fractions all the way, rounded once at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from readiness.core.answers import Answer, Mark, visible
from readiness.core.rubric import Band, Dimension, Gate, Kind, Question, Rubric, Scoring

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class NextBand:
    """The band above, and the fewest single-level raises that reach it."""

    band: str
    steps: int


@dataclass(frozen=True, slots=True)
class GateState:
    """A gate, the level that it looks at (None: not scored), and whether it holds the band down."""

    gate: Gate
    level: Fraction | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers come to. Where fewer dimensions are scored than a band needs, ``mean`` and all that
    depends on it are None and ``weakest`` is empty: a result, not an error."""

    rubric: str
    mean: Fraction | None
    #: The mean rounded half up to the policy's decimals; 1 to 5 in 2026.1.
    score: Decimal | None
    band: str | None
    band_by_score: str | None
    #: The band if every "not sure" turned out to be the highest level.
    could_be: str | None
    #: Scored dimensions over all dimensions, 0 to 1.
    coverage: Fraction
    not_sure: tuple[str, ...]
    not_applicable: tuple[str, ...]
    missing: tuple[str, ...]
    #: The level of each dimension, None where it is not scored.
    dimensions: dict[str, Fraction | None]
    pillars: dict[str, Fraction | None]
    weakest: tuple[str, ...]
    #: Highest minus lowest dimension level.
    spread: Fraction | None
    next_band: NextBand | None
    #: Whether no answer moved by one level changes the band, and no "not sure" could.
    firm: bool | None
    gates: tuple[GateState, ...]


def score(rubric: Rubric, answers: Answers) -> Result:
    """Score *answers*, which :func:`readiness.core.answers.read` has read."""
    shown, asked = _shown_and_asked(rubric, answers)
    levels = _levels(rubric, asked, answers)
    dimensions = _dimension_levels(rubric, shown, levels, answers)
    scored = {id: level for id, level in dimensions.items() if level is not None}
    coverage = Fraction(len(scored), len(rubric.dimensions))
    mean = _mean(rubric.dimensions, dimensions) if coverage >= rubric.scoring.minimum_coverage else None
    sure = mean is not None
    gates = _gate_states(rubric, dimensions)
    band_by_score = band_for(mean, rubric).id if mean is not None else None
    band = _gated(rubric, band_by_score, gates) if band_by_score else None
    could_be = _could_be(rubric, shown, asked, levels, answers) if sure else None
    return Result(
        rubric=rubric.id,
        mean=mean,
        score=rounded(mean, rubric.scoring) if mean is not None else None,
        band=band,
        band_by_score=band_by_score,
        could_be=could_be,
        coverage=coverage,
        not_sure=tuple(q.id for q in asked if answers.get(q.id) is Mark.NOT_SURE),
        not_applicable=tuple(q.id for q in asked if answers.get(q.id) is Mark.NOT_APPLICABLE),
        missing=tuple(q.id for q in asked if q.id not in answers),
        dimensions=dimensions,
        pillars={p.id: _mean((d for d in rubric.dimensions if d.pillar == p.id), dimensions) for p in rubric.pillars},
        weakest=tuple(id for id, level in scored.items() if level == min(scored.values())) if sure else (),
        spread=max(scored.values()) - min(scored.values()) if sure else None,
        next_band=_next_band(rubric, shown, levels, answers, band) if band else None,
        firm=(could_be == band and _stands(rubric, shown, levels, answers, band)) if band else None,
        gates=gates,
    )


def dimension_levels(rubric: Rubric, answers: Answers) -> dict[str, Fraction | None]:
    """Return the level of each dimension, None where it is not scored: a part of :func:`score`, and quicker."""
    shown, asked = _shown_and_asked(rubric, answers)
    return _dimension_levels(rubric, shown, _levels(rubric, asked, answers), answers)


def band_of(rubric: Rubric, answers: Answers) -> str:
    """Return the band that *answers* come to, gates and all, whatever their coverage: a part of :func:`score`."""
    shown, asked = _shown_and_asked(rubric, answers)
    return _band_with(rubric, shown, _levels(rubric, asked, answers), answers)


def rounded(mean: Fraction, scoring: Scoring) -> Decimal:
    """Return *mean* rounded half up to the policy's decimals."""
    unit = 10**scoring.decimals
    return Decimal(floor(mean * unit + Fraction(1, 2))).scaleb(-scoring.decimals)


def band_for(mean: Fraction, rubric: Rubric) -> Band:
    """Return the band that a mean level falls in.

    The mean is rounded before it is compared, because the cut-offs are published to one decimal:
    3.45 counts as 3.5. Between the bands there is no hole and no overlap.
    """
    value = Fraction(rounded(mean, rubric.scoring))
    return max(
        (band for band in rubric.bands if band.floor is None or band.floor <= value),
        key=lambda band: rubric.rank(band.id),
    )


def _shown_and_asked(rubric: Rubric, answers: Answers) -> tuple[set[str], list[Question]]:
    """Return the ids of the questions that are shown, and the level questions among them."""
    found = visible(rubric, answers)
    return {question.id for question in found}, [question for question in found if question.kind is Kind.LEVEL]


def _levels(rubric: Rubric, asked: Iterable[Question], answers: Answers) -> dict[str, int]:
    """Return the level of every scored question; "not sure" counts as the policy's level."""
    found: dict[str, int] = {}
    for question in asked:
        answer = answers.get(question.id)
        if answer is Mark.NOT_SURE:
            found[question.id] = rubric.scoring.not_sure
        elif isinstance(answer, int):
            found[question.id] = answer
    return found


def _dimension_levels(
    rubric: Rubric, shown: set[str], levels: Mapping[str, int], answers: Answers
) -> dict[str, Fraction | None]:
    """Return each dimension's level: the weighted mean of its questions, None while one of them is unanswered."""
    found: dict[str, Fraction | None] = {}
    for dimension in rubric.dimensions:
        questions = [q for q in rubric.questions_by_dimension[dimension.id] if q.id in shown]
        scored = [q for q in questions if q.id in levels]
        unanswered = any(q.id not in levels and answers.get(q.id) is not Mark.NOT_APPLICABLE for q in questions)
        if unanswered or not scored:
            found[dimension.id] = None
        elif len(scored) == 1:
            found[dimension.id] = Fraction(levels[scored[0].id])
        else:
            total = sum((q.weight * levels[q.id] for q in scored), Fraction(0))
            found[dimension.id] = total / sum((q.weight for q in scored), Fraction(0))
    return found


def _mean(dimensions: Iterable[Dimension], levels: Mapping[str, Fraction | None]) -> Fraction | None:
    pairs = [(d.weight, level) for d in dimensions if (level := levels[d.id]) is not None]
    if not pairs:
        return None
    return sum((weight * level for weight, level in pairs), Fraction(0)) / sum((w for w, _ in pairs), Fraction(0))


def _gate_states(rubric: Rubric, dimensions: Mapping[str, Fraction | None]) -> tuple[GateState, ...]:
    states = []
    for gate in rubric.gates:
        level = dimensions[gate.dimension]
        states.append(GateState(gate, level, level is None or level < gate.needs))
    return tuple(states)


def _gated(rubric: Rubric, band: str, gates: Iterable[GateState]) -> str:
    return rubric.lowest_of([band, *(state.gate.limit for state in gates if state.holds)])


def _band_with(rubric: Rubric, shown: set[str], levels: Mapping[str, int], answers: Answers) -> str:
    dimensions = _dimension_levels(rubric, shown, levels, answers)
    mean = _mean(rubric.dimensions, dimensions)
    if mean is None:
        return rubric.bands[0].id
    return _gated(rubric, band_for(mean, rubric).id, _gate_states(rubric, dimensions))


def _could_be(
    rubric: Rubric, shown: set[str], asked: Iterable[Question], levels: Mapping[str, int], answers: Answers
) -> str:
    unsure = {q.id: rubric.scoring.highest for q in asked if answers.get(q.id) is Mark.NOT_SURE}
    return _band_with(rubric, shown, {**levels, **unsure}, answers)


def _stands(rubric: Rubric, shown: set[str], levels: Mapping[str, int], answers: Answers, band: str) -> bool:
    return all(
        _band_with(rubric, shown, {**levels, id: moved}, answers) == band
        for id, level in levels.items()
        for moved in (level - 1, level + 1)
        if moved in rubric.scoring.levels
    )


def _next_band(
    rubric: Rubric, shown: set[str], levels: Mapping[str, int], answers: Answers, band: str
) -> NextBand | None:
    """Return the next band and the fewest raises to it, or None if no raise of an answer reaches it.

    What gates demand is raised first, since it must be raised in any case; then whatever raises the mean most.
    A gated dimension without an answer counts as answered with the lowest level.
    """
    rank = rubric.rank(band)
    if rank + 1 == len(rubric.bands):
        return None
    aim = rubric.bands[rank + 1].id
    gated = [gate for gate in rubric.gates if rubric.rank(gate.limit) < rubric.rank(aim)]
    raised = dict(levels)
    for gate in gated:
        for question in rubric.questions_by_dimension[gate.dimension]:
            if question.id in shown and answers.get(question.id) is not Mark.NOT_APPLICABLE:
                raised.setdefault(question.id, rubric.scoring.lowest)
    steps = 0
    for gate in gated:
        while not _reaches(rubric, shown, raised, answers, gate):
            if not _raise_one(rubric, shown, raised, answers, within=gate.dimension):
                return None
            steps += 1
    while rubric.rank(_band_with(rubric, shown, raised, answers)) <= rank:
        if not _raise_one(rubric, shown, raised, answers):
            return None
        steps += 1
    return NextBand(aim, steps)


def _reaches(rubric: Rubric, shown: set[str], levels: Mapping[str, int], answers: Answers, gate: Gate) -> bool:
    level = _dimension_levels(rubric, shown, levels, answers)[gate.dimension]
    return level is not None and level >= gate.needs


def _raise_one(
    rubric: Rubric, shown: set[str], levels: dict[str, int], answers: Answers, within: str | None = None
) -> bool:
    """Raise the answer that adds most to the mean by one level; return whether there was one to raise.

    Only the questions of scored dimensions count: those of another add nothing.
    """
    scored = _dimension_levels(rubric, shown, levels, answers)
    gains: dict[str, Fraction] = {}
    for dimension in rubric.dimensions:
        if scored[dimension.id] is None or within not in (None, dimension.id):
            continue
        questions = [q for q in rubric.questions_by_dimension[dimension.id] if q.id in shown and q.id in levels]
        total = sum((q.weight for q in questions), Fraction(0))
        for question in questions:
            if levels[question.id] < rubric.scoring.highest:
                gains[question.id] = dimension.weight * question.weight / total
    if not gains:
        return False
    levels[max(gains, key=lambda id: gains[id])] += 1
    return True
