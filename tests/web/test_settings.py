"""Every setting is read, or refused with a line that says what it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.settings import SettingMissing, Settings, read_settings

MAILED = {"READINESS_MAIL_FROM": "readiness@site.example"}


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({}, "contact", ""),
        ({"READINESS_CONTACT": "privacy@site.example"}, "contact", "privacy@site.example"),
        ({"READINESS_OPERATOR": "香港生產力促進局"}, "operator", "香港生產力促進局"),
        ({}, "hosts", ()),
        ({"READINESS_HOSTS": "a.example, b.example  c.example,"}, "hosts", ("a.example", "b.example", "c.example")),
        ({}, "trusted_proxies", 0),
        ({"READINESS_TRUSTED_PROXIES": "2"}, "trusted_proxies", 2),
        ({}, "retention_months", 24),
        ({"READINESS_RETENTION_MONTHS": "120"}, "retention_months", 120),
        ({}, "tick_in_process", True),
        ({"READINESS_TICK": "process"}, "tick_in_process", True),
        ({"READINESS_TICK": "timer"}, "tick_in_process", False),
        ({}, "mail_server", None),
        ({}, "mails", True),
        ({"READINESS_MAIL": "smtp://mail.example", **MAILED}, "mail_port", 587),
        ({"READINESS_MAIL": "smtps://mail.example", **MAILED}, "mail_port", 465),
        ({"READINESS_MAIL": "smtp+plain://localhost", **MAILED}, "mail_port", 25),
        ({"READINESS_MAIL": "smtp://mail.example:2525", **MAILED}, "mail_port", 2525),
        ({"READINESS_MAIL": "smtp://mail.example", **MAILED}, "mail_from", "readiness@site.example"),
        ({"READINESS_PUBLIC_URL": "https://check.example.hk/"}, "public_url", "https://check.example.hk"),
        ({"READINESS_PUBLIC_URL": "https://check.example.hk:8443"}, "https", True),
        ({"READINESS_PUBLIC_URL": "http://[::1]:8000"}, "https", False),
        (
            {"READINESS_PUBLIC_URL": "https://check.example.hk:8443", "READINESS_HOSTS": "b.example"},
            "trusted_hosts",
            ["check.example.hk", "b.example", "localhost", "127.0.0.1"],
        ),
    ],
)
def test_a_setting_is_read(tmp_path: Path, given: dict[str, str], name: str, value: Any) -> None:
    assert getattr(_read(tmp_path, **given), name) == value


def test_a_setting_that_is_empty_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    names = {"ENV", "SECRET_KEY", "DATABASE", "PUBLIC_URL", "OPERATOR", "CONTACT", "HOSTS", "TRUSTED_PROXIES", "MAIL"}
    names |= {"MAIL_FROM", "RETENTION_MONTHS", "TICK", "RUBRIC_FOLDER"}

    assert _read(tmp_path, **{f"READINESS_{name}": "" for name in names}) == _read(tmp_path)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"READINESS_ENV": "prod"}, "READINESS_ENV is 'prod'; allowed: development, production"),
        ({"READINESS_TICK": "never"}, "READINESS_TICK is 'never'; allowed: process, timer"),
        *(
            ({"READINESS_TRUSTED_PROXIES": value}, f"READINESS_TRUSTED_PROXIES is {value!r}; allowed: a whole number")
            for value in ("-1", "11", "one", "1.5", "１", "²", " 1")
        ),
        *(
            ({"READINESS_RETENTION_MONTHS": value}, f"READINESS_RETENTION_MONTHS is {value!r}; allowed: a whole number")
            for value in ("0", "121", "-24", "2e1", "24 months")
        ),
        *(
            ({"READINESS_PUBLIC_URL": value}, "READINESS_PUBLIC_URL must start with http:// or https://")
            for value in ("check.example.hk", "ftp://check.example.hk", "https://", "http://[::1", "http://a:port")
        ),
        *(
            ({"READINESS_MAIL": value, **MAILED}, "READINESS_MAIL cannot be read; such as smtp://name:password@")
            for value in (
                "mail.example",
                "http://mail.example",
                "smtp://",
                "smtp://mail.example:port",
                "smtp://[::1",
                "smtp://mail..example",
            )
        ),
        ({"READINESS_MAIL": "smtp://mail.example"}, "READINESS_MAIL needs READINESS_MAIL_FROM"),
        *(
            ({"READINESS_DATABASE": value}, "READINESS_DATABASE cannot be read; such as postgresql+psycopg://")
            for value in ("readiness.sqlite", "nothing://a/b", "postgresql+psycopg://a:port/b", "mysql://a/b")
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(tmp_path: Path, given: dict[str, str], line: str) -> None:
    with pytest.raises(SettingMissing) as refused:
        _read(tmp_path, **given)

    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["READINESS_MAIL", "READINESS_DATABASE"])
@pytest.mark.parametrize("value", ["smtp://name:secret@host:port", "smtp://name:secret@", "x://name:secret@[::1"])
def test_a_refusal_never_repeats_a_password(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingMissing) as refused:
        _read(tmp_path, **{name: value}, **MAILED)

    assert "secret" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_production_mails_only_with_a_server(tmp_path: Path) -> None:
    production = {
        "READINESS_ENV": "production",
        "READINESS_SECRET_KEY": "k" * 64,
        "READINESS_DATABASE": "sqlite://",
        "READINESS_PUBLIC_URL": "https://check.example.hk",
    }

    assert not _read(tmp_path, **production).mails
    assert _read(tmp_path, **production, READINESS_MAIL="smtp://mail.example", **MAILED).mails


def _read(folder: Path, **given: str) -> Settings:
    return read_settings({"READINESS_INSTANCE_FOLDER": str(folder), **given})
