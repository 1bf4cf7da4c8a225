"""A plan in words and drawings, in one language: what the page, the PDF and later the workbook draw from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from readiness.core.answers import Answer
from readiness.core.evidence import Checked
from readiness.core.profile import Profile
from readiness.core.schemes import ADVISORY, GUIDANCE, Offer, Status
from readiness.core.scoring import Result
from readiness.documents.views import ActionView, MoneyView, PhaseView, PlanView, SignatureView, SupportView
from readiness.documents.words import Words
from readiness.library.catalogues import CatalogueVersion
from readiness.library.rubrics import RubricVersion
from readiness.services.agreement_lines import far_apart
from readiness.services.planning import FAR_APART
from readiness.services.result_views import result_view
from readiness.services.scheme_views import SchemeTexts, share_text

MOST_SHEETS = 5

#: What the result page asks beside the page about the company; what was answered there can be corrected there.
FACT_KEYS = (
    "listed",
    "business_registration",
    "incorporated",
    "subvented",
    "production_line",
    "years",
    "markets",
    "own_rd",
)


def plan_view(
    record: Mapping[str, Any],
    version: RubricVersion,
    result: Result,
    answers: Mapping[str, Answer],
    profile: Profile,
    catalogue: CatalogueVersion,
    words: Words,
    *,
    checked: Checked | None = None,
    signatures: tuple[SignatureView, ...] = (),
    to_consultant: bool = False,
) -> PlanView:
    """Return the plan that *record* holds, ready to draw.

    :param result: what the company's answers come to.
    :param checked: what a consultant made of the answers, with which the plan was made.
    :param to_consultant: whether a consultant reads it, whom the result does not call the company.
    """
    day = date.fromisoformat(record["today"])
    texts = version.texts[words.language]
    schemes = SchemeTexts(catalogue, profile, day, words)
    actions = tuple(
        _action(number, action, record, version, schemes, words)
        for number, action in enumerate(record["actions"], start=1)
    )
    target = record["target"]
    shown = [v for v in record["schemes"] if catalogue.catalogue.schemes[v["id"]].offer is not Offer.RECORD]
    views = {verdict["id"]: schemes.view(verdict) for verdict in shown}
    recommended = [verdict for verdict in shown if verdict["recommended"]]
    # Guidance that one more fact would rule in or out stands with the other undecided schemes.
    support = [v for v in recommended if v["kind"] != GUIDANCE or v["eligibility"] == "unknown"]
    order = _order(record, support)
    fitting = [views[v["id"]] for v in order if v["eligibility"] == "meets"]
    fitting.sort(key=lambda view: view.status_code == Status.OPEN_UNCONFIRMED)
    undecided = [views[v["id"]] for v in order if v["eligibility"] == "unknown"]
    sheets = [views[v["id"]] for v in order][:MOST_SHEETS]
    keys = _deciding(support)
    known = [key for key in FACT_KEYS if getattr(profile, key) is not None and key not in keys]
    return PlanView(
        result=result_view(
            version,
            result,
            answers,
            profile.name,
            day,
            words,
            score_after=Decimal(str(target["score_after"])) if target else None,
            checked=checked,
            to_consultant=to_consultant,
        ),
        made_on=words.day(day),
        made_on_iso=record["today"],
        target=_target(record, texts, words),
        find_out=tuple(texts[f"questions.{id}.text"] for id in record["find_out"]),
        actions=actions,
        phases=_phases(actions, words),
        money=_money(record, version, words),
        fitting=tuple(fitting),
        undecided=tuple(undecided),
        guidance=tuple(views[v["id"]] for v in recommended if v not in support),
        closed_or_coming=tuple(
            views[v["id"]]
            for v in shown
            if not v["recommended"] and v["status"] in (Status.CLOSED, Status.ANNOUNCED, Status.UNKNOWN)
        ),
        not_for_you=tuple(
            views[v["id"]]
            for v in shown
            if not v["recommended"] and v["status"] not in (Status.CLOSED, Status.ANNOUNCED, Status.UNKNOWN)
        ),
        sheets=tuple(sheets),
        further=tuple(views[v["id"]] for v in order[MOST_SHEETS:]),
        freshness=_freshness(catalogue, day, words),
        third_parties=catalogue.support.third_parties.in_(words.language),
        deciding_keys=tuple(keys),
        known_keys=tuple(known),
        deciding_schemes=sum(v["eligibility"] == "unknown" for v in support),
        review_on=words.day(record["review_on"]),
        catalogue_digest=catalogue.digest,
        signatures=signatures,
        far_apart=far_apart(record.get(FAR_APART, ()), version, words),
    )


def _order(record: Mapping[str, Any], verdicts: list[Any]) -> list[Any]:
    """Return the recommended schemes: what pays for an action first, then by how many actions they help."""
    paying = {action["cost"]["support"]["scheme"] for action in record["actions"] if action["cost"]["support"]}
    helps = [id for action in record["actions"] for id in action["schemes"]]
    return sorted(
        verdicts,
        key=lambda v: (
            v["id"] not in paying,
            v["eligibility"] != "meets",
            v["kind"] == ADVISORY,
            -helps.count(v["id"]),
        ),
    )


def _deciding(verdicts: list[Any]) -> list[str]:
    """Return the profile keys that would decide recommended schemes, those that decide most first."""
    counts: dict[str, int] = {}
    for verdict in verdicts:
        for key in verdict["undecided"]:
            counts[key] = counts.get(key, 0) + 1
    return sorted(counts, key=lambda key: -counts[key])


def _action(
    number: int,
    action: Mapping[str, Any],
    record: Mapping[str, Any],
    version: RubricVersion,
    schemes: SchemeTexts,
    words: Words,
) -> ActionView:
    texts = version.texts[words.language]
    key = f"actions.{action['id']}"
    cost = action["cost"]
    support = cost["support"]
    dimension = texts[f"dimensions.{action['dimension']}.name"]
    return ActionView(
        number=number,
        id=action["id"],
        title=texts[f"{key}.title"],
        why=_why(action, record, version, words),
        dimension=dimension,
        from_level=action["from"],
        to_level=action["to"],
        phase=action["phase"],
        starts=words.day(action["starts_on"]),
        ends=words.day(action["ends_on"]),
        weeks=words.count("%(number)s week", "%(number)s weeks", action["weeks"]),
        role=texts[f"{key}.role"],
        person_days=words.count("%(number)s working day", "%(number)s working days", cost["person_days"]),
        own_time=words.money(cost["own_time"]),
        outside=words.amount_range(cost["outside"]),
        pays=words.money_range(cost["outside"]),
        company_pays=words.money_range(cost["company_pays"]),
        basis=texts[f"{key}.basis"],
        support=_support(support, schemes, words) if support else None,
        apply_first=_apply_first(support, schemes, words) if support else None,
        first_step=texts[f"{key}.first_step"],
        then=texts[f"{key}.then"],
        done_when=texts[f"{key}.done_when"],
        needs=tuple(texts[f"actions.{id}.title"] for id in action["prerequisites"]),
        schemes=tuple(schemes.name(id) for id in action["schemes"]),
    )


def _why(action: Mapping[str, Any], record: Mapping[str, Any], version: RubricVersion, words: Words) -> str:
    texts = version.texts[words.language]
    dimension = texts[f"dimensions.{action['dimension']}.name"]
    steps = {"dimension": dimension, "from": action["from"], "to": action["to"]}
    if action["why"] == "prerequisite" and action["needed_by"]:
        needed_by = texts[f"actions.{action['needed_by']}.title"]
        return words.say("Needed first for “%(action)s”.", action=needed_by)
    asked = {question.id for question in version.rubric.questions_by_dimension[action["dimension"]]}
    if asked & set(record["find_out"]) and action["from"] == version.rubric.scoring.not_sure:
        return words.say("%(dimension)s is not known yet: counted as level %(from)s until you find out.", **steps)
    if action["why"] == "weakest":
        return words.say("%(dimension)s is among your weakest areas: from level %(from)s to %(to)s.", **steps)
    return words.say("Raises %(dimension)s from level %(from)s to %(to)s.", **steps)


def _support(support: Mapping[str, Any], schemes: SchemeTexts, words: Words) -> SupportView:
    share = share_text(Fraction(support["share"]), words)
    name = schemes.name(support["scheme"])
    pays = words.money_range(support["pays"])
    said = words.say(
        "%(scheme)s pays %(share)s of %(cost)s", scheme=name, share=share, cost=words.money_range(support["of"])
    )
    if support["cap_left"] is not None:
        said = words.say(
            "%(said)s, at most HK$%(cap)s still open under its cap: %(pays)s if approved",
            said=said,
            cap=f"{support['cap_left']:,}",
            pays=pays,
        )
    else:
        said = words.say("%(said)s: %(pays)s if approved", said=said, pays=pays)
    source = support["rule"]["source"]
    dated = words.day(source["dated"]) if source["dated"] else words.gettext("undated")
    return SupportView(name, pays, said, words.say("rule as of %(day)s", day=dated))


def _apply_first(support: Mapping[str, Any], schemes: SchemeTexts, words: Words) -> str:
    form = schemes.catalogue.forms[support["scheme"]]
    name = schemes.name(support["scheme"])
    if form.lead_time is not None:
        return words.count(
            "First apply to %(scheme)s, at least %(number)s week before.",
            "First apply to %(scheme)s, at least %(number)s weeks before.",
            form.lead_time.weeks,
            scheme=name,
        )
    return words.say("First apply to %(scheme)s.", scheme=name)


def _phases(actions: tuple[ActionView, ...], words: Words) -> tuple[PhaseView, ...]:
    _ = words.gettext
    names = {
        "30_days": _("Start within 30 days"),
        "90_days": _("Start within 90 days"),
        "12_months": _("Start within twelve months"),
    }
    return tuple(PhaseView(name, tuple(a for a in actions if a.phase == phase)) for phase, name in names.items())


def _target(record: Mapping[str, Any], texts: Mapping[str, str], words: Words) -> str:
    target = record["target"]
    if target is None:
        if not record["actions"]:
            return words.gettext("Every area is at the highest level: there is nothing to raise. Review in six months.")
        return words.gettext("You are in the highest band. These actions strengthen the weakest areas.")
    band = texts[f"bands.{target['band']}.name"]
    if target["reached"]:
        return words.say(
            "With all these actions done, the score is %(score)s: %(band)s.", score=target["score_after"], band=band
        )
    return words.say(
        "This plan holds %(number)s actions, at most three to a phase, and ends on %(day)s with a score of %(score)s. "
        "%(band)s needs more: make the next plan then.",
        number=len(record["actions"]),
        day=words.day(max(action["ends_on"] for action in record["actions"])),
        score=target["score_after"],
        band=band,
    )


def _money(record: Mapping[str, Any], version: RubricVersion, words: Words) -> MoneyView:
    totals = record["totals"]
    return MoneyView(
        person_days=words.count("%(number)s working day", "%(number)s working days", totals["person_days"]),
        own_time=words.money(totals["own_time"]),
        day_rate=words.money(record["day_rate"]),
        day_rate_basis=version.texts[words.language]["planning.day_rate.basis"],
        outside=words.amount_range(totals["outside"]),
        support=words.money_range(totals["support"]) if totals["support"][1] else words.gettext("none found"),
        company_pays=words.amount_range(totals["company_pays"]),
        supported=bool(totals["support"][1]),
    )


def _freshness(catalogue: CatalogueVersion, day: date, words: Words) -> str:
    """Return the one line that says for all schemes how fresh their records are."""
    schemes = catalogue.catalogue.schemes.values()
    unchecked = sum(scheme.checked_on is None for scheme in schemes)
    if unchecked == len(schemes):
        return words.say(
            "Each of the %(number)s scheme records names its sources, some of which bear no date; "
            "none has been compared with its live page yet. Confirm before you rely on one.",
            number=len(schemes),
        )
    return words.say(
        "Of %(number)s scheme records %(stale)s were not compared with their live page in the last 90 days. "
        "Confirm before you rely on one.",
        number=len(schemes),
        stale=sum(scheme.stale_on(day) for scheme in schemes),
    )
