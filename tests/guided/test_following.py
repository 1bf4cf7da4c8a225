"""A company follows up its plan: who, by when, how far, and what shows it; alone and with its consultant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.services import following
from readiness.services.database import db
from readiness.services.planning import today
from tests.guided.conftest import Consultant
from tests.web.conftest import LEVELS, Owner, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]
NAME = "Zenobia Quartermain"


@pytest.fixture
def finished(owner: Owner) -> Owner:
    """Return an owner whose plan was made."""
    return owner.start(name="Harbour Foods").answer_all().submit()


def actions_of(owner: Owner) -> list[str]:
    """Return the ids of the actions on the page, in its order."""
    owner.get("/actions")
    return re.findall(r'id="action-([a-z0-9_-]+)"', owner.text)


def said(**changed: object) -> dict[str, object]:
    return {"state": "open", "owner": "", "due_on": "", "note": "", "proof": "", **changed}


def follow(owner: Owner, action: str, /, **fields: object) -> Any:
    """Open an action's page and save what is given."""
    owner.get(f"/actions/{action}")
    version = re.search(r'name="version"[^>]*value="(\d+)"', owner.text)
    assert version, owner.text
    return owner.post(f"/assessments/{owner.token}/actions/{action}", **{"version": version[1], **said(), **fields})


def change(app: Flask, statement: str, **values: object) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def family(app: Flask) -> Any:
    with app.app_context():
        return db.session.scalar(sa.text("SELECT family_id FROM assessment LIMIT 1"))


