"""Mails: fixed texts to one address, which is used once and not kept."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from flask import Flask, current_app
from flask_mailman import EmailMessage, Mail
from flask_mailman.backends.smtp import EmailBackend
from itsdangerous import URLSafeSerializer

from readiness.core.languages import Language
from readiness.documents.words import Words, words_in
from readiness.settings import Settings

mail = Mail()

#: Seconds that a mail server may take.
PATIENCE = 8


def register(app: Flask, settings: Settings) -> None:
    """Send through the server that is set; without one, print mails in development and send none in production."""
    server = settings.mail_server
    app.config.update(
        MAILS=settings.mails,
        MAILS_PRINTED=server is None,
        MAIL_BACKEND=_Backend if server else "console",
        MAIL_DEFAULT_SENDER=settings.mail_from or "readiness@localhost",
        MAIL_TIMEOUT=PATIENCE,
    )
    if server is not None:
        app.config.update(
            MAIL_SERVER=server.hostname,
            MAIL_PORT=settings.mail_port,
            MAIL_USERNAME=unquote(server.username) if server.username else None,
            MAIL_PASSWORD=unquote(server.password) if server.password else None,
            MAIL_USE_TLS=server.scheme == "smtp",
            MAIL_USE_SSL=server.scheme == "smtps",
        )
    mail.init_app(app)


def send_link(address: str, link: str, words: Words) -> None:
    """Send a link that may change the answers.

    :raises OSError: if the mail server cannot be reached or does not take it.
    """
    say = words.gettext
    lines = [
        say("This link opens your AI readiness assessment. Whoever has it can see and change the answers:"),
        link,
        say("Your address was used for this one mail and was not kept."),
        say("If you did not ask for it, somebody mistyped an address: please delete this mail."),
    ]
    subject, text = say("Your AI readiness assessment"), "\n\n".join(lines) + "\n"
    _send(address, subject, text)


def send_invitation(address: str, link: str, words: Words) -> None:
    """Send the link that sets the password and second factor of a staff account.

    :raises OSError: if the mail server cannot be reached or does not take it.
    """
    say = words.gettext
    lines = [
        say("You are invited to work on AI Readiness. This link sets your password and your second factor:"),
        link,
        say("It can be used once, within seven days. Do not pass it on."),
        say("If you do not know of this, delete the mail: without the link nothing happens."),
    ]
    _send(address, say("Your account at AI Readiness"), "\n\n".join(lines) + "\n")


def send_news_question(address: str, language: Language, id: UUID) -> None:
    """Ask whether an address wants to hear of changed schemes.

    :raises OSError: if the mail server cannot be reached or does not take it.
    """
    say = words_in(language).gettext
    lines = [
        say(
            "Somebody, we hope you, asked us to write to this address "
            "when a support scheme in an AI readiness plan changes."
        ),
        say("At most one mail a week. To say yes, open this address and press the button:"),
        _news_address(id),
        say("If you did not ask for it, do nothing: the address is forgotten after seven days."),
    ]
    _send(address, say("Shall we write when a support scheme changes?"), "\n\n".join(lines) + "\n", _news_address(id))


def send_news(address: str, language: Language, id: UUID) -> None:
    """Say that schemes of a plan have changed; what has changed stands on the result page, not in a mail.

    :raises OSError: if the mail server cannot be reached or does not take it.
    """
    say = words_in(language).gettext
    lines = [
        say(
            "Something has changed about support schemes that your AI readiness plan names. "
            "Open your assessment with your own link: it stands above the schemes."
        ),
        say("You asked for this mail. To get no more of them, and to have your address forgotten:"),
        _news_address(id),
    ]
    _send(address, say("A support scheme in your plan has changed"), "\n\n".join(lines) + "\n", _news_address(id))


def news_signer() -> URLSafeSerializer:
    """Return what makes and reads the addresses in such mails: nobody can guess one."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="news of schemes")


def _news_address(id: UUID) -> str:
    return f"{current_app.config['PUBLIC_URL']}/news/{news_signer().dumps(str(id))}"


def _send(address: str, subject: str, text: str, unsubscribe: str | None = None) -> None:
    # A connection given to the library is closed when the server refuses, too.
    headers = {"List-Unsubscribe": f"<{unsubscribe}>"} if unsubscribe else None
    with mail.get_connection() as connection:
        EmailMessage(subject, text, to=[address], connection=connection, headers=headers).send()


class _Smtp(smtplib.SMTP):
    """Encrypts only with a server whose certificate holds; the library asks for any."""

    def starttls(self, *_: Any, **named: Any) -> tuple[int, bytes]:
        """Encrypt, or raise OSError."""
        return super().starttls(context=named.get("context") or ssl.create_default_context())


class _Backend(EmailBackend):  # type: ignore[misc]  # the library carries no types
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return smtplib.SMTP_SSL if self.use_ssl else _Smtp
