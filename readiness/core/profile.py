"""The company's profile: what is asked about it, each answer optional. Absent means unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from unicodedata import category

from readiness.core.wording import shown, shown_key

SECTORS = (
    "manufacturing",
    "electricity_gas",
    "water_waste",
    "construction",
    "trade_retail",
    "logistics",
    "accommodation_tourism",
    "food_beverage",
    "telecom_it",
    "finance_insurance",
    "real_estate",
    "professional_services",
    "administrative_services",
    "public_administration",
    "education",
    "medical_health",
    "care_social",
    "government",
    "arts_culture",
    "other",
)

#: Head-counts in Hong Kong: fewest and most people of each range (None: no upper end).
EMPLOYEES: dict[str, tuple[int, int | None]] = {
    "1-5": (1, 5),
    "6-9": (6, 9),
    "10-19": (10, 19),
    "20-49": (20, 49),
    "50-99": (50, 99),
    "100-199": (100, 199),
    "200-499": (200, 499),
    "500+": (500, None),
}

MARKETS = ("hong_kong", "mainland", "overseas")

AI_USES = (
    "research_development",
    "operations",
    "marketing",
    "customer_service",
    "communications",
    "administration",
    "human_resources",
    "finance",
    "legal",
    "other",
    "none",
)

#: Invested in AI so far, in HKD.
INVESTMENT = (
    "below_100k",
    "100k-300k",
    "300k-500k",
    "500k-1m",
    "1m-2m",
    "2m-5m",
    "5m-10m",
    "10m-50m",
    "50m-100m",
    "100m+",
    "unclear",
)

DIFFICULTIES = (
    "data_quality",
    "data_privacy",
    "choosing_solutions",
    "analysing_results",
    "computing",
    "moving_to_production",
    "regulation",
    "ethics",
    "funds",
    "specialists",
    "other",
)

FUNDING_EXPERIENCE = ("granted", "pending", "refused", "know_how_to_apply", "know_of_funds", "none")

LONGEST_NAME = 120
MOST_YEARS = 300


@dataclass(frozen=True, slots=True)
class Profile:
    """A company. Every field is None until it is known."""

    name: str | None = None
    sector: str | None = None
    #: A key of :data:`EMPLOYEES`.
    employees: str | None = None
    #: On a stock exchange.
    listed: bool | None = None
    #: Under the Business Registration Ordinance (Cap. 310).
    business_registration: bool | None = None
    #: In Hong Kong under the Companies Ordinance (Cap. 622).
    incorporated: bool | None = None
    #: By the Government.
    subvented: bool | None = None
    #: In Hong Kong.
    production_line: bool | None = None
    #: Whole years in operation.
    years: int | None = None
    markets: tuple[str, ...] | None = None
    #: Does its own research and development in Hong Kong.
    own_rd: bool | None = None
    ai_uses: tuple[str, ...] | None = None
    investment: str | None = None
    difficulties: tuple[str, ...] | None = None
    funding_experience: str | None = None


class ProfileError(ValueError):
    """Something about the company cannot be read."""

    def __init__(self, key: str, problem: str, allowed: str) -> None:
        super().__init__(f"company.{shown_key(key)}: {problem}; allowed: {allowed}")
        #: The key that cannot be read.
        self.key = key
        #: What it would take, in words.
        self.allowed = allowed


_CHOICES: dict[str, tuple[str, ...]] = {
    "sector": SECTORS,
    "employees": tuple(EMPLOYEES),
    "investment": INVESTMENT,
    "funding_experience": FUNDING_EXPERIENCE,
}
_LISTS = {"markets": MARKETS, "ai_uses": AI_USES, "difficulties": DIFFICULTIES}
_FLAGS = ("listed", "business_registration", "incorporated", "subvented", "production_line", "own_rd")

KEYS = tuple(field.name for field in fields(Profile))


def read(company: Mapping[str, Any]) -> tuple[Profile, list[ProfileError]]:
    """Return the profile that *company* describes, and what in it cannot be read."""
    found: dict[str, Any] = {}
    problems = []
    for key, value in company.items():
        try:
            found[key] = _value(key, value)
        except ProfileError as error:
            problems.append(error)
    return (Profile(**found) if not problems else Profile()), problems


def clean_name(name: str) -> str | None:
    """Return a pasted name without invisible characters and double spaces, or None if nothing is left."""
    visible = "".join(
        " " if letter.isspace() else letter for letter in name if letter.isspace() or category(letter)[0] != "C"
    )
    return " ".join(visible.split()) or None


def plain(profile: Profile) -> dict[str, Any]:
    """Return the known part of *profile* as the plain values that :func:`read` takes."""
    known = {key: getattr(profile, key) for key in KEYS}
    return {key: list(v) if isinstance(v, tuple) else v for key, v in known.items() if v is not None}


def _value(key: str, value: Any) -> Any:
    if key in _CHOICES:
        if isinstance(value, str) and value in _CHOICES[key]:
            return value
        raise ProfileError(key, f"{shown(value)} is not one of them", ", ".join(_CHOICES[key]))
    if key in _FLAGS:
        if isinstance(value, bool):
            return value
        raise ProfileError(key, f"{shown(value)} is neither", "true, false")
    if key in _LISTS:
        return _list(key, value)
    if key == "years":
        if type(value) is int and 0 <= value <= MOST_YEARS:
            return value
        raise ProfileError(key, f"{shown(value)} is not one", f"a whole number from 0 to {MOST_YEARS}")
    if key == "name":
        if isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_NAME and value.isprintable():
            return value.strip()
        raise ProfileError(key, f"{shown(value)} is not one", f"one line of at most {LONGEST_NAME} characters")
    raise ProfileError(key, "there is no such key", ", ".join(KEYS))


def _list(key: str, value: Any) -> tuple[str, ...]:
    options = _LISTS[key]
    right = isinstance(value, list | tuple) and all(isinstance(each, str) and each in options for each in value)
    if right and len(set(value)) == len(value):
        return tuple(value)
    raise ProfileError(key, f"{shown(value)} is not a list of them", "a list of " + ", ".join(options))
