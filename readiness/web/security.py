"""Headers and cookies: deny by default, nothing from elsewhere."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from readiness.services.evidence import LARGEST_FILE
from readiness.settings import Settings

csrf = CSRFProtect()

#: Bytes that a form may have, but for the routes that take a file.
LARGEST_FORM = 256 * 1024
LARGER_FORMS = {"owner.evidence_add": LARGEST_FILE + LARGEST_FORM, "owner.offline_read": 2 * 1024 * 1024}

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "manifest-src": "'self'",
}


def register(app: Flask, settings: Settings) -> None:
    """Protect every response."""
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_NAME="readiness",
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        # A page asked for under another name is refused: its links would lead there.
        TRUSTED_HOSTS=settings.trusted_hosts,
        # An owner may leave a form open over lunch: the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]

    # First of all: the token of a form is in what would otherwise be too long to be read.
    @app.before_request
    def take_files() -> None:
        if request.endpoint in LARGER_FORMS:
            request.max_content_length = LARGER_FORMS[request.endpoint]

    csrf.init_app(app)
    Talisman(
        app,
        content_security_policy=POLICY,
        force_https=settings.https,
        strict_transport_security=settings.https,
        session_cookie_secure=settings.https,
        frame_options="DENY",
        referrer_policy="no-referrer",
        permissions_policy={"camera": "()", "microphone": "()", "geolocation": "()", "browsing-topics": "()"},
    )

    @app.after_request
    def keep_private(response: Response) -> Response:
        if request.endpoint == "static":
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response
