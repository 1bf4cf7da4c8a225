"""What a part found, and the page that holds all parts."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.serving import ROOT

LIBRARIES = ("flask", "werkzeug", "sqlalchemy", "wtforms", "flask-wtf", "jinja2", "weasyprint", "gunicorn", "psycopg")


@dataclass(frozen=True)
class Several:
    """One number measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def shown(self, decimals: int = 2) -> str:
        """Return the median with the lowest and the highest."""
        lowest, highest = min(self.values), max(self.values)
        return f"{self.median:,.{decimals}f} ({lowest:,.{decimals}f} to {highest:,.{decimals}f})"


@dataclass(frozen=True)
class Verdict:
    """A budget, and the number that was measured against it."""

    budget: str
    measured: str
    kept: bool

    @property
    def shown(self) -> str:
        """The verdict in one word."""
        return "kept" if self.kept else "**missed**"


@dataclass
class Section:
    """What one part of the benchmarks found."""

    title: str
    #: How it was measured, in sentences.
    method: str
    verdicts: list[Verdict] = field(default_factory=list)
    #: Markdown: tables and sentences.
    body: list[str] = field(default_factory=list)

    def budget(self, budget: str, measured: float, limit: float, unit: str = "") -> str:
        """Compare *measured* with its *limit*, keep the verdict and return it as a word."""
        verdict = Verdict(budget, f"{measured:,.4g}{unit}", measured <= limit)
        self.verdicts.append(verdict)
        return verdict.shown

    def table(self, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table."""
        lines = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
        self.body.append("\n".join(lines))

    def say(self, sentence: str) -> None:
        """Add a sentence."""
        self.body.append(sentence)

    def markdown(self) -> str:
        """Return the section as Markdown."""
        return "\n\n".join([f"## {self.title}", self.method, *self.body])


def page(sections: Sequence[Section], command: str, machine: str) -> str:
    """Return the whole report as Markdown."""
    verdicts = [
        (section.title, verdict.budget, verdict.measured, verdict.shown)
        for section in sections
        for verdict in section.verdicts
    ]
    summary = "\n".join(
        [_row(["part", "budget", "measured", "verdict"]), _row(["---"] * 4), *(_row(each) for each in verdicts)]
    )
    missed = sum(not verdict.kept for section in sections for verdict in section.verdicts)
    intro = (
        "Written by the run itself: `make bench` writes README.md, `make soak` writes soak.md. The budgets are those "
        "of the design. Ratios compare two servers, or two databases, that were measured in turns in the same run on "
        "the same machine; a number is the median of its rounds, with the lowest and the highest in brackets."
    )
    counted = f"{len(verdicts)} budgets were measured, {missed} of them missed."
    return (
        "\n\n".join(
            [
                "# Benchmarks",
                intro,
                f"`{command}`",
                machine,
                counted,
                summary,
                *(section.markdown() for section in sections),
            ]
        ).rstrip()
        + "\n"
    )


def machine(folder: Path) -> str:
    """Describe where the numbers were measured: the processor, the disk, the versions, and how busy it was before.

    :param folder: where the databases are.
    """
    processor = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lines = [
        f"- {datetime.now(UTC):%d %B %Y}, {_commit()}",
        f"- {os.cpu_count()} cores ({processor}), {_memory_gib():.0f} GiB of memory, Linux {platform.release()}",
        f"- databases on {_filesystem(folder)}; writing 4 KiB and fsync took {_fsync_milliseconds(folder):.2f} ms",
        f"- before the run other processes used {busy_cores():.2f} cores; the client, the servers and PostgreSQL share "
        "the cores",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {_postgres_version()}",
        f"- {libraries}",
    ]
    return "\n".join(lines)


def busy_cores(seconds: float = 3.0) -> float:
    """Return how many cores the whole machine uses while this process waits."""
    before = _busy_ticks()
    time.sleep(seconds)
    return (_busy_ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


def _busy_ticks() -> int:
    # user, nice, system, idle, waiting for disks, interrupts ...: all but the two kinds of idleness.
    ticks = [int(each) for each in _lines("/proc/stat")[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _lines(path: str) -> list[str]:
    return Path(path).read_text("utf-8").splitlines()


def _memory_gib() -> float:
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _commit() -> str:
    found = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True)  # noqa: S607
    return f"commit {found.stdout.strip()}" if found.returncode == 0 else "no commit"


def _postgres_version() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        return "no PostgreSQL"
    return subprocess.run([programs[-1], "--version"], capture_output=True, text=True, check=True).stdout.strip()


def _filesystem(folder: Path) -> str:
    mounts = [line.split()[1:3] for line in _lines("/proc/mounts")]
    holding = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def _fsync_milliseconds(folder: Path) -> float:
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(50):
            begun = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)
