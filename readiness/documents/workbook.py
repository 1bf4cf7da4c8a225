"""The questions of a rubric version as a workbook (XLSX) to fill in without network: no macro, no link, no formula.

Where things stand in it is told here, for those who write it and those who read it again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from typing import Any
from unicodedata import category, east_asian_width

from readiness.core.languages import Language
from readiness.documents.profile_words import asked
from readiness.documents.questionnaire import OptionView, QuestionnaireView, QuestionView
from readiness.documents.words import Words, words_in

#: The columns, from 1. The first three are hidden: what a row is about, and what stood in it when it was made.
KEY, BASE, BASE_NOTE, NUMBER, QUESTION, CHOICES, ANSWER, NOTE = range(1, 9)

#: Keys of the rows that say what the workbook is.
FORMAT, RUBRIC, DIGEST, LANGUAGE, ASSESSMENT = (
    f"readiness.{name}" for name in ("workbook", "rubric", "digest", "language", "assessment")
)
FORMAT_NUMBER = "1"
#: What the keys of the other rows begin with.
OF_QUESTION, OF_COMPANY = "question.", "company."

#: The sheet that holds the lists to choose from.
LISTS = "readiness"
FONTS = {Language.EN: "Arial", Language.ZH_HANT: "Microsoft JhengHei", Language.ZH_HANS: "Microsoft YaHei"}
#: In letters, about.
WIDTHS = {NUMBER: 5, QUESTION: 40, CHOICES: 74, ANSWER: 40, NOTE: 36}
#: Points of a line, by language, and of the tallest row that a spreadsheet allows.
LINES = {Language.EN: 13.5, Language.ZH_HANT: 16, Language.ZH_HANS: 16}
TALLEST = 409


@dataclass(frozen=True, slots=True)
class _Look:
    """The styles of cells."""

    title: Any
    head: Any
    plain: Any
    bold: Any
    answer: Any
    #: Closes a row.
    line: Any


def choice_text(option: OptionView) -> str:
    """Return an answer as it stands in the list of a cell, such as ``3. More than half …``."""
    return f"{option.number}. {option.text}" if option.number else option.text


def note_mark(note: str) -> str:
    """Return what tells whether a note is still the one that the workbook was made with."""
    return sha256(note.encode()).hexdigest()[:16] if note else ""


def workbook_xlsx(view: QuestionnaireView) -> bytes:
    """Return the questionnaire as a workbook, with what is said already; an empty one is made once and kept."""
    # What somebody answered is not kept in memory: they may delete it.
    return _made_once(view) if view.empty else _made(view)


@lru_cache(maxsize=12)
def _made_once(view: QuestionnaireView) -> bytes:
    return _made(view)


def _made(view: QuestionnaireView) -> bytes:
    from openpyxl import Workbook
    from openpyxl.workbook.protection import WorkbookProtection

    words = words_in(view.language)
    book = Workbook()
    book.properties.creator = words.gettext("AI Readiness")
    book.properties.title = view.title
    book.properties.language = view.language.tag
    book.properties.created = book.properties.modified = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    book.security = WorkbookProtection(lockStructure=True)
    first, second = book.active, book.create_sheet(words.gettext("Questions"))
    first.title = words.gettext("Start here")
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    look = _look(view.language)
    _write_start(first, lists, view, words, look)
    _write_questions(second, lists, view, words, look)
    for sheet in (first, second, lists):
        sheet.protection.sheet = True
        # Without a password: it keeps cells from being changed by mistake, and columns may be made wider.
        sheet.protection.formatColumns = sheet.protection.formatRows = False
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write_start(sheet: Any, lists: Any, view: QuestionnaireView, words: Words, look: _Look) -> None:
    _ = words.gettext
    _prepare(sheet, {NUMBER: 3, QUESTION: 48, CHOICES: 52, ANSWER: 44})
    for row, (key, value) in enumerate(
        (
            (FORMAT, FORMAT_NUMBER),
            (RUBRIC, view.rubric),
            (DIGEST, view.digest),
            (LANGUAGE, view.language.value),
            (ASSESSMENT, view.assessment),
        ),
        start=1,
    ):
        _put(sheet, row, KEY, key, look.plain)
        _put(sheet, row, BASE, value, look.plain)
    lines = [
        _(
            "Questionnaire to fill in without network. Fill in the framed cells only: here about the company, on "
            "the sheet “Questions” the answers and notes."
        ),
        _("Choose each answer from the list in its cell, or write the number of the level, such as 3."),
        *view.guide,
        _("Cells that you leave empty change nothing. Please write no names of persons in the notes."),
        words.say(
            "With network again, open your assessment on %(address)s, follow “Fill it in without network” and "
            "choose this file. You see all that was read before anything is saved.",
            address=view.address,
        ),
        words.say("Rubric version %(number)s", number=view.rubric),
    ]
    _put(sheet, 1, QUESTION, view.title, look.title)
    sheet.row_dimensions[1].height = 30
    for row, line in enumerate(lines, start=2):
        sheet.merge_cells(start_row=row, start_column=QUESTION, end_row=row, end_column=ANSWER)
        _put(sheet, row, QUESTION, line, look.plain)
        sheet.row_dimensions[row].height = _height([(line, 150)], view.language)
    row = len(lines) + 3
    _head(sheet, row, {QUESTION: _("About the company"), CHOICES: _("Why it is asked"), ANSWER: _("Your answer")}, look)
    company = view.company
    parts: list[tuple[str, str, str, Sequence[OptionView]]] = [
        ("name", _("It stands on the result and in the plan, and serves for nothing else."), company.name, ()),
        ("sector", _("Some support schemes are for certain trades only."), "", company.sectors),
        ("employees", _("Some support schemes have a limit on staff."), "", company.employees),
    ]
    for at, (key, why, said, options) in enumerate(parts, start=row + 1):
        chosen = next((option for option in options if option.chosen), None)
        _put(sheet, at, KEY, OF_COMPANY + key, look.plain)
        _put(sheet, at, BASE, chosen.id if chosen else said, look.plain)
        _put(sheet, at, QUESTION, asked(key, words), look.bold)
        _put(sheet, at, CHOICES, why, look.plain)
        _put(sheet, at, ANSWER, choice_text(chosen) if chosen else said, look.answer)
        sheet.row_dimensions[at].height = 34
        if options:
            _offer(sheet, lists, at, key, options, words)


def _write_questions(sheet: Any, lists: Any, view: QuestionnaireView, words: Words, look: _Look) -> None:
    _ = words.gettext
    _prepare(sheet, WIDTHS)
    heads = {
        NUMBER: "",
        QUESTION: _("Question"),
        CHOICES: _("Answers to choose from"),
        ANSWER: _("Your answer"),
        NOTE: _("Note (you may leave it out)"),
    }
    _head(sheet, 1, heads, look)
    sheet.freeze_panes = sheet.cell(2, ANSWER)
    sheet.print_title_rows = "1:1"
    row = 1
    for pillar in view.pillars:
        row += 1
        _put(sheet, row, QUESTION, pillar.name, look.head)
        for column in (NUMBER, CHOICES, ANSWER, NOTE):
            _put(sheet, row, column, "", look.head)
        for question in pillar.questions:
            row += 1
            _write_question(sheet, lists, row, question, words, look)


def _write_question(sheet: Any, lists: Any, row: int, question: QuestionView, words: Words, look: _Look) -> None:
    chosen = next((option for option in question.options if option.chosen), None)
    offered = [choice_text(option) for option in question.options]
    if question.not_applicable:
        offered.append(words.bracketed(question.not_applicable).strip())
    choices = "\n".join(offered)
    _put(sheet, row, KEY, OF_QUESTION + question.id, look.plain)
    _put(sheet, row, BASE, chosen.id if chosen else "", look.plain)
    _put(sheet, row, BASE_NOTE, note_mark(question.note), look.plain)
    _put(sheet, row, NUMBER, str(question.number), look.bold)
    _put(sheet, row, QUESTION, question.text, look.bold)
    _put(sheet, row, CHOICES, choices, look.plain)
    for column in (NUMBER, QUESTION, CHOICES):
        look.line(sheet.cell(row, column))
    _put(sheet, row, ANSWER, choice_text(chosen) if chosen else "", look.answer)
    _put(sheet, row, NOTE, question.note, look.answer)
    sheet.row_dimensions[row].height = _height(
        [(question.text, WIDTHS[QUESTION] - 4), (choices, WIDTHS[CHOICES]), (question.note, WIDTHS[NOTE] - 2)],
        words.language,
    )
    _offer(sheet, lists, row, question.id, question.options, words)


def _prepare(sheet: Any, widths: dict[int, int]) -> None:
    from openpyxl.utils import get_column_letter

    for column in (KEY, BASE, BASE_NOTE):
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = "&P / &N"


def _head(sheet: Any, row: int, heads: dict[int, str], look: _Look) -> None:
    for column, text in heads.items():
        _put(sheet, row, column, text, look.head)
    sheet.row_dimensions[row].height = 22


def _offer(sheet: Any, lists: Any, row: int, name: str, options: Sequence[OptionView], words: Words) -> None:
    """Give the answer cell of a row its list to choose from, which stands in a column of the hidden sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    # An empty sheet has no column yet.
    column = max(lists.max_column, 1) + 1
    _put(lists, 1, column, name, None)
    for at, option in enumerate(options, start=2):
        _put(lists, at, column, choice_text(option), None)
    letter = get_column_letter(column)
    choice = DataValidation(
        type="list", formula1=f"'{LISTS}'!${letter}$2:${letter}${len(options) + 1}", allow_blank=True
    )
    # A number may be written instead, so nothing is refused here: the upload says what it could not read.
    choice.showErrorMessage = False
    choice.showInputMessage = True
    choice.promptTitle = words.gettext("Your answer")[:32]
    choice.prompt = words.gettext("Choose from the list, or leave it empty.")[:255]
    sheet.add_data_validation(choice)
    choice.add(sheet.cell(row, ANSWER))


