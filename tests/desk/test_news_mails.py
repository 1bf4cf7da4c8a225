"""Mails about schemes that change: asked for, confirmed, one a week, stopped by one button, deleted with all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.models import NewsMail
from readiness.services import mailing, news_mails, schemes_desk
from readiness.services.accounts import Actor
from readiness.services.database import db, now
from readiness.services.planning import today
from tests.desk.conftest import SOURCE
from tests.web.conftest import Owner, tables_that_hold

ADDRESS = "mei@harbour.example"
WEEK = timedelta(days=7)


class Post:
    """Takes mails, or refuses them."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.sent: list[tuple[str, Language, UUID]] = []
        self.refuses = refuses

    def __call__(self, address: str, language: Language, id: UUID) -> None:
        """Take a mail."""
        if self.refuses:
            raise OSError
        self.sent.append((address, language, id))


@pytest.fixture
def finished(site: Flask, owner: Owner) -> Owner:
    """Return an owner whose plan recommends NITTP, on the page of the links."""
    owner.start(name="Harbour Foods").answer_all().submit()
    owner.get("/links")
    return owner


def ask(owner: Owner, address: str = ADDRESS) -> Any:
    owner.get("/links")
    owner.page = owner.post(f"/assessments/{owner.token}/links/news", news_address=address)
    return owner.page


def code_of_the_mail(printed: str) -> str:
    found = re.findall(r"http://localhost(/news/[\w.=-]+)", printed.replace("=\n", ""))
    assert found, printed
    return str(found[-1])


