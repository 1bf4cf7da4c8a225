"""Servers that are measured: PostgreSQL and gunicorn of our own, on free ports, ended with the block that used them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60
#: As the site is served, for the floor as well.
FLAGS = ("--preload", "--no-control-socket", "--log-level", "warning", "--timeout", "60")
_TICKS = os.sysconf("SC_CLK_TCK")


class NotStarted(RuntimeError):
    """A server ended, or did not answer in time."""


@dataclass(frozen=True)
class Served:
    """A running gunicorn."""

    port: int
    process: int

    @property
    def host(self) -> str:
        """What stands in the Host header."""
        return f"127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children")
        return [int(each) for each in children.read_text("ascii").split()]

    def cpu_seconds(self) -> float:
        """Return the processor time that the workers have used so far, system calls included."""
        return sum(_cpu_seconds(each) for each in self.workers())

    def resident_kib(self) -> int:
        """Return the resident memory of the largest worker in KiB."""
        return max(_resident_kib(each) for each in self.workers())


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def gunicorn(target: str, port: int, environment: Mapping[str, str], *, workers: int = 2) -> Iterator[Served]:
    """Serve *target* until the block ends.

    :raises NotStarted: if it does not answer.
    """
    program = Path(sys.executable).with_name("gunicorn")
    process = subprocess.Popen(
        [program, *FLAGS, "--workers", str(workers), "--bind", f"127.0.0.1:{port}", target],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    try:
        _wait_for(port, process)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def site_environment(database: str, port: int, folder: Path) -> dict[str, str]:
    """Return the settings of the site on *database*; each owner's address is read from one trusted proxy."""
    return {
        "READINESS_DATABASE": database,
        "READINESS_INSTANCE_FOLDER": str(folder / "instance"),
        "READINESS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "READINESS_SECRET_KEY": "a key for benchmarks only",
        "READINESS_TRUSTED_PROXIES": "1",
    }


class Databases:
    """New databases of one kind."""

    #: The kind, as the tables name it.
    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self) -> str:
        """Return the address of a new, empty database."""
        return f"sqlite:///{self._folder / uuid4().hex}.sqlite"


class PostgresDatabases(Databases):
    """New databases on one PostgreSQL server with its default settings: fsync is on."""

    name = "PostgreSQL"

    def __init__(self, address: str) -> None:
        self._address = address

    def new(self) -> str:
        """Return the address of a new, empty database."""
        name = f"b{uuid4().hex}"
        server = sa.create_engine(self._address.format(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        server.dispose()
        return self._address.format(database=name)


@contextmanager
def postgres(parent: Path, *, options: str = "") -> Iterator[PostgresDatabases]:
    """Run a PostgreSQL server on a Unix socket until the block ends.

    :param options: further settings, such as ``-c max_wal_size=8GB``.
    :raises NotStarted: if PostgreSQL is not installed.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        raise NotStarted("PostgreSQL is missing: see the README")
    binaries = programs[-1].parent
    folder = parent / f"pg-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    # initdb refuses root.
    become: list[str | Path] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    data = folder / "data"
    try:
        subprocess.run(
            [*become, binaries / "initdb", "-D", data, "-U", "readiness", "-A", "trust", "-E", "UTF8"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' {options}"
        start = [*become, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        yield PostgresDatabases(f"postgresql+psycopg://readiness@/{{database}}?host={folder}")
    finally:
        stop = [*become, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        if process.poll() is not None:
            raise NotStarted(f"gunicorn ended with {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                # Any answer will do: it proves that a worker is up.
                connection.sendall(f"HEAD / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
                connection.settimeout(SECONDS_TO_START)
                if connection.recv(16):
                    return
        except ConnectionError:
            time.sleep(0.05)
    raise NotStarted("gunicorn did not answer")


def _cpu_seconds(process: int) -> float:
    # The name may hold spaces and brackets; what follows it does not.
    after = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    user, system = int(after[11]), int(after[12])
    return (user + system) / _TICKS


def _resident_kib(process: int) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
