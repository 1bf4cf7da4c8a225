"""Reading a workbook that was filled in without network: every cell that we gave out, and why one was not read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from unicodedata import category, normalize

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.answers import LONGEST_NOTE, Mark
from readiness.core.languages import Language
from readiness.core.profile import LONGEST_NAME, clean_name
from readiness.core.rubric import Question
from readiness.documents.questionnaire import OptionView
from readiness.documents.spreadsheets import Cell, CellKind, Sheet, cell_name, read_sheets
from readiness.documents.words import words_in
from readiness.documents.workbook import (
    ANSWER,
    ASSESSMENT,
    BASE,
    BASE_NOTE,
    DIGEST,
    FORMAT,
    FORMAT_NUMBER,
    KEY,
    NOTE,
    OF_COMPANY,
    OF_QUESTION,
    RUBRIC,
    choice_text,
)
from readiness.library.rubrics import RubricVersion
from readiness.models import StoredRubric
from readiness.services.questionnaires import employees, levelled, options_of, sectors
from readiness.services.versions import CANDIDATE, PUBLISHED, RETIRED, rubric_of

#: The parts of the company's profile that a workbook asks for.
COMPANY_KEYS = ("name", "sector", "employees")
#: How many cells that were not read are told of.
MOST_TOLD = 60
#: Characters that are shown of what stood in such a cell.
LONGEST_SHOWN = 60


class NotOurWorkbook(ValueError):
    """It is a workbook, but none that this site gave out."""


class NewerFormat(ValueError):
    """A later release of this site gave it out."""


class VersionNotHere(LookupError):
    """The workbook is of a version of the questions that this site does not have."""

    def __init__(self, number: str) -> None:
        super().__init__(f"there is no version {number} with the workbook's digest")
        #: What the workbook says.
        self.number = number


class Why(StrEnum):
    """Why a cell was not read."""

    FORMULA = "formula"
    DATE = "date"
    ERROR = "error"
    OUT_OF_RANGE = "out_of_range"
    NOT_WHOLE = "not_whole"
    NOT_OFFERED = "not_offered"
    NOT_APPLICABLE = "not_applicable"
    NOTE_TOO_LONG = "note_too_long"
    NAME_TOO_LONG = "name_too_long"
    #: The same question stands in the workbook twice, with different answers.
    TWICE = "twice"
    #: The version has no such question.
    UNKNOWN = "unknown"
    #: Its row was deleted.
    MISSING = "missing"
    #: It stands beside the cells for answers and notes.
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell that was not read."""

    why: str
    #: The row's key, such as ``question.ai_talent``.
    key: str
    sheet: str = ""
    #: Such as E7.
    cell: str = ""
    #: The beginning of what stood there.
    found: str = ""