def card(owner: Owner, action: str) -> str:
    """Return what stands on the page of one action."""
    owner.get("/actions")
    found = re.search(rf'<article[^>]*id="action-{action}".*?</article>', owner.text, re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def test_what_is_said_of_an_action_stands_on_the_list_and_counts_on_the_result(finished: Owner) -> None:
    first, second, *_ = actions_of(finished)

    response = follow(finished, first, state="done", owner=NAME, note="bought", proof="https://intra.example/p?a=1")
    follow(finished, second, state="doing", due_on="2027-05-31")

    assert response.status_code == 302
    shown = card(finished, first)
    assert all(each in shown for each in (NAME, "Done", "bought", "Entered by the company"))
    assert 'href="https://intra.example/p?a=1"' in finished.text
    assert "31 May 2027" in card(finished, second)
    assert re.search(r"1 of \d actions done", finished.get("/result").get_data(as_text=True))


def test_where_nobody_is_named_the_plans_role_is_suggested(finished: Owner) -> None:
    action = actions_of(finished)[0]

    before = card(finished, action)
    follow(finished, action, owner="Mei")

    role = re.search(r"not named yet; the plan suggests: (.+?) By when", before)
    assert role
    assert f"<dd>{role[1]}</dd>" in unescape(finished.get("/result").get_data(as_text=True))
    assert "suggests" not in card(finished, action)


@pytest.mark.parametrize("proof", ["javascript:alert(1)", "https://a.example/ <script>alert(1)</script>", "data:x"])
def test_a_proof_is_a_link_only_where_it_is_the_address_of_a_page(finished: Owner, proof: str) -> None:
    action = actions_of(finished)[0]

    follow(finished, action, proof=proof)

    finished.get("/actions")
    assert f'href="{proof[:8]}' not in finished.text
    assert "<script>alert" not in finished.text


def test_an_action_whose_day_is_over_is_overdue_until_it_is_done(finished: Owner, app: Flask) -> None:
    first, second, *_ = actions_of(finished)
    yesterday = (today() - timedelta(days=1)).isoformat()

    follow(finished, first, due_on=yesterday)
    follow(finished, second, due_on=today().isoformat())

    assert "overdue" in card(finished, first)
    assert "overdue" not in card(finished, second)
    assert "1 overdue" in finished.get("/result").get_data(as_text=True)
    with app.app_context():
        assert following.overdue_counts(db.session, [following_family()], today()) == {following_family(): 1}
        assert following.next_due(db.session, following_family(), today()) == today()
    follow(finished, first, due_on=yesterday, state="done")
    with app.app_context():
        assert following.overdue_counts(db.session, [following_family()], today()) == {following_family(): 0}


def following_family() -> Any:
    from readiness.models import Assessment

    return db.session.scalars(sa.select(Assessment.family_id).limit(1)).one()


def test_a_dropped_action_is_named_and_not_due(finished: Owner) -> None:
    actions = actions_of(finished)

    for action in actions[1:]:
        follow(finished, action, state="dropped", due_on="2026-01-01")

    says = f"0 of {len(actions)} actions done, {len(actions) - 1} dropped"
    for path in ("/result", "/actions"):
        page = finished.get(path).get_data(as_text=True)
        assert says in page
        assert 'class="behind"' not in page


def test_the_result_marks_what_was_noted_of_an_action_and_leads_to_it(owner: Owner) -> None:
    finished = owner.start().answer_all(**dict.fromkeys(LEVELS, 2)).submit()
    actions = actions_of(finished)
    states = {actions[0]: "dropped", actions[1]: "doing", actions[-1]: "done"}
    for action, state in states.items():
        follow(finished, action, state=state)
    follow(finished, actions[2], owner="Mei")

    page = finished.get("/result").get_data(as_text=True)

    marked = re.findall(r'class="tag tag-([a-z]+)" href="[^"#]*/actions#action-([a-z0-9_]+)"', page)
    # The first three stand above the roadmap as well.
    assert sorted(marked) == sorted((states[each], each) for each in (*actions[:2], *states))
    reading = finished.give("read")
    assert "tag-dropped" not in finished.client.get(f"/assessments/{reading}/result").get_data(as_text=True)


def test_two_who_change_different_fields_lose_nothing(finished: Owner) -> None:
    action = actions_of(finished)[0]
    path = f"/assessments/{finished.token}/actions/{action}"
    finished.get(f"/actions/{action}")

    finished.post(path, version="0", **said(owner="Mei"))
    response = finished.post(path, version="0", **said(state="doing", note="begun"))

    assert response.status_code == 302
    shown = card(finished, action)
    assert all(each in shown for each in ("Mei", "Under way", "begun"))


def test_two_who_change_one_field_see_both_and_choose(finished: Owner) -> None:
    action = actions_of(finished)[0]
    path = f"/assessments/{finished.token}/actions/{action}"
    finished.get(f"/actions/{action}")
    finished.post(path, version="0", **said(owner="Mei", note="theirs"))

    finished.page = finished.post(path, version="0", **said(owner="Ada", proof="in the safe"))

    assert finished.page.status_code == 409
    assert "<strong>Mei</strong>" in finished.text
    assert "theirs</textarea>" in finished.text
    version = re.search(r'name="version"[^>]*value="(\d+)"', finished.text)
    assert version
    assert "Mei" in card(finished, action)
    finished.get(f"/actions/{action}")
    finished.post(path, version=version[1], **said(owner="Ada", note="theirs", proof="in the safe"))
    shown = card(finished, action)
    assert all(each in shown for each in ("Ada", "theirs", "in the safe"))


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "finished"},
        {"state": ""},
        {"due_on": "tomorrow"},
        {"due_on": "2026-02-30"},
        {"due_on": "0001-01-01"},
        {"owner": "x" * 61},
        {"note": "x" * 1001},
        {"proof": "x" * 1001},
    ],
)
def test_what_cannot_be_meant_comes_back_as_it_was_sent(finished: Owner, fields: dict[str, str]) -> None:
    action = actions_of(finished)[0]

    response = follow(finished, action, **{"note": "kept in the form", **fields})

    assert response.status_code == 422
    assert "govuk-error-summary" in response.get_data(as_text=True)
    assert "Entered by" not in card(finished, action)


