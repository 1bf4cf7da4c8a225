"""A plan as the plain record that is frozen, exported, compared and drawn from."""

from __future__ import annotations

from typing import Any

from readiness.core.costs import Cost, Support, total
from readiness.core.facts import DatedValue
from readiness.core.planning import Plan, Step
from readiness.core.schemes import Verdict


def plan_record(plan: Plan) -> dict[str, Any]:
    """Return *plan* as plain values: whole dollars, ISO days, ids, ``Decimal`` for the score, never a float."""
    return {
        "rubric": plan.rubric,
        "catalogue": plan.catalogue,
        "today": plan.today.isoformat(),
        "band": plan.band,
        "target": None
        if plan.target is None
        else {"band": plan.target.band, "reached": plan.target.reached, "score_after": plan.target.score_after},
        "find_out": list(plan.find_out),
        "actions": [_step(step) for step in plan.steps],
        "totals": _totals(plan),
        "schemes": [_verdict(verdict) for verdict in plan.verdicts],
        "day_rate": plan.day_rate,
        "review_on": plan.review_on.isoformat(),
    }


def _step(step: Step) -> dict[str, Any]:
    action = step.action
    return {
        "id": action.id,
        "dimension": action.dimension,
        "from": action.from_level,
        "to": action.to_level,
        "phase": step.phase.value,
        "why": step.why.value,
        "needed_by": step.needed_by,
        "starts_on": step.starts_on.isoformat(),
        "ends_on": step.ends_on.isoformat(),
        "weeks": action.weeks,
        "prerequisites": list(action.prerequisites),
        "cost": _cost(step.cost),
        "schemes": list(step.schemes),
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "person_days": cost.person_days,
        "own_time": cost.own_time,
        "outside": list(cost.outside),
        "support": _support(cost.support, cost) if isinstance(cost.support, Support) else None,
        "company_pays": list(cost.company_pays),
    }


def _support(support: Support, cost: Cost) -> dict[str, Any]:
    return {
        "scheme": support.scheme,
        "share": str(support.share),
        "of": list(cost.outside),
        "cap_left": support.cap_left,
        "pays": list(support.pays),
        "eligibility": support.eligibility.value,
        "rule": _value(support.share_value),
        "cap": _value(support.cap_value) if support.cap_value else None,
    }


def _value(value: DatedValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "since": value.since.isoformat() if value.since else None,
        "known_in_force_by": value.known_in_force_by.isoformat() if value.known_in_force_by else None,
        "source": {"title": value.source.title, "href": value.source.href, "dated": value.source.dated},
    }


def _totals(plan: Plan) -> dict[str, Any]:
    costs = [step.cost for step in plan.steps]
    support = [cost.support.pays if isinstance(cost.support, Support) else (0, 0) for cost in costs]
    return {
        "person_days": sum(cost.person_days for cost in costs),
        "own_time": sum(cost.own_time for cost in costs),
        "outside": list(total([cost.outside for cost in costs])),
        "support": list(total(support)),
        "company_pays": list(total([cost.company_pays for cost in costs])),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    scheme = verdict.scheme
    return {
        "id": scheme.id,
        "kind": scheme.kind,
        "recommended": verdict.recommended,
        "why_not": verdict.why_not,
        "status": verdict.status.value,
        "eligibility": verdict.eligibility.outcome.value,
        "failed": list(verdict.eligibility.failed),
        "undecided": list(verdict.eligibility.undecided),
        "newest_source": scheme.newest_source.isoformat() if scheme.newest_source else None,
        "checked_on": scheme.checked_on.isoformat() if scheme.checked_on else None,
        "sources": [{"title": source.title, "href": source.href, "dated": source.dated} for source in scheme.sources],
    }
