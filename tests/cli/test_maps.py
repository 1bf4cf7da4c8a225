"""``map.yaml`` of a version: read strictly, complete, and true to the version before."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from readiness.core.version_maps import Change, Take
from readiness.library.canonical import canonical
from readiness.library.map_files import check_map
from readiness.library.rubrics import RubricVersion, read_rubric_folder, version_from
from readiness.library.yaml_files import FileProblems
from readiness.services.versions import map_problems, shipped_versions
from readiness.settings import ROOT
from tests.next_version import add_version, copy_of_rubric

#: The counterparts of five levels.
HALVED = {"1": 1, "2": 1, "3": 3, "4": 4, "5": None}
Versions = tuple[RubricVersion, RubricVersion]
ONE_TO_ONE = {str(level): level for level in range(1, 6)}


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rubric folder with 2026.1 and a candidate after it, in which something of every kind changed."""
    folder = copy_of_rubric(tmp_path_factory.mktemp("two") / "rubric")
    add_version(
        folder,
        new=["genai_risk"],
        retired=["reference_data"],
        reworded=["ai_literacy"],
        counterparts={"data_quality": HALVED},
        published=False,
    )
    return folder


@pytest.fixture(scope="module")
def versions(two_versions: Path) -> tuple[RubricVersion, RubricVersion]:
    """Return both versions."""
    first, second = shipped_versions(two_versions)
    return first, second


def test_a_version_with_a_complete_map_is_right(run: Callable[..., Any], two_versions: Path) -> None:
    done = run("rubric", "check", rubric=two_versions)

    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[1].startswith("rubric 2026.2: right; 12 questions")


def test_a_map_says_what_its_file_says(versions: Versions) -> None:
    map = versions[1].map

    assert map is not None
    assert (map.before, map.retired) == ("2026.1", ("reference_data",))
    assert map.questions["ai_talent"].change is Change.SAME
    assert map.questions["ai_literacy"].change is Change.REWORDED
    assert map.questions["data_quality"].options == HALVED
    assert map.questions["genai_risk"].sources == ()


def test_merged_and_split_questions_name_where_they_come_from(versions: Versions) -> None:
    document = versions[1].document
    questions = {
        **document["map"]["questions"],
        "ai_talent": {"merged": ["ai_talent", "ai_literacy"], "take": "highest"},
        "ai_literacy": {"split": "data_quality"},
        "data_quality": {"options": ONE_TO_ONE, "from": "ai_governance"},
    }

    map = version_from({**document, "map": {**document["map"], "questions": questions}}).map

    assert map is not None
    assert map.questions["ai_talent"].sources == ("ai_talent", "ai_literacy")
    assert map.questions["ai_talent"].take is Take.HIGHEST
    assert map.questions["ai_literacy"].sources == ("data_quality",)
    assert map.questions["data_quality"].sources == ("ai_governance",)


def test_a_map_is_part_of_the_document_and_comes_back_whole(versions: Versions) -> None:
    version = versions[1]

    again = version_from(json.loads(canonical(version.document)))

    assert (again.digest, again.map) == (version.digest, version.map)


def test_a_version_without_a_map_keeps_the_digest_that_it_was_published_with() -> None:
    version = read_rubric_folder(ROOT / "rubric" / "versions" / "2026.1")

    assert version.map is None
    assert "map" not in version.document
    assert version.digest in (ROOT / "rubric" / "PUBLISHED.sha256").read_text()


def test_the_check_before_publishing_asks_for_a_map(versions: Versions) -> None:
    first, second = versions

    assert check_map(first, second) == []
    assert "is missing" in check_map(second, first)[0].problem
    assert "the version before is 2026.2" in check_map(second, second)[0].problem


def test_a_version_whose_predecessor_is_not_there_is_refused(run: Callable[..., Any], tmp_path: Path) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    add_version(folder, new=["genai_risk"], changed_map={"from": "2025.9"}, published=False)

    whole, alone = (run("rubric", "check", *given, rubric=folder) for given in ((), (folder / "versions" / "2026.2",)))

    for done in (whole, alone):
        assert (done.status, done.out) == (2, "")
        assert "map.yaml:1: from: there is no version 2025.9 to map from" in done.err