def test_a_form_that_expired_comes_back_with_what_was_written(finished: Owner) -> None:
    action = actions_of(finished)[0]
    finished.get(f"/actions/{action}")

    fields = {"csrf_token": "old", "version": "0", **said(note="a long note")}
    response = finished.client.post(f"/assessments/{finished.token}/actions/{action}", data=fields)

    assert response.status_code == 400
    assert "a long note</textarea>" in response.get_data(as_text=True)


def test_an_action_that_no_plan_has_is_not_there(finished: Owner, app: Flask) -> None:
    finished.get("/actions/ai_talent_9")
    assert finished.page.status_code == 404
    finished.get("/links")

    assert finished.post(f"/assessments/{finished.token}/actions/x", **said()).status_code == 404
    assert finished.client.get(f"/assessments/{finished.token}/actions/x.ics").status_code == 404
    assert finished.post(f"/assessments/{finished.token}/actions/x/again").status_code == 404


def test_without_a_plan_the_page_says_what_to_do_first(owner: Owner) -> None:
    owner.start()

    assert actions_of(owner) == []
    assert "finish the questions first" in owner.text
    assert owner.client.get(f"/assessments/{owner.token}/actions.ics").status_code == 200


def test_a_link_for_reading_sees_nothing_of_it(finished: Owner) -> None:
    action = actions_of(finished)[0]
    follow(finished, action, owner=NAME)
    reading = finished.give("read")
    csrf = finished.token_of_the_form

    for path in ("/actions", f"/actions/{action}", "/actions.ics", f"/actions/{action}.ics", "/trend", "/again"):
        assert finished.client.get(f"/assessments/{reading}{path}").status_code == 403, path
    for path in (f"/actions/{action}", f"/actions/{action}/again", "/again", "/reminders", "/reminders/stop"):
        response = finished.client.post(f"/assessments/{reading}{path}", data={"csrf_token": csrf, **said()})
        assert response.status_code == 403, path
    for path in ("/result", "/export.json"):
        page = finished.client.get(f"/assessments/{reading}{path}").get_data(as_text=True)
        assert NAME not in page
        assert "/actions" not in page


def test_another_companys_link_changes_nothing_here(finished: Owner, app: Flask) -> None:
    action = actions_of(finished)[0]
    other = Owner(app.test_client()).start(name="Other").answer_all().submit()

    follow(other, action, owner="Someone else")

    assert "Someone else" not in card(finished, action)
    assert "Someone else" in card(other, action)


