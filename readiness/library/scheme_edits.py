"""Changes of one scheme's record, as pure functions from its plain data to new plain data; the old stays untouched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from readiness.core.schemes import USABLE

Data = dict[str, Any]
Three = Mapping[str, str]

LANGUAGES = ("en", "zh-Hant", "zh-Hans")


class EditRefused(ValueError):
    """A change that cannot be made: the place in the record, and why."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        #: The place, such as ``facts.cap``.
        self.where = where
        #: What is wrong, and the remedy.
        self.problem = problem


@dataclass(frozen=True, slots=True)
class SourceOf:
    """Where something was read; ``id`` names a source that the record already has, and then the rest is not read."""

    id: str | None = None
    title: str = ""
    lang: str = "en"
    href: str | None = None
    no_href: str | None = None
    dated: str | None = None
    undated: str | None = None
    evidence: str = "primary"


@dataclass(frozen=True, slots=True)
class Start:
    """From when a value holds: exactly one of the three is a day."""

    since: date | None = None
    known_in_force_by: date | None = None
    announced: date | None = None

    def as_data(self) -> Data:
        """Return the one that is given, as the record holds it.

        :raises EditRefused: if it is not exactly one.
        """
        given = {
            key: day.isoformat()
            for key in ("since", "known_in_force_by", "announced")
            if (day := getattr(self, key)) is not None
        }
        if len(given) != 1:
            raise EditRefused("start", "takes one of since, known_in_force_by and announced")
        return given


def with_value(data: Data, fact: str, value: Any, start: Start, source: SourceOf) -> Data:
    """Return the record with a new value of a fact; older ones stay below it.

    A value that starts on the very day of an old one of the same kind corrects it.

    :raises EditRefused: if there is no such fact, or the value cannot have this start.
    """
    new = deepcopy(data)
    if fact not in new["facts"]:
        raise EditRefused(f"facts.{fact}", "there is no such fact; allowed: " + ", ".join(sorted(new["facts"])))
    entry = {"value": value, **start.as_data(), "source": _source(new, source)}
    _put(new["facts"][fact]["values"], entry)
    return new


def without_value(data: Data, fact: str, index: int) -> Data:
    """Return the record without a value of a fact that was never true; what it said stays in the history of changes.

    :param index: its place among the values, from 0, the newest first.
    :raises EditRefused: if there is no such value, or it is the only one.
    """
    new = deepcopy(data)
    values = new["facts"].get(fact, {}).get("values", [])
    if not 0 <= index < len(values):
        raise EditRefused(f"facts.{fact}", "there is no such value")
    if len(values) == 1:
        raise EditRefused(f"facts.{fact}", "this is its only value; correct it: a value of the same day replaces it")
    source = values.pop(index)["source"]
    if not _is_used(new, source):
        del new["sources"][source]
    return new


def with_status(data: Data, code: str, start: Start, source: SourceOf, note: Three | None = None) -> Data:
    """Return the record with a new status; older ones stay below it."""
    new = deepcopy(data)
    entry = {"code": code, **start.as_data(), "source": _source(new, source)}
    if note is not None:
        entry["note"] = dict(note)
    _put(new["statuses"], entry)
    if code in USABLE:
        # It is offered again; that it had ended stays among the statuses.
        new["ended"] = None
    return new


def closed(data: Data, source: SourceOf, *, on: date | None = None, known_by: date | None = None) -> Data:
    """Return the record with its end: from that day nobody can apply.

    :param on: the first day on which it no longer takes applications; it may be a later one.
    :param known_by: a day by which it had ended, where the day itself is not known.
    """
    start = Start(since=on, known_in_force_by=known_by)
    new = with_status(data, "closed", start, source)
    new["ended"] = {
        **({"on": on.isoformat()} if on else {}),
        **({"known_by": known_by.isoformat()} if known_by else {}),
        "source": _source(new, source),
    }
    return new


def checked(data: Data, on: date) -> Data:
    """Return the record as compared with the live page on a day."""
    return {**deepcopy(data), "checked_on": on.isoformat()}


def with_money(data: Data, rule: Mapping[str, Any] | None) -> Data:
    """Return the record with another rule of what it pays; None where it pays nothing that can be computed."""
    return {**deepcopy(data), "money": dict(rule) if rule is not None else None}


def with_offer(data: Data, offer: str) -> Data:
    """Return the record with another word on how it may be shown."""
    return {**deepcopy(data), "offer": offer}


