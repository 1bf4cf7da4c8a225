"""The plan: which actions, in which order and phase, with which schemes, at what cost.

A pure function of the result, the profile, the action library, the catalogue and a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from math import floor

from readiness.core.actions import Action, ActionLibrary
from readiness.core.answers import Answer, Mark
from readiness.core.costs import Cost, CostBook, NoSupport
from readiness.core.profile import Profile
from readiness.core.rubric import Rubric
from readiness.core.schemes import ADVISORY, Catalogue, Verdict, judge
from readiness.core.scoring import Result, band_of, dimension_levels, score

FEWEST_ACTIONS = 3
MOST_PER_PHASE = 3
MOST_PER_DIMENSION = 2
REVIEW_AFTER_DAYS = 182


class Phase(StrEnum):
    """When an action starts, counted from the plan's day."""

    DAYS_30 = "30_days"
    DAYS_90 = "90_days"
    MONTHS_12 = "12_months"


#: The first day of each phase, counted from the plan's day; the last phase ends after a year.
PHASE_STARTS = {Phase.DAYS_30: 0, Phase.DAYS_90: 30, Phase.MONTHS_12: 90}
YEAR = 365


class Why(StrEnum):
    """Why an action was chosen."""

    WEAKEST = "weakest"
    PREREQUISITE = "prerequisite"
    NEXT_BAND = "next_band"


@dataclass(frozen=True, slots=True)
class Step:
    """A chosen action, placed in time, with what it costs and which schemes fit it."""

    action: Action
    why: Why
    #: For a prerequisite: the action that needs it.
    needed_by: str | None
    phase: Phase
    starts_on: date
    ends_on: date
    cost: Cost
    #: Recommended schemes that help this action, in catalogue order; the one that is reckoned with comes first.
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The next band, whether the plan reaches it within twelve months, and the score it reaches."""

    band: str
    reached: bool
    score_after: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do next, and who pays."""

    rubric: str
    catalogue: str
    today: date
    band: str
    target: Target | None
    #: Questions answered "not sure" that could change the band: to be found out first.
    find_out: tuple[str, ...]
    steps: tuple[Step, ...]
    #: Every scheme of the catalogue, judged.
    verdicts: tuple[Verdict, ...]
    day_rate: int
    review_on: date


