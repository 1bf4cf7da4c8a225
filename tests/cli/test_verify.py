"""``readiness verify FILE``: 0 it holds, 1 a line for each difference, 2 it cannot be read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.library.catalogues import read_catalogue_folder
from readiness.models import Model, StoredCatalogue

ZEROS = "sha256:" + "0" * 64
DAY = "2026-11-22"


def put(record: Any, path: tuple[str | int, ...], value: Any) -> None:
    for key in path[:-1]:
        record = record[key]
    record[path[-1]] = value


def test_a_true_export_holds(
    run: Callable[..., Any], command: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    bare = write(answers)
    result = json.loads(run("score", bare).out)
    plan = json.loads(run("plan", bare, "--json", "--today", DAY).out)
    catalogue = {"digest": plan["catalogue"], "date": DAY}
    made = {"digest": result["digest"], "result": result, "plan": plan, "catalogue": catalogue}
    true = write({**answers, **made, "exported_at": f"{DAY}T01:00:00+00:00"}, "true.json")
    made["result"]["score"] = 2.6
    false = write({**answers, **made, "exported_at": f"{DAY}T01:00:00+00:00"}, "false.json")

    holds, differs = command("verify", true), command("verify", false)

    assert (holds.status, holds.err) == (0, "")
    assert differs.status == 1
    assert differs.err == ""
    assert [line.split(": ")[0] for line in differs.out.splitlines()] == ["result.score"]
    assert "2.6" in differs.out
    assert "2.5" in differs.out


def test_a_small_export_holds(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    done = run("verify", write(export), rubric=small_rubric)

    assert (done.status, done.err) == (0, "")
    assert len(done.out.splitlines()) == 1


def test_an_export_without_a_band_holds_without_a_plan(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path
) -> None:
    said = {"rubric": "2026.1", "answers": {"ai_talent": 3}}
    result = json.loads(run("score", write(said), rubric=small_rubric).out)

    done = run("verify", write({**said, "digest": result["digest"], "result": result}), rubric=small_rubric)

    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("digest",), ZEROS),
        (("digest",), None),
        (("result", "digest"), ZEROS),
        (("result", "rubric"), "2026.2"),
        (("result", "score"), 3.0),
        (("result", "score"), "2.3"),
        (("result", "score"), None),
        (("result", "mean"), "18/8"),
        (("result", "band"), "ready"),
        (("result", "band_by_score"), "aware"),
        (("result", "could_be"), "ready"),
        (("result", "coverage"), 0.8001),
        (("result", "firm"), 0),
        (("result", "spread"), 2.5),
        (("result", "not_sure"), []),
        (("result", "weakest"), ["ai_governance"]),
        (("result", "next_band", "steps"), 2),
        (("result", "next_band"), None),
        (("result", "dimensions", "ai_talent"), 2),
        (("result", "gates"), [{}]),
        (("result", "note"), "added"),
        (("plan", "band"), "ready"),
        (("plan", "target", "reached"), None),
        (("plan", "target", "score_after"), 4.9),
        (("plan", "rubric"), "2026.2"),
        (("plan", "catalogue"), ZEROS),
        (("plan", "note"), "added"),
        (("plan", "actions"), []),
        (("plan", "actions", 0, "id"), "ai_talent_4_5"),
        (("plan", "actions", 0, "to"), 5),
        (("plan", "actions", 0, "phase"), "next_year"),
        (("plan", "actions", 0, "schemes"), ["nowhere"]),
        (("plan", "actions", 0, "cost", "own_time"), 1),
        (("plan", "totals", "company_pays"), [0]),
        (("plan", "schemes", 0, "recommended"), None),
        (("plan", "schemes", 1, "why_not"), "no reason"),
        (("plan", "schemes", 1, "eligibility"), "perhaps"),
        (("plan", "schemes", 1, "sources"), "none"),
        (("plan", "review_on"), "2026-11-23"),
        (("plan",), None),
        (("plan",), []),
        (("plan",), {}),
        (("plan",), "text"),
        (("plan", "today"), "soon"),
        (("plan", "today"), 20261122),
        (("plan", "today"), "9999-12-31"),
        (("catalogue",), None),
        (("catalogue",), []),
        (("catalogue", "digest"), ZEROS),
        (("catalogue", "digest"), ["list"]),
        (("catalogue", "date"), "2026-11-21"),
        (("catalogue", "date"), None),
        (("catalogue", "note"), "added"),
    ],
    ids=str,
)
def test_a_change_is_one_line_that_names_its_place(
    run: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    export: str,
    path: tuple[str | int, ...],
    value: Any,
) -> None:
    record = json.loads(export)
    put(record, path, value)

    done = run("verify", write(record), rubric=small_rubric)

    lines = done.out.splitlines()
    assert (done.status, done.err) == (1, "")
    assert len(lines) == 1
    assert lines[0].startswith(path[0])


def test_every_difference_has_a_line(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = json.loads(export)
    put(record, ("result", "score"), 4.0)
    put(record, ("plan", "actions", 1, "dimension"), "dancing")
    put(record, ("plan", "schemes", 2, "kind"), "gift")

    done = run("verify", write(record), rubric=small_rubric)

    places = [line.split(": ")[0] for line in done.out.splitlines()]
    assert done.status == 1
    assert places == ["result.score", "plan.actions[1].dimension", "plan.schemes[2].kind"]


def test_other_answers_do_not_give_the_exported_result(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = json.loads(export)
    put(record, ("answers", "ai_governance"), 3)

    done = run("verify", write(record), rubric=small_rubric)

    places = {line.split(": ")[0] for line in done.out.splitlines()}
    assert done.status == 1
    assert {"result.mean", "result.dimensions.ai_governance"} <= places


def test_other_facts_about_the_company_do_not_give_the_exported_plan(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = json.loads(export)
    put(record, ("company", "subvented"), True)

    done = run("verify", write(record), rubric=small_rubric)

    assert done.status == 1
    assert all(line.startswith("plan.") for line in done.out.splitlines())
    assert done.out


@pytest.mark.parametrize(
    "value", ["\ud800", "a\nb", "\u001b[2J", "x" * 5000], ids=["surrogate", "lines", "escape", "long"]
)
@pytest.mark.parametrize("path", [("result", "band"), ("digest",), ("catalogue", "digest"), ("catalogue", "date")])
def test_strange_text_is_still_one_plain_line(
    run: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    export: str,
    path: tuple[str, ...],
    value: str,
) -> None:
    record = json.loads(export)
    put(record, path, value)

    done = run("verify", write(record), rubric=small_rubric)

    (line,) = done.out.splitlines()
    assert done.status == 1
    assert line.isprintable()
    assert len(line) < 500


def test_strange_keys_are_still_plain_lines(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = json.loads(export)
    put(record, ("result", "\ud800\n\u001b[2J"), 1)

    done = run("verify", write(record), rubric=small_rubric)

    (line,) = done.out.splitlines()
    assert done.status == 1
    assert line.isprintable()


def test_a_rubric_of_that_id_with_another_digest_does_not_hold(
    run: Callable[..., Any], write: Callable[..., Path], edited: Callable[..., Path], export: str
) -> None:
    folder = edited("versions/2026.1/rubric.yaml", lambda rubric: rubric.update(title="Another title"))

    done = run("verify", write(export), rubric=folder)

    places = [line.split(": ")[0] for line in done.out.splitlines()]
    assert done.status == 1
    assert places == ["digest", "result.digest"]


def test_a_plan_from_a_catalogue_that_is_not_kept_does_not_hold(
    run: Callable[..., Any], write: Callable[..., Path], edited: Callable[..., Path], export: str
) -> None:
    folder = edited("schemes/nittp.yaml", lambda scheme: scheme.update(short_name="RTTP"))

    done = run("verify", write(export), rubric=folder)

    (line,) = done.out.splitlines()
    assert done.status == 1
    assert line.startswith("catalogue")


def test_a_catalogue_that_the_database_keeps_is_found_there(
    run: Callable[..., Any],
    write: Callable[..., Path],
    edited: Callable[..., Path],
    small_rubric: Path,
    export: str,
    tmp_path: Path,
) -> None:
    address = f"sqlite:///{tmp_path / 'readiness.sqlite'}"
    engine = sa.create_engine(address)
    Model.metadata.create_all(engine)
    catalogue = read_catalogue_folder(small_rubric)
    with Session(engine) as session:
        session.add(
            StoredCatalogue(
                digest=catalogue.digest, document=json.dumps(catalogue.document), created_at=datetime.now(UTC)
            )
        )
        session.commit()
    engine.dispose()
    folder = edited("schemes/nittp.yaml", lambda scheme: scheme.update(short_name="RTTP"))

    done = run("verify", write(export), rubric=folder, database=address)

    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////nowhere/readiness.sqlite", "oracle9://x"])
def test_a_database_that_cannot_be_asked_is_no_traceback(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str, address: str
) -> None:
    record = json.loads(export)
    put(record, ("catalogue", "digest"), ZEROS)

    done = run("verify", write(record), rubric=small_rubric, database=address)

    assert done.status in {1, 2}
    assert done.out or done.err


@pytest.mark.parametrize("result", [None, [], "2.3", 2.3, True])
def test_a_file_whose_result_is_none_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str, result: Any
) -> None:
    record = {**json.loads(export), "result": result}

    done = run("verify", write(record), rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("result: ")


def test_a_file_of_answers_alone_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    done = run("verify", write(few_answers), rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("result: ")


def test_an_export_with_an_answer_that_cannot_be_read_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = json.loads(export)
    put(record, ("answers", "ai_governance"), 6)

    done = run("verify", write(record), rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("answers.ai_governance: ")


def test_an_export_of_an_unknown_rubric_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str
) -> None:
    record = {**json.loads(export), "rubric": "1999.1"}

    done = run("verify", write(record), rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("rubric: ")


def test_a_published_version_that_was_edited_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, export: str, tmp_path: Path
) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(small_rubric, folder)
    (folder / "PUBLISHED.sha256").write_text(f"{ZEROS} 2026.1\n", "ascii")

    done = run("verify", write(export), rubric=folder)

    # Not "it does not hold": here the rubric is at fault, not the file.
    assert (done.status, done.out) == (2, "")
    assert ZEROS in done.err
