"""A guided session: answer alone, see the spread, agree; and nobody learns a voice before all are shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.models import Assessment
from readiness.services import assessing
from readiness.services.database import db, now, writing
from readiness.services.guided_sessions import close_forgotten, forget_names
from readiness.services.rooms import LETTERS
from readiness.services.versions import current_rubric, rubric_of
from readiness.web.limits import limiter
from tests.guided.conftest import Consultant, offered
from tests.guided.rooms import Leader, Person, csrf_of, people
from tests.guided.test_checked_results import verified
from tests.web.conftest import Owner, tables_that_hold

Engaged = Callable[..., tuple[Owner, Consultant]]
QUESTION = "ai_talent"
OTHER = "ai_literacy"
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def room(engaged: Engaged) -> tuple[Owner, Leader]:
    """Return a company, and who leads its open session."""
    owner, consultant = engaged(name="Harbour Foods")
    limiter.reset()
    return owner, Leader(consultant).open()


def test_people_answer_alone_disagree_and_agree(room: tuple[Owner, Leader], app: Flask) -> None:
    owner, leader = room
    wing, mei, tom = people(app, leader.code, "owner", "staff", "staff")
    leader.press("ask", QUESTION)
    for person, level in ((wing, 4), (mei, 1), (tom, 2)):
        person.look()
        assert person.say(QUESTION, level).status_code == 302
    assert "3 of 3 have answered" in leader.look()

    leader.press("show", QUESTION)
    assert "Far apart" in leader.desk.text
    assert leader.agree(QUESTION, 2).status_code == 422
    assert "Not everybody said this" in leader.desk.text
    assert leader.agree(QUESTION, 2, "The courses were for two people only.").status_code == 302

    assert "The courses were for two people only." in mei.look()
    assert 'value="2" checked' in owner.get(f"/questions/{QUESTION}").get_data(as_text=True)
    with app.app_context():
        by = db.session.scalar(sa.text("SELECT changed_by FROM answer_change"))
    assert str(by).startswith("consultant:")
    summary = leader.desk.get(_summary_path(leader)).get_data(as_text=True)
    assert "<td>3</td><td>1.1<br>" in summary
    assert "far apart" in summary
    agreed = '<span class="note-text">The courses were for two people only.</span>'
    assert agreed in owner.get("/evidence").get_data(as_text=True)
    owner.answer(QUESTION, 3)
    assert agreed not in owner.get("/evidence").get_data(as_text=True)
    assert "Person" in summary.partition("How far apart")[0]
    assert "Person" not in summary.partition("How far apart")[2]


def test_before_they_are_shown_no_page_holds_a_voice_of_another(room: tuple[Owner, Leader], app: Flask) -> None:
    owner, leader = room
    wing, mei, tom = people(app, leader.code, "owner", "staff", "staff")
    leader.press("ask", QUESTION)

    def seen() -> list[str]:
        pages = [leader.look(), leader.state().get_data(as_text=True), wing.look(), tom.look()]
        pages += [each.state().get_data(as_text=True) for each in (wing, tom, mei)]
        summary = re.search(rf'href="({leader.path}/[^"]+)"', leader.desk.get(f"{leader.path[:-8]}").get_data(True))
        assert summary
        pages.append(leader.desk.get(summary[1]).get_data(as_text=True))
        pages.append(owner.get("/check").get_data(as_text=True))
        return [_still(page) for page in pages]

    mei.look()
    mei.say(QUESTION, 1)
    before = seen()
    mei.say(QUESTION, 5)
    after = seen()

    assert before == after
    assert "1 of 3 have answered" in before[0]


def test_a_voice_is_replaced_until_it_is_shown_and_then_refused_with_what_was_chosen(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    _, leader = room
    wing, mei = people(app, leader.code, "owner", "staff")
    leader.press("ask", QUESTION)
    wing.look()
    for level in (1, 1, 3):
        assert wing.say(QUESTION, level).status_code == 302
    mei.look()
    mei.say(QUESTION, 3)
    leader.press("show", QUESTION)

    late = wing.say(QUESTION, 5)

    assert late.status_code == 409
    text = late.get_data(as_text=True)
    assert "The answers were shown already" in text
    assert "What you had answered before counts:" in text
    assert 'id="live"' in text
    assert _level_text(wing, 5) in unescape(text)
    assert _voices(app) == [3, 3]


def test_a_message_that_arrives_late_replaces_nothing_and_is_asked_about(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()
    assert wing.say(QUESTION, 2, turn=1).status_code == 302
    assert wing.say(QUESTION, 4, turn=2).status_code == 302

    late = wing.say(QUESTION, 2, turn=1)

    assert late.status_code == 409
    assert re.search(r'value="2"[^>]*checked', late.get_data(as_text=True))
    assert _voices(app) == [4]


def test_the_same_message_many_times_is_one_voice_and_moves_nothing(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()
    wing.say(QUESTION, 2)
    mark = leader.state().headers["ETag"]

    for _ in range(5):
        assert wing.say(QUESTION, 2, turn=1).status_code == 302

    assert _voices(app) == [2]
    assert leader.state(mark).status_code == 304


@SQLITE
@pytest.mark.parametrize(
    ("roles", "shown", "hidden"),
    [
        (("staff", "staff", "owner", "finance", "sales"), ["Staff"], ["Owner", "Finance", "Sales"]),
        # Without the staff two voices are left: the owner would take the own one away and have the other.
        (("staff", "staff", "staff", "owner", "finance"), [], ["Staff", "Owner", "Finance"]),
        # Without the two of the staff one voice is left, and it is the owner's.
        (("staff", "staff", "owner"), [], ["Staff", "Owner"]),
        (("owner", "finance"), [], ["Owner", "Finance"]),
        (("staff", "staff", "sales", "sales"), ["Staff", "Sales"], []),
    ],
)
def test_a_role_is_shown_only_where_it_gives_nobody_away(
    room: tuple[Owner, Leader], app: Flask, roles: tuple[str, ...], shown: list[str], hidden: list[str]
) -> None:
    _, leader = room
    everybody = people(app, leader.code, *roles)
    leader.press("ask", QUESTION)
    for level, person in enumerate(everybody, 1):
        person.look()
        person.say(QUESTION, level)

    leader.press("show", QUESTION)

    for page in (leader.look(), everybody[0].look()):
        spread = page[page.index("What the room answered") : page.index('id="live"')]
        assert [role for role in shown if f'role-name">{role}<' in spread] == shown
        assert not any(role in spread for role in hidden)
        assert "Person" not in spread


@SQLITE
@pytest.mark.parametrize("roles", [("owner",), ("owner", "staff")])
def test_one_voice_is_not_shown_whoever_else_is_in_the_room(
    room: tuple[Owner, Leader], app: Flask, roles: tuple[str, ...]
) -> None:
    _, leader = room
    everybody = people(app, leader.code, *roles)
    leader.press("ask", QUESTION)
    everybody[0].look()
    everybody[0].say(QUESTION, 5)

    leader.press("show", QUESTION)

    assert "everybody would know whose answer it is" in leader.desk.text
    # What the room agrees on tells nothing of it either: a reason is asked for whatever it is.
    for level in (2, 5):
        assert leader.agree(QUESTION, level).status_code == 422
        assert "The answers are not shown: write how the room came to this one." in leader.desk.text
    assert leader.agree(QUESTION, 2, "From what all know.").status_code == 302
    summary = leader.desk.get(_summary_path(leader)).get_data(as_text=True)
    assert "everybody would know whose answer it is" in summary
    assert "How far apart" not in summary
    assert not any("spread-count" in page for page in (leader.look(), summary, *(each.look() for each in everybody)))


@SQLITE
def test_a_question_asked_again_keeps_its_voices_and_its_answer(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    wing, mei = people(app, leader.code, "owner", "staff")
    leader.press("ask", QUESTION)
    for person in (wing, mei):
        person.look()
        person.say(QUESTION, 3)
    leader.press("show", QUESTION)
    leader.agree(QUESTION, 3)
    leader.press("ask", OTHER)
    leader.press("ask", QUESTION)
    assert "Agreed answer" in leader.desk.text

    leader.press("again", QUESTION)

    assert "2 of 2 have answered" in leader.look()
    assert 'value="3" checked' in wing.look()
    assert wing.say(QUESTION, 4).status_code == 302
    assert _voices(app) == [3, 4]


def test_what_was_agreed_before_everybody_answered_again_is_not_called_agreed(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    owner, leader = room
    wing, mei = people(app, leader.code, "owner", "staff")
    leader.press("ask", QUESTION)
    for person, level in ((wing, 5), (mei, 1)):
        person.look()
        person.say(QUESTION, level)
    leader.press("show", QUESTION)
    leader.agree(QUESTION, 2, "Two were trained in May.")
    assert "Not agreed yet" not in leader.look()

    leader.press("again", QUESTION)

    assert "Agreed before" in leader.look()
    leader.press("show", QUESTION)
    assert "It stays the company’s answer until the room agrees again." in leader.look()
    assert "Not agreed yet" in leader.desk.text
    summary = leader.desk.get(_summary_path(leader)).get_data(as_text=True)
    assert "0 agreed answers" in summary
    assert "Agreed before everybody answered again" in summary
    assert "<h1>Session of " in summary
    assert "Two were trained in May." not in owner.get("/evidence").get_data(as_text=True)


def test_the_address_of_a_form_leads_back_to_the_screen(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room

    for way in (f"agree/{QUESTION}", f"show/{QUESTION}", "close", "remove"):
        response = leader.desk.client.get(f"{leader.path}/{way}")
        assert response.status_code == 302, way
        assert response.headers["Location"].endswith(leader.path), way


def test_an_answer_that_the_owner_saved_meanwhile_is_shown_beside_the_agreed_one(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    owner, leader = room
    people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    leader.press("show", QUESTION)
    owner.answer(QUESTION, 5)

    both = leader.agree(QUESTION, 2, "We counted again.", version=0)

    assert both.status_code == 409
    text = both.get_data(as_text=True)
    assert {'name="answer" value="5"', 'name="answer" value="2"'} <= set(re.findall(r'name="answer" value="\d"', text))
    assert "We counted again." in text
    seen = re.search(r'name="version" value="(\d+)"', text)
    assert seen
    assert leader.agree(QUESTION, 2, "We counted again.", version=seen[1]).status_code == 302
    assert 'value="2" checked' in owner.get(f"/questions/{QUESTION}").get_data(as_text=True)


def test_two_consultants_of_one_company_lose_nothing_to_each_other(
    room: tuple[Owner, Leader], consultant: Callable[..., Consultant], app: Flask
) -> None:
    owner, leader = room
    second = Leader(consultant().take(offered(owner)).enter()).open()
    assert second.code == leader.code
    leader.press("ask", QUESTION)
    leader.press("show", QUESTION)
    assert leader.agree(QUESTION, 3, "first", version=0).status_code == 302

    both = second.agree(QUESTION, 4, "second", version=0)

    assert both.status_code == 409
    assert "second" in both.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(sa.text("SELECT reason FROM asked_question")) == "first"


def test_an_answer_saved_between_the_two_steps_of_agreeing_is_shown_beside_the_agreed_one(
    room: tuple[Owner, Leader], consultant: Callable[..., Consultant], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, leader = room
    second = Leader(consultant().take(offered(owner)).enter()).open()
    leader.press("ask", QUESTION)
    leader.press("show", QUESTION)
    save = assessing.answer

    def save_and_be_overtaken(*args: Any, **more: Any) -> None:
        save(*args, **more)
        monkeypatch.setattr(assessing, "answer", save)
        # In a thread, since a request within a request would share its account.
        other = threading.Thread(target=second.agree, args=(QUESTION, 4, "second"))
        other.start()
        other.join()

    monkeypatch.setattr(assessing, "answer", save_and_be_overtaken)

    both = leader.agree(QUESTION, 3, "first")

    assert both.status_code == 409
    text = both.get_data(as_text=True)
    assert {'name="answer" value="4"', 'name="answer" value="3"'} <= set(re.findall(r'name="answer" value="\d"', text))
    assert "first" in text
    assert _agreed(app) == [(4, "second")]
    assert 'value="4" checked' in owner.get(f"/questions/{QUESTION}").get_data(as_text=True)


def test_what_a_killed_process_left_of_an_agreement_is_saved_by_the_same_press(
    room: tuple[Owner, Leader], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, leader = room
    leader.press("ask", QUESTION)
    leader.press("show", QUESTION)
    save = assessing.answer

    def save_and_die(*args: Any, **more: Any) -> None:
        save(*args, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(assessing, "answer", save_and_die)
        with pytest.raises(KeyboardInterrupt):
            leader.agree(QUESTION, 3, "Counted.", version=0)
    assert _agreed(app) == []

    assert leader.agree(QUESTION, 3, "Counted.", version=0).status_code == 302

    assert _agreed(app) == [(3, "Counted.")]


@pytest.mark.parametrize("revised", [False, True])
def test_the_room_changes_nothing_of_finished_answers(room: tuple[Owner, Leader], app: Flask, *, revised: bool) -> None:
    owner, leader = room
    wing, mei = people(app, leader.code, "owner", "staff")
    leader.press("ask", QUESTION)
    for person, level in ((wing, 1), (mei, 5)):
        person.look()
        person.say(QUESTION, level)
    owner.answer_all().submit()
    if revised:
        # Somebody else begins to change the answers: the room still works on those that were finished.
        owner.post(f"/assessments/{owner.token}/revise")

    for press in (("show", QUESTION), ("ask", OTHER), ("again", QUESTION)):
        assert leader.press(*press).status_code == 409, press
        assert "finished in another window" in leader.desk.text

    result = f"/assessments/{owner.token}/results/1"
    assert "far apart" not in owner.client.get(result).get_data(as_text=True)
    assert "2 of 2 have answered" in leader.look()
    leader.open()
    assert leader.press("show", QUESTION).status_code == 302
    assert "Far apart" in leader.desk.text


def test_finished_answers_are_revised_by_opening_and_by_going_on(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged(submitted=True, name="Harbour Foods")
    leader = Leader(consultant).open()
    leader.press("ask", QUESTION)
    leader.press("show", QUESTION)
    assert leader.agree(QUESTION, 5, "Two were hired.").status_code == 302
    owner.get("/submit")
    owner.post(f"/assessments/{owner.token}/submit")

    refused = leader.agree(QUESTION, 4, "One has left.")

    assert refused.status_code == 409
    assert "finished in another window" in refused.get_data(as_text=True)
    assert "One has left." in refused.get_data(as_text=True)
    leader.open()
    assert leader.agree(QUESTION, 4, "One has left.").status_code == 302
    with app.app_context():
        states = db.session.execute(sa.text("SELECT revision, status FROM assessment ORDER BY revision")).all()
        assert [tuple(each) for each in states] == [(1, "submitted"), (2, "submitted"), (3, "draft")]
        assert db.session.scalar(sa.text("SELECT count(*) FROM guided_session")) == 1


def test_another_consultant_and_an_ended_engagement_open_nothing(
    room: tuple[Owner, Leader], consultant: Callable[..., Consultant], app: Flask
) -> None:
    owner, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()
    code, stranger = leader.code, consultant()
    stranger.get("/staff/account")
    summary = _summary_path(leader)
    ways = [
        "",
        f"/ask/{QUESTION}",
        f"/show/{QUESTION}",
        f"/again/{QUESTION}",
        f"/agree/{QUESTION}",
        "/remove",
        "/close",
    ]

    def tried(who: Consultant) -> set[int]:
        who.get("/staff/account")
        csrf = who.csrf
        answers = {
            who.client.post(leader.path + way, data={"csrf_token": csrf, "answer": "3"}).status_code for way in ways
        }
        answers |= {who.client.get(path).status_code for path in (leader.path, summary)}
        said = who.client.get(f"{leader.path}/state").get_json()
        assert said == {"place": "over", "line": "Nobody has joined yet", "names": []}
        return answers

    assert tried(stranger) == {404}
    owner.get("/consultants")
    (end,) = re.findall(r'action="(/assessments/[^"]+/end)"', owner.text)
    owner.post(end)

    assert tried(leader.desk) == {404}
    assert wing.say(QUESTION, 3).status_code == 409
    assert "The session is over" in wing.look()
    assert Person(app.test_client()).client.get(f"/join/{code}").status_code == 404
    with app.app_context():
        assert close_forgotten(now()) == 1
    assert tables_that_hold(app, "Person 0") == []


@SQLITE
def test_a_grant_to_read_opens_no_session(engaged: Engaged) -> None:
    _, consultant = engaged("read", submitted=True)
    consultant.get(f"/staff/clients/{consultant.client_id}")

    assert "Guided session" not in consultant.text
    assert consultant.post(f"/staff/clients/{consultant.client_id}/session").status_code == 403
    assert consultant.client.get(f"/staff/clients/{consultant.client_id}/session").status_code == 403


@SQLITE
def test_a_seat_opens_its_own_room_alone(engaged: Engaged, room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    stranger = Person(app.test_client())

    assert stranger.client.get("/room/" + "A" * 43).status_code == 404
    assert stranger.client.get("/room/" + "A" * 43 + "/state").status_code == 404
    stranger.page = stranger.client.get(f"/join/{leader.code}")
    response = stranger.post("/room/" + "A" * 43 + f"/questions/{QUESTION}", answer="3")
    assert response.status_code == 404
    for page in (wing.client.get(wing.seat), wing.state()):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"


def test_what_was_not_asked_or_cannot_be_said_is_refused(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()

    assert wing.say(OTHER, 3).status_code == 409
    assert wing.say("nothing", 3).status_code == 404
    for wrong in ("", "6", "not_applicable", "three", "٣"):
        assert wing.say(QUESTION, wrong).status_code == 422, wrong
    assert leader.press("ask", "nothing").status_code == 404
    assert leader.press("show", OTHER).status_code == 404
    assert leader.press("show", "%00").status_code == 404
    assert leader.agree(QUESTION, 3).status_code == 409
    leader.press("show", QUESTION)
    assert leader.agree(QUESTION, "").status_code == 422
    assert leader.agree(QUESTION, 3, "長" * 1001).status_code == 422
    assert "長" * 1001 in leader.desk.text
    assert _voices(app) == []


def test_closing_deletes_the_names_but_for_those_who_chose_otherwise(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    code = leader.code
    mei = Person(app.test_client()).join(code, "陳美玲", "staff")
    Person(app.test_client()).join(code, "Tom Wong", "sales", keep_name="y")
    assert "陳美玲" in leader.look()
    leader.press("ask", QUESTION)
    mei.look()
    mei.say(QUESTION, 3)

    leader.press("close")

    assert "Tom Wong" in leader.desk.text
    # What stays is a list of names, beside nobody's answers.
    assert tables_that_hold(app, "Tom Wong") == ["guided_session"]
    assert tables_that_hold(app, "陳美玲") == []
    assert _voices(app) == [3]
    assert "The session is over" in mei.look()
    sent = {"csrf_token": csrf_of(mei.client.get("/").get_data(as_text=True)), "answer": "4"}
    refused = mei.client.post(f"{mei.seat}/questions/{QUESTION}", data=sent)
    assert refused.status_code == 409
    assert _level_text(mei, 4) in unescape(refused.get_data(as_text=True))
    assert mei.client.get(f"/join/{code}").status_code == 404


def test_sign_off_can_delete_the_names_of_a_room_that_is_open(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    people(app, leader.code, "owner")
    with app.app_context(), writing() as session:
        family = session.scalars(sa.select(Assessment.family_id)).one()

        forget_names(session, family)

    assert tables_that_hold(app, "Person 0") == []


@SQLITE
def test_a_room_in_which_nothing_happened_for_a_day_is_closed_and_its_names_are_gone(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    _, leader = room
    people(app, leader.code, "owner")
    with app.app_context():
        assert close_forgotten(now() + timedelta(hours=20)) == 0
        assert close_forgotten(now() + timedelta(days=1, hours=1)) == 1

    assert tables_that_hold(app, "Person 0") == []
    assert "No session is open" in leader.look()


def test_the_companys_file_and_pages_hold_no_name_and_no_voice(room: tuple[Owner, Leader], app: Flask) -> None:
    owner, leader = room
    wing, mei = (Person(app.test_client()).join(leader.code, name, "staff") for name in ("陳大文", "李小明"))
    leader.press("ask", QUESTION)
    for person, level in ((wing, 1), (mei, 5)):
        person.look()
        person.say(QUESTION, level)
    leader.press("show", QUESTION)
    leader.agree(QUESTION, 3, "Between the two.")
    owner.answer_all(**{QUESTION: None}).submit()

    result = owner.text
    export = owner.client.get(f"/assessments/{owner.token}/export.json").get_data(as_text=True)
    company = "".join(
        [result, export, owner.get("/check").get_data(as_text=True), owner.get("/consultants").get_data(as_text=True)]
    )

    assert "far apart" in result
    assert f'<a href="/assessments/{owner.token}/evidence">What was agreed, and why</a>' in result
    assert f'<a href="/assessments/{owner.token}/evidence">Evidence: what shows each answer</a>' in result
    assert "Between the two." in owner.get("/evidence").get_data(as_text=True)
    assert not any(word in company for word in ("陳大文", "李小明", "voice", "participant"))
    assert owner.client.get(f"/assessments/{owner.token}/export.json").get_json()["answers"][QUESTION] == 3
    shown = owner.client.get(f"/assessments/{owner.give('read')}/result").get_data(as_text=True)
    assert "far apart" in shown
    assert "/evidence" not in shown


def test_what_a_result_says_of_the_room_stays_while_the_room_goes_on(room: tuple[Owner, Leader], app: Flask) -> None:
    owner, leader = room
    wing, mei = people(app, leader.code, "staff", "staff")
    leader.press("ask", QUESTION)
    for person, level in ((wing, 1), (mei, 5)):
        person.look()
        person.say(QUESTION, level)
    leader.press("show", QUESTION)
    owner.answer_all().submit()
    leader.open()

    assert "people were far apart on: AI talent." in owner.get("/results/1").get_data(as_text=True)
    owner.get("/check")
    owner.submit()
    assert verified(owner.client.get(f"/assessments/{owner.token}/export.json").get_data(as_text=True)) == []


def test_deleting_everything_takes_the_session_along(room: tuple[Owner, Leader], app: Flask) -> None:
    owner, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()
    wing.say(QUESTION, 3)
    owner.get("/delete")

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 302

    with app.app_context():
        for table in ("guided_session", "participant", "voice", "asked_question"):
            assert db.session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, table  # noqa: S608
    assert wing.client.get(wing.seat).status_code == 404


def test_dropping_the_changes_keeps_what_the_room_said(engaged: Engaged, app: Flask) -> None:
    owner, consultant = engaged(submitted=True)
    leader = Leader(consultant).open()
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)
    wing.look()
    wing.say(QUESTION, 3)
    owner.get("/check")

    assert owner.post(f"/assessments/{owner.token}/drop").status_code == 302

    assert _voices(app) == [3]
    leader.open()
    assert "1 of 1 have answered" in leader.look()


def test_looking_again_takes_one_statement_while_nothing_happened(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    marks = wing.state().headers["ETag"], leader.state().headers["ETag"]
    statements: list[str] = []
    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    response = wing.state(marks[0])

    assert (response.status_code, response.data) == (304, b"")
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 1, statements
    statements.clear()
    screen = leader.state(marks[1])
    # Two more to know who is at the desk.
    assert (screen.status_code, screen.data) == (304, b"")
    assert len([each for each in statements if not each.startswith("BEGIN")]) == 3, statements
    leader.press("ask", QUESTION)
    assert wing.state(marks[0]).get_json()["place"] == f"{QUESTION} asking"


@SQLITE
def test_a_poll_in_another_language_is_another_answer(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    mark = wing.state().headers["ETag"]
    wing.client.get(f"{wing.seat}?lang=zh-Hant")

    assert wing.state(mark).status_code == 200


@SQLITE
def test_a_join_form_sent_twice_is_one_person_and_scanning_again_leads_back(
    room: tuple[Owner, Leader], app: Flask
) -> None:
    _, leader = room
    wing = Person(app.test_client()).join(leader.code, "Wing", "owner")
    again = wing.client.get(f"/join/{leader.code}")
    assert again.headers["Location"] == wing.seat
    wing.page = wing.client.get(f"/join/{leader.code}?anew=1")
    sent = {"name": "Mei", "role": "staff", "ticket": "the same ticket"}

    seats = {wing.post(f"/join/{leader.code}", **sent).headers["Location"] for _ in range(3)}

    assert len(seats) == 1
    assert "2 people have joined" in leader.look()


@SQLITE
def test_who_gives_no_name_or_role_is_asked_again(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    wing = Person(app.test_client())
    wing.page = wing.client.get(f"/join/{leader.code}")
    whole = {"name": "Wing", "role": "owner", "ticket": "x"}

    for wrong in ({"name": ""}, {"name": "\u200b"}, {"name": "x" * 61}, {"role": "boss"}, {"role": ""}):
        response = wing.post(f"/join/{leader.code}", **{**whole, **wrong})
        assert response.status_code == 422, wrong
        assert "govuk-error-summary" in response.get_data(as_text=True)


@SQLITE
def test_a_code_is_read_as_people_type_it_and_cannot_be_guessed_on(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    code = leader.code
    assert len(code) == 8
    assert set(code) <= set(LETTERS)
    typed = f" {code[:4].lower()}-{code[4:]} "
    person = Person(app.test_client())
    found = person.client.get("/join", query_string={"code": typed}, follow_redirects=True)
    assert "Join the guided session of Harbour Foods" in unescape(found.get_data(as_text=True))

    guesses = {person.client.get(f"/join/AAAA{number:04}").status_code for number in range(101)}

    assert guesses == {404, 429}


@SQLITE
def test_thirty_phones_behind_one_address_join_and_answer(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    everybody = people(app, leader.code, *["staff"] * 30)
    leader.press("ask", QUESTION)

    for person in everybody:
        person.look()
        assert person.say(QUESTION, 3).status_code == 302

    assert "30 of 30 have answered" in leader.look()


def test_before_the_first_question_people_can_be_removed_and_join_again(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    wing, *crowd = people(app, leader.code, *["staff"] * 4)
    removable = _removable(leader)
    assert list(removable) == ["Person 0", "Person 1", "Person 2", "Person 3"]

    for _again in range(2):
        assert leader.remove(*list(removable.values())[1:], "nobody").status_code == 302

    assert "1 person has joined" in leader.look()
    assert "You are in the room" in wing.look()
    gone = crowd[0].client.get(crowd[0].seat)
    assert gone.status_code == 404
    assert "The consultant may have removed you from the room" in gone.get_data(as_text=True)
    assert crowd[0].state().status_code == 404
    crowd[0].join(leader.code, "Person 1", "staff")
    assert "2 people have joined" in leader.look()


def test_nobody_is_removed_after_the_first_question_or_from_another_room(
    room: tuple[Owner, Leader], engaged: Engaged, app: Flask
) -> None:
    _, leader = room
    (wing, _mei) = people(app, leader.code, "owner", "staff")
    elsewhere = Leader(engaged()[1]).open()
    removable = _removable(leader)
    assert elsewhere.remove(*removable.values()).status_code == 302
    leader.press("ask", QUESTION)
    wing.look()
    wing.say(QUESTION, 3)

    assert leader.remove(*removable.values()).status_code == 302

    # Nor does the screen tell who has answered by who could be removed.
    assert "1 of 2 have answered" in leader.look()
    assert _removable(leader) == {}


@SQLITE
def test_an_expired_answer_stands_there_again(room: tuple[Owner, Leader], app: Flask) -> None:
    _, leader = room
    (wing,) = people(app, leader.code, "owner")
    leader.press("ask", QUESTION)

    again = wing.client.post(f"{wing.seat}/questions/{QUESTION}", data={"answer": "4", "turn": "1", "then": "send"})

    text = again.get_data(as_text=True)
    assert again.status_code == 400
    assert "Not saved yet" in text
    assert re.search(r'value="4"[^>]*checked', text)


def _still(page: str) -> str:
    """Return a page without what changes by itself: its tokens and the mark of its state."""
    page = re.sub(r'name="(csrf_token|turn)" value="[^"]*"', "", page)
    return re.sub(r'data-mark="[^"]*"|Saved at [0-9:]+', "", page)


def _voices(app: Flask) -> list[int]:
    with app.app_context():
        rows = db.session.scalars(sa.text("SELECT value FROM voice").columns(value=sa.JSON))
        return sorted(rows)


def _removable(leader: Leader) -> dict[str, str]:
    """Return who can be removed, with what the form sends for them."""
    found = re.findall(r'name="person" type="checkbox" value="([^"]+)"><label[^>]*>([^<]+)<', leader.look())
    return {name: value for value, name in found}


def _agreed(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.execute(
            sa.text("SELECT value, reason FROM asked_question WHERE state = 'agreed'").columns(value=sa.JSON)
        )
        return [(value, reason) for value, reason in rows]


def _level_text(person: Person, level: int) -> str:
    with person.client.application.app_context():
        texts = rubric_of(current_rubric(db.session)).texts[Language.EN]
    return str(texts[f"questions.{QUESTION}.levels.{level}.text"])


def _summary_path(leader: Leader) -> str:
    page = leader.desk.get(f"/staff/clients/{leader.desk.client_id}").get_data(as_text=True)
    found = re.search(rf'href="({leader.path}/[0-9a-f-]+)"', page)
    assert found, page
    return found[1]
