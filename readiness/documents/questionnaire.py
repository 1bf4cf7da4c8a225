"""The questions of a rubric version on paper: what is printed, and as a PDF file what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from readiness.core.languages import Language
from readiness.documents.pdf import MARK, environment_of
from readiness.documents.words import words_in

STYLE = Path(__file__).with_name("questionnaire.css")


@dataclass(frozen=True, slots=True)
class OptionView:
    """One answer to choose from. ``number`` is the level's, "" for an answer that names none."""

    id: str
    number: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, and what is said on it."""

    id: str
    number: int
    text: str
    why: str
    #: When "does not apply" may be chosen; "" where it may not.
    not_applicable: str
    options: tuple[OptionView, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PillarView:
    """A pillar with its questions."""

    name: str
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class CompanyView:
    """What is asked about the company, and what is known of it."""

    name: str
    sectors: tuple[OptionView, ...]
    employees: tuple[OptionView, ...]


@dataclass(frozen=True, slots=True)
class QuestionnaireView:
    """The questions of one rubric version in one language, with what is said on them or without."""

    language: Language
    title: str
    rubric: str
    digest: str
    guide: tuple[str, ...]
    company: CompanyView
    pillars: tuple[PillarView, ...]
    disclaimers: tuple[str, ...]
    #: Where the answers are taken to.
    address: str
    #: Names the assessment that the answers are of, so that those of another one are noticed; "" for none.
    assessment: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing of any company stands in it."""
        return not self.assessment

    @property
    def questions(self) -> tuple[QuestionView, ...]:
        """Every question, in order."""
        return tuple(question for pillar in self.pillars for question in pillar.questions)


def questionnaire_pdf(view: QuestionnaireView) -> bytes:
    """Return the questionnaire as a PDF/UA-1 file; an empty one is printed once in each process, then kept."""
    # One at a time: those who wait for the same file get it without printing it again.
    with _printing:
        # What somebody answered is not kept in memory: they may delete it.
        return _printed_once(view) if view.empty else _printed(view)


def questionnaire_html(view: QuestionnaireView) -> str:
    """Return the document that is printed, as HTML."""
    template = environment_of(view.language).get_template("questionnaire/questionnaire.html")
    return template.render(
        view=view, words=words_in(view.language), language=view.language, mark=MARK.read_text("utf-8")
    )


_printing = Lock()


def _printed(view: QuestionnaireView) -> bytes:
    from readiness.documents.printing import print_html

    return print_html(questionnaire_html(view), STYLE)


# A file has about 200 KB; each version of the rubric has three that everybody gets.
@lru_cache(maxsize=12)
def _printed_once(view: QuestionnaireView) -> bytes:
    return _printed(view)
