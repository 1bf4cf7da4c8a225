"""When a scheme is recommended: exactly when the five conditions of the design hold, read here from the files anew.

The expected answers come from the raw YAML by a reading of statuses and tests written for this file, so that an error
in ``readiness.core`` cannot excuse itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from readiness.core.facts import DatedValue, FactUncertain, SchemeEnded, Source
from readiness.core.profile import EMPLOYEES, MARKETS, SECTORS, Profile
from readiness.core.schemes import Offer, Status, Verdict, judge
from readiness.library.catalogues import read_catalogue_folder

RUBRIC = Path(__file__).parents[2] / "rubric"
CATALOGUE = read_catalogue_folder(RUBRIC).catalogue
YAML_FILES = YAML(typ="safe")
RAW: dict[str, dict[str, Any]] = {
    path.stem: YAML_FILES.load(path.read_text("utf-8")) for path in sorted((RUBRIC / "schemes").glob("*.yaml"))
}
SUPPORT = YAML_FILES.load((RUBRIC / "support.yaml").read_text("utf-8"))["bands"]
BANDS = ("unaware", "aware", "ready", "competent")
RECOMMENDABLE = ("open", "open_unconfirmed", "current_guidance")
NEVER = ("closed", "announced", "unknown", "not_for_companies")
#: The dimensions of every shipped version, each once.
DIMENSIONS = tuple(
    dict.fromkeys(
        dimension["id"]
        for path in sorted((RUBRIC / "versions").glob("*/rubric.yaml"))
        for dimension in YAML_FILES.load(path.read_text("utf-8"))["dimensions"]
    )
)
ORDER_OF_REASONS = ("offer", "status", "band", "dimension", "eligibility")


# Our own reading of the files


def start_of(entry: dict[str, Any]) -> str:
    """Return the ISO day from which an entry is known to hold, or "" where it bears none. ISO days compare as text."""
    return entry.get("since") or entry.get("known_in_force_by") or ""


def newest_proof_of(entry: dict[str, Any]) -> str:
    return max(entry.get(key) or "" for key in ("since", "known_in_force_by", "last_seen"))


def status_in_file(id: str, day: str) -> str:
    """Return the status code on an ISO *day*, unknown where the file does not settle it."""
    code = code_in_force(RAW[id]["statuses"], day)
    ended = RAW[id]["ended"] or {}
    last_day_passed = (ended.get("on") or ended.get("known_by") or "9999") <= day
    return "closed" if last_day_passed and code in RECOMMENDABLE else code


def code_in_force(statuses: list[dict[str, Any]], day: str) -> str:
    in_force = [entry for entry in statuses if "announced" not in entry and start_of(entry)]
    begun = [entry for entry in in_force if start_of(entry) <= day]
    if not begun:
        undated = [entry["code"] for entry in statuses if "announced" not in entry and not start_of(entry)]
        return undated[0] if undated else "unknown"
    latest = max(begun, key=start_of)
    later = sorted((entry for entry in in_force if start_of(entry) > day), key=start_of)
    change_not_dated = bool(later) and not later[0].get("since")
    if change_not_dated and day > newest_proof_of(latest):
        return "unknown"
    return str(latest["code"])


def met(test: dict[str, Any], profile: Profile) -> bool | None:
    """Return whether a company meets an eligibility test as the file writes it; None if its profile does not tell."""
    if "not" in test:
        inner = met(test["not"], profile)
        return None if inner is None else not inner
    for word, decisive in (("all", False), ("any", True)):
        if word in test:
            each = [met(inner, profile) for inner in test[word]]
            if decisive in each:
                return decisive
            return None if None in each else not decisive
    value = getattr(profile, test["key"])
    return None if value is None else met_by(value, test)


def met_by(value: Any, test: dict[str, Any]) -> bool | None:
    ((operator, limit),) = [(key, value) for key, value in test.items() if key != "key"]
    if operator == "equals":
        return bool(value == limit)
    if operator == "in":
        return value in limit
    if operator == "includes_any":
        return bool(set(value) & set(limit))
    if test["key"] == "employees":
        fewest, _, most = value.replace("+", "-1000000").partition("-")
        below = {int(fewest) < limit, int(most) < limit}
        return None if len(below) > 1 else (True in below) == (operator == "below")
    return bool({"below": value < limit, "at_most": value <= limit, "at_least": value >= limit}[operator])


def expected_reason(id: str, band: str | None, dimensions: frozenset[str], profile: Profile, status: str) -> str | None:
    """Return the first of the five conditions that does not hold, as the design orders them."""
    scheme = RAW[id]
    if scheme["offer"] != "recommend":
        return f"offer:{scheme['offer']}"
    if status not in RECOMMENDABLE:
        return f"status:{status}"
    if id not in [each for ids in SUPPORT.get(band, {}).values() for each in ids]:
        return f"band:{band}"
    if scheme["kind"] != "advisory" and dimensions.isdisjoint(scheme["helps"]):
        return "dimension:none"
    failed = [rule["id"] for rule in scheme["eligibility"] if met(rule["test"], profile) is False]
    return f"eligibility:{failed[0]}" if failed else None


# Days, companies, dimensions


def days_in(part: Any) -> Iterator[str]:
    """Yield every day on which a file says that something began, ended or was seen."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("since", "known_in_force_by", "announced", "last_seen", "on", "known_by") and value:
                yield value
            else:
                yield from days_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from days_in(value)


