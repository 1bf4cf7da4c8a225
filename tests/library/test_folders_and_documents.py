"""Export and reading are each other's reverse: nothing but comments is lost."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.library.canonical import canonical
from readiness.library.rubric_folders import files_of, write_rubric_folder
from readiness.library.rubrics import RubricVersion, read_rubric_folder, version_from
from readiness.library.strict_yaml import UNPRINTABLE, NotStrict, load
from readiness.library.yaml_files import FileProblems
from readiness.library.yaml_writing import yaml_text
from tests import rubrics

VERSIONS = sorted(path for path in (rubrics.RUBRIC / "versions").iterdir() if path.is_dir())

#: Texts that a reader of YAML may take for something else, or break.
ODD = (
    *(
        "no",
        "Yes",
        "on",
        "OFF",
        "null",
        "~",
        "true",
        "1",
        "1e3",
        "0x1F",
        "1_000",
        "12:30",
        ".5",
        "-",
        "2026-01-31",
        "NaN",
    ),
    *(
        "'",
        '"',
        "''",
        "it's",
        'say "no"',
        "\\",
        "\\n",
        "a\\",
        ": ",
        "a: b",
        "a #b",
        "# a",
        "- a",
        "? a",
        "&a",
        "*a",
        "!a",
    ),
    *(
        "%a",
        "@a",
        "`a`",
        "|",
        ">",
        "{a: b}",
        "[a]",
        "a,b",
        "<<",
        "=",
        "---",
        "...",
        "a\nb",
        "a\n\n b\n",
        "a\tb",
        " a",
        "a ",
    ),
    *(
        "\u2028",
        "a\u2029b",
        "é",
        "守則：一、二",
        "臺灣 \U00020bb7",
        "🙂",
        "\u200b",
        "\u202e",
        "x" * 5000,
        "港" * 3000,
        "a b " * 900,
    ),
)
texts = st.sampled_from(ODD) | st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda t: not UNPRINTABLE.search(t)
)
#: A key has at most 128 characters, as YAML asks.
keys = texts.map(lambda text: text[:100])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**16), 10**16) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text)[1:20])
def test_an_odd_text_is_read_as_it_was_written(text: str) -> None:
    content = {"key": text, text[:100]: [text, {"a": text}]}

    assert load(yaml_text(content)) == content


@given(content=st.dictionaries(keys, values, max_size=4))
@settings(max_examples=100, deadline=None, database=None)
def test_any_plain_content_is_read_as_it_was_written(content: dict[str, Any]) -> None:
    assert json.dumps(load(yaml_text(content))) == json.dumps(content)


@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(list(": -?&*!|>%@`\"'#{}[],\n\t a1~.<=")), max_size=30).map("".join)
)
@settings(max_examples=200, deadline=None, database=None)
def test_any_text_is_strict_yaml_or_refused(text: str) -> None:
    try:
        content, faults = load(text), ()
    except NotStrict as error:
        content, faults = None, error.faults

    assert all(fault.problem.isprintable() and fault.remedy for fault in faults)
    canonical(content).encode()


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.name)
@pytest.mark.parametrize("stored", [False, True], ids=["from the files", "from the database"])
def test_a_shipped_version_is_exported_without_loss(tmp_path: Path, path: Path, stored: bool) -> None:
    version = read_rubric_folder(path)
    if stored:
        # The database holds the canonical form, whose keys are sorted.
        version = version_from(json.loads(canonical(version.document)))

    write_rubric_folder(version, tmp_path / "export")

    assert read_rubric_folder(tmp_path / "export").digest == version.digest
    assert files_of(version) == files_of(read_rubric_folder(path))


@given(
    edits=st.lists(st.tuples(st.integers(0, 10**6), texts.filter(lambda text: text.strip() != "")), max_size=6),
    weight=st.decimals("0.001", 999, places=3).map(str),
)
@settings(max_examples=15, deadline=None, database=None)
def test_an_edited_version_is_exported_without_loss(edits: list[tuple[int, str]], weight: str) -> None:
    document = rubrics.document()
    document["rubric"]["dimensions"][0]["weight"] = weight
    for place, text in edits:
        holders = list(holders_of_texts(document))
        holder, key = holders[place % len(holders)]
        holder[key] = text
    version = version_from(document)

    with TemporaryDirectory() as parent:
        write_rubric_folder(version, Path(parent) / "export")
        found = read_rubric_folder(Path(parent) / "export")

    assert found.digest == version.digest
    assert found.document == version.document


def holders_of_texts(document: Any) -> Any:
    """Yield where each text that people read stands."""
    for question in document["rubric"]["questions"]:
        yield from ((question, key) for key in ("text", "why", "example"))
        for part in question.get("levels", {}).values():
            yield from ((part, key) for key in ("text", "evidence"))
    for action in document["actions"]["actions"]:
        yield from ((action, key) for key in ("title", "first_step", "then", "role", "done_when"))
    for translation in document["texts"].values():
        for nested in translation["questions"].values():
            yield from ((nested, key) for key in ("text", "why", "example"))


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\r", "\x85", "\ufeff"], ids=ascii)
def test_a_text_that_no_file_could_hold_is_refused_wherever_it_comes_from(letter: str) -> None:
    document = rubrics.document()
    document["rubric"]["questions"][0]["why"] = f"Be{letter}cause."
    document["texts"]["zh-Hans"]["title"] = f"自{letter}评"

    with pytest.raises(FileProblems) as refused:
        version_from(document, "draft")

    places = [str(problem).split(": holds")[0] for problem in refused.value.problems]
    assert places == ["draft/rubric.yaml: questions.ai_governance.why", "draft/zh-Hans.yaml: title"]


def test_half_a_surrogate_is_refused_wherever_it_comes_from() -> None:
    document = rubrics.document()
    document["rubric"]["questions"][0]["why"] = "Be\ud800cause."

    with pytest.raises(FileProblems) as refused:
        version_from(document, "draft")

    (problem,) = refused.value.problems
    assert problem.where == "questions.ai_governance.why"
    assert problem.remedy == "remove the character that does not print"


@pytest.fixture(scope="module")
def version() -> RubricVersion:
    return rubrics.version()


@pytest.mark.parametrize("there", ["a file in it", "a file", "a link", "nothing above it"])
def test_an_export_overwrites_nothing(tmp_path: Path, version: RubricVersion, there: str) -> None:
    folder = tmp_path / "export"
    match there:
        case "a file in it":
            folder.mkdir()
            (folder / "notes.txt").write_text("mine")
        case "a file":
            folder.write_text("mine")
        case "a link":
            folder.symlink_to(tmp_path)
        case "nothing above it":
            folder = folder / "deeper"
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(FileProblems):
        write_rubric_folder(version, folder)

    assert sorted(tmp_path.rglob("*")) == before


def test_an_empty_folder_is_filled(tmp_path: Path, version: RubricVersion) -> None:
    (tmp_path / "export").mkdir()

    write_rubric_folder(version, tmp_path / "export")

    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == sorted(files_of(version))
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_levels_above_nine_are_ordered_by_number(tmp_path: Path) -> None:
    document = rubrics.document()
    widen(document, 10)
    version = version_from(json.loads(canonical(document)))

    write_rubric_folder(version, tmp_path / "export")

    found = read_rubric_folder(tmp_path / "export")
    assert found.digest == version.digest
    assert list(found.form.questions[0].levels) == [str(level) for level in range(1, 11)]


def widen(document: Any, highest: int) -> None:
    """Give the scale more levels, with their texts and actions."""
    document["rubric"]["scoring"]["scale"]["highest"] = highest
    for question in document["rubric"]["questions"]:
        if question["kind"] == "level":
            for level in range(6, highest + 1):
                question["levels"][str(level)] = {"text": f"Level {level}.", "evidence": "A list."}
                for texts in document["texts"].values():
                    nested = texts["questions"][question["id"]]["levels"]
                    nested[str(level)] = {"text": f"第 {level} 級", "evidence": "清單"}
    last = document["actions"]["actions"][-1]
    for dimension in rubrics.DIMENSIONS:
        for level in range(5, highest):
            id = f"{dimension}_{level}_{level + 1}"
            step = {"id": id, "dimension": dimension, "from": level, "to": level + 1, "prerequisites": []}
            document["actions"]["actions"].append({**last, **step, "title": f"Do {id}"})
            for texts in document["texts"].values():
                texts["actions"][id] = {**texts["actions"][last["id"]], "title": f"做 {id}"}
