"""Deleting everything that a company said: in two clicks, from every table, and from the disk."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.models import Assessment, StoredPdf
from readiness.services import assessing, opening, results
from readiness.services.database import db
from readiness.settings import Settings
from tests.web.conftest import LEVELS, Owner, everything_stored, tables_that_hold

NAME = "海港珍寶食品 Quixotic Noodles"
NOTE = "問陳師傅 about the Zanzibar spreadsheet"
LABEL = "for Uncle Wolfgang 黃"
OTHER = "Lighthouse Dim Sum 燈塔"
#: Pieces of these words that stand nowhere else.
TRACES = ("海港珍寶", "Quixotic Noodles", "問陳師傅", "Zanzibar", "Wolfgang")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def company(owner: Owner) -> Owner:
    """Return an owner with all that can be stored: two results, a further plan, a PDF, notes, links, a draft."""
    owner.start(name=NAME, sector="professional_services", employees="10-19")
    owner.answer("ai_talent", 3, note=NOTE)
    owner.answer("ai_talent", 3, note=f"{NOTE}, later", version="1")
    owner.answer_all().submit()
    owner.give("read", LABEL)
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="no")
    owner.get("/plan-zh-Hant.pdf")
    owner.get("/result")
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 2, note="Zanzibar again")
    owner.submit()
    owner.post(f"/assessments/{owner.token}/revise")
    owner.answer("ai_governance", 3)
    return owner


def test_it_takes_two_clicks_and_the_first_deletes_nothing(owner: Owner) -> None:
    owner.start(name=NAME)
    owner.answer("ai_talent", 3)
    owner.get("/check")
    assert f'href="/assessments/{owner.token}/delete"' in owner.text

    owner.get("/delete")

    assert "Delete everything?" in owner.text
    assert owner.client.get(f"/assessments/{owner.token}/questions/ai_talent").status_code == 200
    response = owner.post(f"/assessments/{owner.token}/delete")
    assert (response.status_code, response.headers["Location"]) == (302, "/deleted")
    assert "Everything is deleted" in owner.client.get("/deleted").get_data(as_text=True)
    assert owner.client.get(f"/assessments/{owner.token}/questions/ai_talent").status_code == 404


def test_what_a_company_said_is_in_no_table_any_more_and_no_other_company_is_touched(
    company: Owner, app: Flask
) -> None:
    other = Owner(app.test_client()).start(name=OTHER).answer_all().submit()
    assert {tuple(tables_that_hold(app, trace)) for trace in TRACES[:2]} == {("assessment", "plan")}
    assert tables_that_hold(app, "Zanzibar") == ["answer", "answer_change"]
    assert tables_that_hold(app, LABEL) == ["link"]

    _delete(company)

    assert {trace: tables for trace in TRACES if (tables := tables_that_hold(app, trace))} == {}
    left = everything_stored(app)
    said = ("assessment", "answer", "link", "plan")
    schemes = left.pop("plan_scheme")
    assert {plan for plan, *_ in schemes} == {plan for plan, *_ in left["plan"]}
    assert left.pop("link_check") == left.pop("news_mail") == []
    counts = {table: len(rows) for table, rows in left.items() if table.startswith(said)}
    assert counts == {
        "assessment": 1, "answer": 12, "answer_aside": 0, "answer_change": 12, "link": 1, "plan": 1, "plan_pdf": 0,
    }  # fmt: skip
    assert f"{OTHER} is AI Aware" in other.get("/result").get_data(as_text=True)


def test_all_links_to_it_open_nothing_any_more(owner: Owner) -> None:
    owner.start(name=NAME).answer_all().submit()
    tokens = [owner.give("read", LABEL), owner.give("edit"), owner.token]

    owner.token = tokens[1]
    _delete(owner)

    for token, path in product(tokens, ("", "/result", "/links", "/export.json", "/plan-en.pdf", "/delete")):
        assert owner.client.get(f"/assessments/{token}{path}").status_code == 404, path


def test_a_second_click_on_delete_finds_nothing_and_is_no_fault(owner: Owner) -> None:
    owner.start(name=NAME).get("/delete")
    page = owner.page
    owner.post(f"/assessments/{owner.token}/delete")
    owner.page = page

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 404


def test_a_form_that_was_open_while_everything_was_deleted_saves_nothing(owner: Owner, app: Flask) -> None:
    owner.start(name=NAME).get("/questions/ai_talent")
    page = owner.page
    _delete(owner)
    owner.page = page

    path = f"/assessments/{owner.token}/questions/ai_talent"
    response = owner.post(path, answer="3", note=NOTE, version="0", then="continue")

    assert response.status_code == 404
    assert everything_stored(app)["answer"] == []


def test_what_is_printed_while_everything_is_deleted_is_no_fault_and_not_kept(owner: Owner, app: Flask) -> None:
    owner.start(name=NAME).answer_all().submit()
    with app.test_request_context():
        opened = opening.open_result(owner.token)
        frozen = results.planning.newest_plan(db.session, opened.assessment)
        assert frozen is not None
        words = words_in(Language.EN)

        def view():  # type: ignore[no-untyped-def]
            made = results._view(opened, frozen, words)
            _delete(Owner(app.test_client(), "en"), owner.token)
            return made

        content = results.planning.printed(frozen, view, Language.EN)

    assert content.startswith(b"%PDF")
    with app.app_context():
        assert db.session.scalars(sa.select(StoredPdf.plan_id)).all() == []


def test_no_transaction_is_open_while_a_plan_is_printed(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()
    open_while_printing = []

    class Watched:
        """A view that notes, whenever the document asks it for something, whether a transaction is open."""

        def __init__(self, view: object) -> None:
            self.view = view

        def __getattr__(self, name: str) -> object:
            open_while_printing.append(db.session.in_transaction())
            return getattr(self.view, name)

    with app.test_request_context():
        opened = opening.open_result(owner.token)
        frozen = results.planning.newest_plan(db.session, opened.assessment)
        assert frozen is not None
        made = Watched(results._view(opened, frozen, words_in(Language.EN)))

        results.planning.printed(frozen, lambda: made, Language.EN)  # type: ignore[arg-type,return-value]

    assert set(open_while_printing) == {False}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_who_print_the_same_at_once_both_get_it(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()
    with app.app_context():
        engine = db.engine
    elsewhere = sa.create_engine(engine.url)
    inserted = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def be_quicker(_connection, _cursor, statement, parameters, *_rest) -> None:  # type: ignore[no-untyped-def]
        if statement.startswith("INSERT INTO plan_pdf"):
            with elsewhere.begin() as other:
                inserted.append(other.exec_driver_sql(statement, parameters).rowcount)

    response = owner.get("/plan-en.pdf")

    elsewhere.dispose()
    assert inserted == [1]
    assert response.data.startswith(b"%PDF")
    assert owner.get("/plan-en.pdf").data == response.data


# What is left on the disk.


@sqlite_only
def test_nothing_of_it_is_left_in_any_file(company: Owner, settings: Settings, tmp_path: Path) -> None:
    assert {trace: bool(_files_that_hold(tmp_path, trace)) for trace in TRACES} == dict.fromkeys(TRACES, True)

    _delete(company)

    assert {trace: files for trace in TRACES if (files := _files_that_hold(tmp_path, trace))} == {}


@sqlite_only
def test_nothing_of_it_is_left_between_the_words_of_many_others(owner: Owner, app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        tokens = {}
        for number in range(30):
            tokens[number] = assessing.start()
            assessing.save_company(tokens[number], {"name": _distinct(number, "company") + "x" * number})
            for version, question in enumerate(LEVELS):
                words = _distinct(number, question) * (1 + (number * 7 + version) % 5)
                assessing.answer(tokens[number], question, 3, seen=0, note=words)
                assessing.answer(tokens[number], question, 4, seen=1, note=words[: 40 + version])
        db.session.close()
    gone = [number for number in tokens if number % 3 == 1]

    for number in gone:
        _delete(owner, tokens[number])

    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for number in tokens:
        traces = [_distinct(number, part).encode() for part in ("company", *LEVELS)]
        found = [trace for trace in traces if any(trace in content for content in files)]
        assert found == ([] if number in gone else traces), number


@sqlite_only
def test_while_somebody_reads_the_log_keeps_it_until_the_daily_work(
    company: Owner, database: str, tmp_path: Path, readiness_program: Path
) -> None:
    path = tmp_path / "readiness.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM assessment").fetchone()
        _delete(company)
        assert company.client.get(f"/assessments/{company.token}").status_code == 404
        assert _files_that_hold(tmp_path, "Zanzibar") != []

    done = subprocess.run(
        [readiness_program, "tick"],
        env={"READINESS_DATABASE": database, "READINESS_INSTANCE_FOLDER": str(tmp_path / "instance")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == ""
    assert {trace: files for trace in TRACES if (files := _files_that_hold(tmp_path, trace))} == {}


@sqlite_only
def test_what_was_overwritten_or_withdrawn_before_is_gone_too(owner: Owner, app: Flask, tmp_path: Path) -> None:
    owner.start(name="Quixotic Noodles").give("edit", "Wolfgang")
    owner.get("/company")
    owner.post(f"/assessments/{owner.token}/company", name="Sensible Noodles", version="1")
    with app.app_context():
        assert db.session.scalars(sa.select(Assessment.company)).one()["name"] == "Sensible Noodles"

    _delete(owner)

    assert {trace: files for trace in TRACES if (files := _files_that_hold(tmp_path, trace))} == {}


def _delete(owner: Owner, token: str | None = None) -> None:
    """Delete everything, as a person does it: the page, then the button."""
    address = f"/assessments/{token or owner.token}/delete"
    owner.page = owner.client.get(address)
    assert owner.post(address).status_code == 302


def _distinct(number: int, part: str) -> str:
    return f"[{part} of {number:03}]"


def _files_that_hold(folder: Path, words: str) -> list[str]:
    """Return the files under *folder* with these words, in UTF-8 or as JSON writes them."""
    forms = (words.encode(), words.encode("unicode_escape"), words.encode("utf-16-le"))
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and any(form in path.read_bytes() for form in forms):
            found.append(str(path.relative_to(folder)))
    return found
