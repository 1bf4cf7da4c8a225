"""The application, put together."""

from __future__ import annotations

import logging

from flask import Flask
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChainableUndefined, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from readiness.services.database import db, migrations, prepare_sqlite
from readiness.services.versions import load_shipped
from readiness.settings import ROOT, Settings, read_settings
from readiness.web import errors, language, owner, security
from readiness.web.assets import stamped


def create_app(settings: Settings | None = None, *, load: bool = True) -> Flask:
    """Return the application.

    :param load: migrate the database and load the shipped rubric versions and schemes.
    """
    settings = settings or read_settings()
    app = Flask("readiness", root_path=str(ROOT / "readiness"), template_folder=str(ROOT / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_ENGINES={"default": settings.database},
        PUBLIC_URL=settings.public_url,
        OPERATOR=settings.operator,
        RUBRIC_FOLDER=settings.rubric_folder,
        ALEMBIC={"script_location": str(ROOT / "migrations")},
    )
    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _prepare_templates(app)
    db.init_app(app)
    migrations.init_app(app)
    security.register(app, settings)
    language.register(app)
    errors.register(app)
    WTFormsHelpers(app)
    app.register_blueprint(owner.blueprint)
    with app.app_context():
        prepare_sqlite(db.engine)
        try:
            if load:
                migrations.upgrade()
                app.config["CATALOGUE_DIGEST"] = load_shipped(settings.rubric_folder)
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
