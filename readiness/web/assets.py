"""Static files under names that change with their content, so that browsers may keep them."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def stamped(path: Path) -> str:
    """Return a short mark of a file's content."""
    return sha256(path.read_bytes()).hexdigest()[:10]
