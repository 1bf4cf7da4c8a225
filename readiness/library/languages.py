"""The three languages, and texts that exist in all of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Language(StrEnum):
    """The languages of every page, document, error and mail."""

    EN = "en"
    ZH_HANT = "zh-Hant"
    ZH_HANS = "zh-Hans"

    @property
    def tag(self) -> str:
        """The tag for ``lang`` attributes: it decides which glyph forms a font shows."""
        return {"en": "en", "zh-Hant": "zh-Hant-HK", "zh-Hans": "zh-Hans-CN"}[self]

    @property
    def locale(self) -> str:
        """The name that Babel knows it by."""
        return {"en": "en_HK", "zh-Hant": "zh_Hant_HK", "zh-Hans": "zh_Hans_CN"}[self]


#: The languages that rubric texts are translated into; English stands in the rubric itself.
TRANSLATIONS = (Language.ZH_HANT, Language.ZH_HANS)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Form(BaseModel):
    """The form of a part of a file: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Translated(Form):
    """A text in the three languages."""

    en: Text
    zh_hant: Text = Field(alias="zh-Hant")
    zh_hans: Text = Field(alias="zh-Hans")

    def in_(self, language: Language) -> str:
        """Return the text in *language*."""
        return {Language.EN: self.en, Language.ZH_HANT: self.zh_hant, Language.ZH_HANS: self.zh_hans}[language]
