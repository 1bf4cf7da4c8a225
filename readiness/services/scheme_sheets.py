"""A scheme as the desk shows it: every fact with its history and sources, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.facts import DatedValue, Fact, FactError, FactUncertain, value_on
from readiness.core.profile import Profile
from readiness.core.schemes import Scheme
from readiness.documents.views import SourceView
from readiness.documents.words import Words
from readiness.library.canonical import canonical
from readiness.library.catalogues import CatalogueVersion
from readiness.library.merging import Difference, differences, part_of
from readiness.library.scheme_edits import texts_of
from readiness.library.scheme_files import SchemeForm
from readiness.models import Account, CatalogueChange, CatalogueConflict, LinkCheck, PlanScheme
from readiness.services import site_catalogue
from readiness.services.scheme_lists import hash_of_href
from readiness.services.scheme_views import SchemeTexts
from readiness.services.site_catalogue import SchemeUnknown

#: Changes on one page of a history.
PAGE = 50


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value of a fact, or one status, in its history."""

    value: str
    since: str
    source: SourceView | None
    #: "now", "coming", "announced" or "past".
    when: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact and its values, newest first."""

    id: str
    label: str
    unit: str
    values: tuple[ValueRow, ...]
    #: What keeps it from having one value today, or "".
    uncertain: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source, and what its address answered when it was last tried."""

    id: str
    view: SourceView
    status: int | None
    problem: str
    checked_at: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A place in the record, and what stood there before and after."""

    place: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A step in the history of a scheme."""

    number: int
    made_at: datetime
    #: release, edit, import or settled.
    kind: str
    #: The address of the account; None for a release, and once the account is gone.
    by: str | None
    reason: str
    differences: tuple[DifferenceRow, ...]


@dataclass(frozen=True)
class Sheet:
    """Everything that the desk shows of one scheme."""

    id: str
    #: The number of the newest change when this was read: what a form has seen.
    number: int
    name: str
    scheme: Scheme
    form: SchemeForm
    data: Mapping[str, Any]
    status: str
    statuses: tuple[ValueRow, ...]
    facts: tuple[FactRow, ...]
    sources: tuple[SourceRow, ...]
    freshness: str
    stale: bool
    plans: int
    #: What a release ships otherwise, where both changed it; empty without a conflict.
    conflict: tuple[DifferenceRow, ...]
    texts: Mapping[str, Mapping[str, str]]


def sheet(session: Session, id: str, day: date, words: Words) -> Sheet:
    """Return one scheme of the catalogue in force.

    :raises SchemeUnknown: if there is no such scheme.
    """
    present = site_catalogue.head(session)
    version = present.version
    scheme = version.catalogue.schemes.get(id)
    if scheme is None:
        raise SchemeUnknown(id, list(version.catalogue.schemes))
    form = version.forms[id]
    texts = SchemeTexts(version, Profile(), day, words)
    data = part_of(version.document, id)
    return Sheet(
        id=id,
        number=present.number,
        name=form.name(words.language),
        scheme=scheme,
        form=form,
        data=data,
        status=texts.status(scheme.status_on(day)),
        statuses=_statuses(scheme, form, texts),
        facts=tuple(_fact(fact, form, texts) for fact in scheme.facts.values()),
        sources=_sources(session, form, texts),
        freshness=texts.freshness(scheme),
        stale=scheme.stale_on(day),
        plans=session.scalar(sa.select(sa.func.count()).where(PlanScheme.scheme_id == id)) or 0,
        conflict=conflict_of(session, id, data),
        texts=texts_of(data),
    )


def conflict_of(session: Session, part: str, data: Any) -> tuple[DifferenceRow, ...]:
    """Return what a release ships otherwise than the site has it, where both changed it and nobody decided."""
    conflict = session.scalars(
        sa.select(CatalogueConflict)
        .where(CatalogueConflict.scheme_id == part, CatalogueConflict.settled_by.is_(None))
        .order_by(CatalogueConflict.change_number.desc())
        .limit(1)
    ).one_or_none()
    if conflict is None:
        return ()
    shipped = part_of(site_catalogue.with_digest(session, conflict.shipped_digest).document, part)
    return rows_of(differences(data, shipped))


