"""The parts of a workbook beside its sheets: their list, the shared texts, and the styles that mean dates."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from openpyxl.styles.numbers import builtin_format_code, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from paydesk.gateways.files.package import NotSound, Package, place_of
from paydesk.gateways.files.sheet import Meanings, Texts
from paydesk.gateways.http.xml_stream import XmlStream, local

MOST_SHEETS: Final = 500
MOST_STYLES: Final = 100_000
"""Most styles, and most links between parts. Excel itself takes 65,490 styles."""
MOST_STRINGS: Final = 3_000_000
MOST_OF_STRINGS: Final = 400_000_000
"""Most bytes of memory for all shared texts."""
_BOOK: Final = "xl/workbook.xml"

T = TypeVar("T", bound=XmlStream)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook. ``part`` is the name of its part."""

    name: str
    hidden: bool
    part: str


@dataclass(frozen=True, slots=True)
class Book:
    """The list of the sheets, and where the other parts are. A name is "" for a part that is not there."""

    sheets: tuple[Sheet, ...]
    epoch_1904: bool
    strings: str
    styles: str


def book_of(package: Package) -> Book:
    """Return the list of the sheets. Raises NotSound, XmlRefused and the errors of zipfile."""
    top = _links(package, "")
    place = next((link.part for link in top.values() if link.kind == "officeDocument"), _BOOK)
    listed = _read(package, place, _List())
    links = _links(package, place)
    by_kind = {link.kind: link.part for link in links.values() if link.part in package}
    sheets = [(name, hidden, links.get(link)) for name, hidden, link in listed.sheets]
    return Book(
        tuple(
            Sheet(name, hidden, link.part)
            for name, hidden, link in sheets
            if link is not None and link.kind == "worksheet" and link.part in package
        ),
        listed.epoch_1904,
        by_kind.get("sharedStrings", ""),
        by_kind.get("styles", ""),
    )


def meanings_of(package: Package, book: Book) -> Meanings:
    """Return the shared texts and the styles. Raises NotSound, XmlRefused and the errors of zipfile."""
    strings = _read(package, book.strings, _Strings()).found if book.strings else []
    styles = _read(package, book.styles, _Styles()) if book.styles else _Styles()
    codes = [styles.codes.get(number) or builtin_format_code(number) for number in styles.of_cells]
    return Meanings(
        strings,
        frozenset(at for at, code in enumerate(codes) if code and is_date_format(code)),
        frozenset(at for at, code in enumerate(codes) if code and is_timedelta_format(code)),
        MAC_EPOCH if book.epoch_1904 else WINDOWS_EPOCH,
        {at: around for at, code in enumerate(codes) if code and (around := _words_around(code))},
    )


_TOKENS = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
    r"|(?P<digits>[#0?.,]+(?:/[#0?]+)?|General|@)|(?P<other>.)",
    re.DOTALL,
)
_USUAL_SIGNS = str.maketrans("", "", "$+ ")


def _words_around(code: str) -> tuple[str, str] | None:
    """Return what a number format puts before and behind a positive number, or None for nothing but dollars.

    "1,250.00 CR", "(1,250.00)" and "€1,250.00" may be shown for a plain 1250 (ECMA-376, 18.8.31).
    """
    if is_date_format(code):
        return None
    before, behind, pieces = "", "", 0
    for token in _TOKENS.finditer(code.partition(";")[0]):
        said = token["quoted"] or token["escaped"] or token["currency"] or token["other"] or ""
        if token["digits"]:
            pieces += 1
            if behind.translate(_USUAL_SIGNS):
                return None  # a telephone number: (000) 000-0000
        elif pieces:
            behind += said
        else:
            before += said
    around = (before + behind).upper().replace("USD", "").replace("US$", "").translate(_USUAL_SIGNS)
    return (before, behind) if around and around != "%" else None


def _read(package: Package, part: str, into: T) -> T:
    for block in package.blocks(part):
        into.feed(block)
    into.close()
    return into


@dataclass(frozen=True, slots=True)
class _Link:
    kind: str
    part: str


def _links(package: Package, source: str) -> dict[str, _Link]:
    """Return the relationships of a part by their ids. The whole package is "" itself."""
    folder, _, name = source.rpartition("/")
    part = f"{folder}/_rels/{name}.rels".lstrip("/")
    return _read(package, part, _Links(source)).found if part in package else {}


class _Links(XmlStream):
    def __init__(self, source: str) -> None:
        super().__init__(local)
        self._source = source
        self.found: dict[str, _Link] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        part = place_of(attributes.get("Target", ""), self._source)
        self.found[attributes.get("Id", "")] = _Link(kind, part)
        if len(self.found) > MOST_STYLES:
            raise NotSound("too many links between its parts")


class _List(XmlStream):
    def __init__(self) -> None:
        super().__init__(local)
        self.sheets: list[tuple[str, bool, str]] = []
        self.epoch_1904 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbookPr":
            self.epoch_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif name == "sheet":
            link = next((held for key, held in attributes.items() if key.endswith("}id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), hidden, link))
            if len(self.sheets) > MOST_SHEETS:
                raise NotSound(f"more than {MOST_SHEETS} sheets")


class _Strings(Texts):
    """The shared texts. A text in several styles is one text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._held = 0
        self._one: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._one, self._length = [], 0
        elif name == "t":
            self._pieces = self._one
        elif name in ("rPh", "phoneticPr"):
            self._beside += 1

    def end(self, name: str) -> None:
        if name == "si":
            self._keep("".join(self._one).replace("x005F_", ""))  # Excel's own mark before _x…_
        elif name == "t":
            self._pieces = None
        elif name in ("rPh", "phoneticPr"):
            self._beside -= 1

    def _keep(self, text: str) -> None:
        self._held += sys.getsizeof(text)
        self.found.append(text)
        if self._held > MOST_OF_STRINGS or len(self.found) > MOST_STRINGS:
            raise NotSound("its texts would fill the memory")


class _Styles(XmlStream):
    """The number format of each style of cells."""

    def __init__(self) -> None:
        super().__init__(local)
        self.codes: dict[int, str] = {}
        self.of_cells: list[int] = []
        self._inside = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and not self._inside:
            self.codes[_number(attributes)] = attributes.get("formatCode", "")[:300]
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.of_cells.append(_number(attributes))
        if len(self.of_cells) + len(self.codes) > MOST_STYLES:
            raise NotSound("too many styles")

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


def _number(attributes: Mapping[str, str]) -> int:
    text = attributes.get("numFmtId", "0")
    return int(text) if text.isdecimal() and len(text) < 7 else 0
