"""Dated, sourced values: what a scheme pays, and as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read. ``dated`` is an ISO day, month or year, or None with a reason in ``undated``."""

    id: str
    #: In the source's own language, which ``lang`` names.
    title: str
    lang: str
    href: str | None
    dated: str | None
    undated: str | None
    #: "primary": the official page or release was read; "secondary": press, vendors, copies that quote it.
    evidence: str


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value and the day from which it holds.

    Either ``since`` is known; or only ``known_in_force_by``, a day by which it held; or ``announced``, a value
    without a start, which is never in force; or none of them, where its source bears no date.
    """

    value: Any
    source: Source
    since: date | None = None
    known_in_force_by: date | None = None
    announced: date | None = None
    #: The newest day on which this value was still seen.
    last_seen: date | None = None

    @property
    def start(self) -> date | None:
        """The first day on which the value is known to hold."""
        return self.since or self.known_in_force_by

    @property
    def newest_proof(self) -> date | None:
        """The newest day on which the value is known to hold."""
        return max((day for day in (self.since, self.known_in_force_by, self.last_seen) if day), default=None)

    @property
    def serves_for_money(self) -> bool:
        """Whether an amount may be computed from it: only from a dated value whose source can be opened."""
        return self.start is not None and self.source.href is not None and self.source.dated is not None


class FactError(LookupError):
    """A fact has no single value on the day asked for."""

    def __init__(self, fact: str, day: date, message: str) -> None:
        super().__init__(f"{fact} on {day}: {message}")
        #: What is the matter, without the fact and the day.
        self.message = message
        #: The fact that was asked for.
        self.fact = fact
        #: The day that was asked for.
        self.day = day


class FactUnknown(FactError):
    """The day lies before the first known value."""


class FactUncertain(FactError):
    """The value changed around this day, and the day of change is not known."""

    def __init__(self, fact: str, day: date, older: DatedValue, newer: DatedValue) -> None:
        super().__init__(
            fact, day, f"changed from {older.value} to {newer.value} between {older.newest_proof} and {newer.start}"
        )
        #: The value before the change; ``newest_proof`` is the last day it is known to hold.
        self.older = older
        #: The value after it; ``start`` is the first day it is known to hold.
        self.newer = newer


class SchemeEnded(FactError):
    """The scheme has ended: its facts hold no longer."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a scheme through time, such as its yearly cap in HKD."""

    id: str
    #: share, HKD, HKD_per_month, weeks, months, years, days, persons, count or text.
    unit: str
    #: Newest first. A value holds from its day until the next one's.
    values: tuple[DatedValue, ...]
    #: The first day on which the scheme no longer exists for applicants.
    ended: date | None = None

    def on(self, day: date) -> DatedValue:
        """Return the value in force on *day*.

        An undated value is returned for any day that no dated one covers; it never serves for money.

        :raises FactUnknown: before the first known value.
        :raises FactUncertain: on a day between two values whose change is not dated.
        :raises SchemeEnded: from the day the scheme ended.
        """
        if self.ended is not None and day >= self.ended:
            raise SchemeEnded(self.id, day, f"ended on {self.ended}")
        return value_on(self.id, self.values, day)

    @property
    def coming(self) -> tuple[DatedValue, ...]:
        """The announced values, which are not in force."""
        return tuple(value for value in self.values if value.announced)


def value_on(name: str, values: tuple[DatedValue, ...], day: date) -> DatedValue:
    """Return which of *values* (newest first) holds on *day*.

    :raises FactUnknown: before the first known value.
    :raises FactUncertain: on a day between two values whose change is not dated.
    """
    newer: DatedValue | None = None
    undated: DatedValue | None = None
    for value in values:
        if value.announced is not None:
            continue
        if value.start is None:
            undated = undated or value
            continue
        if value.start <= day:
            if newer is not None and newer.since is None and value.newest_proof and day > value.newest_proof:
                raise FactUncertain(name, day, value, newer)
            return value
        newer = value
    if undated is not None:
        return undated
    raise FactUnknown(name, day, "nothing is known of that time")
