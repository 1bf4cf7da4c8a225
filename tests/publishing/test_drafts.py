"""Drafts by their service: any place by a path, two writers at once, and what a translation was made from."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.library.draft_documents import NoSuchPlace, english_of, mark_of, value_at, with_value
from readiness.library.draft_values import read_value, shown_value
from readiness.library.rubrics import read_rubric_folder
from readiness.library.yaml_files import FileProblems
from readiness.models import DraftChange
from readiness.services import drafts, publishing
from readiness.services.accounts import Actor, NotAllowed
from readiness.services.database import db
from readiness.services.drafts import DraftClosed, DraftUnknown, Edit, IdTaken, IdUnreadable, PlaceChanged, State
from readiness.settings import ROOT
from tests.publishing.conftest import make_account

VERSION = read_rubric_folder(ROOT / "rubric" / "versions" / "2026.1")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TEXT = "questions.ai_talent.text"


def test_the_texts_of_a_draft_are_those_of_its_version() -> None:
    assert english_of(VERSION.document) == VERSION.texts[Language.EN]


@pytest.mark.parametrize("key", sorted(VERSION.texts[Language.EN]))
def test_every_text_has_a_place_that_can_be_written(key: str) -> None:
    for path in (key, f"zh-Hant/{key}"):
        assert isinstance(value_at(VERSION.document, path), str), path
        changed = with_value(VERSION.document, path, "Written anew.")
        assert value_at(changed, path) == "Written anew."
        assert value_at(VERSION.document, path) != "Written anew."


@pytest.mark.parametrize(
    "path",
    ["", ".", "questions", "questions.", "questions.nothing.text", "fr/title", "zh-Hant/", "bands.9.name", "title.x"],
)
def test_a_path_that_names_no_place_is_refused(path: str) -> None:
    if path == "questions":
        assert isinstance(value_at(VERSION.document, path), list)
        return
    with pytest.raises(NoSuchPlace):
        with_value(VERSION.document, path, "x")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("bands.ready.floor", "3.5"),
        ("bands.unaware.floor", None),
        ("actions.x.weeks", 4),
        ("actions.x.spend.hkd", [0, 5000]),
        ("actions.x.prerequisites", ["a_1_2", "b_1_2"]),
        ("actions.x.helps", []),
        ("questions.x.other", True),
        ("questions.x.show_when", {"question": "a", "equals": "b"}),
        ("questions.x.text", "Two\nlines"),
        ("questions.x.weight", "1.5"),
    ],
)
def test_what_a_form_shows_is_read_back_the_same(path: str, value: Any) -> None:
    assert read_value(path, shown_value(path, value)) == value


@pytest.mark.parametrize(("path", "text"), [("actions.x.weeks", "many"), ("questions.x.show_when", "{not json")])
def test_what_cannot_be_read_is_kept_as_it_was_written(path: str, text: str) -> None:
    assert read_value(path, text) == text


def test_every_change_is_in_the_log_with_what_was_there(app: Flask, first: Actor, second: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        before = drafts.find(db.session, id)

        drafts.set_text(first, id, TEXT, "One?", mark_of(before.english[TEXT]))
        drafts.set_text(second, id, TEXT, "Two?", mark_of("One?"))

        log = [
            (change.counter, change.path, change.before, change.after, who)
            for change, who in reversed(drafts.changes_of(db.session, id))
            if change.path == TEXT
        ]
        assert log == [
            (1, TEXT, before.english[TEXT], "One?", first.email),
            (2, TEXT, "One?", "Two?", second.email),
        ]
        after = drafts.find(db.session, id)
        assert (after.counter, after.changed_by) == (2, second.email)
        with pytest.raises(sa.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(sa.delete(DraftChange))


def test_two_at_once_on_the_same_place_come_one_after_the_other(app: Flask, first: Actor, second: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        seen = mark_of(drafts.find(db.session, id).english[TEXT])
        db.session.close()
    outcomes: dict[str, str] = {}
    ready = threading.Barrier(2)

    def write(actor: Actor, text: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                drafts.set_text(actor, id, TEXT, text, seen)
                outcomes[text] = "saved"
            except PlaceChanged as conflict:
                outcomes[text] = f"asked about {conflict.saved} by {conflict.by}"
            finally:
                db.session.close()

    threads = [threading.Thread(target=write, args=(actor, f"{actor.email}?")) for actor in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    saved = [text for text, outcome in outcomes.items() if outcome == "saved"]
    assert len(saved) == 1
    (other,) = set(outcomes) - set(saved)
    assert outcomes[other] == f"asked about {saved[0]} by {saved[0].removesuffix('?')}"


def test_many_at_once_on_different_places_all_win(app: Flask, first: Actor, second: Actor) -> None:
    keys = [key for key in VERSION.texts[Language.EN] if key.startswith("questions.") and key.endswith(".why")][:6]
    with app.app_context():
        id = drafts.create(first, "2026.1")
        draft = drafts.find(db.session, id)
        seen = {key: mark_of(draft.english[key]) for key in keys}
        db.session.close()

    def write(actor: Actor, key: str) -> None:
        with app.app_context():
            drafts.set_text(actor, id, key, f"{key} by {actor.email}", seen[key])
            db.session.close()

    threads = [threading.Thread(target=write, args=((first, second)[index % 2], key)) for index, key in enumerate(keys)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with app.app_context():
        after = drafts.find(db.session, id)
        assert [after.english[key].startswith(key) for key in keys] == [True] * len(keys)
        assert after.counter == len(keys)


@sqlite_only
def test_an_unfinished_draft_is_stored_and_the_check_says_what_is_missing(app: Flask, first: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        drafts.add_question(first, id, "genai_risk", dimension="genai_risk", pillar="data")

        draft = drafts.find(db.session, id)

        assert draft.state_of(Language.ZH_HANT, "questions.genai_risk.text") is State.MISSING
        assert drafts.problems(db.session, draft)
        with pytest.raises(FileProblems):
            drafts.submit(first, id)


@sqlite_only
def test_an_id_is_never_used_twice(app: Flask, first: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        removed = mark_of(value_at(drafts.find(db.session, id).document, "questions.ai_talent"))
        drafts.remove_question(first, id, "ai_talent", removed)

        with pytest.raises(IdTaken):
            drafts.add_question(first, id, "ai_talent", dimension="ai_talent", pillar="organisation")
        for unreadable in ("", "Ä", "a b", "1a", "a.b", "A", "x" * 80, "a/b"):
            with pytest.raises(IdUnreadable):
                drafts.add_question(first, id, unreadable, dimension="data_quality")
        document = drafts.find(db.session, id).document
        assert "ai_talent" in document["map"]["retired"]
        assert value_at(document, "dimensions.ai_talent") is None
        assert value_at(document, "zh-Hans/questions.ai_talent") is None


@sqlite_only
def test_the_map_follows_what_is_written(app: Flask, first: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        before = drafts.find(db.session, id).english
        origin = "map.questions.ai_talent"

        drafts.set_text(first, id, "questions.ai_talent.why", "Otherwise.", mark_of(before["questions.ai_talent.why"]))
        assert value_at(drafts.find(db.session, id).document, origin) == "same"
        drafts.set_text(first, id, TEXT, "Otherwise?", mark_of(before[TEXT]))
        assert value_at(drafts.find(db.session, id).document, origin) == "reworded"
        drafts.set_text(first, id, TEXT, before[TEXT], mark_of("Otherwise?"))
        assert value_at(drafts.find(db.session, id).document, origin) == "same"


@sqlite_only
def test_what_was_confirmed_to_be_right_is_submitted_as_such(app: Flask, first: Actor, second: Actor) -> None:
    key = "questions.ai_talent.why"
    with app.app_context():
        id = drafts.create(first, "2026.1")
        before = drafts.find(db.session, id)
        drafts.set_text(first, id, "id", "2026.1.1", mark_of("2026.2"))
        drafts.set_text(first, id, key, "Put otherwise.", mark_of(before.english[key]))
        draft = drafts.find(db.session, id)
        assert draft.state_of(Language.ZH_HANT, key) is State.BEHIND
        assert any("behind" in problem.problem for problem in drafts.problems(db.session, draft))
        for language in (Language.ZH_HANT, Language.ZH_HANS):
            drafts.confirm_translation(second, id, language, key, mark_of("Put otherwise."))

        draft = drafts.find(db.session, id)
        assert [str(problem) for problem in drafts.problems(db.session, draft)] == []
        row = drafts.submit(first, id)
        publishing.confirm(second, "2026.1.1", row.digest)

        assert drafts.find(db.session, id).closed
        with pytest.raises(DraftClosed):
            drafts.set_text(first, id, key, "Later.", mark_of("Put otherwise."))


@sqlite_only
def test_things_move_up_and_down(app: Flask, first: Actor) -> None:
    with app.app_context():
        id = drafts.create(first, "2026.1")
        order = [question.id for question in VERSION.rubric.questions]

        drafts.reorder(first, id, "questions", order[1], by=-1)
        drafts.reorder(first, id, "questions", order[1], by=-1)

        found = [question["id"] for question in drafts.find(db.session, id).document["rubric"]["questions"]]
        assert found == [order[1], order[0], *order[2:]]
        with pytest.raises(NoSuchPlace):
            drafts.reorder(first, id, "questions", "nothing", by=1)


@sqlite_only
def test_each_change_needs_the_capability(app: Flask, first: Actor, folder: Path) -> None:
    reader = make_account(app, "reader@example.hk")
    with app.app_context():
        id = drafts.create(first, "2026.1")
        attempts: list[Any] = [
            lambda: drafts.create(reader, "2026.1"),
            lambda: drafts.change(reader, id, [Edit(TEXT, "x", "")]),
            lambda: drafts.add_question(reader, id, "x", dimension="data_quality"),
            lambda: drafts.remove_question(reader, id, "ai_talent", ""),
            lambda: drafts.reorder(reader, id, "questions", "ai_talent", by=1),
            lambda: drafts.confirm_translation(reader, id, Language.ZH_HANT, TEXT, ""),
            lambda: drafts.close(reader, id),
            lambda: drafts.submit(reader, id),
        ]
        for attempt in attempts:
            with pytest.raises(NotAllowed):
                attempt()
        assert drafts.find(db.session, id).counter == 0
        with pytest.raises(DraftUnknown):
            drafts.set_text(first, UUID(int=uuid4().int), TEXT, "x", "")
        drafts.close(first, id)
        with pytest.raises(DraftClosed):
            drafts.submit(first, id)
