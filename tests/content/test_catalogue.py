"""Every scheme file on its own: it loads, it says what it stands on, and it says nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from readiness.library.catalogues import read_catalogue_folder
from readiness.library.scheme_files import SchemeForm

RUBRIC = Path(__file__).parents[2] / "rubric"
LANGUAGES = ("en", "zh-Hant", "zh-Hans")
IDS = [
    "ai-training-for-all",
    "airdi",
    "aisc",
    "aiss",
    "bud-fund",
    "casp",
    "ccmf",
    "cip",
    "cmf",
    "dpo-ethical-ai-framework",
    "dpo-genai-guideline",
    "dtspp",
    "emf",
    "erb",
    "ess",
    "gsp",
    "hkma-genai-sandbox",
    "hkpc-ai",
    "hkstp-elite",
    "hkstp-ideation",
    "hkstp-incubation",
    "hkstp-venture-fund",
    "iandt-accelerator-pilot",
    "itsp",
    "itvf",
    "manufacturing-upgrade-pilot",
    "nias",
    "nifs",
    "nittp",
    "pcpd-agentic-alert",
    "pcpd-ethical-2021",
    "pcpd-genai-checklist",
    "pcpd-model-framework",
    "psts",
    "raise-plus",
    "rd-cash-rebate",
    "rth",
    "sfgs",
    "sme-one",
    "sme-reachout",
    "stem-internship",
    "stf",
    "success-smelink",
    "t-box",
    "techtas",
    "tvp",
]
KEYS = [
    "id",
    "kind",
    "form",
    "short_name",
    "offer",
    "names",
    "description",
    "provider",
    "summary",
    "helps",
    "statuses",
    "ended",
    "facts",
    "eligibility",
    "to_show",
    "prepare",
    "lead_time",
    "apply_before_spending",
    "cautions",
    "where",
    "money",
    "checked_on",
    "confidence",
    "sources",
    "newest_source",
]

#: A digit that is no number of ours: the chapter of an ordinance.
CHAPTER = r"Cap\. ?\d+|第 ?\d+ ?章"

SCHEMES: dict[str, dict[str, Any]] = {
    path.stem: YAML(typ="safe").load(path.read_text("utf-8")) for path in sorted((RUBRIC / "schemes").glob("*.yaml"))
}
each_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def has_number(text: str) -> bool:
    """Return whether *text* states a number; the chapter of an ordinance is none."""
    return re.search(r"\d", re.sub(CHAPTER, "", text)) is not None


def translated(part: Any, key: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (key, language, text) of every text that stands in three languages in *part*."""
    if isinstance(part, dict):
        for name, value in part.items():
            text = value.get("text") if isinstance(value, dict) else value
            if name in LANGUAGES and isinstance(text, str):
                yield key, name, text
            else:
                yield from translated(value, f"{key}.{name}".lstrip("."))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from translated(value, f"{key}[{index}]")


def without_a_source(scheme: dict[str, Any]) -> list[str]:
    """Return where *scheme* states something that no source of its list stands behind."""
    unsourced = []
    for id, fact in scheme["facts"].items():
        unsourced += [f"facts.{id}" for value in fact["values"] if value.get("source") not in scheme["sources"]]
    parts = {"lead_time": [scheme["lead_time"] or {}]}
    parts |= {key: scheme[key] for key in ("eligibility", "to_show", "prepare", "cautions")}
    parts["statuses"] = [{"text": status.get("note"), **status} for status in scheme["statuses"]]
    for key, lines in parts.items():
        for line in lines:
            if line.get("source") not in scheme["sources"] and any(map(has_number, (line.get("text") or {}).values())):
                unsourced.append(key)
    return unsourced


# The catalogue


def test_the_catalogue_holds_the_46_schemes_of_the_records() -> None:
    catalogue = read_catalogue_folder(RUBRIC)

    assert len(IDS) == 46
    assert sorted(SCHEMES) == sorted(IDS)
    assert sorted(catalogue.catalogue.schemes) == sorted(IDS)


@pytest.mark.parametrize("id", ["t-box", "gsp", "casp"])
def test_a_scheme_of_which_nothing_usable_is_known_is_a_record_only(id: str) -> None:
    assert SCHEMES[id]["offer"] == "record"


# The form of a file


@each_scheme
def test_a_scheme_file_has_every_key_and_loads(scheme: dict[str, Any]) -> None:
    assert sorted(scheme) == sorted(KEYS)
    assert SchemeForm.model_validate(scheme).id == scheme["id"]


@pytest.mark.parametrize("id", SCHEMES)
def test_a_scheme_file_is_called_as_its_scheme(id: str) -> None:
    assert SCHEMES[id]["id"] == id


# Nothing without a source


