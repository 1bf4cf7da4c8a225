"""What a submitted assessment shows: its frozen result, and its newest plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from readiness.core import profile as profile_rules
from readiness.core.languages import Language
from readiness.documents.views import NewsView, PlanView, ResultView, SchemeView, SignatureView
from readiness.documents.words import Words
from readiness.models import Access, Assessment, Engagement, Occasion, Status
from readiness.services import following, planning, sign_off
from readiness.services.action_views import ActionMark, action_marks
from readiness.services.database import db
from readiness.services.following import Progress
from readiness.services.opening import Opened
from readiness.services.plan_views import plan_view
from readiness.services.planning import HONG_KONG, FrozenPlan
from readiness.services.result_views import result_view
from readiness.services.revisions import consultant_began
from readiness.services.scheme_news import news_of
from readiness.services.sign_off import SignOffState
from readiness.services.trends import trend_of


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A submitted revision in the list of results."""

    revision: int
    day: str
    band: str
    score: str
    here: bool
    #: Why it was begun: "first", "change" or "again".
    occasion: str = Occasion.FIRST.value


@dataclass(frozen=True)
class Shown:
    """A result and, where there is a band, its plan, in one language."""

    result: ResultView
    plan: PlanView | None
    #: All submitted revisions that the link shows, newest first, with whether it is the one shown.
    revisions: tuple[RevisionView, ...]
    #: Whether changes were begun after it.
    changing: bool
    #: Whether it was a consultant who began them.
    by_consultant: bool
    #: Whether a consultant has access, as those may know who may change the company's answers.
    engaged: bool
    #: What has become of the plan's schemes since.
    news: tuple[NewsView, ...] = ()
    #: Who has signed the plan, or None without one.
    signing: SignOffState | None = None
    #: The day on which the plan says to assess again; None without a plan.
    review_on: date | None = None
    #: How far the actions are, for those who may change them; None without a plan.
    progress: Progress | None = None
    #: Of the plan's actions that the company noted something of how far each is, by id; as for ``progress``.
    noted: Mapping[str, ActionMark] = field(default_factory=dict)

    @property
    def newest(self) -> bool:
        """Whether no later result is there."""
        return self.revisions[0].here

    @property
    def has_trend(self) -> bool:
        """Whether the company was assessed more than once, corrections apart."""
        return sum(each.occasion != Occasion.CHANGE for each in self.revisions) > 1

    @property
    def again_is_due(self) -> bool:
        """Whether the day has come on which the plan says to assess again."""
        return self.review_on is not None and self.review_on <= planning.today()

    @property
    def deciding_keys(self) -> tuple[str, ...]:
        """The profile keys that would decide further schemes."""
        return self.plan.deciding_keys if self.plan else ()

    @property
    def fact_keys(self) -> tuple[str, ...]:
        """The profile keys that the page asks: those that would decide, then those that can be corrected."""
        return self.deciding_keys + (self.plan.known_keys if self.plan else ())


def shown(opened: Opened, words: Words, *, to_consultant: bool = False) -> Shown:
    """Return what the result page shows.

    :param to_consultant: whether a consultant reads it, whom the sentences do not call the company.
    """
    frozen = planning.newest_plan(db.session, opened.assessment)
    family = _family(opened, words)
    if frozen is not None:
        signing = sign_off.state_of(opened, frozen.stored)
        plan = _view(opened, frozen, words, signing, to_consultant=to_consultant)
        found = Shown(
            plan.result,
            plan,
            family.revisions,
            family.changing,
            family.by_consultant,
            family.engaged,
            _news(frozen, words),
            signing,
            date.fromisoformat(frozen.record["review_on"]),
        )
        if not found.newest or opened.access is not Access.EDIT:
            return found
        followed = following.of_plan(db.session, frozen.stored, frozen.record, opened.assessment, opened.version)
        progress = following.progress(followed, planning.today())
        return replace(found, progress=progress, noted=action_marks(followed, words))
    submitted = opened.assessment.submitted_at or opened.assessment.saved_at
    day = submitted.astimezone(HONG_KONG).date()
    view = result_view(
        opened.version,
        opened.result,
        opened.answers,
        opened.profile.name,
        day,
        words,
        score_after=None,
        checked=opened.checked,
        to_consultant=to_consultant,
    )
    return Shown(view, None, family.revisions, family.changing, family.by_consultant, family.engaged)


@dataclass(frozen=True)
class SchemeShown:
    """A scheme as a plan judged it, the plan's day, and what has become of the scheme since."""

    view: SchemeView
    made_on: str
    news: tuple[NewsView, ...]


def scheme(opened: Opened, id: str, words: Words) -> SchemeShown | None:
    """Return one scheme as the newest plan judged it, or None if there is no plan or no such scheme."""
    frozen = planning.newest_plan(db.session, opened.assessment)
    if frozen is None:
        return None
    plan = _view(opened, frozen, words)
    everything = (*plan.fitting, *plan.undecided, *plan.guidance, *plan.closed_or_coming, *plan.not_for_you)
    view = next((view for view in everything if view.id == id), None)
    if view is None:
        return None
    return SchemeShown(view, plan.made_on, tuple(each for each in _news(frozen, words) if each.id == id))


