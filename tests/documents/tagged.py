"""Reading a tagged PDF: what each page draws, piece by piece, and the structure tree that puts it in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf

#: Operators that leave something on the page.
PAINTING = {"f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do", "INLINE IMAGE", "Tj", "TJ", "'", '"'}


@dataclass(eq=False)
class Piece:
    """A run of marked content: its tag, its number on the page (None for an artifact), what it says."""

    page: int
    tag: str
    number: int | None
    kind: str = ""
    subtype: str = ""
    text: str = ""
    paints: int = 0
    #: The numbers and tags of what it stands in.
    inside: tuple[str, ...] = ()


@dataclass(eq=False)
class Element:
    """An element of the structure tree, with what it holds in reading order."""

    role: str
    parent: Element | None
    object: Any
    kids: list[Element | Piece | Any] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid

    @property
    def pieces(self) -> list[Piece]:
        """Its marked content and that of all in it, in reading order."""
        found: list[Piece] = []
        for kid in self.kids:
            found.extend(kid.pieces if isinstance(kid, Element) else [kid] if isinstance(kid, Piece) else [])
        return found

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def annotations(self) -> list[Any]:
        """The annotations that it holds itself."""
        return [kid for kid in self.kids if isinstance(kid, pikepdf.Dictionary)]

    @property
    def elements(self) -> list[Element]:
        """The elements that it holds itself."""
        return [kid for kid in self.kids if isinstance(kid, Element)]

    @property
    def language(self) -> str | None:
        """The language that it is said in: its own, or that of the nearest element around; None for the document's."""
        own = self.object.get("/Lang")
        return str(own) if own is not None else self.parent.language if self.parent else None

    def attribute(self, name: str) -> Any:
        """An attribute of it, such as /Scope."""
        return self.object.get("/A", {}).get(name)


class Tagged:
    """A PDF file and its structure."""

    def __init__(self, content: bytes) -> None:
        self.pdf = pikepdf.open(BytesIO(content))
        self.pages = [page.obj.objgen for page in self.pdf.pages]
        #: All marked content, by page, in the order in which it is drawn.
        self.pieces: list[Piece] = []
        #: Painting operators outside of every marked content: (page, operator).
        self.loose: list[tuple[int, str]] = []
        self._maps: dict[Any, dict[int, str]] = {}
        #: The fonts in use, each with the codes that are drawn in it.
        self.codes: dict[Any, set[int]] = {}
        for number, page in enumerate(self.pdf.pages):
            self._draw(number, page.obj, page.obj.Resources, [])
        self.by_place = {(piece.page, piece.number): piece for piece in self.pieces if piece.number is not None}

    @cached_property
    def root(self) -> Element:
        """The document element."""
        kids = self.pdf.Root.StructTreeRoot.K
        (document,) = kids if isinstance(kids, pikepdf.Array) else [kids]
        return self._element(document, None)

    @cached_property
    def owners(self) -> dict[int, Any]:
        """The parent tree: what stands under the key of a page or an annotation."""
        numbers = list(self.pdf.Root.StructTreeRoot.ParentTree.Nums)
        return {int(key): value for key, value in zip(numbers[::2], numbers[1::2], strict=True)}

    def all(self, *roles: str) -> list[Element]:
        """Every element of these roles, in reading order."""
        return [element for element in self.root if element.role in roles]

    def _element(self, found: Any, parent: Element | None) -> Element:
        element = Element(str(found.S)[1:], parent, found)
        kids = found.get("/K", pikepdf.Array())
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                element.kids.append(self.by_place[self.pages.index(found.Pg.objgen), kid])
            elif kid.get("/Type") == "/MCR":
                element.kids.append(self.by_place[self.pages.index(kid.Pg.objgen), int(kid.MCID)])
            elif kid.get("/Type") == "/OBJR":
                element.kids.append(kid.Obj)
            else:
                assert kid.P.objgen == found.objgen
                element.kids.append(self._element(kid, element))
        return element

    def _draw(self, page: int, drawn: Any, resources: Any, open_pieces: list[Piece]) -> None:
        font: Any = None
        stack = list(open_pieces)
        for operands, operator in pikepdf.parse_content_stream(drawn):
            name = str(operator)
            if name in ("BDC", "BMC"):
                properties = operands[1] if name == "BDC" else {}
                number = int(properties["/MCID"]) if "/MCID" in properties else None
                kind = str(properties.get("/Type", ""))[1:]
                around = tuple(piece.tag if piece.number is None else f"#{piece.number}" for piece in stack)
                subtype = str(properties.get("/Subtype", ""))[1:]
                stack.append(Piece(page, str(operands[0])[1:], number, kind, subtype, inside=around))
                self.pieces.append(stack[-1])
            elif name == "EMC":
                stack.pop()
            elif name == "Tf":
                font = resources.Font[str(operands[0])]
            elif name in PAINTING:
                self._paint(page, name, operands, font, resources, stack)
        assert stack == open_pieces, "marked content is left open"

    def _paint(self, page: int, name: str, operands: Any, font: Any, resources: Any, stack: list[Piece]) -> None:
        if name == "Do":
            drawing = resources.XObject[str(operands[0])]
            if drawing.get("/Subtype") == "/Form":
                self._draw(page, drawing, drawing.get("/Resources", resources), stack)
                return
        if not stack:
            self.loose.append((page, name))
            return
        stack[-1].paints += 1
        if name in ("Tj", "TJ"):
            strings = operands[0] if name == "TJ" else operands
            codes = b"".join(bytes(part) for part in strings if isinstance(part, pikepdf.String))
            letters = self._letters(font)
            numbers = [int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2)]
            self.codes.setdefault(font.objgen, set()).update(numbers)
            stack[-1].text += "".join(letters[number] for number in numbers)

    def _letters(self, font: Any) -> dict[int, str]:
        """What the codes of a font stand for, from its ToUnicode map."""
        if font.objgen not in self._maps:
            pairs = re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]*)>", font.ToUnicode.read_bytes())
            self._maps[font.objgen] = {
                int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
                for code, text in pairs
                if (code, text) != (b"0000", b"ffff")  # the range of all codes
            }
        return self._maps[font.objgen]
