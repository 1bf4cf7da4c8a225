"""The form of a scheme file and of the support matrix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from readiness.core.languages import Language
from readiness.core.schemes import SUPPORT_KINDS
from readiness.library.languages import Form, Text, Translated
from readiness.library.rubric_files import Href, Id


def _real_day(text: str) -> str:
    """Return *text* if the calendar has it; a month counts as its first day, a year as its first month."""
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        raise ValueError('the calendar has no such day: write one such as "2026-01-31"') from None
    return text


def _kind_of_value(value: object) -> str | None:
    """Return which member of the union of values *value* is meant to be."""
    if isinstance(value, Mapping | Translated):
        return "texts"
    if isinstance(value, str):
        return "text"
    return "number" if type(value) is int else None


SchemeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_real_day)]
#: A day, or only a month or a year where the source gives no more.
PartialDay = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_real_day)]
Unit = Literal["share", "HKD", "HKD_per_month", "weeks", "months", "years", "days", "persons", "count", "text"]


class NameForm(Form):
    """A scheme's name in one language; null where no official one was found."""

    text: Text | None
    basis: Literal["sourced", "converted", "secondary", "none"]


class NamesForm(Form):
    en: NameForm
    zh_hant: NameForm = Field(alias="zh-Hant")
    zh_hans: NameForm = Field(alias="zh-Hans")

    def in_(self, language: Language) -> NameForm:
        """Return the name in *language*."""
        return {Language.EN: self.en, Language.ZH_HANT: self.zh_hant, Language.ZH_HANS: self.zh_hans}[language]


class SourceForm(Form):
    title: Text
    lang: Literal["en", "zh-Hant", "zh-Hans"]
    href: Href | None
    no_href: Text | None = None
    dated: PartialDay | None
    undated: Text | None = None
    evidence: Literal["primary", "secondary"]


class DatedForm(Form):
    since: Day | None = None
    known_in_force_by: Day | None = None
    announced: Day | None = None
    last_seen: Day | None = None
    undated: Translated | None = None
    source: Id


class ValueForm(DatedForm):
    value: Annotated[
        Annotated[str, Tag("text")] | Annotated[int, Tag("number")] | Annotated[Translated, Tag("texts")],
        Discriminator(_kind_of_value),
    ]


class StatusForm(DatedForm):
    code: Literal["open", "open_unconfirmed", "announced", "closed", "unknown", "not_for_companies", "current_guidance"]
    source: Id | None = None  # type: ignore[assignment]
    note: Translated | None = None


class EndedForm(Form):
    on: Day | None = None
    known_by: Day | None = None
    source: Id


class FactForm(Form):
    label: Translated
    unit: Unit
    values: list[ValueForm] = Field(min_length=1)


class RuleForm(Form):
    id: Id
    test: dict[str, Any]
    text: Translated
    source: Id


class LineForm(Form):
    text: Translated
    source: Id | None = None


class LeadTimeForm(Form):
    weeks: int = Field(ge=1, le=104)
    text: Translated
    source: Id


class BeforeSpendingForm(Form):
    value: Literal["yes", "no", "unknown"]
    source: Id | None


class WhereForm(Form):
    href: Href | None
    contact: Text | None
    text: Translated


class MoneyForm(Form):
    share: Id
    cap: Id | None
    per: Literal["financial_year", "project", "enterprise"] | None
    pays_for: list[Literal["training", "software", "equipment", "consultancy", "compute", "staff"]]


class ConfidenceForm(Form):
    value: Literal["high", "medium", "low"]
    note: Translated | None = None


class SchemeForm(Form):
    """One scheme: dated facts, eligibility, sources, in three languages."""

    id: SchemeId
    kind: Literal[SUPPORT_KINDS]  # type: ignore[valid-type]
    form: Literal[
        "subsidy",
        "rebate",
        "loan_guarantee",
        "equity",
        "service",
        "course",
        "guidance",
        "visa",
        "compute_discount",
        "allowance",
    ]
    short_name: Text | None
    offer: Literal["recommend", "mention", "record"]
    names: NamesForm
    description: Translated
    provider: Translated
    summary: Translated
    helps: list[Id]
    statuses: list[StatusForm]
    ended: EndedForm | None = None
    facts: dict[Id, FactForm] = Field(default_factory=dict)
    eligibility: list[RuleForm] = Field(default_factory=list)
    to_show: list[LineForm] = Field(default_factory=list)
    prepare: list[LineForm] = Field(default_factory=list)
    lead_time: LeadTimeForm | None = None
    apply_before_spending: BeforeSpendingForm
    cautions: list[LineForm] = Field(default_factory=list)
    where: WhereForm
    money: MoneyForm | None = None
    checked_on: Day | None
    confidence: ConfidenceForm
    sources: dict[Id, SourceForm]
    newest_source: Day | None

    def name(self, language: Language) -> str:
        """Return the name, or our description where this language has no official one."""
        return self.names.in_(language).text or self.description.in_(language)

    def other_name(self, language: Language) -> tuple[Language, str] | None:
        """Return the official name in another language, where *language* has none."""
        if self.names.in_(language).text is not None:
            return None
        order = sorted(Language, key=lambda other: (other is Language.EN) == (language is Language.EN))
        return next(((each, name) for each in order if (name := self.names.in_(each).text)), None)


class SupportForm(Form):
    """``support.yaml``: which kinds of support and which schemes belong to which band."""

    format: Literal[1]
    source: Text
    kinds: dict[Literal[SUPPORT_KINDS], Translated]  # type: ignore[valid-type]
    #: Third-party programmes (Figure 3-2): none is shipped until one is sourced.
    third_parties: Translated
    bands: dict[Id, dict[Literal[SUPPORT_KINDS], list[SchemeId]]]  # type: ignore[valid-type]
