"""What a company can say of itself on paper, in words."""

from __future__ import annotations

from readiness.documents.words import Words


def sector_label(id: str, words: Words) -> str:
    """Return a sector in words."""
    _ = words.gettext
    return {
        "manufacturing": _("Manufacturing"),
        "electricity_gas": _("Electricity and gas"),
        "water_waste": _("Water, sewage and waste"),
        "construction": _("Construction and civil engineering"),
        "trade_retail": _("Import and export, wholesale, retail"),
        "logistics": _("Logistics, transport, ports"),
        "accommodation_tourism": _("Hotels and tourism"),
        "food_beverage": _("Restaurants, food and drink"),
        "telecom_it": _("Telecoms and IT"),
        "finance_insurance": _("Finance and insurance"),
        "real_estate": _("Property"),
        "professional_services": _("Professional services (law, accounting, design)"),
        "administrative_services": _("Support services (leasing, staffing, security, cleaning)"),
        "public_administration": _("Public administration"),
        "education": _("Education and training"),
        "medical_health": _("Medical and health"),
        "care_social": _("Care, social work, non-profit"),
        "government": _("Government body"),
        "arts_culture": _("Arts, culture, creative work"),
        "other": _("Something else"),
    }[id]


def employees_label(id: str) -> str:
    """Return a head-count as it is printed, the same in every language."""
    return id.replace("-", "–")


def asked(key: str, words: Words) -> str:
    """Return the question that asks for the name, the sector or the head-count."""
    _ = words.gettext
    return {
        "name": _("Name of the company (you may leave it out)"),
        "sector": _("What does the company mainly do?"),
        "employees": _("How many people work for it in Hong Kong, you included?"),
    }[key]
