"""The three languages of every page, document, error and mail."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language that a person can read this in."""

    EN = "en"
    ZH_HANT = "zh-Hant"
    ZH_HANS = "zh-Hans"

    @property
    def tag(self) -> str:
        """The tag for ``lang`` attributes: it decides which glyph forms a font shows."""
        return {"en": "en", "zh-Hant": "zh-Hant-HK", "zh-Hans": "zh-Hans-CN"}[self.value]

    @property
    def locale(self) -> str:
        """The name of its locale data."""
        return {"en": "en_GB", "zh-Hant": "zh_Hant_HK", "zh-Hans": "zh_Hans_CN"}[self.value]
