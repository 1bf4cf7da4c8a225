"""How the site is served: two processes that share what was loaded, and one of them does the daily work."""

import importlib
import threading

wsgi_app = "wsgi:app"
workers = 2
preload_app = True
# A PDF of a long plan takes seconds on a slow machine, and a mail server may take eight.
timeout = 60
control_socket_disable = True
loglevel = "warning"
# No access log: addresses hold link tokens. The application logs routes itself.
accesslog = None


def post_worker_init(worker) -> None:
    """Make ready to print, and look every hour whether the daily work is due; whoever is first does it."""
    from readiness.services.upkeep import keep_ticking

    threading.Thread(target=importlib.import_module, args=["readiness.documents.printing"], daemon=True).start()
    app = worker.app.wsgi()
    if app.config["TICK_IN_PROCESS"]:
        keep_ticking(app, threading.Event())