@dataclass(frozen=True)
class Filled:
    """What was read of a workbook, in plain values, and what stood in it when it was made."""

    rubric: str
    digest: str
    #: Names the assessment that it was made for; "" for an empty one.
    assessment: str
    #: By question: a level, or "not_sure" or "not_applicable".
    answers: Mapping[str, int | str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    company: Mapping[str, str] = field(default_factory=dict)
    base_answers: Mapping[str, int | str] = field(default_factory=dict)
    #: The marks of the notes that stood in it.
    base_notes: Mapping[str, str] = field(default_factory=dict)
    base_company: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()

    def record(self) -> dict[str, Any]:
        """Return this in plain values that JSON holds."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Filled:
        """Return what :meth:`record` gave."""
        return cls(**{**record, "unread": tuple(Unread(**each) for each in record["unread"])})


def read_workbook(session: Session, content: bytes) -> Filled:
    """Return what a filled workbook says.

    :raises FileRefused: if it is no workbook, a damaged or a hostile one.
    :raises NotOurWorkbook: if it is another workbook.
    :raises NewerFormat: if a later release made it.
    :raises VersionNotHere: if its questions are not known.
    """
    rows = list(_rows(read_sheets(content)))
    said = {row.key: row.sheet.text(row.number, BASE).strip() for row in reversed(rows)}
    if FORMAT not in said or RUBRIC not in said or DIGEST not in said:
        raise NotOurWorkbook
    if said[FORMAT] != FORMAT_NUMBER:
        raise NewerFormat
    version = version_of(session, said[RUBRIC], said[DIGEST])
    return _Reading(version, rows).filled(shortened(said.get(ASSESSMENT, "")))


def version_of(session: Session, number: str, digest: str) -> RubricVersion:
    """Return the version of a workbook.

    :raises VersionNotHere: if the site never had it.
    """
    return rubric_of(stored_version(session, number, digest))


def stored_version(session: Session, number: str, digest: str) -> StoredRubric:
    """Return the row of the version of a workbook.

    :raises VersionNotHere: if the site never had it.
    """
    row = None
    if re.fullmatch(r"[0-9.]{1,32}", number) and re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        row = session.scalar(
            sa.select(StoredRubric).where(
                StoredRubric.number == number,
                StoredRubric.digest == digest,
                StoredRubric.state.in_((PUBLISHED, RETIRED, CANDIDATE)),
            )
        )
    if row is None:
        raise VersionNotHere(shortened(number, 16))
    return row


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that bears a key of ours."""

    key: str
    sheet: Sheet
    number: int


def _rows(sheets: list[Sheet]) -> Iterator[_Row]:
    for sheet in sheets:
        for (row, column), cell in sorted(sheet.cells.items()):
            if column == KEY and re.match(r"\s*(readiness|company|question)\.", cell.text[:200]):
                yield _Row(shortened(cell.text, 80), sheet, row)


class _NotRead(Exception):
    def __init__(self, why: Why) -> None:
        self.why = why


@dataclass
class _Said:
    """What was read so far."""

    answers: dict[str, int | str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    company: dict[str, str] = field(default_factory=dict)
    base_answers: dict[str, int | str] = field(default_factory=dict)
    base_notes: dict[str, str] = field(default_factory=dict)
    base_company: dict[str, str] = field(default_factory=dict)


class _Reading:
    """Reads the rows of one workbook."""

    def __init__(self, version: RubricVersion, rows: list[_Row]) -> None:
        self._version = version
        self._rows: dict[str, list[_Row]] = {}
        for row in rows:
            self._rows.setdefault(row.key, []).append(row)
        self._unread: list[Unread] = []

    def filled(self, assessment: str) -> Filled:
        said = _Said()
        questions = {OF_QUESTION + question.id: question for question in levelled(self._version)}
        for key, question in questions.items():
            row = self._one(key)
            if row is not None:
                self._read_question(row, question, said)
        for key in COMPANY_KEYS:
            row = self._one(OF_COMPANY + key)
            if row is not None:
                self._read_company(row, key, said)
        for key, rows in self._rows.items():
            if key.startswith(OF_QUESTION) and key not in questions:
                row = rows[0]
                found = row.sheet.text(row.number, ANSWER) or row.sheet.text(row.number, NOTE)
                self._tell(Why.UNKNOWN, row, KEY, found or key)
        return Filled(
            rubric=self._version.id,
            digest=self._version.digest,
            assessment=assessment,
            answers=said.answers,
            notes=said.notes,
            company=said.company,
            base_answers=said.base_answers,
            base_notes=said.base_notes,
            base_company=said.base_company,
            unread=tuple(self._unread[:MOST_TOLD]),
        )

    def _read_question(self, row: _Row, question: Question, said: _Said) -> None:
        base = _base_answer(self._version, row.sheet.text(row.number, BASE))
        if base is not None:
            said.base_answers[question.id] = base
        said.base_notes[question.id] = shortened(row.sheet.text(row.number, BASE_NOTE))
        answer = self._read(row, ANSWER, lambda cell: _answer(self._version, question, cell))
        if answer is not None:
            said.answers[question.id] = answer
        note = self._read(row, NOTE, _note)
        if note is not None:
            said.notes[question.id] = note
        self._tell_of_what_stands_beside(row, NOTE)

    def _read_company(self, row: _Row, key: str, said: _Said) -> None:
        said.base_company[key] = shortened(row.sheet.text(row.number, BASE), LONGEST_NAME)
        value = self._read(row, ANSWER, lambda cell: _of_company(key, cell))
        if value is not None:
            said.company[key] = value
        self._tell_of_what_stands_beside(row, ANSWER)

    def _one(self, key: str) -> _Row | None:
        """Return the row of a key; none where there is none, or several that say different things."""
        rows = self._rows.get(key, [])
        if not rows:
            self._unread.append(Unread(Why.MISSING.value, key))
            return None
        said = {(row.sheet.text(row.number, ANSWER), row.sheet.text(row.number, NOTE)) for row in rows}
        if len(said) > 1:
            for row in rows:
                self._tell(Why.TWICE, row, ANSWER, row.sheet.text(row.number, ANSWER))
            return None
        return rows[0]

    def _read(self, row: _Row, column: int, read: Callable[[Cell], Any]) -> Any:
        cell = row.sheet.cells.get((row.number, column))
        if cell is None:
            return None
        try:
            return read(cell)
        except _NotRead as problem:
            self._tell(problem.why, row, column, cell.text)
            return None

    def _tell_of_what_stands_beside(self, row: _Row, last: int) -> None:
        for (number, column), cell in row.sheet.cells.items():
            if number == row.number and column > last:
                self._tell(Why.BESIDE, row, column, cell.text)

    def _tell(self, why: Why, row: _Row, column: int, found: str) -> None:
        place = cell_name(row.number, column)
        self._unread.append(Unread(why.value, row.key, shortened(row.sheet.name, 31), place, shortened(found)))


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the beginning of a foreign text, on one line of printable characters."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: longest * 4])
    kept = " ".join(kept.split())
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def _plain(text: str) -> str:
    """Return a text as it is compared: full-width digits as digits, without differences of case and space."""
    kept = "".join(letter for letter in normalize("NFKC", text) if category(letter) not in ("Cf", "Cs", "Cc"))
    return "".join(kept.casefold().split())


def _refuse_what_is_no_text(cell: Cell) -> None:
    kinds = {CellKind.FORMULA: Why.FORMULA, CellKind.DATE: Why.DATE, CellKind.ERROR: Why.ERROR}
    if cell.kind in kinds:
        raise _NotRead(kinds[cell.kind])


def _answer(version: RubricVersion, question: Question, cell: Cell) -> int | str:
    _refuse_what_is_no_text(cell)
    if cell.kind is CellKind.LOGICAL:
        raise _NotRead(Why.NOT_OFFERED)
    text = _plain(cell.text)
    for language in Language:
        words = words_in(language)
        for option in options_of(version, question, words):
            if text in (_plain(choice_text(option)), _plain(option.text)) or text == option.id == _mark(option):
                return int(option.id) if option.number else option.id
        if text in (_plain(words.gettext("Does not apply to us")), Mark.NOT_APPLICABLE.value):
            raise _NotRead(Why.NOT_APPLICABLE)
    return _level(version, text)


def _mark(option: OptionView) -> str:
    return "" if option.number else option.id


def _level(version: RubricVersion, text: str) -> int:
    """Return the level of a number such as 3, 3.0, 3. or 第3級."""
    found = re.fullmatch(r"(?:level|第)?([+-]?[0-9]+(?:\.[0-9]*)?(?:e[+-]?[0-9]{1,3})?)(?:级|級)?[.。]?", text[:60])
    if found is None:
        raise _NotRead(Why.NOT_OFFERED)
    try:
        number = Decimal(found[1])
    except InvalidOperation:
        raise _NotRead(Why.NOT_OFFERED) from None
    if abs(number) > 1000:
        raise _NotRead(Why.OUT_OF_RANGE)
    if number != int(number):
        raise _NotRead(Why.NOT_WHOLE)
    if int(number) not in version.rubric.scoring.levels:
        raise _NotRead(Why.OUT_OF_RANGE)
    return int(number)


def _note(cell: Cell) -> str | None:
    _refuse_what_is_no_text(cell)
    text = "".join(
        letter
        for letter in cell.text.replace("\r\n", "\n").replace("\r", "\n")
        if letter in "\n\t" or category(letter) not in ("Cc", "Cs", "Cn")
    ).strip()
    if len(text) > LONGEST_NOTE:
        raise _NotRead(Why.NOTE_TOO_LONG)
    return text or None


def _of_company(key: str, cell: Cell) -> str | None:
    _refuse_what_is_no_text(cell)
    if key == "name":
        name = clean_name(cell.text)
        if name is not None and len(name) > LONGEST_NAME:
            raise _NotRead(Why.NAME_TOO_LONG)
        return name
    text = _dashed(cell.text)
    for language in Language:
        for option in sectors(words_in(language)) if key == "sector" else employees():
            if text in (_dashed(option.text), _dashed(option.id)):
                return option.id
    raise _NotRead(Why.NOT_OFFERED)


def _dashed(text: str) -> str:
    return re.sub("[–—−~～至]", "-", _plain(text))


def _base_answer(version: RubricVersion, text: str) -> int | str | None:
    text = text.strip()
    if text in (Mark.NOT_SURE.value, Mark.NOT_APPLICABLE.value):
        return text
    known = {str(level): level for level in version.rubric.scoring.levels}
    return known.get(text)
