"""What release 0.1 left is all there after an upgrade, on both databases: links, answers, results, plans, files.

Since then the revisions of a company are one family. An old link opens the newest of them, and what it opened
before stands at an address of its own: ``/results/<revision>``.

``release_0_1.sql.gz`` and ``release_0_1.json`` are what that release left; ``make_release_0_1.py`` says how.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import lxml.html
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from readiness.cli import main
from readiness.core.languages import Language
from readiness.library.exports import answers_file_from
from readiness.services import commands
from readiness.services.database import db
from readiness.services.migrating import migrations, newest_revision, revision
from readiness.services.triggers import broken_triggers
from readiness.settings import Settings
from tests.conftest import settings_for
from tests.upgrade.conftest import CASES, EDITED, FAMILIES, Case, Family, NewDatabase, rows, tables_of
from tests.web.conftest import LEVELS, Owner

#: At a start the candidate that is shipped becomes the newest one again, or a published version.
MOVES_AT_A_START = {"rubric_version": {"state", "created_at"}}
#: What an export says, beside the result and the plan.
SAID = ("rubric", "company", "answers", "digest")


def test_what_release_0_1_left_holds_a_company_at_every_stage() -> None:
    submitted = {id: case for id, case in CASES.items() if case["submitted"]}
    drafts = [case for case in CASES.values() if not case["submitted"]]

    assert {case["band"] for case in submitted.values()} == {"unaware", "aware", "ready", "competent", None}
    assert {case["language"] for case in drafts} == {language.value for language in Language}
    assert [id for id, case in submitted.items() if len(case["plan_sha256"]) > 1] == ["aware"]
    assert any(case["changes"] > len(case["answers"]) for case in drafts)
    several = [family for family in FAMILIES if len(family.revisions) > 1]
    assert several == [_family("ready"), _family("grown")]
    assert _family("ready").revisions == (CASES["ready"], CASES["ready_begun"])
    assert _family("grown").revisions == (CASES["grown"], CASES["grown_again"])
    assert [len(family.results) for family in several] == [1, 2]


# The upgrade itself


def test_an_upgrade_ends_at_the_newest_migration_with_the_tables_of_the_models(app: Flask) -> None:
    with app.app_context():
        assert migrations().current() == migrations().heads()
        assert {newest_revision()} == {revision()} == {head.revision for head in migrations().heads()}
        found = migrations().compare_metadata()
        # SQLite drops the triggers of a table that a migration makes anew: whoever writes such a migration makes them.
        assert broken_triggers(db.session.connection()) == []

    # Changes of a column come as lists, others as tuples. A required column that was added to a table
    # with rows needs a default in the database, which the model need not have.
    changes = [each for several in found for each in (several if isinstance(several, list) else [several])]
    assert [change for change in changes if change[0] != "modify_default"] == []


def test_starting_again_after_an_upgrade_changes_nothing(
    own_app: Flask, own_settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    before = _everything(own_app)

    after = _everything(make_app(own_settings))

    assert after == before


def test_every_row_that_was_left_is_there_in_every_column(release: sa.Engine, app: Flask) -> None:
    with app.app_context():
        tables = tables_of(db.engine)
        for name, table in tables_of(release).items():
            columns = [column.name for column in table.columns if column.name not in MOVES_AT_A_START.get(name, ())]
            left, kept = rows(release, table, columns), rows(db.engine, tables[name], columns)

            assert left, name
            assert [row for row in left if row not in kept] == [], name


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


def test_the_upgrade_makes_the_revisions_of_a_company_one_family(app: Flask) -> None:
    expected = {
        case["assessment"]: (family.revisions[0]["assessment"], number)
        for family in FAMILIES
        for number, case in enumerate(family.revisions, 1)
    }

    assert _numbered(app) == expected


def test_of_several_drafts_the_newest_stays_with_the_results_and_an_earlier_one_stands_alone(
    left: str, new_database: NewDatabase, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    # That release gave each result a draft of its own: here both of a company's results have one. The draft of the
    # later result is written first and begun last.
    settings = settings_for(new_database(copy_of=left), tmp_path)
    grown, again = CASES["grown"], CASES["grown_again"]
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        newest = _begin(connection, again, timedelta(days=2), "the newest draft", ai_talent=5)
        earlier = _begin(connection, grown, timedelta(days=1), "an earlier draft", ai_talent=2)
    engine.dispose()

    app = make_app(settings)

    family = grown["assessment"]
    numbered = _numbered(app)
    assert {id: place for id, place in numbered.items() if place[0] == family} == {
        grown["assessment"]: (family, 1),
        again["assessment"]: (family, 2),
        newest: (family, 3),
    }
    assert numbered[earlier] == (earlier, 1)
    client = app.test_client()
    for token in (*grown["tokens"], *again["tokens"], "the newest draft"):
        assert _exported(client, token)["answers"]["ai_talent"] == 5
        assert _exported(client, token, "/results/1")["answers"] == grown["answers"]
        assert _exported(client, token, "/results/2")["answers"] == again["answers"]
    assert _exported(client, "an earlier draft")["answers"]["ai_talent"] == 2
    assert _led(client, "an earlier draft", "/check") == 200
    assert _led(client, "an earlier draft", "/results/1") == 404


# What its pages show


def test_every_page_of_every_old_link_leads_where_the_newest_revision_leads(client: FlaskClient) -> None:
    for family, token in _links():
        # While a draft is under way, the newest result is shown.
        expected = family.newest["pages"] | ({"/result": 200} if family.results else {})

        assert {path: _led(client, token, path) for path in expected} == expected, token


def test_an_old_draft_shows_the_company_and_every_answer_where_they_were_given(client: FlaskClient) -> None:
    for family, token in _links():
        if (case := family.draft) is None:
            continue
        owner = _owner(client, case, token)

        company = _page(owner, "/company")
        assert company.xpath("string(//input[@name='name']/@value)") == (case["name"] or ""), token
        employees = company.xpath("//input[@name='employees'][@checked]/@value")
        assert employees == ([case["company"]["employees"]] if "employees" in case["company"] else []), token
        for question in LEVELS:
            chosen = _page(owner, f"/questions/{question}").xpath("//input[@name='answer'][@checked]/@value")
            assert chosen == ([str(case["answers"][question])] if question in case["answers"] else []), token
        check = _text(_page(owner, "/check"))
        assert [text for text in case["answer_texts"].values() if _plain(text) not in check] == [], token


def test_an_old_result_says_at_its_own_address_through_every_link_all_that_it_said(client: FlaskClient) -> None:
    for family, token, number, case in _results():
        owner = _owner(client, case, token)

        result = _page(owner, f"/results/{number}")

        where, heading, text = f"{token} {number}", _heading(result), _text(result)
        named = [case[key] for key in ("name", "band_name", "score") if case["band"]]
        assert [said for said in named if _plain(said) not in heading] == [], where
        assert case["name"] is None or case["name"] in text, where
        assert [said for said in case["answer_texts"].values() if _plain(said) not in text] == [], where
        assert [title for title in case["action_titles"] or [] if _plain(title) not in text] == [], where
        assert case["digest"] in text, where
        assert "<script>alert" not in owner.text, where
        assert f"/assessments/{token}/results/{number}/export.json" in _hrefs(result), where
        address = "" if number == family.newest_result else f"/results/{number}"
        offered = f"/assessments/{token}{address}/plan-{case['language']}.pdf" in _hrefs(result)
        assert offered == (case["band"] is not None), where


def test_the_plain_address_shows_the_newest_result_and_says_when_changes_were_begun(client: FlaskClient) -> None:
    for family, token in _links():
        if not family.results:
            continue
        owner = _owner(client, family.newest, token)

        plain = _page(owner, "/result")

        assert _text(plain) == _text(_page(owner, f"/results/{family.newest_result}")), token
        assert _notice(plain) == ([f"/assessments/{token}/check"] if family.draft else []), token


def test_the_newest_result_lists_the_earlier_ones_and_each_of_them_leads_back(client: FlaskClient) -> None:
    for family, token, number, case in _results():
        if len(family.results) == 1:
            continue
        owner = _owner(client, case, token)
        newest, here = f"/assessments/{token}/result", f"/assessments/{token}/results/"

        result = _page(owner, f"/results/{number}")

        others = {
            newest if other == family.newest_result else f"{here}{other}": family.results[other]
            for other in family.results
            if other != number
        }
        assert {href for href in _hrefs(result) if re.fullmatch(f"{newest}|{here}[0-9]+", href)} == set(others), token
        for href, other in others.items():
            links = " ".join(_text(link) for link in result.xpath("//main//a[@href=$href]", href=href))
            assert f"{other['band_name']} {other['score']}" in links, token
        assert _notice(result) == ([] if number == family.newest_result else [newest]), token


def test_an_old_result_opens_in_the_other_languages(client: FlaskClient) -> None:
    for family in FAMILIES:
        for number, case in family.results.items():
            for language in set(Language) - {Language(case["language"])}:
                owner = _owner(client, case | {"language": language.value})

                result = _page(owner, f"/results/{number}")

                assert owner.page.status_code == 200, case["about"]
                assert result.xpath("string(/html/@lang)") == language.tag, case["about"]
                assert (case["score"] or "9") in _heading(result), case["about"]


def test_where_nothing_was_submitted_there_is_no_result(client: FlaskClient) -> None:
    for family, token in _links():
        numbers = set(range(len(family.revisions) + 2)) - set(family.results)

        found = {
            _led(client, token, f"/results/{number}{file}")
            for number in numbers
            for file in ("", "/plan-en.pdf", "/export.json")
        }

        assert found == {404}, token


# One that was printed and stored before, and an earlier result in Chinese.
@pytest.mark.parametrize(("id", "path"), [("every_level_5", "/plan-en.pdf"), ("grown", "/results/1/plan-zh-Hans.pdf")])
def test_an_old_plan_can_be_printed(client: FlaskClient, id: str, path: str) -> None:
    case = CASES[id]

    response = client.get(f"/assessments/{_family(id).tokens[-1]}{path}")

    reader = PdfReader(BytesIO(response.data))
    cover, last = (_plain(reader.pages[index].extract_text()) for index in (0, -1))
    assert reader.metadata is not None
    assert case["name"] in (reader.metadata.title or "")
    assert case["band_name"] in cover
    assert case["score"] in cover
    assert case["digest"].removeprefix("sha256:") in last.replace(" ", "")


def test_without_an_old_plan_there_is_no_file(client: FlaskClient) -> None:
    statuses = {
        id: client.get(f"/assessments/{case['tokens'][0]}/plan-en.pdf").status_code
        for id, case in CASES.items()
        if not case["band"] and not case["revises"]
    }

    assert statuses == {"started": 302, "company_only": 302, "half_answered": 302, "too_few": 404}


def test_an_old_export_says_the_same_at_its_own_address(client: FlaskClient) -> None:
    for _, token, number, case in _results():
        export = _exported(client, token, f"/results/{number}")

        assert {key: export[key] for key in SAID} == {key: case[key] for key in SAID}, token
        assert ("plan" in export) == (case["band"] is not None), token
        assert export["result"]["band"] == case["band"], token
        if case["band"]:
            assert str(export["result"]["score"]) == case["score"], token
            assert [action["id"] for action in export["plan"]["actions"]] == case["actions"], token
            assert export["catalogue"] == case["catalogue"], token


def test_the_plain_export_is_that_of_the_newest_revision(client: FlaskClient) -> None:
    for family, token in _links():
        export = _exported(client, token)

        assert {key: export[key] for key in SAID} == {key: family.newest[key] for key in SAID}, token
        if family.draft:
            assert set(export) == set(SAID), token
        else:
            assert export == _exported(client, token, f"/results/{family.newest_result}"), token


# Whether it holds


def test_an_old_export_holds_by_the_database_although_the_candidate_in_the_folder_was_changed(
    client: FlaskClient, settings: Settings, edited_folder: Path
) -> None:
    for family in FAMILIES:
        for number in family.results:
            content = client.get(f"/assessments/{family.tokens[0]}/results/{number}/export.json").data

            assert _differing(content, edited_folder, settings.database) == []


def test_the_command_verifies_an_old_export_with_the_database_and_not_without_it(
    client: FlaskClient,
    settings: Settings,
    edited_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(client.get(f"/assessments/{CASES['grown']['tokens'][0]}/results/1/export.json").data)
    monkeypatch.setattr("sys.argv", ["readiness", "verify", str(path)])
    monkeypatch.setenv("READINESS_RUBRIC_FOLDER", str(edited_folder))
    monkeypatch.setenv("READINESS_INSTANCE_FOLDER", str(tmp_path / "nothing"))
    monkeypatch.setenv("READINESS_DATABASE", settings.database)

    with pytest.raises(SystemExit) as held:
        main()
    monkeypatch.delenv("READINESS_DATABASE")
    said = capsys.readouterr().out
    with pytest.raises(SystemExit) as held_not:
        main()

    assert (held.value.code, said.split(":")[0]) == (0, "It holds")
    assert (held_not.value.code, capsys.readouterr().out.split(":")[0]) == (1, "digest")


def test_a_rubric_edited_since_moves_nothing_that_was_begun_or_submitted_under_the_old_one(
    left: str, new_database: NewDatabase, edited_folder: Path, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    edited = settings_for(new_database(copy_of=left), tmp_path, rubric_folder=edited_folder)
    client = make_app(edited).test_client()
    new = Owner(client).start()

    new.get("/questions/management_support")

    assert EDITED in new.text
    for family in FAMILIES:
        for number, case in enumerate(family.revisions, 1):
            owner = _owner(client, case)
            shown = _text(_page(owner, f"/results/{number}" if case["submitted"] else "/check"))
            assert EDITED not in shown, case["about"]
            assert [said for said in case["answer_texts"].values() if _plain(said) not in shown] == [], case["about"]
            if case["submitted"]:
                export = _exported(client, owner.token, f"/results/{number}")
                assert (export["digest"], export["result"]["digest"]) == (case["digest"],) * 2, case["about"]


# Going on


def test_a_half_finished_assessment_goes_on_to_a_result_that_holds(
    own_client: FlaskClient, own_settings: Settings
) -> None:
    case = CASES["half_answered"]
    owner = _owner(own_client, case)
    missing = [question for question in LEVELS if question not in case["answers"]]

    for question in missing:
        assert owner.answer(question, 3).status_code == 302
    assert owner.answer("ai_talent", 2).status_code == 302
    owner.submit()

    content = own_client.get(f"/assessments/{owner.token}/export.json").data
    export = json.loads(content)
    assert export["answers"] == {**case["answers"], **dict.fromkeys(missing, 3), "ai_talent": 2}
    # 2, not sure, 2, 5, five times 3, not applicable, twice 3: 31 of 11.
    assert export["result"]["mean"] == "31/11"
    assert export["digest"] == case["digest"]
    assert case["name"] in _heading(_page(owner, "/result"))
    assert _differing(content, own_settings.rubric_folder, own_settings.database) == []


def test_a_half_finished_assessment_can_be_submitted_as_it_is(own_client: FlaskClient) -> None:
    case = CASES["half_answered"]
    owner = _owner(own_client, case).submit()

    export = _exported(own_client, owner.token)

    assert export["answers"] == case["answers"]
    assert export["result"]["band"] is None
    assert "plan" not in export


def test_one_that_was_just_started_goes_the_whole_way(own_client: FlaskClient) -> None:
    owner = _owner(own_client, CASES["started"])
    owner.get("")

    response = owner.post(f"/assessments/{owner.token}/company", name="海港食品 Harbour Foods", employees="10-19")

    assert response.headers["Location"].endswith("/questions/management_support")
    owner.answer_all().submit()
    assert "海港食品 Harbour Foods" in _heading(_page(owner, "/result"))
    assert _exported(own_client, owner.token)["result"]["mean"] == "41/12"


def test_an_old_result_is_revised_by_its_own_link_and_stays_at_its_own_address(own_client: FlaskClient) -> None:
    # The oldest link of a company with one result, and of one with two.
    for id, mean in (("unaware", "11/6"), ("grown", "43/12")):
        family = _family(id)
        owner = _owner(own_client, CASES[id])
        before = {number: _exported(own_client, owner.token, f"/results/{number}") for number in family.results}

        owner.get("/result")
        response = owner.post(f"/assessments/{owner.token}/revise")
        assert response.headers["Location"] == f"/assessments/{owner.token}/check"
        assert owner.answer("ai_governance", 5).status_code == 302
        owner.submit()

        after = _exported(own_client, owner.token)
        assert after["answers"] == {**family.newest["answers"], "ai_governance": 5}
        assert (after["digest"], after["result"]["mean"]) == (family.newest["digest"], mean)
        for token in family.tokens:
            assert _exported(own_client, token) == after
            assert {number: _exported(own_client, token, f"/results/{number}") for number in before} == before


def test_a_revision_that_was_begun_goes_on_from_every_link_of_the_company(own_client: FlaskClient) -> None:
    family, case = _family("ready"), CASES["ready_begun"]
    first, second, third = family.tokens
    before = _exported(own_client, first, "/results/1")

    # From the old result, from a link of the draft, and by asking once more for a revision.
    assert _owner(own_client, case, first).answer("ai_risk_control", 5).status_code == 302
    assert _owner(own_client, case, second).answer("ai_talent", 4).status_code == 302
    owner = _owner(own_client, case, third)
    owner.get("/check")
    owner.post(f"/assessments/{third}/revise")

    said = {**case["answers"], "ai_risk_control": 5, "ai_talent": 4}
    for token in family.tokens:
        assert _exported(own_client, token)["answers"] == said
        assert _led(own_client, token, "/results/2") == 404
    owner.submit()
    for token in family.tokens:
        assert _exported(own_client, token, "/results/2")["answers"] == said
        assert _exported(own_client, token, "/results/1") == before


def test_when_a_revision_that_was_begun_is_dropped_every_link_opens_the_result(own_client: FlaskClient) -> None:
    family = _family("ready")
    owner = _owner(own_client, CASES["ready_begun"])
    before = _exported(own_client, owner.token, "/results/1")

    owner.get("/check")
    owner.post(f"/assessments/{owner.token}/drop")

    assert {token: _led(own_client, token, "") for token in family.tokens} == dict.fromkeys(family.tokens, "/result")
    assert [_exported(own_client, token) for token in family.tokens] == [before] * len(family.tokens)


def test_further_facts_make_a_further_plan_of_the_newest_result_and_keep_every_earlier_one(
    own_client: FlaskClient, own_app: Flask
) -> None:
    left = {digest for case in CASES.values() for digest in case["plan_sha256"]}
    for id in ("aware", "grown"):
        family, owner = _family(id), _owner(own_client, CASES[id])
        before = {number: _exported(own_client, owner.token, f"/results/{number}") for number in family.results}
        owner.get("/result")

        response = owner.post(f"/assessments/{owner.token}/result", business_registration="yes", subvented="yes")

        assert response.status_code == 302
        after = {number: _exported(own_client, owner.token, f"/results/{number}") for number in family.results}
        assert after[family.newest_result]["result"] == before[family.newest_result]["result"]
        assert after.pop(family.newest_result)["company"]["subvented"] is True
        assert after.items() <= before.items()
    with own_app.app_context():
        documents = [_sha256(text) for (text,) in rows(db.engine, tables_of(db.engine)["plan"], ["document"])]
    assert left < set(documents)
    assert len(documents) == len(left) + 2


def _family(id: str) -> Family:
    return next(family for family in FAMILIES if CASES[id] in family.revisions)


def _links() -> Iterator[tuple[Family, str]]:
    """Yield every old link with what it opens."""
    for family in FAMILIES:
        for token in family.tokens:
            yield family, token


def _results() -> Iterator[tuple[Family, str, int, Case]]:
    """Yield every old link with each result that it opens."""
    for family, token in _links():
        for number, case in family.results.items():
            yield family, token, number, case


def _owner(client: FlaskClient, case: Case, token: str | None = None) -> Owner:
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


def _heading(page: lxml.html.HtmlElement) -> str:
    return _plain(page.xpath("string(//h1)"))


def _hrefs(page: lxml.html.HtmlElement) -> list[str]:
    return list(page.xpath("//main//a/@href"))


def _notice(page: lxml.html.HtmlElement) -> list[str]:
    """Return where the notice above a result leads."""
    return list(page.xpath("//main//*[@class='govuk-inset-text'][following::h1]//a/@href"))


def _exported(client: FlaskClient, token: str, address: str = "") -> dict[str, Any]:
    """Return the export of an assessment without its moment."""
    export = client.get(f"/assessments/{token}{address}/export.json").get_json()
    return {key: value for key, value in export.items() if key != "exported_at"}


def _everything(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table."""
    with app.app_context():
        tables = tables_of(db.engine)
        return {
            name: sorted(rows(db.engine, table, [column.name for column in table.columns]), key=str)
            for name, table in tables.items()
        }


