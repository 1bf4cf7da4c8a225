"""Configuration: ``READINESS_*`` environment variables only, complete for one machine without any."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


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

    @property
    def https(self) -> bool:
        """Whether the public address is https: then cookies are Secure and http is redirected."""
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that *environment* describes.

    :raises SettingMissing: naming what production must set.
    """
    production = environment.get("READINESS_ENV", "development") == "production"
    instance = Path(environment.get("READINESS_INSTANCE_FOLDER") or ROOT / "instance").absolute()
    if production:
        required = ("READINESS_SECRET_KEY", "READINESS_DATABASE", "READINESS_PUBLIC_URL")
        missing = [name for name in required if not environment.get(name)]
        if missing:
            raise SettingMissing("READINESS_ENV=production needs " + ", ".join(missing))
    public_url = (environment.get("READINESS_PUBLIC_URL") or "http://127.0.0.1:8000").rstrip("/")
    if not public_url.startswith(("http://", "https://")):
        raise SettingMissing("READINESS_PUBLIC_URL must start with http:// or https://")
    return Settings(
        production=production,
        secret_key=environment.get("READINESS_SECRET_KEY") or _key_of(instance),
        database=environment.get("READINESS_DATABASE") or f"sqlite:///{instance / 'readiness.sqlite'}",
        public_url=public_url,
        operator=environment.get("READINESS_OPERATOR", ""),
        rubric_folder=Path(environment.get("READINESS_RUBRIC_FOLDER") or ROOT / "rubric").absolute(),
        instance_folder=instance,
    )


def _key_of(instance: Path) -> str:
    """Return the key of this machine; write a random one, readable by its owner alone, the first time."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text("ascii").strip()
