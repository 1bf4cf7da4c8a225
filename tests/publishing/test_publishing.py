"""Draft, in review, published by a second person, retired: the service, on both databases."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.cli import main
from readiness.core.languages import Language
from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.library.yaml_files import FileProblems
from readiness.models import Assessment, StoredRubric
from readiness.services import assessing, publishing
from readiness.services.accounts import Actor, Capability, NotAllowed
from readiness.services.database import db
from readiness.services.publishing import (
    AlreadyInReview,
    AlreadyPublished,
    LastVersion,
    MeaningNotConfirmed,
    NotInReview,
    OwnSubmission,
    ReviewChanged,
    VersionNotPublished,
)
from readiness.services.versions import DigestDiffers, current_rubric
from readiness.settings import Settings
from tests.next_version import add_version, copy_of_rubric
from tests.publishing.conftest import make_account

sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_second_person_publishes_what_the_first_submitted(
    app: Flask, first: Actor, second: Actor, folder: Path, make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    version = next_version(folder)
    other_process = make_app(settings)

    with app.app_context():
        publishing.submit(first, version.document)
        assert current_rubric(db.session).number == "2026.1"
        publishing.confirm(second, "2026.2", version.digest)

        listed = publishing.listed(db.session)
        assert [(each.number, each.state, each.current) for each in listed] == [
            ("2026.2", "published", True),
            ("2026.1", "published", False),
        ]
        assert (listed[0].submitted_by, listed[0].published_by) == (first.email, second.email)
        assert [step.step for step in publishing.steps_of(db.session, "2026.2")] == ["confirmed", "submitted"]
        db.session.close()
    # Every other process uses it at once, without a restart.
    with other_process.app_context():
        assessing.start()
        numbers = db.session.scalars(sa.select(StoredRubric.number).join(Assessment)).all()
        assert numbers == ["2026.2"]
        db.session.close()


@pytest.mark.parametrize("given", [(), (Capability.EDIT_DRAFTS,), (Capability.PUBLISH,)])
@sqlite_only
def test_each_step_needs_its_capability(app: Flask, first: Actor, folder: Path, given: tuple[Capability, ...]) -> None:
    version = next_version(folder)
    actor = make_account(app, "third@example.hk", *given)

    with app.app_context():
        if Capability.EDIT_DRAFTS not in given:
            with pytest.raises(NotAllowed):
                publishing.submit(actor, version.document)
            with pytest.raises(NotAllowed):
                publishing.submit_folder(actor, folder / "versions" / "2026.2", folder)
        publishing.submit(first, version.document)
        if Capability.PUBLISH not in given:
            with pytest.raises(NotAllowed):
                publishing.confirm(actor, "2026.2", version.digest)
            with pytest.raises(NotAllowed):
                publishing.send_back(actor, "2026.2", version.digest)
            with pytest.raises(NotAllowed):
                publishing.retire(actor, "2026.1")
        assert publishing.review_of(db.session, "2026.2").submitted_by == first.email


def test_nobody_confirms_what_they_submitted(app: Flask, first: Actor, folder: Path) -> None:
    version = next_version(folder)
    with app.app_context():
        publishing.submit(first, version.document)

        with pytest.raises(OwnSubmission, match="invite a second person") as alone:
            publishing.confirm(first, "2026.2", version.digest)
        assert alone.value.others == []
        make_account(app, "second@example.hk", Capability.PUBLISH)
        with pytest.raises(OwnSubmission, match=r"ask second@example\.hk"):
            publishing.confirm(first, "2026.2", version.digest)

        assert current_rubric(db.session).number == "2026.1"


def test_what_was_looked_at_is_what_is_confirmed(app: Flask, first: Actor, second: Actor, folder: Path) -> None:
    version = next_version(folder)
    with app.app_context():
        publishing.submit(first, version.document)

        with pytest.raises(ReviewChanged):
            publishing.confirm(second, "2026.2", "sha256:" + "0" * 64)
        with pytest.raises(NotInReview):
            publishing.confirm(second, "2026.3", version.digest)
        publishing.confirm(second, "2026.2", version.digest)
        with pytest.raises(NotInReview):
            publishing.confirm(second, "2026.2", version.digest)
        with pytest.raises(AlreadyPublished):
            publishing.submit(first, version.document)


def test_a_version_that_was_sent_back_can_be_submitted_again_by_another(
    app: Flask, first: Actor, second: Actor, folder: Path
) -> None:
    version = next_version(folder)
    with app.app_context():
        publishing.submit(first, version.document)
        with pytest.raises(AlreadyInReview):
            publishing.submit(second, version.document)
        publishing.send_back(second, "2026.2", version.digest, "Level 3 reads like level 2.")
        with pytest.raises(NotInReview):
            publishing.confirm(second, "2026.2", version.digest)
        publishing.submit(second, version.document)

        publishing.confirm(first, "2026.2", version.digest)

        steps = publishing.steps_of(db.session, "2026.2")
        assert [(step.step, step.done_by, step.note) for step in reversed(steps)] == [
            ("submitted", first.email, ""),
            ("sent_back", second.email, "Level 3 reads like level 2."),
            ("submitted", second.email, ""),
            ("confirmed", first.email, ""),
        ]


@sqlite_only
def test_an_incomplete_map_keeps_a_major_version_back(app: Flask, first: Actor, folder: Path) -> None:
    document = json.loads(json.dumps(next_version(folder).document))
    without = {name: part for name, part in document.items() if name != "map"}
    del document["map"]["questions"]["ai_talent"]

    with app.app_context():
        with pytest.raises(FileProblems, match=r"map\.yaml.*is missing"):
            publishing.submit(first, without)
        with pytest.raises(FileProblems, match="ai_talent"):
            publishing.submit(first, document)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document: document["texts"]["zh-Hant"]["bands"]["ready"].pop("name"), "is missing"),
        (lambda document: document["rubric"].update(id="2026.4"), "2026.4"),
        (lambda document: document["rubric"].update(id="2026.1.1"), "2026.1.1"),
        (lambda document: document["rubric"]["bands"][2].update(floor="9"), "bands"),
        (lambda document: document["rubric"].update(id=None), "id"),
        (lambda document: document.pop("actions"), "actions"),
    ],
)
@sqlite_only
def test_what_is_not_right_is_not_reviewed(
    app: Flask, first: Actor, folder: Path, change: Callable[[Any], Any], words: str
) -> None:
    document = json.loads(json.dumps(next_version(folder).document))
    change(document)

    with app.app_context():
        with pytest.raises(FileProblems, match=words):
            publishing.submit(first, document)

        assert [each.number for each in publishing.listed(db.session)] == ["2026.1"]


def test_the_number_of_a_published_version_is_not_taken(app: Flask, first: Actor, second: Actor, folder: Path) -> None:
    edited = json.loads(json.dumps(read_rubric_folder(folder / "versions" / "2026.1").document))
    edited["rubric"]["title"] += " (edited)"

    with app.app_context():
        with pytest.raises(DigestDiffers):
            publishing.submit(first, edited)
        version = next_version(folder)
        publishing.submit(first, version.document)
        publishing.confirm(second, "2026.2", version.digest)
        other = json.loads(json.dumps(version.document))
        other["rubric"]["title"] += " (edited)"
        with pytest.raises(DigestDiffers):
            publishing.submit(second, other)


def test_translations_are_texts_only_when_the_second_person_says_so(
    app: Flask, first: Actor, second: Actor, folder: Path
) -> None:
    document = json.loads(json.dumps(read_rubric_folder(folder / "versions" / "2026.1").document))
    document["rubric"]["id"] = "2026.1.1"
    document["texts"]["zh-Hant"]["questions"]["ai_talent"]["text"] += "（即日）"
    text = (Language.ZH_HANT, "questions.ai_talent.text")

    with app.app_context():
        row = publishing.submit(first, document)
        assert publishing.review_of(db.session, "2026.1.1").to_mark == (text,)
        with pytest.raises(MeaningNotConfirmed) as error:
            publishing.confirm(second, "2026.1.1", row.digest)
        assert error.value.texts == [text]
        publishing.confirm(second, "2026.1.1", row.digest, [text])

        assert current_rubric(db.session).number == "2026.1.1"


def test_a_version_retires_when_another_is_published(app: Flask, first: Actor, second: Actor, folder: Path) -> None:
    version = next_version(folder)
    with app.app_context():
        with pytest.raises(LastVersion):
            publishing.retire(first, "2026.1")
        publishing.submit(first, version.document)
        with pytest.raises(VersionNotPublished):
            publishing.retire(second, "2026.2")
        publishing.confirm(second, "2026.2", version.digest)

        publishing.retire(first, "2026.2")

        assert current_rubric(db.session).number == "2026.1"
        with pytest.raises(VersionNotPublished):
            publishing.retire(first, "2026.2")


@sqlite_only
def test_what_waits_is_still_in_review_after_a_start_that_ships_it_as_a_candidate(
    app: Flask, first: Actor, folder: Path, make_app: Callable[[Settings], Flask], settings: Settings
) -> None:
    from dataclasses import replace

    version = next_version(folder, published=False)
    make_app(replace(settings, rubric_folder=folder))
    with app.app_context():
        publishing.submit(first, version.document)
        db.session.close()
    (folder / "versions" / "2026.2" / "rubric.yaml").touch()
    (folder / "new").touch()

    with make_app(replace(settings, rubric_folder=folder)).app_context():
        assert publishing.review_of(db.session, "2026.2").submitted_by == first.email


def next_version(folder: Path, *, published: bool = True) -> RubricVersion:
    """Write a version with a gate, which is right in every way."""
    return add_version(folder, new=(), gate=True, published=published)


# The command


def test_the_command_puts_a_folder_in_review_and_says_what_is_next(
    app: Flask,
    first: Actor,
    folder: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    version = next_version(folder, published=False)
    run = _command(monkeypatch, capsys, database, tmp_path, folder)

    code, said, wrong = run("rubric", "publish", folder / "versions" / "2026.2", "--as", "FIRST@example.hk")

    assert (code, wrong) == (0, "")
    assert f"rubric 2026.2: in review; {version.digest}" in said
    assert "http://localhost/staff/rubrics/review/2026.2" in said
    assert "nobody yet" in said
    assert run("rubric", "publish", folder / "versions" / "2026.2", "--as", "first@example.hk")[0] == 2


@sqlite_only
def test_the_command_refuses_in_a_line(
    app: Flask,
    first: Actor,
    folder: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_account(app, "reader@example.hk")
    next_version(folder, published=False)
    draft = folder / "versions" / "2026.2"
    edited = folder / "versions" / "2026.1"
    rubric = edited / "rubric.yaml"
    run = _command(monkeypatch, capsys, database, tmp_path, folder)

    assert "no account" in _refused(run("rubric", "publish", draft, "--as", "nobody@example.hk"))
    denied = _refused(run("rubric", "publish", draft, "--as", "reader@example.hk"))
    assert denied.startswith("reader@example.hk: needs the capability edit_drafts; ")
    assert "is published already" in _refused(run("rubric", "publish", edited, "--as", "first@example.hk"))
    rubric.write_text(re.sub(r"^title: .*$", 'title: "Edited"', rubric.read_text("utf-8"), flags=re.M), "utf-8")
    assert "was published with" in _refused(run("rubric", "publish", edited, "--as", "first@example.hk"))
    # Without the line the database knows.
    (folder / "PUBLISHED.sha256").write_text("")
    assert "was published with" in _refused(run("rubric", "publish", edited, "--as", "first@example.hk"))
    monkeypatch.setenv("READINESS_DATABASE", f"sqlite:///{tmp_path}/new.sqlite")
    assert "database: " in _refused(run("rubric", "publish", draft, "--as", "first@example.hk"))


def test_without_a_database_a_changed_folder_of_a_published_version_is_refused(
    folder: Path, readiness_program: Path
) -> None:
    rubric = folder / "versions" / "2026.1" / "rubric.yaml"
    rubric.write_text(re.sub(r"^title: .*$", 'title: "Edited"', rubric.read_text("utf-8"), flags=re.M), "utf-8")

    done = subprocess.run(
        [readiness_program, "rubric", "check", rubric.parent],
        env={"READINESS_RUBRIC_FOLDER": str(folder), "PATH": "/usr/bin", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert "was published with" in done.stderr


Run = Callable[..., tuple[int, str, str]]


def _command(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database: str,
    tmp_path: Path,
    folder: Path,
) -> Run:
    monkeypatch.setenv("READINESS_DATABASE", database)
    monkeypatch.setenv("READINESS_RUBRIC_FOLDER", str(folder))
    monkeypatch.setenv("READINESS_INSTANCE_FOLDER", str(tmp_path / "instance"))
    monkeypatch.setenv("READINESS_PUBLIC_URL", "http://localhost")

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["readiness", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        said, wrong = capsys.readouterr()
        return int(left.value.code or 0), said, wrong

    return run


def _refused(outcome: tuple[int, str, str]) -> str:
    code, said, wrong = outcome
    assert (code, said) == (2, "")
    return wrong


@sqlite_only
def test_check_says_that_the_number_of_a_folder_was_published_on_the_site(
    app: Flask,
    first: Actor,
    second: Actor,
    folder: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    version = next_version(folder, published=False)
    draft = folder / "versions" / "2026.2"
    with app.app_context():
        publishing.submit(first, version.document)
        publishing.confirm(second, "2026.2", version.digest)
        db.session.close()
    run = _command(monkeypatch, capsys, database, tmp_path, folder)
    published = run("rubric", "check", draft)
    rubric = json.loads((draft / "rubric.yaml").read_text("utf-8"))
    rubric["questions"][0]["text"] += " (edited)"
    (draft / "rubric.yaml").write_text(json.dumps(rubric, ensure_ascii=False), "utf-8")

    wrong = _refused(run("rubric", "check", draft))

    assert (published[0], "published, sha256:" in published[1]) == (0, True)
    assert wrong.count("\n") == 1
    assert f"but was published with {version.digest}; it never changes" in wrong


@sqlite_only
def test_commands_without_a_setting_read_the_database_of_this_machine_if_there_is_one(
    app: Flask,
    first: Actor,
    second: Actor,
    folder: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    version = next_version(copy_of_rubric(tmp_path / "desk"), published=False)
    with app.app_context():
        publishing.submit(first, version.document)
        publishing.confirm(second, "2026.2", version.digest)
        db.session.close()
    run = _command(monkeypatch, capsys, database, tmp_path, folder)
    monkeypatch.delenv("READINESS_DATABASE")

    without = _refused(run("rubric", "export", "2026.2", tmp_path / "out"))
    monkeypatch.setenv("READINESS_INSTANCE_FOLDER", str(tmp_path))
    code, said, wrong = run("rubric", "export", "2026.2", tmp_path / "out")

    assert without == 'rubric: there is no version "2026.2"; allowed: 2026.1\n'
    assert (code, wrong) == (0, "")
    assert version.digest in said
    assert run("rubric", "diff", "2026.1", "2026.2")[0] == 0
    # What there is, is said wherever it is.
    assert _refused(run("rubric", "diff", "2026.1", "2026.7")).endswith("allowed: 2026.1, 2026.2\n")
