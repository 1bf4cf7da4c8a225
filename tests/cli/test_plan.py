"""``readiness plan FILE``: the plan as JSON, or as a PDF that is written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

DAY = "2026-11-22"
LANGUAGES = ("en", "zh-Hant", "zh-Hans")


def test_the_plan_as_json_has_the_keys_of_the_contract(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(answers)

    done = run("plan", path, "--json", "--today", DAY)

    plan = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert (plan["band"], set(plan["target"])) == ("aware", {"band", "reached", "score_after"})
    assert (plan["target"]["band"], type(plan["target"]["reached"])) == ("ready", bool)
    assert 3 <= len(plan["actions"]) <= 9
    assert len(plan["schemes"]) == 46
    ids = {scheme["id"] for scheme in plan["schemes"]}
    for action in plan["actions"]:
        assert {"id", "dimension", "from", "to", "phase", "schemes"} <= set(action)
        assert action["to"] == action["from"] + 1
        assert action["dimension"] in answers["answers"]
        assert action["phase"] in {"30_days", "90_days", "12_months"}
        assert set(action["schemes"]) <= ids
    for scheme in plan["schemes"]:
        assert {"id", "recommended", "why_not", "eligibility", "sources"} <= set(scheme)
        assert scheme["recommended"] is (scheme["why_not"] is None)
        assert scheme["eligibility"] in {"meets", "fails", "unknown"}
        assert isinstance(scheme["sources"], list)
    assert any(scheme["recommended"] for scheme in plan["schemes"])


def test_at_competent_the_target_is_null(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    path = write({**few_answers, "answers": dict.fromkeys(few_answers["answers"], 5)})

    plan = json.loads(run("plan", path, "--json", rubric=small_rubric).out)

    assert (plan["band"], plan["target"], plan["actions"]) == ("competent", None, [])


@pytest.mark.parametrize(
    ("day", "rate"),
    [
        ("2022-11-22", "2/3"),
        ("2025-01-01", None),  # between the last proof of the old rate and the first of the new one
        ("2026-11-22", "1/2"),
    ],
)
def test_the_plan_reckons_with_what_was_in_force_on_its_day(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, day: str, rate: str | None
) -> None:
    levels = {"management_support": 5, "ai_talent": 2, "ai_governance": 5, "data_quality": 5, "reference_data": 5}
    path = write({"rubric": "2026.1", "answers": levels})

    plan = json.loads(run("plan", path, "--json", "--today", day, rubric=small_rubric).out)

    paid = {action["cost"]["support"]["share"] for action in plan["actions"] if action["cost"]["support"]}
    assert plan["today"] == day
    assert paid == ({rate} if rate else set())


def test_without_a_day_the_plan_starts_today_in_hong_kong(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    path = write(few_answers)
    hong_kong = ZoneInfo("Asia/Hong_Kong")

    before = datetime.now(hong_kong).date()
    plan = json.loads(run("plan", path, "--json", rubric=small_rubric).out)
    after = datetime.now(hong_kong).date()

    assert before <= date.fromisoformat(plan["today"]) <= after


@pytest.mark.parametrize("day", ["22-11-2026", "2026-02-30", "tomorrow", "", "2026-11-22T00:00"])
def test_a_day_that_is_none_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any], day: str
) -> None:
    path = write(few_answers)

    done = run("plan", path, "--json", "--today", day, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert "--today" in done.err
    assert DAY in done.err


def test_a_day_whose_plan_would_leave_the_calendar_is_refused(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    path = write(few_answers)

    done = run("plan", path, "--json", "--today", "9999-12-31", rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize("form", [["--json"], ["--lang", "en", "--output", "plan.pdf"]])
def test_too_few_answers_give_no_plan_but_name_what_to_answer(
    run: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: list[str],
) -> None:
    path = write({"rubric": "2026.1", "answers": {"ai_talent": 3, "data_quality": 2, "reference_data": 2}})
    monkeypatch.chdir(tmp_path)

    done = run("plan", path, *form, rubric=small_rubric)

    lines = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert [line.split(":")[0] for line in lines] == ["answers.management_support", "answers.ai_governance"]
    assert all("allowed" in line for line in lines)
    assert list(tmp_path.iterdir()) == [path]


def test_the_pdf_is_written_whole_and_nothing_else(
    command: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    few_answers: dict[str, Any],
    tmp_path: Path,
) -> None:
    path = write(few_answers)
    output = tmp_path / "plan.pdf"
    output.write_text("an older plan")
    line = ("plan", path, "--lang", "zh-Hant", "--output", output, "--today", DAY)

    done = command(*line, READINESS_RUBRIC_FOLDER=str(small_rubric))

    content = output.read_bytes()
    assert done == (0, "", "")
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert sorted(tmp_path.iterdir()) == [path, output]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_pdf_of_its_own(
    run: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    few_answers: dict[str, Any],
    tmp_path: Path,
    language: str,
) -> None:
    from pypdf import PdfReader

    path = write(few_answers)
    output = tmp_path / "plan.pdf"

    done = run("plan", path, "--lang", language, "--output", output, "--today", DAY, rubric=small_rubric)

    assert done == (0, "", "")
    # The tag may say more, such as zh-Hant-HK.
    assert PdfReader(output).trailer["/Root"]["/Lang"].startswith(language)


def test_a_disk_that_fills_up_leaves_the_older_plan_and_no_part_of_a_new_one(
    command: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    few_answers: dict[str, Any],
    tmp_path: Path,
) -> None:
    path = write(few_answers)
    output = tmp_path / "plan.pdf"
    output.write_text("an older plan")

    done = command(
        *("plan", path, "--lang", "en", "--output", output, "--today", DAY),
        # No file may grow beyond 16 blocks: some 8 to 16 KiB of a plan that is much larger.
        before=("sh", "-c", 'ulimit -f 16 && exec "$0" "$@"'),
        READINESS_RUBRIC_FOLDER=str(small_rubric),
        PYTHONDONTWRITEBYTECODE="1",
    )

    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert str(output) in done.err or "--output" in done.err
    assert output.read_text() == "an older plan"
    assert sorted(tmp_path.iterdir()) == [path, output]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lang", "fr", "--output", "plan.pdf"], ["--lang", "fr", *LANGUAGES]),
        (["--lang", "EN", "--output", "plan.pdf"], ["--lang", "EN", *LANGUAGES]),
        (["--lang", "fr", "--json"], ["--lang", "fr", *LANGUAGES]),
        (["--output", "plan.pdf"], ["--lang", "--output"]),
        (["--lang", "en"], ["--lang", "--output"]),
        ([], ["--lang", "--output", "--json"]),
        (["--lang", "en", "--output", "folder"], ["--output", "folder"]),
        (["--lang", "en", "--output", "folder/"], ["--output", "folder"]),
        (["--lang", "en", "--output", "."], ["--output"]),
        (["--lang", "en", "--output", ""], ["--output"]),
        (["--lang", "en", "--output", "nowhere/plan.pdf"], ["--output", "nowhere/plan.pdf"]),
        (["--lang", "en", "--output", "answers.json/plan.pdf"], ["--output", "answers.json/plan.pdf"]),
        (["--lang", "en", "--output", "plan.pdf", "--todya", "2026-11-22"], ["--todya"]),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_written(
    run: Callable[..., Any],
    write: Callable[..., Path],
    small_rubric: Path,
    few_answers: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: list[str],
) -> None:
    path = write(few_answers)
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)

    done = run("plan", path, *options, rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert [word for word in said if word not in done.err] == []
    assert sorted(tmp_path.rglob("*")) == [path, folder]


def test_a_file_that_cannot_be_read_gives_no_pdf(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, tmp_path: Path
) -> None:
    path = write({"rubric": "2026.1", "answers": {"ai_talent": 6}})

    done = run("plan", path, "--lang", "en", "--output", tmp_path / "plan.pdf", rubric=small_rubric)

    assert (done.status, done.out) == (2, "")
    assert list(tmp_path.iterdir()) == [path]
