"""Whether a company meets a scheme's tests: three outcomes, since much may be unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from readiness.core.profile import EMPLOYEES, Profile


class Outcome(StrEnum):
    """What a test says of a company, as far as its profile tells."""

    MEETS = "meets"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeyTest:
    """A test of one key of the profile.

    ``operator`` is equals, in, includes_any, below or at_least or at_most; head-counts are compared by their range.
    """

    key: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class AllTests:
    """Met when every test is."""

    tests: tuple[ProfileTest, ...]


@dataclass(frozen=True, slots=True)
class AnyTest:
    """Met when at least one test is."""

    tests: tuple[ProfileTest, ...]


@dataclass(frozen=True, slots=True)
class NoTest:
    """Met when the test fails."""

    test: ProfileTest


ProfileTest = KeyTest | AllTests | AnyTest | NoTest


@dataclass(frozen=True, slots=True)
class Rule:
    """One of a scheme's conditions; its words are kept with the scheme's texts."""

    id: str
    test: ProfileTest


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a scheme's rules say of a company."""

    outcome: Outcome
    #: The rules that it fails, by id.
    failed: tuple[str, ...]
    #: The profile keys that would decide, in the order of the rules.
    undecided: tuple[str, ...]


def check(rules: tuple[Rule, ...], profile: Profile) -> Eligibility:
    """Return what *rules* say of *profile*: fails if one fails, else unknown if one is, else meets."""
    failed = []
    undecided: dict[str, None] = {}
    for rule in rules:
        outcome, keys = examine(rule.test, profile)
        if outcome is Outcome.FAILS:
            failed.append(rule.id)
        elif outcome is Outcome.UNKNOWN:
            undecided.update(dict.fromkeys(keys))
    if failed:
        return Eligibility(Outcome.FAILS, tuple(failed), ())
    return Eligibility(Outcome.UNKNOWN if undecided else Outcome.MEETS, (), tuple(undecided))


def examine(test: ProfileTest, profile: Profile) -> tuple[Outcome, tuple[str, ...]]:
    """Return the outcome of one test, and the keys that would decide where it is unknown."""
    match test:
        case KeyTest(key):
            outcome = _examine_key(test, profile)
            return outcome, (key,) if outcome is Outcome.UNKNOWN else ()
        case NoTest(inner):
            outcome, keys = examine(inner, profile)
            turned = {Outcome.MEETS: Outcome.FAILS, Outcome.FAILS: Outcome.MEETS, Outcome.UNKNOWN: Outcome.UNKNOWN}
            return turned[outcome], keys
        case AllTests(tests):
            return _combined(tests, profile, decisive=Outcome.FAILS, otherwise=Outcome.MEETS)
        case AnyTest(tests):
            return _combined(tests, profile, decisive=Outcome.MEETS, otherwise=Outcome.FAILS)


def _combined(
    tests: tuple[ProfileTest, ...], profile: Profile, *, decisive: Outcome, otherwise: Outcome
) -> tuple[Outcome, tuple[str, ...]]:
    examined = [examine(test, profile) for test in tests]
    if any(outcome is decisive for outcome, _ in examined):
        return decisive, ()
    keys = tuple(key for outcome, keys in examined if outcome is Outcome.UNKNOWN for key in keys)
    return (Outcome.UNKNOWN, keys) if keys else (otherwise, ())


def _examine_key(test: KeyTest, profile: Profile) -> Outcome:
    value = getattr(profile, test.key)
    if value is None:
        return Outcome.UNKNOWN
    if test.key == "employees" and test.operator in ("below", "at_least"):
        return _examine_head_count(EMPLOYEES[value], test)
    match test.operator:
        case "in":
            met = value in test.value
        case "includes_any":
            met = any(each in test.value for each in value)
        case "below":
            met = value < test.value
        case "at_least":
            met = value >= test.value
        case "at_most":
            met = value <= test.value
        case _:
            met = value == test.value
    return Outcome.MEETS if met else Outcome.FAILS


def _examine_head_count(people: tuple[int, int | None], test: KeyTest) -> Outcome:
    """Compare a range of head-counts with a limit; a range on both sides of it leaves the test unknown."""
    fewest, most = people
    wholly_below = most is not None and most < test.value
    if wholly_below:
        return Outcome.MEETS if test.operator == "below" else Outcome.FAILS
    if fewest >= test.value:
        return Outcome.FAILS if test.operator == "below" else Outcome.MEETS
    return Outcome.UNKNOWN
