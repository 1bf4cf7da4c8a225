"""The mark of an immutable document, and the refusal of one that was changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from readiness.library.canonical import digest_of

#: What to do about files that differ from what was published.
RESTORE = "it never changes: restore its files, or give what you wrote a number of its own"


class DigestDiffers(RuntimeError):
    """A published version on disk or in the database is not the one that was published."""

    def __init__(self, number: str, published: str, found: str, where: str, remedy: str = "") -> None:
        said = f"rubric {number} {where} has digest {found}, but was published with {published}"
        super().__init__(f"{said}; {remedy}" if remedy else said)
        #: The version.
        self.number = number


def read_as_named(name: str, digest: str, document: str) -> Any:
    """Return what a stored document says.

    :param name: what to call it in a message.
    :raises DigestDiffers: if it is not the one that the digest names, or no document at all.
    """
    try:
        data = json.loads(document)
        found = digest_of(data)
    except (ValueError, TypeError, RecursionError):
        found = f"sha256:{sha256(str(document).encode('utf-8', 'replace')).hexdigest()} of something unreadable"
    if found != digest:
        raise DigestDiffers(name, digest, found, "in the database")
    return data