def texts_of(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return every text that can be rewritten, by its place: what is shown, not what is a dated value."""
    return {".".join(path): dict(text) for path, text in _texts(data, ())}


def with_texts(data: Data, texts: Mapping[str, Three]) -> Data:
    """Return the record with some of its texts rewritten, each in all three languages.

    :raises EditRefused: if there is no such text.
    """
    new = deepcopy(data)
    known = texts_of(new)
    for place, text in texts.items():
        if place not in known:
            raise EditRefused(place, "there is no such text")
        _set(new, place.split("."), text)
    return new


def _is_used(content: Any, source: str) -> bool:
    """Return whether a record still refers to one of its sources."""
    if isinstance(content, Mapping):
        below = (value for key, value in content.items() if key != "sources")
        return content.get("source") == source or any(_is_used(value, source) for value in below)
    return isinstance(content, list) and any(_is_used(value, source) for value in content)


def _texts(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    if isinstance(content, Mapping):
        if set(content) == set(LANGUAGES):
            found = {language: content[language] for language in LANGUAGES}
            if path == ("names",):
                yield path, {language: name["text"] or "" for language, name in found.items()}
            else:
                yield path, found
            return
        for key, value in content.items():
            # What a fact or a status said on its day is history: it is followed by a new value, not rewritten.
            if key not in ("values", "sources", "test", "undated"):
                yield from _texts(value, (*path, key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _texts(value, (*path, str(index)))


def _set(content: Any, path: list[str], text: Three) -> None:
    *above, last = path
    for key in above:
        content = content[int(key)] if isinstance(content, list) else content[key]
    if path == ["names"]:
        for language in LANGUAGES:
            name = content["names"][language]
            if text[language] != (name["text"] or ""):
                # A name that was not there before was read somewhere; an emptied one is known of no source.
                basis = name["basis"] if name["text"] and text[language] else "secondary"
                said = text[language] or None
                content["names"][language] = {"text": said, "basis": basis if said else "none"}
        return
    content[last] = {language: text[language] for language in LANGUAGES}


def _put(entries: list[Data], entry: Data) -> None:
    """Put an entry where its day belongs, newest first; announcements stand above all."""
    if "announced" in entry:
        same = [old for old in entries if old.get("announced") == entry["announced"]]
        if same:
            entries[entries.index(same[0])] = entry
        else:
            entries.insert(0, entry)
        return
    start = _start(entry)
    for index, old in enumerate(entries):
        other = _start(old)
        if other is None:
            if "announced" in old:
                continue
            entries.insert(index, entry)
            return
        if other == start:
            entries[index] = entry
            return
        if start is not None and other < start:
            entries.insert(index, entry)
            return
    entries.append(entry)


def _start(entry: Mapping[str, Any]) -> str | None:
    return entry.get("since") or entry.get("known_in_force_by")


def _source(data: Data, source: SourceOf) -> str:
    """Return the id of a source, which the record holds from now on."""
    if source.id is not None:
        if source.id not in data["sources"]:
            raise EditRefused("source", f"there is no source {source.id!r:.80}")
        return source.id
    entry = {
        "title": source.title,
        "lang": source.lang,
        "href": source.href,
        **({"no_href": source.no_href} if source.no_href else {}),
        "dated": source.dated,
        "undated": source.undated,
        "evidence": source.evidence,
    }
    for id, known in data["sources"].items():
        if all(known.get(key) == entry.get(key) for key in ("title", "lang", "href", "dated", "evidence")):
            return str(id)
    id = _new_id(data["sources"], source)
    data["sources"][id] = entry
    newest = data["newest_source"]
    if source.dated and len(source.dated) == len("2026-01-01") and (newest is None or source.dated > newest):
        data["newest_source"] = source.dated
    return id


def _new_id(known: Mapping[str, Any], source: SourceOf) -> str:
    """Return an id that tells where and when: the host's first telling part and the year."""
    try:
        host = urlsplit(source.href or "").hostname or ""
    except ValueError:
        host = ""
    labels = [re.sub(r"[^a-z0-9]+", "_", label) for label in host.split(".") if label != "www"]
    stem = next((label for label in labels if label[:1].isalpha()), "source")[:40]
    stem = f"{stem}_{source.dated[:4]}" if source.dated else stem
    if stem not in known:
        return stem
    return next(f"{stem}_{number}" for number in range(2, len(known) + 3) if f"{stem}_{number}" not in known)
