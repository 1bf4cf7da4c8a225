"""The links of an assessment: given, listed, mailed through a real server, withdrawn."""

from __future__ import annotations

import logging
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import default
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import lxml.html
import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from werkzeug.test import TestResponse

from readiness.models import Access, Given, Link
from readiness.services import links
from readiness.services.database import db
from readiness.settings import Settings
from tests.conftest import missing
from tests.web.conftest import Owner, everything_stored, tables_that_hold

ADDRESS = "wong.siu-ming@harbour-foods.example"
SENDER = "readiness@site.example"


# Given, listed, withdrawn.


def test_a_link_to_read_shows_the_result_and_changes_nothing(owner: Owner) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all().submit()

    token = owner.give("read", "the bank")

    page = owner.client.get(f"/assessments/{token}", follow_redirects=True).get_data(as_text=True)
    assert "Harbour Foods Ltd is AI Aware: 3.4 of 5." in page
    assert lxml.html.fromstring(page).xpath("//main//form") == []
    assert owner.token not in page
    assert owner.client.get(f"/assessments/{token}/links").status_code == 403


def test_a_link_to_edit_opens_the_same_assessment(owner: Owner) -> None:
    owner.start()
    owner.answer("ai_talent", 3)
    partner = Owner(owner.client)

    partner.token = owner.give("edit", "Mei")
    partner.answer("ai_literacy", 4)

    owner.get("/check")
    assert "10 questions are not answered yet." in owner.text


def test_a_link_is_shown_once_and_the_page_then_lists_what_it_may_and_for_whom(visitor: Owner) -> None:
    visitor.start().answer_all().submit()

    token = visitor.give("read", "the bank")

    assert visitor.text.count(token) == 1
    assert "http://localhost/assessments/" in visitor.text
    visitor.get("/links")
    assert token not in visitor.text
    listed = _listed(visitor)
    assert len(listed) == 2
    assert [(may, label) == ("Shows the result", "the bank") for may, label, _ in listed].count(True) == 1
    assert [here for _, _, here in listed].count(True) == 1


def test_of_a_link_only_the_hash_is_stored(visitor: Owner, shared_app: Flask) -> None:
    visitor.start().answer_all().submit()

    tokens = [visitor.token, visitor.give("read"), visitor.give("edit")]

    for token in tokens:
        assert tables_that_hold(shared_app, token) == []
        assert tables_that_hold(shared_app, sha256(token.encode()).digest().hex()) == ["link"]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("  the\tbank \u202e", "the bank"),
        ("銀行 陳小姐", "銀行 陳小姐"),
        ("<b>x</b>", "<b>x</b>"),
        ("a" * 60, "a" * 60),
    ],
)
def test_a_label_is_cleaned_and_never_read_as_markup(visitor: Owner, label: str, shown: str) -> None:
    visitor.start()

    visitor.give("edit", label)

    assert shown in [label for _, label, _ in _listed(visitor)]
    assert "<b>x" not in visitor.text


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"access": "edit", "label": "a" * 61}, "Write at most 60 characters."),
        ({"access": "own", "label": ""}, "Choose one of the answers that are offered."),
        ({"access": "", "label": ""}, "Choose what the link may do."),
    ],
)
def test_a_wish_that_cannot_be_read_makes_no_link_and_stands_there_again(
    visitor: Owner, fields: dict[str, str], complaint: str
) -> None:
    visitor.start().get("/links")

    visitor.page = visitor.post(f"/assessments/{visitor.token}/links", **fields)

    assert visitor.page.status_code == 422
    assert complaint in visitor.text
    assert f'value="{fields["label"]}"' in visitor.text or not fields["label"]
    assert len(_listed(visitor)) == 1


def test_before_there_is_a_result_no_link_can_show_it(visitor: Owner) -> None:
    visitor.start().get("/links")

    visitor.page = visitor.post(f"/assessments/{visitor.token}/links", access="read", label="")

    assert visitor.page.status_code == 409
    assert "There is no result yet to show." in visitor.text
    assert len(_listed(visitor)) == 1


