"""Everything that ``rubric check`` looks for: what keeps a version from use, and what must not be published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from readiness.core.languages import Language
from readiness.core.version_numbers import order
from readiness.library.band_checks import check_reach
from readiness.library.differences import Written
from readiness.library.findings import Finding, Findings
from readiness.library.languages import TRANSLATIONS
from readiness.library.predecessor_checks import check_ids, check_number, check_translations
from readiness.library.rubrics import Parts, RubricVersion, parts_of, read_document, version_from
from readiness.library.text_checks import check_texts, check_translated
from readiness.library.yaml_files import FileProblem, FileProblems, located


def check_folder(folder: Path, known: Sequence[RubricVersion] = ()) -> RubricVersion:
    """Return the version that the files of *folder* describe, if nothing is wrong with it.

    :param known: other versions; those with a lower number are what it is compared with.
    :raises FileProblems: with everything that is wrong, in the order of files and lines.
    """
    try:
        parts = parts_of(read_document(folder), str(folder))
        problems = check_parts(parts, known)
    except FileProblems as error:
        problems = error.problems
    if problems:
        raise FileProblems(located(problems))
    return version_from(parts.document, str(folder))


def check_parts(parts: Parts, known: Sequence[RubricVersion] = ()) -> list[FileProblem]:
    """Return everything that is wrong with a version: a check of a draft that lies in no folder, too."""
    problems = [*parts.problems, *_texts(parts)]
    if not parts.problems:
        rubric = version_from(parts.document, parts.where).rubric
        problems += _in_file(parts.file("rubric"), check_reach(rubric))
    number = order(parts.form.id)
    earlier = sorted((each for each in known if order(each.id) < number), key=lambda each: order(each.id))
    if earlier:
        problems += _compared(parts, earlier, earlier[-1].id)
    return problems


def _texts(parts: Parts) -> Iterator[FileProblem]:
    english = parts.texts[Language.EN]
    for language, texts in parts.texts.items():
        # What is missing or no text has its own line.
        known = {key: text for key, text in texts.items() if key in english and isinstance(text, str) and text.strip()}
        findings = [*check_texts(known)]
        if language is not Language.EN:
            findings += check_translated(known, english, language)
        for finding in findings:
            yield _problem(parts.file_of_text(finding.where, language), finding)


def _compared(parts: Parts, earlier: Sequence[RubricVersion], previous_number: str) -> Iterator[FileProblem]:
    previous: Written = earlier[-1]
    for finding in check_ids(parts, earlier):
        yield _problem(parts.file_of_text(finding.where, Language.EN), finding)
    for language, finding in check_translations(parts, previous, parts.still_right):
        yield _problem(parts.file(language.value), finding)
    if all(parts.texts[language].keys() == parts.texts[Language.EN].keys() for language in TRANSLATIONS):
        yield from _in_file(parts.file("rubric"), check_number(parts.form.id, parts, previous, previous_number))


def _in_file(path: str, findings: Findings) -> list[FileProblem]:
    return [_problem(path, finding) for finding in findings]


def _problem(path: str, finding: Finding) -> FileProblem:
    return FileProblem(path, finding.where, finding.problem, remedy=finding.remedy)
