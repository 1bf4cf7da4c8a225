"""How a company's results went on over time, with what the rubric changed told apart from what the company changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.documents import charts
from readiness.documents.views import ThenAndNow, TrendRow, TrendView
from readiness.documents.words import Words
from readiness.models import AnswerRow, Assessment, Occasion, Status, StoredRubric
from readiness.services.comparing import Bridged, bridged, compare, finished, own_line, time_where_shared
from readiness.services.opening import Opened
from readiness.services.planning import HONG_KONG
from readiness.services.standings import standing
from readiness.services.version_ways import way_between
from readiness.services.versions import rubric_of


def trend_of(session: Session, opened: Opened, words: Words) -> TrendView | None:
    """Return how the results of a company went on up to the one that is open; None before the second assessment.

    Every result is shown as it is counted, with the levels that a consultant held back, as on all other pages. Later
    results are left out, so that what is printed with a plan stays the same.
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
    days = dict(
        zip(
            (each.assessment.id for each in results),
            time_where_shared([finished(each) for each in results], words),
            strict=True,
        )
    )
    comparison = compare(first, last, words)
    return TrendView(
        chart=_chart(results, assessed, bridges, days, words),
        spaced=charts.spaced([finished(each) for each in results if each.counted_result.score is not None]),
        rows=tuple(
            _row(each, before, bridges.get(each.assessment.id), days[each.assessment.id], words)
            for before, each in zip([None, *results], results, strict=False)
        ),
        then=days[first.assessment.id],
        now=days[last.assessment.id],
        then_rubric=first.version.id,
        now_rubric=last.version.id,
        areas=tuple(
            ThenAndNow(
                row.name, row.levels[0], row.levels[1] if len(row.levels) == 3 else None, row.levels[-1], row.why
            )
            for row in comparison.rows
        ),
        by_you=comparison.by_you,
        whose=comparison.whose,
        warning=comparison.warning,
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


def _row(result: Opened, before: Opened | None, bridge: Bridged | None, day: str, words: Words) -> TrendRow:
    here = standing(result.version, result.counted_result, words)
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
        day=day,
        occasion=_occasion(result, before, words),
        corrected=result.assessment.occasion == Occasion.CHANGE,
        score=here.score or "",
        band=here.band or words.gettext("no band"),
        rubric=here.rubric,
        own=own_line(result, words),
        bridged=said,
    )


def _occasion(result: Opened, before: Opened | None, words: Words) -> str:
    _ = words.gettext
    if _is_only_checked(result, before):
        return _("checked by a consultant")
    return {
        Occasion.FIRST: _("first assessment"),
        Occasion.AGAIN: _("assessed again"),
        Occasion.CHANGE: _("answers changed"),
    }[Occasion(result.assessment.occasion)]


def _is_only_checked(result: Opened, before: Opened | None) -> bool:
    """Return whether a result was changed by a consultant's check alone, its answers being those before it."""
    return (
        before is not None
        and result.assessment.occasion == Occasion.CHANGE
        and result.version.id == before.version.id
        and result.answers == before.answers
        and result.assessment.checked is not None
        and result.assessment.checked != before.assessment.checked
    )


def _chart(
    results: Sequence[Opened],
    assessed: Sequence[Opened],
    bridges: Mapping[UUID, Bridged | None],
    days: Mapping[UUID, str],
    words: Words,
) -> charts.Chart | None:
    points: list[charts.Assessed] = []
    drawn: Opened | None = None
    shared = Counter(_day(each) for each in results)
    for each in assessed:
        if each.counted_result.score is None:
            continue
        # A result without a score between two others leaves no way to bridge them by.
        beside = drawn is not None and assessed[assessed.index(each) - 1] is drawn
        changed = drawn is not None and drawn.version.id != each.version.id
        bridge = bridges.get(each.assessment.id) if beside else None
        points.append(
            charts.Assessed(
                at=finished(each),
                score=each.counted_result.score,
                # Of two on one day the day alone does not say which it is.
                label=f"{_day(each)} {words.time(finished(each))}" if shared[_day(each)] > 1 else str(_day(each)),
                bridged=bridge.result.score if bridge else None,
                version=each.version.id if changed else "",
                follows=not changed or (bridge is not None and bridge.result.score is not None),
                number=each.assessment.revision,
            )
        )
        drawn = each
    if len(points) < 2:
        return None
    corrections = [
        charts.Corrected(finished(each), each.counted_result.score, each.assessment.revision)
        for each in results
        if each.assessment.occasion == Occasion.CHANGE and each.counted_result.score is not None
    ]
    scoring = assessed[-1].version.rubric.scoring
    said = [
        words.say("%(score)s on %(day)s", score=each.counted_result.score, day=days[each.assessment.id])
        for each in assessed
        if each.counted_result.score is not None
    ]
    alternative = words.say("Scores over time: %(scores)s.", scores=words.listed(said))
    return charts.trend(points, corrections, (scoring.lowest, scoring.highest), alternative, words.language.tag)


def _day(result: Opened) -> date:
    return finished(result).astimezone(HONG_KONG).date()