def history(session: Session, id: str, before: int | None = None) -> list[ChangeRow]:
    """Return what was changed of a scheme, newest first, at most fifty steps.

    :param before: only steps earlier than this one.
    """
    statement = (
        sa.select(CatalogueChange, Account.email)
        .outerjoin(Account, Account.id == CatalogueChange.account_id)
        # A step that names no scheme changed several: releases and imports are few.
        .where(sa.or_(CatalogueChange.scheme_id == id, CatalogueChange.scheme_id.is_(None)))
        .order_by(CatalogueChange.number.desc())
        .execution_options(yield_per=PAGE)
    )
    if before is not None:
        statement = statement.where(CatalogueChange.number < before)
    found: list[ChangeRow] = []
    for change, email in session.execute(statement):
        here = [each for each in change.differences if _names(each["path"], id)]
        if change.scheme_id == id or here or change.number == 1:
            cut = 1 if id == site_catalogue.SUPPORT else 2
            rows = rows_of(Difference(tuple(each["path"][cut:]), each["before"], each["after"]) for each in here)
            found.append(ChangeRow(change.number, change.made_at, change.kind, email, change.reason, rows))
        if len(found) == PAGE:
            break
    return found


def rows_of(found: Iterable[Difference]) -> tuple[DifferenceRow, ...]:
    """Return differences as they are shown."""
    return tuple(
        DifferenceRow(".".join(map(str, each.path)), readable_value(each.before), readable_value(each.after))
        for each in found
    )


def readable_value(value: Any) -> str:
    """Return plain content as a person reads it: texts as they are, a mapping as its entries."""
    if value is None:
        return "–"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {readable_value(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(readable_value(each) for each in value) or "–"
    return canonical(value)


def _names(path: list[Any], id: str) -> bool:
    return path[:1] == [id] if id == site_catalogue.SUPPORT else path[:2] == ["schemes", id]


def _fact(fact: Fact, form: SchemeForm, texts: SchemeTexts) -> FactRow:
    current: DatedValue | None = None
    uncertain = ""
    try:
        current = fact.on(texts.day)
    except FactUncertain as error:
        uncertain = texts.between(error.older, error.newer)
    except FactError:
        uncertain = texts.words.gettext("no value is in force today")
    rows = tuple(
        ValueRow(
            texts.amount(fact.unit, value.value),
            _when_said(value, texts) or texts.since(form, fact.id, value),
            texts.source(form.sources[value.source.id]),
            _when(value, current, texts.day),
        )
        for value in fact.values
    )
    return FactRow(fact.id, form.facts[fact.id].label.in_(texts.language), fact.unit, rows, uncertain)


def _statuses(scheme: Scheme, form: SchemeForm, texts: SchemeTexts) -> tuple[ValueRow, ...]:
    try:
        current = value_on(scheme.id, scheme.statuses, texts.day)
    except FactError:
        current = None
    return tuple(
        ValueRow(
            texts.status(value.value),
            _when_said(value, texts) or _plain_since(value, texts),
            texts.source(form.sources[value.source.id]) if value.source.id in form.sources else None,
            _when(value, current, texts.day),
        )
        for value in scheme.statuses
    )


def _when(value: DatedValue, current: DatedValue | None, day: date) -> str:
    if value is current:
        return "now"
    if value.announced is not None:
        return "announced"
    return "coming" if value.start is not None and value.start > day else "past"


def _when_said(value: DatedValue, texts: SchemeTexts) -> str:
    if value.announced is not None:
        return texts.words.say("announced on %(day)s", day=texts.words.day(value.announced))
    if value.since is not None and value.since > texts.day:
        return texts.words.say("from %(day)s", day=texts.words.day(value.since))
    return ""


def _plain_since(value: DatedValue, texts: SchemeTexts) -> str:
    words = texts.words
    if value.since is not None:
        return words.say("since %(day)s", day=words.day(value.since))
    if value.known_in_force_by is not None:
        return words.say("in force by %(day)s", day=words.day(value.known_in_force_by))
    return words.gettext("undated")


def _sources(session: Session, form: SchemeForm, texts: SchemeTexts) -> tuple[SourceRow, ...]:
    hashes = [hash_of_href(source.href) for source in form.sources.values() if source.href]
    tried = {row.href: row for row in session.scalars(sa.select(LinkCheck).where(LinkCheck.href_hash.in_(hashes)))}
    found = []
    for id, source in form.sources.items():
        check = tried.get(source.href or "")
        found.append(
            SourceRow(
                id,
                texts.source(source),
                check.status if check else None,
                check.problem if check else "",
                check.checked_at if check else None,
                bool(check and check.failing_since),
            )
        )
    return tuple(found)


def texts_for(version: CatalogueVersion, day: date, words: Words) -> SchemeTexts:
    """Return what names schemes where no company is looked at."""
    return SchemeTexts(version, Profile(), day, words)
