"""Sign-off: company and consultant put their names under one frozen plan; any change makes another plan, unsigned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.library.canonical import digest_of
from readiness.models import Assessment, Engagement, GuidedSession, SignOff, StoredPdf, StoredPlan
from readiness.services import audit
from readiness.services.accounts import Actor
from readiness.services.database import db, now, writing
from readiness.services.engagements import permitted
from readiness.services.guided_sessions import forget_names
from readiness.services.opening import Opened, opened_in
from readiness.services.planning import today

LONGEST = 100


class NotSignable(RuntimeError):
    """There is no plan, it is not the newest one, it has changed since it was shown, or this side has signed it."""


class NameMissing(ValueError):
    """A signature needs a name of at most a hundred characters."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A name under a plan."""

    #: "company" or "consultant".
    side: str
    name: str
    role: str
    signed_at: datetime
    digest: str
    #: Whether what was signed is still what stands there.
    holds: bool


@dataclass(frozen=True, slots=True)
class SignOffState:
    """Who has signed the plan that is shown."""

    signatures: tuple[Signature, ...]
    #: The digest of what stands there now; "" where nobody has signed it or could.
    digest: str
    #: When another plan of the company was signed last, or None.
    other_signed_at: datetime | None
    #: Whether a consultant is at work for this company, who could sign too.
    guided: bool
    #: Whether a guided session was held on the result.
    discussed: bool

    def of(self, side: str) -> Signature | None:
        """Return the signature of one side, or None."""
        return next((each for each in self.signatures if each.side == side), None)

    @property
    def complete(self) -> bool:
        """Whether both sides have signed."""
        return len(self.signatures) == 2

    @property
    def holds(self) -> bool:
        """Whether every signature is under what stands there."""
        return all(each.holds for each in self.signatures)


def signed_digest(result: object, checked: object, company: object, plan: object) -> str:
    """Return the digest of what is signed: a result, what was checked of it or None, the company, and the plan."""
    return digest_of({"result": result, "checked": checked, "company": company, "plan": plan})


def sign(token: str, actor: Actor | None, name: str, role: str, *, seen: str) -> None:
    """Sign the newest plan for one side.

    :param actor: the consultant who signs, or None for the company.
    :param seen: the digest of what the person saw.
    :raises NameMissing: if the name is missing or too long.
    :raises EngagementUnknown: if the company lets this consultant see nothing.
    :raises NotSignable: if there is no such plan, or this side has signed it already.
    """
    name, role = _plain(name), _plain(role)
    if not name or len(name) > LONGEST or len(role) > LONGEST:
        raise NameMissing
    with writing() as session:
        opened = opened_in(session, token, submitted_first=True)
        if actor is not None:
            permitted(actor, token)
        plan = _newest_plan(session, opened.assessment)
        side = "company" if actor is None else "consultant"
        if plan is None or digest_now(opened.assessment, plan) != seen:
            raise NotSignable
        # Whoever prints this plan now waits, and then keeps no print that lacks a signature.
        session.refresh(plan, with_for_update={"key_share": True})
        signed = session.scalars(sa.select(SignOff.side).where(SignOff.plan_id == plan.id)).all()
        if side in signed:
            raise NotSignable
        session.add(
            SignOff(
                assessment_id=opened.assessment.id,
                plan_id=plan.id,
                side=side,
                name=name,
                role=role,
                account_id=None if actor is None else actor.id,
                digest=seen,
                signed_at=now(),
            )
        )
        session.execute(sa.delete(StoredPdf).where(StoredPdf.plan_id == plan.id))
        opened.assessment.saved_at = now()
        session.flush()
        if signed:
            forget_names(session, opened.assessment.family_id)
        audit.record(session, None if actor is None else actor.id, "plan.sign", plan.id, seen)


def state_of(opened: Opened, plan: StoredPlan) -> SignOffState:
    """Return who has signed a plan, and whether another one of the company was signed."""
    family = sa.select(Assessment.id).where(Assessment.family_id == opened.assessment.family_id)
    guided = sa.exists().where(
        Engagement.assessment_id.in_(family),
        Engagement.state == "active",
        Engagement.scope == "edit",
        Engagement.until >= today(),
    )
    discussed = sa.exists().where(GuidedSession.revision_id == opened.assessment.id)
    # One row even where nobody signed: it says whether a consultant is at work.
    rows = db.session.execute(
        sa.select(SignOff, guided.label("guided"), discussed.label("discussed"))
        .select_from(sa.select(sa.literal(1).label("one")).subquery())
        .join(SignOff, SignOff.assessment_id.in_(family), isouter=True)
        .order_by(SignOff.signed_at, SignOff.side)
    ).all()
    signed = [row[0] for row in rows if row[0] is not None]
    here = [each for each in signed if each.plan_id == plan.id]
    digest = digest_now(opened.assessment, plan) if here or rows[0].guided else ""
    return SignOffState(
        tuple(
            Signature(each.side, each.name, each.role, each.signed_at, each.digest, each.digest == digest)
            for each in here
        ),
        digest,
        max((each.signed_at for each in signed if each.plan_id != plan.id), default=None),
        bool(rows[0].guided),
        bool(rows[0].discussed),
    )


@dataclass(frozen=True, slots=True)
class ClientSignOff:
    """How a client's newest plan stands, for the desk."""

    #: The sides that have signed it: "company", "consultant".
    signed: frozenset[str]
    #: The share of its score that a consultant checked.
    checked: Fraction


def of_client(family_id: UUID | None) -> ClientSignOff | None:
    """Return who has signed a client's newest plan, or None where there is none."""
    row = db.session.execute(
        sa.select(StoredPlan.id, Assessment.checked)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .where(Assessment.family_id == family_id)
        .order_by(Assessment.revision.desc(), StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    sides = db.session.scalars(sa.select(SignOff.side).where(SignOff.plan_id == row.id)).all()
    share = "0" if row.checked is None else json.loads(row.checked)["share"]["checked"]
    return ClientSignOff(frozenset(sides), Fraction(share))


def broken(session: Session) -> Iterator[str]:
    """Yield a line for each signature whose plan, result or company is not what was signed any more."""
    rows = session.execute(
        sa.select(SignOff, StoredPlan, Assessment)
        .join(StoredPlan, StoredPlan.id == SignOff.plan_id)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .execution_options(yield_per=100)
    )
    for signed, plan, assessment in rows:
        if digest_now(assessment, plan) != signed.digest:
            yield f"sign-off {signed.id}: the plan is not the one that the {signed.side} signed"


def digest_now(assessment: Assessment, plan: StoredPlan) -> str:
    """Return the digest of what stands in a plan and its result, or "" if that cannot be read any more."""
    try:
        checked = None if assessment.checked is None else json.loads(assessment.checked)
        return signed_digest(json.loads(assessment.result or "null"), checked, plan.company, json.loads(plan.document))
    except (ValueError, RecursionError):
        return ""


def _newest_plan(session: Session, assessment: Assessment) -> StoredPlan | None:
    return session.scalar(
        sa.select(StoredPlan)
        .where(StoredPlan.assessment_id == assessment.id)
        .order_by(StoredPlan.number.desc())
        .limit(1)
    )


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