@each_scheme
def test_every_number_shown_has_a_source(scheme: dict[str, Any]) -> None:
    assert without_a_source(scheme) == []


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ({"facts": {"cap": {"values": [{"value": 1, "source": "nowhere"}]}}}, "facts.cap"),
        ({"cautions": [{"text": {"en": "up to HK$5", "zh-Hant": "最多", "zh-Hans": "最多"}}]}, "cautions"),
        ({"lead_time": {"weeks": 4, "text": {"en": "four", "zh-Hant": "4 星期", "zh-Hans": "四周"}}}, "lead_time"),
        ({"statuses": [{"code": "open", "source": None, "note": {"en": "Until May 2027."}}]}, "statuses"),
        ({"prepare": [{"text": {"en": "registration (Cap. 310)", "zh-Hant": "登記（第 310 章）"}}]}, None),
    ],
)
def test_a_number_without_a_source_would_be_seen(part: dict[str, Any], where: str | None) -> None:
    empty: dict[str, Any] = {"facts": {}, "lead_time": None, "statuses": [], "sources": {"press": {}}}
    empty |= {key: [] for key in ("eligibility", "to_show", "prepare", "cautions")}

    assert without_a_source(empty | part) == ([] if where is None else [where])


@each_scheme
def test_summary_and_description_state_no_number(scheme: dict[str, Any]) -> None:
    with_number = {
        f"{key}.{language}": text
        for key in ("summary", "description")
        for language, text in scheme[key].items()
        if has_number(text)
    }

    assert with_number == {}


@each_scheme
def test_every_source_has_a_title_an_address_and_a_date_or_the_reason_why_not(scheme: dict[str, Any]) -> None:
    lacking = [
        id
        for id, source in scheme["sources"].items()
        if not (source["title"].strip() and source["lang"] in LANGUAGES)
        or not (source["href"] or source.get("no_href"))
        or not (source["dated"] or source.get("undated"))
    ]

    assert lacking == []


@each_scheme
def test_every_status_and_value_has_a_date_or_the_reason_why_not(scheme: dict[str, Any]) -> None:
    dated = [*scheme["statuses"], *(value for fact in scheme["facts"].values() for value in fact["values"])]
    bare = [
        each
        for each in dated
        if not any(each.get(key) for key in ("since", "known_in_force_by", "announced", "undated"))
    ]

    assert bare == []


@each_scheme
def test_the_newest_source_is_the_newest_of_its_sources(scheme: dict[str, Any]) -> None:
    days = [source["dated"] for source in scheme["sources"].values() if source["dated"] and len(source["dated"]) == 10]

    assert scheme["newest_source"] == max(days, default=None)


@each_scheme
def test_a_name_says_what_it_rests_on_and_no_name_is_ours(scheme: dict[str, Any]) -> None:
    assert list(scheme["names"]) == list(LANGUAGES)
    for name in scheme["names"].values():
        assert (name["text"] is None) == (name["basis"] == "none")
        assert name["basis"] in ("sourced", "converted", "secondary", "none")


@each_scheme
def test_nobody_has_compared_the_record_with_the_live_page_yet(scheme: dict[str, Any]) -> None:
    assert scheme["checked_on"] is None


# The words


@each_scheme
def test_no_text_shares_twelve_words_in_a_row_with_the_study(
    scheme: dict[str, Any], copied_runs: Callable[[str], list[str]]
) -> None:
    texts = [(key, text) for key, language, text in translated(scheme) if language == "en"]

    copied = {key: copied_runs(text) for key, text in texts if copied_runs(text)}

    assert "summary" in dict(texts)
    assert copied == {}


@each_scheme
def test_every_text_stands_in_three_languages(scheme: dict[str, Any]) -> None:
    languages: dict[str, list[str]] = {}
    for key, language, _ in translated(scheme):
        if key != "names":
            languages.setdefault(key, []).append(language)

    assert {key: found for key, found in languages.items() if sorted(found) != sorted(LANGUAGES)} == {}
    assert {"summary", "description", "provider", "where.text"} <= set(languages)


@each_scheme
def test_chinese_texts_keep_to_their_script(
    scheme: dict[str, Any], of_the_other_script: Callable[[str, str], list[str]]
) -> None:
    found = {
        f"{key} {language}": of_the_other_script(text, language)
        for key, language, text in translated(scheme)
        if language != "en" and of_the_other_script(text, language)
    }

    assert found == {}


@each_scheme
def test_chinese_texts_keep_to_the_words_of_their_place(
    scheme: dict[str, Any], words_of_the_other_place: Callable[[str, str], list[str]]
) -> None:
    found = {
        f"{key} {language}: {text}": words_of_the_other_place(text, language)
        for key, language, text in translated(scheme)
        if language != "en" and key not in ("names", "provider") and words_of_the_other_place(text, language)
    }

    assert found == {}
