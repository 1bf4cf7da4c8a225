"""What a page weighs: the first view with all that it loads, later pages without what the browser kept."""

from __future__ import annotations

import gzip
import re
from html import unescape
from pathlib import Path

from benchmarks.owners import Visitor, begin, site, walk
from benchmarks.report import Section
from benchmarks.serving import Databases, free_port, gunicorn, site_environment

FIRST_KB, LATER_KB = 120.0, 20.0
LANGUAGES = ("en", "zh-Hant", "zh-Hans")
METHOD = (
    "Every page is fetched from the running server. Compressed is what gzip at level 6 makes of it, as a proxy in "
    "front would, file by file; as served is what the server itself sent. KB are 1,000 bytes; headers are not counted. "
    "The first view is the start page with every style, script and picture that it names; later pages are their HTML "
    "alone, since browsers keep the rest."
)
_LOADED = re.compile(r"<(?:link|script|img)\b[^>]*?\b(?:href|src)=\"([^\"]+)\"")


def measure(databases: Databases, folder: Path) -> Section:
    """Weigh the owner's pages in every language."""
    section = Section("What pages weigh", METHOD)
    database, port = databases.new(), free_port()
    with site(database, port, folder):
        done, submitted = begin(2)
    rows: list[list[str]] = []
    heaviest: dict[tuple[str, float], float] = {}
    with gunicorn("wsgi:app", port, site_environment(database, port, folder), workers=1):
        question = walk(port, done).questions[0].id
        walk(port, submitted)
        visitor = Visitor(port)
        asked = visitor.get(f"/assessments/{submitted}/submit").form
        visitor.post(f"/assessments/{submitted}/submit", asked.fields)
        later = {
            "about the company": f"/assessments/{done}/company",
            "question": f"/assessments/{done}/questions/{question}",
            "check": f"/assessments/{done}/check",
            "submit": f"/assessments/{done}/submit",
            "result": f"/assessments/{submitted}/result",
            "method": "/method",
        }
        elsewhere: set[str] = set()
        for language in LANGUAGES:
            start = visitor.get(f"/?lang={language}").body
            files = [unescape(each) for each in _LOADED.findall(start.decode())]
            elsewhere |= {each for each in files if not each.startswith("/")}
            parts = [start, *(visitor.get(each).body for each in files if each.startswith("/"))]
            rows.append(_weighed(heaviest, "first view", language, parts, FIRST_KB))
            for name, path in later.items():
                rows.append(_weighed(heaviest, name, language, [visitor.get(path).body], LATER_KB))
    section.table(["page", "language", "files", "as served KB", "compressed KB", "budget KB", "verdict"], rows)
    for (name, limit), packed in heaviest.items():
        section.budget(f"{name}: at most {limit:.0f} KB compressed in any language", packed, limit, " KB")
    section.budget("requests to anywhere else named by the start page", len(elsewhere), 0)
    return section


def _weighed(
    heaviest: dict[tuple[str, float], float], name: str, language: str, parts: list[bytes], limit: float
) -> list[str]:
    served = sum(map(len, parts)) / 1000
    packed = sum(len(gzip.compress(part, 6)) for part in parts) / 1000
    heaviest[name, limit] = max(heaviest.get((name, limit), 0.0), packed)
    verdict = "kept" if packed <= limit else "**missed**"
    return [name, language, str(len(parts)), f"{served:.1f}", f"{packed:.1f}", f"{limit:.0f}", verdict]
