"""What a company does about its plan: of each action who does it, by when, how far it is, and what shows it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.actions import Action
from readiness.core.scoring import Result
from readiness.library.rubrics import RubricVersion
from readiness.models import ActionState, Assessment, FollowedAction, FollowedActionChange, StoredPlan, StoredRubric
from readiness.services.assessing import entered_by
from readiness.services.database import now, writing
from readiness.services.opening import Opened, opened_in
from readiness.services.versions import rubric_of

LONGEST_OWNER = 60
LONGEST_TEXT = 1000
#: States in which something is still to be done.
WAITING = (ActionState.OPEN, ActionState.DOING)


class ActionUnknown(LookupError):
    """No plan of the company has this action."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an action."""

    state: ActionState = ActionState.OPEN
    #: Who does it, in the company's words; "" if nobody is named.
    owner: str = ""
    #: None where the plan's own day holds.
    due_on: date | None = None
    note: str = ""
    proof: str = ""

    def record(self) -> dict[str, Any]:
        """Return it as plain values."""
        day = self.due_on.isoformat() if self.due_on else None
        return {**asdict(self), "state": self.state.value, "due_on": day}


#: What holds of an action as long as nobody said anything.
NOTHING = Said()


class ActionChanged(RuntimeError):
    """Something else was saved meanwhile: both are shown, and the person chooses."""

    def __init__(self, saved: Mapping[str, Any], version: int, yours: Said) -> None:
        super().__init__("the action was changed meanwhile")
        #: What is saved now, for the fields that both changed.
        self.saved = saved
        #: Its version.
        self.version = version
        #: What would be saved: what others changed beside it is in it.
        self.yours = yours


@dataclass(frozen=True)
class Followed:
    """An action of the newest plan, or one of an earlier plan of which something was said."""

    action: Action
    #: What it is called and asks for: the version of the plan that named it last.
    version: RubricVersion
    rubric_version_id: UUID
    said: Said
    #: When the plan ends it; None for an action of an earlier plan.
    planned_for: date | None
    #: How often it was changed.
    changes: int
    #: "owner", or "consultant:" and a link; "" if nobody said anything.
    changed_by: str
    #: When it was said; else when the plan was made.
    changed_at: datetime
    #: When the result of the newest plan was finished.
    assessed_at: datetime | None

    @property
    def in_plan(self) -> bool:
        """Whether the newest plan has it."""
        return self.planned_for is not None

    @property
    def due_on(self) -> date | None:
        """By when it is to be done: the day that was agreed, else the plan's."""
        return self.said.due_on or self.planned_for

    @property
    def waits(self) -> bool:
        """Whether something is still to be done."""
        return self.in_plan and self.said.state in WAITING

    @property
    def noted(self) -> bool:
        """Whether somebody said how far it is: done, under way or dropped."""
        return self.said.state is not ActionState.OPEN

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do of it: it is done, or dropped."""
        return self.said.state not in WAITING

    @property
    def asked_for_again(self) -> bool:
        """Whether the newest plan asks for it although it had been noted as done before."""
        done = self.in_plan and self.said.state is ActionState.DONE
        return done and self.assessed_at is not None and self.changed_at < self.assessed_at

    def overdue(self, today: date) -> bool:
        """Return whether its day is over and it is not done."""
        return self.waits and self.due_on is not None and self.due_on < today

    def reached(self, result: Result) -> bool:
        """Return whether the answers are at the level that it was to reach, or ask nothing of the kind."""
        level = result.dimensions.get(self.action.dimension)
        return self.action.dimension not in result.dimensions or (level is not None and level >= self.action.to_level)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a company's actions are."""

    #: All of the newest plan, as many as its roadmap says.
    all: int
    done: int
    #: Of the newest plan's those that the company decided against.
    dropped: int
    #: Actions of earlier plans that were done, and that the newest plan does not ask for.
    done_earlier: int
    overdue: int
    #: The next day from today on by which one is to be done, or None.
    next_due: date | None


def of_family(session: Session, family_id: UUID) -> tuple[Followed, ...]:
    """Return the actions of a company's newest plan in its order, then those of earlier plans."""
    row = session.execute(_newest_plan(family_id)).one_or_none()
    if row is None:
        return ()
    plan, assessment, stored = row
    record = json.loads(plan.document, parse_float=Decimal)
    return of_plan(session, plan, record, assessment, rubric_of(stored))


