"""How a company's results went on over time, with what the rubric changed told apart from what the company changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.documents import charts
from readiness.documents.views import ThenAndNow, TrendRow, TrendView
from readiness.documents.words import Words
from readiness.models import AnswerRow, Assessment, Occasion, Status, StoredRubric
from readiness.services.comparing import Bridged, bridged, compare
from readiness.services.opening import Opened
from readiness.services.planning import HONG_KONG
from readiness.services.standings import standing
from readiness.services.version_ways import way_between
from readiness.services.versions import rubric_of


def trend_of(session: Session, opened: Opened, words: Words) -> TrendView | None:
    """Return how the results of a company went on up to the one that is open; None before the second assessment.

    Later results are left out, so that what is printed with a plan stays the same.
    """
    results = _results(session, opened)
    assessed = [each for each in results if each.assessment.occasion != Occasion.CHANGE]
    if len(assessed) < 2:
        return None
    bridges = {
        after.assessment.id: _bridge(session, before, after)
        for before, after in pairwise(assessed)
        if before.assessment.rubric_version_id != after.assessment.rubric_version_id
    }
    first, last = assessed[0], assessed[-1]
    comparison = compare(first, last, words)
    return TrendView(
        chart=_chart(results, assessed, bridges, words),
        rows=tuple(_row(each, bridges.get(each.assessment.id), words) for each in results),
        then=words.day_of(_finished(first)),
        now=words.day_of(_finished(last)),
        then_rubric=first.version.id,
        now_rubric=last.version.id,
        areas=tuple(
            ThenAndNow(
                row.name, row.levels[0], row.levels[1] if len(row.levels) == 3 else None, row.levels[-1], row.why
            )
            for row in comparison.rows
        ),
        by_you=comparison.by_you,
        by_the_rubric=comparison.by_the_rubric,
        apart=comparison.apart,
    )


def _results(session: Session, opened: Opened) -> list[Opened]:
    """Return the results of the company up to the one that is open, the oldest first."""
    of_company = (
        Assessment.family_id == opened.assessment.family_id,
        Assessment.status == Status.SUBMITTED.value,
        Assessment.revision <= opened.assessment.revision,
    )
    rows = session.execute(
        sa.select(Assessment, StoredRubric)
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(*of_company)
        .order_by(Assessment.revision)
    ).all()
    said = session.execute(
        sa.select(AnswerRow.assessment_id, AnswerRow.question_id, AnswerRow.value).where(
            AnswerRow.assessment_id.in_(sa.select(Assessment.id).where(*of_company)), AnswerRow.value.is_not(sa.null())
        )
    ).all()
    found = []
    for assessment, stored in rows:
        version = rubric_of(stored)
        values = {question: value for id, question, value in said if id == assessment.id}
        answers = {
            question.id: answer_rules.read(version.rubric, question.id, values[question.id])
            for question in version.rubric.questions
            if question.id in values
        }
        found.append(Opened(assessment, version, opened.link, answers, {}, {}, frozenset()))
    return found


def _bridge(session: Session, before: Opened, after: Opened) -> Bridged | None:
    return bridged(
        before, way_between(session, before.assessment.rubric_version_id, after.assessment.rubric_version_id)
    )


def _row(result: Opened, bridge: Bridged | None, words: Words) -> TrendRow:
    here = standing(result.version, result.result, words)
    said = ""
    if bridge is not None:
        there = standing(bridge.version, bridge.result, words)
        if there.score is not None:
            said = words.say(
                "The answers before give %(score)s, %(band)s under this version.", score=there.score, band=there.band
            )
        else:
            said = words.gettext("The answers before give no band under this version.")
    return TrendRow(
        revision=result.assessment.revision,
        day=words.day_of(_finished(result)),
        occasion=_occasion(result, words),
        corrected=result.assessment.occasion == Occasion.CHANGE,
        score=here.score or "",
        band=here.band or words.gettext("no band"),
        rubric=here.rubric,
        bridged=said,
    )


def _occasion(result: Opened, words: Words) -> str:
    _ = words.gettext
    return {
        Occasion.FIRST: _("first assessment"),
        Occasion.AGAIN: _("assessed again"),
        Occasion.CHANGE: _("answers changed"),
    }[Occasion(result.assessment.occasion)]


def _chart(
    results: Sequence[Opened], assessed: Sequence[Opened], bridges: Mapping[UUID, Bridged | None], words: Words
) -> charts.Chart | None:
    points: list[charts.Assessed] = []
    drawn: Opened | None = None
    for each in assessed:
        if each.result.score is None:
            continue
        # A result without a score between two others leaves no way to bridge them by.
        beside = drawn is not None and assessed[assessed.index(each) - 1] is drawn
        changed = drawn is not None and drawn.version.id != each.version.id
        bridge = bridges.get(each.assessment.id) if beside else None
        points.append(
            charts.Assessed(
                day=_day(each),
                score=each.result.score,
                label=_day(each).strftime("%Y-%m-%d"),
                bridged=bridge.result.score if bridge else None,
                version=each.version.id if changed else "",
                follows=not changed or (bridge is not None and bridge.result.score is not None),
            )
        )
        drawn = each
    if len(points) < 2:
        return None
    corrections = [
        charts.Corrected(_day(each), each.result.score)
        for each in results
        if each.assessment.occasion == Occasion.CHANGE and each.result.score is not None
    ]
    scoring = assessed[-1].version.rubric.scoring
    said = [
        words.say("%(score)s on %(day)s", score=each.result.score, day=words.day_of(_finished(each)))
        for each in assessed
        if each.result.score is not None
    ]
    alternative = words.say("Scores over time: %(scores)s.", scores=words.listed(said))
    return charts.trend(points, corrections, (scoring.lowest, scoring.highest), alternative, words.language.tag)


def _finished(result: Opened) -> datetime:
    return result.assessment.submitted_at or result.assessment.saved_at


def _day(result: Opened) -> date:
    return _finished(result).astimezone(HONG_KONG).date()