def test_a_map_that_starts_from_an_older_version_than_the_one_before_is_refused(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    second = add_version(folder, new=["genai_risk"])
    add_version(folder, "2026.3", second.id, new=["genai_value"], changed_map={"from": "2026.1"}, published=False)

    whole, alone = (run("rubric", "check", *given, rubric=folder) for given in ((), (folder / "versions" / "2026.3",)))

    for done in (whole, alone):
        assert (done.status, done.out) == (2, "")
        assert "map.yaml:1: from: is 2026.1, but the version before is 2026.2; write 2026.2" in done.err


def test_a_published_map_keeps_the_version_it_started_from(run: Callable[..., Any], tmp_path: Path) -> None:
    folder = copy_of_rubric(tmp_path / "rubric")
    add_version(folder, new=["genai_risk"])
    add_version(folder, "2026.1.1", new=(), reworded=())

    assert [version.id for version in shipped_versions(folder)] == ["2026.1", "2026.1.1", "2026.2"]
    assert run("rubric", "check", rubric=folder).status == 0


def origin(id: str, value: Any) -> Callable[[Any], None]:
    """Say something else of a question."""

    def change(map: Any) -> None:
        map["questions"][id] = value

    return change


def forget_a_question(map: Any) -> None:
    del map["questions"]["ai_talent"]


def retire_nothing(map: Any) -> None:
    map["retired"] = []


def retire_what_is_used(map: Any) -> None:
    map["retired"].append("ai_talent")


def retire_the_unknown(map: Any) -> None:
    map["retired"].append("astrology")


def add_a_key(map: Any) -> None:
    map["because"] = "yes"


def another_format(map: Any) -> None:
    map["format"] = 2


def map_from_itself(map: Any) -> None:
    map["from"] = "2026.2"


def unknown_question(map: Any) -> None:
    map["questions"]["astrology"] = "new"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (forget_a_question, "questions.ai_talent: is missing"),
        (retire_nothing, "retired.reference_data: is missing: no question comes from reference_data"),
        (retire_what_is_used, "retired.ai_talent: is used by ai_talent"),
        (retire_the_unknown, "retired.astrology: there is no question astrology in 2026.1"),
        (add_a_key, "because: is no key of this form"),
        (another_format, "format: is 2; must be 1"),
        (map_from_itself, "from: names this very version"),
        (unknown_question, "questions.astrology: is no question of this version"),
        (origin("ai_literacy", "same"), "questions.ai_literacy: its text differs from the version before"),
        (origin("ai_talent", "new"), "an id is never used again"),
        (origin("genai_risk", "same"), "there is no question genai_risk in the version before"),
        (origin("ai_talent", "alike"), "must be 'same', 'reworded' or 'new'"),
        (origin("ai_talent", 3), "questions.ai_talent: is 3; must be a mapping"),
        (origin("data_quality", {"options": {}}), "questions.data_quality.options.options: "),
        (origin("data_quality", {"options": {**HALVED, "6": 5}}), "there is no level 6 in data_quality"),
        (origin("data_quality", {"options": {**HALVED, "5": 6}}), "6 is no level of data_quality: name one of 1, 2"),
        (origin("data_quality", {"options": {**HALVED, "5": "5"}}), "a level is a number"),
        (origin("data_quality", {"options": {"1": 1}}), "options.2: is missing: name the counterpart of this level"),
        (origin("data_quality", {"options": HALVED, "from": "astrology"}), "there is no question astrology"),
        (origin("ai_talent", {"merged": ["ai_talent", "ai_talent"], "take": "lowest"}), "names a question twice"),
        (origin("ai_talent", {"merged": ["ai_talent"], "take": "lowest"}), "at least 2 items"),
        (origin("ai_talent", {"merged": ["ai_talent", "ai_literacy"]}), "questions.ai_talent.merged: is missing"),
        (origin("ai_talent", {"merged": ["ai_talent", "ai_literacy"], "take": "lowest"}), "ai_literacy is used by"),
        (origin("ai_talent", {"split": "ai_talent"}), "is the only part of ai_talent"),
        (origin("genai_risk", {"split": "ai_talent"}), "ai_talent is used by ai_talent and genai_risk"),
    ],
)
def test_what_is_wrong_with_a_map_is_said_by_file_and_place(
    versions: Versions, change: Callable[[Any], Any], said: str
) -> None:
    first, second = versions
    document = deepcopy(dict(second.document))
    change(document["map"])

    with pytest.raises(FileProblems) as refused:
        raise FileProblems(map_problems(version_from(document, "folder"), [first], "folder"))

    lines = str(refused.value).splitlines()
    assert any(said in line for line in lines), lines
    assert all(line.startswith("folder/map.yaml: ") for line in lines)
