"""Write the hashes of every run of twelve words of a study, so that tests can tell a copied sentence from our own.

The study itself is not part of the project: ``python make_study_shingles.py STUDY.txt`` reads it and keeps only hashes,
from which no sentence can be read back.
"""

from __future__ import annotations

import re
import sys
from hashlib import blake2b
from pathlib import Path

#: A run of this many words in the same order counts as copied.
RUN = 12
#: Bytes kept of each hash: with 20,000 runs on either side one in a million pairs of texts would meet by chance.
WIDTH = 6
HASHES = Path(__file__).with_name("study_shingles.bin")


def runs(text: str) -> list[str]:
    """Return every run of twelve words of *text*; a word is a row of letters a to z, in lower case."""
    words = re.findall(r"[a-z]+", text.lower())
    return [" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)]


def hash_of(run: str) -> bytes:
    """Return the hash that stands for a run of words."""
    return blake2b(run.encode("ascii"), digest_size=WIDTH).digest()


def known_hashes(content: bytes) -> frozenset[bytes]:
    """Return the hashes that a file of them holds."""
    return frozenset(content[start : start + WIDTH] for start in range(0, len(content), WIDTH))


if __name__ == "__main__":
    study = Path(sys.argv[1]).read_text("utf-8")
    HASHES.write_bytes(b"".join(sorted({hash_of(run) for run in runs(study)})))
