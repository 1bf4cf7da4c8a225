"""The mark of an immutable document, and the refusal of one that was changed."""

from __future__ import annotations


class DigestDiffers(RuntimeError):
    """A published version on disk or in the database is not the one that was published."""

    def __init__(self, number: str, published: str, found: str, where: str) -> None:
        super().__init__(f"rubric {number} {where} has digest {found}, but was published with {published}")
        #: The version.
        self.number = number