@pytest.fixture
def subscribed(finished: Owner, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the address that the mail of an owner leads to, after saying yes there."""
    assert ask(finished).status_code == 200
    code = code_of_the_mail(capsys.readouterr().out)
    finished.page = finished.client.get(code)
    assert finished.post(code).status_code == 302
    return code


def rows() -> list[NewsMail]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(NewsMail).execution_options(populate_existing=True)))


def test_an_address_gets_nothing_until_it_says_yes(editor: Actor, finished: Owner, capsys: Any) -> None:
    assert ask(finished).status_code == 200
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    post = Post()

    assert news_mails.send_due(now(), post) == 0

    code = code_of_the_mail(capsys.readouterr().out)
    finished.page = finished.client.get(code)
    assert ADDRESS in finished.text
    finished.post(code)
    assert news_mails.send_due(now(), post) == 1
    assert post.sent[0][:2] == (ADDRESS, Language.EN)


def test_to_open_the_address_in_a_mail_changes_nothing(finished: Owner, capsys: Any) -> None:
    # Programs that look through mails open every address.
    ask(finished)
    code = code_of_the_mail(capsys.readouterr().out)

    for _ in range(2):
        finished.client.get(code)
        finished.client.get(f"{code}/stop")

    assert [row.confirmed_at for row in rows()] == [None]


def test_without_news_no_mail_goes_out(site: Flask, subscribed: str) -> None:
    post = Post()

    assert news_mails.send_due(now(), post) == 0
    assert post.sent == []


def test_the_same_news_is_told_once_and_other_news_a_week_later(editor: Actor, subscribed: str) -> None:
    post, moment = Post(), now()
    schemes_desk.change_fact(editor, "nittp", "cap", 300000, since=today(), source=SOURCE)

    told = [news_mails.send_due(moment + timedelta(days=day), post) for day in (0, 1, 8)]
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    told += [news_mails.send_due(moment + WEEK - timedelta(hours=1), post), news_mails.send_due(moment + WEEK, post)]

    assert told == [1, 0, 0, 0, 1]


def test_a_mail_that_could_not_be_sent_is_tried_again(editor: Actor, subscribed: str) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    assert news_mails.send_due(now(), Post(refuses=True)) == 0
    assert news_mails.send_due(now(), Post()) == 1


def test_the_daily_work_sends_once_a_day(editor: Actor, subscribed: str) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    moment = now()

    assert news_mails.send_if_due(moment, Post()) == 1
    assert news_mails.send_if_due(moment + timedelta(hours=19), Post()) is None
    assert news_mails.send_if_due(moment + timedelta(hours=20), Post()) == 0


@pytest.mark.parametrize("language", list(Language))
def test_the_mail_has_one_fixed_text_without_anything_of_the_company(
    site: Flask, language: Language, capsys: Any
) -> None:
    with site.test_request_context():
        mailing.send_news(ADDRESS, language, uuid4())
        mailing.send_news_question(ADDRESS, language, uuid4())

    printed = capsys.readouterr().out
    assert printed.count(f"To: {ADDRESS}") == 2
    assert len(re.findall(r"List-Unsubscribe:\s+<http://localhost/news/", printed)) == 2


@pytest.mark.parametrize("way", ["mail", "page"])
def test_one_button_stops_the_mails_and_forgets_the_address(
    editor: Actor, finished: Owner, subscribed: str, app: Flask, way: str
) -> None:
    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)
    finished.page = finished.client.get(subscribed) if way == "mail" else finished.get("/links")

    path = f"{subscribed}/stop" if way == "mail" else f"/assessments/{finished.token}/links/news/stop"
    assert finished.post(path).status_code == 302

    assert rows() == []
    assert tables_that_hold(app, ADDRESS) == []
    assert news_mails.send_due(now(), Post()) == 0
    finished.page = finished.client.get(subscribed)
    assert finished.page.status_code == 200
    assert ADDRESS not in finished.text


def test_everything_deleted_takes_the_address_along(finished: Owner, subscribed: str, app: Flask) -> None:
    finished.get("/result")
    finished.post(f"/assessments/{finished.token}/revise")
    finished.get("/delete")

    finished.post(f"/assessments/{finished.token}/delete")

    assert tables_that_hold(app, ADDRESS) == []


def test_a_dropped_revision_does_not_take_the_address_along(finished: Owner, subscribed: str) -> None:
    finished.get("/result")
    finished.post(f"/assessments/{finished.token}/revise")
    finished.get("/check")

    finished.post(f"/assessments/{finished.token}/drop")

    assert len(rows()) == 1


def test_an_address_that_never_says_yes_is_forgotten_after_seven_days(site: Flask, finished: Owner) -> None:
    ask(finished)

    news_mails.send_due(now() + WEEK - timedelta(hours=1), Post())
    assert len(rows()) == 1
    news_mails.send_due(now() + WEEK + timedelta(hours=1), Post())
    assert rows() == []


def test_a_second_address_takes_the_place_of_the_first(finished: Owner, subscribed: str) -> None:
    ask(finished, "other@harbour.example")

    assert [(row.address, row.confirmed_at) for row in rows()] == [("other@harbour.example", None)]


@pytest.mark.parametrize(
    "address", ["", "mei", "a@b@c", "mei@harbour.example\nBcc: all@example.com", "x" * 300 + "@a.hk"]
)
def test_what_is_no_address_is_refused(site: Flask, finished: Owner, address: str) -> None:
    assert ask(finished, address).status_code == 422
    assert rows() == []


@pytest.mark.parametrize("code", ["x", "x.y", "ImEi.abc", "null.x", "%00"])
def test_an_address_that_no_mail_held_opens_nothing(client: Any, code: str) -> None:
    assert client.get(f"/news/{code}").status_code == 404


def test_a_link_for_reading_asks_for_no_mails(finished: Owner, app: Flask) -> None:
    reading = finished.give("read")
    csrf = finished.token_of_the_form

    for path in ("news", "news/stop"):
        fields = {"csrf_token": csrf, "news_address": ADDRESS}
        assert finished.client.post(f"/assessments/{reading}/links/{path}", data=fields).status_code == 403

    with app.app_context():
        assert rows() == []
