"""A consultant's clients as the desk lists them, and what is noted of each beside the company's own pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.documents.words import Words
from readiness.models import Access, Engagement, EngagementNote, EngagementNoteText, EngagementRequest
from readiness.services import audit, engagement_steps, engagements
from readiness.services.accounts import Actor, Capability
from readiness.services.company_states import CompanyState, states_of
from readiness.services.database import db, now, writing
from readiness.services.engagements import engaged_in
from readiness.services.following import overdue_counts
from readiness.services.planning import today

SORTS = ("name", "contact", "next", "overdue", "until")
DUE = "due"
LATE = "late"


class AlreadyAccepted(RuntimeError):
    """The company has accepted the invitation: its name is its own now, and there is nothing to invite to."""


@dataclass(frozen=True, slots=True)
class Client:
    """One client in the list."""

    id: UUID
    company: str
    #: "invited" or "active".
    state: str
    scope: Access
    until: date
    #: The company's assessments, or None while it has not accepted.
    family_id: UUID | None
    #: The band of the newest result by id and by name, or "" without one.
    band_id: str
    band: str
    score: str
    #: When something was last saved.
    saved_at: datetime | None
    #: When the consultant last opened the company's pages.
    seen_at: datetime | None
    #: When the two were last in touch, as far as is known here: the later of that and of the newest note.
    contact_at: datetime | None
    next_on: date | None
    #: Whether answers were begun and not finished.
    drafting: bool
    #: Whether there is nothing but an assessment without an answer; False where that is not shown.
    untouched: bool
    #: Until when an invitation can be accepted, or None.
    open_until: datetime | None
    #: How many actions are overdue, or None where that is not known.
    overdue: int | None
    #: Whom the company left to be reached, how, and what it wrote; "" where it left nobody.
    contact_name: str
    contact: str
    message: str

    @property
    def reference(self) -> str:
        """A short name for it that says nothing of the company."""
        return reference(self.id)

    @property
    def lapsed(self) -> bool:
        """Whether it is invited, and the invitation can be accepted no more."""
        return self.open_until is not None and self.open_until <= now()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which clients are looked for, and in which order."""

    name: str = ""
    #: "active", "invited", or "" for all.
    state: str = ""
    #: The id of a band, "none" for those without a result, or "" for all.
    band: str = ""
    #: "due" for those whose next date has passed, or "".
    due: str = ""
    #: "late" for those with overdue actions, or "".
    late: str = ""
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class Ended:
    """A client of before: the name and the days, nothing else of the company."""

    company: str
    began_at: datetime | None
    ended_on: datetime | date
    #: Whether somebody else has it now.
    handed_over: bool


def listed(actor: Actor, words: Words) -> list[Client]:
    """Return the consultant's clients, by name; the number of statements does not grow with theirs.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    held = (
        Engagement.consultant_id == actor.id,
        Engagement.state.in_(("active", "invited")),
        Engagement.until >= today(),
    )
    rows = db.session.execute(_rows().where(*held)).all()
    firsts = sa.select(Engagement.assessment_id).where(*held, Engagement.assessment_id.is_not(None))
    return sorted(_clients(db.session, rows, firsts, words), key=lambda each: (each.company.casefold(), each.until))


def chosen(clients: Collection[Client], wish: Wish, day: date) -> list[Client]:
    """Return those of the clients that are looked for, in the order asked for; what has no date stands last."""
    found = [
        each
        for each in clients
        if wish.name.casefold() in each.company.casefold()
        and wish.state in ("", each.state)
        and wish.band in ("", each.band_id or "none")
        and (not wish.due or (each.next_on is not None and each.next_on < day))
        and (not wish.late or each.overdue)
    ]
    if wish.sort == "contact":
        # Whom nobody was in touch with for longest stands first.
        return sorted(found, key=lambda each: each.contact_at.timestamp() if each.contact_at else 0.0)
    if wish.sort == "next":
        return sorted(found, key=lambda each: each.next_on or date.max)
    if wish.sort == "overdue":
        return sorted(found, key=lambda each: -(each.overdue or 0))
    return sorted(found, key=lambda each: each.until) if wish.sort == "until" else found


def client(actor: Actor, engagement_id: UUID, words: Words) -> Client:
    """Return one client.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    """
    row = engaged_in(db.session, actor, engagement_id)
    rows = db.session.execute(_rows().where(Engagement.id == row.id)).all()
    return _clients(db.session, rows, [row.assessment_id] if row.assessment_id else [], words)[0]


def ended(actor: Actor) -> list[Ended]:
    """Return the clients whom the consultant had and has no longer, the newest first.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    past = [
        Ended(each.company, each.began_at, each.ended_at, each.handed_over)
        for each in engagement_steps.past_of(db.session, actor.id)
    ]
    over = db.session.scalars(
        sa.select(Engagement)
        .where(
            Engagement.consultant_id == actor.id,
            Engagement.state.in_(("active", "invited")),
            Engagement.until < today(),
        )
        .order_by(Engagement.until.desc(), Engagement.id)
    )
    return [*(Ended(each.company, each.began_at, each.until, handed_over=False) for each in over), *past]


