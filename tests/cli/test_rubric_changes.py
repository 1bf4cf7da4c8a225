"""A version beside the one before it: what ``check`` refuses, what ``diff`` says, what ``export`` writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.core.languages import Language
from readiness.library.predecessor_checks import stale_texts
from readiness.library.rubrics import parts_of
from readiness.library.version_checks import check_parts
from tests import rubrics

Change = Callable[[Any], object]
OLD = rubrics.version()


def next_version(*changes: Change, number: str = "2026.2") -> Any:
    document = rubrics.document()
    document["rubric"]["id"] = number
    for change in changes:
        change(document)
    return document


def problems(*changes: Change, number: str = "2026.2") -> list[str]:
    parts = parts_of(next_version(*changes, number=number), "new")
    return [str(problem) for problem in check_parts(parts, [OLD])]


def question(document: Any, id: str = "data_quality") -> Any:
    return next(each for each in document["rubric"]["questions"] if each["id"] == id)


def heavier(document: Any) -> None:
    document["rubric"]["dimensions"][0]["weight"] = "2"


def reworded(document: Any) -> None:
    question(document)["text"] = "How good are your records?"


def translated(document: Any) -> None:
    document["texts"]["zh-Hant"]["questions"]["data_quality"]["text"] = "紀錄有多好？"
    document["texts"]["zh-Hans"]["questions"]["data_quality"]["text"] = "记录有多好？"


def explained(document: Any) -> None:
    question(document)["why"] = "Because."
    for texts in document["texts"].values():
        texts["questions"]["data_quality"]["why"] = "因為" + texts["questions"]["data_quality"]["why"]


def renamed(document: Any) -> None:
    question(document)["id"] = "quality"
    for texts in document["texts"].values():
        texts["questions"]["quality"] = texts["questions"].pop("data_quality")


def renamed_option(document: Any) -> None:
    question(document, "uses_ai")["options"][0]["id"] = "daily"
    for texts in document["texts"].values():
        options = texts["questions"]["uses_ai"]["options"]
        options["daily"] = options.pop("every_day")


def renamed_action(document: Any) -> None:
    action = document["actions"]["actions"][0]
    before, action["id"] = action["id"], "begin"
    for each in document["actions"]["actions"]:
        each["prerequisites"] = ["begin" if id == before else id for id in each["prerequisites"]]
    for texts in document["texts"].values():
        texts["actions"]["begin"] = texts["actions"].pop(before)


def of_another_dimension(document: Any) -> None:
    for one, other in (("data_quality", "ai_governance"), ("ai_governance", "data_quality")):
        question(document, one)["dimension"] = other


def of_another_kind(document: Any) -> None:
    question(document, "wish")["kind"] = "number"


def of_another_step(document: Any) -> None:
    first, second = document["actions"]["actions"][:2]
    for key in ("from", "to", "prerequisites"):
        first[key], second[key] = second[key], first[key]


def test_a_version_with_a_better_wording_and_its_translations_is_right() -> None:
    assert problems(reworded, translated) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (renamed, ["new/rubric.yaml: questions.quality: reads as data_quality did", "call it data_quality"]),
        (renamed_option, ["questions.uses_ai.options.daily: reads as every_day did", "call it every_day"]),
        (renamed_action, ["new/actions.yaml: actions.begin: reads as", "call it "]),
        (of_another_dimension, ["questions.data_quality: is now a level question of ai_governance", "new id"]),
        (of_another_kind, ["questions.wish: is now a number question", "but was a short_text question"]),
        (of_another_step, ["new/actions.yaml: actions.", "the step ai_governance 2-3", "new id"]),
    ],
)
def test_an_id_that_was_renamed_or_used_again_is_refused(change: Change, said: list[str]) -> None:
    found = problems(change)

    assert [line for line in found if all(word in line for word in said)], found


def test_an_id_of_a_version_longer_ago_is_not_used_again_either() -> None:
    between = next_version(heavier)
    without_wish(between)
    again = next_version(heavier, of_another_kind, number="2026.3")
    known = [OLD, rubrics.version(between)]

    found = [str(problem) for problem in check_parts(parts_of(again), known)]

    assert any("questions.wish: is now a number question" in line for line in found), found


def without_wish(document: Any) -> None:
    document["rubric"]["questions"] = [each for each in document["rubric"]["questions"] if each["id"] != "wish"]
    for texts in document["texts"].values():
        del texts["questions"]["wish"]


def test_a_translation_that_was_left_behind_is_refused_in_each_language() -> None:
    found = problems(reworded)

    assert len(found) == 2
    for language, line in zip(("zh-Hant", "zh-Hans"), found, strict=True):
        assert line.startswith(f"new/{language}.yaml: questions.data_quality.text: is behind")
        assert "translate it again" in line


def test_a_translation_that_is_still_right_may_say_so() -> None:
    def confirmed(document: Any) -> None:
        for texts in document["texts"].values():
            texts["still_right"] = ["questions.data_quality.text"]

    assert problems(reworded, confirmed) == []


def test_a_confirmation_of_nothing_is_refused() -> None:
    def confirmed(document: Any) -> None:
        document["texts"]["zh-Hans"]["still_right"] = ["questions.data_quality.why"]

    (line,) = problems(heavier, confirmed)

    assert line.startswith("new/zh-Hans.yaml: still_right: questions.data_quality.why is not behind")


@pytest.mark.parametrize("listed", ["questions.data_quality.why", [1], {"a": "b"}])
def test_confirmations_are_a_list_of_keys(listed: Any) -> None:
    document = next_version(heavier)
    document["texts"]["zh-Hans"]["still_right"] = listed

    (problem,) = parts_of(document).problems

    assert problem.where == "still_right"


def test_the_keys_that_are_behind_are_told() -> None:
    new = rubrics.version(next_version(reworded))

    assert stale_texts(new, OLD, Language.ZH_HANT) == ["questions.data_quality.text"]


@pytest.mark.parametrize(
    ("changes", "number", "right"),
    [
        ([explained], "2026.1.1", None),
        ([explained], "2026.2", "2026.1.1"),
        ([heavier], "2026.2", None),
        ([heavier], "2027.1", None),
        ([heavier], "2026.1.1", "2026.2"),
        ([heavier], "2026.3", "2026.2"),
        ([reworded, translated], "2026.1.1", "2026.2"),
    ],
)
def test_the_number_must_fit_the_kind(changes: list[Change], number: str, right: str | None) -> None:
    found = problems(*changes, number=number)

    assert found == [] if right is None else f'number it "{right}"' in found[0], found


@pytest.mark.parametrize("number", ["2026.1.1", "2026.2"])
def test_a_changed_translation_may_be_a_text_or_not(number: str) -> None:
    # The second person decides whether it says the same.
    assert problems(translated, number=number) == []


def test_a_version_that_changes_nothing_is_refused() -> None:
    (line,) = problems()

    assert line.startswith("new/rubric.yaml: id: says the same as 2026.1")


def test_two_levels_with_the_same_chinese_text_are_refused() -> None:
    def same(document: Any) -> None:
        levels = document["texts"]["zh-Hans"]["questions"]["data_quality"]["levels"]
        levels["4"]["text"] = f" {levels['2']['text']} "

    found = problems(heavier, same)

    assert found == [
        "new/zh-Hans.yaml: questions.data_quality.levels.4.text: reads the same as level 2; "
        "say what makes the difference"
    ]


def test_a_text_that_is_still_english_is_refused() -> None:
    def english(document: Any) -> None:
        document["texts"]["zh-Hant"]["questions"]["data_quality"]["why"] = question(document)["why"]

    (line,) = problems(heavier, english)

    assert line.startswith("new/zh-Hant.yaml: questions.data_quality.why: is still the English text")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a rubric folder with two versions."""
    folder = rubrics.write_rubric(tmp_path / "rubric")
    rubrics.write_version(next_version(heavier, reworded, translated), folder / "versions" / "2026.2")
    return folder


