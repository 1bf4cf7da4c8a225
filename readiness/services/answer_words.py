"""An answer of any kind in words."""

from __future__ import annotations

from readiness.core.answers import OTHER, Answer, Mark
from readiness.core.rubric import Kind
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion


def answer_words(version: RubricVersion, question_id: str, answer: Answer | None, words: Words) -> str:
    """Return an answer as the question words it."""
    if answer is None:
        return words.gettext("Not answered")
    if answer is Mark.NOT_SURE:
        return words.gettext("Not sure")
    if answer is Mark.NOT_APPLICABLE:
        return words.gettext("Does not apply to us")
    texts = version.texts[words.language]
    key = f"questions.{question_id}"

    def option(id: str) -> str:
        return id.removeprefix(OTHER) if id.startswith(OTHER) else texts[f"{key}.options.{id}"]

    if isinstance(answer, tuple):
        said = [
            f"{texts[f'{key}.rows.{each[0]}']}{words.colon}{option(each[1])}"
            if isinstance(each, tuple)
            else option(each)
            for each in answer
        ]
        return words.listed(said) or words.gettext("None of them")
    match version.rubric.questions_by_id[question_id].kind:
        case Kind.LEVEL:
            return texts[f"{key}.levels.{answer}.text"]
        case Kind.SINGLE:
            return option(str(answer))
    return str(answer)
