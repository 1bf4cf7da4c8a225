"""``readiness rubric check [FOLDER]``: what is right is named, what is wrong is said by file, place and remedy."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rubric"


def digest_in(line: str) -> str:
    return re.findall(r"sha256:[0-9a-f]{64}", line)[0]


def test_the_shipped_versions_are_right(command: Callable[..., Any]) -> None:
    done = command("rubric", "check")

    lines = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    assert len(lines) == len(list((SHIPPED / "versions").iterdir()))
    assert lines[0].startswith("rubric 2026.1: right")


def test_a_folder_is_checked_wherever_it_lies(run: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "a copy"
    shutil.copytree(SHIPPED / "versions" / "2026.1", folder)

    done = run("rubric", "check", folder)

    assert (done.status, done.err) == (0, "")
    assert done.out == run("rubric", "check", SHIPPED / "versions" / "2026.1").out
    assert len(done.out.splitlines()) == 1


def test_check_and_score_name_the_same_digest(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    path = write(few_answers)

    checked = run("rubric", "check", rubric=small_rubric)
    scored = run("score", path, rubric=small_rubric)

    assert digest_in(checked.out) == json.loads(scored.out)["digest"]


def test_comments_and_layout_are_not_part_of_the_digest(run: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "2026.1"
    shutil.copytree(SHIPPED / "versions" / "2026.1", folder)
    file = folder / "rubric.yaml"
    file.write_text("# A remark.\n\n" + file.read_text("utf-8") + "\n# Another.\n", "utf-8")

    done = run("rubric", "check", folder)

    assert digest_in(done.out) == digest_in(run("rubric", "check").out)


def remove_title(texts: Any) -> None:
    del texts["title"]


def add_a_text(texts: Any) -> None:
    texts["surplus"] = "多餘"


def overlap_bands(rubric: Any) -> None:
    rubric["bands"][2]["floor"] = "2.5"


def loop_prerequisites(library: Any) -> None:
    actions = {action["id"]: action for action in library["actions"]}
    actions["ai_governance_1_2"]["prerequisites"] = ["data_quality_1_2"]
    actions["data_quality_1_2"]["prerequisites"] = ["ai_governance_1_2"]


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("zh-Hans.yaml", remove_title, ["title", "missing"]),
        ("rubric.yaml", overlap_bands, ["bands.ready", "2.5"]),
        ("actions.yaml", loop_prerequisites, ["circle", "ai_governance_1_2", "data_quality_1_2"]),
    ],
)
def test_a_wrong_version_is_refused_by_its_folder_and_among_all_alike(
    run: Callable[..., Any],
    edited: Callable[..., Path],
    file: str,
    change: Callable[[Any], None],
    said: list[str],
) -> None:
    folder = edited(f"versions/2026.1/{file}", change)

    named = run("rubric", "check", folder / "versions" / "2026.1")
    found = run("rubric", "check", rubric=folder)

    assert (named.status, named.out) == (2, "")
    assert any(file in line and all(word in line for word in said) for line in named.err.splitlines()), named.err
    assert found == named


def test_every_problem_of_a_version_is_a_line_of_its_own(run: Callable[..., Any], edited: Callable[..., Path]) -> None:
    edited("versions/2026.1/zh-Hans.yaml", remove_title)
    edited("versions/2026.1/zh-Hant.yaml", add_a_text)
    edited("versions/2026.1/rubric.yaml", overlap_bands)
    folder = edited("versions/2026.1/actions.yaml", loop_prerequisites)

    done = run("rubric", "check", folder / "versions" / "2026.1")

    assert (done.status, done.out) == (2, "")
    assert len(done.err.splitlines()) == 4


def test_a_missing_file_is_named(run: Callable[..., Any], small_rubric: Path, tmp_path: Path) -> None:
    folder = tmp_path / "2026.1"
    shutil.copytree(small_rubric / "versions" / "2026.1", folder)
    (folder / "zh-Hans.yaml").unlink()

    done = run("rubric", "check", folder)

    assert (done.status, done.out) == (2, "")
    assert str(folder / "zh-Hans.yaml") in done.err


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_folder_is_refused(run: Callable[..., Any], tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    done = run("rubric", "check", tmp_path / name)

    assert (done.status, done.out) == (2, "")
    assert str(tmp_path / name) in done.err
    assert "folder" in done.err


def test_a_missing_rubric_folder_is_named(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("rubric", "check", rubric=tmp_path / "nowhere")

    assert (done.status, done.out) == (2, "")
    assert str(tmp_path / "nowhere") in done.err


def test_a_version_with_its_line_is_published(run: Callable[..., Any], small_rubric: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(small_rubric, folder)
    before = run("rubric", "check", rubric=folder)
    (folder / "PUBLISHED.sha256").write_text(f"# Published versions\n\n{digest_in(before.out)} 2026.1\n", "ascii")

    done = run("rubric", "check", rubric=folder)

    assert (done.status, done.err) == (0, "")
    assert "candidate" in before.out
    assert "published" in done.out
    assert digest_in(done.out) == digest_in(before.out)


@pytest.mark.parametrize(
    "line", [["rubric", "check"], ["rubric", "check", "{version}"], ["score", "{file}"], ["plan", "{file}", "--json"]]
)
def test_a_published_version_that_was_edited_is_refused_everywhere(
    run: Callable[..., Any],
    write: Callable[..., Path],
    edited: Callable[..., Path],
    small_rubric: Path,
    few_answers: dict[str, Any],
    line: list[str],
) -> None:
    published = digest_in(run("rubric", "check", rubric=small_rubric).out)
    folder = edited("versions/2026.1/rubric.yaml", lambda rubric: rubric.update(title="Another title"))
    (folder / "PUBLISHED.sha256").write_text(f"{published} 2026.1\n", "ascii")
    places = {"version": folder / "versions" / "2026.1", "file": write(few_answers)}

    done = run(*(word.format_map(places) for word in line), rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert published in done.err
    assert "2026.1" in done.err


@pytest.mark.parametrize("line", ["2026.1", "sha256:00 2026.1 more", "sha256:00 2026.1 # 已發佈"])
def test_a_published_line_that_cannot_be_read_is_refused(
    run: Callable[..., Any], small_rubric: Path, tmp_path: Path, line: str
) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(small_rubric, folder)
    (folder / "PUBLISHED.sha256").write_text(f"{line}\n", "utf-8")

    done = run("rubric", "check", rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert "PUBLISHED.sha256" in done.err