def test_a_withdrawn_link_opens_nothing_and_the_others_stay(owner: Owner) -> None:
    owner.start().answer_all().submit()
    withdrawn, kept = owner.give("read", "the bank"), owner.give("read", "the partner")
    owner.get("/links")

    response = owner.post(_withdrawal(owner, "the bank"))

    assert response.status_code == 302
    for path in ("", "/result", "/export.json", "/plan-en.pdf", "/links"):
        assert owner.client.get(f"/assessments/{withdrawn}{path}").status_code == 404, path
    assert owner.client.get(f"/assessments/{kept}/result").status_code == 200
    owner.get("/links")
    assert [label for _, label, _ in _listed(owner)].count("the bank") == 0


def test_the_label_of_a_withdrawn_link_is_forgotten(visitor: Owner, shared_app: Flask) -> None:
    visitor.start()
    visitor.give("edit", "old Uncle Kwok")
    assert tables_that_hold(shared_app, "old Uncle Kwok") == ["link"]

    visitor.post(_withdrawal(visitor, "old Uncle Kwok"))

    assert tables_that_hold(shared_app, "old Uncle Kwok") == []


def test_withdrawing_twice_or_what_is_not_there_changes_nothing(visitor: Owner, shared_app: Flask) -> None:
    visitor.start()
    visitor.give("edit", "Mei")
    address = _withdrawal(visitor, "Mei")
    visitor.post(address)
    before = everything_stored(shared_app)

    answers = [visitor.post(place).status_code for place in (address, re.sub(r"[^/]+/withdraw", _none(), address))]

    assert answers == [302, 302]
    assert everything_stored(shared_app) == before


def test_a_link_of_another_company_cannot_be_withdrawn(visitor: Owner, shared_app: Flask) -> None:
    other = Owner(shared_app.test_client()).start()
    theirs = other.give("edit", "Mei")
    address = _withdrawal(other, "Mei").replace(other.token, visitor.start().token)

    visitor.get("/links")
    visitor.post(address)

    assert other.client.get(f"/assessments/{theirs}/links").status_code == 200


def test_the_link_in_use_cannot_withdraw_itself(visitor: Owner, shared_app: Flask) -> None:
    visitor.start().get("/links")
    assert "/withdraw" not in visitor.text
    with shared_app.app_context():
        own = db.session.scalars(sa.select(Link.id).where(Link.token_hash == _hash(visitor.token))).one()

    visitor.page = visitor.post(f"/assessments/{visitor.token}/links/{own}/withdraw")

    assert visitor.page.status_code == 409
    assert "This is the link that you are using." in visitor.text
    assert visitor.get("/links").status_code == 200


def test_fifty_links_are_the_most_and_one_withdrawn_makes_room(visitor: Owner, shared_app: Flask) -> None:
    visitor.start()
    with shared_app.test_request_context():
        for number in range(links.MOST_LINKS - 1):
            links.give(visitor.token, Access.EDIT, Given.SHARE, f"number {number}")
    visitor.get("/links")

    visitor.page = visitor.post(f"/assessments/{visitor.token}/links", access="edit", label="")

    assert visitor.page.status_code == 409
    assert "Fifty links are in force" in visitor.text
    assert len(_listed(visitor)) == 50
    visitor.post(_withdrawal(visitor, "number 7"))
    visitor.give("edit", "at last")


# What a link opens, and when.


