"""Choice, cost and support on small hand-made rubrics and schemes, where every number can be followed."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.actions import Action, ActionLibrary
from readiness.core.costs import NoSupport, Support
from readiness.core.facts import DatedValue, Fact, Source
from readiness.core.plan_records import plan_record
from readiness.core.planning import Plan, Why, make_plan
from readiness.core.profile import Profile
from readiness.core.rubric import Band, Dimension, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.schemes import Catalogue, Money, Offer, Scheme, Status

TODAY = date(2026, 11, 22)
SINCE = date(2026, 1, 1)
SOURCE = Source("gazette", "Gazette", "en", "https://example.org/gazette", "2026-01-01", None, "primary")
BAND_FLOORS = (("low", None), ("middle", "2.5"), ("high", "4"))


def rubric_of(*dimensions: str, scale: tuple[int, int] = (1, 5)) -> Rubric:
    return Rubric(
        id="small",
        pillars=(Pillar("all"),),
        dimensions=tuple(Dimension(id, "all") for id in dimensions),
        questions=tuple(Question(id, Kind.LEVEL, id) for id in dimensions),
        bands=tuple(Band(id, None if start is None else Fraction(start)) for id, start in BAND_FLOORS),
        gates=(),
        scoring=Scoring(scale[0], scale[1], 1, Fraction(1, 2), scale[0]),
    )


def actions_of(
    rubric: Rubric,
    *,
    spend: tuple[int, int] = (0, 0),
    needs: dict[str, tuple[str, ...]] | None = None,
    weeks: int = 2,
) -> ActionLibrary:
    """Return one training action for each step; ``a_1_2`` raises a from 1 to 2."""
    return ActionLibrary(
        [
            Action(
                id=(id := f"{dimension.id}_{level}_{level + 1}"),
                dimension=dimension.id,
                from_level=level,
                to_level=level + 1,
                person_days=2,
                weeks=weeks,
                spend=spend,
                spend_for="training" if spend[1] else "none",
                prerequisites=(needs or {}).get(id, ()),
                helps=("skills_and_training", "funding_and_financing"),
            )
            for dimension in rubric.dimensions
            for level in range(rubric.scoring.lowest, rubric.scoring.highest)
        ],
        day_rate=1000,
    )


def scheme_of(
    id: str,
    *,
    share: str = "1/2",
    cap: int | None = 10_000,
    form: str = "subsidy",
    kind: str = "skills_and_training",
    source: Source = SOURCE,
    lead_weeks: int | None = None,
    pays_for: tuple[str, ...] = ("training",),
    status: Status = Status.OPEN,
) -> Scheme:
    facts = {"share": Fact("share", "share", (DatedValue(share, source, since=SINCE),))}
    if cap is not None:
        facts["cap"] = Fact("cap", "HKD", (DatedValue(cap, source, since=SINCE),))
    return Scheme(
        id=id,
        kind=kind,
        form=form,
        offer=Offer.RECOMMEND,
        helps=("a", "b", "c"),
        statuses=(DatedValue(status, source, since=SINCE),),
        facts=facts,
        rules=(),
        sources=(source,),
        lead_weeks=lead_weeks,
        money=Money("share", "cap" if cap is not None else None, "financial_year", pays_for),
    )


def catalogue_of(*schemes: Scheme) -> Catalogue:
    kinds: dict[str, tuple[str, ...]] = {}
    for scheme in schemes:
        kinds[scheme.kind] = (*kinds.get(scheme.kind, ()), scheme.id)
    return Catalogue("small", {s.id: s for s in schemes}, {band: kinds for band, _ in BAND_FLOORS})


def plan_for(
    levels: dict[str, int], library: ActionLibrary, catalogue: Catalogue, scale: tuple[int, int] = (1, 5)
) -> Plan:
    return make_plan(rubric_of("a", "b", "c", scale=scale), levels, library, catalogue, Profile(), TODAY)


def supports(plan: Plan) -> list[Support]:
    return [step.cost.support for step in plan.steps if isinstance(step.cost.support, Support)]


ABC = rubric_of("a", "b", "c")


# Costs


def test_own_time_is_person_days_times_the_day_rate() -> None:
    plan = plan_for({"a": 4, "b": 4, "c": 4}, actions_of(ABC, spend=(1000, 3000)), catalogue_of())

    record = plan_record(plan)

    assert {action["cost"]["own_time"] for action in record["actions"]} == {2000}
    assert record["totals"]["own_time"] == 2000 * len(plan.steps)
    assert {tuple(action["cost"]["company_pays"]) for action in record["actions"]} == {(1000, 3000)}


def test_a_scheme_pays_its_share_in_whole_dollars_rounded_down() -> None:
    catalogue = catalogue_of(scheme_of("grant", share="2/3", cap=None))

    plan = plan_for({"a": 4, "b": 5, "c": 5}, actions_of(ABC, spend=(100, 500)), catalogue)

    (support,) = supports(plan)
    assert support.pays == (66, 333)  # 2/3 of 100 = 66.67, of 500 = 333.33
    assert plan.steps[0].cost.company_pays == (34, 167)


def test_a_cap_is_used_up_by_one_action_after_another() -> None:
    catalogue = catalogue_of(scheme_of("grant", share="1/2", cap=5000))

    plan = plan_for({"a": 3, "b": 3, "c": 4}, actions_of(ABC, spend=(0, 8000)), catalogue)

    # Half of 8,000 is 4,000; then 1,000 of the 5,000 is left; then nothing.
    assert [(support.cap_left, support.pays) for support in supports(plan)] == [(5000, (0, 4000)), (1000, (0, 1000))]
    assert plan_record(plan)["totals"]["support"] == [0, 5000]


def test_a_cap_is_not_used_twice_by_an_action_and_what_it_needs() -> None:
    # All three are chosen together, and the scheme would pay 4,000 of each.
    library = actions_of(ABC, spend=(0, 8000), needs={"c_1_2": ("a_2_3", "b_2_3")})
    catalogue = catalogue_of(scheme_of("grant", share="1/2", cap=5000))

    plan = plan_for({"a": 2, "b": 2, "c": 1}, library, catalogue)

    assert [step.action.id for step in plan.steps] == ["a_2_3", "b_2_3", "c_1_2"]
    assert sum(support.pays[1] for support in supports(plan)) <= 5000


@settings(deadline=None, derandomize=True, max_examples=40)
@given(
    levels=st.fixed_dictionaries({"a": st.integers(1, 5), "b": st.integers(1, 5), "c": st.integers(1, 5)}),
    cap=st.integers(0, 20_000),
    share=st.sampled_from(["1/3", "1/2", "2/3", "1"]),
    spend=st.tuples(st.integers(0, 3000), st.integers(3000, 9000)),
)
def test_the_sum_that_a_scheme_pays_never_exceeds_its_cap(
    levels: dict[str, int], cap: int, share: str, spend: tuple[int, int]
) -> None:
    catalogue = catalogue_of(scheme_of("grant", share=share, cap=cap), scheme_of("other", share="1/4", cap=cap // 2))

    plan = plan_for(levels, actions_of(ABC, spend=spend), catalogue)

    for id, limit in (("grant", cap), ("other", cap // 2)):
        assert sum(support.pays[1] for support in supports(plan) if support.scheme == id) <= limit


def test_two_schemes_are_not_added_up_over_one_spending() -> None:
    catalogue = catalogue_of(scheme_of("half", share="1/2"), scheme_of("two_thirds", share="2/3"))

    plan = plan_for({"a": 4, "b": 5, "c": 5}, actions_of(ABC, spend=(3000, 6000)), catalogue)

    (support,) = supports(plan)
    assert (support.scheme, support.pays) == ("two_thirds", (2000, 4000))
    assert plan.steps[0].cost.company_pays == (1000, 2000)
    # Both are named; the one that is reckoned with comes first.
    assert plan.steps[0].schemes == ("two_thirds", "half")


@pytest.mark.parametrize("form", ["loan_guarantee", "equity"])
def test_a_loan_a_guarantee_or_equity_is_never_counted_as_money(form: str) -> None:
    catalogue = catalogue_of(scheme_of("lender", form=form, kind="funding_and_financing"))

    plan = plan_for({"a": 4, "b": 5, "c": 5}, actions_of(ABC, spend=(1000, 3000)), catalogue)

    assert plan.steps[0].schemes == ("lender",)
    assert plan.steps[0].cost.support == NoSupport()
    assert plan_record(plan)["totals"]["company_pays"] == [1000, 3000]


@pytest.mark.parametrize(
    "source",
    [
        Source("page", "Page", "en", "https://example.org", None, "archived copy, date unknown", "primary"),
        Source("paper", "Paper", "en", None, "2026-01-01", None, "secondary"),
    ],
    ids=["undated", "without_an_address"],
)
def test_a_value_without_a_date_or_an_address_is_never_used_for_money(source: Source) -> None:
    plan = plan_for(
        {"a": 4, "b": 5, "c": 5}, actions_of(ABC, spend=(1000, 3000)), catalogue_of(scheme_of("grant", source=source))
    )

    assert plan.steps[0].schemes == ("grant",)
    assert supports(plan) == []


@pytest.mark.parametrize("pays_for", [("software",), ("consultancy", "equipment")])
def test_a_scheme_pays_only_for_its_kinds_of_spending(pays_for: tuple[str, ...]) -> None:
    plan = plan_for(
        {"a": 4, "b": 5, "c": 5},
        actions_of(ABC, spend=(1000, 3000)),
        catalogue_of(scheme_of("grant", pays_for=pays_for)),
    )

    assert supports(plan) == []


@pytest.mark.parametrize("status", [Status.CLOSED, Status.ANNOUNCED, Status.UNKNOWN, Status.NOT_FOR_COMPANIES], ids=str)
def test_a_scheme_that_cannot_be_used_pays_nothing_and_is_not_recommended(status: Status) -> None:
    plan = plan_for(
        {"a": 4, "b": 5, "c": 5}, actions_of(ABC, spend=(1000, 3000)), catalogue_of(scheme_of("grant", status=status))
    )

    assert supports(plan) == []
    assert [verdict.why_not for verdict in plan.verdicts] == [f"status:{status.value}"]


@pytest.mark.parametrize("lead_weeks", [1, 5, 12, 26])
def test_a_paid_action_starts_after_the_lead_time_and_an_unpaid_one_need_not(lead_weeks: int) -> None:
    library = actions_of(ABC, spend=(1000, 3000))
    levels = {"a": 4, "b": 5, "c": 5}

    paid = plan_for(levels, library, catalogue_of(scheme_of("grant", lead_weeks=lead_weeks)))
    unpaid = plan_for(levels, library, catalogue_of(scheme_of("grant", lead_weeks=lead_weeks, cap=0)))

    assert paid.steps[0].starts_on == TODAY + timedelta(weeks=lead_weeks)
    assert unpaid.steps[0].starts_on == TODAY


# Prerequisites


def test_what_an_action_needs_comes_right_before_it_and_names_it() -> None:
    library = actions_of(ABC, needs={"c_1_2": ("b_3_4",)})

    plan = plan_for({"a": 2, "b": 3, "c": 1}, library, catalogue_of())

    assert [(step.action.id, step.why, step.needed_by) for step in plan.steps[:2]] == [
        ("b_3_4", Why.PREREQUISITE, "c_1_2"),
        ("c_1_2", Why.WEAKEST, None),
    ]
    assert plan.steps[1].starts_on >= plan.steps[0].ends_on


def test_what_a_prerequisite_needs_comes_before_that() -> None:
    library = actions_of(ABC, needs={"c_1_2": ("b_3_4",), "b_3_4": ("a_2_3",)})

    plan = plan_for({"a": 2, "b": 3, "c": 1}, library, catalogue_of())

    assert [step.action.id for step in plan.steps] == ["a_2_3", "b_3_4", "c_1_2"]
    assert [step.needed_by for step in plan.steps] == ["b_3_4", "c_1_2", None]


def test_a_prerequisite_two_levels_up_brings_both_steps() -> None:
    library = actions_of(ABC, needs={"c_1_2": ("b_3_4",)})

    plan = plan_for({"a": 5, "b": 2, "c": 1}, library, catalogue_of())

    assert [step.action.id for step in plan.steps[:3]] == ["b_2_3", "b_3_4", "c_1_2"]
    assert [step.needed_by for step in plan.steps[:3]] == ["c_1_2", "c_1_2", None]


def test_an_action_whose_prerequisite_is_out_of_reach_is_passed_over() -> None:
    # b would have to rise by three levels, and a dimension rises by two at most.
    library = actions_of(ABC, needs={"c_1_2": ("b_4_5",)})

    plan = plan_for({"a": 3, "b": 2, "c": 1}, library, catalogue_of())

    assert "c_1_2" not in {step.action.id for step in plan.steps}
    assert plan.steps[0].action.id == "b_2_3"


def test_a_prerequisite_that_is_reached_already_is_not_done_again() -> None:
    library = actions_of(ABC, needs={"c_1_2": ("b_1_2",)})

    plan = plan_for({"a": 4, "b": 2, "c": 1}, library, catalogue_of())

    assert plan.steps[0].action.id == "c_1_2"


def test_a_prerequisite_comes_first_on_a_scale_from_0_too() -> None:
    rubric = rubric_of("a", "b", "c", scale=(0, 4))
    library = actions_of(rubric, needs={"a_0_1": ("b_0_1",)})

    plan = plan_for({"a": 0, "b": 0, "c": 4}, library, catalogue_of(), scale=(0, 4))

    ids = [step.action.id for step in plan.steps]
    assert ids.index("b_0_1") < ids.index("a_0_1")


# Time


def test_an_action_that_would_end_after_a_year_is_not_planned() -> None:
    plan = plan_for({"a": 1, "b": 5, "c": 5}, actions_of(ABC, weeks=30), catalogue_of())

    assert [step.action.id for step in plan.steps] == ["a_1_2"]
    # (2 + 5 + 5) / 3 = 4.0 is High, so one action is enough.
    assert plan.target is not None
    assert plan.target.reached


def test_a_target_that_a_year_does_not_suffice_for_is_not_called_reached() -> None:
    plan = plan_for({"a": 1, "b": 1, "c": 1}, actions_of(ABC, weeks=30), catalogue_of())

    assert [step.action.id for step in plan.steps] == ["a_1_2", "b_1_2", "c_1_2"]
    assert plan_record(plan)["target"] == {"band": "middle", "reached": False, "score_after": plan.target.score_after}
    assert str(plan.target.score_after) == "2.0"
