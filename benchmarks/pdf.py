"""The plan as a PDF file: against WeasyPrint alone, from the store, its size, and a worker's memory."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import weasyprint.pdf
from flask.testing import FlaskClient
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.pdf.tags import add_tags

from benchmarks.owners import Visitor, site
from benchmarks.report import Section, Several
from benchmarks.serving import Databases, free_port, gunicorn, site_environment
from readiness.core.languages import Language
from readiness.services import assessing
from readiness.services.database import db
from readiness.services.versions import current_rubric, rubric_of

RATIO, PAGE_SECONDS, STORED_SHARE, SIZE_KB, GROWTH = 1.15, 0.1, 0.05, 400.0, 1.05
LEVELS = (4, 3, 3, 4, 4, 1, 3, 2, 4, 2, 3, 4, 4, 4, 3)
COMPANY = {"name": "Wing Fat Trading 榮發貿易", "sector": "trade_retail", "employees": "10-19"}
#: Plans between two readings of the memory.
EACH = 10
METHOD = (
    "In one process: the site's time is that of the whole request for a plan that was never printed (read, view, "
    "template, WeasyPrint, our fonts and tags, garbage collection, storing). WeasyPrint's own time is that of the same "
    "HTML string with the same style object, with its own fonts and tags, "
    "rendered again right after. From the store is the same request once more. "
    "Memory is the resident memory of a gunicorn worker that prints a new plan for each request, languages in turn, "
    "read after every ten plans; flat means that the median of the last quarter is at most 5 % above that of the "
    "second quarter (the first one fills caches)."
)


@dataclass
class _Printed:
    """What WeasyPrint was last asked to print."""

    #: The arguments of HTML(...) and of write_pdf(...).
    document: dict[str, Any]
    options: dict[str, Any]


def measure(databases: Databases, folder: Path, plans: int, rounds: int) -> Section:
    """Print plans in every language, then *plans* plans on one worker."""
    section = Section("The plan as a PDF file", METHOD)
    database, port = databases.new(), free_port()
    with site(database, port, folder) as app:
        with _watched() as printed:
            client = app.test_client()
            rows = [_printed_in(language, client, printed, rounds, section) for language in Language]
        tokens = [_submitted() for _ in range(plans)]
    head = ["language", "pages", "KB", "site s", "WeasyPrint alone s", "ratio", "CPU ratio"]
    section.table([*head, "WeasyPrint s a page", "from the store s", "share", "verdict of the ratio"], rows)
    with gunicorn("wsgi:app", port, site_environment(database, port, folder), workers=1) as server:
        visitor = Visitor(port)
        readings = []
        for number, token in enumerate(tokens, 1):
            language = tuple(Language)[number % len(Language)]
            answer = visitor.get(f"/assessments/{token}/plan-{language}.pdf")
            if not answer.body.startswith(b"%PDF-"):
                raise RuntimeError(f"a plan was answered with {answer.status}")
            if number % EACH == 0:
                readings.append(server.resident_kib() / 1024)
    _memory(section, readings, plans)
    return section


def _printed_in(language: Language, client: FlaskClient, printed: _Printed, rounds: int, section: Section) -> list[str]:
    site_seconds, alone_seconds, stored_seconds, cpu_ratios, content = [], [], [], [], b""
    for number in range(rounds + 1):
        path = f"/assessments/{_submitted()}/plan-{language}.pdf"
        taken, cpu, content = _asked(client, path)
        stored, _, again = _asked(client, path)
        if again != content:
            raise RuntimeError("the stored plan is another one")
        gc.collect()
        alone, alone_cpu = _alone(printed)
        if number:  # The first one loads fonts.
            site_seconds.append(taken)
            alone_seconds.append(alone)
            stored_seconds.append(stored)
            cpu_ratios.append(cpu / alone_cpu)
    pages = len(PdfReader(BytesIO(content)).pages)
    ratio = Several(tuple(ours / alone for ours, alone in zip(site_seconds, alone_seconds, strict=True)))
    share = Several(tuple(stored / ours for stored, ours in zip(stored_seconds, site_seconds, strict=True)))
    alone_time = Several(tuple(alone_seconds))
    verdict = section.budget(f"at most 1.15x WeasyPrint's own time ({language})", ratio.median, RATIO, "x")
    section.budget(f"from the store in under 5 % of that ({language})", 100 * share.median, 100 * STORED_SHARE, " %")
    section.budget(f"under 400 KB ({language})", len(content) / 1000, SIZE_KB, " KB")
    return [
        language.value,
        str(pages),
        f"{len(content) / 1000:.0f}",
        Several(tuple(site_seconds)).shown(),
        alone_time.shown(),
        ratio.shown(3),
        Several(tuple(cpu_ratios)).shown(3),
        f"{alone_time.median / pages:.3f}",
        f"{Several(tuple(stored_seconds)).median:.4f}",
        f"{100 * share.median:.1f} %",
        verdict,
    ]


def _alone(printed: _Printed) -> tuple[float, float]:
    """Return the seconds and the processor seconds of WeasyPrint as it comes: its own fonts and its own tags."""
    options = {name: value for name, value in printed.options.items() if name != "finisher"}
    ours, weasyprint.pdf.add_tags = weasyprint.pdf.add_tags, add_tags
    try:
        begun, processor = time.perf_counter(), time.process_time()
        HTML(**printed.document).write_pdf(**options)
        return time.perf_counter() - begun, time.process_time() - processor
    finally:
        weasyprint.pdf.add_tags = ours


def _asked(client: FlaskClient, path: str) -> tuple[float, float, bytes]:
    """Return the seconds and the processor seconds that a request took, and its answer."""
    gc.collect()
    begun, processor = time.perf_counter(), time.process_time()
    answer = client.get(path)
    taken, cpu = time.perf_counter() - begun, time.process_time() - processor
    if answer.status_code != 200:
        raise RuntimeError(f"a plan was answered with {answer.status_code}")
    return taken, cpu, answer.data


def _memory(section: Section, readings: list[float], plans: int) -> None:
    if len(readings) < 4:
        section.say(f"{plans} plans are too few to tell whether memory is flat.")
        return
    quarter = len(readings) // 4
    early = Several(tuple(readings[quarter : 2 * quarter])).median
    late = Several(tuple(readings[-quarter:])).median
    shown = [readings[index * (len(readings) - 1) // 9] for index in range(10)] if len(readings) > 10 else readings
    section.say(
        f"Resident memory of the worker over {plans} plans, in MiB: "
        + ", ".join(f"{reading:.0f}" for reading in shown)
        + f"; highest {max(readings):.0f}."
    )
    section.budget(f"memory flat over {plans} plans (late over early)", late / early, GROWTH, "x")


def _submitted() -> str:
    """Submit a new assessment and return its token."""
    questions = rubric_of(current_rubric(db.session)).rubric.questions
    token = assessing.start()
    assessing.save_company(token, COMPANY)
    for question, level in zip(questions, LEVELS, strict=True):
        assessing.answer(token, question.id, level, seen=0)
    assessing.submit(token)
    return token


@contextmanager
def _watched() -> Iterator[_Printed]:
    """Remember what WeasyPrint is asked to print, without changing it."""
    printed = _Printed({}, {})
    make, write = HTML.__init__, HTML.write_pdf

    def noted_make(self: Any, **document: Any) -> None:
        if "string" in document and "url_fetcher" in document:
            printed.document = document
        make(self, **document)

    def noted_write(self: Any, **options: Any) -> Any:
        printed.options = options
        return write(self, **options)

    HTML.__init__, HTML.write_pdf = noted_make, noted_write
    try:
        yield printed
    finally:
        HTML.__init__, HTML.write_pdf = make, write
