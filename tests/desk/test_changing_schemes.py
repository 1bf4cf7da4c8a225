"""A maintainer changes a fact, a status, a text: what holds from which day, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.facts import SchemeEnded
from readiness.core.planning import Plan, make_plan
from readiness.core.profile import Profile
from readiness.core.schemes import Status
from readiness.library.catalogues import CatalogueVersion
from readiness.models import CatalogueChange
from readiness.services import schemes_desk
from readiness.services.accounts import Actor, Capability, NotAllowed
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.schemes_desk import ChangeRefused, SchemeChanged
from readiness.services.site_catalogue import SchemeUnknown, current_catalogue, head
from readiness.services.versions import current_rubric, rubric_of
from tests.desk.conftest import SOURCE
from tests.web.conftest import LEVELS


def catalogue() -> CatalogueVersion:
    db.session.rollback()
    return current_catalogue(db.session)


def number() -> int:
    db.session.rollback()
    return head(db.session).number


def plan_on(day: date) -> Plan:
    """Return the plan that a company with unremarkable answers gets on a day."""
    version = rubric_of(current_rubric(db.session))
    return make_plan(version.rubric, dict(LEVELS), version.actions, catalogue().catalogue, Profile(), day)


def recommended(plan: Plan) -> set[str]:
    return {verdict.scheme.id for verdict in plan.verdicts if verdict.recommended}


def test_a_fact_changed_now_holds_from_today_and_the_old_value_stays(editor: Actor) -> None:
    before = catalogue().catalogue.schemes["nittp"].facts["cap"]

    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    scheme = catalogue().catalogue.schemes["nittp"]
    assert scheme.facts["cap"].on(today()).value == 300000
    assert scheme.facts["cap"].on(today() - timedelta(days=1)).value == 250000
    assert scheme.facts["cap"].values[1:] == before.values
    assert scheme.checked_on == today()
    assert scheme.facts["cap"].on(today()).source.href == SOURCE.href


def test_a_change_from_next_month_takes_effect_on_its_day(editor: Actor) -> None:
    day = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
    before = plan_on(day)

    schemes_desk.change_fact(editor, "nittp", "subsidy_rate", "1/4", since=day, source=SOURCE)

    eve, after = plan_on(day - timedelta(days=1)), plan_on(day)
    assert shares_of(eve, "nittp") == shares_of(before, "nittp") == {"1/2"}
    assert shares_of(after, "nittp") == {"1/4"}


def shares_of(plan: Plan, scheme: str) -> set[str]:
    supports: list[Any] = [step.cost.support for step in plan.steps]
    return {str(each.share) for each in supports if getattr(each, "scheme", None) == scheme}


def test_a_closed_scheme_leaves_every_recommendation_from_its_day(editor: Actor) -> None:
    day = today() + timedelta(days=40)

    schemes_desk.close(editor, "nittp", on=day, source=SOURCE)

    scheme = catalogue().catalogue.schemes["nittp"]
    assert "nittp" in recommended(plan_on(day - timedelta(days=1)))
    assert "nittp" not in recommended(plan_on(day))
    assert (scheme.status_on(day - timedelta(days=1)), scheme.status_on(day)) == (Status.OPEN, Status.CLOSED)
    with pytest.raises(SchemeEnded):
        scheme.facts["cap"].on(day)


def test_a_scheme_that_closed_can_open_again(editor: Actor) -> None:
    schemes_desk.close(editor, "nittp", on=today() - timedelta(days=3), source=SOURCE)

    schemes_desk.change_status(editor, "nittp", "open", since=today(), source=SOURCE)

    scheme = catalogue().catalogue.schemes["nittp"]
    assert scheme.status_on(today()) is Status.OPEN
    assert scheme.status_on(today() - timedelta(days=1)) is Status.CLOSED


def test_a_value_of_which_only_a_day_in_force_is_known_leaves_the_time_before_uncertain(editor: Actor) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, known_in_force_by=today(), source=SOURCE)

    scheme = catalogue().catalogue.schemes["nittp"]
    assert scheme.facts["cap"].on(today()).value == 300000
    with pytest.raises(LookupError, match="changed from 250000 to 300000"):
        scheme.facts["cap"].on(today() - timedelta(days=1))


def test_an_announced_value_is_never_in_force(editor: Actor) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 900000, announced=today(), source=SOURCE)

    cap = catalogue().catalogue.schemes["nittp"].facts["cap"]
    assert cap.on(today() + timedelta(days=3650)).value == 250000
    assert [value.value for value in cap.coming] == [900000]


def test_a_second_value_of_the_same_day_corrects_the_first(editor: Actor) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 30000, since=today(), source=SOURCE)

    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE, reason="A zero was missing.")

    assert [each.value for each in catalogue().catalogue.schemes["nittp"].facts["cap"].values] == [
        300000,
        250000,
        500000,
    ]
    with db.engine.connect() as connection:
        newest = connection.execute(
            sa.select(CatalogueChange.differences, CatalogueChange.reason, CatalogueChange.account_id).order_by(
                CatalogueChange.number.desc()
            )
        ).first()
    assert newest is not None
    assert newest.differences[0]["before"] == 30000
    assert newest.differences[0]["after"] == 300000
    assert (newest.reason, newest.account_id) == ("A zero was missing.", editor.id)


def test_a_check_is_noted_with_its_day_and_nothing_else_changes(editor: Actor) -> None:
    before = catalogue().document["schemes"]["erb"]

    schemes_desk.confirm_checked(editor, "erb")

    assert catalogue().document["schemes"]["erb"] == {**before, "checked_on": today().isoformat()}


def test_what_changes_nothing_is_not_recorded(editor: Actor) -> None:
    first = schemes_desk.confirm_checked(editor, "erb")

    assert schemes_desk.confirm_checked(editor, "erb") == first == number()


def test_texts_are_rewritten_in_three_languages(editor: Actor) -> None:
    summary = {"en": "Pays <script>alert(1)</script> half.", "zh-Hant": "資助一半。", "zh-Hans": "资助一半。"}

    schemes_desk.edit_texts(editor, "nittp", {"summary": summary})

    assert catalogue().document["schemes"]["nittp"]["summary"] == summary


def test_how_a_scheme_pays_can_be_changed(editor: Actor) -> None:
    schemes_desk.change_money(editor, "nittp", None)

    assert shares_of(plan_on(today()), "nittp") == set()


NEXT_YEAR = date(2027, 12, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda by: schemes_desk.change_fact(by, "nittp", "cap", -1, since=today(), source=SOURCE), "whole number"),
        (lambda by: schemes_desk.change_fact(by, "nittp", "cap", "1/2", since=today(), source=SOURCE), "whole number"),
        (
            lambda by: schemes_desk.change_fact(by, "nittp", "subsidy_rate", "3/2", since=today(), source=SOURCE),
            "no share",
        ),
        (lambda by: schemes_desk.change_fact(by, "nittp", "colour", 1, since=today(), source=SOURCE), "no such fact"),
        (lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, source=SOURCE), "takes one of"),
        (
            lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, since=today(), announced=today(), source=SOURCE),
            "takes one of",
        ),
        (
            lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, known_in_force_by=NEXT_YEAR, source=SOURCE),
            "lies ahead",
        ),
        (lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, since=date(1, 1, 1), source=SOURCE), "is no day"),
        (
            lambda by: schemes_desk.change_fact(
                by, "nittp", "cap", 1, since=today(), source=source_with(dated="2027-12")
            ),
            "ahead",
        ),
        (
            lambda by: schemes_desk.change_fact(
                by, "nittp", "cap", 1, since=today(), source=source_with(href="javascript:alert(1)")
            ),
            "href",
        ),
        (
            lambda by: schemes_desk.change_fact(
                by, "nittp", "cap", 1, since=today(), source=source_with(href="http://169.254.169.254/latest/meta-data")
            ),
            "no public host",
        ),
        (
            lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, since=today(), source=source_with(dated=None)),
            "undated",
        ),
        (
            lambda by: schemes_desk.change_fact(by, "nittp", "cap", 1, since=today(), source=source_with(id="nowhere")),
            "no source",
        ),
        (lambda by: schemes_desk.change_status(by, "nittp", "half-open", since=today(), source=SOURCE), "statuses"),
        (
            lambda by: schemes_desk.edit_texts(by, "nittp", {"summary": {"en": "x", "zh-Hant": "", "zh-Hans": "x"}}),
            "summary",
        ),
        (
            lambda by: schemes_desk.edit_texts(
                by, "nittp", {"summary": {"en": "a\u202eb", "zh-Hant": "x", "zh-Hans": "x"}}
            ),
            "cannot be seen",
        ),
        (
            lambda by: schemes_desk.edit_texts(by, "nittp", {"id": {"en": "x", "zh-Hant": "x", "zh-Hans": "x"}}),
            "no such text",
        ),
        (
            lambda by: schemes_desk.change_money(
                by, "nittp", {"share": "gone", "cap": None, "per": None, "pays_for": []}
            ),
            "gone",
        ),
        (lambda by: schemes_desk.change_offer_and_money(by, "nittp", "push", None), "offer"),
        (lambda by: schemes_desk.confirm_checked(by, "erb", reason="x" * 501), "500"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_place_and_nothing_changes(
    editor: Actor, change: Callable[[Actor], object], said: str
) -> None:
    before = number()

    with pytest.raises(ChangeRefused) as refused:
        change(editor)

    assert said in str(refused.value)
    assert number() == before


def source_with(**changed: Any) -> Any:
    from dataclasses import replace

    return replace(SOURCE, **changed)


@pytest.mark.parametrize("scheme", ["nowhere", "support", ""])
def test_a_scheme_that_is_not_there_is_refused(editor: Actor, scheme: str) -> None:
    with pytest.raises(SchemeUnknown):
        schemes_desk.confirm_checked(editor, scheme)


def test_who_may_not_change_schemes_changes_nothing(account: Callable[..., Actor]) -> None:
    other = account(*(each for each in Capability if each is not Capability.EDIT_SCHEMES))
    before = number()

    for act in (
        lambda: schemes_desk.confirm_checked(other, "erb"),
        lambda: schemes_desk.close(other, "erb", on=today(), source=SOURCE),
        lambda: schemes_desk.settle(other, "erb", take_shipped=True),
    ):
        with pytest.raises(NotAllowed):
            act()

    assert number() == before


def test_of_two_editors_the_second_sees_both_values_and_can_go_on(editor: Actor, account: Callable[..., Actor]) -> None:
    other = account(Capability.EDIT_SCHEMES)
    seen = number()
    schemes_desk.change_fact(other, "nittp", "cap", 300000, since=today(), source=SOURCE, seen=seen)

    with pytest.raises(SchemeChanged) as changed:
        schemes_desk.change_fact(editor, "nittp", "cap", 400000, since=today(), source=SOURCE, seen=seen)

    assert 300000 in [
        each.after["value"]
        for each in changed.value.meanwhile
        if isinstance(each.after, dict) and "value" in each.after
    ]
    assert catalogue().catalogue.schemes["nittp"].facts["cap"].on(today()).value == 300000
    schemes_desk.change_fact(editor, "nittp", "cap", 400000, since=today(), source=SOURCE, seen=changed.value.number)
    assert catalogue().catalogue.schemes["nittp"].facts["cap"].on(today()).value == 400000


def test_two_editors_of_different_schemes_do_not_meet(editor: Actor) -> None:
    seen = number()
    schemes_desk.confirm_checked(editor, "erb", seen=seen)

    schemes_desk.confirm_checked(editor, "nittp", seen=seen)

    schemes = catalogue().catalogue.schemes
    assert (schemes["erb"].checked_on, schemes["nittp"].checked_on) == (today(), today())


def test_many_changes_at_once_all_happen_one_after_the_other(site: Flask, editor: Actor) -> None:
    schemes = ["erb", "nittp", "bud-fund", "sfgs"]
    before = number()

    def confirm(scheme: str) -> int:
        with site.app_context():
            return schemes_desk.confirm_checked(editor, scheme)

    with ThreadPoolExecutor(4) as pool:
        made = sorted(pool.map(confirm, schemes))

    assert made == [before + step for step in (1, 2, 3, 4)]
    assert all(catalogue().catalogue.schemes[id].checked_on == today() for id in schemes)


def test_the_history_cannot_be_rewritten(editor: Actor) -> None:
    schemes_desk.confirm_checked(editor, "erb", reason="Looked.")

    for statement in (
        "UPDATE catalogue_change SET reason = 'Nothing happened'",
        "UPDATE catalogue_change SET digest = parent_digest WHERE parent_digest IS NOT NULL",
        "DELETE FROM catalogue_change",
        "INSERT INTO catalogue_change (number, digest, parent_digest, kind, differences, reason, made_at) "
        "SELECT number, digest, parent_digest, kind, differences, '', made_at FROM catalogue_change",
    ):
        with pytest.raises(sa.exc.DatabaseError), db.engine.begin() as connection:
            connection.execute(sa.text(statement))


def test_an_account_can_be_deleted_and_its_changes_stay(editor: Actor) -> None:
    made = schemes_desk.confirm_checked(editor, "erb")

    with db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM account"))
        left = connection.execute(sa.select(CatalogueChange.account_id).where(CatalogueChange.number == made)).all()

    assert [tuple(row) for row in left] == [(None,)]