def test_the_record_says_whether_the_company_or_the_consultant_entered_it(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged(submitted=True)
    company = consultant.as_company()
    first, second, *_ = actions_of(company)

    follow(company, first, owner="Mei")
    follow(owner, second, owner="Ada")
    follow(owner, first, owner="Mei", state="doing")

    assert "by the company" in card(owner, first)
    with app.app_context():
        by = list(db.session.scalars(sa.text("SELECT changed_by FROM followed_action_change ORDER BY id")))
    assert [each.partition(":")[0] for each in by] == ["consultant", "owner", "owner"]
    follow(company, second, owner="Ada", state="doing")
    assert "by the consultant" in card(owner, second)


def test_the_desk_says_how_far_a_clients_actions_are(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    follow(owner, actions_of(owner)[0], due_on="2026-01-01")

    page = consultant.get(f"/staff/clients/{consultant.client_id}").get_data(as_text=True)

    assert "1 overdue" in page
    response = consultant.post(f"/staff/clients/{consultant.client_id}/open", then="actions")
    assert response.headers["Location"].endswith("/actions")
    elsewhere = consultant.post(f"/staff/clients/{consultant.client_id}/open", then="https://evil.example")
    assert elsewhere.headers["Location"].startswith("/assessments/")


def test_a_consultant_who_may_only_read_sees_nothing_of_it(engaged: Engaged) -> None:
    owner, consultant = engaged("read", submitted=True)
    follow(owner, actions_of(owner)[0], due_on="2026-01-01")

    assert "overdue" not in consultant.get(f"/staff/clients/{consultant.client_id}").get_data(as_text=True)
    assert consultant.get(f"/assessments/{consultant.token}/actions").status_code == 403


def test_an_action_that_the_newest_plan_does_not_ask_for_stays_listed_if_something_was_said(finished: Owner) -> None:
    actions = actions_of(finished)
    raised = next(each for each in actions if each.startswith("ai_governance"))
    follow(finished, raised, state="done", note="a policy")
    finished.get("/result")
    finished.post(f"/assessments/{finished.token}/revise")
    finished.answer("ai_governance", 5)
    finished.submit()

    now = actions_of(finished)

    assert raised in now
    assert "From earlier plans" in finished.text
    assert "a policy" in card(finished, raised)


def test_what_was_done_for_an_earlier_plan_stays_counted(engaged: Engaged) -> None:
    owner, consultant = engaged(submitted=True)
    before = actions_of(owner)
    raised = next(each for each in before if each.startswith("ai_governance"))
    follow(owner, raised, state="done")
    owner.get("/actions")
    owner.post(f"/assessments/{owner.token}/actions/{raised}/again")
    owner.answer("ai_governance", 5)
    owner.submit()

    now = [each for each in actions_of(owner) if each != raised]

    desk = consultant.get(f"/staff/clients/{consultant.client_id}").get_data(as_text=True)
    for page in (owner.text, owner.get("/result").get_data(as_text=True), desk):
        assert f"0 of {len(now)} actions done, 1 done earlier, next on" in page


def test_a_plan_without_actions_still_says_what_was_done_earlier(finished: Owner) -> None:
    follow(finished, actions_of(finished)[0], state="done")
    finished.get("/result")
    finished.post(f"/assessments/{finished.token}/revise")
    finished.answer_all(**dict.fromkeys(LEVELS, 5)).submit()

    finished.get("/actions")

    assert "The newest plan has no actions. 1 done earlier." in finished.text
    assert "1 done earlier." in finished.get("/result").get_data(as_text=True)


def test_an_action_noted_as_done_that_the_next_plan_asks_for_says_so(finished: Owner, app: Flask) -> None:
    action = actions_of(finished)[0]
    follow(finished, action, state="done")
    change(app, "UPDATE followed_action SET changed_at = '2026-01-01 00:00:00'")

    assert "still asks for it" in card(finished, action)


def test_the_file_to_take_along_holds_it_for_those_who_may_change_it(finished: Owner) -> None:
    action = actions_of(finished)[0]
    follow(finished, action, owner="Mei", due_on="2027-05-31", state="doing")

    export = json.loads(finished.client.get(f"/assessments/{finished.token}/export.json").get_data(as_text=True))

    assert export["follow_up"] == [
        {"action": action, "rubric": export["rubric"], "state": "doing", "owner": "Mei", "due_on": "2027-05-31"}
    ]


def test_everything_deleted_takes_it_along(finished: Owner, app: Flask) -> None:
    action = actions_of(finished)[0]
    follow(finished, action, owner=NAME, note=NAME, proof=NAME)
    assert set(tables_that_hold(app, NAME)) == {"followed_action", "followed_action_change"}
    finished.get("/delete")

    finished.post(f"/assessments/{finished.token}/delete")

    assert tables_that_hold(app, NAME) == []


def test_what_is_followed_up_is_kept_as_long_as_what_is_answered(finished: Owner, app: Flask) -> None:
    change(app, "UPDATE assessment SET saved_at = :then", then=date(2020, 1, 1).isoformat() + " 00:00:00")

    follow(finished, actions_of(finished)[0], state="doing")

    with app.app_context():
        assert "2020" not in str(db.session.scalar(sa.text("SELECT saved_at FROM assessment")))


def test_the_pages_take_few_statements(finished: Owner, app: Flask) -> None:
    action = actions_of(finished)[0]
    follow(finished, action, state="done")
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = {}

    for path in ("/result", "/actions", f"/actions/{action}", "/actions.ics", "/trend", "/again"):
        statements.clear()
        finished.get(path)
        counts[path] = len([each for each in statements if not each.startswith("BEGIN")])

    assert max(counts.values()) <= 6, counts
