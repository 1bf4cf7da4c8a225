"""The form of the files of a rubric version, as data that can be checked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from readiness.core.rubric import Kind
from readiness.core.schemes import SUPPORT_KINDS
from readiness.library.languages import Form, Text

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
VersionId = Annotated[str, StringConstraints(pattern=r"^\d{4}\.\d{1,3}(\.\d{1,3})?$")]
#: Exact numbers are written as quoted decimals.
QuotedDecimal = Annotated[str, StringConstraints(pattern=r"^\d{1,6}(\.\d{1,6})?$")]


def _no_script(href: str) -> str:
    if not href.startswith(("https://", "http://")):
        raise ValueError("must start with https:// or http://")
    return href


Href = Annotated[str, AfterValidator(_no_script)]


class ReferenceForm(Form):
    """Where something was read."""

    #: In the source's own language.
    title: Text
    #: The language of the title.
    lang: Literal["en", "zh-Hant", "zh-Hans"]
    #: The address, or null if it has none.
    href: Href | None


class PillarForm(Form):
    id: Id
    name: Text


class DimensionForm(Form):
    id: Id
    #: The id of its pillar.
    pillar: Id
    #: Its share in the mean, relative to the others': a decimal in quotes.
    weight: QuotedDecimal = "1"
    name: Text
    definition: Text


class LevelForm(Form):
    #: What can be observed and counted at this level.
    text: Text
    #: What would show it.
    evidence: Text


class OptionForm(Form):
    id: Id
    text: Text


def _by_number(levels: dict[str, LevelForm]) -> dict[str, LevelForm]:
    """Return levels that stand in the order of a stored document, 10 before 2, by number; others as they stand."""
    if list(levels) == sorted(levels) and all(level.isascii() and level.isdecimal() for level in levels):
        return {level: levels[level] for level in sorted(levels, key=int)}
    return levels


class QuestionForm(Form):
    #: For ever: never renamed, never used again for something else.
    id: Id
    #: Only level questions are scored.
    kind: Kind = Field(strict=False)
    #: Of a level question: the dimension that it scores.
    dimension: Id | None = None
    #: Relative to the other questions of the same dimension: a decimal in quotes.
    weight: QuotedDecimal = "1"
    text: Text
    #: Why it is asked.
    why: Text
    #: A company, and what it would answer.
    example: Text
    #: When to choose "not applicable"; null where it is not offered.
    not_applicable: Text | None = None
    #: Of a level question: every level of the scale, from the lowest.
    levels: Annotated[dict[str, LevelForm], AfterValidator(_by_number)] = Field(default_factory=dict)
    #: Of single, multiple and matrix: at least two.
    options: list[OptionForm] = Field(default_factory=list)
    #: Of a matrix: what is rated.
    rows: list[OptionForm] = Field(default_factory=list)
    #: Of multiple: whether "other, please say" is offered.
    other: bool = False
    #: A condition on earlier answers: all, any, not, or question with equals, includes or at_least.
    show_when: dict[str, Any] | None = None
    references: list[ReferenceForm] = Field(default_factory=list)


class BandForm(Form):
    id: Id
    #: The lowest rounded score in the band; null for the lowest band.
    floor: QuotedDecimal | None
    name: Text
    #: What the band means.
    interpretation: Text
    #: What companies in it are like.
    characteristics: Text
    #: What they should do.
    recommendation: Text


class GateForm(Form):
    id: Id
    #: The dimension that is looked at.
    dimension: Id
    #: The level below which the gate holds.
    needs: int
    #: The highest band while it holds.
    limit: Id
    #: Shown beside the band.
    explanation: Text


class ScaleForm(Form):
    lowest: int = Field(ge=0)
    highest: int = Field(le=10)


class ScoringForm(Form):
    method: Literal["weighted_mean"]
    scale: ScaleForm
    rounding: Literal["half_up"]
    #: Of the rounded score, which is compared with the floors of the bands.
    decimals: int = Field(ge=0, le=3)
    #: The share of dimensions that must be scored for a band: a decimal in quotes.
    minimum_coverage: QuotedDecimal
    #: The level that "not sure" counts as.
    not_sure: int


class DayRateForm(Form):
    #: What a person-day is taken to cost.
    hkd: int = Field(gt=0)
    #: Where the figure comes from.
    basis: Text


class PlanningForm(Form):
    day_rate: DayRateForm


class RubricForm(Form):
    """``rubric.yaml``: structure, policy and the English texts."""

    format: Literal[1]
    #: The number of the version, in quotes, such as "2026.2"; the folder is called the same.
    id: VersionId
    title: Text
    licence: Text
    #: What the version rests on.
    sources: list[ReferenceForm]
    #: What is adopted and what is ours, for the method page.
    method: list[Text]
    #: How to choose among the levels, and what the words mean: shown beside every question.
    guide: list[Text]
    scoring: ScoringForm
    planning: PlanningForm
    pillars: list[PillarForm]
    dimensions: list[DimensionForm]
    questions: list[QuestionForm]
    bands: list[BandForm]
    gates: list[GateForm] = Field(default_factory=list)


class SpendForm(Form):
    #: Outside spending in HKD: lowest, then highest estimate.
    hkd: list[Annotated[int, Field(ge=0)]] = Field(min_length=2, max_length=2)
    #: What the money buys; none goes with [0, 0].
    buys: Literal["none", "training", "software", "equipment", "consultancy", "compute", "staff"] = Field(alias="for")
    #: The source, or that it is our estimate.
    basis: Text


class ActionForm(Form):
    id: Id
    #: The dimension that it raises.
    dimension: Id
    #: The level before.
    from_level: int = Field(alias="from")
    #: The level after: one more.
    to_level: int = Field(alias="to")
    title: Text
    #: Costs nothing and can be done this week.
    first_step: Text
    then: Text
    #: Who does it.
    role: Text
    #: The company's own working days.
    person_days: int = Field(ge=1, le=60)
    #: From start to done.
    weeks: int = Field(ge=1, le=52)
    spend: SpendForm
    #: What shows that it is done.
    done_when: Text
    #: Ids of actions that come before; the step below needs no mention.
    prerequisites: list[Id] = Field(default_factory=list)
    #: The kinds of support that can help.
    helps: list[Literal[SUPPORT_KINDS]]  # type: ignore[valid-type]


class ActionsForm(Form):
    """``actions.yaml``: the action library with its English texts."""

    actions: list[ActionForm]
