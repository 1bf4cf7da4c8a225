"""The WSGI application, for a server such as gunicorn: ``gunicorn wsgi:app``."""

import logging

from readiness.app import create_app

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
logging.getLogger("readiness").setLevel(logging.INFO)

app = create_app()