def test_a_reading_link_goes_on_showing_its_result_while_the_editing_one_goes_on_to_newer_ones(owner: Owner) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all().submit()
    first = owner.give("read")
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2)
    during = owner.give("read")
    owner.submit()
    newest = owner.give("read")

    seen = {
        token: owner.client.get(f"/assessments/{token}", follow_redirects=True).get_data(as_text=True)
        for token in (first, during, newest, owner.token)
    }

    assert "Harbour Foods Ltd is AI Aware: 3.4 of 5." in seen[first]
    assert "Harbour Foods Ltd is AI Aware: 3.4 of 5." in seen[during]
    assert "Harbour Foods Ltd is AI Ready: 3.5 of 5." in seen[newest]
    assert "Harbour Foods Ltd is AI Ready: 3.5 of 5." in seen[owner.token]
    for token, shown, hidden in ((first, 1, 2), (newest, 2, 1)):
        assert owner.client.get(f"/assessments/{token}/results/{shown}").status_code == 200
        assert owner.client.get(f"/assessments/{token}/results/{hidden}").status_code == 404
        assert owner.client.get(f"/assessments/{token}/results/{hidden}/export.json").status_code == 404
        assert owner.client.get(f"/assessments/{token}/results/{hidden}/plan-en.pdf").status_code == 404


def test_a_reading_link_says_nothing_of_changes_that_were_begun_or_of_other_results(visitor: Owner) -> None:
    visitor.start().answer_all().submit()
    visitor.post(f"/assessments/{visitor.token}/revise")
    visitor.answer("ai_governance", 2)
    visitor.submit()
    token = visitor.give("read")
    visitor.get("/result")
    visitor.post(f"/assessments/{visitor.token}/revise")

    page = visitor.client.get(f"/assessments/{token}/result").get_data(as_text=True)

    assert "You have begun to change the answers." not in page
    assert "/results/1" not in page


def test_a_link_that_was_given_while_changing_still_opens_when_the_changes_are_dropped(owner: Owner) -> None:
    owner.start().answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    partner = owner.give("edit", "Mei")
    owner.get("/check")

    assert owner.post(f"/assessments/{owner.token}/drop").status_code == 302

    page = owner.client.get(f"/assessments/{partner}", follow_redirects=True)
    assert page.status_code == 200
    assert "AI Aware: 3.4 of 5" in page.get_data(as_text=True)


def test_who_drops_the_changes_with_a_link_given_meanwhile_is_not_shut_out(visitor: Owner) -> None:
    visitor.start().answer_all().submit()
    visitor.post(f"/assessments/{visitor.token}/revise")
    visitor.token = visitor.give("edit", "Mei")
    visitor.get("/check")

    visitor.page = visitor.client.post(
        f"/assessments/{visitor.token}/drop",
        data={"csrf_token": visitor.token_of_the_form},
        follow_redirects=True,
    )

    assert visitor.page.status_code == 200
    assert "AI Aware: 3.4 of 5" in visitor.text


def test_notes_are_in_the_file_of_those_who_may_edit_and_in_no_other(visitor: Owner) -> None:
    visitor.start()
    visitor.answer("ai_talent", 3, note="Ask 陳美 in the workshop.")
    visitor.answer_all().submit()
    token = visitor.give("read")

    mine = visitor.client.get(f"/assessments/{visitor.token}/export.json")
    theirs = visitor.client.get(f"/assessments/{token}/export.json")

    assert mine.get_json()["notes"] == {"ai_talent": "Ask 陳美 in the workshop."}
    assert "notes" not in theirs.get_json()
    for path in ("/export.json", "/result", "/results/1/export.json"):
        assert "陳美" not in visitor.client.get(f"/assessments/{token}{path}").get_data(as_text=True), path


# Mailed.


class Mailbox:
    """Keeps what a mail server was given; one that refuses keeps nothing."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.envelopes: list[tuple[list[str], str, Message]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (the library's name)
        """Take a mail."""
        if self.refuses:
            return "554 not here"
        message = message_from_bytes(envelope.content, policy=default)
        self.envelopes.append((envelope.rcpt_tos, envelope.mail_from, message))
        return "250 taken"


@pytest.fixture
def mailbox() -> Mailbox:
    """Return where the mails of this test arrive."""
    return Mailbox()


@pytest.fixture
def mail_server(mailbox: Mailbox) -> Iterator[str]:
    """Run a real mail server and return its address."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield f"smtp+plain://127.0.0.1:{controller.port}"
    controller.stop(no_assert=True)


