"""A question that nobody understands is told of by owners, counted, and found at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import AnswerRow, Assessment, Unclear
from readiness.services.accounts import Capability
from readiness.services.database import db, now, writing
from readiness.services.opening import opened_in
from readiness.services.question_statistics import AtQuestion, NoSuchVersion, Statistics, numbers, statistics
from tests.web.conftest import LEVELS, Owner
from tests.web.staffing import Staff

FIRST, SECOND = list(LEVELS)[:2]


def told(app: Flask) -> list[tuple[str, str]]:
    """Return what was told, by question."""
    with app.app_context():
        rows = db.session.execute(sa.select(Unclear.question_id, Unclear.text).order_by(Unclear.question_id))
        return [(id, text) for id, text in rows]


def counted(app: Flask, number: str = "2026.1") -> Statistics:
    """Return the statistics of a version."""
    with app.app_context():
        return statistics(db.session, number, now())


def at(app: Flask, question: str) -> AtQuestion:
    """Return what was counted at one question."""
    return next(each for each in counted(app).questions if each.question == question)


def test_an_owner_tells_and_stays_on_the_question_with_what_was_chosen(owner: Owner, app: Flask) -> None:
    owner.start(name="Wing Fat")

    answered = owner.answer(FIRST, 3, then="unclear", unclear="What is\r\na 'use case'?")

    assert answered.headers["Location"].endswith(f"/questions/{FIRST}?told=1#told")
    owner.page = owner.client.get(answered.headers["Location"])
    assert 'id="told"' in owner.text
    assert 'value="3" checked' in owner.text
    assert told(app) == [(FIRST, "What is\na 'use case'?")]


def test_the_press_alone_tells_it_and_no_answer_is_needed(owner: Owner, app: Flask) -> None:
    owner.start()

    assert owner.answer(FIRST, "", then="unclear").status_code == 302

    assert told(app) == [(FIRST, "")]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AnswerRow)) == 0


def test_what_is_written_is_kept_with_any_button_and_even_if_the_answer_is_refused(owner: Owner, app: Flask) -> None:
    owner.start()

    owner.answer(FIRST, 2, unclear="Which year?")
    refused = owner.answer(SECOND, "", unclear="All of it")

    assert refused.status_code == 422
    assert sorted(told(app)) == sorted([(FIRST, "Which year?"), (SECOND, "All of it")])


def test_telling_again_replaces_and_long_texts_are_cut(owner: Owner, app: Flask) -> None:
    owner.start().answer(FIRST, 2, then="unclear", unclear="one")

    owner.answer(FIRST, 2, then="unclear", unclear="x" * 3000)

    assert told(app) == [(FIRST, "x" * 1000)]


def test_a_reader_and_a_stranger_cannot_tell_and_an_unknown_question_is_not_found(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()
    reading = owner.give("read", "Mei")

    statuses = [
        owner.post(f"/assessments/{token}/questions/{question}", then="unclear", unclear="?").status_code
        for token, question in ((reading, FIRST), ("nobody", FIRST), (owner.token, "made_up"))
    ]

    assert statuses == [403, 404, 404]
    assert told(app) == []


def test_it_is_deleted_with_everything(owner: Owner, app: Flask) -> None:
    owner.start().answer(FIRST, 2, unclear="Which year?")
    owner.get("/delete")

    assert owner.post(f"/assessments/{owner.token}/delete").status_code == 302

    assert told(app) == []


def test_the_form_continues_on_enter_not_tells(owner: Owner) -> None:
    owner.start().get(f"/questions/{FIRST}")

    # Enter presses the first button of the form.
    form = owner.text[owner.text.index('id="answer-form"') :]
    assert form.index('value="continue"') < form.index('value="unclear"')


def test_answers_not_sure_notes_and_changes_are_counted(app: Flask) -> None:
    for choice, note in ((3, ""), ("not_sure", "ask Mei"), ("not_sure", "")):
        Owner(app.test_client()).start().answer(FIRST, choice, note=note)
    changing = Owner(app.test_client()).start()
    for choice in (2, 4, 5):
        changing.answer(FIRST, choice)

    found = at(app, FIRST)

    assert (found.answered, found.not_sure, found.notes, found.changed) == (4, 2, 1, 1)
    assert found.trouble == Fraction(2, 4)
    assert (counted(app).begun, counted(app).submitted) == (4, 0)


@pytest.mark.parametrize(("days", "left"), [(6, 0), (8, 1)])
def test_a_draft_that_nobody_touched_for_a_week_was_left_at_its_next_question(
    owner: Owner, app: Flask, days: int, left: int
) -> None:
    owner.start().answer(FIRST, 2)
    with app.app_context(), writing() as session:
        opened_in(session, owner.token).assessment.saved_at = now() - timedelta(days=days)

    assert (at(app, FIRST).left, at(app, SECOND).left) == (0, left)


def test_a_result_and_changes_begun_after_it_were_not_left(owner: Owner, app: Flask) -> None:
    owner.start().answer_all(**{SECOND: None}).submit()
    owner.post(f"/assessments/{owner.token}/revise")
    with app.app_context(), writing() as session:
        session.execute(sa.update(Assessment).values(saved_at=now() - timedelta(days=30)))

    found = counted(app)

    assert {each.left for each in found.questions} == {0}
    assert (found.begun, found.submitted) == (2, 1)


def test_a_version_that_was_never_published_has_none(app: Flask) -> None:
    with app.app_context():
        assert "2026.1" in numbers(db.session)
        with pytest.raises(NoSuchVersion):
            statistics(db.session, "1999.1", now())


def test_the_desk_puts_the_question_with_most_trouble_first_and_shows_what_was_said(
    app: Flask, staff: Callable[..., Staff]
) -> None:
    Owner(app.test_client()).start(name="Wing Fat").answer(SECOND, "not_sure", unclear="What is <literacy>?")
    here = staff(Capability.SEE_STATISTICS)

    page = here.client.get("/staff/questions?version=2026.1&lang=en").get_data(as_text=True)

    assert page.index(f'<code class="small">{SECOND}<') < page.index(f'<code class="small">{FIRST}<')
    assert "What is &lt;literacy&gt;?" in page
    assert "Wing Fat" not in page


def test_without_the_capability_the_page_is_closed(app: Flask, staff: Callable[..., Staff]) -> None:
    assert staff(Capability.EDIT_DRAFTS).client.get("/staff/questions").status_code == 403


def test_a_version_that_is_not_there_is_not_found(app: Flask, staff: Callable[..., Staff]) -> None:
    assert staff(Capability.SEE_STATISTICS).client.get("/staff/questions?version=1999.1").status_code == 404
