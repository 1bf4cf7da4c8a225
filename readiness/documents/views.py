"""What the page, the PDF and the workbook draw from: plain values in one language, nothing left to decide."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.documents.charts import Chart


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where something was read; the title stays in its own language."""

    title: str
    tag: str
    href: str | None
    dated: str
    #: Press, vendors, copies: not the official page or release.
    unofficial: bool = False


@dataclass(frozen=True, slots=True)
class FactView:
    """A dated value of a scheme, ready to print."""

    label: str
    value: str
    #: From when it holds, as far as that is known.
    since: str
    source: SourceView


@dataclass(frozen=True, slots=True)
class RuleView:
    """A condition, what it says of this company (meets, fails, unknown, or show for what we cannot check)."""

    text: str
    outcome: str
    source: SourceView | None


@dataclass(frozen=True, slots=True)
class LineView:
    """A sentence, with its source where it has one."""

    text: str
    source: SourceView | None


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A scheme as a company sees it on a day."""

    id: str
    name: str
    short_name: str | None
    #: The official name in another language, its tag, and a note, where this language has none.
    other_name: str | None
    other_tag: str | None
    kind: str
    provider: str
    summary: str
    status: str
    status_code: str
    status_source: SourceView | None
    recommended: bool
    #: Why it is not recommended, in words.
    why_not: str | None
    eligibility: str
    freshness: str
    facts: tuple[FactView, ...]
    rules: tuple[RuleView, ...]
    prepare: tuple[LineView, ...]
    lead_time: LineView | None
    before_spending: str
    cautions: tuple[LineView, ...]
    where: str
    href: str | None
    contact: str | None


@dataclass(frozen=True, slots=True)
class SupportView:
    """What a scheme would pay of an action, if approved, with its arithmetic."""

    scheme: str
    pays: str
    arithmetic: str
    rule: str


@dataclass(frozen=True, slots=True)
class ActionView:
    """A chosen action."""

    number: int
    id: str
    title: str
    why: str
    dimension: str
    from_level: int
    to_level: int
    phase: str
    starts: str
    ends: str
    weeks: str
    role: str
    person_days: str
    own_time: str
    outside: str
    #: What the company pays without support, and if the support is approved.
    pays: str
    company_pays: str
    basis: str
    support: SupportView | None
    apply_first: str | None
    first_step: str
    then: str
    done_when: str
    needs: tuple[str, ...]
    schemes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """A phase of the roadmap."""

    name: str
    actions: tuple[ActionView, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """What the company said on one question, and what a consultant made of it."""

    text: str
    #: Such as "checked by a consultant", or ""; always "" beside an answer that a consultant did not confirm.
    graded: str = ""
    #: Which level a consultant counts instead, and why, or "".
    counted: str = ""


@dataclass(frozen=True, slots=True)
class DimensionView:
    """A dimension's level and what was answered."""

    id: str
    name: str
    pillar: str
    level: str
    #: One for each question.
    statements: tuple[StatementView, ...]
    evidence: str | None
    weakest: bool


@dataclass(frozen=True, slots=True)
class CheckedView:
    """How much of the score is evidenced, and both scores where a consultant held levels back."""

    #: Such as "Checked by a consultant: 5/12 of the score (41 %)."; a line for each grade that there is.
    shares: tuple[str, ...]
    #: By the answers, and with the levels that the consultant counts lower; "" where no level is held back.
    both_scores: str


@dataclass(frozen=True, slots=True)
class SignatureView:
    """A name under a plan."""

    #: For whom it stands, in words.
    side: str
    name: str
    role: str
    when: str
    digest: str
    #: Whether what was signed is still what stands there.
    holds: bool


@dataclass(frozen=True, slots=True)
class PillarView:
    """A pillar's mean."""

    name: str
    mean: str


@dataclass(frozen=True, slots=True)
class NewsView:
    """What has changed of a scheme since the plan that recommends it was made."""

    id: str
    name: str
    #: Each with where it was read.
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class BandView:
    """A band and its range of scores."""

    id: str
    name: str
    span: str
    interpretation: str
    characteristics: str
    recommendation: str
    reached: bool


