"""Eligibility: three outcomes, since much about a company may be unknown."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from readiness.core.eligibility import (
    AllTests,
    AnyTest,
    Eligibility,
    KeyTest,
    NoTest,
    Outcome,
    ProfileTest,
    Rule,
    check,
    examine,
)
from readiness.core.profile import EMPLOYEES, Profile
from readiness.core.schemes import Scheme
from readiness.library.catalogues import read_catalogue_folder

RUBRIC_FOLDER = Path(__file__).parents[2] / "rubric"
SCHEMES = read_catalogue_folder(RUBRIC_FOLDER).catalogue.schemes

MEETS, FAILS, UNKNOWN = Outcome.MEETS, Outcome.FAILS, Outcome.UNKNOWN

#: A test of each outcome for :data:`COMPANY`, on keys that tell them apart.
COMPANY = Profile(incorporated=True, listed=True)
OF_OUTCOME: dict[Outcome, ProfileTest] = {
    MEETS: KeyTest("incorporated", "equals", True),
    FAILS: KeyTest("listed", "equals", False),
    UNKNOWN: KeyTest("subvented", "equals", False),
}


def strictest(outcomes: tuple[Outcome, ...]) -> Outcome:
    return FAILS if FAILS in outcomes else UNKNOWN if UNKNOWN in outcomes else MEETS


def mildest(outcomes: tuple[Outcome, ...]) -> Outcome:
    return MEETS if MEETS in outcomes else UNKNOWN if UNKNOWN in outcomes else FAILS


@pytest.mark.parametrize("outcomes", list(product(Outcome, repeat=2)), ids=str)
def test_all_fails_if_one_fails_and_any_meets_if_one_meets(outcomes: tuple[Outcome, ...]) -> None:
    tests = tuple(OF_OUTCOME[outcome] for outcome in outcomes)

    every, keys = examine(AllTests(tests), COMPANY)
    some, _ = examine(AnyTest(tests), COMPANY)

    assert every is strictest(outcomes)
    assert some is mildest(outcomes)
    assert set(keys) == ({"subvented"} if every is UNKNOWN else set())


@pytest.mark.parametrize(
    ("outcome", "turned"), [(MEETS, FAILS), (FAILS, MEETS), (UNKNOWN, UNKNOWN)], ids=["meets", "fails", "unknown"]
)
def test_not_turns_what_is_known_and_leaves_what_is_not(outcome: Outcome, turned: Outcome) -> None:
    assert examine(NoTest(OF_OUTCOME[outcome]), COMPANY)[0] is turned


def test_not_names_the_key_that_would_decide() -> None:
    assert examine(NoTest(OF_OUTCOME[UNKNOWN]), COMPANY) == (UNKNOWN, ("subvented",))


@pytest.mark.parametrize("outcomes", list(product(Outcome, repeat=3)), ids=str)
def test_rules_fail_if_one_fails_else_are_unknown_if_one_is_else_are_met(outcomes: tuple[Outcome, ...]) -> None:
    rules = tuple(Rule(f"rule{place}", OF_OUTCOME[outcome]) for place, outcome in enumerate(outcomes))

    eligibility = check(rules, COMPANY)

    assert eligibility.outcome is strictest(outcomes)
    assert eligibility.failed == tuple(rule.id for rule, o in zip(rules, outcomes, strict=True) if o is FAILS)
    # Once a rule fails, no further question would decide anything.
    assert eligibility.undecided == (("subvented",) if eligibility.outcome is UNKNOWN else ())


def test_without_rules_there_is_nothing_to_fail() -> None:
    assert check((), Profile()) == Eligibility(MEETS, (), ())


def test_the_deciding_keys_stand_once_each_in_the_order_of_the_rules() -> None:
    rules = (
        Rule("years", KeyTest("years", "at_least", 2)),
        Rule("form", AllTests((KeyTest("listed", "equals", False), KeyTest("years", "below", 9)))),
    )

    assert check(rules, Profile()).undecided == ("years", "listed")


@pytest.mark.parametrize("key", ["listed", "business_registration", "incorporated", "subvented", "production_line"])
@pytest.mark.parametrize(
    ("value", "outcome"), [(None, UNKNOWN), (True, MEETS), (False, FAILS)], ids=["absent", "yes", "no"]
)
def test_an_absent_answer_is_unknown_and_a_no_is_an_answer(key: str, value: bool | None, outcome: Outcome) -> None:
    assert examine(KeyTest(key, "equals", True), Profile(**{key: value}))[0] is outcome


@pytest.mark.parametrize(
    ("range_of_people", "limit", "below", "at_least"),
    [
        ("6-9", 5, FAILS, MEETS),
        ("6-9", 6, FAILS, MEETS),  # six are not fewer than six
        ("6-9", 7, UNKNOWN, UNKNOWN),  # six are, nine are not
        ("6-9", 9, UNKNOWN, UNKNOWN),
        ("6-9", 10, MEETS, FAILS),
        ("1-5", 1, FAILS, MEETS),
        ("1-5", 2, UNKNOWN, UNKNOWN),
        ("50-99", 50, FAILS, MEETS),
        ("20-49", 50, MEETS, FAILS),
        ("50-99", 100, MEETS, FAILS),
        ("100-199", 100, FAILS, MEETS),
        ("50-99", 80, UNKNOWN, UNKNOWN),
        ("500+", 500, FAILS, MEETS),
        ("500+", 501, UNKNOWN, UNKNOWN),  # no upper end: any number may be meant
        ("500+", 1_000_000, UNKNOWN, UNKNOWN),
        (None, 50, UNKNOWN, UNKNOWN),
    ],
)
def test_a_range_of_head_counts_on_both_sides_of_a_limit_is_unknown(
    range_of_people: str | None, limit: int, below: Outcome, at_least: Outcome
) -> None:
    company = Profile(employees=range_of_people)

    assert examine(KeyTest("employees", "below", limit), company)[0] is below
    assert examine(KeyTest("employees", "at_least", limit), company)[0] is at_least


@pytest.mark.parametrize("range_of_people", list(EMPLOYEES))
@pytest.mark.parametrize("limit", [1, 2, 6, 10, 50, 51, 100, 500, 501])
def test_a_head_count_is_judged_as_every_number_of_its_range_would_be(range_of_people: str, limit: int) -> None:
    fewest, most = EMPLOYEES[range_of_people]
    people = range(fewest, (most or 2000) + 1)

    outcome, _ = examine(KeyTest("employees", "below", limit), Profile(employees=range_of_people))

    each = {MEETS if number < limit else FAILS for number in people}
    assert outcome is (each.pop() if len(each) == 1 else UNKNOWN)


@pytest.mark.parametrize(
    ("operator", "outcomes"),
    [("below", (MEETS, FAILS, FAILS)), ("at_least", (FAILS, MEETS, MEETS)), ("at_most", (MEETS, MEETS, FAILS))],
)
def test_years_are_compared_with_a_limit_of_two(operator: str, outcomes: tuple[Outcome, ...]) -> None:
    test = KeyTest("years", operator, 2)

    assert tuple(examine(test, Profile(years=years))[0] for years in (1, 2, 3)) == outcomes
    assert examine(test, Profile())[0] is UNKNOWN


def test_a_new_company_of_0_years_is_known_to_be_new() -> None:
    assert examine(KeyTest("years", "at_least", 1), Profile(years=0))[0] is FAILS


@pytest.mark.parametrize(
    ("markets", "outcome"),
    [(None, UNKNOWN), (("hong_kong",), FAILS), (("hong_kong", "mainland"), MEETS), ((), FAILS)],
)
def test_one_of_several_markets_is_enough(markets: tuple[str, ...] | None, outcome: Outcome) -> None:
    test = KeyTest("markets", "includes_any", ("mainland", "overseas"))

    assert examine(test, Profile(markets=markets))[0] is outcome


@pytest.mark.parametrize(("sector", "outcome"), [(None, UNKNOWN), ("government", MEETS), ("education", FAILS)])
def test_a_sector_is_looked_up_in_a_list(sector: str | None, outcome: Outcome) -> None:
    assert examine(KeyTest("sector", "in", ("government",)), Profile(sector=sector))[0] is outcome


@pytest.mark.parametrize(
    ("company", "outcome", "failed", "undecided"),
    [
        (Profile(), UNKNOWN, (), ("business_registration", "subvented", "sector")),
        (Profile(business_registration=True, subvented=False, sector="trade_retail"), MEETS, (), ()),
        (Profile(business_registration=True, subvented=False), UNKNOWN, (), ("sector",)),
        (Profile(business_registration=False), FAILS, ("business_registration",), ()),
        (Profile(business_registration=True, sector="government"), FAILS, ("not_government_or_subvented",), ()),
        (Profile(business_registration=True, subvented=True), FAILS, ("not_government_or_subvented",), ()),
    ],
    ids=["unknown", "shop", "one_more_fact", "unregistered", "government", "subvented"],
)
def test_the_training_programme_tests_registration_and_who_runs_the_company(
    company: Profile, outcome: Outcome, failed: tuple[str, ...], undecided: tuple[str, ...]
) -> None:
    assert check(SCHEMES["nittp"].rules, company) == Eligibility(outcome, failed, undecided)


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_nothing_known_about_a_company_fails_no_scheme(scheme: Scheme) -> None:
    eligibility = check(scheme.rules, Profile())

    assert eligibility.outcome is (UNKNOWN if scheme.rules else MEETS)
    assert (eligibility.failed, bool(eligibility.undecided)) == ((), bool(scheme.rules))
