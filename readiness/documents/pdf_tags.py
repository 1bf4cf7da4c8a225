"""The structure of the file, for those who hear it: one element for each HTML element, over lines and pages.

WeasyPrint 70 writes a structure tree of its own from the boxes of each page. It lacks what this one has: the language
of a passage, the scope of a table's heads, footers and repeated heads as artifacts, one element for a paragraph, list
or table that goes on over a page, and links that say where they lead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pydyf
from weasyprint.formatting_structure import boxes
from weasyprint.layout.absolute import AbsolutePlaceholder

#: What an HTML element is in a PDF. One that is missing here adds nothing: its content belongs to the element around.
ROLES = {
    **{name: name.upper() for name in ("p", "h1", "h2", "h3", "h4", "tr", "th", "td")},
    **{"section": "Sect", "div": "Div", "a": "Link", "img": "Figure", "ul": "L", "li": "LI"},
    **{"table": "Table", "caption": "Caption", "thead": "THead", "tbody": "TBody"},
}
#: Elements that stay when they are empty, because their place says something.
CELLS = ("TH", "TD")
#: PDF points to a CSS pixel.
POINTS = 0.75

FOOTER = pydyf.Dictionary({"Type": "/Pagination", "Subtype": "/Footer"})
REPEATED = pydyf.Dictionary({"Type": "/Pagination"})


@dataclass(frozen=True, slots=True)
class _Content:
    """A marked piece of a page's content."""

    page: int
    number: int


@dataclass(frozen=True, slots=True)
class _Annotation:
    """A link's rectangle on a page."""

    page: int
    dictionary: pydyf.Dictionary


@dataclass(eq=False, slots=True)
class _Element:
    """An element of the structure tree."""

    role: str
    parent: _Element | None
    language: str
    entries: dict[str, Any] = field(default_factory=dict)
    kids: list[_Element | _Content | _Annotation] = field(default_factory=list)
    dictionary: pydyf.Dictionary = field(default_factory=pydyf.Dictionary)

    @property
    def kept(self) -> bool:
        """Whether there is anything in it."""
        return self.role in CELLS or any(not isinstance(kid, _Element) or kid.kept for kid in self.kids)

    def __iter__(self) -> Iterator[_Element]:
        """Walk over this element and all in it that are kept, in reading order."""
        yield self
        for kid in self.kids:
            if isinstance(kid, _Element) and kid.kept:
                yield from kid


def add_tags(pdf: pydyf.PDF, document: Any, _version: str, streams: list[Any]) -> None:
    """Add the structure tree to *pdf*. It is called in the place of WeasyPrint's function of this name."""
    builder = _Builder(document.metadata.lang)
    for number, (page, stream) in enumerate(zip(document.pages, streams, strict=True)):
        builder.read(number, page, stream)
    _write(pdf, builder.root, [len(stream._tags) for stream in streams])


class _Builder:
    """Reads the boxes of one page after the other."""

    def __init__(self, language: str) -> None:
        self.root = _Element("Document", None, language)
        self._made: dict[Any, _Element] = {}
        #: The items of lists, each with its list.
        self._items: dict[Any, tuple[_Element, _Element]] = {}
        self._first_page: dict[Any, int] = {}
        self._page = 0
        self._page_height = 0.0
        self._numbers: dict[Any, int] = {}
        self._artifacts: dict[int, pydyf.Dictionary] = {}

    def read(self, number: int, page: Any, stream: Any) -> None:
        """Read a page: its boxes give the elements, its stream the numbers of what they drew."""
        self._page, self._page_height = number, page.height
        self._numbers = {box: tag["mcid"] for box, tag in stream._tags.items()}
        self._artifacts = {}
        self._visit(page._page_box, self.root)
        _mark_artifacts(stream, self._artifacts)

    def _visit(self, box: Any, parent: _Element) -> None:
        if isinstance(box, AbsolutePlaceholder):
            box = box._box
        if isinstance(box, boxes.MarginBox):
            self._discard(box, FOOTER)
            return
        if box.element_tag == "thead" and self._first_page.setdefault(box.element, self._page) < self._page:
            self._discard(box, REPEATED)
            return
        element = self._element(box, parent)
        if box.link_annotation:
            box.link_annotation["Contents"] = pydyf.String(" ".join("".join(box.element.itertext()).split()))
            element.kids.append(_Annotation(self._page, box.link_annotation))
        if box in self._numbers:
            element.kids.append(_Content(self._page, self._numbers[box]))
        for child in getattr(box, "children", ()):
            self._visit(child, element)

    def _discard(self, box: Any, kind: pydyf.Dictionary) -> None:
        if box in self._numbers:
            self._artifacts[self._numbers[box]] = kind
        for child in getattr(box, "children", ()):
            self._discard(child, kind)

    def _element(self, box: Any, parent: _Element) -> _Element:
        """Return the element that the content of *box* belongs to."""
        if box.element is None or box.element_tag in ("html", "body"):
            return parent
        if box.element_tag == "li::marker":
            return self._label(box)
        if box.element not in self._made:
            self._made[box.element] = self._new(box, parent)
        return self._made[box.element]

    def _new(self, box: Any, parent: _Element) -> _Element:
        name, language = box.element_tag.partition("::")[0], box.element.get("lang", parent.language)
        role = ROLES.get(name, "Span" if language != parent.language else None)
        if role is None:
            return parent
        if role == "L" and box.element.get("class") == "contents-list":
            role = "TOC"
        if role == "LI" and parent.role == "TOC":
            return _child(_child(parent, "TOCI", language), "Reference")
        element = _child(parent, role, language)
        element.entries.update(self._entries(role, box))
        if role != "LI":
            return element
        # What stands in an item of a list is its body; the bullet stands before it.
        self._items[box.element] = element, parent
        return _child(element, "LBody")

    def _label(self, box: Any) -> _Element:
        item, whole = self._items[box.element]
        whole.entries["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": "/Disc"})
        label = _Element("Lbl", item, item.language)
        item.kids.insert(0, label)
        return label

    def _entries(self, role: str, box: Any) -> dict[str, Any]:
        if role == "Figure":
            left, top = box.content_box_x(), box.content_box_y()
            sides = (left, self._page_height - top - box.height, left + box.width, self._page_height - top)
            place = pydyf.Dictionary({"O": "/Layout", "BBox": pydyf.Array(round(side * POINTS, 2) for side in sides)})
            return {"Alt": pydyf.String(box.element.get("alt")), "A": place}
        if role == "TH":
            scope = "/Row" if box.element.get("scope") == "row" else "/Column"
            return {"A": pydyf.Dictionary({"O": "/Table", "Scope": scope})}
        return {}