def _numbered(app: Flask) -> dict[str, tuple[str, int]]:
    """Return the family and the number that the upgrade gave each assessment."""
    with app.app_context():
        found = rows(db.engine, tables_of(db.engine)["assessment"], ["id", "family_id", "revision"])
    return {id: (family, revision) for id, family, revision in found}


def _begin(connection: sa.Connection, revised: Case, later: timedelta, token: str, **answers: object) -> str:
    """Begin a revision as release 0.1 did, so much later than the one that it left begun; return its id."""
    tables = tables_of(connection)
    begun = CASES["ready_begun"]["assessment"]

    def copied(name: str, column: str, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        table = tables[name]
        found = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        of_it = [row for row in found if str(row[column]).replace("-", "") == begun]
        connection.execute(table.insert(), [row | changed(row) for row in of_it])

    new = uuid4()
    # SQLite keeps an id as text.
    id: Any = new if connection.dialect.name == "postgresql" else new.hex
    of = type(id)(revised["assessment"])
    copied("assessment", "id", lambda row: {"id": id, "revises_id": of, "created_at": row["created_at"] + later})
    copied(
        "answer",
        "assessment_id",
        lambda row: {"assessment_id": id, "value": answers.get(row["question_id"], row["value"])},
    )
    link = connection.execute(sa.select(tables["link"]).limit(1)).mappings().one()
    own = {"id": type(id)(uuid4().hex), "assessment_id": id, "token_hash": sha256(token.encode()).digest()}
    connection.execute(tables["link"].insert(), [dict(link) | own])
    return new.hex


def _differing(content: bytes, folder: Path, database: str) -> list[str]:
    """Return the lines in which ``readiness verify`` says where an export differs."""
    return commands.verify_file(answers_file_from(content, "export"), folder, database)


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# Schemes


def test_the_upgrade_notes_which_schemes_the_plans_recommend(app: Flask) -> None:
    with app.app_context():
        tables = tables_of(db.engine)
        noted = set(rows(db.engine, tables["plan_scheme"], ["plan_id", "scheme_id"]))
        plans = list(rows(db.engine, tables["plan"], ["id", "document"]))

    expected = {
        (plan, scheme["id"])
        for plan, document in plans
        for scheme in json.loads(document)["schemes"]
        if scheme["recommended"]
    }
    assert expected
    assert noted == expected


def test_after_an_upgrade_the_history_of_the_catalogue_is_guarded(own_app: Flask) -> None:
    with own_app.app_context(), db.engine.connect() as connection:
        for statement in ("UPDATE catalogue_change SET reason = 'x'", "DELETE FROM catalogue_change"):
            with pytest.raises(sa.exc.DatabaseError), connection.begin():
                connection.execute(sa.text(statement))