def sampled_days() -> list[date]:
    """Return month starts of 2024 to 2027 and, for every change, its day and the days around it."""
    changes = {date.fromisoformat(day) for scheme in RAW.values() for day in days_in(scheme)}
    around = {day + timedelta(days=shift) for day in changes for shift in (-1, 0, 1)}
    months = {date(year, month, 1) for year in range(2024, 2028) for month in range(1, 13)}
    return sorted(months | around)


DAYS = sampled_days()
STATUSES = {(id, day): status_in_file(id, day.isoformat()) for id in RAW for day in DAYS}

unknown_or_bool = st.none() | st.booleans()
profiles = st.builds(
    Profile,
    sector=st.none() | st.sampled_from(("manufacturing", "finance_insurance", "government")) | st.sampled_from(SECTORS),
    employees=st.none() | st.sampled_from(tuple(EMPLOYEES)),
    listed=unknown_or_bool,
    business_registration=unknown_or_bool,
    incorporated=unknown_or_bool,
    subvented=unknown_or_bool,
    production_line=unknown_or_bool,
    years=st.none() | st.integers(0, 10) | st.integers(0, 300),
    markets=st.none() | st.lists(st.sampled_from(MARKETS), unique=True).map(tuple),
    own_rd=unknown_or_bool,
)
dimension_sets = st.frozensets(st.sampled_from(DIMENSIONS))

#: A company that fails no test that any scheme makes: what is unknown stays unknown.
UNKNOWN_COMPANY = Profile()


def verdict(
    id: str,
    day: date,
    band: str | None,
    dimensions: frozenset[str] = frozenset(DIMENSIONS),
    profile: Profile = UNKNOWN_COMPANY,
) -> Verdict:
    return judge(CATALOGUE.schemes[id], CATALOGUE, band=band, dimensions=dimensions, profile=profile, day=day)


# Exactly when


@pytest.mark.parametrize("band", BANDS)
@settings(deadline=None, max_examples=8, database=None, phases=[Phase.generate])  # shrinking would take minutes
@given(profile=profiles, dimensions=dimension_sets)
def test_on_every_day_a_scheme_is_recommended_exactly_when_all_five_conditions_hold(
    band: str, profile: Profile, dimensions: frozenset[str]
) -> None:
    for id in RAW:
        reasons = {status: expected_reason(id, band, dimensions, profile, status) for status in Status}
        for day in DAYS:
            found = verdict(id, day, band, dimensions, profile)
            expected = reasons[Status(STATUSES[id, day])]

            assert (found.recommended, found.why_not) == (expected is None, expected), (id, day)


@pytest.mark.parametrize("band", [*BANDS, None])
@settings(deadline=None, max_examples=150, database=None)
@given(profile=profiles, dimensions=dimension_sets, day=st.sampled_from(DAYS))
def test_for_every_company_a_scheme_is_recommended_exactly_when_all_five_conditions_hold(
    band: str | None, profile: Profile, dimensions: frozenset[str], day: date
) -> None:
    for id in RAW:
        found = verdict(id, day, band, dimensions, profile)
        expected = expected_reason(id, band, dimensions, profile, STATUSES[id, day])

        assert (found.recommended, found.why_not) == (expected is None, expected), id


def test_the_samples_reach_every_reason_and_a_recommendation() -> None:
    """Otherwise the two tests above would compare nothing."""
    listed = Profile(listed=True, own_rd=False, years=0, subvented=True, business_registration=False)
    found = {
        (expected_reason(id, band, dimensions, listed, STATUSES[id, day]) or "recommended").partition(":")[0]
        for id in RAW
        for band in BANDS
        for day in DAYS
        for dimensions in (frozenset(), frozenset(DIMENSIONS))
    }

    assert found == {*ORDER_OF_REASONS, "recommended"}