def _put(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write *text* as text, whatever it begins with: nothing that a person wrote becomes a formula."""
    cell = sheet.cell(row, column)
    if text:
        cell.value = _writable(text)
        cell.data_type = "s"
    if style is not None:
        style(cell)
    if text[:1] in ("=", "+", "-", "@", "'", "\t"):
        # A spreadsheet that opens the cell for writing takes it for text too.
        cell.quotePrefix = True


def _look(language: Language) -> _Look:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

    name = FONTS[language]
    wrapped = Alignment(wrap_text=True, vertical="top")
    thin = Side(style="thin", color="14213D")
    framed = Border(left=thin, right=thin, top=thin, bottom=thin)
    soft = PatternFill("solid", fgColor="E3EEF0")

    def title(cell: Any) -> None:
        cell.font = Font(name=name, size=18, bold=True, color="0F4C5C")

    def head(cell: Any) -> None:
        cell.font, cell.fill, cell.alignment = Font(name=name, size=12, bold=True), soft, wrapped

    def plain(cell: Any) -> None:
        cell.font, cell.alignment = Font(name=name, size=11), wrapped

    def bold(cell: Any) -> None:
        cell.font, cell.alignment = Font(name=name, size=11, bold=True), wrapped

    def answer(cell: Any) -> None:
        plain(cell)
        cell.border, cell.protection = framed, Protection(locked=False)
        # As text: 6-9 stays what it is, and becomes no day of June.
        cell.number_format = "@"

    def line(cell: Any) -> None:
        cell.border = Border(bottom=Side(style="thin", color="C9D3D8"))

    return _Look(title, head, plain, bold, answer, line)


def _height(texts: Sequence[tuple[str, int]], language: Language) -> float:
    """Return how tall a row is that shows these texts, each in so many letters to a line."""
    most = max(sum(_lines(line, width) for line in text.split("\n")) for text, width in texts)
    return min(most * LINES[language] + 8, TALLEST)


def _lines(line: str, width: int) -> int:
    taken = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)
    return max(1, -(-taken // width))


def _writable(text: str) -> str:
    """Return a text as the file can hold it: without control characters, and with its own ``_x000D_`` escaped."""
    kept = "".join(letter for letter in text if letter in "\n\t" or category(letter) not in ("Cc", "Cs", "Cn"))
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", kept)
