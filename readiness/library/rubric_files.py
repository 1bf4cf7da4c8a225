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

    title: Text
    lang: Literal["en", "zh-Hant", "zh-Hans"]
    href: Href | None


class PillarForm(Form):
    id: Id
    name: Text


class DimensionForm(Form):
    id: Id
    pillar: Id
    weight: QuotedDecimal = "1"
    name: Text
    definition: Text


class LevelForm(Form):
    text: Text
    evidence: Text


class OptionForm(Form):
    id: Id
    text: Text


class QuestionForm(Form):
    id: Id
    kind: Kind = Field(strict=False)
    dimension: Id | None = None
    weight: QuotedDecimal = "1"
    text: Text
    why: Text
    example: Text
    #: When to choose "not applicable"; null where it is not offered.
    not_applicable: Text | None = None
    levels: dict[str, LevelForm] = Field(default_factory=dict)
    options: list[OptionForm] = Field(default_factory=list)
    rows: list[OptionForm] = Field(default_factory=list)
    other: bool = False
    show_when: dict[str, Any] | None = None
    references: list[ReferenceForm] = Field(default_factory=list)


class BandForm(Form):
    id: Id
    #: The lowest rounded score in the band; null for the lowest band.
    floor: QuotedDecimal | None
    name: Text
    interpretation: Text
    characteristics: Text
    recommendation: Text


class GateForm(Form):
    id: Id
    dimension: Id
    needs: int
    limit: Id
    explanation: Text


class ScaleForm(Form):
    lowest: int = Field(ge=0)
    highest: int = Field(le=10)


class ScoringForm(Form):
    method: Literal["weighted_mean"]
    scale: ScaleForm
    rounding: Literal["half_up"]
    decimals: int = Field(ge=0, le=3)
    minimum_coverage: QuotedDecimal
    not_sure: int


class DayRateForm(Form):
    hkd: int = Field(gt=0)
    basis: Text


class PlanningForm(Form):
    day_rate: DayRateForm


class RubricForm(Form):
    """``rubric.yaml``: structure, policy and the English texts."""

    format: Literal[1]
    id: VersionId
    title: Text
    licence: Text
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
    hkd: list[Annotated[int, Field(ge=0)]] = Field(min_length=2, max_length=2)
    buys: Literal["none", "training", "software", "equipment", "consultancy", "compute", "staff"] = Field(alias="for")
    basis: Text


class ActionForm(Form):
    id: Id
    dimension: Id
    from_level: int = Field(alias="from")
    to_level: int = Field(alias="to")
    title: Text
    first_step: Text
    then: Text
    role: Text
    person_days: int = Field(ge=1, le=60)
    weeks: int = Field(ge=1, le=52)
    spend: SpendForm
    done_when: Text
    prerequisites: list[Id] = Field(default_factory=list)
    helps: list[Literal[SUPPORT_KINDS]]  # type: ignore[valid-type]


class ActionsForm(Form):
    """``actions.yaml``: the action library with its English texts."""

    actions: list[ActionForm]
