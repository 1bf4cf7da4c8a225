"""What ``rubric diff`` is made of: differences by meaning, and the kind of a change."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from readiness.core.answers import read
from readiness.core.languages import Language
from readiness.core.scoring import Result, score
from readiness.core.version_numbers import ChangeKind, is_next, next_number, order
from readiness.library.differences import differences, kind_of
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblems
from tests import rubrics

TEXT, MINOR, MAJOR = ChangeKind.TEXT, ChangeKind.MINOR, ChangeKind.MAJOR
HANT = Language.ZH_HANT
OLD = rubrics.version()

Change = Callable[[Any], object]


def edited(*changes: Change) -> RubricVersion:
    document = rubrics.document()
    for change in changes:
        change(document)
    return rubrics.version(document)


def question(document: Any, id: str = "data_quality") -> Any:
    return next(each for each in document["rubric"]["questions"] if each["id"] == id)


def action(document: Any) -> Any:
    return document["actions"]["actions"][0]


def put(part: Callable[[Any], Any], key: Any, value: Any) -> Change:
    return lambda document: part(document).__setitem__(key, value)


def rubric(document: Any) -> Any:
    return document["rubric"]


def hant(document: Any) -> Any:
    return document["texts"]["zh-Hant"]


def not_applicable(document: Any) -> None:
    question(document)["not_applicable"] = "When there are no records."
    for texts in document["texts"].values():
        texts["questions"]["data_quality"]["not_applicable"] = "沒有紀錄"


def applicable(document: Any) -> None:
    del question(document, "reference_data")["not_applicable"]
    for texts in document["texts"].values():
        del texts["questions"]["reference_data"]["not_applicable"]


def another_option(document: Any) -> None:
    question(document, "uses_ai")["options"].append({"id": "monthly", "text": "Every month"})
    for texts in document["texts"].values():
        texts["questions"]["uses_ai"]["options"]["monthly"] = "每月"


def another_question(document: Any) -> None:
    added = {"id": "colour", "kind": "short_text", "text": "Which colour?", "why": "Taste.", "example": "Blue."}
    document["rubric"]["questions"].append(added)
    for texts in document["texts"].values():
        texts["questions"]["colour"] = {"text": "甚麼顏色？", "why": "品味", "example": "藍"}


def another_level_question(document: Any) -> None:
    added = {**deepcopy(question(document)), "id": "second"}
    document["rubric"]["questions"].append(added)
    for texts in document["texts"].values():
        texts["questions"]["second"] = texts["questions"]["data_quality"]


def no_gate(document: Any) -> None:
    document["rubric"]["gates"] = []
    for texts in document["texts"].values():
        del texts["gates"]


def reversed_in(name: str) -> Change:
    return lambda document: document["rubric"][name].reverse()


def insert_line(document: Any) -> None:
    document["rubric"]["method"].insert(0, "Read this first.")
    for texts in document["texts"].values():
        texts["method"] = {str(number): text for number, text in enumerate(["先讀這裏", *texts["method"].values()], 1)}


def level(document: Any) -> Any:
    return question(document)["levels"]["3"]


#: A change, the kind that it has, and where it is named.
CHANGES: list[tuple[Change, ChangeKind, str]] = [
    (put(rubric, "title", "Another title"), TEXT, "title"),
    (put(rubric, "licence", "CC0"), TEXT, "licence"),
    (insert_line, TEXT, "method"),
    (put(lambda d: rubric(d)["guide"], 0, "Choose well."), MINOR, "guide"),
    (put(question, "why", "Because."), TEXT, "questions.data_quality.why"),
    (put(question, "example", "A shop."), TEXT, "questions.data_quality.example"),
    (put(question, "text", "How good?"), MINOR, "questions.data_quality.text"),
    (put(question, "references", []), TEXT, "questions.data_quality.references"),
    (put(question, "weight", "2"), MAJOR, "questions.data_quality.weight"),
    (put(level, "text", "Also, half of them."), MINOR, "questions.data_quality.levels.3.text"),
    (put(level, "evidence", "A list."), TEXT, "questions.data_quality.levels.3.evidence"),
    (not_applicable, MINOR, "questions.data_quality.not_applicable"),
    (applicable, MAJOR, "questions.reference_data.not_applicable"),
    (another_option, MINOR, "questions.uses_ai.options.monthly"),
    (another_question, MINOR, "questions.colour"),
    (another_level_question, MAJOR, "questions.second"),
    (put(lambda d: question(d, "used_for"), "other", False), MINOR, "questions.used_for.other"),
    (put(lambda d: question(d, "wish"), "show_when", None), MINOR, "questions.wish.show_when"),
    (put(lambda d: question(d, "tools"), "show_when", None), MAJOR, "questions.tools.show_when"),
    (put(lambda d: rubric(d)["bands"][2], "floor", "3.4"), MAJOR, "bands.ready.floor"),
    (put(lambda d: rubric(d)["bands"][2], "interpretation", "Ready."), TEXT, "bands.ready.interpretation"),
    (put(lambda d: rubric(d)["gates"][0], "needs", 2), MAJOR, "gates.rule_first.needs"),
    (put(lambda d: rubric(d)["gates"][0], "explanation", "Rules."), TEXT, "gates.rule_first.explanation"),
    (no_gate, MAJOR, "gates.rule_first"),
    (put(lambda d: rubric(d)["scoring"], "minimum_coverage", "0.5"), MAJOR, "scoring.minimum_coverage"),
    (put(lambda d: rubric(d)["scoring"], "not_sure", 2), MAJOR, "scoring.not_sure"),
    (put(lambda d: rubric(d)["scoring"], "decimals", 2), MAJOR, "scoring.decimals"),
    (put(lambda d: rubric(d)["planning"]["day_rate"], "hkd", 1300), MINOR, "planning.day_rate.hkd"),
    (put(lambda d: rubric(d)["dimensions"][0], "weight", "2"), MAJOR, "dimensions.ai_governance.weight"),
    (put(lambda d: rubric(d)["dimensions"][1], "pillar", "ethics_governance"), MAJOR, "dimensions.data_quality.pillar"),
    (put(lambda d: rubric(d)["dimensions"][0], "definition", "Rules."), TEXT, "dimensions.ai_governance.definition"),
    (reversed_in("dimensions"), MINOR, "dimensions (order)"),
    (put(action, "title", "Another"), TEXT, f"actions.{action(rubrics.document())['id']}.title"),
    (put(action, "weeks", 9), MINOR, f"actions.{action(rubrics.document())['id']}.weeks"),
    (put(hant, "title", "另一個"), TEXT, "title"),
    (put(lambda d: hant(d)["questions"]["data_quality"], "why", "因為"), TEXT, "questions.data_quality.why"),
    (put(lambda d: hant(d)["questions"]["data_quality"], "text", "多好？"), MINOR, "questions.data_quality.text"),
]
SCORED = [change for change, kind, _ in CHANGES if kind is MAJOR]
ids = [f"{where} {kind}" for _, kind, where in CHANGES]


@pytest.mark.parametrize(("change", "kind", "where"), CHANGES, ids=ids)
def test_a_change_is_named_by_its_place_and_kind(change: Change, kind: ChangeKind, where: str) -> None:
    new = edited(change)

    found = differences(OLD, new)

    assert kind_of(OLD, new) is kind
    assert where in {each.where for each in found if each.kind is kind}


def test_one_changed_word_is_one_difference() -> None:
    new = edited(put(level, "text", "Also, half of them."))

    (found,) = differences(OLD, new)

    assert (found.language, found.after) == (Language.EN, "Also, half of them.")
    assert found.before == question(rubrics.document())["levels"]["3"]["text"]


def test_an_added_line_is_one_difference_in_each_language() -> None:
    found = differences(OLD, edited(insert_line))

    assert [(each.before, each.language) for each in found] == [(None, language) for language in Language]


def test_an_added_question_is_one_difference_and_its_parts_are_none() -> None:
    (found,) = differences(OLD, edited(another_level_question))

    assert (found.where, found.before) == ("questions.second", None)


def test_an_added_question_is_told_with_all_that_is_in_it() -> None:
    new = edited(another_level_question)

    (found,) = differences(OLD, new)

    said = {part.where: dict(part.said) for part in found.parts}
    key = "questions.second"
    for where in (f"{key}.text", f"{key}.why", f"{key}.levels.3.text", f"{key}.levels.5.evidence"):
        assert said[where] == {language: str(new.texts[language][where]).strip() for language in Language}
    assert said[f"{key}.weight"] == {None: "1"}
    assert set(said) > {where for where in new.texts[Language.EN] if where.startswith(f"{key}.")}


@pytest.mark.parametrize("marked", [True, False])
def test_a_changed_translation_is_a_text_if_it_says_the_same(marked: bool) -> None:
    new = edited(put(lambda d: hant(d)["questions"]["data_quality"], "text", "多好？"))
    same_meaning = {(HANT, "questions.data_quality.text")} if marked else set()

    assert kind_of(OLD, new, same_meaning) is (TEXT if marked else MINOR)


def test_no_mark_makes_a_changed_english_wording_a_text() -> None:
    new = edited(put(question, "text", "How good?"))

    assert kind_of(OLD, new, {(Language.EN, "questions.data_quality.text")}) is MINOR


@pytest.mark.parametrize(
    "change",
    [
        put(lambda d: rubric(d)["dimensions"][0], "weight", "1.0"),
        put(rubric, "title", f" {rubrics.document()['rubric']['title']} "),
        put(
            lambda d: d,
            "texts",
            {key: dict(reversed(text.items())) for key, text in rubrics.document()["texts"].items()},
        ),
        put(rubric, "id", "2026.2"),
        put(hant, "still_right", []),
    ],
    ids=["1 is 1.0", "spaces", "order of keys", "number", "confirmation"],
)
def test_what_means_the_same_is_no_difference(change: Change) -> None:
    assert differences(OLD, edited(change)) == ()


def test_a_version_does_not_differ_from_itself() -> None:
    assert differences(OLD, OLD) == ()
    assert kind_of(OLD, OLD) is TEXT


some_changes = st.lists(st.sampled_from(range(len(CHANGES))), unique=True, max_size=4)
levels = st.integers(1, 5) | st.sampled_from(["not_sure", "not_applicable"])
answers = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(rubrics.DIMENSIONS, levels),
        "uses_ai": st.sampled_from(["every_day", "sometimes", "never"]),
        "used_for": st.lists(st.sampled_from(["letters", "pictures"]), unique=True),
        "tools": st.integers(0, 3),
    },
)


def version_with(places: list[int]) -> RubricVersion:
    try:
        return edited(*(CHANGES[place][0] for place in places))
    except (FileProblems, LookupError):
        # Some changes exclude each other.
        assume(False)
        raise


@given(places=some_changes)
@settings(max_examples=40, deadline=None, database=None)
def test_both_directions_name_the_same_places(places: list[int]) -> None:
    new = version_with(places)

    forth, back = differences(OLD, new), differences(new, OLD)

    assert {(each.where, each.language, each.before, each.after) for each in forth} == {
        (each.where, each.language, each.after, each.before) for each in back
    }


@given(places=some_changes, given_answers=st.lists(answers, min_size=1, max_size=12))
@settings(max_examples=80, deadline=None, database=None)
def test_whatever_scores_otherwise_is_major(places: list[int], given_answers: list[dict[str, Any]]) -> None:
    new = version_with(places)

    moved = [each for each in given_answers if scored(OLD, each) not in (None, scored(new, each))]

    assert not moved or kind_of(OLD, new) is MAJOR


def scored(version: RubricVersion, said: dict[str, Any]) -> Result | None:
    """Return the result without the order of dimensions, None if the version does not take an answer."""
    try:
        found = score(version.rubric, {id: read(version.rubric, id, value) for id, value in said.items()})
    except ValueError:
        return None
    return replace(found, weakest=tuple(sorted(found.weakest)), missing=tuple(sorted(found.missing)))


@pytest.mark.parametrize("change", SCORED)
def test_a_major_change_is_not_called_less_beside_others(change: Change) -> None:
    new = edited(put(rubric, "title", "Another title"), change)

    assert kind_of(OLD, new) is MAJOR
    assert differences(OLD, new)[0].kind is MAJOR


@pytest.mark.parametrize(
    ("previous", "kind", "number"),
    [
        ("2026.1", TEXT, "2026.1.1"),
        ("2026.1.1", TEXT, "2026.1.2"),
        ("2026.1", MINOR, "2026.2"),
        ("2026.1.3", MAJOR, "2026.2"),
        ("2026.9", MAJOR, "2026.10"),
    ],
)
def test_the_next_number_follows_the_kind(previous: str, kind: ChangeKind, number: str) -> None:
    assert next_number(previous, kind) == number
    assert is_next(number, previous, kind)
    assert order(number) > order(previous)


@pytest.mark.parametrize(
    ("number", "previous", "kind", "right"),
    [
        ("2027.1", "2026.3", MAJOR, True),
        ("2027.1", "2026.3", TEXT, False),
        ("2027.2", "2026.3", MAJOR, False),
        ("2026.5", "2026.3", MINOR, False),
        ("2026.1.1", "2026.1", MINOR, False),
        ("2026.2", "2026.1", TEXT, False),
        ("2025.1", "2026.1", MAJOR, False),
    ],
)
def test_any_other_number_is_wrong_but_the_first_of_a_later_year(
    number: str, previous: str, kind: ChangeKind, right: bool
) -> None:
    assert is_next(number, previous, kind) is right
