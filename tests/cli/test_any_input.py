"""Whatever a file holds, the command says what is wrong with it; and no changed export holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

# A text may hold lone surrogates: JSON writes them as \ud800.
TEXTS = st.text(max_size=20) | st.sampled_from(["\ud800", "a\nb", "\x1b[2J", "\u2028"])
NUMBERS = st.integers() | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
QUESTIONS = ("management_support", "ai_talent", "ai_governance", "data_quality", "reference_data")
PROFILE = ("name", "sector", "employees", "years", "markets", "listed", "ai_uses", "investment", "difficulties")
LIKELY = st.sampled_from([1, 3, 5, "not_sure", "not_applicable", "other", "10-19", "hong_kong", True])
ANSWERS = st.dictionaries(st.sampled_from(QUESTIONS) | TEXTS, LIKELY | VALUES, max_size=5)
COMPANIES = st.dictionaries(st.sampled_from(PROFILE) | TEXTS, LIKELY | VALUES, max_size=5)
#: Numbers as JSON allows them to be written, far beyond what a machine holds.
NUMERALS = st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,25})?", fullmatch=True)

#: The parts of an export that ``verify`` recomputes.
VERIFIED = ("answers", "digest", "result", "plan", "catalogue")

thorough = settings(max_examples=100, deadline=None, database=None)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "any.json"


def refused_or_printed(done: Any) -> None:
    if done.status == 0:
        assert done.err == ""
        assert isinstance(json.loads(done.out), dict)
    else:
        assert (done.status, done.out) == (2, "")
        assert done.err.strip()


@given(content=st.binary(max_size=200))
@thorough
def test_any_bytes_are_refused(run: Callable[..., Any], file: Path, small_rubric: Path, content: bytes) -> None:
    file.write_bytes(content)

    done = run("score", file, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.strip()


@given(content=VALUES)
@thorough
def test_any_json_is_scored_or_refused(run: Callable[..., Any], file: Path, small_rubric: Path, content: Any) -> None:
    file.write_text(json.dumps(content), "utf-8")

    refused_or_printed(run("score", file, rubric=small_rubric))


@given(content=st.dictionaries(st.sampled_from(["rubric", "company", "answers", "plan"]) | TEXTS, VALUES, max_size=5))
@thorough
def test_any_object_is_scored_or_refused(
    run: Callable[..., Any], file: Path, small_rubric: Path, content: dict[str, Any]
) -> None:
    file.write_text(json.dumps({"rubric": "2026.1", **content}), "utf-8")

    refused_or_printed(run("score", file, rubric=small_rubric))


@pytest.mark.parametrize("command", [["score"], ["plan", "--json"]], ids=" ".join)
@given(answers=ANSWERS, company=COMPANIES)
@thorough
def test_any_answers_of_any_company_are_taken_or_refused(
    run: Callable[..., Any],
    file: Path,
    small_rubric: Path,
    command: list[str],
    answers: dict[str, Any],
    company: dict[str, Any],
) -> None:
    file.write_text(json.dumps({"rubric": "2026.1", "company": company, "answers": answers}), "utf-8")

    refused_or_printed(run(*command, file, rubric=small_rubric))


@given(
    numeral=NUMERALS, place=st.sampled_from(['"answers": {"ai_talent": %s}', '"company": {"years": %s}', '"plan": %s'])
)
@thorough
def test_any_number_is_taken_or_refused(
    run: Callable[..., Any], file: Path, small_rubric: Path, numeral: str, place: str
) -> None:
    file.write_text(f'{{"rubric": "2026.1", {place % numeral}}}', "utf-8")

    refused_or_printed(run("score", file, rubric=small_rubric))


@given(levels=st.lists(st.integers(1, 5) | st.just("not_sure"), min_size=5, max_size=5))
@settings(thorough, max_examples=50)
def test_any_levels_give_an_export_that_holds(
    run: Callable[..., Any], file: Path, small_rubric: Path, levels: list[int | str]
) -> None:
    said = {"rubric": "2026.1", "answers": dict(zip(QUESTIONS, levels, strict=True))}
    file.write_text(json.dumps(said), "utf-8")
    result = json.loads(run("score", file, rubric=small_rubric).out)
    plan = json.loads(run("plan", file, "--json", "--today", "2026-11-22", rubric=small_rubric).out)
    catalogue = {"digest": plan["catalogue"], "date": plan["today"]}
    made = {"digest": result["digest"], "result": result, "plan": plan, "catalogue": catalogue}
    file.write_text(json.dumps({**said, **made}), "utf-8")

    done = run("verify", file, rubric=small_rubric)

    assert (done.status, done.err) == (0, ""), done.out


@given(data=st.data())
@settings(thorough, max_examples=300)
def test_no_changed_export_holds(
    run: Callable[..., Any], file: Path, small_rubric: Path, export: str, data: st.DataObject
) -> None:
    record = json.loads(export)
    # By its part first: most places lie in the plan.
    part = data.draw(st.sampled_from(VERIFIED), label="part")
    path = data.draw(st.sampled_from([path for path in paths(record) if path[0] == part]), label="path")
    deed = data.draw(st.sampled_from(["replace", "remove", "insert"]), label="deed")
    change(record, path, deed, data.draw(LIKELY | VALUES, label="value"), data.draw(TEXTS, label="key"))
    file.write_text(json.dumps(record), "utf-8")

    done = run("verify", file, rubric=small_rubric)

    assert done.status in {1, 2}
    assert done.out.strip() if done.status == 1 else done.err.strip()
    assert (done.err if done.status == 1 else done.out) == ""


@given(end=st.integers(min_value=0, max_value=10**9))
@example(end=0)
@thorough
def test_an_export_that_was_cut_off_is_refused(
    run: Callable[..., Any], file: Path, small_rubric: Path, export: str, end: int
) -> None:
    file.write_text(export[: end % len(export)], "utf-8")

    done = run("verify", file, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.strip()


@given(company=COMPANIES, exported_at=VALUES)
@thorough
def test_an_export_of_any_company_is_judged_or_refused(
    run: Callable[..., Any], file: Path, small_rubric: Path, export: str, company: dict[str, Any], exported_at: Any
) -> None:
    file.write_text(json.dumps({**json.loads(export), "company": company, "exported_at": exported_at}), "utf-8")

    done = run("verify", file, rubric=small_rubric)

    assert done.status in {0, 1, 2}
    assert (done.out == "") is (done.status == 2)
    assert (done.err == "") is (done.status != 2)


def paths(record: Any, start: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of everything that ``verify`` recomputes."""
    keys = record if isinstance(record, dict) else range(len(record)) if isinstance(record, list) else ()
    for key in keys:
        if start or key in VERIFIED:
            yield (*start, key)
            yield from paths(record[key], (*start, key))


def change(record: Any, path: tuple[Any, ...], deed: str, value: Any, key: str) -> None:
    """Replace, remove or insert at a place of *record*, so that it says something else than before."""
    for step in path[:-1]:
        record = record[step]
    old = record[path[-1]]
    if deed == "remove":
        del record[path[-1]]
    elif deed == "replace":
        assume(not same(old, value))
        record[path[-1]] = value
    elif isinstance(record, list):
        record.insert(path[-1], value)
    else:
        # At the top another key is an unknown one, which is refused for itself.
        assume(key not in record)
        record[key] = value


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same: 3 is 3.0, but true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
