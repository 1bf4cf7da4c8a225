"""One thing that is wrong with a document, before the line of its file is looked up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Finding(NamedTuple):
    """A place by ids, such as ``bands.ready``, what is wrong there, and what to do."""

    where: str
    problem: str
    remedy: str


Findings = Iterator[Finding]