class NoBand(ValueError):
    """There is no plan without a band; ``missing`` names the questions to answer."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__("too few answers for a band")
        #: Ids of the unanswered questions.
        self.missing = tuple(missing)


def make_plan(
    rubric: Rubric,
    answers: Mapping[str, Answer],
    library: ActionLibrary,
    catalogue: Catalogue,
    profile: Profile,
    today: date,
) -> Plan:
    """Make the plan of a company.

    :raises NoBand: if too few dimensions are scored.
    """
    result = score(rubric, answers)
    if result.band is None:
        raise NoBand(result.missing)
    chooser = _Chooser(rubric, answers, result, library, catalogue, profile, today)
    steps = chooser.choose()
    raised = {step.action.dimension for step in steps}
    verdicts = tuple(
        judge(scheme, catalogue, band=result.band, dimensions=raised, profile=profile, day=today)
        for scheme in catalogue.schemes.values()
    )
    after = score(rubric, chooser.answers)
    target = None
    if result.next_band and after.band and after.score is not None:
        reached = rubric.rank(after.band) >= rubric.rank(result.next_band.band)
        target = Target(result.next_band.band, reached, after.score)
    return Plan(
        rubric=rubric.id,
        catalogue=catalogue.digest,
        today=today,
        band=result.band,
        target=target,
        find_out=result.not_sure if result.could_be != result.band else (),
        steps=steps,
        verdicts=verdicts,
        day_rate=library.day_rate,
        review_on=today + timedelta(days=REVIEW_AFTER_DAYS),
    )


class _Chooser:
    """Chooses actions one by one: the weakest dimension first, prerequisites before what needs them."""

    def __init__(
        self,
        rubric: Rubric,
        answers: Mapping[str, Answer],
        result: Result,
        library: ActionLibrary,
        catalogue: Catalogue,
        profile: Profile,
        today: date,
    ) -> None:
        self.rubric = rubric
        #: The answers as they are after the actions chosen so far.
        self.answers = dict(answers)
        #: The level of each dimension after them.
        self.levels = dimension_levels(rubric, answers)
        self.result = result
        self.library = library
        self.catalogue = catalogue
        self.profile = profile
        self.today = today
        self.costs = CostBook(catalogue, library.day_rate, today)
        self.steps: list[Step] = []

    def choose(self) -> tuple[Step, ...]:
        """Return the chosen steps in order."""
        while (chain := self._next_chain()) is not None:
            for step in chain:
                self._take(step)
        return tuple(self.steps)

    def _next_chain(self) -> list[Step] | None:
        """Return the next action with what it needs first, or None when the plan is complete."""
        if len(self.steps) >= FEWEST_ACTIONS and self._target_reached():
            return None
        for dimension in self._weakest_first():
            level = self._level(dimension)
            action = None if level is None else self.library.raising(dimension, level)
            chain = self._with_prerequisites(action) if action else None
            placed = self._placed(chain) if chain else None
            if placed is not None:
                return placed
        return None

    def _target_reached(self) -> bool:
        if self.result.next_band is None:
            return True
        band = band_of(self.rubric, self.answers)
        return self.rubric.rank(band) >= self.rubric.rank(self.result.next_band.band)

    def _weakest_first(self) -> list[str]:
        levels = {id: level for id in self.result.dimensions if (level := self._level(id)) is not None}
        return sorted(levels, key=lambda id: levels[id])

    def _level(self, dimension: str) -> int | None:
        """Return the whole level that *dimension* has after the actions chosen so far; None if it is not scored."""
        level = self.levels[dimension]
        return None if level is None else floor(level)

    def _with_prerequisites(self, action: Action, needed_by: str | None = None) -> list[tuple[Action, str | None]]:
        """Return *action* after all that it needs and that is not yet reached, in order, each once."""
        chain: dict[str, tuple[Action, str | None]] = {}
        for id in action.prerequisites:
            needed = self.library.by_id[id]
            level = self._level(needed.dimension)
            for step in range(needed.to_level if level is None else level, needed.to_level):
                between = self.library.raising(needed.dimension, step)
                if between is not None:
                    chain.update({a.id: (a, n) for a, n in self._with_prerequisites(between, action.id)})
        return [*chain.values(), (action, needed_by)]

    def _placed(self, chain: list[tuple[Action, str | None]]) -> list[Step] | None:
        """Return the chain as steps in time, or None if it does not fit any more."""
        placed: list[Step] = []
        costs = self.costs.branch()
        for action, needed_by in chain:
            taken = [*self.steps, *placed]
            if sum(step.action.dimension == action.dimension for step in taken) >= MOST_PER_DIMENSION:
                return None
            step = self._place(action, needed_by, taken, costs)
            if step is None:
                return None
            costs.enter(step.cost)
            placed.append(step)
        return placed

    def _place(self, action: Action, needed_by: str | None, taken: list[Step], costs: CostBook) -> Step | None:
        schemes = self._fitting(action)
        cost = costs.of(action, [verdict for verdict in schemes if verdict.scheme.money])
        before = [s for s in taken if s.action.id in action.prerequisites or s.action.dimension == action.dimension]
        earliest = max([self.today, *(step.ends_on for step in before)])
        if not isinstance(cost.support, NoSupport):
            lead = self.catalogue.schemes[cost.support.scheme].lead_weeks or 0
            earliest = max(earliest, self.today + timedelta(weeks=lead))
        for phase, first_day in PHASE_STARTS.items():
            starts_on = max(earliest, self.today + timedelta(days=first_day))
            ends_on = starts_on + timedelta(weeks=action.weeks)
            in_time = _phase_of((starts_on - self.today).days) is phase and (ends_on - self.today).days <= YEAR
            if in_time and sum(step.phase is phase for step in taken) < MOST_PER_PHASE:
                return Step(
                    action,
                    Why.PREREQUISITE if needed_by else self._why(action),
                    needed_by,
                    phase,
                    starts_on,
                    ends_on,
                    cost,
                    _support_first([verdict.scheme.id for verdict in schemes], cost),
                )
        return None

    def _why(self, action: Action) -> Why:
        return Why.WEAKEST if action.dimension in self.result.weakest else Why.NEXT_BAND

    def _fitting(self, action: Action) -> list[Verdict]:
        """Return the schemes that would be recommended for this action: those that help its dimension and its way."""
        verdicts = [
            judge(
                scheme,
                self.catalogue,
                band=self.result.band,
                dimensions=(action.dimension,),
                profile=self.profile,
                day=self.today,
            )
            for scheme in self.catalogue.schemes.values()
            if action.dimension in scheme.helps and scheme.kind in (*action.helps, ADVISORY)
        ]
        return [verdict for verdict in verdicts if verdict.recommended]

    def _take(self, step: Step) -> None:
        self.steps.append(step)
        self.costs.enter(step.cost)
        for question in self.rubric.questions_by_dimension[step.action.dimension]:
            level = self.answers.get(question.id)
            if isinstance(level, int) or level is Mark.NOT_SURE:
                now = self.rubric.scoring.not_sure if level is Mark.NOT_SURE else level
                self.answers[question.id] = max(int(now), step.action.to_level)
        self.levels = dimension_levels(self.rubric, self.answers)


def _phase_of(days: int) -> Phase:
    return max((phase for phase, first in PHASE_STARTS.items() if first <= days), key=lambda p: PHASE_STARTS[p])


def _support_first(ids: list[str], cost: Cost) -> tuple[str, ...]:
    paying = None if isinstance(cost.support, NoSupport) else cost.support.scheme
    return tuple(sorted(ids, key=lambda id: id != paying))
