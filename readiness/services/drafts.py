"""Versions that are being written: every change is one place, one transaction, one line in the log.

Two people who change different places both win. Whoever changes a place that somebody else changed meanwhile sees
both values and is asked; nothing is overwritten unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.core.languages import Language
from readiness.core.version_numbers import ChangeKind, next_number
from readiness.library.canonical import canonical
from readiness.library.draft_documents import (
    NoSuchPlace,
    english_of,
    ids_of,
    mark_of,
    translation_of,
    value_at,
    with_value,
)
from readiness.library.languages import TRANSLATIONS
from readiness.library.predecessor_checks import stale_texts, unsaid_by_method
from readiness.library.rubrics import STILL_RIGHT, RubricVersion, version_from
from readiness.library.yaml_files import FileProblem, FileProblems
from readiness.models import Account, DraftChange, StoredDraft, StoredRubric
from readiness.services import publishing
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db, now, writing
from readiness.services.versions import PUBLISHED, rubric_of

LONGEST_PATH = 255
#: Characters of one text.
LONGEST_TEXT = 5000
#: What a new level question is scored by, until someone writes it.
EMPTY_LEVEL = {"text": "", "evidence": ""}


class DraftUnknown(LookupError):
    """There is no such draft, or it was closed."""


class DraftClosed(RuntimeError):
    """The draft was put aside or became a version: it is only read."""


class IdTaken(ValueError):
    """An id stands for something else already, in this draft or in an earlier version."""

    def __init__(self, id: str) -> None:
        super().__init__(f"{id}: this id is taken; an id is never used twice")
        #: The id.
        self.id = id


class IdUnreadable(ValueError):
    """An id is no short lower-case name."""

    def __init__(self, id: str) -> None:
        super().__init__("an id begins with a letter and holds small letters, digits and _")
        #: What was given.
        self.id = id


class PlaceChanged(RuntimeError):
    """Somebody else changed this place meanwhile: both are shown, and the person chooses."""

    def __init__(self, path: str, saved: Any, yours: Any, by: str) -> None:
        super().__init__(f"{path} was changed by {by} meanwhile")
        #: The place.
        self.path = path
        #: What is saved now.
        self.saved = saved
        #: What would have been saved.
        self.yours = yours
        #: Who changed it.
        self.by = by


class State(StrEnum):
    """How a translation stands to its English text."""

    CURRENT = "current"
    BEHIND = "behind"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Edit:
    """A value for one place, and the mark of the value that the person saw there."""

    path: str
    value: Any
    seen: str


@dataclass(frozen=True)
class Draft:
    """A version that is being written."""

    id: UUID
    number: str
    base: RubricVersion
    document: Mapping[str, Any]
    translated_from: Mapping[str, Mapping[str, str]]
    counter: int
    changed_by: str
    changed_at: datetime
    closed: bool

    @cached_property
    def english(self) -> dict[str, str]:
        """The English texts by key."""
        return english_of(self.document)

    def translation(self, language: Language) -> dict[str, str]:
        """Return the texts of a translation by key."""
        return translation_of(self.document, language)

    def state_of(self, language: Language, key: str) -> State:
        """Return how a translation stands to its English text."""
        if not self._texts[language].get(key, "").strip():
            return State.MISSING
        made_from = self.translated_from.get(language.value, {}).get(key)
        return State.CURRENT if made_from == mark_of(self.english.get(key, "")) else State.BEHIND

    def states(self, prefix: str = "") -> dict[Language, dict[State, int]]:
        """Return how many translations of the texts below *prefix* stand how."""
        found = {language: dict.fromkeys(State, 0) for language in TRANSLATIONS}
        for key in self.english:
            if key.startswith(prefix):
                for language in TRANSLATIONS:
                    found[language][self.state_of(language, key)] += 1
        return found

    @cached_property
    def _texts(self) -> dict[Language, dict[str, str]]:
        return {language: self.translation(language) for language in TRANSLATIONS}

    @cached_property
    def to_publish(self) -> dict[str, Any]:
        """The document as it would be submitted: with what was confirmed to be still right."""
        document = deepcopy(dict(self.document))
        try:
            version = version_from(document, f"draft {self.number}")
        except FileProblems:
            return document
        for language in TRANSLATIONS:
            right = [
                key
                for key in stale_texts(version, self.base, language)
                if self.state_of(language, key) is State.CURRENT
            ]
            document["texts"][language.value].pop(STILL_RIGHT, None)
            if right:
                document["texts"][language.value][STILL_RIGHT] = right
        return document

    def version(self) -> RubricVersion:
        """Return the version that the draft would become.

        :raises FileProblems: with what keeps it from being used.
        """
        return version_from(self.to_publish, f"draft {self.number}")


def create(actor: Actor, number: str) -> UUID:
    """Begin a draft from a published version and return its id.

    :raises NotAllowed: if the actor may not edit drafts.
    :raises DraftUnknown: if no version of this number is published.
    """
    actor.must(Capability.EDIT_DRAFTS)
    with writing() as session:
        row = session.scalar(
            sa.select(StoredRubric).where(StoredRubric.number == number, StoredRubric.state == PUBLISHED)
        )
        if row is None:
            raise DraftUnknown
        base = rubric_of(row)
        document = _next_document(base)
        english = english_of(document)
        marks = {language.value: {key: mark_of(text) for key, text in english.items()} for language in TRANSLATIONS}
        moment = now()
        draft = StoredDraft(
            number=document["rubric"]["id"],
            version_id=row.id,
            document=canonical(document),
            translated_from=marks,
            counter=0,
            created_by_id=actor.id,
            created_at=moment,
            changed_by_id=actor.id,
            changed_at=moment,
        )
        session.add(draft)
        session.flush()
        return draft.id


def listed(session: Session) -> list[Draft]:
    """Return the open drafts, the one changed last first."""
    rows = session.scalars(
        sa.select(StoredDraft)
        .where(StoredDraft.closed_at.is_(None))
        .options(undefer(StoredDraft.document))
        .order_by(StoredDraft.changed_at.desc(), StoredDraft.id)
    )
    return [_draft(session, row) for row in rows]


def find(session: Session, id: UUID) -> Draft:
    """Return a draft, closed or not.

    :raises DraftUnknown: if there is none.
    """
    row = session.get(StoredDraft, id, options=[undefer(StoredDraft.document)])
    if row is None:
        raise DraftUnknown
    return _draft(session, row)


def set_text(actor: Actor, id: UUID, path: str, value: Any, seen: str) -> Draft:
    """Put a value at one place.

    :param seen: the mark of the value that the person saw there.
    :raises PlaceChanged: if somebody else put another value there meanwhile.
    """
    draft, conflicts = change(actor, id, [Edit(path, value, seen)])
    if conflicts:
        raise conflicts[0]
    return draft


def change(actor: Actor, id: UUID, edits: Iterable[Edit]) -> tuple[Draft, list[PlaceChanged]]:
    """Put values at several places; return the draft and the places that somebody else changed meanwhile.

    What does not conflict is saved; what does is not, and is returned.

    :raises NotAllowed: if the actor may not edit drafts.
    :raises DraftUnknown: if there is no such draft.
    :raises DraftClosed: if it is closed.
    :raises NoSuchPlace: if a path names no place; then nothing is saved.
    """
    conflicts: list[PlaceChanged] = []
    with _open(actor, id) as (session, row, writer):
        for edit in edits:
            saved = value_at(writer.document, edit.path)
            if mark_of(saved) != edit.seen and saved != edit.value:
                conflicts.append(PlaceChanged(edit.path, saved, edit.value, _last_writer(session, row, edit.path)))
                continue
            writer.put(edit.path, edit.value)
        writer.keep_map()
    return _draft(db.session, row), conflicts


def confirm_translation(actor: Actor, id: UUID, language: Language, key: str, seen: str) -> None:
    """Say that a translation is right although its English text changed.

    :param seen: the mark of the English text that the person compared it with.
    :raises PlaceChanged: if the English text is another by now.
    """
    with _open(actor, id) as (session, row, writer):
        english = english_of(writer.document).get(key, "")
        if mark_of(english) != seen:
            raise PlaceChanged(key, english, english, _last_writer(session, row, key))
        writer.note(f"{language.value}/{key}", "behind", "still right")
        writer.made_from(language.value, key)


def add_question(
    actor: Actor,
    id: UUID,
    question: str,
    *,
    dimension: str,
    pillar: str | None = None,
) -> None:
    """Add a level question, with its dimension and actions if that is new; texts are written afterwards.

    :param pillar: the pillar of a new dimension.
    :raises IdTaken: if an id is used already, in the draft or in an earlier version for another question.
    :raises IdUnreadable: if it is no id.
    """
    for name in (question, dimension):
        _require_id(name)
    with _open(actor, id) as (_, row, writer):
        base = rubric_of(writer.base_row)
        if question in ids_of(writer.document, "questions") or question in base.rubric.questions_by_id:
            raise IdTaken(question)
        scale = writer.document["rubric"]["scoring"]["scale"]
        if dimension not in ids_of(writer.document, "dimensions"):
            if pillar not in ids_of(writer.document, "pillars"):
                raise NoSuchPlace(f"pillars.{pillar}")
            new = {"id": dimension, "pillar": pillar, "weight": "1", "name": "", "definition": ""}
            writer.put(f"dimensions.{dimension}", new)
            for level in range(scale["lowest"], scale["highest"]):
                action = _new_action(dimension, level)
                if action["id"] in ids_of(writer.document, "actions"):
                    raise IdTaken(action["id"])
                writer.put(f"actions.{action['id']}", action)
        levels = {str(level): dict(EMPTY_LEVEL) for level in range(scale["lowest"], scale["highest"] + 1)}
        asked = {"id": question, "kind": "level", "dimension": dimension, "weight": "1"}
        writer.put(f"questions.{question}", {**asked, "text": "", "why": "", "example": "", "levels": levels})
        if "map" in writer.document:
            writer.put(f"map.questions.{question}", "new")
        _ = row


def remove_question(actor: Actor, id: UUID, question: str, seen: str) -> None:
    """Take a question out, with its dimension and that one's actions if no other question belongs to it.

    :raises PlaceChanged: if somebody else changed it meanwhile.
    :raises NoSuchPlace: if there is no such question.
    """
    with _open(actor, id) as (session, row, writer):
        there = value_at(writer.document, f"questions.{question}")
        if there is None:
            raise NoSuchPlace(f"questions.{question}")
        if mark_of(there) != seen:
            path = f"questions.{question}"
            raise PlaceChanged(path, there, None, _last_writer(session, row, path))
        writer.remove(f"questions.{question}")
        dimension = there.get("dimension")
        others = [each for each in writer.document["rubric"]["questions"] if each.get("dimension") == dimension]
        if dimension and not others:
            writer.remove(f"dimensions.{dimension}")
            for action in list(writer.document["actions"]["actions"]):
                if action.get("dimension") == dimension:
                    writer.remove(f"actions.{action['id']}")
        if "map" in writer.document:
            writer.put(f"map.questions.{question}", None)
            before = rubric_of(writer.base_row)
            if question in before.rubric.questions_by_id:
                retired = list(value_at(writer.document, "map.retired") or [])
                writer.put("map.retired", [*retired, question])


def reorder(actor: Actor, id: UUID, name: str, thing: str, *, by: int) -> None:
    """Move a thing of a list, such as a question, up (-1) or down (1).

    :raises NoSuchPlace: if the list or the thing is not there.
    """
    with _open(actor, id) as (_, _row, writer):
        place = "actions.actions" if name == "actions" else name
        root = writer.document["actions"] if name == "actions" else writer.document["rubric"]
        things = root.get(name)
        if not isinstance(things, list) or thing not in ids_of(writer.document, name):
            raise NoSuchPlace(f"{name}.{thing}")
        ids = ids_of(writer.document, name)
        index = ids.index(thing)
        target = min(max(index + by, 0), len(ids) - 1)
        if target == index:
            return
        moved = list(things)
        moved.insert(target, moved.pop(index))
        writer.note(f"{place} (order)", ids, [each["id"] for each in moved])
        root[name] = moved


def close(actor: Actor, id: UUID) -> None:
    """Put a draft aside; it and its changes stay readable."""
    with _open(actor, id) as (_, row, _writer):
        row.closed_by_id, row.closed_at = actor.id, now()


def submit(actor: Actor, id: UUID) -> StoredRubric:
    """Put what the draft has become in review; as :func:`readiness.services.publishing.submit` does.

    :raises DraftUnknown: if there is no such draft.
    :raises DraftClosed: if it is closed.
    :raises FileProblems: also if a translation is behind, of a text that the version before did not have, too.
    """
    actor.must(Capability.EDIT_DRAFTS)
    with writing() as session:
        row = _row(session, id)
        draft = _draft(session, row)
        if behind := _behind(draft):
            raise FileProblems(behind)
        return publishing.submit_in(session, actor, draft.to_publish, f"draft {draft.number}")


def problems(session: Session, draft: Draft) -> list[FileProblem]:
    """Return everything that keeps the draft from being submitted."""
    found = publishing.problems_of(draft.to_publish, publishing.known_versions(session), f"draft {draft.number}")
    # The desk knows of more translations that are behind, and what is to be done about them here.
    behind = _behind(draft)
    known = {(each.path, each.where) for each in behind}
    return [*(each for each in found if (each.path, each.where) not in known), *behind]


def _behind(draft: Draft) -> list[FileProblem]:
    """Return the translations whose English text was changed since they were written."""
    return [
        FileProblem(
            f"draft {draft.number}/{language.value}.yaml",
            key,
            "is behind: its English text changed, the translation did not",
            remedy="write it again, or say beside it that it is still right",
        )
        for language in TRANSLATIONS
        for key in draft.english
        if draft.state_of(language, key) is State.BEHIND
    ]


def warnings(draft: Draft) -> list[str]:
    """Return what changed without a word in the method, which tells it; this keeps no draft back."""
    try:
        return unsaid_by_method(draft.version(), draft.base)
    except FileProblems:
        return []


def changes_of(session: Session, id: UUID, newest: int = 50) -> list[tuple[DraftChange, str]]:
    """Return the newest changes of a draft, with who made each."""
    rows = session.execute(
        sa.select(DraftChange, Account.email)
        .join(Account, Account.id == DraftChange.changed_by_id)
        .where(DraftChange.draft_id == id)
        .order_by(DraftChange.id.desc())
        .limit(newest)
    )
    return [(change, email) for change, email in rows]


class _Writer:
    """Changes of one transaction to one draft."""

    def __init__(self, session: Session, row: StoredDraft, actor: Actor) -> None:
        self._session, self._row, self._actor = session, row, actor
        self.document: dict[str, Any] = json.loads(row.document)
        self.translated_from: dict[str, dict[str, str]] = deepcopy(row.translated_from)
        self.base_row = session.get_one(StoredRubric, row.version_id)
        self.counter = row.counter
        self._noted = 0

    def put(self, path: str, value: Any) -> None:
        before = value_at(self.document, path)
        if before == value:
            return
        self.document = with_value(self.document, path, value)
        self.note(path, before, value)
        language, slash, key = path.partition("/")
        if slash:
            self.made_from(language, key)

    def remove(self, path: str) -> None:
        """Take something out, with its translations."""
        self.put(path, None)
        for language in TRANSLATIONS:
            if value_at(self.document, f"{language.value}/{path}") is not None:
                self.put(f"{language.value}/{path}", None)

    def made_from(self, language: str, key: str) -> None:
        """Remember which English text a translation was made from."""
        self.translated_from.setdefault(language, {})[key] = mark_of(english_of(self.document).get(key, ""))

    def note(self, path: str, before: Any, after: Any) -> None:
        if self._noted == 0:
            self.counter += 1
        self._noted += 1
        self._session.add(
            DraftChange(
                draft_id=self._row.id,
                counter=self.counter,
                path=path[:LONGEST_PATH],
                before=before,
                after=after,
                changed_by_id=self._actor.id,
                changed_at=now(),
            )
        )

    def keep_map(self) -> None:
        """Call a question reworded once what people answer by differs from the version before, and same again."""
        origins = value_at(self.document, "map.questions")
        if not isinstance(origins, Mapping):
            return
        before = rubric_of(self.base_row).document
        for id in ids_of(self.document, "questions"):
            if origins.get(id) not in ("same", "reworded"):
                continue
            said = "same" if _asked(self.document, id) == _asked(before, id) else "reworded"
            if said != origins[id]:
                self.put(f"map.questions.{id}", said)

    def save(self) -> None:
        if not self._noted:
            return
        self._row.document = canonical(self.document)
        self._row.translated_from = self.translated_from
        self._row.number = str(self.document["rubric"].get("id", ""))[:32]
        self._row.counter = self.counter
        self._row.changed_by_id, self._row.changed_at = self._actor.id, now()


class _open:  # noqa: N801  (it reads as a statement)
    """A transaction on an open draft, which is saved at its end."""

    def __init__(self, actor: Actor, id: UUID) -> None:
        actor.must(Capability.EDIT_DRAFTS)
        self._actor, self._id = actor, id
        self._writing = writing()

    def __enter__(self) -> tuple[Session, StoredDraft, _Writer]:
        session = self._writing.__enter__()
        try:
            row = _row(session, self._id)
            self._writer = _Writer(session, row, self._actor)
        except BaseException as error:
            self._writing.__exit__(type(error), error, error.__traceback__)
            raise
        return session, row, self._writer

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if error is None:
            self._writer.save()
        self._writing.__exit__(kind, error, traceback)


def _row(session: Session, id: UUID) -> StoredDraft:
    row = session.scalar(
        sa.select(StoredDraft).where(StoredDraft.id == id).options(undefer(StoredDraft.document)).with_for_update()
    )
    if row is None:
        raise DraftUnknown
    if row.closed_at is not None:
        raise DraftClosed
    return row


def _draft(session: Session, row: StoredDraft) -> Draft:
    return Draft(
        row.id,
        row.number,
        rubric_of(session.get_one(StoredRubric, row.version_id)),
        json.loads(row.document),
        row.translated_from,
        row.counter,
        session.get_one(Account, row.changed_by_id).email,
        row.changed_at,
        row.closed_at is not None,
    )


def _next_document(base: RubricVersion) -> dict[str, Any]:
    """Return the base's document under the next number, with a map that says that nothing changed."""
    document: dict[str, Any] = json.loads(canonical(base.document))
    document["rubric"]["id"] = next_number(base.id, ChangeKind.MINOR)
    for language in TRANSLATIONS:
        document["texts"][language.value].pop(STILL_RIGHT, None)
    questions = {question.id: "same" for question in base.rubric.questions}
    document["map"] = {"format": 1, "from": base.id, "questions": questions, "retired": []}
    return document