def _child(parent: _Element, role: str, language: str | None = None) -> _Element:
    element = _Element(role, parent, language or parent.language)
    if element.language != parent.language:
        element.entries["Lang"] = pydyf.String(element.language)
    parent.kids.append(element)
    return element


def _mark_artifacts(stream: Any, artifacts: dict[int, pydyf.Dictionary]) -> None:
    """Turn marked content that no element holds into artifacts. The stream is a list of operators and operands."""
    for at, item in enumerate(stream.stream):
        if isinstance(item, pydyf.Dictionary) and item.get("MCID") in artifacts and stream.stream[at + 1] == b"BDC":
            stream.stream[at - 1 : at + 1] = ["/Artifact", artifacts[item["MCID"]]]


def _write(pdf: pydyf.PDF, root: _Element, marked: list[int]) -> None:
    """Write the tree below *root*, and the way back from each page's marked content to its element."""
    owners: list[list[Any]] = [[b"null"] * count for count in marked]
    links: list[Any] = []
    for element in root:
        pdf.add_object(element.dictionary)
    tree = pydyf.Dictionary({"Type": "/StructTreeRoot", "K": pydyf.Array([root.dictionary.reference])})
    pdf.add_object(tree)
    for element in root:
        _fill(element, pdf, tree, owners, links)
    numbers = pydyf.Array()
    for key, owner in enumerate([*(pydyf.Array(page) for page in owners), *links]):
        numbers.extend([key, owner])
    tree["ParentTree"] = pydyf.Dictionary({"Nums": numbers})
    tree["ParentTreeNextKey"] = len(owners) + len(links)
    pdf.catalog["StructTreeRoot"] = tree.reference
    pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})


def _fill(element: _Element, pdf: pydyf.PDF, tree: pydyf.Dictionary, owners: list[list[Any]], links: list[Any]) -> None:
    own, pages = element.dictionary, pdf.page_references
    above = tree if element.parent is None else element.parent.dictionary
    home = next((kid.page for kid in element.kids if isinstance(kid, _Content)), None)
    kids = pydyf.Array()
    for kid in element.kids:
        if isinstance(kid, _Content):
            owners[kid.page][kid.number] = own.reference
            elsewhere = {"Type": "/MCR", "Pg": pages[kid.page], "MCID": kid.number}
            kids.append(kid.number if kid.page == home else pydyf.Dictionary(elsewhere))
        elif isinstance(kid, _Annotation):
            kid.dictionary["StructParent"] = len(owners) + len(links)
            links.append(own.reference)
            link = {"Type": "/OBJR", "Pg": pages[kid.page], "Obj": kid.dictionary.reference}
            kids.append(pydyf.Dictionary(link))
        elif kid.kept:
            kids.append(kid.dictionary.reference)
    own.update({"Type": "/StructElem", "S": f"/{element.role}", "P": above.reference, **element.entries})
    if kids:
        own["K"] = kids
    if home is not None:
        own["Pg"] = pages[home]
