"""What an owner would see of a draft, with invented answers: nothing of it is stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import uuid4

from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer
from readiness.core.plan_records import plan_record
from readiness.core.planning import make_plan
from readiness.core.profile import Profile
from readiness.core.records import result_record
from readiness.core.rubric import Kind
from readiness.core.scoring import score
from readiness.documents.pdf import plan_pdf
from readiness.documents.views import PlanView
from readiness.documents.words import Words
from readiness.library.canonical import readable
from readiness.library.rubrics import RubricVersion
from readiness.models import Access, Assessment, Link, Status
from readiness.services.database import now
from readiness.services.example import LEVELS
from readiness.services.opening import Opened
from readiness.services.plan_views import plan_view
from readiness.services.planning import today
from readiness.services.results import RevisionView, Shown
from readiness.services.site_catalogue import current_catalogue


def sample_answers(version: RubricVersion) -> dict[str, Answer]:
    """Return invented answers to the level questions of a version."""
    levels = version.rubric.scoring.levels
    asked = [question for question in version.rubric.questions if question.kind is Kind.LEVEL]
    return {
        question.id: answer_rules.read(
            version.rubric, question.id, min(max(LEVELS[index % len(LEVELS)], levels.start), levels.stop - 1)
        )
        for index, question in enumerate(asked)
    }


def opened(version: RubricVersion, words: Words, answers: Mapping[str, Answer], *, submitted: bool) -> Opened:
    """Return an assessment that is nowhere stored."""
    moment = now()
    company = {"name": words.gettext("Harbour Foods (an invented example)")}
    assessment = Assessment(
        id=uuid4(),
        family_id=uuid4(),
        revision=1,
        company=company,
        company_asked=True,
        company_version=0,
        created_at=moment,
        saved_at=moment,
        status=Status.SUBMITTED.value if submitted else Status.DRAFT.value,
        submitted_at=moment if submitted else None,
        result=readable(result_record(score(version.rubric, answers), version.digest)) if submitted else None,
    )
    return Opened(assessment, version, Link(access=Access.READ.value), answers, {}, {}, frozenset())


def sample_plan(session: Session, version: RubricVersion, words: Words) -> PlanView:
    """Return the plan of an invented company on today's catalogue."""
    answers = sample_answers(version)
    catalogue = current_catalogue(session)
    profile = Profile(name=words.gettext("Harbour Foods (an invented example)"))
    plan = make_plan(version.rubric, answers, version.actions, catalogue.catalogue, profile, today())
    frozen = json.loads(readable(plan_record(plan)))
    return plan_view(frozen, version, score(version.rubric, answers), answers, profile, catalogue, words)


def sample_result(session: Session, version: RubricVersion, words: Words) -> tuple[Opened, Shown]:
    """Return what the result page shows of an invented company."""
    here = opened(version, words, sample_answers(version), submitted=True)
    plan = sample_plan(session, version, words)
    revision = RevisionView(1, words.day(today()), "", "", here=True)
    return here, Shown(plan.result, plan, (revision,), changing=False, by_consultant=False, engaged=False)


def sample_pdf(session: Session, version: RubricVersion, words: Words) -> bytes:
    """Return the plan of an invented company as a PDF file."""
    return plan_pdf(sample_plan(session, version, words), words.language)