@pytest.mark.parametrize("band", BANDS)
def test_every_band_has_something_recommended_to_a_company_of_which_nothing_is_known(band: str) -> None:
    recommended = [id for id in RAW if verdict(id, date(2026, 11, 23), band).recommended]

    assert len(recommended) >= 3


# What prevents it, and what does not


@pytest.mark.parametrize("id", RAW)
def test_unknown_eligibility_never_prevents_a_recommendation(id: str) -> None:
    reasons = {(verdict(id, day, band).why_not or "").partition(":")[0] for band in BANDS for day in DAYS}

    assert "eligibility" not in reasons


@pytest.mark.parametrize("status", list(Status))
def test_only_a_status_in_which_companies_can_use_it_lets_a_scheme_be_recommended(status: Status) -> None:
    somewhere = Source("press", "Press", "en", "https://example.org", "2026-01-01", None, "primary")
    since = DatedValue(status, somewhere, since=date(2020, 1, 1))
    scheme = replace(CATALOGUE.schemes["sme-reachout"], statuses=(since,), ended=None)

    found = judge(scheme, CATALOGUE, band="aware", dimensions=(), profile=UNKNOWN_COMPANY, day=date(2026, 11, 23))

    assert found.recommended == (status in RECOMMENDABLE)
    assert found.why_not == (f"status:{status}" if status in NEVER else None)


def test_every_status_is_either_recommendable_or_never_recommended() -> None:
    assert {*RECOMMENDABLE, *NEVER} == {status.value for status in Status}


@pytest.mark.parametrize("id", RAW)
def test_a_scheme_that_is_closed_announced_unknown_or_not_for_companies_is_never_recommended(id: str) -> None:
    days = [day for day in DAYS if STATUSES[id, day] in NEVER]

    recommended = [
        (day, band)
        for day in days
        for band in BANDS
        for helped in (frozenset(DIMENSIONS), frozenset(RAW[id]["helps"]))
        if verdict(id, day, band, helped).recommended
    ]

    assert recommended == []


def test_why_not_names_the_first_reason_when_everything_speaks_against_a_scheme() -> None:
    """Mend one thing after the other: the reasons come in the order of the design."""
    day = date(2026, 11, 23)
    somewhere = Source("press", "Press", "en", "https://example.org", "2026-01-01", None, "primary")
    closed = (DatedValue(Status.CLOSED, somewhere, since=date(2020, 1, 1)),)
    worst = replace(CATALOGUE.schemes["nifs"], offer=Offer.MENTION, statuses=closed)
    closed_one = replace(worst, offer=Offer.RECOMMEND)
    open_one = CATALOGUE.schemes["nifs"]
    failing = Profile(incorporated=False)
    helped = ("ml_infrastructure",)
    steps: list[tuple[Any, str | None, tuple[str, ...], Profile]] = [
        (worst, None, (), failing),
        (closed_one, None, (), failing),
        (open_one, "unaware", (), failing),
        (open_one, "ready", (), failing),
        (open_one, "ready", helped, failing),
        (open_one, "ready", helped, Profile(incorporated=True, production_line=True)),
    ]

    reasons = [
        judge(scheme, CATALOGUE, band=band, dimensions=dimensions, profile=profile, day=day).why_not
        for scheme, band, dimensions, profile in steps
    ]

    assert reasons == [
        "offer:mention",
        "status:closed",
        "band:unaware",
        "dimension:none",
        "eligibility:incorporated",
        None,
    ]


def test_an_advisory_scheme_needs_no_chosen_dimension_and_another_one_does() -> None:
    day = date(2026, 11, 23)

    assert verdict("sme-reachout", day, "aware", frozenset()).recommended
    assert verdict("nittp", day, "aware", frozenset()).why_not == "dimension:none"
    assert verdict("nittp", day, "aware", frozenset({"ai_literacy"})).recommended


@pytest.mark.parametrize(
    ("employees", "outcome"), [("100-199", "meets"), ("200-499", "unknown"), ("500+", "fails"), (None, "unknown")]
)
def test_a_head_count_on_both_sides_of_a_limit_leaves_eligibility_unknown(employees: str | None, outcome: str) -> None:
    found = verdict("aiss", date(2026, 11, 23), "competent", profile=Profile(years=3, employees=employees))

    assert found.eligibility.outcome == outcome
    assert found.recommended == (outcome != "fails")


