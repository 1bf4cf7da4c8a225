"""The application, put together."""

from __future__ import annotations

from flask import Flask
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from readiness.cli import readiness
from readiness.services import mailing
from readiness.services.database import connect, db
from readiness.services.integrity import edited_in_use, unprotected
from readiness.services.migrating import migrate
from readiness.services.versions import load_shipped, published_digests
from readiness.settings import ROOT, Settings, read_settings
from readiness.web import (
    account,
    drawing,
    errors,
    language,
    limits,
    maintainer,
    owner,
    phrases,
    rights,
    security,
    site,
    staff,
)
from readiness.web.account import keys
from readiness.web.assets import stamped


def create_app(settings: Settings | None = None, *, load: bool = True) -> Flask:
    """Return the application.

    :param load: migrate the database and load the shipped rubric versions and schemes.
    """
    settings = settings or read_settings()
    app = Flask("readiness", root_path=str(ROOT / "readiness"), template_folder=str(ROOT / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        PUBLIC_URL=settings.public_url,
        OPERATOR=settings.operator,
        CONTACT=settings.contact,
        TICK_IN_PROCESS=settings.tick_in_process,
    )
    _prepare_templates(app)
    connect(app, settings)
    site.register(app)
    security.register(app, settings)
    keys.register(app, settings)
    staff.register(app)
    rights.register(app)
    limits.register(app)
    language.register(app)
    drawing.register(app)
    phrases.register(app)
    mailing.register(app, settings)
    errors.register(app)
    WTFormsHelpers(app)
    for command in readiness.commands.values():
        app.cli.add_command(command)
    app.register_blueprint(site.blueprint)
    app.register_blueprint(owner.blueprint)
    app.register_blueprint(account.blueprint)
    app.register_blueprint(maintainer.blueprint)
    with app.app_context():
        try:
            if load:
                migrate()
                load_shipped(settings.rubric_folder)
                published = published_digests(settings.rubric_folder)
                for line in (*unprotected(db.session, published), *edited_in_use(db.session)):
                    app.logger.critical("published versions are not safe: %s; readiness doctor says more", line)
        finally:
            # Servers fork after this: no connection may be shared.
            db.session.close()
            db.engine.dispose()
    return app


def _prepare_templates(app: Flask) -> None:
    # The GOV.UK macros look at parameters that are not given.
    app.jinja_env.undefined = ChainableUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(str(ROOT / "templates")),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    static = ROOT / "readiness" / "static"

    @app.context_processor
    def shared() -> dict[str, object]:
        return {
            "asset": lambda path: f"/static/{path}?{stamped(static / path)}",
            "operator": app.config["OPERATOR"],
            "public_url": app.config["PUBLIC_URL"],
        }
