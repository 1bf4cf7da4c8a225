"""What an action costs and what a scheme would pay of it: whole dollars, computed, never asserted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from readiness.core.actions import Action
from readiness.core.eligibility import Outcome
from readiness.core.facts import DatedValue, FactError
from readiness.core.schemes import Catalogue, Scheme, Verdict

#: Forms of support that are no money available: they are paid back, or paid for with a share of the company.
REPAID = ("loan_guarantee", "equity")

#: Lowest and highest estimate, in HKD.
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Support:
    """What a scheme would pay of an action's outside spending, if approved."""

    scheme: str
    share: Fraction
    #: What is left of the cap after the plan's earlier actions, in HKD; None where no cap is known.
    cap_left: int | None
    #: What it pays of the lowest and of the highest estimate.
    pays: Range
    #: Whether the company meets all that could be checked, or one more fact would decide.
    eligibility: Outcome
    #: The dated values of the rule.
    share_value: DatedValue
    cap_value: DatedValue | None


@dataclass(frozen=True, slots=True)
class NoSupport:
    """No scheme with a dated rule pays for this action."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one action, in HKD."""

    person_days: int
    #: Person-days times the day rate.
    own_time: int
    outside: Range
    support: Support | NoSupport

    @property
    def company_pays(self) -> Range:
        """What is left of the outside spending after support, if approved."""
        if isinstance(self.support, NoSupport):
            return self.outside
        lowest, highest = self.outside
        return (lowest - self.support.pays[0], highest - self.support.pays[1])


class CostBook:
    """Reckons the cost of actions one after another, so that no cap is used twice."""

    def __init__(self, catalogue: Catalogue, day_rate: int, today: date) -> None:
        self._catalogue = catalogue
        self._day_rate = day_rate
        self._today = today
        self._used: dict[str, int] = {}

    def of(self, action: Action, paying: Sequence[Verdict]) -> Cost:
        """Return the cost of *action*; of the schemes that would pay, the one that pays most is reckoned with.

        Two schemes are never added up over the same spending.
        """
        offers = [offer for verdict in paying if (offer := self._offer(action, verdict)) is not None]
        best: Support | NoSupport = max(offers, key=lambda offer: offer.pays[1], default=NoSupport())
        return Cost(action.person_days, action.person_days * self._day_rate, action.spend, best)

    def branch(self) -> CostBook:
        """Return a copy, for reckoning with actions that may not be taken."""
        copy = CostBook(self._catalogue, self._day_rate, self._today)
        copy._used = dict(self._used)
        return copy

    def enter(self, cost: Cost) -> None:
        """Count *cost* against the cap of the scheme that pays for it."""
        if isinstance(cost.support, Support):
            used = self._used.get(cost.support.scheme, 0)
            self._used[cost.support.scheme] = used + cost.support.pays[1]

    def _offer(self, action: Action, verdict: Verdict) -> Support | None:
        scheme = verdict.scheme
        money = scheme.money
        if money is None or scheme.form in REPAID or action.spend_for not in money.pays_for:
            return None
        share = self._rule(scheme, money.share)
        cap = self._rule(scheme, money.cap) if money.cap else None
        if share is None or (money.cap and cap is None):
            return None
        left = None if cap is None else max(0, int(cap.value) - self._used.get(scheme.id, 0))
        fraction = Fraction(share.value)
        lowest, highest = (_paid(fraction, amount, left) for amount in action.spend)
        if highest == 0:
            return None
        return Support(scheme.id, fraction, left, (lowest, highest), verdict.eligibility.outcome, share, cap)

    def _rule(self, scheme: Scheme, fact: str) -> DatedValue | None:
        """Return the value in force today, if an amount may be computed from it."""
        try:
            value = scheme.facts[fact].on(self._today)
        except FactError:
            return None
        return value if value.serves_for_money else None


def total(ranges: Sequence[Range]) -> Range:
    """Return the sum of the lowest and of the highest estimates."""
    return (sum(lowest for lowest, _ in ranges), sum(highest for _, highest in ranges))


def _paid(share: Fraction, amount: int, left: int | None) -> int:
    paid = floor(share * amount)
    return paid if left is None else min(paid, left)
