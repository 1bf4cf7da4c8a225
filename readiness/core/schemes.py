"""Support schemes, the support matrix, and which schemes are recommended to a company."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from readiness.core.eligibility import Eligibility, Outcome, Rule, check
from readiness.core.facts import DatedValue, Fact, FactError, Source, value_on
from readiness.core.profile import Profile

STALE_AFTER_DAYS = 90
ADVISORY = "advisory"
GUIDANCE = "guidance"

#: The kinds of support of Figure 3-1, then the two that Hong Kong adds.
SUPPORT_KINDS = (
    ADVISORY,
    "skills_and_training",
    "capabilities",
    "innovation",
    "data_and_tools",
    "funding_and_financing",
    GUIDANCE,
)


class Status(StrEnum):
    """Whether companies can use a scheme."""

    OPEN = "open"
    OPEN_UNCONFIRMED = "open_unconfirmed"
    ANNOUNCED = "announced"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    NOT_FOR_COMPANIES = "not_for_companies"
    CURRENT_GUIDANCE = "current_guidance"


USABLE = frozenset({Status.OPEN, Status.OPEN_UNCONFIRMED, Status.CURRENT_GUIDANCE})


class Offer(StrEnum):
    """How the catalogue's editors let a scheme be shown."""

    RECOMMEND = "recommend"
    MENTION = "mention"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Money:
    """How a scheme pays: a share of the cost up to a cap, both named facts."""

    share: str
    cap: str | None
    #: What the cap is counted over: financial_year, project or enterprise.
    per: str | None
    #: The kinds of spending that it pays for.
    pays_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """One support scheme, without its words."""

    id: str
    kind: str
    form: str
    offer: Offer
    #: Dimensions that it can help to raise.
    helps: tuple[str, ...]
    #: Newest first; each value is a :class:`Status`.
    statuses: tuple[DatedValue, ...]
    facts: Mapping[str, Fact]
    rules: tuple[Rule, ...]
    sources: tuple[Source, ...]
    #: The first day from which it is known to have ended.
    ended: date | None = None
    #: Weeks from application to the earliest start.
    lead_weeks: int | None = None
    money: Money | None = None
    #: The day a person compared the record with the live page.
    checked_on: date | None = None
    newest_source: date | None = None

    def status_on(self, day: date) -> Status:
        """Return the status on *day*; unknown where no source says."""
        try:
            status = Status(value_on(self.id, self.statuses, day).value)
        except FactError:
            status = Status.UNKNOWN
        if self.ended is not None and day >= self.ended and status in USABLE:
            return Status.CLOSED
        return status

    def stale_on(self, day: date) -> bool:
        """Return whether nobody compared the record with the live page in the last 90 days."""
        return self.checked_on is None or (day - self.checked_on).days > STALE_AFTER_DAYS


@dataclass(frozen=True)
class Catalogue:
    """All schemes and, for each band and kind of support, which of them belong there."""

    digest: str
    schemes: Mapping[str, Scheme]
    #: ``support[band][kind]``: scheme ids.
    support: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def for_band(self, band: str) -> frozenset[str]:
        """Return the schemes that the support matrix has for *band*."""
        return frozenset(id for ids in self.support.get(band, {}).values() for id in ids)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a scheme is recommended to a company on a day, and if not, the first reason."""

    scheme: Scheme
    status: Status
    eligibility: Eligibility
    #: None when recommended. Else: offer, status, band, dimension or eligibility, then a colon and the value.
    why_not: str | None

    @property
    def recommended(self) -> bool:
        """Whether nothing speaks against it; eligibility may still be unknown."""
        return self.why_not is None


def judge(
    scheme: Scheme, catalogue: Catalogue, *, band: str | None, dimensions: Collection[str], profile: Profile, day: date
) -> Verdict:
    """Judge a scheme for a company in *band* whose chosen actions raise *dimensions*."""
    status = scheme.status_on(day)
    eligibility = check(scheme.rules, profile)
    why_not = None
    if scheme.offer is not Offer.RECOMMEND:
        why_not = f"offer:{scheme.offer}"
    elif status not in USABLE:
        why_not = f"status:{status}"
    elif band is None or scheme.id not in catalogue.for_band(band):
        why_not = f"band:{band}"
    elif scheme.kind != ADVISORY and not set(scheme.helps) & set(dimensions):
        why_not = "dimension:none"
    elif eligibility.outcome is Outcome.FAILS:
        why_not = f"eligibility:{eligibility.failed[0]}"
    return Verdict(scheme, status, eligibility, why_not)
