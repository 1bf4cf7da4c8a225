"""Which schemes belong to which band is changed at the desk, and new plans follow."""

from __future__ import annotations

import lxml.html
import pytest
from flask import Flask

from readiness.library.merging import SUPPORT, part_of
from readiness.services import schemes_desk
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.site_catalogue import head
from tests.desk.conftest import SOURCE, Desk
from tests.web.conftest import Owner

PAGE = "/staff/schemes/support"
FUNDING = "aware__funding_and_financing"
TRAINING = "aware__skills_and_training"


def bands() -> dict[str, dict[str, list[str]]]:
    db.session.rollback()
    found: dict[str, dict[str, list[str]]] = part_of(head(db.session).version.document, SUPPORT)["bands"]
    return found


def test_a_scheme_that_is_taken_out_leaves_new_plans_and_stays_in_the_old(desk: Desk, app: Flask) -> None:
    before = Owner(app.test_client()).start().answer_all().submit()
    assert 'id="scheme-nittp"' in before.text

    response = desk.submit(PAGE, **{TRAINING: "erb"}, reason="paused")

    assert response.status_code == 302, desk.text
    assert bands()["aware"]["skills_and_training"] == ["erb"]
    assert 'id="scheme-nittp"' not in Owner(app.test_client()).start().answer_all().submit().text
    before.get("/result")
    assert 'id="scheme-nittp"' in before.text


def test_saving_what_stands_there_changes_nothing(desk: Desk) -> None:
    before = head(db.session).number

    assert desk.submit(PAGE).status_code == 302

    db.session.rollback()
    assert head(db.session).number == before


@pytest.mark.parametrize("ids", ["nittp, no-such-scheme", "<script>", "nittp nittp", "x" * 2001])
def test_a_line_that_cannot_be_taken_comes_back_with_what_is_wrong(desk: Desk, ids: str) -> None:
    before = bands()

    response = desk.submit(PAGE, **{FUNDING: ids})

    assert response.status_code == 422
    assert "govuk-error-summary" in desk.text
    (field,) = lxml.html.fromstring(desk.text).xpath(f'//textarea[@name="{FUNDING}"]')
    assert field.text.strip() == ids
    assert bands() == before


def test_two_who_change_it_at_once_see_each_other(desk: Desk, editor: Actor) -> None:
    fields = {FUNDING: "sfgs"}
    desk.get(PAGE)
    mine = {**bands(), "ready": {"advisory": ["sme-one"]}}
    schemes_desk.change_support(editor, mine)

    number = str(head(db.session).number - 1)
    response = desk.submit(PAGE, **fields, seen=number)

    assert response.status_code == 409
    assert "Somebody changed this while the page was open" in desk.text
    assert bands() == mine


def test_a_scheme_that_is_not_open_is_marked_beside_each_line_that_holds_it(desk: Desk, editor: Actor) -> None:
    def marked() -> list[str]:
        page = lxml.html.fromstring(desk.get(PAGE))
        return [found.text_content() for found in page.xpath("//p[contains(@class, 'not-open')]")]

    before = marked()
    assert not any("nittp" in line for line in before)

    schemes_desk.close(editor, "nittp", on=today(), source=SOURCE)

    lines = [line for line in marked() if "nittp" in line]
    assert len(lines) == sum("nittp" in ids for kinds in bands().values() for ids in kinds.values()) > 0
    assert all("Closed" in line for line in lines)