@dataclass(frozen=True, slots=True)
class ResultView:
    """What the answers came to."""

    company: str
    date: str
    headline: str
    #: None without a band; then ``missing`` says what to answer.
    band: BandView | None
    #: The band, or the two that it lies between while answers are not known; with the score where it is sure.
    band_line: str
    bands: tuple[BandView, ...]
    score: str | None
    mean: str | None
    #: The mean with four decimals, and dots where there are more.
    mean_decimal: str | None
    sum_of_levels: str | None
    scored: int
    of: int
    coverage: str
    missing: tuple[str, ...]
    not_sure: tuple[str, ...]
    not_applicable: tuple[str, ...]
    weakest: tuple[str, ...]
    spread: str | None
    how_sure: tuple[str, ...]
    gates: tuple[str, ...]
    dimensions: tuple[DimensionView, ...]
    pillars: tuple[PillarView, ...]
    gauge: Chart | None
    bars: Chart
    radar: Chart
    rubric: str
    digest: str
    method: tuple[str, ...]
    sources: tuple[SourceView, ...]
    disclaimers: tuple[str, ...]
    #: None where no consultant graded an answer or held a level back.
    checked: CheckedView | None = None


@dataclass(frozen=True, slots=True)
class MoneyView:
    """The plan's money in all."""

    person_days: str
    own_time: str
    day_rate: str
    day_rate_basis: str
    outside: str
    support: str
    company_pays: str
    supported: bool


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A finished result in the order of time."""

    revision: int
    day: str
    #: What it was: the first one, one made again, or a correction.
    occasion: str
    corrected: bool
    #: "" without a band.
    score: str
    band: str
    rubric: str
    #: What the company's own answers come to where a consultant held levels back, in a sentence, or "".
    own: str
    #: What the answers before it give under its version of the rubric, in a sentence; "" where it is the same one.
    bridged: str


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """The level of an area in the first and the newest result: "–" where it is not answered, "" where not asked."""

    name: str
    then: str
    #: What the first answers give under the newest version, where that is another one; else None.
    between: str | None
    now: str
    #: Who changed it, in words; "" where nothing did.
    why: str


@dataclass(frozen=True, slots=True)
class TrendView:
    """How a company's results went on: at least two, of which none is a correction."""

    #: None where fewer than two have a score.
    chart: Chart | None
    #: Whether results close together are drawn further apart than they were.
    spaced: bool
    rows: tuple[TrendRow, ...]
    then: str
    now: str
    then_rubric: str
    now_rubric: str
    areas: tuple[ThenAndNow, ...]
    #: What the company and the check changed, and what the rubric changed by itself; None where that is not known, or
    #: nothing.
    by_you: str | None
    #: Whose doing the former is, such as "What you changed".
    whose: str
    #: That a part of the difference is the consultant's check, or "".
    warning: str
    by_the_rubric: str | None
    #: Whether nothing says which questions of the two versions match.
    apart: bool


@dataclass(frozen=True, slots=True)
class PlanView:
    """A whole plan in one language."""

    result: ResultView
    made_on: str
    made_on_iso: str
    target: str
    find_out: tuple[str, ...]
    actions: tuple[ActionView, ...]
    phases: tuple[PhaseView, ...]
    money: MoneyView
    #: Recommended and, as far as could be checked, met.
    fitting: tuple[SchemeView, ...]
    #: Recommended, but one more fact decides.
    undecided: tuple[SchemeView, ...]
    guidance: tuple[SchemeView, ...]
    closed_or_coming: tuple[SchemeView, ...]
    not_for_you: tuple[SchemeView, ...]
    #: At most five sheets are printed in full.
    sheets: tuple[SchemeView, ...]
    #: Recommended schemes without a sheet: a line each.
    further: tuple[SchemeView, ...]
    freshness: str
    third_parties: str
    #: Profile keys that would decide schemes, and how many schemes.
    deciding_keys: tuple[str, ...]
    deciding_schemes: int
    #: Profile keys that were answered on the result page and can be corrected there.
    known_keys: tuple[str, ...]
    review_on: str
    catalogue_digest: str
    signatures: tuple[SignatureView, ...] = ()
    #: How the results went on up to this plan, from the second assessment on.
    trend: TrendView | None = None
    #: On which areas the people in the guided session were far apart, in a sentence, or "".
    far_apart: str = ""
