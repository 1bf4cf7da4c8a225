"""An operator's first questions: what works, what does not, and what to do about it."""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
from flask import Flask

from readiness.library.rubrics import read_rubric_folder
from readiness.services import assessing
from readiness.services.database import db, now
from readiness.services.doctor import Finding, Verdict, examine
from readiness.services.upkeep import tick
from readiness.settings import ROOT, Settings
from tests.conftest import settings_for
from tests.next_version import add_version, copy_of_rubric

NAME = "Quixotic Noodles 海港珍寶"
KEY = "k" * 64
PASSWORD = "the-password-of-it"
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def site(database: str, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> Settings:
    """Return the settings of a site that has started, did its daily work and knows a company."""
    settings = settings_for(database, tmp_path, secret_key=KEY)
    with make_app(settings).app_context():
        assessing.save_company(assessing.start(), {"name": NAME})
        tick(now(), 24)
        db.session.close()
        db.engine.dispose()
    return settings


def test_on_a_site_that_is_well_nothing_fails(site: Settings) -> None:
    found = list(examine(site))

    assert [str(each) for each in found if each.verdict is not Verdict.OK] == []
    kind = "sqlite" if site.database.startswith("sqlite") else "postgresql"
    said = [each.what for each in found]
    assert {f"{kind}: {part}" for part in ("database", "schema", "rubric", "saving")} <= set(said)
    assert "daily work done" in said
    for beginning in ("Python 3", "font Noto Sans CJK HK", "printing: ", "secret key", "rubric 2026.1 is", "clock: "):
        assert any(what.startswith(beginning) for what in said), beginning


@sqlite_only
def test_the_command_says_all_of_it_in_a_line_each_and_ends_well(site: Settings, readiness_program: Path) -> None:
    done = _doctor(readiness_program, site)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) > 12
    assert {line.split()[0] for line in lines} <= {"ok", "warn"}
    assert NAME not in done.stdout


def test_before_the_first_start_it_says_to_start_the_site(empty_database: str, tmp_path: Path) -> None:
    failed = _failures(settings_for(empty_database, tmp_path, secret_key=KEY))

    kind = "sqlite" if empty_database.startswith("sqlite") else "postgresql"
    assert f"{kind}: schema: not the present one" in failed
    assert "start the site once" in failed[f"{kind}: schema: not the present one"]
    assert f"{kind}: rubric: failing" in failed


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////nowhere/at/all/readiness.sqlite",
        f"postgresql+psycopg://readiness:{PASSWORD}@127.0.0.1:1/readiness?connect_timeout=2",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_of_with_where_to_look(
    address: str, tmp_path: Path, readiness_program: Path
) -> None:
    done = _doctor(readiness_program, settings_for(address, tmp_path, secret_key=KEY))

    assert (done.returncode, done.stderr) == (1, "")
    assert "database: unreachable: see READINESS_DATABASE, and that the server runs" in done.stdout
    assert "Traceback" not in done.stdout
    assert PASSWORD not in done.stdout


@sqlite_only
def test_a_file_that_is_no_database_is_told_of(site: Settings, tmp_path: Path) -> None:
    for each in tmp_path.glob("readiness.sqlite*"):
        each.unlink()
    (tmp_path / "readiness.sqlite").write_text("これはデータベースではない" * 100)

    assert "sqlite: database: unreachable" in _failures(site)


@sqlite_only
def test_a_missing_table_is_told_of(site: Settings) -> None:
    engine = sa.create_engine(site.database)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE chore RENAME TO gone")
    engine.dispose()

    assert "sqlite: saving: failing" in _failures(site)


