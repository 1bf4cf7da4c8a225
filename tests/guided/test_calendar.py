"""The calendar file, read back by a reader of its own that holds it to RFC 5545."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from readiness.documents.calendar import Event, calendar
from tests.guided.test_following import actions_of, follow
from tests.web.conftest import Owner

STAMP = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
ONCE = {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP"}


def read(content: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the properties of a calendar and of its events, unfolded and unescaped; anything else is an error."""
    assert content.endswith(b"\r\n")
    physical = content.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in physical), "a line is longer than 75 octets"
    assert all(b"\n" not in line and b"\r" not in line for line in physical), "a bare end of a line"
    for line in physical:
        line.decode("utf-8")  # no character is cut
    lines = content.replace(b"\r\n ", b"").decode("utf-8").split("\r\n")[:-1]
    outer: dict[str, str] = {}
    events: list[dict[str, str]] = []
    open_parts: list[str] = []
    for line in lines:
        found = re.fullmatch(r"([A-Z-]+)((?:;[A-Z-]+=[^;:\",]+)*):(.*)", line, re.S)
        assert found, line
        name, _, value = found.groups()
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value), line
        if name == "BEGIN":
            open_parts.append(value)
            if value == "VEVENT":
                assert open_parts == ["VCALENDAR", "VEVENT"]
                events.append({})
        elif name == "END":
            assert open_parts.pop() == value
        elif open_parts[-1] == "VEVENT":
            assert name not in events[-1], f"{name} stands twice"
            events[-1][name] = _unescaped(value)
        elif open_parts[-1] == "VCALENDAR":
            outer[name] = _unescaped(value)
    assert open_parts == []
    assert outer["VERSION"] == "2.0"
    assert outer["PRODID"]
    for event in events:
        assert set(event) >= ONCE
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
        assert re.fullmatch(r"\d{8}", event["DTSTART"])
        assert event["DTSTART"] < event["DTEND"]
    return outer, events


def _unescaped(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value) or re.fullmatch(r"[\w:;=,./+-]*", value), value
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "N": "\n"}.get(found[1], found[1]), value)


def an_event(summary: str, description: str = "") -> Event:
    return Event("5f1d", date(2027, 5, 31), STAMP, 3, summary, description)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "為公司定一名負責人工智能的人，並寫下他管甚麼、怎樣報告、何時檢討。" * 9,
        "x" * 74,
        "x" * 75,
        "x" * 500,
        "😀" * 60,
        "a; b, c \\ d \\n e",
        "line one\nline two\r\nline three",
        "BEGIN:VEVENT\r\nEND:VCALENDAR",
        "a\u2028b\u3000c",
    ],
)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    _, (event,) = read(calendar("海港食品", [an_event(text, text)], "zh-Hant-HK"))

    assert event["SUMMARY"] == event["DESCRIPTION"] == text.replace("\r\n", "\n").replace("\u2028", "\u2028")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\u200bb", "a\ud800b"])
def test_what_nobody_can_see_is_left_out(text: str) -> None:
    _, (event,) = read(calendar("x", [an_event(text)], "en"))

    assert event["SUMMARY"] == "ab"


def test_a_day_ends_where_the_next_begins() -> None:
    _, (event,) = read(calendar("x", [Event("1", date(2027, 12, 31), STAMP, 0, "s", "d")], "en"))

    assert (event["DTSTART"], event["DTEND"]) == ("20271231", "20280101")


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Assess AI readiness again"), ("zh-Hant", "海港"), ("zh-Hans", "海港")]
)
def test_the_file_of_a_plan_holds_every_action_and_the_day_to_assess_again(
    app: Flask, language: str, says: str
) -> None:
    owner = Owner(app.test_client(), language).start(name="海港食品有限公司，中環; 分店").answer_all().submit()
    first, second, *rest = actions_of(owner)
    follow(owner, first, due_on="2027-05-31", owner="陳小姐", note="a private note", proof="a private proof")
    follow(owner, second, state="dropped")

    response = owner.client.get(f"/assessments/{owner.token}/actions.ics")

    assert response.headers["Content-Type"].startswith("text/calendar; charset=utf-8")
    assert response.headers["Content-Disposition"].startswith("attachment")
    outer, events = read(response.data)
    assert "海港食品有限公司，中環; 分店" in outer["X-WR-CALNAME"]
    assert len(events) == 3 + len(rest)
    assert events[0]["DTSTART"] == "20270531"
    assert events[0]["SEQUENCE"] == "1"
    assert "陳小姐" in events[0]["DESCRIPTION"]
    assert [event["STATUS"] for event in events[:2]] == ["CONFIRMED", "CANCELLED"]
    assert says in events[-1]["SUMMARY"]
    assert b"private" not in response.data.replace(b"\r\n ", b"")
    assert owner.token.encode() not in response.data.replace(b"\r\n ", b"")


def test_an_event_keeps_its_name_when_the_action_changes_so_that_a_calendar_brings_it_up_to_date(owner: Owner) -> None:
    owner.start().answer_all().submit()
    action = actions_of(owner)[0]

    def event() -> dict[str, str]:
        _, (only,) = read(owner.client.get(f"/assessments/{owner.token}/actions/{action}.ics").data)
        return only

    before = event()
    same = event()
    follow(owner, action, due_on="2028-01-31", state="done")
    after = event()

    assert before == same
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "1")
    assert after["DTSTART"] == "20280131"
    assert after["SUMMARY"].startswith("Done: ")


def test_what_is_done_or_dropped_is_cancelled_and_reminds_nobody(owner: Owner) -> None:
    owner.start().answer_all().submit()
    done, dropped, waiting = actions_of(owner)
    follow(owner, done, state="done")
    follow(owner, dropped, state="dropped")

    files = {
        action: owner.client.get(f"/assessments/{owner.token}/actions/{action}.ics").data
        for action in (done, dropped, waiting)
    }

    assert [read(files[each])[1][0]["STATUS"] for each in (done, dropped, waiting)] == [
        "CANCELLED",
        "CANCELLED",
        "CONFIRMED",
    ]
    assert [each for each, content in files.items() if b"BEGIN:VALARM" in content] == [waiting]


def test_what_was_done_and_is_asked_for_no_more_stays_cancelled_in_the_file(owner: Owner) -> None:
    owner.start().answer_all().submit()
    raised = next(each for each in actions_of(owner) if each.startswith("ai_governance"))
    _, (before,) = read(owner.client.get(f"/assessments/{owner.token}/actions/{raised}.ics").data)
    follow(owner, raised, state="done")
    owner.get("/actions")
    owner.post(f"/assessments/{owner.token}/actions/{raised}/again")
    owner.answer("ai_governance", 5)
    owner.submit()

    _, events = read(owner.client.get(f"/assessments/{owner.token}/actions.ics").data)

    after = {event["UID"]: event for event in events}[before["UID"]]
    assert after["STATUS"] == "CANCELLED"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
