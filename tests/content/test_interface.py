"""The interface in three languages: nothing untranslated, nothing out of step."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from readiness.settings import ROOT

FOLDER = ROOT / "readiness" / "translations"
LOCALES = ["zh_Hant_HK", "zh_Hans_CN"]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return every sentence that code and templates use."""
    pot = tmp_path_factory.mktemp("pot") / "messages.pot"
    command = [Path(sys.executable).with_name("pybabel"), "-q", "extract", "-F", "babel.cfg", "-k", "say"]
    subprocess.run([*command, "-k", "count:1,2", "-o", pot, "."], check=True, cwd=ROOT, capture_output=True)
    with pot.open("rb") as file:
        return {_id(message.id) for message in read_po(file) if message.id}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_is_translated_with_its_placeholders(locale: str, used: set[str]) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale)

    translated = {_id(message.id): message for message in catalogue if message.id}
    assert set(translated) == used
    for message in translated.values():
        text = message.string if isinstance(message.string, str) else message.string[0]
        assert text, message.id
        assert not message.fuzzy, message.id
        one = message.id if isinstance(message.id, str) else message.id[1]
        assert set(re.findall(r"%\(\w+\)s", text)) == set(re.findall(r"%\(\w+\)s", one)), message.id


@pytest.mark.parametrize("locale", LOCALES)
def test_a_space_parts_a_chinese_character_from_the_day_that_follows(locale: str) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        texts = [message.string for message in read_po(file, locale) if isinstance(message.string, str)]

    # A day begins with the figures of its year and ends with a character.
    assert [text for text in texts if re.search(r"[\u3400-\u9fff]%\((day|first|last)\)s", text)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_is_that_of_the_text(locale: str) -> None:
    folder = FOLDER / locale / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale)

    compiled = BytesIO()
    write_mo(compiled, catalogue)

    assert compiled.getvalue() == (folder / "messages.mo").read_bytes(), "run make translations"


def _id(id: str | tuple[str, ...] | list[str]) -> str:
    return id if isinstance(id, str) else id[0]
