"""Where the people in the room were far apart, in a sentence: nobody's single answer is in it."""

from __future__ import annotations

from collections.abc import Collection

from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion


def far_apart(dimensions: Collection[str], version: RubricVersion, words: Words) -> str:
    """Return the sentence that names *dimensions*, or "" for none."""
    texts = version.texts[words.language]
    names = [texts[f"dimensions.{id}.name"] for id in version.rubric.questions_by_dimension if id in dimensions]
    if not names:
        return ""
    return words.say("In the guided session people were far apart on: %(areas)s.", areas=words.listed(names))
