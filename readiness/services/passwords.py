"""Which passwords are taken: long ones that are not common. Nothing is asked of their letters."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

SHORTEST = 12
#: More than anyone types; hashing takes longer the longer it is.
LONGEST = 256
_REPEATED = re.compile(r"(.{1,5})\1+.{0,4}")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"


def weakness(password: str, email: str) -> Weakness | None:
    """Return why a password is not taken for an account, or None if it is."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    plain = password.casefold()
    known = plain in _common() or _AROUND.sub("", plain) in _common() | {""}
    if known or _REPEATED.fullmatch(plain) or plain in email or email.partition("@")[0] in plain:
        return Weakness.COMMON
    return None


@cache
def _common() -> frozenset[str]:
    lines = Path(__file__).with_name("common_passwords.txt").read_text("ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
