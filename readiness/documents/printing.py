"""HTML to a tagged PDF file, with WeasyPrint, its fonts made compact and its structure tree our own."""

from __future__ import annotations

import gc
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import weasyprint.pdf
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from readiness.documents.pdf import STYLE
from readiness.documents.pdf_fonts import compact_fonts
from readiness.documents.pdf_tags import add_tags

# WeasyPrint offers no other place for a structure tree of one's own; the tests read what stands in the file.
weasyprint.pdf.add_tags = add_tags


def print_html(html: str, style: Path = STYLE) -> bytes:
    """Return the document as a PDF/UA-1 file; it loads nothing. The same HTML and style give the same bytes."""
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    fonts, css = _style(style)
    try:
        content = HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[css],
            font_config=fonts,
            pdf_variant="pdf/ua-1",
            finisher=compact_fonts,
            pdf_identifier=sha256(html.encode()).hexdigest().encode(),
        )
    finally:
        # A worker that prints many plans keeps its memory flat this way.
        gc.collect()
    return bytes(content)


@lru_cache(maxsize=2)
def _style(path: Path) -> tuple[FontConfiguration, CSS]:
    fonts = FontConfiguration()
    return fonts, CSS(string=path.read_text("utf-8"), font_config=fonts)
