"""Dated facts: which value holds on a day, and what is said where that is not known."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.facts import DatedValue, Fact, FactError, FactUncertain, FactUnknown, SchemeEnded, Source
from readiness.core.schemes import Offer, Scheme, Status
from readiness.library.catalogues import read_catalogue_folder

RUBRIC_FOLDER = Path(__file__).parents[2] / "rubric"
SOURCE = Source("gazette", "Gazette", "en", "https://example.org/gazette", "2024-01-01", None, "primary")


def day(text: str) -> date:
    return date.fromisoformat(text)


def dated(value: object, **days: str) -> DatedValue:
    return DatedValue(value, SOURCE, **{key: day(text) for key, text in days.items()})


def fact(*values: DatedValue, ended: str | None = None) -> Fact:
    return Fact("cap", "HKD", values, day(ended) if ended else None)


CHANGED_ON_A_DAY = fact(dated(200, since="2024-04-01"), dated(100, since="2020-01-01"))
CHANGED_SOME_DAY = fact(
    dated(200, known_in_force_by="2026-01-09"), dated(100, since="2018-08-22", last_seen="2023-10-30")
)


@pytest.mark.parametrize(
    ("on", "value"),
    [
        ("2020-01-01", 100),
        ("2024-03-31", 100),
        ("2024-04-01", 200),
        ("2031-01-01", 200),
    ],
)
def test_a_value_holds_from_its_day_until_the_next_ones(on: str, value: int) -> None:
    assert CHANGED_ON_A_DAY.on(day(on)).value == value


@pytest.mark.parametrize("known", [CHANGED_ON_A_DAY, CHANGED_SOME_DAY])
def test_before_the_first_known_value_nothing_is_known(known: Fact) -> None:
    with pytest.raises(FactUnknown) as raised:
        known.on(day("2018-08-21"))

    assert (raised.value.fact, raised.value.day) == ("cap", day("2018-08-21"))


@pytest.mark.parametrize(
    ("on", "value"),
    [("2018-08-22", 100), ("2023-10-30", 100), ("2026-01-09", 200), ("2027-01-01", 200)],
)
def test_a_value_holds_up_to_the_day_it_was_last_seen_and_the_next_from_the_day_it_is_known(
    on: str, value: int
) -> None:
    assert CHANGED_SOME_DAY.on(day(on)).value == value


@pytest.mark.parametrize("on", ["2023-10-31", "2025-01-01", "2026-01-08"])
def test_between_two_values_whose_change_is_not_dated_both_are_named(on: str) -> None:
    with pytest.raises(FactUncertain) as raised:
        CHANGED_SOME_DAY.on(day(on))

    assert (raised.value.older.value, raised.value.newer.value) == (100, 200)
    assert raised.value.older.newest_proof == day("2023-10-30")
    assert raised.value.newer.start == day("2026-01-09")
    assert str(raised.value) == f"cap on {on}: changed from 100 to 200 between 2023-10-30 and 2026-01-09"


def test_a_value_last_seen_on_its_first_day_is_uncertain_from_the_next() -> None:
    known = fact(dated(200, known_in_force_by="2026-01-09"), dated(100, since="2018-08-22"))

    assert known.on(day("2018-08-22")).value == 100
    with pytest.raises(FactUncertain):
        known.on(day("2018-08-23"))


def test_a_value_last_seen_before_a_dated_change_holds_until_that_change() -> None:
    known = fact(dated(200, since="2024-04-01"), dated(100, since="2020-01-01", last_seen="2021-05-05"))

    assert known.on(day("2024-03-31")).value == 100


def test_only_the_change_next_to_the_day_decides_whether_it_is_uncertain() -> None:
    known = fact(
        dated(300, known_in_force_by="2026-01-09"),
        dated(200, since="2022-01-01", last_seen="2024-01-01"),
        dated(100, since="2018-01-01"),
    )

    assert known.on(day("2021-12-31")).value == 100
    assert known.on(day("2024-01-01")).value == 200
    with pytest.raises(FactUncertain) as raised:
        known.on(day("2024-01-02"))
    assert (raised.value.older.value, raised.value.newer.value) == (200, 300)


def test_the_newest_value_holds_on_though_it_was_last_seen_long_ago() -> None:
    known = fact(dated(100, since="2018-01-01", last_seen="2019-01-01"))

    assert known.on(day("2026-11-22")).value == 100


def test_a_single_value_without_a_start_is_unknown_before_the_day_it_was_first_seen() -> None:
    known = fact(dated(200, known_in_force_by="2026-01-09"))

    assert known.on(day("2026-01-09")).value == 200
    with pytest.raises(FactUnknown):
        known.on(day("2026-01-08"))


def test_an_announced_value_is_never_in_force() -> None:
    known = fact(dated(300, announced="2025-09-17"), dated(100, since="2020-01-01"))

    assert known.on(day("2035-01-01")).value == 100
    assert [value.value for value in known.coming] == [300]
    with pytest.raises(FactUnknown):
        fact(dated(300, announced="2025-09-17")).on(day("2035-01-01"))


def test_an_announced_value_hides_no_uncertainty() -> None:
    known = fact(
        dated(300, known_in_force_by="2026-01-09"),
        dated(250, announced="2025-01-01"),
        dated(100, since="2018-01-01", last_seen="2023-01-01"),
    )

    with pytest.raises(FactUncertain) as raised:
        known.on(day("2025-06-01"))

    assert (raised.value.older.value, raised.value.newer.value) == (100, 300)


def test_an_undated_value_is_shown_but_never_serves_for_money() -> None:
    undated = Source("page", "Page", "en", "https://example.org", None, "archived copy, date unknown", "primary")
    known = fact(DatedValue(5, undated))

    value = known.on(day("2026-11-22"))

    assert value.value == 5
    assert (value.start, value.serves_for_money) == (None, False)


def test_a_dated_value_goes_before_an_undated_one() -> None:
    known = fact(dated(5), dated(4, since="2020-01-01"))

    assert known.on(day("2026-11-22")).value == 4
    assert known.on(day("2019-12-31")).value == 5


@pytest.mark.parametrize(
    ("href", "source_dated", "since", "serves"),
    [
        ("https://example.org", "2026-01-10", "2026-01-09", True),
        (None, "2026-01-10", "2026-01-09", False),
        ("https://example.org", None, "2026-01-09", False),
        ("https://example.org", "2026-01-10", None, False),
    ],
)
def test_money_needs_a_date_and_a_source_that_can_be_opened(
    href: str | None, source_dated: str | None, since: str | None, serves: bool
) -> None:
    source = Source("s", "S", "en", href, source_dated, None, "primary")

    value = DatedValue(1, source, since=day(since) if since else None)

    assert value.serves_for_money is serves


def test_an_ended_scheme_has_no_values_from_its_last_day_on() -> None:
    known = fact(dated(100, since="2020-01-01"), ended="2025-01-01")

    assert known.on(day("2024-12-31")).value == 100
    for on in ("2025-01-01", "2026-11-22"):
        with pytest.raises(SchemeEnded):
            known.on(day(on))


def test_ended_and_not_known_are_different() -> None:
    known = fact(dated(100, since="2020-01-01"), ended="2025-01-01")

    with pytest.raises(FactUnknown):
        known.on(day("2019-12-31"))
    assert not issubclass(SchemeEnded, FactUnknown)
    assert not issubclass(FactUnknown, SchemeEnded)


@settings(deadline=None, derandomize=True)
@given(
    starts=st.lists(st.dates(date(2015, 1, 1), date(2027, 1, 1)), min_size=1, max_size=4, unique=True),
    on=st.dates(date(2014, 1, 1), date(2028, 1, 1)),
)
def test_with_every_change_dated_no_day_is_uncertain(starts: list[date], on: date) -> None:
    newest_first = sorted(starts, reverse=True)
    known = Fact("cap", "HKD", tuple(DatedValue(start.isoformat(), SOURCE, since=start) for start in newest_first))

    begun = [start for start in newest_first if start <= on]

    if begun:
        assert known.on(on).value == begun[0].isoformat()
    else:
        with pytest.raises(FactUnknown):
            known.on(on)


# The training programme: half since some day before 9 January 2026, two thirds until at least 30 October 2023.


@pytest.mark.parametrize(("id", "older", "newer"), [("subsidy_rate", "2/3", "1/2"), ("cap", 500_000, 250_000)])
def test_the_terms_of_nittp_changed_between_october_2023_and_january_2026(
    id: str, older: object, newer: object
) -> None:
    known = read_catalogue_folder(RUBRIC_FOLDER).catalogue.schemes["nittp"].facts[id]

    with pytest.raises(FactUncertain) as raised:
        known.on(day("2025-01-01"))

    assert (raised.value.older.value, raised.value.older.newest_proof) == (older, day("2023-10-30"))
    assert (raised.value.newer.value, raised.value.newer.start) == (newer, day("2026-01-09"))
    assert known.on(day("2023-10-30")).value == older
    assert known.on(day("2026-01-09")).value == newer
    for uncertain in ("2023-10-31", "2026-01-08"):
        with pytest.raises(FactUncertain):
            known.on(day(uncertain))
    with pytest.raises(FactUnknown):
        known.on(day("2018-08-21"))


def value_or_error(known: Fact, on: date) -> DatedValue | FactError:
    try:
        return known.on(on)
    except FactError as error:
        return error


def test_every_fact_of_the_catalogue_answers_or_says_why_not_on_any_day() -> None:
    schemes = read_catalogue_folder(RUBRIC_FOLDER).catalogue.schemes.values()
    days = [day("2010-01-01") + timedelta(days=97 * step) for step in range(70)]

    for known, on in ((known, on) for scheme in schemes for known in scheme.facts.values() for on in days):
        found = value_or_error(known, on)
        if isinstance(found, FactError):
            assert (found.fact, found.day) == (known.id, on)
        else:
            assert found.announced is None, known.id
            assert found.start is None or found.start <= on, known.id


# Status


def scheme(*statuses: DatedValue, ended: str | None = None, checked_on: str | None = None) -> Scheme:
    return Scheme(
        id="grant",
        kind="skills_and_training",
        form="subsidy",
        offer=Offer.RECOMMEND,
        helps=(),
        statuses=statuses,
        facts={},
        rules=(),
        sources=(),
        ended=day(ended) if ended else None,
        checked_on=day(checked_on) if checked_on else None,
    )


@pytest.mark.parametrize(
    ("on", "status"),
    [
        ("2017-12-31", Status.UNKNOWN),  # before any source
        ("2018-01-01", Status.OPEN),
        ("2023-01-01", Status.OPEN),
        ("2024-01-01", Status.UNKNOWN),  # it closed some day between
        ("2025-05-31", Status.CLOSED),
    ],
)
def test_a_status_holds_on_its_days_and_is_unknown_between(on: str, status: Status) -> None:
    known = scheme(
        dated(Status.CLOSED, known_in_force_by="2025-05-31"),
        dated(Status.OPEN, since="2018-01-01", last_seen="2023-01-01"),
    )

    assert known.status_on(day(on)) is status


@pytest.mark.parametrize("status", [Status.OPEN, Status.OPEN_UNCONFIRMED, Status.CURRENT_GUIDANCE], ids=str)
def test_a_scheme_that_ended_is_closed_whatever_its_last_status_says(status: Status) -> None:
    known = scheme(dated(status, since="2018-01-01"), ended="2025-01-01")

    assert known.status_on(day("2024-12-31")) is status
    assert known.status_on(day("2025-01-01")) is Status.CLOSED


@pytest.mark.parametrize(
    ("checked_on", "stale"),
    [(None, True), ("2026-11-22", False), ("2026-08-24", False), ("2026-08-23", True)],  # 90 and 91 days before
)
def test_a_record_is_stale_when_nobody_checked_it_in_the_last_90_days(checked_on: str | None, stale: bool) -> None:
    known = scheme(dated(Status.OPEN, since="2018-01-01"), checked_on=checked_on)

    assert known.stale_on(day("2026-11-22")) is stale