def of_plan(
    session: Session, plan: StoredPlan, record: Mapping[str, Any], assessment: Assessment, version: RubricVersion
) -> tuple[Followed, ...]:
    """Return the actions of a plan that is a company's newest, then those of earlier plans.

    :param assessment: whose plan it is.
    """
    family = sa.select(Assessment.id).where(Assessment.family_id == assessment.family_id)
    rows = session.execute(
        sa.select(FollowedAction, StoredRubric)
        .join(StoredRubric, StoredRubric.id == FollowedAction.rubric_version_id)
        .where(FollowedAction.assessment_id.in_(family))
        .order_by(FollowedAction.changed_at, FollowedAction.action_id)
    ).all()
    said = {row.action_id: row for row, _ in rows}
    found = [
        _followed(
            said.get(each["id"]),
            version.actions.by_id[each["id"]],
            version,
            assessment.rubric_version_id,
            date.fromisoformat(each["ends_on"]),
            plan.created_at,
            assessment.submitted_at,
        )
        for each in record["actions"]
    ]
    planned = {each.action.id for each in found}
    for row, stored in rows:
        if row.action_id not in planned:
            earlier = rubric_of(stored)
            action = earlier.actions.by_id[row.action_id]
            found.append(_followed(row, action, earlier, stored.id, None, row.changed_at, None))
    return tuple(found)


def progress(followed: tuple[Followed, ...], today: date) -> Progress:
    """Return how far the actions are; what was done for an earlier plan stays counted beside the newest plan's."""
    planned = Counter(each.said.state for each in followed if each.in_plan)
    earlier = Counter(each.said.state for each in followed if not each.in_plan)
    days = [each.due_on for each in followed if each.waits and each.due_on is not None and each.due_on >= today]
    return Progress(
        all=planned.total(),
        done=planned[ActionState.DONE],
        dropped=planned[ActionState.DROPPED],
        done_earlier=earlier[ActionState.DONE],
        overdue=sum(each.overdue(today) for each in followed),
        next_due=min(days, default=None),
    )


def overdue_counts(session: Session, families: Collection[UUID], today: date) -> dict[UUID, int]:
    """Return how many actions of each company's newest plan are overdue, in two statements for any number."""
    newest = sa.func.row_number().over(
        partition_by=Assessment.family_id, order_by=(Assessment.revision.desc(), StoredPlan.number.desc())
    )
    ranked = (
        sa.select(Assessment.family_id, StoredPlan.document, newest.label("place"))
        .join(StoredPlan, StoredPlan.assessment_id == Assessment.id)
        .where(Assessment.family_id.in_(families))
        .subquery()
    )
    said = {
        (row.family_id, row.action_id): row
        for row in session.execute(
            sa.select(Assessment.family_id, FollowedAction.action_id, FollowedAction.state, FollowedAction.due_on)
            .join(Assessment, Assessment.id == FollowedAction.assessment_id)
            .where(Assessment.family_id.in_(families))
        )
    }
    found = {}
    plans = sa.select(ranked.c.family_id, ranked.c.document).where(ranked.c.place == 1)
    for family, document in session.execute(plans):
        late = 0
        for each in json.loads(document, parse_float=Decimal)["actions"]:
            row = said.get((family, each["id"]))
            due_on = (row.due_on if row else None) or date.fromisoformat(each["ends_on"])
            late += due_on < today and (row is None or ActionState(row.state) in WAITING)
        found[family] = late
    return found


def next_due(session: Session, family_id: UUID, today: date) -> date | None:
    """Return the next day from *today* on by which an action is to be done, or None."""
    return progress(of_family(session, family_id), today).next_due


def review_of(session: Session, family_id: UUID) -> tuple[date, datetime] | None:
    """Return the day on which a company's newest plan says to assess again, and when that plan was made."""
    row = session.execute(_newest_plan(family_id)).one_or_none()
    return (date.fromisoformat(json.loads(row[0].document)["review_on"]), row[0].created_at) if row else None


def said_in(session: Session, family_id: UUID) -> list[dict[str, Any]]:
    """Return what a company said of its actions as plain values, without what is empty."""
    said = [each for each in of_family(session, family_id) if each.changes]
    return [
        {
            "action": each.action.id,
            "rubric": each.version.id,
            **{name: value for name, value in each.said.record().items() if value},
        }
        for each in said
    ]


def find(followed: tuple[Followed, ...], action_id: str) -> Followed:
    """Return one action.

    :raises ActionUnknown: if it is not among them.
    """
    found = next((each for each in followed if each.action.id == action_id), None)
    if found is None:
        raise ActionUnknown(action_id)
    return found


