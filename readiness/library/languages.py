"""Texts that exist in all three languages."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from readiness.core.languages import Language

#: The languages that rubric texts are translated into; English stands in the rubric itself.
TRANSLATIONS = (Language.ZH_HANT, Language.ZH_HANS)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Form(BaseModel):
    """The form of a part of a file: unknown keys are refused, values are not converted."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Translated(Form):
    """A text in the three languages."""

    en: Text
    zh_hant: Text = Field(alias="zh-Hant")
    zh_hans: Text = Field(alias="zh-Hans")

    def in_(self, language: Language) -> str:
        """Return the text in *language*."""
        return {Language.EN: self.en, Language.ZH_HANT: self.zh_hant, Language.ZH_HANS: self.zh_hans}[language]
