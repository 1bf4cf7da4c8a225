"""The same answers give the same bytes in every process, whatever the order in which Python's sets come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SEEDS = ("0", "4242")
DAY = "2026-11-22"


def test_two_processes_print_the_same_plan(
    command: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(answers)

    one, other = (command("plan", path, "--json", "--today", DAY, PYTHONHASHSEED=seed) for seed in SEEDS)

    assert one.status == 0
    assert one == other


@pytest.mark.parametrize("language", ["zh-Hant"])
def test_two_processes_write_the_same_file(
    command: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any], tmp_path: Path, language: str
) -> None:
    path = write(answers)
    files = [tmp_path / f"{seed}.pdf" for seed in SEEDS]

    # One after the other, so that a time of day in the file would differ too.
    done = [
        command("plan", path, "--lang", language, "--output", file, "--today", DAY, PYTHONHASHSEED=seed)
        for seed, file in zip(SEEDS, files, strict=True)
    ]

    one, other = (file.read_bytes() for file in files)
    assert done == [(0, "", "")] * 2
    assert one.startswith(b"%PDF-")
    assert one == other
