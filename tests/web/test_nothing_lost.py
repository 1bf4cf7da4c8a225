"""No answer that the screen called saved is lost or doubled, and what could not be saved stands there again."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.services.database import db
from tests.web.conftest import LEVELS, Owner

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
QUESTION = "ai_talent"


def _token_of(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert found
    return unescape(found[1])


def _checked(text: str, value: object) -> bool:
    return re.search(rf'name="answer"[^>]*value="{value}"[^>]*checked', text) is not None


def _rows(app: Flask, statement: str) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(sa.text(statement)).all())


def _at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls that begin at the same moment, each in a thread."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@SQLITE
def test_an_expired_answer_stands_there_again_and_is_saved_by_pressing_once_more(owner: Owner) -> None:
    owner.start()
    path = f"/assessments/{owner.token}/questions/{QUESTION}"
    sent = {"answer": "4", "note": "see the 2025 folder", "version": "0", "then": "continue"}

    again = owner.client.post(path, data=sent)

    text = again.get_data(as_text=True)
    assert again.status_code == 400
    assert "Not saved yet" in text
    assert _checked(text, 4)
    assert "see the 2025 folder</textarea>" in text
    assert owner.client.post(path, data={**sent, "csrf_token": _token_of(text)}).status_code == 302
    owner.get(f"/questions/{QUESTION}")
    assert _checked(owner.text, 4)
    assert "see the 2025 folder" in owner.text


@SQLITE
def test_an_expired_form_still_sees_what_another_saved_meanwhile(owner: Owner) -> None:
    owner.start()
    owner.answer(QUESTION, 2)
    path = f"/assessments/{owner.token}/questions/{QUESTION}"

    again = owner.client.post(path, data={"answer": "5", "version": "0", "then": "continue"})
    token = _token_of(again.get_data(as_text=True))
    seen = re.search(r'name="version" value="(\d+)"', again.get_data(as_text=True))
    assert seen
    both = owner.client.post(path, data={"csrf_token": token, "answer": "5", "version": seen[1], "then": "continue"})

    assert both.status_code == 409


@SQLITE
@pytest.mark.parametrize(
    ("page", "path", "fields", "kept"),
    [
        ("/company", "/company", {"name": "Harbour Foods", "sector": "logistics"}, "Harbour Foods"),
        ("/links", "/links", {"access": "edit", "label": "for Ah Man"}, "for Ah Man"),
        ("/links", "/links/mail", {"address": "owner@example.com"}, "owner@example.com"),
        ("/submit", "/submit", {}, "Yes, show me the result"),
        ("/delete", "/delete", {}, "Yes, delete everything"),
    ],
)
def test_every_expired_form_comes_back_with_a_button_that_works(
    owner: Owner, page: str, path: str, fields: dict[str, str], kept: str
) -> None:
    owner.start()
    owner.answer(QUESTION, 3)

    again = owner.client.post(f"/assessments/{owner.token}{path}", data=fields)

    text = again.get_data(as_text=True)
    assert again.status_code == 400
    assert "Not saved yet" in text
    assert kept in text
    done = owner.client.post(f"/assessments/{owner.token}{path}", data={**fields, "csrf_token": _token_of(text)})
    assert done.status_code in (200, 302)


@SQLITE
def test_an_expired_wish_to_change_leaves_the_facts_on_the_result_as_they_are(owner: Owner) -> None:
    owner.start(sector="professional_services", employees="10-19").answer_all().submit()
    owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="no")

    again = owner.client.post(f"/assessments/{owner.token}/revise")

    text = again.get_data(as_text=True)
    assert again.status_code == 400
    assert re.search(r'name="subvented"[^>]*value="no"[^>]*checked', text)


@SQLITE
def test_a_start_that_expired_begins_on_the_second_press(owner: Owner) -> None:
    again = owner.client.post("/assessments")

    text = again.get_data(as_text=True)
    assert again.status_code == 400
    assert owner.client.post("/assessments", data={"csrf_token": _token_of(text)}).status_code == 302


@SQLITE
def test_a_full_disk_loses_nothing_and_says_so(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.answer("ai_literacy", 3)
    full = True

    with app.app_context():
        engine = db.engine

        @sa.event.listens_for(engine, "begin")
        def as_large_as_it_is(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {1 if full else 1_000_000}")

    refused = owner.answer(QUESTION, 4, note="x" * 900)
    while refused.status_code == 302:
        # A page of the file still had room.
        refused = owner.answer(QUESTION, 4 if owner.text.count("checked") else 5, note="y" * 990)
        assert _rows(app, "SELECT count(*) FROM answer_change")[0][0] < 100

    text = refused.get_data(as_text=True)
    assert refused.status_code == 503
    assert "Not saved yet" in text
    assert "</textarea>" in text
    full = False
    token = _token_of(text)
    version = re.search(r'name="version" value="(\d+)"', text)
    assert version
    sent = {"csrf_token": token, "answer": "2", "note": "room again", "version": version[1], "then": "continue"}
    assert owner.client.post(f"/assessments/{owner.token}/questions/{QUESTION}", data=sent).status_code == 302
    export = owner.client.get(f"/assessments/{owner.token}/export.json").get_json()
    assert export["answers"]["ai_literacy"] == 3
    assert export["answers"][QUESTION] == 2


def test_the_same_answer_from_two_windows_at_once_is_saved_once(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.get(f"/questions/{QUESTION}")
    fields = {"csrf_token": _token_of(owner.text), "answer": "3", "version": "0", "then": "continue"}

    def send() -> int:
        client = app.test_client()
        client._cookies = owner.client._cookies.copy()  # type: ignore[attr-defined]
        return client.post(f"/assessments/{owner.token}/questions/{QUESTION}", data=fields).status_code

    statuses = _at_once(*[send] * 6)

    assert statuses == [302] * 6
    assert _rows(app, "SELECT version FROM answer") == [(1,)]
    assert len(_rows(app, "SELECT id FROM answer_change")) == 1


def test_of_two_answers_at_once_one_is_saved_and_the_other_is_asked_about(owner: Owner, app: Flask) -> None:
    owner.start()
    owner.get(f"/questions/{QUESTION}")
    token = _token_of(owner.text)

    def send(answer: int) -> tuple[int, str]:
        client = app.test_client()
        client._cookies = owner.client._cookies.copy()  # type: ignore[attr-defined]
        fields = {"csrf_token": token, "answer": str(answer), "version": "0", "then": "continue"}
        response = client.post(f"/assessments/{owner.token}/questions/{QUESTION}", data=fields)
        return response.status_code, response.get_data(as_text=True)

    outcomes = _at_once(lambda: send(2), lambda: send(5))

    assert sorted(status for status, _ in outcomes) == [302, 409]
    (asked,) = (text for status, text in outcomes if status == 409)
    assert {'name="answer" value="2"', 'name="answer" value="5"'} <= set(re.findall(r'name="answer" value="\d"', asked))
    assert _rows(app, "SELECT version FROM answer") == [(1,)]


def test_finishing_or_changing_twice_at_once_is_once(owner: Owner, app: Flask) -> None:
    owner.start().answer_all()
    owner.get("/submit")
    token = _token_of(owner.text)

    def send(path: str) -> int:
        client = app.test_client()
        client._cookies = owner.client._cookies.copy()  # type: ignore[attr-defined]
        return client.post(f"/assessments/{owner.token}{path}", data={"csrf_token": token}).status_code

    assert _at_once(*[lambda: send("/submit")] * 4) == [302] * 4
    assert len(_rows(app, "SELECT id FROM plan")) == 1
    assert _at_once(*[lambda: send("/revise")] * 4) == [302] * 4
    assert _rows(app, "SELECT revision, status FROM assessment ORDER BY revision") == [(1, "submitted"), (2, "draft")]
    assert len(_rows(app, "SELECT question_id FROM answer")) == 2 * len(LEVELS)


@SQLITE
def test_what_two_windows_say_about_the_company_is_shown_and_asked_about(owner: Owner) -> None:
    owner.start()
    path = f"/assessments/{owner.token}/company"
    owner.get("/company")
    version = re.search(r'name="version"[^>]*value="(\d+)"', owner.text)
    assert version
    seen = {"csrf_token": _token_of(owner.text), "version": version[1]}
    assert owner.client.post(path, data={**seen, "name": "Old Harbour", "sector": "logistics"}).status_code == 302

    both = owner.client.post(path, data={**seen, "name": "New Harbour", "sector": "logistics"})

    text = both.get_data(as_text=True)
    assert both.status_code == 409
    assert "Old Harbour" in text
    assert 'value="New Harbour"' in text
    now_seen = re.search(r'name="version"[^>]*value="(\d+)"', text)
    assert now_seen
    sent = {"csrf_token": _token_of(text), "version": now_seen[1], "name": "New Harbour", "sector": "logistics"}
    assert owner.client.post(path, data=sent).status_code == 302
    assert owner.client.get(f"/assessments/{owner.token}/export.json").get_json()["company"]["name"] == "New Harbour"


@SQLITE
def test_a_choice_made_after_the_end_is_shown_and_the_result_stays(owner: Owner) -> None:
    owner.start().answer_all()
    owner.get(f"/questions/{QUESTION}")
    fields = {"csrf_token": _token_of(owner.text), "answer": "5", "version": "1", "then": "continue", "note": "ask him"}
    owner.submit()

    response = owner.client.post(f"/assessments/{owner.token}/questions/{QUESTION}", data=fields)

    text = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "was not saved" in text
    assert "ask him" in text
    assert owner.client.get(f"/assessments/{owner.token}/export.json").get_json()["answers"][QUESTION] == 3


@SQLITE
@pytest.mark.parametrize("button", [{"then": "leave"}, {"language": "zh-Hans"}])
def test_a_note_is_kept_without_an_answer(owner: Owner, button: dict[str, str]) -> None:
    owner.start()
    owner.get(f"/questions/{QUESTION}")
    fields = {"csrf_token": _token_of(owner.text), "version": "0", "note": "look in the safe", **button}

    assert owner.client.post(f"/assessments/{owner.token}/questions/{QUESTION}", data=fields).status_code == 302

    owner.get(f"/questions/{QUESTION}")
    assert "look in the safe</textarea>" in owner.text
    assert "look in the safe" in owner.get("/check").get_data(as_text=True)


@SQLITE
def test_a_note_that_is_too_long_is_given_back_whole(owner: Owner) -> None:
    owner.start()
    note = "長" * 1001

    response = owner.answer(QUESTION, 4, note=note)

    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "Write at most 1,000 characters" in text
    assert note in text
    assert _checked(text, 4)


@SQLITE
def test_a_conflict_shows_both_notes_and_keeps_the_chosen_one(owner: Owner) -> None:
    owner.start()
    owner.answer(QUESTION, 4, note="the first note")
    path = f"/assessments/{owner.token}/questions/{QUESTION}"

    both = owner.post(path, answer="4", note="the second note", version="0", then="continue")

    text = both.get_data(as_text=True)
    assert both.status_code == 409
    assert "the first note" in text
    assert "the second note" in text
    confirmed = re.search(r'name="confirmed" value="(\d+)"', text)
    assert confirmed
    owner.page = both
    chosen = owner.post(path, answer="4", note="the second note", version="0", confirmed=confirmed[1])
    assert chosen.status_code == 302
    assert "the second note" in owner.get(f"/questions/{QUESTION}").get_data(as_text=True)


@SQLITE
def test_changes_that_were_begun_can_be_dropped_and_the_result_stays(owner: Owner) -> None:
    owner.start().answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer(QUESTION, 5)
    assert "begun to change" in owner.get("/result").get_data(as_text=True)
    owner.get("/check")

    owner.post(f"/assessments/{owner.token}/drop")

    assert "begun to change" not in owner.get("/result").get_data(as_text=True)
    assert owner.client.get(f"/assessments/{owner.token}/export.json").get_json()["answers"][QUESTION] == 3