def printed(opened: Opened, words: Words) -> bytes | None:
    """Return the plan as a PDF file, or None where there is no plan."""
    frozen = planning.newest_plan(db.session, opened.assessment)
    if frozen is None:
        return None

    def view() -> PlanView:
        view = _view(opened, frozen, words, sign_off.state_of(opened, frozen.stored))
        # Up to this result alone: what came later changes nothing that was printed.
        return replace(view, trend=trend_of(db.session, opened, words))

    return planning.printed(frozen, view, Language(words.language))


def frozen_result(opened: Opened) -> Any:
    """Return the result as it was frozen, or None for a draft."""
    frozen = opened.assessment.result
    return None if frozen is None else json.loads(frozen, parse_float=Decimal)


def counted_record(assessment: Assessment) -> dict[str, Any]:
    """Return the frozen result that the band comes from: with the levels held back, if any; {} for a draft."""
    return counted(assessment.result, assessment.checked)


def counted(result: str | None, checked: str | None) -> dict[str, Any]:
    """Return what :func:`counted_record` does, of the two frozen texts."""
    if checked is not None:
        found: dict[str, Any] = json.loads(checked, parse_float=Decimal)
        return dict(found["result"])
    return dict(json.loads(result or "{}", parse_float=Decimal))


@dataclass(frozen=True, slots=True)
class _Family:
    """What a link shows of a company's other revisions."""

    revisions: tuple[RevisionView, ...]
    changing: bool
    by_consultant: bool
    engaged: bool


def _family(opened: Opened, words: Words) -> _Family:
    """Return the results that the link shows, and what it may know beside them; a link for reading is told nothing."""
    if opened.access is not Access.EDIT:
        return _Family((_revision(opened.assessment, opened, words),), False, False, False)
    # An engagement belongs to the company's first revision.
    engagement = sa.exists().where(
        Engagement.assessment_id == Assessment.id, Engagement.state == "active", Engagement.until >= planning.today()
    )
    rows = db.session.execute(
        sa.select(Assessment, engagement)
        .where(Assessment.family_id == opened.assessment.family_id)
        .order_by(Assessment.revision.desc())
    ).all()
    family = [row[0] for row in rows]
    finished = [each for each in family if each.submitted_at is not None]
    shown = [_revision(each, opened, words) for each in finished]
    days = Counter(each.day for each in shown)
    # Two of one day are told apart by the time.
    submitted = (
        replace(view, day=f"{view.day}{words.comma}{words.time(_finished(each))}") if days[view.day] > 1 else view
        for view, each in zip(shown, finished, strict=True)
    )
    # A draft that is moved goes on in another one.
    begun = [each.id for each in family if each.submitted_at is None and each.revision > finished[0].revision]
    changing = any(each.status == Status.DRAFT for each in family)
    by_consultant = changing and consultant_began(db.session, begun)
    return _Family(tuple(submitted), changing, by_consultant, any(engaged for _, engaged in rows))


def _revision(assessment: Assessment, opened: Opened, words: Words) -> RevisionView:
    result = counted_record(assessment)
    band = result.get("band")
    # Another revision may be on another version of the rubric; bands keep their ids.
    name = opened.version.texts[words.language].get(f"bands.{band}.name", str(band))
    return RevisionView(
        assessment.revision,
        words.day_of(_finished(assessment)),
        words.gettext("no band") if band is None else name,
        "" if band is None else str(result["score"]),
        assessment.id == opened.assessment.id,
        assessment.occasion,
    )


def _finished(assessment: Assessment) -> datetime:
    return assessment.submitted_at or assessment.saved_at


def _news(frozen: FrozenPlan, words: Words) -> tuple[NewsView, ...]:
    return news_of(frozen.record, frozen.catalogue, frozen.current, planning.today(), words)


def _view(
    opened: Opened,
    frozen: FrozenPlan,
    words: Words,
    signing: SignOffState | None = None,
    *,
    to_consultant: bool = False,
) -> PlanView:
    profile, _ = profile_rules.read(frozen.stored.company)
    return plan_view(
        frozen.record,
        opened.version,
        opened.result,
        opened.answers,
        profile,
        frozen.catalogue,
        words,
        checked=opened.checked,
        signatures=signature_views(signing, words) if signing else (),
        to_consultant=to_consultant,
    )


def signature_views(signing: SignOffState, words: Words) -> tuple[SignatureView, ...]:
    """Return the names under a plan in words."""
    sides = {"company": words.gettext("For the company"), "consultant": words.gettext("Consultant")}
    return tuple(
        SignatureView(
            sides[each.side],
            each.name,
            each.role,
            words.say(
                "%(day)s, %(time)s (Hong Kong time)", day=words.day_of(each.signed_at), time=words.time(each.signed_at)
            ),
            each.digest,
            each.holds,
        )
        for each in signing.signatures
    )
