"""How long one process of the site takes to start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from benchmarks.report import Section, Several
from benchmarks.serving import ROOT, site_environment

BUDGET_SECONDS = 1.0
METHOD = (
    "A new Python process imports the site and makes the application, as a server does before it forks; the modules "
    "were compiled by a run before. Whole runs from before the process is made to the moment the application stands; "
    "the clock is the machine's monotonic one, which processes share; CPU is the processor time of the process. On "
    "SQLite; the known database already holds this rubric and catalogue, the new one is migrated and loaded first."
)
_PROGRAM = """
import time
begun = time.monotonic()
from readiness.app import create_app
imported = time.monotonic()
create_app()
print(begun, imported, time.monotonic(), time.process_time())
"""


def measure(folder: Path, times: int) -> Section:
    """Start the site several times on a known and on a new database."""
    section = Section("Starting one process", METHOD)
    known = f"sqlite:///{folder / uuid4().hex}.sqlite"
    _started(known, folder)
    rows = []
    for name, database in (("known database", known), ("new database", None)):
        runs = [_started(database or f"sqlite:///{folder / uuid4().hex}.sqlite", folder) for _ in range(times)]
        whole, python, imports, making, cpu = (Several(tuple(part)) for part in zip(*runs, strict=True))
        verdict = section.budget(f"starts in under a second ({name})", whole.median, BUDGET_SECONDS, " s")
        rows.append([name, *(each.shown() for each in (whole, python, imports, making, cpu)), verdict])
    section.table(["database", "whole s", "Python itself s", "imports s", "create_app s", "CPU s", "verdict"], rows)
    return section


def _started(database: str, folder: Path) -> tuple[float, float, float, float, float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **site_environment(database, 8000, folder)}
    before = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    begun, imported, made, cpu = map(float, run.stdout.split())
    return made - before, begun - before, imported - begun, made - imported, cpu