@pytest.fixture
def mailing(
    mail_server: str, settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]
) -> Callable[[str], Owner]:
    """Return how to begin an assessment on a site that sends mails."""
    app = make_app(settings_with(mail=mail_server, mail_from=SENDER, public_url="http://localhost:8000"))

    def begin(language: str = "en") -> Owner:
        return Owner(app.test_client(), language).start()

    return begin


def test_a_mail_arrives_once_and_its_link_opens_the_assessment(
    mailing: Callable[[str], Owner], mailbox: Mailbox
) -> None:
    owner = mailing("en")
    owner.answer("ai_talent", 3)

    owner.page = _ask_for_mail(owner)

    assert owner.page.status_code == 200
    assert f"A mail is on its way to {ADDRESS}." in owner.text
    assert [(to, sender) for to, sender, _ in mailbox.envelopes] == [([ADDRESS], SENDER)]
    message = mailbox.envelopes[0][2]
    assert (message["To"], message["From"]) == (ADDRESS, SENDER)
    assert message["Subject"] == "Your AI readiness assessment"
    found = re.findall(r"http://localhost:8000/assessments/(\S+)", _text(message))
    assert len(found) == 1
    assert found[0] != owner.token
    assert found[0] not in owner.text
    owner.token = found[0]
    assert owner.answer("ai_literacy", 4).status_code == 302


@pytest.mark.parametrize(("language", "script"), [("zh-Hant", "連結|評估"), ("zh-Hans", "链接|评估")])
def test_a_mail_speaks_the_language_of_the_page(
    mailing: Callable[[str], Owner], mailbox: Mailbox, language: str, script: str
) -> None:
    owner = mailing(language)

    _ask_for_mail(owner)

    message = mailbox.envelopes[0][2]
    assert re.search(script, _text(message))
    assert re.search(r"[\u4e00-\u9fff]", message["Subject"])
    without_link = re.sub(r"http\S+", "", _text(message))
    assert not re.search(r"[a-z]{5,}", without_link)


def test_the_mailed_link_is_listed_and_can_be_withdrawn(mailing: Callable[[str], Owner], mailbox: Mailbox) -> None:
    owner = mailing("en")
    _ask_for_mail(owner)
    token = _token(mailbox)
    owner.get("/links")
    assert "mailed" in owner.text

    address = re.search(r'action="([^"]+/withdraw)"', owner.text)
    assert address is not None
    owner.post(address[1])

    assert owner.client.get(f"/assessments/{token}").status_code == 404


def test_the_address_of_a_mail_is_kept_nowhere(
    mailing: Callable[[str], Owner], mailbox: Mailbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="readiness")
    caplog.set_level(logging.DEBUG, logger="sqlalchemy.engine")
    caplog.set_level(logging.DEBUG, logger="flask-limiter")
    owner = mailing("en")

    _ask_for_mail(owner)
    owner.get("/links")

    assert len(mailbox.envelopes) == 1
    app = owner.client.application
    for words in (ADDRESS, "wong.siu-ming", "harbour-foods.example", _token(mailbox)):
        assert tables_that_hold(app, words) == []
        assert words not in owner.text
        assert words not in caplog.text
        assert words not in "".join(capfd.readouterr())
    assert not any("harbour" in str(cookie) for cookie in owner.client._cookies.values())


