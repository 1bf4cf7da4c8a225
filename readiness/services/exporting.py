"""A file of everything that was said and made of it, and whether such a file holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from readiness.core import answers as answer_rules
from readiness.core.evidence import check, counted
from readiness.core.evidence_records import CheckedUnreadable, checked_record, read_judgement
from readiness.core.plan_records import plan_record
from readiness.core.planning import NoBand, make_plan
from readiness.core.records import result_record
from readiness.core.scoring import score
from readiness.core.wording import shown, shown_key
from readiness.library.canonical import readable
from readiness.library.catalogues import CatalogueVersion
from readiness.library.exports import AnswersFile, UnreadableFile, read_content
from readiness.library.rubrics import RubricVersion
from readiness.models import Access
from readiness.services import following, moving, planning, results, sign_off
from readiness.services.database import db, now
from readiness.services.engagement_notes import Note
from readiness.services.moving import KeptAside
from readiness.services.opening import Opened
from readiness.services.sign_off import Signature, signed_digest

#: Returns the catalogue of a digest, or None if it is not kept here.
FindCatalogue = Callable[[str], CatalogueVersion | None]


def export_of(opened: Opened, shared: Iterable[Note] = ()) -> str:
    """Return an assessment as JSON text: its answers, and once submitted its result and plan.

    :param shared: the notes that consultants share with the company, where the company itself asks.
    """
    frozen = planning.newest_plan(db.session, opened.assessment)
    record: dict[str, Any] = {
        "rubric": opened.version.id,
        "company": frozen.stored.company if frozen else dict(opened.assessment.company),
        "answers": {id: answer_rules.plain(answer) for id, answer in opened.answers.items()},
        "digest": opened.version.digest,
    }
    if opened.notes and opened.access is Access.EDIT:
        record["notes"] = dict(opened.notes)
    if opened.access is Access.EDIT and (asides := moving.kept_aside(opened)):
        record["kept_aside"] = [_aside_record(aside) for aside in asides]
    if opened.access is Access.EDIT and (said := [_note_record(note) for note in shared if not note.deleted_at]):
        record["shared_notes"] = said
    if opened.access is Access.EDIT and (said := following.said_in(db.session, opened.assessment.family_id)):
        record["follow_up"] = said
    if opened.submitted:
        record["result"] = results.frozen_result(opened)
    if opened.assessment.checked is not None:
        record["checked"] = json.loads(opened.assessment.checked, parse_float=Decimal)
    if frozen is not None:
        record["plan"] = frozen.record
        signed = sign_off.state_of(opened, frozen.stored).signatures
        if signed:
            record["signed"] = [_signature_record(each) for each in signed]
        record["catalogue"] = {"digest": frozen.stored.catalogue_digest, "date": frozen.stored.made_on.isoformat()}
    record["exported_at"] = now().isoformat()
    return readable(record)


def _note_record(note: Note) -> dict[str, Any]:
    return {"text": note.text, "by": note.author, "written_at": note.written_at.isoformat()}


def _aside_record(aside: KeptAside) -> dict[str, Any]:
    said = {} if aside.answer is None else {"answer": answer_rules.plain(aside.answer)}
    note = {"note": aside.note} if aside.note else {}
    return {"rubric": aside.version.id, "question": aside.question, **said, **note, "reason": aside.reason.value}


def _signature_record(signature: Signature) -> dict[str, Any]:
    return {
        "side": signature.side,
        "name": signature.name,
        "role": signature.role,
        "signed_at": signature.signed_at.isoformat(),
        "digest": signature.digest,
    }


def differences(file: AnswersFile, version: RubricVersion, find_catalogue: FindCatalogue) -> list[str]:
    """Recompute an export and return where it differs, a line each; nothing means that it holds.

    :raises UnreadableFile: if it holds no result, or its answers cannot be read.
    """
    if not isinstance(file.export.get("result"), Mapping):
        raise UnreadableFile(["result: missing; allowed: an export of a submitted assessment"])
    answers, profile = read_content(file, version.rubric)
    found = []
    if file.export.get("digest") != version.digest:
        said = shown(file.export.get("digest"), 80)
        found.append(f"digest: the file says {said}, rubric {version.id} here has {version.digest}")
    expected = result_record(score(version.rubric, answers), version.digest)
    found += _different("result", file.export["result"], expected)
    if "checked" in file.export:
        # The plan is made from the levels that were held back.
        try:
            held, grades = read_judgement(file.export["checked"], version.rubric, answers)
        except CheckedUnreadable as error:
            return [*found, *error.problems]
        checked = check(version.rubric, answers, held, grades)
        expected_checked = checked_record(checked, version.digest)
        found += _different("checked", file.export["checked"], expected_checked)
        answers, expected = counted(answers, held), expected_checked["result"]
    found += _signatures_that_do_not_hold(file)
    plan = file.export.get("plan")
    if plan is None:
        if expected["band"] is not None:
            found.append("plan: missing, though the answers suffice for one")
        return found
    named = file.export.get("catalogue")
    digest = named.get("digest") if isinstance(named, Mapping) else None
    catalogue = find_catalogue(digest) if isinstance(digest, str) else None
    if catalogue is None:
        return [*found, f"catalogue: {shown(digest)} is not kept here, so the plan cannot be recomputed"]
    try:
        day = date.fromisoformat(plan["today"])
        made = make_plan(version.rubric, answers, version.actions, catalogue.catalogue, profile, day)
    except NoBand:
        return [*found, "plan: cannot be recomputed: the answers do not suffice for one"]
    except (TypeError, KeyError, ValueError, OverflowError):
        return [*found, "plan: cannot be recomputed: it names no day to do it for"]
    expected_catalogue = {"digest": catalogue.digest, "date": plan["today"]}
    again = plan_record(made) | _far_apart(plan, version)
    return found + _different("catalogue", named, expected_catalogue) + _different("plan", plan, again)


def _far_apart(plan: Mapping[str, Any], version: RubricVersion) -> dict[str, Any]:
    """Return what a plan took from a guided session, which is in no file; a signature holds it by its digest."""
    said = plan.get(planning.FAR_APART)
    known = isinstance(said, list) and set(map(str, said)) <= set(version.rubric.questions_by_dimension)
    return {planning.FAR_APART: said} if known else {}


def _signatures_that_do_not_hold(file: AnswersFile) -> list[str]:
    signed = file.export.get("signed")
    if signed is None:
        return []
    made = [
        file.answers,
        *(file.export.get(key) for key in ("result", "checked")),
        file.company,
        file.export.get("plan"),
    ]
    # Without the exact numbers that a file is read with, which have no digest.
    digest = signed_digest(*json.loads(readable(made)))
    if not isinstance(signed, list) or not signed or not all(isinstance(each, Mapping) for each in signed):
        return [f"signed: {shown(signed)} cannot be read; allowed: a list of signatures"]
    return [
        f"signed[{index}].digest: the file says {shown(each.get('digest'), 80)}; recomputed: {digest}"
        for index, each in enumerate(signed)
        if each.get("digest") != digest
    ]


def _different(where: str, said: Any, expected: Any) -> list[str]:
    """Return a line for each place where *said* is not *expected*; numbers are compared exactly."""
    if isinstance(said, Mapping) and isinstance(expected, Mapping):
        lines = []
        for key in [*expected, *(key for key in said if key not in expected)]:
            place = f"{where}.{shown_key(key)}"
            if key not in said:
                lines.append(f"{place}: missing; recomputed: {shown(expected[key])}")
            elif key not in expected:
                lines.append(f"{place}: the file says {shown(said[key])}; recomputed: nothing")
            else:
                lines += _different(place, said[key], expected[key])
        return lines
    if isinstance(said, list) and isinstance(expected, list) and len(said) == len(expected):
        return [
            line
            for index, (one, other) in enumerate(zip(said, expected, strict=True))
            for line in _different(f"{where}[{index}]", one, other)
        ]
    if _same(said, expected):
        return []
    return [f"{where}: the file says {shown(said)}; recomputed: {shown(expected)}"]


def _same(said: Any, expected: Any) -> bool:
    numbers = (int, Decimal)
    if isinstance(said, bool) or isinstance(expected, bool):
        return said is expected
    if isinstance(said, numbers) and isinstance(expected, numbers):
        return Decimal(said) == Decimal(expected)
    return type(said) is type(expected) and bool(said == expected)
