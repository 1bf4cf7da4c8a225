"""What owners do not understand: told on a question's page, for those who write the questions."""

from __future__ import annotations

from readiness.core.answers import UnknownQuestion
from readiness.models import Unclear
from readiness.services.database import now, writing
from readiness.services.opening import opened_in

#: Characters that are kept of what somebody writes; the page takes no more.
LONGEST = 1000


def say_unclear(token: str, question_id: str, text: str) -> None:
    """Keep that somebody does not understand a question, and why; what they told of it before is replaced.

    :param text: what is unclear, in any words; "" says only that it is.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises UnknownQuestion: if the assessment's version has no such question.
    """
    kept = text.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST]
    with writing() as session:
        opened = opened_in(session, token)
        if question_id not in opened.version.rubric.questions_by_id:
            raise UnknownQuestion(question_id, ())
        session.merge(Unclear(assessment_id=opened.assessment.id, question_id=question_id, text=kept, said_at=now()))
