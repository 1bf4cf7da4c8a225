"""A calendar file of days, as RFC 5545 says: lines of at most 75 octets that end in CRLF, in UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from unicodedata import category

#: Who made the file, in the form that the format asks for.
PRODUCT = "-//AI Readiness//Action plan//EN"
#: Octets in a line, its end apart.
LONGEST_LINE = 75
#: A week before the day, at nine in the morning: the day begins at midnight.
REMIND = "-P6DT15H"


@dataclass(frozen=True, slots=True)
class Event:
    """Something of a whole day."""

    #: The same for the same thing in every file: a calendar that has it already brings it up to date.
    uid: str
    day: date
    #: When what is said of it was said.
    stamp: datetime
    #: How often it was changed.
    sequence: int
    summary: str
    description: str
    cancelled: bool = False


def calendar(name: str, events: Iterable[Event], tag: str) -> bytes:
    """Return a calendar file.

    :param tag: the language of its words.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event, tag)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(event: Event, tag: str) -> list[str]:
    stamp = event.stamp.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{stamp}",
        f"LAST-MODIFIED:{stamp}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY;LANGUAGE={tag}:{_text(event.summary)}",
        f"DESCRIPTION;LANGUAGE={tag}:{_text(event.description)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
    ]
    if not event.cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(event.summary)}",
            f"TRIGGER:{REMIND}",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def _text(text: str) -> str:
    """Return *text* with what has a meaning in the format escaped, and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(letter for letter in text if letter in "\n\t" or category(letter)[0] != "C")
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Return a line cut where it is too long, never within a character; a line that goes on begins with a space."""
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