def save(token: str, action_id: str, said: Said, *, seen: int) -> None:
    """Save what is said of an action. What somebody else changed meanwhile in another field stays.

    :param seen: the version that the person saw; 0 if nothing was said yet.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises ActionUnknown: if no plan of the company has this action.
    :raises ActionChanged: if somebody else changed the same field since.
    """
    with writing() as session:
        # The row of the assessment is ours from here on: changes of its actions come in turn.
        opened = opened_in(session, token)
        here = find(of_family(session, opened.assessment.family_id), action_id)
        if said.due_on == here.planned_for:
            # Whoever writes the plan's day means the plan's.
            said = replace(said, due_on=None)
        row = session.scalar(
            sa.select(FollowedAction).where(
                FollowedAction.assessment_id.in_(
                    sa.select(Assessment.id).where(Assessment.family_id == opened.assessment.family_id)
                ),
                FollowedAction.action_id == action_id,
            )
        )
        if row is not None and seen != row.version:
            said = _merged(_seen(session, row, seen), here.said, said, row.version)
        if said == here.said:
            return
        if row is None:
            row = FollowedAction(assessment_id=_first(session, opened.assessment.family_id), action_id=action_id)
            session.add(row)
        row.version = here.changes + 1
        row.rubric_version_id = here.rubric_version_id
        row.state, row.owner, row.due_on = said.state.value, said.owner, said.due_on
        row.note, row.proof = said.note, said.proof
        row.changed_by, row.changed_at = entered_by(token, opened), now()
        # What is followed up is kept as long as what is answered.
        opened.assessment.saved_at = row.changed_at
        session.flush()
        session.add(
            FollowedActionChange(
                followed_action_id=row.id,
                version=row.version,
                said=said.record(),
                changed_by=row.changed_by,
                changed_at=row.changed_at,
            )
        )


def noted_done(session: Session, opened: Opened, dimension: str) -> Followed | None:
    """Return the action for *dimension* that was noted as done and was to reach the most, or None."""
    done = [
        each
        for each in of_family(session, opened.assessment.family_id)
        if each.said.state is ActionState.DONE and each.action.dimension == dimension
    ]
    return max(done, key=lambda each: each.action.to_level, default=None)


def _merged(base: Said, saved: Said, yours: Said, version: int) -> Said:
    """Return what holds where two people changed different fields.

    :param base: what both saw.
    :raises ActionChanged: if both changed one field, to different things.
    """
    taken, both = {}, {}
    for name in ("state", "owner", "due_on", "note", "proof"):
        before, theirs, mine = (getattr(each, name) for each in (base, saved, yours))
        taken[name] = theirs if mine == before else mine
        if mine not in (before, theirs) and theirs != before:
            both[name] = theirs
    merged = Said(**taken)
    if both:
        raise ActionChanged(both, version, merged)
    return merged


def _seen(session: Session, row: FollowedAction, seen: int) -> Said:
    """Return what was said at the version that a person saw; an unknown one is as if nothing had been."""
    said = session.scalar(
        sa.select(FollowedActionChange.said).where(
            FollowedActionChange.followed_action_id == row.id, FollowedActionChange.version == seen
        )
    )
    if said is None:
        return NOTHING
    due_on = date.fromisoformat(said["due_on"]) if said["due_on"] else None
    return Said(ActionState(said["state"]), said["owner"], due_on, said["note"], said["proof"])


def _followed(
    row: FollowedAction | None,
    action: Action,
    version: RubricVersion,
    rubric_version_id: UUID,
    planned_for: date | None,
    planned_at: datetime,
    assessed_at: datetime | None,
) -> Followed:
    said = Said(ActionState(row.state), row.owner, row.due_on, row.note, row.proof) if row else NOTHING
    return Followed(
        action=action,
        version=version,
        rubric_version_id=rubric_version_id,
        said=said,
        planned_for=planned_for,
        changes=row.version if row else 0,
        changed_by=row.changed_by if row else "",
        changed_at=row.changed_at if row else planned_at,
        assessed_at=assessed_at,
    )


def _newest_plan(family_id: UUID) -> sa.Select[StoredPlan, Assessment, StoredRubric]:
    return (
        sa.select(StoredPlan, Assessment, StoredRubric)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(Assessment.family_id == family_id)
        .order_by(Assessment.revision.desc(), StoredPlan.number.desc())
        .limit(1)
    )


def _first(session: Session, family_id: UUID) -> UUID:
    return session.scalars(
        sa.select(Assessment.id).where(Assessment.family_id == family_id).order_by(Assessment.revision).limit(1)
    ).one()
