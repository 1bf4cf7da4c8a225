"""Plans know which schemes they recommend, and their pages say what has become of those since."""

from __future__ import annotations

import re
from datetime import timedelta

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.models import PlanScheme, StoredPlan
from readiness.services import schemes_desk
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.planning import today
from tests.desk.conftest import SOURCE
from tests.web.conftest import Owner

NOTICE = 'class="news"'


@pytest.fixture
def finished(site: Flask, owner: Owner) -> Owner:
    """Return an owner whose plan recommends NITTP."""
    owner.start(name="Harbour Foods").answer_all().submit()
    assert 'id="scheme-nittp"' in owner.text
    return owner


def plans() -> list[StoredPlan]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(StoredPlan).order_by(StoredPlan.number)).all())


def test_a_plan_notes_exactly_the_schemes_that_it_recommends(site: Flask, finished: Owner) -> None:
    (plan,) = plans()
    noted = set(db.session.scalars(sa.select(PlanScheme.scheme_id).where(PlanScheme.plan_id == plan.id)))

    recommended = set(re.findall(r'"id": "([a-z0-9-]+)",\s+"kind": "[a-z_]+",\s+"recommended": true', plan.document))
    assert noted == recommended != set()


def test_without_news_there_is_no_notice(finished: Owner) -> None:
    assert NOTICE not in finished.text


def test_what_concerns_no_recommended_scheme_is_no_news(editor: Actor, finished: Owner) -> None:
    (plan,) = plans()
    other = "tvp"
    assert f'"{other}"' in plan.document
    schemes_desk.edit_texts(editor, other, {"summary": dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "Another.")})
    schemes_desk.confirm_checked(editor, "nittp")

    finished.get("/result")

    assert NOTICE not in finished.text


@pytest.mark.parametrize("language", list(Language))
def test_a_scheme_that_closed_is_named_above_the_schemes(editor: Actor, finished: Owner, language: Language) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    finished.get(f"/result?lang={language.value}")

    notice = finished.text.split(NOTICE)[1].split("</form>")[0]
    assert finished.text.index('id="schemes"') < finished.text.index(NOTICE) < finished.text.index('id="scheme-nittp"')
    assert SOURCE.title in notice
    assert "NITTP" in notice
    assert str(today().year) in notice


def test_a_changed_amount_is_named_with_both_values(editor: Actor, finished: Owner) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    finished.get("/result")

    notice = finished.text.split(NOTICE)[1].split("</form>")[0]
    assert "was HK$250,000, is now HK$300,000" in notice


def test_a_change_that_lies_ahead_is_no_news_yet(editor: Actor, finished: Owner) -> None:
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today() + timedelta(days=1), source=SOURCE)
    schemes_desk.close(editor, "erb", on=today() + timedelta(days=1), source=SOURCE)

    finished.get("/result")

    assert NOTICE not in finished.text


def test_a_plan_names_the_rate_that_is_coming_beside_the_one_in_force(editor: Actor, owner: Owner) -> None:
    coming = today() + timedelta(days=8)
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=coming, source=SOURCE)
    owner.start(name="Harbour Foods").answer_all().submit()
    day = f"{coming.day} {coming:%B %Y}"

    for page in ("/result", "/schemes/nittp"):
        owner.get(page)
        text = " ".join(lxml.html.fromstring(owner.text).text_content().split())
        assert "HK$250,000" in text, page
        assert f"HK$300,000 (from {day})" in text, page


def test_a_worse_status_is_news_and_a_better_one_is_not(editor: Actor, finished: Owner) -> None:
    schemes_desk.change_status(editor, "nittp", "unknown", since=today(), source=SOURCE)
    schemes_desk.change_status(editor, "erb", "open", since=today(), source=SOURCE)

    finished.get("/result")

    notice = finished.text.split(NOTICE)[1].split("</form>")[0]
    assert "We do not know whether it is open" in notice
    assert notice.count("<strong>") == 1


def test_the_scheme_page_says_it_too_and_shows_the_plan_day_below(editor: Actor, finished: Owner) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    finished.get("/schemes/nittp")
    assert NOTICE in finished.text
    assert "Open ·" in finished.text

    finished.get("/schemes/erb")
    assert NOTICE not in finished.text


def test_the_plan_stays_and_can_be_made_anew(editor: Actor, finished: Owner) -> None:
    (before,) = [(plan.document, plan.catalogue_digest) for plan in plans()]
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    finished.get("/result")

    response = finished.post(f"/assessments/{finished.token}/plan")

    first, second = plans()
    assert response.status_code == 302
    assert (first.document, first.catalogue_digest) == before
    assert second.catalogue_digest != first.catalogue_digest
    finished.get("/result")
    assert NOTICE not in finished.text
    assert 'id="scheme-nittp"' not in finished.text


def test_a_plan_made_anew_twice_is_one_more(editor: Actor, finished: Owner) -> None:
    finished.post(f"/assessments/{finished.token}/plan")
    assert len(plans()) == 1
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    for _ in range(2):
        finished.post(f"/assessments/{finished.token}/plan")

    assert len(plans()) == 2


def test_whoever_may_only_read_sees_the_news_and_changes_nothing(editor: Actor, finished: Owner, app: Flask) -> None:
    token = finished.give("read")
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    reader = Owner(app.test_client())
    reader.token = token
    csrf = finished.token_of_the_form

    reader.get("/result")

    assert NOTICE in reader.text
    assert '/plan"' not in reader.text.replace("plan.pdf", "")
    assert finished.client.post(f"/assessments/{token}/plan", data={"csrf_token": csrf}).status_code == 403
    assert len(plans()) == 1


def test_a_script_in_a_text_is_text_on_the_owners_pages(editor: Actor, finished: Owner) -> None:
    attack = dict.fromkeys(("en", "zh-Hant", "zh-Hans"), "<script>alert(1)</script>")
    schemes_desk.edit_texts(editor, "nittp", {"summary": attack, "facts.cap.label": attack})
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    finished.get("/result")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;: was HK$250,000" in finished.text
    finished.post(f"/assessments/{finished.token}/plan")
    finished.get("/schemes/nittp")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in finished.text
    assert "<script>alert" not in finished.text


def test_everything_deleted_takes_the_schemes_of_its_plans_along(site: Flask, finished: Owner) -> None:
    finished.get("/delete")

    finished.post(f"/assessments/{finished.token}/delete")

    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PlanScheme)) == 0
