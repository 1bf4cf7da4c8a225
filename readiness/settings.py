"""Configuration: ``READINESS_*`` environment variables only, complete for one machine without any."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
#: The file of the database in the instance folder, where nothing else is set.
DATABASE = "readiness.sqlite"


class SettingMissing(RuntimeError):
    """Production lacks a setting that has no default there, or a setting cannot be read."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. README.md holds the same table."""

    production: bool
    secret_key: str
    database: str
    public_url: str
    operator: str
    rubric_folder: Path
    instance_folder: Path
    #: How to ask the operator about one's answers: an address or a number, shown on the privacy page.
    contact: str = ""
    #: Further names that the site answers to, beside that of its public address.
    hosts: tuple[str, ...] = ()
    #: Proxies in front of the site whose word on the visitor's address is taken.
    trusted_proxies: int = 0
    #: The mail server, such as smtp://name:password@mail.example:587; empty prints mails, in production sends none.
    mail: str = ""
    mail_from: str = ""
    #: Months that an assessment is kept after its last change.
    retention_months: int = 24
    #: Whether the processes that serve also do the daily work; otherwise a timer calls ``readiness tick``.
    tick_in_process: bool = True
    #: Whether the daily work tries the addresses of all sources once a week; otherwise nothing is asked outside.
    link_check: bool = False

    @property
    def https(self) -> bool:
        """Whether the public address is https: then cookies are Secure and http is redirected."""
        return self.public_url.startswith("https://")

    @property
    def trusted_hosts(self) -> list[str]:
        """The names that the site answers to."""
        here = [] if self.production else ["localhost", "127.0.0.1"]
        return list(dict.fromkeys([urlsplit(self.public_url).hostname or "localhost", *self.hosts, *here]))

    @property
    def mail_server(self) -> SplitResult | None:
        """The mail server's address in parts, or None without one."""
        return urlsplit(self.mail) if self.mail else None

    @property
    def mail_port(self) -> int:
        """The port of the mail server: as set, else the usual one."""
        server = self.mail_server
        return (server and server.port) or {"smtps": 465, "smtp": 587}.get(server.scheme if server else "", 25)

    @property
    def mails(self) -> bool:
        """Whether links can be mailed: with a server, or printed in development."""
        return bool(self.mail) or not self.production


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that *environment* describes.

    :raises SettingMissing: naming what production must set, or what cannot be read.
    """
    production = _one_of(environment, "READINESS_ENV", ("development", "production")) == "production"
    instance = _instance_folder(environment)
    if production:
        required = ("READINESS_SECRET_KEY", "READINESS_DATABASE", "READINESS_PUBLIC_URL")
        missing = [name for name in required if not environment.get(name)]
        if missing:
            raise SettingMissing("READINESS_ENV=production needs " + ", ".join(missing))
    public_url = (environment.get("READINESS_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
    if not _names_a_host(public_url):
        raise SettingMissing("READINESS_PUBLIC_URL must start with http:// or https:// and name a host")
    return Settings(
        production=production,
        secret_key=environment.get("READINESS_SECRET_KEY") or _key_of(instance),
        database=_database(environment, f"sqlite:///{instance / DATABASE}"),
        public_url=public_url,
        operator=environment.get("READINESS_OPERATOR", ""),
        rubric_folder=Path(environment.get("READINESS_RUBRIC_FOLDER") or ROOT / "rubric").absolute(),
        instance_folder=instance,
        contact=environment.get("READINESS_CONTACT", ""),
        hosts=tuple(environment.get("READINESS_HOSTS", "").replace(",", " ").split()),
        trusted_proxies=_whole_number(environment, "READINESS_TRUSTED_PROXIES", 0, 10, "0"),
        mail=_mail(environment),
        mail_from=environment.get("READINESS_MAIL_FROM", ""),
        retention_months=_whole_number(environment, "READINESS_RETENTION_MONTHS", 1, 120, "24"),
        tick_in_process=_one_of(environment, "READINESS_TICK", ("process", "timer")) == "process",
        link_check=_one_of(environment, "READINESS_LINK_CHECK", ("off", "weekly")) == "weekly",
    )


def site_database(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the address of the site's database for a command that can do without: None if there is none yet."""
    own = _instance_folder(environment) / DATABASE
    return environment.get("READINESS_DATABASE") or (f"sqlite:///{own}" if own.exists() else None)


def _instance_folder(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("READINESS_INSTANCE_FOLDER") or ROOT / "instance").absolute()


def _names_a_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _database(environment: Mapping[str, str], default: str) -> str:
    """Return the database's address; the words of an error leave out the password in it."""
    value = environment.get("READINESS_DATABASE") or default
    try:
        make_url(value).get_dialect().import_dbapi()
    except (ArgumentError, ImportError, ValueError):
        raise SettingMissing(
            "READINESS_DATABASE cannot be read; such as postgresql+psycopg://name:password@host/database"
        ) from None
    return value


def _one_of(environment: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """Return a setting that takes one of a few words; the first is the default."""
    value = environment.get(name) or allowed[0]
    if value not in allowed:
        raise SettingMissing(f"{name} is {value!r}; allowed: {', '.join(allowed)}")
    return value


def _whole_number(environment: Mapping[str, str], name: str, lowest: int, highest: int, default: str) -> int:
    value = environment.get(name) or default
    if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
        raise SettingMissing(f"{name} is {value!r}; allowed: a whole number from {lowest} to {highest}")
    return int(value)


def _mail(environment: Mapping[str, str]) -> str:
    """Return the mail server's address; the words of an error leave out the password in it."""
    value = environment.get("READINESS_MAIL", "")
    try:
        parts = urlsplit(value)
        named = bool((parts.hostname or "").encode("idna"))
        readable = parts.scheme in ("smtp", "smtps", "smtp+plain") and named and parts.port != 0
    except ValueError:
        readable = False
    if value and not readable:
        raise SettingMissing("READINESS_MAIL cannot be read; such as smtp://name:password@mail.example:587")
    if value and not environment.get("READINESS_MAIL_FROM"):
        raise SettingMissing("READINESS_MAIL needs READINESS_MAIL_FROM: the address that mails come from")
    return value


def _key_of(instance: Path) -> str:
    """Return the key of this machine; write a random one, readable by its owner alone, the first time."""
    path = instance / "secret_key"
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text("ascii").strip()
