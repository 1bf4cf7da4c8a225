"""Why a workbook, or a cell of it, was not read: in words, with what is allowed."""

from __future__ import annotations

from readiness.core.answers import LONGEST_NOTE
from readiness.core.moving import Reason
from readiness.core.profile import LONGEST_NAME
from readiness.documents.spreadsheets import FileRefused, Refusal
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.move_views import reason_words
from readiness.services.taking_in import NoWay
from readiness.services.workbooks import NewerFormat, NotOurWorkbook, Unread, VersionNotHere, Why


def refusal_words(error: Exception, words: Words) -> str:
    """Return why nothing of a file was read, and what to do."""
    _ = words.gettext
    if isinstance(error, FileRefused):
        return _refused(error.refusal, words)
    if isinstance(error, NotOurWorkbook):
        return _(
            "This is a workbook, but none that was downloaded here. Download the workbook below and fill that one in."
        )
    if isinstance(error, NewerFormat):
        return _(
            "This workbook was made by a later release of this site. Download the workbook below and copy the "
            "answers over."
        )
    if isinstance(error, VersionNotHere):
        return words.say(
            "This workbook is of version %(number)s of the questions, which this site does not have. Download "
            "the workbook below and copy the answers over.",
            number=error.number,
        )
    if isinstance(error, NoWay) and error.newer:
        return words.say(
            "This workbook is of version %(number)s of the questions, which is newer than that of your "
            "assessment. Move your answers to the newest version first, or use the workbook below.",
            number=error.number,
        )
    if isinstance(error, NoWay):
        return words.say(
            "This workbook is of version %(number)s of the questions, and its answers cannot be carried over to "
            "yours. Download the workbook below and copy the answers over.",
            number=error.number,
        )
    raise error


def unread_words(unread: Unread, version: RubricVersion, words: Words) -> str:
    """Return why a cell was not read, and what is allowed in it."""
    _ = words.gettext
    if unread.why.startswith("moved."):
        return reason_words(Reason(unread.why.removeprefix("moved.")), words)
    levels = version.rubric.scoring.levels
    ends = {"lowest": levels.start, "highest": levels.stop - 1}
    choose = (
        _("Choose an answer from the list of the cell.")
        if unread.key.startswith("company.")
        else words.say(
            "Choose an answer from the list of the cell, or write a whole number from %(lowest)s to %(highest)s.",
            **ends,
        )
    )
    texts = {
        Why.FORMULA: _("The cell holds a formula. Write the answer itself."),
        Why.DATE: words.space.join((_("The cell holds a date."), choose)),
        Why.ERROR: words.space.join((_("The cell shows an error."), choose)),
        Why.OUT_OF_RANGE: words.say("There is no such level: the levels go from %(lowest)s to %(highest)s.", **ends),
        Why.NOT_WHOLE: words.say("A level is a whole number from %(lowest)s to %(highest)s.", **ends),
        Why.NOT_OFFERED: words.space.join((_("This is none of the answers."), choose)),
        Why.NOT_APPLICABLE: _(
            "“Does not apply” is not offered for this question. If you do not know, choose “Not sure”."
        ),
        Why.NOTE_TOO_LONG: words.say("A note has at most %(number)s characters.", number=f"{LONGEST_NOTE:,}"),
        Why.NAME_TOO_LONG: words.say("A name has at most %(number)s characters.", number=LONGEST_NAME),
        Why.TWICE: _("This question stands in the workbook more than once, with different answers. Leave one of them."),
        Why.UNKNOWN: _("This version has no such question."),
        Why.MISSING: _("Its row is not in the workbook any more. Answer it on its page instead."),
        Why.BESIDE: _("This stands beside the cells for answers and notes. Write it into the cell for the note."),
    }
    return texts[Why(unread.why)]


def _refused(refusal: Refusal, words: Words) -> str:
    _ = words.gettext
    return {
        Refusal.EMPTY: _("The file is empty. Save the workbook again, then choose it."),
        Refusal.TOO_LARGE: _(
            "The file is larger than 1 MB, and the workbook is far smaller. Remove pictures, or download the "
            "workbook below and copy the answers over."
        ),
        Refusal.UNPACKS_TOO_LARGE: _(
            "There is far more in this file than in the workbook, so it was not opened. Download the workbook "
            "below and copy the answers over."
        ),
        Refusal.PASSWORD: _("The file is protected with a password. Save it without one, then choose it again."),
        Refusal.OTHER_SPREADSHEET: _(
            "This is a spreadsheet of another kind. Save it as an Excel workbook (.xlsx), then choose it again."
        ),
        Refusal.NO_SPREADSHEET: _(
            "This is no Excel workbook (.xlsx). Choose the workbook that you downloaded here and filled in."
        ),
        Refusal.MACROS: _(
            "The file holds macros, so it was not opened. Save it as a workbook without macros (.xlsx), then "
            "choose it again."
        ),
        Refusal.EXTERNAL: _(
            "The file refers to other files or to a database, so it was not opened. Remove these references, or "
            "download the workbook below and copy the answers over."
        ),
        Refusal.DOCTYPE: _(
            "The file holds something that no spreadsheet program writes, so it was not opened. Download the "
            "workbook below and copy the answers over."
        ),
        Refusal.DAMAGED: _(
            "The file is damaged and cannot be read. Open it in your spreadsheet program, save it again as "
            ".xlsx, then choose it again."
        ),
    }[refusal]
