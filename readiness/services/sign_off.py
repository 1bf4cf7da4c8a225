"""Sign-off: company and consultant put their names under one frozen plan; any change makes another plan, unsigned."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer, AnswersError
from readiness.core.evidence import Shares, shares
from readiness.core.evidence_records import read_checked
from readiness.library.canonical import digest_of
from readiness.models import AnswerRow, Assessment, AuditEntry, Engagement, SignOff, StoredPdf, StoredPlan
from readiness.services import audit
from readiness.services.accounts import Actor
from readiness.services.database import db, now, writing
from readiness.services.engagements import permitted
from readiness.services.guided_sessions import forget_names
from readiness.services.opening import Opened, opened_in
from readiness.services.planning import today
from readiness.services.versions import rubric_with

LONGEST = 100
#: What the audit log calls a signature; its subject is the plan.
SIGN = "plan.sign"
_LOGGED = sa.select(AuditEntry.subject_id, AuditEntry.content_hash).where(AuditEntry.action == SIGN)


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


def signed_digest(answers: object, result: object, checked: object, company: object, plan: object) -> str:
    """Return the digest of what is signed: answers, result, what was checked or None, the company, and the plan."""
    return digest_of({"answers": answers, "result": result, "checked": checked, "company": company, "plan": plan})


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
        if plan is None or digest_now(opened.assessment, opened.answers, plan) != seen:
            raise NotSignable
        # Whoever prints this plan now waits, and then keeps no print that lacks a signature.
        session.refresh(plan, with_for_update={"key_share": True})
        signed = session.scalars(sa.select(SignOff.side).where(SignOff.plan_id == plan.id)).all()
        if side in signed or not (signed or session.scalar(sa.select(_guided(opened.assessment.family_id)))):
            raise NotSignable
        row = SignOff(
            id=uuid4(),
            assessment_id=opened.assessment.id,
            plan_id=plan.id,
            side=side,
            name=name,
            role=role,
            account_id=None if actor is None else actor.id,
            digest=seen,
            signed_at=now(),
        )
        session.add(row)
        session.execute(sa.delete(StoredPdf).where(StoredPdf.plan_id == plan.id))
        opened.assessment.saved_at = now()
        session.flush()
        if signed:
            forget_names(session, opened.assessment.family_id)
        audit.record(session, None if actor is None else actor.id, SIGN, plan.id, _seal(row))


def state_of(opened: Opened, plan: StoredPlan) -> SignOffState:
    """Return who has signed a plan, and whether another one of the company was signed."""
    family = _family(opened.assessment.family_id)
    guided = _guided(opened.assessment.family_id)
    # One row even where nobody signed: it says whether a consultant is at work.
    rows = db.session.execute(
        sa.select(SignOff, guided.label("guided"))
        .select_from(sa.select(sa.literal(1).label("one")).subquery())
        .join(SignOff, SignOff.assessment_id.in_(family), isouter=True)
        .order_by(SignOff.signed_at, SignOff.side)
    ).all()
    signed = [row[0] for row in rows if row[0] is not None]
    here = [each for each in signed if each.plan_id == plan.id]
    digest = digest_now(opened.assessment, opened.answers, plan) if here or rows[0].guided else ""
    seals = _seals(db.session, plan.id) if here else frozenset()
    return SignOffState(
        tuple(
            Signature(
                each.side,
                each.name,
                each.role,
                each.signed_at,
                each.digest,
                each.digest == digest and _seal(each) in seals,
            )
            for each in here
        ),
        digest,
        max((each.signed_at for each in signed if each.plan_id != plan.id), default=None),
        bool(rows[0].guided),
    )


@dataclass(frozen=True, slots=True)
class ClientSignOff:
    """How a client's newest plan stands, for the desk."""

    #: The sides that have signed it: "company", "consultant".
    signed: frozenset[str]
    #: How much of its score a consultant checked; None where nobody did.
    shares: Shares | None


