"""Plans: made once, frozen, printed once in each language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import profile as profile_rules
from readiness.core.answers import Answer
from readiness.core.languages import Language
from readiness.core.plan_records import plan_record
from readiness.core.planning import NoBand, make_plan
from readiness.core.profile import Profile
from readiness.documents.pdf import RENDERER, plan_pdf
from readiness.documents.views import PlanView
from readiness.library.canonical import readable
from readiness.library.catalogues import CatalogueVersion
from readiness.library.rubrics import RubricVersion
from readiness.models import Assessment, PlanScheme, SignOff, StoredCatalogue, StoredPdf, StoredPlan
from readiness.services.database import db, now, writing
from readiness.services.site_catalogue import HEAD_DIGEST, catalogue_of, current_catalogue, with_digest
from readiness.services.spreads import low_agreement

#: Where a plan's record names the dimensions on which people in a guided session were far apart, if there are any.
FAR_APART = "far_apart"
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


@dataclass(frozen=True)
class FrozenPlan:
    """A stored plan with the catalogue that it was made from."""

    stored: StoredPlan
    record: Mapping[str, Any]
    catalogue: CatalogueVersion
    #: The digest of the catalogue in force now.
    current_digest: str

    @property
    def current(self) -> CatalogueVersion:
        """The catalogue in force now."""
        if self.current_digest == self.catalogue.digest:
            return self.catalogue
        return with_digest(db.session, self.current_digest)


def today() -> date:
    """Return the day in Hong Kong."""
    return now().astimezone(HONG_KONG).date()


def freeze(
    session: Session,
    assessment: Assessment,
    version: RubricVersion,
    answers: Mapping[str, Answer],
    profile: Profile,
) -> None:
    """Make the plan of an assessment on today's catalogue and keep it beside the earlier ones.

    Without a band there is no plan, and nothing is kept.
    """
    catalogue = current_catalogue(session)
    try:
        plan = make_plan(version.rubric, answers, version.actions, catalogue.catalogue, profile, today())
    except NoBand:
        return
    newest = session.execute(
        sa.select(StoredPlan.number, StoredPlan.document)
        .where(StoredPlan.assessment_id == assessment.id)
        .order_by(StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    record = plan_record(plan)
    # As the room was when the answers were finished: a later plan says the same, wherever the room went on.
    if newest is None:
        apart = low_agreement(session, assessment.id, version.rubric)
    else:
        apart = json.loads(newest.document).get(FAR_APART, ())
    if apart:
        record[FAR_APART] = list(apart)
    stored = StoredPlan(
        id=uuid4(),
        assessment_id=assessment.id,
        number=newest.number + 1 if newest else 1,
        made_on=plan.today,
        company=profile_rules.plain(profile),
        catalogue_digest=catalogue.digest,
        document=readable(record),
        created_at=now(),
    )
    session.add(stored)
    session.flush()
    session.add_all(
        PlanScheme(plan_id=stored.id, scheme_id=verdict.scheme.id) for verdict in plan.verdicts if verdict.recommended
    )


def is_of_today(session: Session, assessment: Assessment) -> bool:
    """Return whether the newest plan was made today from the catalogue in force: another would say the same."""
    made = session.execute(
        sa.select(StoredPlan.made_on, StoredPlan.catalogue_digest, HEAD_DIGEST.scalar_subquery())
        .where(StoredPlan.assessment_id == assessment.id)
        .order_by(StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    return made is not None and made[0] == today() and made[1] == made[2]


def newest_plan(session: Session, assessment: Assessment) -> FrozenPlan | None:
    """Return the newest plan of an assessment, or None if it has none."""
    row = session.execute(
        sa.select(StoredPlan, StoredCatalogue, HEAD_DIGEST.scalar_subquery())
        .join(StoredCatalogue, StoredCatalogue.digest == StoredPlan.catalogue_digest)
        .where(StoredPlan.assessment_id == assessment.id)
        .order_by(StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    stored, catalogue, digest = row
    record = json.loads(stored.document, parse_float=Decimal)
    return FrozenPlan(stored, record, catalogue_of(catalogue), digest or catalogue.digest)


def printed(plan: FrozenPlan, view: Callable[[], PlanView], language: Language) -> bytes:
    """Return the plan as a PDF file in *language*: rendered the first time, then served from the store.

    :param view: makes the plan's view; called only when the file must be rendered.
    """
    session = db.session
    key = (plan.stored.id, language.value, RENDERER)
    stored = session.get(StoredPdf, key)
    if stored is not None:
        return stored.content
    signed = _signatures(session, key[0])
    made = view()
    # Printing takes seconds: no transaction stays open, or SQLite's log could not be emptied meanwhile.
    session.commit()
    content = plan_pdf(made, language)
    # Another request may have printed the same meanwhile, or the owner deleted everything.
    with suppress(sa.exc.IntegrityError), writing() as session:
        # Signing takes the plan's row, too: a print that lacks a signature is not kept.
        there = session.get(StoredPlan, key[0], with_for_update={"key_share": True}) is not None
        if there and session.get(StoredPdf, key) is None and _signatures(session, key[0]) == signed:
            session.add(StoredPdf(plan_id=key[0], language=key[1], renderer=key[2], content=content, created_at=now()))
    return content


def _signatures(session: Session, plan_id: UUID) -> int:
    return session.scalar(sa.select(sa.func.count()).where(SignOff.plan_id == plan_id)) or 0
