"""Where the people in the room were far apart, in a sentence: nobody's single answer is in it."""

from __future__ import annotations

from readiness.documents.words import Words
from readiness.services.database import db
from readiness.services.opening import Opened
from readiness.services.spreads import low_agreement


def far_apart(opened: Opened, words: Words) -> str:
    """Return the sentence for a result, or "" where people were near each other or there was no guided session."""
    texts = opened.version.texts[words.language]
    names = [
        texts[f"dimensions.{id}.name"] for id in low_agreement(db.session, opened.assessment.id, opened.version.rubric)
    ]
    if not names:
        return ""
    return words.say("In the guided session people were far apart on: %(areas)s.", areas=words.listed(names))
