"""The words for the keys of a company's profile."""

from __future__ import annotations

from typing import Any

from readiness.documents.profile_words import sector_label as sector_label
from readiness.documents.words import Words


def market_label(id: str, words: Words) -> str:
    """Return a market in words."""
    _ = words.gettext
    return {
        "hong_kong": _("Hong Kong"),
        "mainland": _("The Mainland"),
        "overseas": _("Other places"),
    }[id]


def key_label(key: str, words: Words) -> str:
    """Return the question that asks for a key."""
    _ = words.gettext
    return {
        "sector": _("What does the company mainly do?"),
        "employees": _("How many people work for it in Hong Kong, you included?"),
        "listed": _("Is the company listed on a stock exchange?"),
        "business_registration": _("Does it hold a valid Hong Kong business registration certificate?"),
        "incorporated": _("Is it a limited company incorporated in Hong Kong?"),
        "subvented": _("Does the Government subvent it (regular public money to run it)?"),
        "production_line": _("Does it run a production line in Hong Kong?"),
        "years": _("How many whole years has it been in business?"),
        "markets": _("Where do you sell, or plan to sell with this project?"),
        "own_rd": _("Does it do its own research and development in Hong Kong?"),
    }[key]


def value_label(key: str, value: Any, words: Words) -> tuple[str, str]:
    """Return a key of the profile and what is known of it, both in words."""
    _ = words.gettext
    question = _("Name of the company (you may leave it out)") if key == "name" else key_label(key, words)
    if value is None:
        return question, _("left open")
    if isinstance(value, bool):
        return question, _("Yes") if value else _("No")
    if key == "sector":
        return question, sector_label(value, words)
    if key == "markets":
        return question, words.listed([market_label(each, words) for each in value])
    return question, str(value).replace("-", "–") if key == "employees" else str(value)


def key_hint(key: str, words: Words) -> str:
    """Return why a key is asked, or what counts."""
    _ = words.gettext
    return {
        "sector": _("Some support schemes are for certain trades only."),
        "employees": _("Some support schemes have a limit on staff."),
        "listed": _("Several schemes are for companies that are not listed."),
        "business_registration": _("Under the Business Registration Ordinance (Cap. 310). Most schemes ask for it."),
        "incorporated": _("Under the Companies Ordinance (Cap. 622). A sole proprietor or partnership is not."),
        "subvented": _("Subvented bodies are left out of several schemes."),
        "production_line": _("A line where goods are made or assembled."),
        "years": _("Some schemes have a shortest or a longest time in business."),
        "markets": _("Choose all that apply. One fund pays only for projects aimed outside Hong Kong."),
        "own_rd": _("Developing something new, not buying ready-made software."),
    }[key]
