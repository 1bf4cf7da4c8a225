"""A cheap load client: request bytes made beforehand, one thread, epoll, a new connection for each request.

gunicorn's sync workers close a connection after its answer, so a browser's next request opens a new one as well.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

SECONDS_OF_SILENCE = 30.0
#: More requests in flight than this mean that the server has been overrun; the rest are not sent.
MOST_IN_FLIGHT = 900


@dataclass(frozen=True, slots=True)
class Request:
    """One request, and what the answer to it must look like."""

    data: bytes
    status: bytes
    #: Bytes that the answer must hold: where it redirects to, or a part of the page.
    holds: bytes


@dataclass
class Outcome:
    """What a run of requests or steps came to."""

    #: Seconds from the first request to the last answer.
    seconds: float = 0.0
    #: Seconds of each, in the order in which they ended.
    latencies: list[float] = field(default_factory=list)
    #: The first lines of answers that were not as they must be.
    wrong: list[str] = field(default_factory=list)
    #: Processor seconds of this client.
    client_cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency, in milliseconds, that *share* of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def closed_loop(port: int, requests: Sequence[Request], at_once: int) -> Outcome:
    """Send *requests* with *at_once* of them always in flight."""
    outcome = Outcome()
    waiting = deque(requests)
    with _measured(outcome), _Connections(port) as connections:

        def send_next() -> None:
            if not waiting:
                return
            request = waiting.popleft()
            begun = time.perf_counter()

            def done(answer: bytes) -> None:
                outcome.latencies.append(time.perf_counter() - begun)
                _check(request, answer, outcome)
                send_next()

            connections.send(request.data, done)

        for _ in range(at_once):
            send_next()
        while connections.in_flight:
            connections.poll(SECONDS_OF_SILENCE)
    return outcome


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an owner: an answer is saved, then the page that follows is read."""

    save: Request
    page: Request


def open_loop(port: int, steps: Sequence[Step], a_second: float) -> Outcome:
    """Begin *a_second* steps each second, whatever the server does.

    The latency of a step runs from the moment it was due, so that a server that falls behind cannot hide it.
    """
    outcome = Outcome()
    with _measured(outcome), _Connections(port) as connections:
        start = time.perf_counter()

        def begin(step: Step, due: float) -> None:
            def saved(answer: bytes) -> None:
                if _check(step.save, answer, outcome):
                    connections.send(step.page.data, shown)

            def shown(answer: bytes) -> None:
                outcome.latencies.append(time.perf_counter() - due)
                _check(step.page, answer, outcome)

            connections.send(step.save.data, saved)

        for number, step in enumerate(steps):
            due = start + number / a_second
            while (left := due - time.perf_counter()) > 0:
                connections.poll(left)
            if connections.in_flight > MOST_IN_FLIGHT:
                outcome.wrong.append("the server was overrun: the step was not begun")
                continue
            begin(step, due)
        while connections.in_flight:
            connections.poll(SECONDS_OF_SILENCE)
    return outcome


@dataclass(frozen=True, slots=True)
class Timed:
    """A request that is due at a moment of the run, and made then: it may depend on earlier answers."""

    #: Seconds after the begin.
    due: float
    request: Callable[[], Request]
    #: Gets the whole answer.
    heard: Callable[[bytes], None]


def scheduled(port: int, kinds: Sequence[Sequence[Timed]]) -> list[Outcome]:
    """Send requests of several kinds when they are due, whatever the server does; return the outcome of each kind.

    As with :func:`open_loop` the latency runs from the moment a request was due.
    """
    outcomes = [Outcome() for _ in kinds]
    events = sorted(
        ((timed.due, number, timed) for number, kind in enumerate(kinds) for timed in kind), key=lambda each: each[0]
    )
    with _measured(outcomes[0]), _Connections(port) as connections:
        start = time.perf_counter()

        def send(timed: Timed, outcome: Outcome) -> None:
            request = timed.request()

            def done(answer: bytes) -> None:
                outcome.latencies.append(time.perf_counter() - start - timed.due)
                if _check(request, answer, outcome):
                    timed.heard(answer)

            connections.send(request.data, done)

        for due, number, timed in events:
            while (left := start + due - time.perf_counter()) > 0:
                connections.poll(left)
            if connections.in_flight > MOST_IN_FLIGHT:
                outcomes[number].wrong.append("the server was overrun: the request was not sent")
                continue
            send(timed, outcomes[number])
        while connections.in_flight:
            connections.poll(SECONDS_OF_SILENCE)
    for outcome in outcomes[1:]:
        outcome.seconds = outcomes[0].seconds
    return outcomes


class _Connections:
    """Requests in flight."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._epoll = select.epoll()
        self._open: dict[int, tuple[socket.socket, list[bytes], Callable[[bytes], None]]] = {}
        self._heard = time.monotonic()

    def __enter__(self) -> _Connections:
        return self

    def __exit__(self, *_: object) -> None:
        for connection, _parts, _done in self._open.values():
            connection.close()
        self._epoll.close()

    @property
    def in_flight(self) -> int:
        """How many requests were not answered yet."""
        return len(self._open)

    def send(self, data: bytes, done: Callable[[bytes], None]) -> None:
        """Send a request; *done* gets the whole answer, empty if the connection broke."""
        connection = socket.create_connection(self._address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(data)
        connection.setblocking(False)
        self._open[connection.fileno()] = (connection, [], done)
        self._epoll.register(connection.fileno(), select.EPOLLIN)

    def poll(self, seconds: float) -> None:
        """Read what has arrived, waiting *seconds* at most.

        :raises TimeoutError: if requests are in flight and nothing was heard for long.
        """
        for number, _ in self._epoll.poll(seconds):
            self._heard = time.monotonic()
            connection, parts, done = self._open[number]
            try:
                part = connection.recv(262_144)
            except BlockingIOError:
                continue
            except ConnectionError:
                part, parts = b"", []
            if part:
                parts.append(part)
                continue
            self._epoll.unregister(number)
            del self._open[number]
            connection.close()
            done(b"".join(parts))
        if self._open and time.monotonic() - self._heard > SECONDS_OF_SILENCE:
            raise TimeoutError(f"no answer for {SECONDS_OF_SILENCE:.0f} s, {len(self._open)} requests in flight")


@contextmanager
def _measured(outcome: Outcome) -> Iterator[None]:
    gc.collect()
    gc.disable()
    cpu, begun = time.process_time(), time.perf_counter()
    try:
        yield
    finally:
        outcome.seconds = time.perf_counter() - begun
        outcome.client_cpu = time.process_time() - cpu
        gc.enable()


def _check(request: Request, answer: bytes, outcome: Outcome) -> bool:
    right = answer.startswith(b"HTTP/1.1 " + request.status) and request.holds in answer
    if not right:
        outcome.wrong.append(answer[:120].decode("latin-1") or "the connection broke")
    return right
