"""What release 0.1 left is all there after an upgrade, on both databases: links, answers, results, plans, files.

``release_0_1.sql.gz`` and ``release_0_1.json`` are what that release left; ``make_release_0_1.py`` says how.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from readiness.core.languages import Language
from readiness.library.exports import answers_file_from
from readiness.library.rubrics import version_from
from readiness.services import commands
from readiness.services.database import db, migrations
from readiness.services.exporting import differences
from readiness.settings import ROOT, Settings
from tests.upgrade.conftest import CASES, EDITED, count, left_database, rows, tables_of
from tests.web.conftest import LEVELS, Owner

DRAFTS = {id: case for id, case in CASES.items() if not case["submitted"]}
SUBMITTED = {id: case for id, case in CASES.items() if case["submitted"]}
PLANNED = {id: case for id, case in SUBMITTED.items() if case["band"]}


# The upgrade itself


def test_an_upgrade_ends_at_the_newest_revision_with_the_tables_of_the_models(app: Flask) -> None:
    with app.app_context():
        assert migrations.current() == migrations.heads()
        found = migrations.compare_metadata()

    # Changes of a column come as lists, others as tuples. A required column that was added to a table
    # with rows needs a default in the database, which the model need not have.
    changes = [each for several in found for each in (several if isinstance(several, list) else [several])]
    assert [change for change in changes if change[0] != "modify_default"] == []


def test_starting_again_after_an_upgrade_changes_nothing(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    before = _everything(app)

    after = _everything(make_app(settings))

    # At each start a candidate becomes the newest one again; of the rest nothing moves.
    assert [name for name in before if before[name] != after[name]] in ([], ["rubric_version"])
    assert len(after["rubric_version"]) == len(before["rubric_version"])


def test_no_table_loses_a_row(app: Flask) -> None:
    with left_database() as engine:
        left = {name: count(engine, table) for name, table in tables_of(engine).items()}

    with app.app_context():
        kept = {name: count(db.engine, table) for name, table in tables_of(db.engine).items()}

    assert all(left.values())
    assert {name: number for name, number in left.items() if kept.get(name, 0) < number} == {}


@pytest.mark.parametrize("name", ["answer", "answer_change"])
def test_nothing_said_is_lost_nor_when_it_was_changed(app: Flask, name: str) -> None:
    with left_database() as engine:
        table = tables_of(engine)[name]
        columns = list(table.columns.keys())
        left = rows(engine, table, columns)

    with app.app_context():
        kept = rows(db.engine, tables_of(db.engine)[name], columns)

    assert [row for row in left if row not in kept] == []


def test_frozen_results_and_plans_are_unchanged_to_the_byte(app: Flask) -> None:
    with app.app_context():
        tables = tables_of(db.engine)
        results = dict(rows(db.engine, tables["assessment"], ["id", "result"]))
        plans = sorted(rows(db.engine, tables["plan"], ["assessment_id", "number", "document"]))

    for id, case in CASES.items():
        result = results[case["assessment"]]
        assert (result and _sha256(result)) == case["result_sha256"], id
        documents = [_sha256(document) for owner, _, document in plans if owner == case["assessment"]]
        assert documents == case["plan_sha256"], id


# What its pages show


def test_every_page_of_every_old_link_opens_or_leads_where_it_led(client: FlaskClient) -> None:
    for id, case in CASES.items():
        for token in case["tokens"]:
            assert {path: _led(client, token, path) for path in case["pages"]} == case["pages"], id


def test_an_old_draft_shows_the_company_and_every_answer_where_they_were_given(client: FlaskClient) -> None:
    for id, case in DRAFTS.items():
        for token in case["tokens"]:
            owner = _owner(client, case, token)

            company = _page(owner, "/company")
            assert company.xpath("string(//input[@name='name']/@value)") == (case["name"] or ""), id
            employees = company.xpath("//input[@name='employees'][@checked]/@value")
            assert employees == ([case["company"]["employees"]] if "employees" in case["company"] else []), id
            for question in LEVELS:
                chosen = _page(owner, f"/questions/{question}").xpath("//input[@name='answer'][@checked]/@value")
                assert chosen == ([str(case["answers"][question])] if question in case["answers"] else []), id
            check = _text(_page(owner, "/check"))
            assert [text for text in case["answer_texts"].values() if _plain(text) not in check] == [], id


def test_an_old_result_shows_the_name_the_band_the_score_and_every_answer(client: FlaskClient) -> None:
    for id, case in SUBMITTED.items():
        owner = _owner(client, case)

        result = _page(owner, "/result")

        heading, text = _heading(owner), _text(result)
        named = [case[key] for key in ("name", "band_name", "score") if case["band"]]
        assert [said for said in named if _plain(said) not in heading] == [], id
        assert case["name"] is None or case["name"] in text, id
        assert [said for said in case["answer_texts"].values() if _plain(said) not in text] == [], id
        assert case["digest"] in text, id
        assert "<script>alert" not in owner.text, id


def test_an_old_result_still_lists_its_actions_and_offers_the_plan(client: FlaskClient) -> None:
    for id, case in SUBMITTED.items():
        owner = _owner(client, case)

        result = _page(owner, "/result")

        text = _text(result)
        offered = result.xpath(f"//a[@href='/assessments/{owner.token}/plan-{case['language']}.pdf']")
        assert [title for title in case["action_titles"] or [] if _plain(title) not in text] == [], id
        assert len(offered) == (1 if case["band"] else 0), id


@pytest.mark.parametrize("language", list(Language))
def test_an_old_result_opens_in_every_language(client: FlaskClient, language: Language) -> None:
    for id, case in SUBMITTED.items():
        owner = _owner(client, {**case, "language": language.value})

        result = _page(owner, "/result")

        assert owner.page.status_code == 200, id
        assert result.xpath("string(/html/@lang)") == language.tag, id
        assert (case["score"] or "9") in _heading(owner), id


# One for each language, and one that was printed and stored before.
@pytest.mark.parametrize("id", ["unaware", "aware", "grown_again", "every_level_5"])
def test_an_old_plan_can_be_printed(client: FlaskClient, id: str) -> None:
    case = CASES[id]

    response = client.get(f"/assessments/{case['tokens'][0]}/plan-{case['language']}.pdf")

    reader = PdfReader(BytesIO(response.data))
    cover, last = (_plain(reader.pages[index].extract_text()) for index in (0, -1))
    assert reader.metadata is not None
    assert case["name"] in (reader.metadata.title or "")
    assert case["band_name"] in cover
    assert case["digest"].removeprefix("sha256:") in last.replace(" ", "")


def test_without_an_old_plan_there_is_no_file(client: FlaskClient) -> None:
    statuses = {
        id: client.get(f"/assessments/{case['tokens'][0]}/plan-en.pdf").status_code
        for id, case in CASES.items()
        if not case["band"]
    }

    assert statuses == {**dict.fromkeys(DRAFTS, 302), "too_few": 404}


def test_an_old_export_says_the_same(client: FlaskClient) -> None:
    for id, case in CASES.items():
        export = client.get(f"/assessments/{case['tokens'][0]}/export.json").get_json()

        assert {key: export[key] for key in ("rubric", "company", "answers", "digest")} == {
            key: case[key] for key in ("rubric", "company", "answers", "digest")
        }, id
        assert ("result" in export, "plan" in export) == (case["submitted"], case["band"] is not None), id
        if case["band"]:
            assert (export["result"]["band"], str(export["result"]["score"])) == (case["band"], case["score"]), id
            assert [action["id"] for action in export["plan"]["actions"]] == case["actions"], id
            assert export["catalogue"] == case["catalogue"], id


# Whether it holds


def test_an_old_export_still_holds(client: FlaskClient, app: Flask, settings: Settings) -> None:
    for id, case in SUBMITTED.items():
        content = client.get(f"/assessments/{case['tokens'][0]}/export.json").data

        differing = _differing(content, settings)
        if commands.find_version(settings.rubric_folder, case["rubric"]).digest == case["digest"]:
            assert differing == set(), id
        else:
            # A candidate that was edited since is not the one it was made with, and verify says so.
            assert {"digest", "result.digest"} <= differing, id
        assert _differing_under_its_own(app, case, content, settings) == [], id


def test_the_command_verifies_an_old_export(
    client: FlaskClient, settings: Settings, readiness_program: Path, tmp_path: Path
) -> None:
    case = CASES["aware"]
    path = tmp_path / "export.json"
    path.write_bytes(client.get(f"/assessments/{case['tokens'][0]}/export.json").data)

    done = subprocess.run(
        [readiness_program, "verify", path],
        capture_output=True,
        check=False,
        cwd=ROOT,
        encoding="utf-8",
        env={"READINESS_DATABASE": settings.database, "PYTHONPATH": str(ROOT)},
    )

    here = commands.find_version(settings.rubric_folder, case["rubric"]).digest
    assert (done.returncode, done.stderr) == (0 if here == case["digest"] else 1, "")


def test_a_rubric_edited_since_moves_nothing_that_was_begun_or_submitted_under_the_old_one(
    edited_settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    app = make_app(edited_settings)
    client = app.test_client()
    new = Owner(client).start()

    new.get("/questions/management_support")

    assert EDITED in new.text
    for id, case in CASES.items():
        owner = _owner(client, case)
        shown = _text(_page(owner, "/result" if case["submitted"] else "/check"))
        assert EDITED not in shown, id
        assert [said for said in case["answer_texts"].values() if _plain(said) not in shown] == [], id
        if case["submitted"]:
            content = client.get(f"/assessments/{owner.token}/export.json").data
            # The rubric of that number is another one now, so it does not hold; under its own it does.
            assert {"digest", "result.digest"} <= _differing(content, edited_settings), id
            assert _differing_under_its_own(app, case, content, edited_settings) == [], id


# Going on


def test_a_half_finished_assessment_goes_on_to_a_result_that_holds(
    client: FlaskClient, app: Flask, settings: Settings
) -> None:
    case = CASES["half_answered"]
    owner = _owner(client, case)
    missing = [question for question in LEVELS if question not in case["answers"]]

    for question in missing:
        assert owner.answer(question, 3).status_code == 302
    assert owner.answer("ai_talent", 2).status_code == 302
    owner.submit()

    content = client.get(f"/assessments/{owner.token}/export.json").data
    export = json.loads(content)
    assert export["answers"] == {**case["answers"], **dict.fromkeys(missing, 3), "ai_talent": 2}
    # 2, not sure, 2, 5, five times 3, not applicable, twice 3: 31 of 11.
    assert export["result"]["mean"] == "31/11"
    assert case["name"] in _heading(owner)
    assert client.get(f"/assessments/{owner.token}/plan-zh-Hant.pdf").data.startswith(b"%PDF")
    assert _differing_under_its_own(app, case, content, settings) == []


def test_a_half_finished_assessment_can_be_submitted_as_it_is(client: FlaskClient) -> None:
    case = CASES["half_answered"]
    owner = _owner(client, case).submit()

    export = client.get(f"/assessments/{owner.token}/export.json").get_json()

    assert export["answers"] == case["answers"]
    assert export["result"]["band"] is None
    assert "plan" not in export


def test_one_that_was_just_started_goes_the_whole_way(client: FlaskClient) -> None:
    owner = _owner(client, CASES["started"])
    owner.get("")

    response = owner.post(f"/assessments/{owner.token}/company", name="海港食品 Harbour Foods", employees="10-19")

    assert response.headers["Location"].endswith("/questions/management_support")
    owner.answer_all().submit()
    assert "海港食品 Harbour Foods" in _heading(owner)
    assert _exported(client, owner.token)["result"]["mean"] == "41/12"


def test_an_old_result_can_be_revised_and_stays_as_it_was(client: FlaskClient) -> None:
    case = CASES["unaware"]
    owner = _owner(client, case)
    before = _exported(client, owner.token)

    owner.get("/result")
    owner.token = owner.post(f"/assessments/{owner.token}/revise").headers["Location"].split("/")[2]
    assert owner.answer("ai_governance", 5).status_code == 302
    owner.submit()

    after = _exported(client, owner.token)
    assert after["answers"] == {**case["answers"], "ai_governance": 5}
    assert (after["digest"], after["result"]["mean"]) == (case["digest"], "11/6")
    assert _exported(client, case["tokens"][0]) == before


def test_a_revision_that_was_begun_goes_on_from_either_of_its_links_and_from_the_old_result(
    client: FlaskClient,
) -> None:
    case = CASES["ready_begun"]
    first, second = case["tokens"]
    owner = _owner(client, case, first)
    assert owner.answer("ai_risk_control", 5).status_code == 302

    owner.token = CASES["ready"]["tokens"][0]
    owner.get("/result")
    third = owner.post(f"/assessments/{owner.token}/revise").headers["Location"].split("/")[2]

    for token in (first, second, third):
        assert _exported(client, token)["answers"] == {**case["answers"], "ai_risk_control": 5}


def test_further_facts_on_an_old_result_make_a_further_plan_and_keep_the_earlier_ones(
    client: FlaskClient, app: Flask
) -> None:
    case = CASES["aware"]
    owner = _owner(client, case)
    before = _exported(client, owner.token)
    owner.get("/result")

    response = owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="yes")

    after = _exported(client, owner.token)
    assert response.status_code == 302
    assert after["result"] == before["result"]
    assert after["company"]["subvented"] is True
    with app.app_context():
        documents = [_sha256(text) for (text,) in rows(db.engine, tables_of(db.engine)["plan"], ["document"])]
    assert set(case["plan_sha256"]) < set(documents)
    assert len(documents) == sum(len(each["plan_sha256"]) for each in CASES.values()) + 1


def test_what_release_0_1_left_holds_a_company_at_every_stage() -> None:
    assert {case["band"] for case in SUBMITTED.values()} == {"unaware", "aware", "ready", "competent", None}
    assert {case["language"] for case in DRAFTS.values()} == {language.value for language in Language}
    assert [id for id, case in PLANNED.items() if len(case["plan_sha256"]) > 1] == ["aware"]
    assert [id for id, case in CASES.items() if case["revises"]] == ["ready_begun", "grown_again"]
    assert any(case["changes"] > len(case["answers"]) for case in DRAFTS.values())


def _owner(client: FlaskClient, case: dict[str, Any], token: str | None = None) -> Owner:
    """Return the owner of an assessment, who reads in their language and holds one of its links."""
    owner = Owner(client, case["language"])
    owner.token = token or case["tokens"][0]
    return owner


def _led(client: FlaskClient, token: str, path: str) -> int | str:
    """Return where a page of an assessment leads, or its status if it opens."""
    response = client.get(f"/assessments/{token}{path}")
    return response.headers["Location"].split(token)[1] if response.status_code == 302 else response.status_code


def _page(owner: Owner, path: str) -> lxml.html.HtmlElement:
    response = owner.get(path)
    assert response.request.path == f"/assessments/{owner.token}{path}"
    return lxml.html.fromstring(owner.text)


def _text(page: lxml.html.HtmlElement) -> str:
    return _plain(page.text_content())


def _plain(text: str) -> str:
    return " ".join(text.split())


def _heading(owner: Owner) -> str:
    return _plain(lxml.html.fromstring(owner.text).xpath("string(//h1)"))


def _exported(client: FlaskClient, token: str) -> dict[str, Any]:
    """Return the export of an assessment without its moment."""
    export = client.get(f"/assessments/{token}/export.json").get_json()
    return {key: value for key, value in export.items() if key != "exported_at"}


def _everything(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table that release 0.1 had."""
    with left_database() as engine:
        names = list(tables_of(engine))
    with app.app_context():
        tables = tables_of(db.engine)
        return {
            name: sorted(rows(db.engine, tables[name], list(tables[name].columns.keys())), key=str) for name in names
        }


def _differing(content: bytes, settings: Settings) -> set[str]:
    """Return the places in which ``readiness verify`` says that an export differs."""
    file = answers_file_from(content, "export")
    lines = commands.verify_file(file, settings.rubric_folder, settings.database)
    return {line.split(": ")[0] for line in lines}


def _differing_under_its_own(app: Flask, case: dict[str, Any], content: bytes, settings: Settings) -> list[str]:
    """Return where an export differs from what its answers give under the rubric and the catalogue kept for it."""
    with app.app_context():
        kept = dict(rows(db.engine, tables_of(db.engine)["rubric_version"], ["digest", "document"]))
    version = version_from(json.loads(kept[case["digest"]]))
    file = answers_file_from(content, "export")
    return differences(file, version, lambda digest: commands.stored_catalogue(settings.database, digest))


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()