def set_next(actor: Actor, engagement_id: UUID, day: date | None) -> None:
    """Note when the two meet next; None forgets it.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    """
    with writing() as session:
        engaged_in(session, actor, engagement_id, to_write=True).next_on = day


def rename(actor: Actor, engagement_id: UUID, company: str) -> None:
    """Call a company that has not accepted yet by another name.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises AlreadyAccepted: if the company has accepted.
    """
    with writing() as session:
        _invited_in(session, actor, engagement_id).company = company


def invite_again(actor: Actor, engagement_id: UUID) -> str:
    """Make a new link for a company that has not accepted yet, and return its token; the old one dies.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises AlreadyAccepted: if the company has accepted.
    """
    with writing() as session:
        row = _invited_in(session, actor, engagement_id)
        token = engagements.open_to_one(row)
        audit.record(session, actor.id, "engagement.invite", row.id)
        return token


def reference(engagement_id: UUID) -> str:
    """Return a short name for an engagement that says nothing of the company."""
    return engagement_id.hex[:6].upper()


def _invited_in(session: Session, actor: Actor, engagement_id: UUID) -> Engagement:
    row = engaged_in(session, actor, engagement_id, to_write=True)
    if row.state != "invited":
        raise AlreadyAccepted
    return row


def _rows() -> sa.Select[Engagement, EngagementRequest | None, datetime | None]:
    noted = (
        sa.select(sa.func.max(EngagementNoteText.written_at))
        .join(EngagementNote, EngagementNote.id == EngagementNoteText.note_id)
        .where(EngagementNote.engagement_id == Engagement.id)
        .correlate(Engagement)
        .scalar_subquery()
    )
    return sa.select(Engagement, EngagementRequest, noted).outerjoin(
        EngagementRequest, EngagementRequest.engagement_id == Engagement.id
    )


def _clients(
    session: Session,
    rows: Collection[sa.Row[Engagement, EngagementRequest | None, datetime | None]],
    firsts: Collection[UUID] | sa.Select[UUID | None],
    words: Words,
) -> list[Client]:
    states = states_of(session, firsts, words)
    overdue = overdue_counts(session, [state.family_id for state in states.values()], today())
    return [
        _client(row, request, noted, states.get(row.assessment_id) if row.assessment_id else None, overdue, words)
        for row, request, noted in rows
    ]


def _client(
    row: Engagement,
    request: EngagementRequest | None,
    noted: datetime | None,
    state: CompanyState | None,
    overdue: Mapping[UUID, int],
    words: Words,
) -> Client:
    # Whoever may read sees the newest result and no draft: not its name, and not that there is one.
    writes = row.scope == Access.EDIT
    draft = state.draft if state and writes else None
    parts = [part for part in (draft, state.submitted if state else None) if part]
    name = state.known("name", drafts=writes) if state else None
    return Client(
        id=row.id,
        company=name or row.company or words.gettext("A company without a name"),
        state=row.state,
        scope=Access(row.scope),
        until=row.until,
        family_id=state.family_id if state else None,
        band_id=state.band_id if state else "",
        band=state.band if state else "",
        score=state.score if state else "",
        saved_at=max((part.saved_at for part in parts), default=None) if writes else None,
        seen_at=row.seen_at,
        contact_at=max((each for each in (row.seen_at, noted) if each), default=None),
        next_on=row.next_on,
        drafting=draft is not None and draft.begun,
        untouched=draft is not None and not draft.begun and state is not None and state.submitted is None,
        open_until=row.open_until if row.state == "invited" else None,
        overdue=overdue.get(state.family_id) if state and writes else None,
        contact_name=request.name if request else "",
        contact=request.contact if request else "",
        message=request.message if request else "",
    )
