"""A draft as a whole: what is in it, how its translations stand, what the check says, and what is next."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core.languages import Language
from readiness.library.canonical import digest_of
from readiness.library.draft_documents import NoSuchPlace, ids_of, mark_of, value_at
from readiness.library.languages import TRANSLATIONS
from readiness.library.yaml_files import FileProblem, FileProblems
from readiness.services import drafts, publishing
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.drafts import Draft, DraftClosed, DraftUnknown, IdTaken, IdUnreadable, PlaceChanged, State
from readiness.services.publishing import AlreadyInReview, AlreadyPublished
from readiness.services.versions import DigestDiffers
from readiness.web.language import words
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.labels import step_label, translation_label
from readiness.web.staff import actor

#: Lists whose things can be put in another order.
MOVED = ("questions", "dimensions", "pillars", "gates")


@blueprint.get("/rubrics/<uuid:draft_id>")
def draft(draft_id: UUID) -> str:
    """Show a draft as a whole.

    :raise 404: if there is none.
    """
    reader()
    return _page(found_draft(draft_id))


@blueprint.post("/rubrics/<uuid:draft_id>/submit")
def draft_submit(draft_id: UUID) -> Response | tuple[str, int]:
    """Put it in review, if the check finds nothing.

    :raise 404: if there is no such draft.
    """
    found = found_draft(draft_id)
    try:
        drafts.submit(actor(), draft_id)
    except FileProblems:
        return _page(found, problem="wrong"), 422
    except AlreadyInReview:
        return _page(found, problem="in_review"), 409
    except (AlreadyPublished, DigestDiffers):
        return _page(found, problem="published"), 409
    except DraftClosed:
        return _page(found, problem="closed"), 409
    return redirect(url_for("maintainer.review", number=found.number))


@blueprint.post("/rubrics/<uuid:draft_id>/close")
def draft_close(draft_id: UUID) -> Response:
    """Put it aside.

    :raise 404: if there is no such draft.
    """
    found_draft(draft_id)
    try:
        drafts.close(actor(), draft_id)
    except DraftClosed:
        abort(404)
    return redirect(url_for("maintainer.versions"))


@blueprint.post("/rubrics/<uuid:draft_id>/questions")
def question_add(draft_id: UUID) -> Response | tuple[str, int]:
    """Add a question, with its dimension if that is new.

    :raise 404: if there is no such draft.
    """
    found = found_draft(draft_id)
    given = {name: request.form.get(name, "").strip() for name in ("question", "dimension", "new_dimension", "pillar")}
    dimension = given["new_dimension"] or given["dimension"]
    if not dimension:
        return _page(found, problem="dimension", given=given), 422
    try:
        drafts.add_question(actor(), draft_id, given["question"], dimension=dimension, pillar=given["pillar"] or None)
    except IdUnreadable:
        return _page(found, problem="id", given=given), 422
    except IdTaken:
        return _page(found, problem="taken", given=given), 422
    except NoSuchPlace:
        return _page(found, problem="pillar", given=given), 422
    except DraftClosed:
        return _page(found_draft(draft_id), problem="closed", given=given), 409
    except DraftUnknown:
        abort(404)
    return redirect(url_for("maintainer.page", draft_id=draft_id, part="questions", thing=given["question"]))


@blueprint.post("/rubrics/<uuid:draft_id>/questions/<thing>/remove")
def question_remove(draft_id: UUID, thing: str) -> Response | tuple[str, int]:
    """Take a question out.

    :raise 404: if there is no such question.
    :raise 409: if somebody changed it meanwhile.
    """
    found = found_draft(draft_id)
    try:
        drafts.remove_question(actor(), draft_id, thing, request.form.get("seen", ""))
    except (NoSuchPlace, DraftClosed):
        abort(404)
    except PlaceChanged:
        return _page(found, problem="removed"), 409
    return redirect(url_for("maintainer.draft", draft_id=draft_id))


@blueprint.post("/rubrics/<uuid:draft_id>/<name>/<thing>/move")
def move(draft_id: UUID, name: str, thing: str) -> Response:
    """Move a thing up or down its list.

    :raise 404: if it is not there.
    """
    found_draft(draft_id)
    if name not in MOVED:
        abort(404)
    try:
        drafts.reorder(actor(), draft_id, name, thing, by=-1 if request.form.get("to") == "up" else 1)
    except (NoSuchPlace, DraftClosed):
        abort(404)
    return redirect(url_for("maintainer.draft", draft_id=draft_id, _anchor=f"{name}-{thing}"))


def address_of(draft_id: UUID, problem: FileProblem, document: Any) -> str:
    """Return the page on which the place of a problem is written."""
    steps = re.split(r"[.\s/]", problem.where)
    known = {name: ids_of(document, name) for name in ("questions", "actions", "dimensions")}
    match steps:
        case ["questions", id, *_] if id in known["questions"]:
            return url_for("maintainer.page", draft_id=draft_id, part="questions", thing=id)
        case ["actions", id, *_] if id in known["actions"]:
            return url_for("maintainer.page", draft_id=draft_id, part="actions", thing=id)
        case ["dimensions", id, *_] if id in known["dimensions"]:
            asked = [q["id"] for q in document["rubric"]["questions"] if q.get("dimension") == id]
            thing = asked[0] if asked else None
            if thing:
                return url_for("maintainer.page", draft_id=draft_id, part="questions", thing=thing)
        case ["bands" | "gates" as part, *_]:
            return url_for("maintainer.page", draft_id=draft_id, part=part)
    return url_for("maintainer.page", draft_id=draft_id, part="policy")


def _language_of(problem: FileProblem) -> Language | None:
    """Return the language of the translation that a problem lies in."""
    return next((each for each in TRANSLATIONS if problem.path.endswith(f"/{each.value}.yaml")), None)


def _page(found: Draft, **more: Any) -> str:
    problems = [] if found.closed else drafts.problems(db.session, found)
    here = actor()
    document = found.document
    texts = found.english
    questions = [
        {
            "id": question["id"],
            "number": number,
            "text": question.get("text") or question["id"],
            "dimension": question.get("dimension"),
            "seen": mark_of(value_at(document, f"questions.{question['id']}")),
            "states": found.states(f"questions.{question['id']}."),
        }
        for number, question in enumerate(document["rubric"].get("questions", []), start=1)
    ]
    return render_template(
        "maintainer/draft.html",
        draft=found,
        questions=questions,
        texts=texts,
        ids={name: ids_of(document, name) for name in ("pillars", "dimensions", "actions", "gates")},
        dimensions={each["id"]: each for each in document["rubric"].get("dimensions", [])},
        states=found.states(),
        state_label=lambda state: translation_label(state, words()),
        State=State,
        problems=problems,
        unsaid=[] if found.closed else drafts.warnings(found),
        language_of=_language_of,
        address_of=lambda problem: address_of(found.id, problem, document),
        digest=digest_of(found.to_publish),
        last=next(iter(publishing.steps_of(db.session, found.number)), None),
        step_label=lambda step: step_label(step, words()),
        changes=drafts.changes_of(db.session, found.id, 20),
        may_edit=Capability.EDIT_DRAFTS in here.capabilities and not found.closed,
        others=publishing.who_may_publish(db.session, besides=here.id),
        **more,
    )
