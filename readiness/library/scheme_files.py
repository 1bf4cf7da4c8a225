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
    #: In the source's own language.
    title: Text
    #: The language of the title.
    lang: Literal["en", "zh-Hant", "zh-Hans"]
    #: The address, or null with the reason in no_href.
    href: Href | None
    #: Why there is no address.
    no_href: Text | None = None
    #: The day, month or year of the source, or null with the reason in undated.
    dated: PartialDay | None
    #: Why there is no date.
    undated: Text | None = None
    evidence: Literal["primary", "secondary"]


class DatedForm(Form):
    #: The first day on which it holds.
    since: Day | None = None
    #: A day on which it was seen to hold; the first one is not known.
    known_in_force_by: Day | None = None
    #: A day from which it is said to hold, not seen yet.
    announced: Day | None = None
    #: The newest day on which it was seen to hold.
    last_seen: Day | None = None
    #: Why there is no day.
    undated: Translated | None = None
    #: The id of an entry under sources.
    source: Id


class ValueForm(DatedForm):
    #: A share such as "1/2", a whole number, or a text in three languages, by the unit.
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
    #: The newest first; older ones stay.
    values: list[ValueForm] = Field(min_length=1)


class RuleForm(Form):
    id: Id
    #: On the company's profile: all, any, not, or key with equals, in, includes_any, below, at_least or at_most.
    test: dict[str, Any]
    #: The rule in words.
    text: Translated
    source: Id


class LineForm(Form):
    text: Translated
    source: Id | None = None


class LeadTimeForm(Form):
    #: From applying to the day from which money may be spent.
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
    #: The id of the fact with the share of the cost that is paid.
    share: Id
    #: The id of the fact with the most that is paid.
    cap: Id | None
    #: What the cap is counted over.
    per: Literal["financial_year", "project", "enterprise"] | None
    pays_for: list[Literal["training", "software", "equipment", "consultancy", "compute", "staff"]]


class ConfidenceForm(Form):
    value: Literal["high", "medium", "low"]
    note: Translated | None = None


class SchemeForm(Form):
    """One scheme: dated facts, eligibility, sources, in three languages."""

    #: As the file is called.
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
    #: Such as NITTP; null if it has none.
    short_name: Text | None
    #: Whether it may be recommended, only mentioned, or only kept on record.
    offer: Literal["recommend", "mention", "record"]
    names: NamesForm
    #: What it is, where a language has no official name for it.
    description: Translated
    #: Who runs it.
    provider: Translated
    #: What it does for a company, in our own words.
    summary: Translated
    #: The dimensions that it can help.
    helps: list[Id]
    #: The newest first; older ones stay.
    statuses: list[StatusForm]
    #: The day from which the scheme is no more; null while it runs.
    ended: EndedForm | None = None
    #: Dated values by id.
    facts: dict[Id, FactForm] = Field(default_factory=dict)
    #: What can be checked against the company's profile.
    eligibility: list[RuleForm] = Field(default_factory=list)
    #: What the company will be asked to show.
    to_show: list[LineForm] = Field(default_factory=list)
    #: What to get ready.
    prepare: list[LineForm] = Field(default_factory=list)
    lead_time: LeadTimeForm | None = None
    apply_before_spending: BeforeSpendingForm
    cautions: list[LineForm] = Field(default_factory=list)
    #: Where to apply.
    where: WhereForm
    money: MoneyForm | None = None
    #: The day on which a person compared the record with the live page; null: never.
    checked_on: Day | None
    confidence: ConfidenceForm
    sources: dict[Id, SourceForm]
    #: The date of the newest source.
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
    #: The names of the kinds of support.
    kinds: dict[Literal[SUPPORT_KINDS], Translated]  # type: ignore[valid-type]
    #: Third-party programmes (Figure 3-2): none is shipped until one is sourced.
    third_parties: Translated
    #: By band and kind: ids of schemes, the most fitting first.
    bands: dict[Id, dict[Literal[SUPPORT_KINDS], list[SchemeId]]]  # type: ignore[valid-type]
