"""Every kind of bad input: exit code 2, a line on stderr for each problem, nothing on stdout, no traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIB = 1024 * 1024
COMMANDS = (["score"], ["plan", "--json"], ["verify"])

COMPANY = (
    "name",
    "sector",
    "employees",
    "listed",
    "business_registration",
    "incorporated",
    "subvented",
    "production_line",
    "years",
    "markets",
    "own_rd",
    "ai_uses",
    "investment",
    "difficulties",
    "funding_experience",
)
FLAGS = ("listed", "business_registration", "incorporated", "subvented", "production_line", "own_rd")
EMPLOYEES = ("1-5", "6-9", "10-19", "20-49", "50-99", "100-199", "200-499", "500+")
SECTORS = (
    "manufacturing",
    "electricity_gas",
    "water_waste",
    "construction",
    "trade_retail",
    "logistics",
    "accommodation_tourism",
    "food_beverage",
    "telecom_it",
    "finance_insurance",
    "real_estate",
    "professional_services",
    "administrative_services",
    "public_administration",
    "education",
    "medical_health",
    "care_social",
    "government",
    "arts_culture",
    "other",
)


def refused(done: Any, where: str) -> None:
    """Assert that a command refused its input: where, what is wrong, what is allowed, a line each."""
    lines = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert lines
    assert all("allowed" in line or "must be" in line for line in lines), done.err
    assert any(line.split(": ")[0].endswith(where) for line in lines), done.err
    assert all(line.isprintable() for line in lines), done.err
    assert "Traceback" not in done.err


def with_answer(value: str, id: str = "ai_talent") -> str:
    return f'{{"rubric": "2026.1", "answers": {{"{id}": {value}}}}}'


def with_company(key: str, value: Any) -> dict[str, Any]:
    return {"rubric": "2026.1", "company": {key: value}}


#: The file itself is at fault: where the line says so ("{file}" is the path), and the content.
FILES = {
    "empty": ("{file}", b""),
    "spaces": ("{file}", b" \n"),
    "no JSON": ("{file}", b"rubric: 2026.1"),
    "cut off": ("{file}", b'{"rubric": "2026.1"'),
    "two values": ("{file}", b'{"rubric": "2026.1"} {}'),
    "a comment": ("{file}", b'{"rubric": "2026.1"} // mine'),
    "single quotes": ("{file}", b"{'rubric': '2026.1'}"),
    "trailing comma": ("{file}", b'{"rubric": "2026.1",}'),
    "control character in a text": ("{file}", b'{"rubric": "2026.1", "exported_at": "a\nb"}'),
    "invalid UTF-8": ("{file}", b'{"rubric": "2026.1", "exported_at": "\xff"}'),
    "a surrogate in UTF-8": ("{file}", b'{"rubric": "2026.1", "exported_at": "\xed\xa0\x80"}'),
    "UTF-16": ("{file}", '{"rubric": "2026.1"}'.encode("utf-16")),
    "two byte order marks": ("{file}", b'\xef\xbb\xbf\xef\xbb\xbf{"rubric": "2026.1"}'),
    "too large": ("{file}", b'{"rubric": "2026.1"}' + b" " * MIB),
    "a list": ("{file}", b"[]"),
    "a text": ("{file}", b'"2026.1"'),
    "a number": ("{file}", b"3"),
    "null": ("{file}", b"null"),
    "true": ("{file}", b"true"),
    "lists 21 deep": ("{file}", b'{"rubric": "2026.1", "result": ' + b"[" * 20 + b"]" * 20 + b"}"),
    "objects 21 deep": ("{file}", b'{"rubric": "2026.1", "result": ' + b'{"a":' * 19 + b"{}" + b"}" * 19 + b"}"),
    "lists 200000 deep": ("{file}", b"[" * 200_000 + b"]" * 200_000),
    "objects 170000 deep": ("{file}", b'{"":' * 170_000 + b"1" + b"}" * 170_000),
    "lists 200000 deep and open": ("{file}", b"[" * 200_000),
    "lists 200000 deep as an answer": ("{file}", with_answer("[" * 200_000 + "]" * 200_000).encode()),
    "NaN": ("NaN", b'{"rubric": "2026.1", "exported_at": NaN}'),
    "Infinity": ("Infinity", b'{"rubric": "2026.1", "exported_at": Infinity}'),
    "-Infinity": ("-Infinity", b'{"rubric": "2026.1", "exported_at": -Infinity}'),
    "a number of 5000 digits": ("{file}", b'{"rubric": "2026.1", "exported_at": ' + b"9" * 5000 + b"}"),
    "repeated key": ("rubric", b'{"rubric": "2026.1", "rubric": "2026.1"}'),
    "repeated answers": ("answers", b'{"rubric": "2026.1", "answers": {}, "answers": {}}'),
    "repeated answer": ("ai_talent", b'{"rubric": "2026.1", "answers": {"ai_talent": 3, "ai_talent": 3}}'),
    "repeated company key": ("years", b'{"rubric": "2026.1", "company": {"years": 1, "years": 2}}'),
    "repeated key spelt differently": ("ai_talent", b'{"answers": {"ai_talent": 3, "ai\\u005ftalent": 4}}'),
    "repeated key in what an export adds": ("a", b'{"rubric": "2026.1", "plan": {"x": [{"a": 1, "a": 1}]}}'),
    "unknown key": ("answer", b'{"rubric": "2026.1", "answer": {}}'),
    "unknown key in other letters": ("Rubric", b'{"rubric": "2026.1", "Rubric": "2026.1"}'),
    "no rubric": ("rubric", b'{"answers": {}}'),
    "nothing": ("rubric", b"{}"),
    "rubric null": ("rubric", b'{"rubric": null}'),
    "rubric number": ("rubric", b'{"rubric": 2026.1}'),
    "rubric list": ("rubric", b'{"rubric": ["2026.1"]}'),
    "rubric true": ("rubric", b'{"rubric": true}'),
    "company null": ("company", b'{"rubric": "2026.1", "company": null}'),
    "company list": ("company", b'{"rubric": "2026.1", "company": []}'),
    "company text": ("company", b'{"rubric": "2026.1", "company": "Harbour Foods"}'),
    "answers null": ("answers", b'{"rubric": "2026.1", "answers": null}'),
    "answers list": ("answers", b'{"rubric": "2026.1", "answers": [["ai_talent", 3]]}'),
    "answers number": ("answers", b'{"rubric": "2026.1", "answers": 3}'),
    "unknown rubric": ("rubric", b'{"rubric": "1999.1", "result": {}}'),
    "rubric with spaces": ("rubric", b'{"rubric": " 2026.1", "result": {}}'),
    "empty rubric": ("rubric", b'{"rubric": "", "result": {}}'),
    "rubric above its folder": ("rubric", b'{"rubric": "../x", "result": {}}'),
    "rubric by a way round": ("rubric", b'{"rubric": "../versions/2026.1", "result": {}}'),
    "rubric as the folder itself": ("rubric", b'{"rubric": ".", "result": {}}'),
    "rubric with a slash": ("rubric", b'{"rubric": "2026.1/", "result": {}}'),
    "rubric as an absolute path": ("rubric", b'{"rubric": "/etc", "result": {}}'),
    "rubric with a NUL": ("rubric", b'{"rubric": "2026.1\\u0000", "result": {}}'),
    "rubric with lines": ("rubric", b'{"rubric": "2026.1\\n", "result": {}}'),
    "rubric with a surrogate": ("rubric", b'{"rubric": "\\ud800", "result": {}}'),
    "rubric of a million letters": ("rubric", b'{"rubric": "' + b"x" * 1_000_000 + b'", "result": {}}'),
}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_refused_by_every_command(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, name: str, command: list[str]
) -> None:
    where, content = FILES[name]
    path = write(content)

    done = run(*command, path, rubric=small_rubric)

    refused(done, where.format(file=path))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["", "nowhere.json", "nowhere/answers.json", "file/answers.json"])
def test_what_is_no_file_is_refused_by_every_command(
    run: Callable[..., Any], small_rubric: Path, tmp_path: Path, name: str, command: list[str]
) -> None:
    (tmp_path / "file").write_text("{}")

    done = run(*command, tmp_path / name, rubric=small_rubric)

    refused(done, str(tmp_path / name))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_without_a_file_is_refused(run: Callable[..., Any], command: list[str]) -> None:
    done = run(*command)

    assert (done.status, done.out) == (2, "")
    assert "FILE" in done.err


#: An answer to ai_talent, as it stands in the file.
ANSWERS = {
    "null": "null",
    "true": "true",
    "false": "false",
    "text": '"3"',
    "fraction": "3.5",
    "whole with a point": "3.0",
    "whole with an exponent": "3e0",
    "zero": "0",
    "minus zero": "-0",
    "six": "6",
    "minus one": "-1",
    "huge": "1e400",
    "minute": "1e-400",
    "4000 digits": "9" * 4000,
    "list": "[3]",
    "empty list": "[]",
    "object": '{"level": 3}',
    "empty text": '""',
    "another mark": '"unsure"',
    "mark in capitals": '"NOT_SURE"',
    "mark in a list": '["not_sure"]',
    "not applicable where it is not offered": '"not_applicable"',
    "lone surrogate": '"\\ud800"',
    "lines": '"a\\nb"',
    "escape": '"\\u001b[2J"',
    "long text": '"' + "x" * 100_000 + '"',
}


@pytest.mark.parametrize("command", COMMANDS[:2], ids=" ".join)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, name: str, command: list[str]
) -> None:
    path = write(with_answer(ANSWERS[name]))

    done = run(*command, path, rubric=small_rubric)

    refused(done, "answers.ai_talent")
    assert max(map(len, done.err.splitlines())) < 500


@pytest.mark.parametrize("numeral", ["1e9999999999999999999", "-1e9999999999999999999", "1e-9999999999999999999"])
@pytest.mark.parametrize("place", ['"answers": {"ai_talent": %s}', '"company": {"years": %s}', '"result": %s'])
def test_a_number_that_no_machine_holds_is_refused_by_its_place_or_by_itself(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, numeral: str, place: str
) -> None:
    path = write(f'{{"rubric": "2026.1", {place % numeral}}}')

    done = run("score", path, rubric=small_rubric)

    (line,) = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert any(where in line for where in ("answers.ai_talent", "company.years", numeral, str(path)))
    assert "allowed" in line


def test_not_applicable_is_taken_for_reference_data_alone(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    ids = list(answers["answers"])
    path = write({"rubric": "2026.1", "answers": dict.fromkeys(ids, "not_applicable")})

    done = run("score", path)

    ids.remove("reference_data")
    assert (done.status, done.out) == (2, "")
    assert [line.split(":")[0] for line in done.err.splitlines()] == [f"answers.{id}" for id in ids]


def test_null_is_no_answer_to_any_question(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    ids = list(answers["answers"])
    path = write({"rubric": "2026.1", "answers": dict.fromkeys(ids)})

    done = run("score", path)

    assert (done.status, done.out) == (2, "")
    assert [line.split(":")[0] for line in done.err.splitlines()] == [f"answers.{id}" for id in ids]


@pytest.mark.parametrize("id", ["dancing", "AI_TALENT", "ai_talent ", "", "ai-talent", "0"])
def test_an_unknown_question_is_refused_and_the_known_ones_are_named(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, id: str
) -> None:
    path = write(with_answer("3", id))

    done = run("score", path, rubric=small_rubric)

    refused(done, f"answers.{id}")
    assert "reference_data" in done.err


@pytest.mark.parametrize(
    "key",
    ["a\\nb", "\\u001b[2J", "\\ud800", "\\u2028", "x" * 100_000],
    ids=["lines", "escape", "surrogate", "separator", "long"],
)
@pytest.mark.parametrize(
    "form",
    [
        '{"%s": 1, "rubric": "2026.1"}',
        '{"rubric": "2026.1", "answers": {"%s": 1}}',
        '{"rubric": "2026.1", "company": {"%s": 1}}',
        '{"%s": 1, "%s": 1}',
    ],
    ids=["top", "answers", "company", "repeated"],
)
def test_a_strange_key_is_one_plain_line(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, form: str, key: str
) -> None:
    path = write(form.replace("%s", key))

    done = run("score", path, rubric=small_rubric)

    (line,) = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert line.isprintable()
    assert len(line) < 1000


#: What is wrong about a company: its key and the value.
COMPANIES = [
    ("colour", "blue"),
    ("Name", "Harbour Foods"),
    ("", 1),
    *((key, None) for key in COMPANY),
    ("name", ""),
    ("name", "   "),
    ("name", "a\nb"),
    ("name", "a\tb"),
    ("name", "a\x00b"),
    ("name", "a\x1b[2Jb"),
    ("name", "a\u202eb"),
    ("name", "a\u2028b"),
    ("name", "\ud800"),
    ("name", "x" * 121),
    ("name", "\u6e2f" * 121),
    ("name", 3),
    ("name", True),
    ("name", ["Harbour Foods"]),
    ("name", {"en": "Harbour Foods"}),
    ("sector", "fishing"),
    ("sector", "Manufacturing"),
    ("sector", ""),
    ("sector", 3),
    ("sector", ["manufacturing"]),
    ("sector", {}),
    ("employees", "5"),
    ("employees", "1 - 5"),
    ("employees", "1\u20135"),
    ("employees", 12),
    ("employees", 12.5),
    ("employees", True),
    ("employees", ["1-5"]),
    ("years", -1),
    ("years", 3.5),
    ("years", 3.0),
    ("years", True),
    ("years", False),
    ("years", "3"),
    ("years", 301),
    ("years", 10**300),
    ("years", [3]),
    ("markets", "hong_kong"),
    ("markets", ["moon"]),
    ("markets", ["hong_kong", "hong_kong"]),
    ("markets", ["hong_kong", None]),
    ("markets", [["hong_kong"]]),
    ("markets", [{}]),
    ("markets", {"hong_kong": True}),
    ("markets", 3),
    ("ai_uses", ["marketing", "operations", "marketing"]),
    ("ai_uses", ["cooking"]),
    ("ai_uses", "marketing"),
    ("difficulties", ["funds", "funds"]),
    ("difficulties", ["luck"]),
    ("difficulties", [1]),
    ("investment", "much"),
    ("investment", 100000),
    ("funding_experience", "some"),
    ("funding_experience", ["granted"]),
    *((key, value) for key in FLAGS for value in ("true", "yes", 1, 0, [])),
]


@pytest.mark.parametrize(("key", "value"), COMPANIES, ids=lambda value: ascii(value)[:30])
def test_what_is_wrong_about_a_company_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, key: str, value: Any
) -> None:
    path = write(with_company(key, value))

    done = run("score", path, rubric=small_rubric)

    refused(done, f"company.{key}")
    assert len(done.err.splitlines()) == 1


def test_a_number_of_years_that_no_float_holds_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path
) -> None:
    path = write('{"rubric": "2026.1", "company": {"years": 1e400}}')

    done = run("score", path, rubric=small_rubric)

    refused(done, "company.years")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("employees", each) for each in EMPLOYEES),
        *(("sector", each) for each in SECTORS),
        *((key, value) for key in FLAGS for value in (True, False)),
        ("name", "港" * 120),
        ("years", 0),
        ("years", 300),
        ("markets", []),
        ("markets", ["overseas", "hong_kong", "mainland"]),
        ("ai_uses", ["none"]),
        ("difficulties", ["other", "funds"]),
        ("investment", "unclear"),
        ("funding_experience", "none"),
    ],
)
def test_what_the_contract_names_about_a_company_is_taken(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, key: str, value: Any
) -> None:
    path = write(with_company(key, value))

    done = run("score", path, rubric=small_rubric)

    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(
    "inside",
    ["[" * 19 + "]" * 19, '{"a":' * 18 + "{}" + "}" * 18, '[{"a":' * 9 + "[]" + "}]" * 9],
    ids=["[]", "{}", "both"],
)
def test_twenty_levels_of_nesting_are_read(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, inside: str
) -> None:
    path = write(f'{{"rubric": "2026.1", "plan": {inside}}}')

    done = run("score", path, rubric=small_rubric)

    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(("size", "status"), [(MIB, 0), (MIB + 1, 2)])
def test_a_file_may_have_one_mebibyte_and_no_more(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, size: int, status: int
) -> None:
    path = write('{"rubric": "2026.1"}'.ljust(size))

    done = run("score", path, rubric=small_rubric)

    assert done.status == status


def test_every_problem_has_a_line_of_its_own(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path
) -> None:
    answers = {"ai_talent": 6, "data_quality": None, "reference_data": 3}
    path = write({"rubric": "2026.1", "company": {"years": -1, "listed": 1, "own_rd": True}, "answers": answers})

    done = run("score", path, rubric=small_rubric)

    places = {line.split(":")[0] for line in done.err.splitlines()}
    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 4
    assert places == {"answers.ai_talent", "answers.data_quality", "company.years", "company.listed"}


def test_every_problem_of_the_form_has_a_line_of_its_own(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path
) -> None:
    path = write({"rubric": 1, "company": [], "answers": None, "colour": "blue"})

    done = run("score", path, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert sorted(line.split(":")[0] for line in done.err.splitlines()) == ["answers", "colour", "company", "rubric"]


def test_a_problem_is_said_in_the_words_of_json(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path
) -> None:
    company = {"years": None, "listed": None}
    path = write({"rubric": "2026.1", "company": company, "answers": {"ai_talent": True, "data_quality": 3.5}})

    done = run("score", path, rubric=small_rubric)

    assert [word for word in ("None", "True", "Decimal") if word in done.err] == []


@pytest.mark.parametrize(
    "content",
    [
        with_answer("6").encode(),
        with_answer('"\\ud800"').encode(),
        b'{"rubric": "2026.1", "\\ud800": 1}',
        with_answer("[" * 200_000 + "]" * 200_000).encode(),
        b'{"":' * 170_000,
        with_answer("1e9999999999999999999").encode(),
    ],
    ids=["answer", "surrogate", "surrogate in a key", "deep lists", "deep objects", "exponent"],
)
def test_the_command_itself_refuses_bad_input_without_a_traceback(
    command: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, content: bytes
) -> None:
    path = write(content)

    done = command("score", path, READINESS_RUBRIC_FOLDER=str(small_rubric))

    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err


def test_a_folder_given_as_file_is_refused_by_the_command_itself(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command("score", tmp_path)

    refused(done, str(tmp_path))


@pytest.mark.parametrize(
    "line", [[], ["nonsense"], ["score", "a", "b"], ["rubric", "dance"], ["--dance"]], ids=" ".join
)
def test_a_line_that_is_no_command_is_refused(run: Callable[..., Any], line: list[str]) -> None:
    done = run(*line)

    assert (done.status, done.out) == (2, "")
    assert done.err


def test_the_test_files_are_what_they_say() -> None:
    deep = [FILES[f"{name} 21 deep"][1] for name in ("lists", "objects")]
    large = {name: len(content) for name, (_, content) in FILES.items() if len(content) > MIB}

    assert all(json.loads(content) for content in deep)
    assert list(large) == ["too large"]
