"""Pages of a PDF on which every text says what it is: a heading, a paragraph, a cell of a table.

Readers of the page aloud follow that structure; what is drawn in other signs than it is read (letters that
join, numbers cut short) carries its text along. Lines and page numbers are marked as no part of it.
"""

import io
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFPage,
)
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from chalicelib.earnings.papers.prints.letters import drawn

WIDE, HIGH = (int(side) for side in landscape(A4))
FONT = "Letters"
FONT_FILE = Path(__file__).with_name("letters.ttf")
CUT = "…"
LINE = 1
BAR, INK = HexColor("#e8f2eb"), HexColor("#000000")
Notes = Callable[[int, int], Iterable[tuple[str, "At"]]]
"""By a page's number and how many there are, what stands at its edge."""


@dataclass(frozen=True)
class At:
    """Where a line of text stands, in points from the lower left corner."""

    x: int
    y: int
    size: int
    wide: int = 0
    """How much room there is; 0 where there is enough."""
    ends: bool = False
    """Whether it ends at `x`, as figures do."""


@dataclass
class Element:
    """A part of the structure: what it holds, or where on which page it stands."""

    kind: str
    children: list["Element"] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Pages and numbers of marked text."""
    scope: str = ""

    def add(self, kind: str, scope: str = "") -> "Element":
        self.children.append(Element(kind, scope=scope))
        return self.children[-1]


class Paper:
    """A document being drawn, from the top of its first page."""

    def __init__(self, *, title: str, author: str) -> None:
        _load_font()
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=(WIDE, HIGH), lang="en", invariant=1)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.document = Element("Document")
        self.codes: list[list[str]] = []
        self.marked: list[list[Element]] = [[]]

    @property
    def page(self) -> int:
        return len(self.marked)

    def write(self, part: Element, text: str, at: At) -> None:
        """Draw the text, cut short where it has to be, as what `part` is."""
        number = len(self.marked[-1])
        self.marked[-1].append(part)
        part.marks.append((self.page, number))
        signs = drawn(fitting(text, at.size, at.wide) if at.wide else text, has)
        spoken = "" if signs == text else f"/ActualText <feff{text.encode('utf-16-be').hex()}> "
        self.canvas._code.append(f"/{part.kind} <<{spoken}/MCID {number}>> BDC")
        self._draw(signs, at)
        self.canvas._code.append("EMC")

    def note(self, text: str, at: At) -> None:
        """What belongs to the page and not to what it says."""
        with self.aside():
            self._draw(drawn(text, has), at)

    def line(self, y: int, start: int, end: int) -> None:
        with self.aside():
            self.canvas.setLineWidth(LINE)
            self.canvas.line(start, y, end, y)

    def shade(self, x: int, y: int, wide: int, high: int) -> None:
        with self.aside():
            self.canvas.setFillColor(BAR)
            self.canvas.rect(x, y, wide, high, stroke=0, fill=1)
            self.canvas.setFillColor(INK)

    @contextmanager
    def aside(self) -> Iterator[None]:
        self.canvas._code.append("/Artifact BMC")
        yield
        self.canvas._code.append("EMC")

    def turn(self) -> None:
        """Go on on the next page."""
        self.codes.append(self.canvas._code)
        self.canvas._code = []
        self.marked.append([])

    def finished(self, notes: Notes) -> bytes:
        """The document, with these notes on each page."""
        for number, code in enumerate([*self.codes, self.canvas._code], 1):
            self.canvas._code = code
            for text, at in notes(number, self.page):
                self.note(text, at)
            self.canvas.showPage()
        pages = self.canvas._doc.idToObject
        for place in range(self.page):
            _number(pages[f"Page{place + 1}"], place)
        _Structure(self).attach()
        self.canvas.save()
        return self.out.getvalue()

    def _draw(self, signs: str, at: At) -> None:
        self.canvas.setFont(FONT, at.size)
        (self.canvas.drawRightString if at.ends else self.canvas.drawString)(at.x, at.y, signs)


def has(sign: str) -> bool:
    """Whether the typeface has this sign."""
    _load_font()
    return ord(sign) in pdfmetrics.getFont(FONT).face.charToGlyph


def width(text: str, size: int) -> int:
    _load_font()
    points: int = math.ceil(pdfmetrics.stringWidth(drawn(text, has), FONT, size))
    return points


def fitting(text: str, size: int, wide: int) -> str:
    """The text, cut short where it is wider than that."""
    if width(text, size) <= wide:
        return text
    least, most = 0, len(text)
    while least < most:
        middle = (least + most + 1) // 2
        fits = width(text[:middle].rstrip() + CUT, size) <= wide
        least, most = (middle, most) if fits else (least, middle - 1)
    return text[:least].rstrip() + CUT


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(FONT, str(FONT_FILE)))


def _number(page: Any, place: int) -> None:
    """Where a page's marks are found in the structure; in which order its parts are gone through."""
    page.__NoDefault__ = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]
    page.StructParents, page.Tabs = place, PDFName("S")


class _Structure:
    """The structure as PDF's objects: each names its parent, and each page its marks' elements."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.objects = paper.canvas._doc
        self.names: dict[int, str] = {}

    def attach(self) -> None:
        root = PDFObjectReference("structure")
        top = self._made(self.paper.document, root)
        found = [
            entry
            for place, parts in enumerate(self.paper.marked)
            for entry in (place, PDFArray([PDFObjectReference(self.names[id(part)]) for part in parts]))
        ]
        parents = PDFDictionary({"Nums": PDFArray(found)})
        whole = {"Type": PDFName("StructTreeRoot"), "K": top, "ParentTree": parents}
        self.objects.Reference(PDFDictionary(whole), "structure")
        catalog = self.objects.Catalog
        catalog.StructTreeRoot, catalog.MarkInfo = root, PDFDictionary({"Marked": "true"})

    def _made(self, part: Element, parent: Any) -> Any:
        name = self.names[id(part)] = f"part{len(self.names)}"
        mine = PDFObjectReference(name)
        kids = [self._made(child, mine) for child in part.children]
        kids += [self._mark(page, number) for page, number in part.marks]
        values = {"Type": PDFName("StructElem"), "S": PDFName(part.kind), "P": parent, "K": PDFArray(kids)}
        if part.scope:
            scope = {"O": PDFName("Table"), "Scope": PDFName(part.scope)}
            values["A"] = PDFDictionary(scope)
        self.objects.Reference(PDFDictionary(values), name)
        return mine

    def _mark(self, page: int, number: int) -> Any:
        on = PDFObjectReference(f"Page{page}")
        return PDFDictionary({"Type": PDFName("MCR"), "Pg": on, "MCID": number})