@sqlite_only
def test_daily_work_that_was_not_done_is_a_warning_with_the_command_that_does_it(site: Settings) -> None:
    engine = sa.create_engine(site.database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE chore SET done_at = datetime(done_at, '-3 days') WHERE name = 'tick'")
    engine.dispose()

    assert _warnings(site) == {"the daily work was not done for two days": "run readiness tick"}


@sqlite_only
def test_a_key_file_that_others_can_read_is_told_of(site: Settings, tmp_path: Path) -> None:
    path = tmp_path / "instance" / "secret_key"
    path.write_text(KEY)
    path.chmod(0o644)

    assert _failures(site) == {"the key file can be read by others": "chmod 600 on secret_key"}
    path.chmod(0o600)
    assert _failures(site) == {}


@sqlite_only
@pytest.mark.parametrize(("production", "verdict"), [(True, Verdict.FAIL), (False, Verdict.WARN)])
def test_a_short_key_is_told_of_and_not_repeated(site: Settings, production: bool, verdict: Verdict) -> None:
    found = list(examine(replace(site, secret_key="hunter2", production=production)))

    assert [each.verdict for each in found if each.what == "the secret key is short"] == [verdict]
    assert not any("hunter2" in str(each) for each in found)


@sqlite_only
def test_production_is_told_what_people_would_miss(site: Settings) -> None:
    warned = _warnings(replace(site, production=True))

    assert set(warned) == {
        "the public address is not https",
        "no operator is named",
        "no contact is named",
        "no mail server is set",
    }
    complete = replace(site, production=True, public_url="https://a.hk", operator="HKPC", contact="a@a.hk")
    assert set(_warnings(complete)) == {"no mail server is set"}


@sqlite_only
def test_a_database_file_that_everyone_can_read_is_a_warning(site: Settings, tmp_path: Path) -> None:
    (tmp_path / "readiness.sqlite").chmod(0o644)
    tmp_path.chmod(0o755)

    assert _warnings(site) == {"everyone on this machine can read the database file": "chmod o= on its folder"}
    tmp_path.chmod(0o750)
    assert _warnings(site) == {}


@sqlite_only
def test_a_rubric_with_another_digest_than_was_published_is_told_of(site: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder)
    (folder / "PUBLISHED.sha256").write_text("sha256:" + "0" * 64 + "  2026.1\n")

    failed = _failures(replace(site, rubric_folder=folder))

    assert [(what.startswith("rubric: rubric 2026.1 in"), remedy) for what, remedy in failed.items()] == [
        (True, "restore the files of the release")
    ]


@sqlite_only
def test_files_and_list_that_were_edited_together_are_not_laid_to_the_database(site: Settings, tmp_path: Path) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    edited = folder / "versions" / "2026.1" / "rubric.yaml"
    edited.write_text(edited.read_text("utf-8").replace('floor: "3.5"', 'floor: "3.4"'), "utf-8")
    digest = read_rubric_folder(edited.parent).digest
    (folder / "PUBLISHED.sha256").write_text(f"{digest}  2026.1\n")

    found = list(examine(replace(site, rubric_folder=folder)))

    failed = {each.what: each.remedy for each in found if each.verdict is Verdict.FAIL}
    assert len(failed) == 1
    ((what, remedy),) = failed.items()
    assert what.startswith("sqlite: rubric 2026.1: is called released, but is sha256:")
    assert f"in the database and {digest[:19]} in PUBLISHED.sha256" in what
    assert "compare the files with the release, the database with a backup" in remedy
    # Nothing is called well in general beside it.
    assert "sqlite: rubric" not in [each.what for each in found]


@sqlite_only
def test_the_folder_of_a_published_version_that_is_gone_is_told_of(site: Settings, tmp_path: Path) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    add_version(folder)
    shutil.rmtree(folder / "versions" / "2026.2")

    failed = _failures(replace(site, rubric_folder=folder))

    assert failed == {
        "rubric 2026.2: PUBLISHED.sha256 has it, but its folder is gone": "restore the files of the release"
    }


@sqlite_only
@pytest.mark.parametrize("broken", ["a file that is not YAML", "no folder"])
def test_a_rubric_that_cannot_be_read_is_told_of(site: Settings, tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "rubric"
    if broken != "no folder":
        shutil.copytree(ROOT / "rubric", folder)
        (folder / "versions" / "2026.1" / "rubric.yaml").write_text("{{{")

    failed = _failures(replace(site, rubric_folder=folder))

    assert list(failed.values()) == ["restore the files of the release"]


@sqlite_only
def test_a_missing_font_is_told_of_with_its_package(
    site: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "fc-list").write_text("#!/bin/sh\necho DejaVu Sans\n")
    (programs / "fc-list").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)

    failed = _failures(site)

    assert failed["font Noto Sans CJK HK is missing"] == "apt-get install fonts-noto-cjk"


# The mail server.


class Doorkeeper:
    """Lets in who says the password."""

    def __call__(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, said: Any) -> AuthResult:
        """Compare the password."""
        return AuthResult(success=said.password == PASSWORD.encode(), handled=False)


@pytest.fixture
def mail_server() -> Iterator[int]:
    """Run a real mail server and return its port."""
    controller = Controller(
        Sink(),
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=Doorkeeper(),
        auth_require_tls=False,
    )
    controller.start()
    yield controller.port
    controller.stop(no_assert=True)


@sqlite_only
def test_a_mail_server_that_answers_is_well(site: Settings, mail_server: int) -> None:
    settings = replace(site, mail=f"smtp+plain://127.0.0.1:{mail_server}", mail_from="a@a.hk")

    found = list(examine(settings))

    assert f"mail: 127.0.0.1:{mail_server} answers; no mail was sent" in [each.what for each in found]


@sqlite_only
@pytest.mark.filterwarnings("ignore:Session.login_data")
@pytest.mark.parametrize(("password", "fails"), [(PASSWORD, False), ("a-wrong-one", True)])
def test_a_password_is_tried_and_never_repeated(site: Settings, mail_server: int, password: str, fails: bool) -> None:
    settings = replace(site, mail=f"smtp+plain://someone:{password}@127.0.0.1:{mail_server}", mail_from="a@a.hk")

    found = list(examine(settings))

    failed = {each.what: each.remedy for each in found if each.verdict is Verdict.FAIL}
    refused = {f"mail: 127.0.0.1:{mail_server}: {smtplib.SMTPAuthenticationError.__name__}": "see READINESS_MAIL"}
    assert failed == (refused if fails else {})
    assert not any(password in str(each) for each in found)


@sqlite_only
@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+plain"])
def test_a_mail_server_that_is_not_there_is_told_of(site: Settings, scheme: str) -> None:
    port = _free_port()
    settings = replace(site, mail=f"{scheme}://someone:{PASSWORD}@127.0.0.1:{port}", mail_from="a@a.hk")

    failed = _failures(settings)

    assert failed == {f"mail: 127.0.0.1:{port}: ConnectionRefusedError": "see READINESS_MAIL"}


@sqlite_only
def test_a_mail_server_without_encryption_is_told_of_when_encryption_is_asked(site: Settings, mail_server: int) -> None:
    failed = _failures(replace(site, mail=f"smtp://127.0.0.1:{mail_server}", mail_from="a@a.hk"))

    assert failed == {f"mail: 127.0.0.1:{mail_server}: SMTPNotSupportedError": "see READINESS_MAIL"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"READINESS_TICK": "never"}, "READINESS_TICK is 'never'"),
        ({"READINESS_ENV": "production"}, "READINESS_ENV=production needs READINESS_SECRET_KEY"),
        ({"READINESS_DATABASE": f"mysql://name:{PASSWORD}@host/x"}, "READINESS_DATABASE cannot be read"),
        ({"READINESS_MAIL": f"x://name:{PASSWORD}@host"}, "READINESS_MAIL cannot be read"),
    ],
)
def test_settings_that_cannot_be_read_are_told_of_in_a_line(
    command: Callable[..., Any], tmp_path: Path, given: dict[str, str], said: str
) -> None:
    done = command("doctor", READINESS_INSTANCE_FOLDER=str(tmp_path), **given)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(said)
    assert done.err.count("\n") == 1
    assert PASSWORD not in done.err


def _found(settings: Settings) -> list[Finding]:
    found = list(examine(settings))
    assert not any(PASSWORD in str(each) or "Quixotic" in str(each) for each in found)
    return found


def _failures(settings: Settings) -> dict[str, str]:
    """Return what fails, with what to do about it."""
    return {each.what: each.remedy for each in _found(settings) if each.verdict is Verdict.FAIL}


def _warnings(settings: Settings) -> dict[str, str]:
    return {each.what: each.remedy for each in _found(settings) if each.verdict is Verdict.WARN}


def _doctor(program: Path, settings: Settings) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("READINESS_")},
        "READINESS_DATABASE": settings.database,
        "READINESS_INSTANCE_FOLDER": str(settings.instance_folder),
        "READINESS_SECRET_KEY": settings.secret_key,
    }
    return subprocess.run([program, "doctor"], env=environment, capture_output=True, text=True, check=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
