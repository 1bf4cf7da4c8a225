"""Notes of consultants: shared ones the company sees; private ones no page and no file of the company ever holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from readiness.web.rights import RIGHTS, Right
from tests.guided.conftest import Consultant
from tests.guided.walking import note
from tests.web.conftest import Owner, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]
SHARED, PRIVATE = "Bring the sales records", "The two directors do not agree"


def test_the_company_sees_a_shared_note_with_who_and_when(engaged: Engaged) -> None:
    owner, mei = engaged(submitted=True)
    note(mei, SHARED, "shared")

    page = owner.get("/consultants").get_data(as_text=True)

    assert SHARED in page
    assert re.search(rf"{re.escape(mei.email)}, \d+ \w+ \d{{4}}, \d\d:\d\d", page)
    assert SHARED in owner.get("/export.json").get_data(as_text=True)


def test_a_private_note_is_on_no_page_of_the_company_and_in_no_file(engaged: Engaged, app: Flask) -> None:
    owner, mei = engaged(submitted=True)
    note(mei, PRIVATE, "private")
    note(mei, SHARED, "shared")
    places: dict[str, Any] = {
        "question_id": "ai_talent",
        "revision": 1,
        "other": 1,
        "language_tag": "en",
        "scheme_id": "nittp",
        "engagement_id": mei.client_id,
    }
    read, opened = owner.give("read"), set()

    for token in (owner.token, read):
        for rule in app.url_map.iter_rules():
            if RIGHTS[rule.endpoint] in (Right.READ, Right.EDIT) and "GET" in (rule.methods or ()):
                built = rule.build({name: {**places, "token": token}.get(name, uuid4()) for name in rule.arguments})
                assert built is not None
                response = owner.client.get(built[1], follow_redirects=True)
                body = response.get_data()
                assert PRIVATE.encode() not in body, built[1]
                assert b"directors" not in body, built[1]
                opened |= {rule.endpoint} if response.status_code == 200 else set()

    assert {"owner.consultants", "owner.result", "owner.export", "owner.plan_pdf", "owner.check"} <= opened
    assert tables_that_hold(app, PRIVATE) == ["engagement_note_text"]


def test_a_reader_and_another_consultant_get_no_shared_note_in_their_file(
    engaged: Engaged, consultant: Callable[..., Consultant]
) -> None:
    owner, mei = engaged(submitted=True)
    note(mei, SHARED, "shared")

    for token in (owner.give("read"), mei.token):
        who = mei.client if token == mei.token else owner.client
        file = who.get(f"/assessments/{token}/export.json").get_data(as_text=True)
        assert '"result"' in file
        assert SHARED not in file


def test_the_switch_stands_at_private(engaged: Engaged) -> None:
    _, mei = engaged()

    page = mei.get(f"/staff/clients/{mei.client_id}").get_data(as_text=True)

    assert re.search(r'value="private"[^>]* checked', page)
    assert not re.search(r'value="shared"[^>]* checked', page)


def test_writing_anew_keeps_what_was_said_and_never_changes_the_kind(engaged: Engaged, app: Flask) -> None:
    owner, mei = engaged()
    note(mei, PRIVATE, "private")
    path = _path(mei)
    mei.get(path)

    assert mei.post(path, text="They agree now", seen="1", kind="shared").status_code == 302

    page = mei.get(f"/staff/clients/{mei.client_id}").get_data(as_text=True)
    assert "They agree now" in page
    assert PRIVATE in page
    assert "They agree now" not in owner.get("/consultants").get_data(as_text=True)


def test_of_two_windows_the_second_is_shown_both_texts(engaged: Engaged) -> None:
    _, mei = engaged()
    note(mei, SHARED, "shared")
    path = _path(mei)
    mei.get(path)
    mei.post(path, text="First window", seen="1")

    response = mei.post(path, text="Second window", seen="1")

    assert response.status_code == 409
    assert "First window" in mei.text
    assert "Second window" in mei.text
    assert mei.post(path, text="Both windows", seen="2").status_code == 302


def test_a_deleted_note_is_a_mark_on_both_sides_and_cannot_be_written_anew(engaged: Engaged) -> None:
    owner, mei = engaged()
    note(mei, SHARED, "shared")
    path = _path(mei)
    mei.get(path)

    assert mei.post(f"{path}/delete").status_code == 302

    for page in (mei.get(f"/staff/clients/{mei.client_id}"), owner.get("/consultants")):
        assert SHARED not in page.get_data(as_text=True)
    assert "taken back on" in owner.text
    assert mei.get(path).status_code == 404
    assert "This note cannot be changed" in mei.text
    assert SHARED not in owner.get("/export.json").get_data(as_text=True)


def test_deleting_everything_deletes_the_notes(engaged: Engaged, app: Flask) -> None:
    owner, mei = engaged()
    note(mei, PRIVATE, "private")
    note(mei, SHARED, "shared")
    owner.get("/delete")

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 302

    assert tables_that_hold(app, PRIVATE) == tables_that_hold(app, SHARED) == []


@pytest.mark.parametrize(("fields", "said"), [({"text": " "}, "Write"), ({"text": "x" * 5001}, "at most 5,000")])
def test_what_is_no_note_comes_back(engaged: Engaged, fields: dict[str, str], said: str) -> None:
    _, mei = engaged()
    page = f"/staff/clients/{mei.client_id}"
    mei.get(page)

    response = mei.post(f"{page}/notes", kind="private", **fields)

    assert response.status_code == 422
    assert said in mei.text


def _path(consultant: Consultant) -> str:
    page = consultant.get(f"/staff/clients/{consultant.client_id}").get_data(as_text=True)
    (path,) = set(re.findall(r'href="(/staff/clients/[^"/]+/notes/[^"]+)"', page))
    return str(path)
