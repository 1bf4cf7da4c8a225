"""The site in processes of its own, as `make run` serves it, that a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic
from urllib.error import URLError
from urllib.request import urlopen

from readiness.settings import ROOT
from tests.next_version import first_version_alone

PROGRAM = Path(sys.executable).with_name("gunicorn")
PATIENCE = 30


class Served:
    """A site on an address of its own; it keeps the address when it is started again."""

    def __init__(self, database: str, folder: Path, name: str = "127.0.0.1") -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.url = f"http://{name}:{port}"
        self.folder = folder
        self._environment = {
            **os.environ,
            "READINESS_DATABASE": database,
            "READINESS_INSTANCE_FOLDER": str(folder),
            "READINESS_PUBLIC_URL": self.url,
            "READINESS_RUBRIC_FOLDER": str(first_version_alone()),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def use_rubric(self, folder: Path) -> None:
        """Read another rubric folder from the next start on, as a newer release does."""
        self._environment["READINESS_RUBRIC_FOLDER"] = str(folder)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [PROGRAM, "--config", "scripts/gunicorn.conf.py", "--bind", self.address]
        with (self.folder.parent / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = monotonic() + PATIENCE
        while True:
            try:
                with urlopen(f"{self.url}/health", timeout=PATIENCE):  # noqa: S310  (our own server)
                    return
            except (URLError, ConnectionError):
                if self._process.poll() is not None or monotonic() > deadline:
                    raise

    def kill(self) -> None:
        """End it as a power cut would: master and workers at once, without a word."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator would."""
        self._signal(signal.SIGTERM)

    def _signal(self, which: signal.Signals) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, which)
            self._process.wait()
            self._process = None