def test_three_mails_a_day_are_the_most_for_an_assessment_and_another_has_its_own(
    mailing: Callable[[str], Owner], mailbox: Mailbox
) -> None:
    owner, other = mailing("en"), mailing("en")

    answers = [_ask_for_mail(owner) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Three mails were sent for this assessment within a day" in answers[3].get_data(as_text=True)
    assert len(mailbox.envelopes) == 3
    assert _ask_for_mail(other).status_code == 200


def test_withdrawing_mailed_links_or_dropping_changes_gives_no_further_mails(
    mailing: Callable[[str], Owner], mailbox: Mailbox
) -> None:
    owner = mailing("en").answer_all().submit()
    owner.post(f"/assessments/{owner.token}/revise")
    for _ in range(3):
        _ask_for_mail(owner)
    owner.get("/links")
    for address in re.findall(r'action="([^"]+/withdraw)"', owner.text):
        owner.post(address)
    owner.get("/check")
    owner.post(f"/assessments/{owner.token}/drop")

    assert _ask_for_mail(owner).status_code == 429
    assert len(mailbox.envelopes) == 3


def test_a_day_later_mails_are_sent_again(mailing: Callable[[str], Owner], mailbox: Mailbox) -> None:
    owner = mailing("en")
    for _ in range(3):
        _ask_for_mail(owner)
    with owner.client.application.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE link SET created_at = datetime(created_at, '-25 hours')")

    assert _ask_for_mail(owner).status_code == 200


def test_a_server_that_refuses_is_told_of_and_its_link_opens_nothing(
    mailing: Callable[[str], Owner], mailbox: Mailbox
) -> None:
    mailbox.refuses = True
    owner = mailing("en")

    owner.page = _ask_for_mail(owner)

    assert owner.page.status_code == 502
    assert "The mail could not be sent just now." in owner.text
    assert f'value="{ADDRESS}"' in owner.text
    owner.get("/links")
    assert len(_listed(owner)) == 1


def test_mails_that_were_never_sent_do_not_use_up_the_three_of_a_day(
    mailing: Callable[[str], Owner], mailbox: Mailbox
) -> None:
    owner = mailing("en")
    mailbox.refuses = True
    for _ in range(3):
        _ask_for_mail(owner)
    mailbox.refuses = False

    assert _ask_for_mail(owner).status_code == 200
    assert len(mailbox.envelopes) == 1


def test_a_server_that_is_not_there_is_told_of_and_its_link_opens_nothing(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="readiness")
    app = make_app(settings_with(mail=f"smtp+plain://127.0.0.1:{_free_port()}", mail_from=SENDER))
    owner = Owner(app.test_client()).start()

    owner.page = _ask_for_mail(owner)

    assert owner.page.status_code == 502
    owner.get("/links")
    assert len(_listed(owner)) == 1
    assert ADDRESS not in caplog.text


def test_a_mail_is_no_way_around_the_most_links(mailing: Callable[[str], Owner], mailbox: Mailbox) -> None:
    owner = mailing("en")
    with owner.client.application.test_request_context():
        for _ in range(links.MOST_LINKS - 1):
            links.give(owner.token, Access.EDIT, Given.SHARE)

    response = _ask_for_mail(owner)

    assert response.status_code == 409
    assert "Fifty links are in force" in response.get_data(as_text=True)
    assert mailbox.envelopes == []


def test_neither_password_nor_link_goes_to_a_server_whose_certificate_does_not_hold(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    stranger = Stranger()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(_certificate_of_nobody(tmp_path))
    controller = Controller(
        stranger,
        hostname="127.0.0.1",
        port=_free_port(),
        tls_context=tls,
        require_starttls=True,
        authenticator=stranger.authenticate,
    )
    controller.start()
    address = f"smtp://readiness:secret@localhost:{controller.port}"
    owner = Owner(make_app(settings_with(mail=address, mail_from=SENDER)).test_client()).start()

    response = _ask_for_mail(owner)

    controller.stop(no_assert=True)
    assert response.status_code == 502
    assert (stranger.passwords, stranger.envelopes) == ([], [])


class Stranger(Mailbox):
    """Takes any password and any mail."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords: list[object] = []

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
        """Note the password and let everybody in."""
        self.passwords.append(said)
        return AuthResult(success=True)


def _certificate_of_nobody(folder: Path) -> Path:
    """Return a file with a key and a certificate that nobody has signed."""
    program = shutil.which("openssl")
    if program is None:
        missing("openssl")
    path = folder / "nobody.pem"
    what = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    where = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path, "-out", path]
    subprocess.run([str(program), "req", *what, *where], check=True, capture_output=True)
    return path


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com\nBcc: b@example.com",
        "a@example.com\r\nSubject: buy",
        "a@example.com, b@example.com",
        "a@example.com; b@example.com",
        "a@example.com b@example.com",
        "A <a@example.com>",
        "a@example.com%0ABcc:b@example.com",
        "a@localhost",
        "a@[127.0.0.1]",
        "a@b@example.com",
        "@example.com",
        "a" * 250 + "@example.com",
        "",
        "\x00a@example.com",
    ],
)
def test_anything_but_one_address_is_refused_and_nothing_is_sent(
    mailing: Callable[[str], Owner], mailbox: Mailbox, address: str
) -> None:
    owner = mailing("en")

    owner.page = _ask_for_mail(owner, address)

    assert (owner.page.status_code, mailbox.envelopes) == (422, [])
    assert "Write one e-mail address, such as name@example.com." in unescape(owner.text)
    assert len(_listed(owner)) == 1


@pytest.mark.parametrize(
    "address", ["陳大文@例子.香港", "dawen@例子.香港", "陳大文@example.com", "d'arcy+ai@example.com"]
)
def test_an_address_in_any_script_is_mailed_or_refused_and_never_a_fault(
    mailing: Callable[[str], Owner], mailbox: Mailbox, address: str
) -> None:
    owner = mailing("en")

    owner.page = _ask_for_mail(owner, address)

    sent = len(mailbox.envelopes)
    assert (owner.page.status_code, sent) in {(200, 1), (422, 0), (502, 0)}
    owner.get("/links")
    assert len(_listed(owner)) == 1 + sent


def test_production_without_a_mail_server_offers_no_mail_and_prints_none(
    settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask], capfd: pytest.CaptureFixture
) -> None:
    app = make_app(settings_with(production=True))
    owner = Owner(app.test_client()).start()
    owner.get("/links")
    assert "Mail a link to yourself" not in owner.text

    response = _ask_for_mail(owner)

    assert response.status_code == 404
    assert ADDRESS not in "".join(capfd.readouterr())
    owner.get("/links")
    assert len(_listed(owner)) == 1


def _ask_for_mail(owner: Owner, address: str = ADDRESS) -> TestResponse:
    owner.get("/links")
    return owner.post(f"/assessments/{owner.token}/links/mail", address=address)


def _token(mailbox: Mailbox) -> str:
    found = re.search(r"/assessments/(\S+)", _text(mailbox.envelopes[0][2]))
    assert found is not None
    return found[1]


def _text(message: Message) -> str:
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def _listed(owner: Owner) -> list[tuple[str, str, bool]]:
    """Return of each link on the page what it may do, for whom it is, and whether it is the one in use."""
    found = []
    for item in _items(owner.text):
        may = item.xpath("string(.//strong)")
        first = item.xpath(".//p")[0]
        label = re.sub(r"^ · ", "", (first.xpath(".//strong")[0].tail or "").rstrip())
        found.append((may, label, "the one you are using" in item.text_content()))
    return found


def _items(page: str) -> list[Any]:
    return list(lxml.html.fromstring(page).xpath('//ul[contains(@class, "links")]/li'))


def _withdrawal(owner: Owner, label: str) -> str:
    """Return the address that withdraws the link of this label."""
    owner.get("/links")
    for item in _items(owner.text):
        if label in item.text_content():
            return str(item.xpath(".//form/@action")[0])
    raise AssertionError(f"no link for {label}")


def _none() -> str:
    return f"{uuid4()}/withdraw"


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