def _new_action(dimension: str, level: int) -> dict[str, Any]:
    return {
        "id": f"{dimension}_{level}_{level + 1}",
        "dimension": dimension,
        "from": level,
        "to": level + 1,
        "title": "",
        "first_step": "",
        "then": "",
        "role": "",
        "person_days": 1,
        "weeks": 1,
        "spend": {"hkd": [0, 0], "for": "none", "basis": ""},
        "done_when": "",
        "prerequisites": [],
        "helps": [],
    }


def _asked(document: Mapping[str, Any], id: str) -> dict[str, Any]:
    """Return what people answer a question by, in English."""
    question = value_at(document, f"questions.{id}") or {}
    texts = {key: " ".join(text.split()) for key, text in english_of(document).items()}
    prefix = f"questions.{id}."
    ours = {
        key: text
        for key, text in texts.items()
        if key.startswith(prefix) and not key.endswith((".why", ".example", ".evidence"))
    }
    rules = {key: question.get(key) for key in ("kind", "other", "show_when") if question.get(key)}
    return {**ours, **rules}


def _last_writer(session: Session, row: StoredDraft, path: str) -> str:
    """Return who last changed a place, or something above or below it."""
    above = [path.rsplit(".", count)[0] for count in range(path.count(".") + 1)]
    found = session.scalar(
        sa.select(Account.email)
        .join(DraftChange, DraftChange.changed_by_id == Account.id)
        .where(
            DraftChange.draft_id == row.id,
            sa.or_(DraftChange.path.in_(above), DraftChange.path.startswith(f"{path}.", autoescape=True)),
        )
        .order_by(DraftChange.id.desc())
        .limit(1)
    )
    return found or session.get_one(Account, row.changed_by_id).email


def _require_id(id: str) -> None:
    if not (id.isascii() and id.replace("_", "a").isalnum() and id[:1].isalpha() and id == id.lower() and len(id) < 60):
        raise IdUnreadable(id)
