"""Reminders of actions: asked for, confirmed, at most one a week, never twice the same, stopped by one button."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.models import ReminderMail
from readiness.services import mailing, reminder_mails, upkeep
from readiness.services.database import db, now
from readiness.services.planning import today
from readiness.services.reminder_mails import Due
from tests.guided.test_following import actions_of, follow
from tests.web.conftest import Owner, tables_that_hold

ADDRESS = "mei@harbour.example"
WEEK = timedelta(days=7)


class Post:
    """Takes mails, or refuses them."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.sent: list[tuple[str, Language, UUID, tuple[Due, ...]]] = []
        self.refuses = refuses

    def __call__(self, address: str, language: Language, id: UUID, due: tuple[Due, ...]) -> None:
        """Take a mail."""
        if self.refuses:
            raise OSError
        self.sent.append((address, language, id, due))


@pytest.fixture
def finished(owner: Owner, app: Flask) -> Any:
    """Return an owner whose first action was due yesterday."""
    owner.start(name="Harbour Foods").answer_all().submit()
    follow(owner, actions_of(owner)[0], due_on=(today() - timedelta(days=1)).isoformat(), owner="Ms Chan")
    with app.app_context():
        yield owner


def ask(owner: Owner, address: str = ADDRESS) -> Any:
    owner.get("/actions")
    owner.page = owner.post(f"/assessments/{owner.token}/reminders", reminder_address=address)
    return owner.page


def code_of_the_mail(printed: str) -> str:
    found = re.findall(r"http://localhost(/reminders/[\w.=-]+)", printed.replace("=\n", ""))
    assert found, printed
    return str(found[-1])


@pytest.fixture
def reminded(finished: Owner, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the address that the mail leads to, after saying yes there."""
    assert ask(finished).status_code == 200
    code = code_of_the_mail(capsys.readouterr().out)
    finished.page = finished.client.get(code)
    assert finished.post(code).status_code == 302
    return code


def rows() -> list[ReminderMail]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(ReminderMail).execution_options(populate_existing=True)))


def test_an_address_gets_nothing_until_it_says_yes(finished: Owner, capsys: Any) -> None:
    assert ask(finished).status_code == 200
    post = Post()
    assert reminder_mails.send_due(now(), post) == 0
    code = code_of_the_mail(capsys.readouterr().out)

    for path in (code, f"{code}/stop"):
        finished.client.get(path)
    assert reminder_mails.send_due(now(), post) == 0
    finished.page = finished.client.get(code)
    finished.post(code)

    assert reminder_mails.send_due(now(), post) == 1
    assert post.sent[0][:2] == (ADDRESS, Language.EN)


def test_it_names_what_is_overdue_or_due_within_a_week_and_nothing_else(finished: Owner, reminded: str) -> None:
    actions = actions_of(finished)
    follow(finished, actions[1], due_on=(today() + WEEK).isoformat())
    follow(finished, actions[2], due_on=(today() + timedelta(days=8)).isoformat())
    post = Post()

    reminder_mails.send_due(now(), post)

    due = post.sent[0][3]
    assert [(each.followed.action.id, each.overdue) for each in due] == [(actions[0], True), (actions[1], False)]


@pytest.mark.parametrize("state", ["done", "dropped"])
def test_what_is_done_or_dropped_is_not_reminded_of(finished: Owner, reminded: str, state: str) -> None:
    follow(finished, actions_of(finished)[0], due_on=(today() - timedelta(days=1)).isoformat(), state=state)

    assert reminder_mails.send_due(now(), Post()) == 0


def test_the_same_is_told_once_and_something_else_a_week_later(finished: Owner, reminded: str) -> None:
    post, moment = Post(), now()

    told = [reminder_mails.send_due(moment + timedelta(days=day), post) for day in (0, 1, 8)]
    follow(finished, actions_of(finished)[1], due_on=today().isoformat())
    told += [
        reminder_mails.send_due(moment + WEEK - timedelta(hours=1), post),
        reminder_mails.send_due(moment + WEEK, post),
        reminder_mails.send_due(moment + WEEK, post),
    ]

    assert told == [1, 0, 0, 0, 1, 0]


def test_a_mail_that_could_not_be_sent_is_tried_again(reminded: str) -> None:
    assert reminder_mails.send_due(now(), Post(refuses=True)) == 0
    assert reminder_mails.send_due(now(), Post()) == 1


def test_the_daily_work_reminds_once_a_day(reminded: str, capsys: Any) -> None:
    upkeep._remind_if_due()
    upkeep._remind_if_due()

    printed = capsys.readouterr().out
    assert len(re.findall(r"^To: ", printed, re.M)) == 1


@pytest.mark.parametrize("language", list(Language))
def test_the_mail_names_actions_and_days_and_nothing_that_the_company_wrote(
    app: Flask, reminded: str, finished: Owner, capsys: Any, language: Language
) -> None:
    post = Post()
    reminder_mails.send_due(now(), post)
    with app.test_request_context():
        mailing.send_reminder(ADDRESS, language, post.sent[0][2], post.sent[0][3])

    printed = capsys.readouterr().out
    due = post.sent[0][3][0]
    title = due.followed.version.texts[language][f"actions.{due.followed.action.id}.title"]
    assert due.line(words_in(language)).startswith(title)
    assert not any(each in printed for each in ("Ms Chan", "Harbour Foods", finished.token))
    assert re.search(r"List-Unsubscribe:\s+<http://localhost/reminders/", printed)


@pytest.mark.parametrize("way", ["mail", "page"])
def test_one_button_stops_them_and_forgets_the_address(finished: Owner, reminded: str, app: Flask, way: str) -> None:
    finished.page = finished.client.get(reminded) if way == "mail" else finished.get("/actions")

    path = f"{reminded}/stop" if way == "mail" else f"/assessments/{finished.token}/reminders/stop"
    assert finished.post(path).status_code == 302

    assert tables_that_hold(app, ADDRESS) == []
    assert reminder_mails.send_due(now(), Post()) == 0
    assert ADDRESS not in finished.client.get(reminded).get_data(as_text=True)


def test_everything_deleted_takes_the_address_along(finished: Owner, reminded: str, app: Flask) -> None:
    finished.get("/delete")

    finished.post(f"/assessments/{finished.token}/delete")

    assert tables_that_hold(app, ADDRESS) == []


@pytest.mark.parametrize("address", ["", "mei", "mei@harbour.example\nBcc: all@example.com"])
def test_what_is_no_address_is_refused(finished: Owner, address: str) -> None:
    assert ask(finished, address).status_code == 422
    assert rows() == []


@pytest.mark.parametrize("code", ["x", "x.y", "null.x", "%00"])
def test_an_address_that_no_mail_held_opens_nothing(client: Any, code: str) -> None:
    assert client.get(f"/reminders/{code}").status_code == 404


def test_the_code_of_other_mails_opens_no_reminders(finished: Owner, reminded: str, app: Flask) -> None:
    signed = mailing.news_signer().dumps(str(rows()[0].id))

    assert finished.client.get(f"/reminders/{signed}").status_code == 404