def of_client(family_id: UUID | None) -> ClientSignOff | None:
    """Return who has signed a client's newest plan, or None where there is none."""
    row = db.session.execute(
        sa.select(StoredPlan.id, Assessment.checked, Assessment.rubric_version_id)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .where(Assessment.family_id == family_id)
        .order_by(Assessment.revision.desc(), StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    sides = db.session.scalars(sa.select(SignOff.side).where(SignOff.plan_id == row.id)).all()
    if row.checked is None:
        return ClientSignOff(frozenset(sides), None)
    rubric = rubric_with(row.rubric_version_id, db.session.connection()).rubric
    return ClientSignOff(
        frozenset(sides), shares(rubric, read_checked(json.loads(row.checked, parse_float=Decimal), rubric))
    )


def broken(session: Session) -> Iterator[str]:
    """Yield a line for each signature that is not under what was signed, was not given here, or is gone."""
    logged: dict[str, set[str | None]] = defaultdict(set)
    for subject, seal in session.execute(_LOGGED):
        logged[str(subject)].add(seal)
    rows = session.execute(
        sa.select(SignOff, StoredPlan, Assessment)
        .join(StoredPlan, StoredPlan.id == SignOff.plan_id)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .order_by(SignOff.id)
    )
    there: dict[str, set[str]] = defaultdict(set)
    for signed, plan, assessment in rows:
        there[str(plan.id)].add(_seal(signed))
        if digest_now(assessment, _answers(session, assessment), plan) != signed.digest:
            yield f"sign-off {signed.id}: the plan is not the one that the {signed.side} signed"
        if _seal(signed) not in logged[str(plan.id)]:
            yield f"sign-off {signed.id}: the audit log knows of no such signature of the {signed.side}"
    for id, seals in logged.items():
        # What was deleted with everything of a company is missed by nobody.
        if seals - there[id] and session.get(StoredPlan, UUID(id)) is not None:
            yield f"plan {id}: a signature that the audit log knows of is gone"


def digest_now(assessment: Assessment, answers: Mapping[str, Answer] | None, plan: StoredPlan) -> str:
    """Return the digest of what stands in a plan, its result and their answers, or "" if it cannot be read any more."""
    if answers is None:
        return ""
    try:
        checked = None if assessment.checked is None else json.loads(assessment.checked)
        said = {id: answer_rules.plain(answer) for id, answer in answers.items()}
        result, made = json.loads(assessment.result or "null"), json.loads(plan.document)
        return signed_digest(said, result, checked, plan.company, made)
    except (ValueError, RecursionError):
        return ""


def _answers(session: Session, assessment: Assessment) -> dict[str, Answer] | None:
    """Return the answers as they are stored, or None if they cannot be read any more."""
    rubric = rubric_with(assessment.rubric_version_id, session.connection()).rubric
    rows = session.execute(
        sa.select(AnswerRow.question_id, AnswerRow.value).where(
            AnswerRow.assessment_id == assessment.id, AnswerRow.value.is_not(None)
        )
    ).all()
    try:
        return {id: answer_rules.read(rubric, id, value) for id, value in rows if id in rubric.questions_by_id}
    except AnswersError:
        return None


def _seal(signed: SignOff) -> str:
    """Return what the audit log keeps of a signature: a digest of all that it says."""
    return digest_of(
        {
            "id": str(signed.id),
            "side": signed.side,
            "name": signed.name,
            "role": signed.role,
            "signed_at": signed.signed_at.astimezone(UTC).isoformat(),
            "digest": signed.digest,
        }
    )


def _seals(session: Session, plan_id: UUID) -> frozenset[str | None]:
    return frozenset(seal for _, seal in session.execute(_LOGGED.where(AuditEntry.subject_id == str(plan_id))))


def _family(family_id: UUID) -> sa.Select[UUID]:
    return sa.select(Assessment.id).where(Assessment.family_id == family_id)


def _guided(family_id: UUID) -> sa.Exists:
    """Return whether a consultant is at work for a company, who could sign."""
    return sa.exists().where(
        Engagement.assessment_id.in_(_family(family_id)),
        Engagement.state == "active",
        Engagement.scope == "edit",
        Engagement.until >= today(),
    )


def _newest_plan(session: Session, assessment: Assessment) -> StoredPlan | None:
    return session.scalar(
        sa.select(StoredPlan)
        .where(StoredPlan.assessment_id == assessment.id)
        .order_by(StoredPlan.number.desc())
        .limit(1)
    )


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
