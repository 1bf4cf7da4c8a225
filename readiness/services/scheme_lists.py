"""What the desk keeps an eye on: records to check, schemes about to end, links that fail, conflicts, use in plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.facts import DatedValue, FactError, value_on
from readiness.core.schemes import Scheme, Status
from readiness.library.catalogues import CatalogueVersion
from readiness.library.merging import SUPPORT
from readiness.models import LinkCheck, PlanScheme
from readiness.services import site_catalogue

#: Days around an end in which a scheme is "ending".
ENDING_DAYS = 60
#: Days after which an announced scheme should have opened, or said that it will not.
OPENING_DAYS = 180


@dataclass(frozen=True, slots=True)
class FailedLink:
    """An address of a scheme's record that did not answer, or not with a page."""

    href: str
    status: int | None
    problem: str
    failing_since: datetime | None


@dataclass(frozen=True)
class Row:
    """A scheme as the desk lists it."""

    id: str
    status: Status
    checked_on: date | None
    newest_source: date | None
    stale: bool
    #: The day on which it ends or ended, where that is at most sixty days away.
    ending: date | None
    #: Since when it is announced, where it should have opened by now.
    overdue_since: date | None
    #: The first day of a value or status that lies ahead.
    next_change: date | None
    failed: tuple[FailedLink, ...]
    conflict: bool
    #: How many plans recommend it.
    plans: int

    @property
    def never_checked(self) -> bool:
        """Whether nobody ever compared it with the live page."""
        return self.checked_on is None


@dataclass(frozen=True)
class Lists:
    """Everything the desk keeps an eye on, on a day."""

    number: int
    version: CatalogueVersion
    rows: tuple[Row, ...]
    #: Whether the support matrix is a conflict.
    support_conflict: bool
    #: When links were last tried, or None if never.
    links_checked_at: datetime | None

    def filtered(self, name: str) -> tuple[Row, ...]:
        """Return the rows of one list: all, never, stale, ending, overdue, links, conflicts, plans or coming."""
        match name:
            case "never":
                return tuple(row for row in self.rows if row.never_checked)
            case "stale":
                return tuple(row for row in self.rows if row.stale and not row.never_checked)
            case "ending":
                return tuple(sorted((r for r in self.rows if r.ending), key=lambda row: row.ending or date.max))
            case "overdue":
                return tuple(row for row in self.rows if row.overdue_since)
            case "coming":
                return tuple(
                    sorted((r for r in self.rows if r.next_change), key=lambda row: row.next_change or date.max)
                )
            case "links":
                return tuple(row for row in self.rows if row.failed)
            case "conflicts":
                return tuple(row for row in self.rows if row.conflict)
            case "plans":
                return tuple(sorted((row for row in self.rows if row.plans), key=lambda row: -row.plans))
            case _:
                return self.rows


#: The lists, in the order of their urgency.
LISTS = ("all", "conflicts", "links", "ending", "overdue", "coming", "never", "stale", "plans")


def lists(session: Session, day: date) -> Lists:
    """Return what is to be done about schemes on *day*."""
    present = site_catalogue.head(session)
    conflicts = {each.scheme_id for each in site_catalogue.open_conflicts(session)}
    counts = plans_by_scheme(session)
    failed = failed_links(session)
    last = session.scalar(sa.select(sa.func.max(LinkCheck.checked_at)))
    rows = tuple(
        Row(
            id=scheme.id,
            status=scheme.status_on(day),
            checked_on=scheme.checked_on,
            newest_source=scheme.newest_source,
            stale=scheme.stale_on(day),
            ending=_ending(scheme, day),
            overdue_since=_overdue(scheme, day),
            next_change=_next_change(scheme, day),
            failed=tuple(failed[href] for href in hrefs_of(present.version, scheme.id) if href in failed),
            conflict=scheme.id in conflicts,
            plans=counts.get(scheme.id, 0),
        )
        for scheme in present.version.catalogue.schemes.values()
    )
    return Lists(present.number, present.version, rows, SUPPORT in conflicts, last)


def plans_by_scheme(session: Session) -> Mapping[str, int]:
    """Return in how many plans each scheme is recommended; the database counts."""
    rows = session.execute(sa.select(PlanScheme.scheme_id, sa.func.count()).group_by(PlanScheme.scheme_id))
    return {id: count for id, count in rows}


def failed_links(session: Session) -> Mapping[str, FailedLink]:
    """Return the addresses that failed when they were last tried."""
    rows = session.scalars(sa.select(LinkCheck).where(LinkCheck.failing_since.is_not(None)))
    return {row.href: FailedLink(row.href, row.status, row.problem, row.failing_since) for row in rows}


def hrefs_of(version: CatalogueVersion, id: str) -> list[str]:
    """Return every web address of a scheme's record, each once."""
    form = version.forms[id]
    return list(dict.fromkeys(href for href in (form.where.href, *(s.href for s in form.sources.values())) if href))


def hash_of_href(href: str) -> bytes:
    """Return by what a check of an address is found."""
    return sha256(href.encode()).digest()


def _ending(scheme: Scheme, day: date) -> date | None:
    ends = [scheme.ended] if scheme.ended else []
    ends += [each.start for each in scheme.statuses if each.value == Status.CLOSED and each.start]
    near = [end for end in ends if end is not None and abs((end - day).days) <= ENDING_DAYS]
    return min(near, default=None)


def _overdue(scheme: Scheme, day: date) -> date | None:
    """Return since when a scheme is announced, if that is so long ago that it should have opened."""
    if scheme.status_on(day) is not Status.ANNOUNCED:
        return None
    try:
        since = value_on(scheme.id, scheme.statuses, day).newest_proof
    except FactError:
        return None
    return since if since is not None and day - since > timedelta(days=OPENING_DAYS) else None


def _next_change(scheme: Scheme, day: date) -> date | None:
    values: list[DatedValue] = [*scheme.statuses, *(value for fact in scheme.facts.values() for value in fact.values)]
    starts = [value.since for value in values if value.since and value.since > day]
    return min([*starts, *([scheme.ended] if scheme.ended and scheme.ended > day else [])], default=None)
