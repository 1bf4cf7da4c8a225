"""Runs the benchmarks: ``python -m benchmarks [--quick] [--only PART ...] [--output FILE]``."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import impact, million, pdf, questions, reading, rooms, starting, steps, weight
from benchmarks.report import Section, busy_cores, machine, page
from benchmarks.serving import Databases, PostgresDatabases, postgres

PARTS = ("questions", "steps", "weight", "pdf", "starting", "million", "impact", "rooms", "reading")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the report; return 0 whether budgets are kept or not."""
    given = _parser().parse_args(arguments)
    # Ended from outside, it still ends its servers and removes its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sections: list[Section] = []
    report = ""
    with ExitStack() as stack:
        # PostgreSQL runs as a user of its own, who must be able to reach its folder.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="readiness-bench-", dir=given.folder)))
        folder.chmod(0o711)
        about = machine(folder)
        server = stack.enter_context(postgres(folder, options=given.postgres_options))
        command = "python -m benchmarks " + " ".join(sys.argv[1:] if arguments is None else arguments)
        for name, part in _parts(given, folder, server).items():
            if name not in given.only:
                continue
            begun = time.monotonic()
            sections.append(part())
            sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} s\n")
            # After each part, so that one which fails loses none of the others.
            ended = f"{about}\n- after the last part they used {busy_cores():.2f} cores"
            report = page(sections, command.strip(), ended)
            if given.output is not None:
                given.output.write_text(report, "utf-8")
    if given.output is None:
        sys.stdout.write(report)
    return 0


def _parts(given: argparse.Namespace, folder: Path, server: PostgresDatabases) -> dict[str, Callable[[], Section]]:
    sqlite = Databases(folder)
    quick = given.quick
    plans = given.plans or (10 if quick else 50)
    stored = given.assessments or (2_000 if quick else 20_000)
    return {
        "questions": lambda: questions.measure((sqlite, server), folder, questions.QUICK if quick else questions.FULL),
        "steps": lambda: steps.measure((sqlite, server), folder, 5 if quick else given.seconds),
        "weight": lambda: weight.measure(sqlite, folder),
        "pdf": lambda: pdf.measure(sqlite, folder, plans, 1 if quick else 4),
        "starting": lambda: starting.measure(folder, 2 if quick else 5),
        "million": lambda: million.measure(server, folder, stored, 2 if quick else 5, 30 if quick else 150),
        "impact": lambda: impact.measure(
            (sqlite, server), folder, given.rescored or (2_000 if quick else 100_000), 1 if quick else 3
        ),
        "rooms": lambda: rooms.measure((sqlite, server), folder, 3 if quick else 20, 12, 9 if quick else given.seconds),
        "reading": reading.measure,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: whether the benchmarks work")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--plans", type=int, help="plans printed on one worker (default 50)")
    parser.add_argument("--assessments", type=int, help="assessments stored on PostgreSQL (default 20,000)")
    parser.add_argument("--rescored", type=int, help="assessments rescored under another version (default 100,000)")
    parser.add_argument("--seconds", type=int, default=60, help="how long 75 steps a second are held")
    parser.add_argument("--folder", type=Path, help="where the databases are made (default: the temporary folder)")
    parser.add_argument("--postgres-options", default="", help="further settings of PostgreSQL, such as -c jit=off")
    parser.add_argument("--output", type=Path, help="the file to write (default: standard output)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
