"""What an operator asks of a running site: is it well, and what does it do?"""

from __future__ import annotations

import logging
from time import perf_counter

from flask import Blueprint, Flask, Response, g, jsonify, request

from readiness.services import health as health_rules

blueprint = Blueprint("site", __name__)
requests = logging.getLogger("readiness.requests")


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """Say whether the site can do its work: 200, or 503 with what it cannot do."""
    found = health_rules.look()
    return jsonify(status="ok" if found.well else "failing", **found.record()), 200 if found.well else 503


def register(app: Flask) -> None:
    """Log a line for each request: its route, never its address, which may hold a link's token."""

    @app.before_request
    def begin() -> None:
        g.begun = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint != "static":
            milliseconds = (perf_counter() - g.get("begun", perf_counter())) * 1000
            requests.info("%s %s %d %.0f ms", request.method, request.endpoint, response.status_code, milliseconds)
        return response
