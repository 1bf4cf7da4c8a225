"""One language at work: translated sentences, dates, times, money."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.support import NullTranslations, Translations

from readiness.core.languages import Language

FOLDER = Path(__file__).resolve().parent.parent / "translations"
HONG_KONG = ZoneInfo("Asia/Hong_Kong")


class Words:
    """Sentences and formats of one language."""

    def __init__(self, language: Language) -> None:
        #: The language.
        self.language = language
        self._said: dict[str, str] = {}
        self._catalogue: NullTranslations = (
            NullTranslations() if language is Language.EN else Translations.load(FOLDER, [language.locale])
        )

    def gettext(self, message: str) -> str:
        """Return the sentence in this language; the English one where it is not translated."""
        # The messages are those of code and templates: a few hundred.
        said = self._said.get(message)
        if said is None:
            said = self._said[message] = str(self._catalogue.ugettext(message))
        return said

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the sentence for *number* things."""
        return str(self._catalogue.ungettext(one, many, number))

    def say(self, message: str, **values: Any) -> str:
        """Return the sentence with its values put in."""
        return self.gettext(message) % values

    def count(self, one: str, many: str, number: int, **values: Any) -> str:
        """Return the sentence for *number* things with its values put in; ``%(number)s`` is the number."""
        return self.ngettext(one, many, number) % {"number": number, **values}

    def day(self, day: date | str) -> str:
        """Return a day written out, such as 23 November 2026; a month or year where that is all there is."""
        if isinstance(day, str):
            if len(day) == 4:
                return self.say("%(year)s", year=day)
            if len(day) == 7:
                return str(format_date(date.fromisoformat(f"{day}-01"), self._month_pattern, self._locale))
            day = date.fromisoformat(day)
        return str(format_date(day, self._day_pattern, self._locale))

    def time(self, moment: datetime) -> str:
        """Return the time of day in Hong Kong, such as 10:42."""
        return str(format_time(moment.astimezone(HONG_KONG), "HH:mm", locale=self._locale))

    def day_of(self, moment: datetime) -> str:
        """Return the day of a moment in Hong Kong, written out."""
        return self.day(moment.astimezone(HONG_KONG).date())

    def money(self, dollars: int) -> str:
        """Return an amount, such as HK$60,000; nothing is "free"."""
        return f"HK${dollars:,}" if dollars else self.gettext("free")

    def money_range(self, dollars: tuple[int, int] | list[int]) -> str:
        """Return a range of amounts, such as HK$8,000–15,000."""
        lowest, highest = dollars
        if lowest == highest:
            return self.money(lowest)
        return f"HK${lowest:,}–{highest:,}"

    def amount_range(self, dollars: tuple[int, int] | list[int]) -> str:
        """Return a range of amounts in figures, such as HK$0."""
        lowest, highest = dollars
        return f"HK${lowest:,}" if lowest == highest else self.money_range(dollars)

    def listed(self, things: list[str]) -> str:
        """Return things in a row."""
        return (", " if self.language is Language.EN else "、").join(things)

    def bracketed(self, text: str) -> str:
        """Return *text* in brackets, after a space where the language has one."""
        return f" ({text})" if self.language is Language.EN else f"（{text}）"

    @property
    def comma(self) -> str:
        """What parts two pieces of a sentence."""
        return ", " if self.language is Language.EN else "，"

    @property
    def colon(self) -> str:
        """What stands before an explanation."""
        return ": " if self.language is Language.EN else "："

    @property
    def stop(self) -> str:
        """What ends a sentence."""
        return "." if self.language is Language.EN else "。"

    @property
    def space(self) -> str:
        """What parts two sentences."""
        return " " if self.language is Language.EN else ""

    @property
    def _locale(self) -> str:
        return self.language.locale

    @property
    def _day_pattern(self) -> str:
        return "d MMMM y" if self.language is Language.EN else "y 年 M 月 d 日"

    @property
    def _month_pattern(self) -> str:
        return "MMMM y" if self.language is Language.EN else "y 年 M 月"


@lru_cache(maxsize=len(Language))
def words_in(language: Language) -> Words:
    """Return the words of *language*; its catalogue is read once."""
    return Words(language)
