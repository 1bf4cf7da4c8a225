"""An XML parser for the parts of office files that strangers send: no document types, no encodings but theirs."""

from __future__ import annotations

from typing import Any
from xml.parsers.expat import ParserCreate, XMLParserType

#: What the standard of office files allows, in small letters.
ENCODINGS = ("utf-8", "utf-16")


class DoctypeDeclared(ValueError):
    """A part declares a document type, with which XML files are attacked."""


class EncodingNotAllowed(ValueError):
    """A part says that it is written in an encoding which no office file has."""

    def __init__(self, encoding: str) -> None:
        super().__init__(f"an encoding of no office file: {encoding[:40]!r}")
        #: What it says, as it was written.
        self.encoding = encoding


def strict_parser(namespace_separator: str | None = None) -> XMLParserType:
    """Return a parser that has no handlers yet but those that refuse.

    Its ``Parse`` raises, beside ``ExpatError`` for what is no XML:

    :param namespace_separator: what stands between a namespace and a name; if None, names keep their prefixes.
    :raises DoctypeDeclared: for a document type or an entity.
    :raises EncodingNotAllowed: for an encoding other than UTF-8 and UTF-16.
    """
    parser = ParserCreate(namespace_separator=namespace_separator)
    parser.XmlDeclHandler = _see_the_encoding
    parser.StartDoctypeDeclHandler = _refuse_the_doctype
    parser.EntityDeclHandler = _refuse_the_doctype
    return parser


def _see_the_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    # Expat would ask Python for any encoding that it does not know; among Python's are many that decode no text.
    if encoding is not None and encoding.lower() not in ENCODINGS:
        raise EncodingNotAllowed(encoding)


def _refuse_the_doctype(*_: Any) -> None:
    raise DoctypeDeclared
