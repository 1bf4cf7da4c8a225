"""Mails: fixed texts to one address, which is used once and not kept."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask_mailman import EmailMessage, Mail
from flask_mailman.backends.smtp import EmailBackend

from readiness.documents.words import Words
from readiness.settings import Settings

mail = Mail()

#: Seconds that a mail server may take.
PATIENCE = 8


def register(app: Flask, settings: Settings) -> None:
    """Send through the server that is set; without one, print mails in development and send none in production."""
    server = settings.mail_server
    app.config.update(
        MAILS=settings.mails,
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


def _send(address: str, subject: str, text: str) -> None:
    # A connection given to the library is closed when the server refuses, too.
    with mail.get_connection() as connection:
        EmailMessage(subject, text, to=[address], connection=connection).send()


class _Smtp(smtplib.SMTP):
    """Encrypts only with a server whose certificate holds; the library asks for any."""

    def starttls(self, *_: Any, **named: Any) -> tuple[int, bytes]:
        """Encrypt, or raise OSError."""
        return super().starttls(context=named.get("context") or ssl.create_default_context())


class _Backend(EmailBackend):  # type: ignore[misc]  # the library carries no types
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return smtplib.SMTP_SSL if self.use_ssl else _Smtp