def values_around(tests: Any) -> dict[str, list[Any]]:
    """Return, for every profile key that *tests* look at, unknown and all values on either side of their limits."""
    if isinstance(tests, list):
        merged: dict[str, list[Any]] = {}
        for test in tests:
            for key, values in values_around(test).items():
                merged[key] = merged.get(key, [None]) + values[1:]
        return merged
    if "key" not in tests:
        return values_around([inner for value in tests.values() for inner in ([value] if "not" in tests else value)])
    key = tests["key"]
    if key == "years":
        (limit,) = (value for name, value in tests.items() if name != "key")
        return {key: [None, limit - 1, limit, limit + 1]}
    markets = [(), *((each,) for each in MARKETS), MARKETS]
    choices: dict[str, Any] = {"employees": EMPLOYEES, "sector": SECTORS, "markets": markets}
    return {key: [None, *choices.get(key, (True, False))]}


@pytest.mark.parametrize("id", [id for id, scheme in RAW.items() if scheme["eligibility"]])
def test_eligibility_follows_its_tests_on_both_sides_of_every_limit(id: str) -> None:
    tests = [rule["test"] for rule in RAW[id]["eligibility"]]
    values = values_around(tests)
    companies = [Profile(**dict(zip(values, chosen, strict=True))) for chosen in product(*values.values())]

    for company in companies:
        answers = [met(test, company) for test in tests]
        expected = "fails" if False in answers else "unknown" if None in answers else "meets"

        assert verdict(id, date(2026, 11, 23), None, profile=company).eligibility.outcome == expected, company


def test_a_scheme_that_ended_is_closed_whatever_its_last_status_says() -> None:
    open_one = CATALOGUE.schemes["sme-reachout"]
    ended = replace(open_one, ended=date(2026, 7, 1))

    assert ended.status_on(date(2026, 6, 30)) == "open"
    assert ended.status_on(date(2026, 7, 1)) == "closed"
    assert open_one.status_on(date(2026, 7, 1)) == "open"


# Days that matter


@pytest.mark.parametrize(
    ("id", "day", "status"),
    [
        ("tvp", date(2024, 12, 31), "open"),
        ("tvp", date(2025, 1, 1), "closed"),
        ("tvp", date(2026, 11, 23), "closed"),
        ("emf", date(2025, 10, 15), "open"),
        ("emf", date(2026, 7, 1), "closed"),
        ("emf", date(2026, 7, 2), "closed"),
        ("emf", date(2027, 7, 1), "closed"),
        ("dtspp", date(2026, 11, 23), "announced"),
        ("t-box", date(2026, 11, 23), "unknown"),
        ("nittp", date(2026, 11, 23), "open"),
        ("rth", date(2026, 11, 23), "open_unconfirmed"),
        ("pcpd-genai-checklist", date(2025, 3, 30), "unknown"),
        ("pcpd-genai-checklist", date(2025, 3, 31), "current_guidance"),
    ],
)
def test_the_status_of_a_scheme_on_a_day(id: str, day: date, status: str) -> None:
    assert CATALOGUE.schemes[id].status_on(day) == status


def test_the_facts_of_a_closed_scheme_end_with_it() -> None:
    rate = CATALOGUE.schemes["tvp"].facts["subsidy_rate"]

    assert rate.on(date(2024, 12, 31)).value == "3/4"
    with pytest.raises(SchemeEnded):
        rate.on(date(2025, 1, 1))


def test_computing_power_is_recommended_to_competent_companies_only() -> None:
    recommended = [band for band in BANDS if verdict("aiss", date(2026, 11, 23), band).recommended]

    assert recommended == ["competent"]


@pytest.mark.parametrize(
    ("day", "rate", "cap"),
    [
        (date(2026, 11, 23), "1/2", 250000),
        (date(2026, 1, 9), "1/2", 250000),
        (date(2023, 10, 30), "2/3", 500000),
        (date(2020, 6, 1), "2/3", 500000),  # two dollars of subsidy for one of the company's
    ],
)
def test_the_training_subsidy_follows_the_terms_of_its_day(day: date, rate: str, cap: int) -> None:
    facts = CATALOGUE.schemes["nittp"].facts

    assert (facts["subsidy_rate"].on(day).value, facts["cap"].on(day).value) == (rate, cap)


@pytest.mark.parametrize("day", [date(2023, 10, 31), date(2025, 1, 1), date(2026, 1, 8)])
def test_between_two_proofs_the_training_subsidy_is_not_known(day: date) -> None:
    with pytest.raises(FactUncertain) as uncertain:
        CATALOGUE.schemes["nittp"].facts["cap"].on(day)

    assert (uncertain.value.older.newest_proof, uncertain.value.newer.start) == (date(2023, 10, 30), date(2026, 1, 9))


@pytest.mark.parametrize("id", RAW)
def test_a_scheme_helps_dimensions_that_a_shipped_version_has(id: str) -> None:
    assert set(RAW[id]["helps"]) <= set(DIMENSIONS)