def test_check_compares_with_the_version_before_on_disk(run: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    draft = rubrics.write_version(next_version(translated, renamed, number="2026.3"), tmp_path / "draft")

    done = run("rubric", "check", draft, rubric=folder)

    lines = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    renaming = next(line for line in lines if "reads as data_quality did" in line)
    number = int(re.match(rf"{re.escape(str(draft))}/rubric\.yaml:(\d+): ", renaming)[1])  # type: ignore[index]
    assert (draft / "rubric.yaml").read_text("utf-8").splitlines()[number - 1] == "  - id: quality"


def test_check_without_a_folder_checks_each_version_against_those_before(run: Callable[..., Any], folder: Path) -> None:
    assert run("rubric", "check", rubric=folder).status == 0
    rubrics.write_version(next_version(reworded), folder / "versions" / "2026.2")

    done = run("rubric", "check", rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert [line for line in done.err.splitlines() if "2026.2/zh-Hant.yaml:" in line and "is behind" in line]


def test_a_published_version_is_not_held_to_what_is_checked_today(run: Callable[..., Any], folder: Path) -> None:
    rubrics.write_version(next_version(reworded), folder / "versions" / "2026.2")
    digest = rubrics.version(next_version(reworded)).digest
    (folder / "PUBLISHED.sha256").write_text(f"{digest}  2026.2\n", "ascii")

    done = run("rubric", "check", rubric=folder)

    assert (done.status, done.err) == (0, "")
    assert "published" in done.out.splitlines()[1]


def test_versions_are_in_the_order_of_their_numbers(run: Callable[..., Any], folder: Path) -> None:
    for place in range(3, 11):
        document = next_version(number=f"2026.{place}")
        document["rubric"]["dimensions"][0]["weight"] = str(place)
        rubrics.write_version(document, folder / "versions" / f"2026.{place}")
    (folder / "versions" / ".unfinished").mkdir()

    done = run("rubric", "check", rubric=folder)

    numbers = [line.split()[1].rstrip(":") for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert numbers == [f"2026.{place}" for place in range(1, 11)]


def test_diff_says_the_kind_first_and_then_each_difference(run: Callable[..., Any], folder: Path) -> None:
    done = run("rubric", "diff", "2026.1", "2026.2", rubric=folder)

    lines = done.out.splitlines()
    assert (done.status, done.err) == (0, "")
    assert lines[:2] == ["kind: major", "number: 2026.2 follows 2026.1"]
    assert lines[2:5] == ["major: dimensions.ai_governance.weight: changed", "  - 1", "  + 2"]
    assert "minor: questions.data_quality.text [en]: changed" in lines
    assert "  + How good are your records?" in lines
    assert "minor: questions.data_quality.text [zh-Hant]: changed" in lines
    assert len(lines) == 2 + 4 * 3


@pytest.mark.parametrize(("one", "other"), [("2026.1", "2026.1"), ("2026.2", "{folder}/versions/2026.2")])
def test_diff_of_the_same_is_a_text_and_nothing_more(
    run: Callable[..., Any], folder: Path, one: str, other: str
) -> None:
    done = run("rubric", "diff", one, other.format(folder=folder), rubric=folder)

    assert (done.status, done.out, done.err) == (0, "kind: text\n", "")


@pytest.mark.parametrize(("one", "other"), [("2026.1", "2026.9"), ("nowhere", "2026.1"), ("2026.1", "{folder}")])
def test_diff_of_what_is_no_version_is_refused(run: Callable[..., Any], folder: Path, one: str, other: str) -> None:
    done = run("rubric", "diff", one, other.format(folder=folder), rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert done.err


def test_an_export_is_the_version_and_overwrites_nothing(run: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    done = run("rubric", "export", "2026.2", tmp_path / "export", rubric=folder)
    again = run("rubric", "export", "2026.2", tmp_path / "export", rubric=folder)
    difference = run("rubric", "diff", "2026.2", tmp_path / "export", rubric=folder)

    assert (done.status, done.err) == (0, "")
    assert difference.out == "kind: text\n"
    assert (again.status, again.out) == (2, "")
    assert f"{tmp_path / 'export'}: is there already" in again.err


def test_an_unknown_version_is_not_exported(run: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    done = run("rubric", "export", "2026.9", tmp_path / "export", rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert "2026.9" in done.err
    assert not (tmp_path / "export").exists()


def test_versions_in_the_database_are_compared_and_exported(
    run: Callable[..., Any], database: str, folder: Path, tmp_path: Path
) -> None:
    for path in (folder / "versions").iterdir():
        path.rename(tmp_path / path.name)
    (folder / "PUBLISHED.sha256").unlink(missing_ok=True)

    exported = run("rubric", "export", "2026.1", tmp_path / "export", rubric=folder, database=database)
    compared = run("rubric", "check", tmp_path / "2026.2", rubric=folder, database=database)

    assert (exported.status, exported.err) == (0, "")
    # The site's 2026.1 is the shipped one, with nine more dimensions.
    assert run("rubric", "diff", "2026.1", tmp_path / "export", rubric=rubrics.RUBRIC).out == "kind: text\n"
    assert compared.status == 0


@pytest.mark.parametrize("alone", [False, True])
def test_of_a_published_version_that_was_edited_it_is_said_first_and_to_restore_it(
    run: Callable[..., Any], folder: Path, alone: bool
) -> None:
    version = folder / "versions" / "2026.2"
    published = rubrics.version(next_version(heavier, reworded, translated)).digest
    (folder / "PUBLISHED.sha256").write_text(f"{published}  2026.2\n", "ascii")
    # Its translations are behind now, which nobody is to mend.
    rubrics.write_version(next_version(heavier, reworded, translated, explained_in_english), version)

    done = run("rubric", "check", *([version] if alone else []), rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert f"but was published with {published}; it never changes: restore its files" in done.err


def test_so_it_is_of_a_published_version_that_cannot_be_read(run: Callable[..., Any], folder: Path) -> None:
    published = rubrics.version(next_version(heavier, reworded, translated)).digest
    (folder / "PUBLISHED.sha256").write_text(f"{published}  2026.2\n", "ascii")
    (folder / "versions" / "2026.2" / "zh-Hant.yaml").write_text("{{{")

    done = run("rubric", "check", rubric=folder)

    lines = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert lines[0].endswith(
        "versions/2026.2: is published, and was edited; it never changes: restore its files,"
        " or give what you wrote a number of its own"
    )
    assert "zh-Hant.yaml" in lines[1]


def explained_in_english(document: Any) -> None:
    question(document)["why"] = "Because."


def test_check_misses_the_folder_of_a_published_version(run: Callable[..., Any], folder: Path) -> None:
    (folder / "PUBLISHED.sha256").write_text(f"sha256:{'0' * 64}  2026.3\n", "ascii")

    done = run("rubric", "check", rubric=folder)

    assert (done.status, done.out) == (2, "")
    assert "PUBLISHED.sha256: has 2026.3, but its folder is gone; restore the files of the release" in done.err
