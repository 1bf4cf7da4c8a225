"""Accounts on the command line: the first one is made here."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message

Run = Callable[..., subprocess.CompletedProcess[str]]
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def run(database: str, tmp_path: Path, readiness_program: Path) -> Run:
    """Return how to run ``readiness account`` on a site."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {"READINESS_DATABASE": database, "READINESS_INSTANCE_FOLDER": str(tmp_path), **environment}
        return subprocess.run(
            [readiness_program, "account", *arguments],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_an_account_is_invited_listed_reset_and_withdrawn(run: Run) -> None:
    made = run("invite", "Mei@Example.com", "--maintainer", READINESS_PUBLIC_URL="https://check.example.hk")
    other = run("invite", "kai@example.com", "--may", "publish", "--may", "edit_drafts")
    listed = run("list")
    again = run("reset", "kai@example.com")
    gone = run("withdraw", "kai@example.com")

    assert made.returncode == 0
    assert made.stdout.startswith("https://check.example.hk/staff/invitations/")
    assert len(made.stdout.splitlines()) == 1
    assert "not mailed" in made.stderr
    everything = "edit_drafts, edit_schemes, guide, manage_accounts, publish, see_statistics"
    assert listed.stdout.splitlines() == [
        "kai@example.com: invited; may: edit_drafts, publish",
        f"mei@example.com: invited; may: {everything}",
    ]
    assert again.stdout.startswith("http://127.0.0.1:8000/staff/invitations/")
    assert again.stdout != other.stdout
    assert (gone.returncode, gone.stdout) == (0, "kai@example.com: withdrawn\n")
    assert "kai@example.com: withdrawn; may: nothing" in run("list").stdout


@sqlite_only
def test_a_consultant_may_guide_and_nothing_else(run: Run) -> None:
    assert run("invite", "mei@example.com", "--consultant").returncode == 0

    assert run("list").stdout == "mei@example.com: invited; may: guide\n"


@sqlite_only
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("invite", "mei@example.com"), "--maintainer"),
        (("invite", "mei@example.com", "--maintainer", "--may", "publish"), "--maintainer"),
        (("invite", "mei@example.com", "--consultant", "--may", "publish"), "--consultant"),
        (("invite", "mei@example.com", "--may", "everything"), "everything"),
        (("invite", "nobody", "--maintainer"), "no e-mail address"),
        (("reset", "nobody@example.com"), "there is no account"),
        (("withdraw", "nobody@example.com"), "there is no account"),
    ],
)
def test_what_cannot_be_done_is_a_line_on_stderr(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@sqlite_only
def test_an_address_is_invited_once_and_the_last_manager_stays(run: Run) -> None:
    run("invite", "mei@example.com", "--maintainer")

    twice = run("invite", "MEI@example.com", "--maintainer")
    last = run("withdraw", "mei@example.com")

    assert twice.returncode == last.returncode == 2
    assert "readiness account reset mei@example.com" in twice.stderr
    assert "give that to another account first" in last.stderr


@sqlite_only
def test_a_database_without_tables_is_said_so(run: Run, tmp_path: Path) -> None:
    done = run("list", READINESS_DATABASE=f"sqlite:///{tmp_path / 'none.sqlite'}")

    assert done.returncode == 2
    assert "start the site once" in done.stderr
    assert "Traceback" not in done.stderr


@sqlite_only
def test_with_a_mail_server_the_link_is_mailed_too(run: Run) -> None:
    received: list[Any] = []

    class Box(Message):
        def handle_message(self, message: Any) -> None:
            received.append(message)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Box(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        done = run(
            "invite",
            "mei@example.com",
            "--maintainer",
            READINESS_MAIL=f"smtp+plain://127.0.0.1:{port}",
            READINESS_MAIL_FROM="desk@example.com",
        )
    finally:
        server.stop(no_assert=True)

    assert "mailed too" in done.stderr
    assert done.stdout.strip() in received[0].get_payload(decode=True).decode()
    assert received[0]["To"] == "mei@example.com"
