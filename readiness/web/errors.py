"""One place that turns errors into pages: what happened, what was kept, what to do."""

from __future__ import annotations

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from readiness.services.assessing import LinkUnknown, ReadOnly


def register(app: Flask) -> None:
    """Answer every error with a page in the person's language."""

    @app.errorhandler(LinkUnknown)
    def link_unknown(_: LinkUnknown) -> tuple[str, int]:
        return render_template("shared/error.html", kind="link"), 404

    @app.errorhandler(ReadOnly)
    def read_only(_: ReadOnly) -> tuple[str, int]:
        return render_template("shared/error.html", kind="read_only"), 403

    @app.errorhandler(CSRFError)
    def expired(_: CSRFError) -> tuple[str, int]:
        return render_template("shared/error.html", kind="expired"), 400

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        kind = {404: "missing", 405: "missing", 413: "large"}.get(code, "bad" if code < 500 else "fault")
        return render_template("shared/error.html", kind=kind), code

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[str, int]:
        # The route, never the address: it may hold a link's token.
        app.logger.exception("request failed", exc_info=error)
        return render_template("shared/error.html", kind="fault"), 500
