"""Embed fonts in a PDF: for each face only the glyphs used, with the text of each.

reportlab addresses its own TrueType fonts by character, which cannot express a shaped glyph.
Here a font is a composite font addressed by glyph (ISO 32000-1, 9.7), subset by HarfBuzz.
"""

from __future__ import annotations

from typing import Any
from zlib import crc32

import uharfbuzz as hb
from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString, PDFZCompress

from paydesk.receipts.fonts import Face
from paydesk.receipts.shaping import Glyph, Line

_KEPT = {"glyf", "head", "hhea", "hmtx", "loca", "maxp"}
"""Tables a PDF needs of a TrueType font whose glyphs are found by number (ISO 32000-1, 9.9)."""

_LEAST_SHIFT = 1.0
"""Smallest shift written, in thousandths of an em. Smaller ones are added to the next."""

_NOTHING = "\u200b"
"""Text of the further glyphs of one letter: a zero-width space."""


class Fonts:
    """The fonts of one document. reportlab asks it for their objects when it saves the document."""

    def __init__(self, canvas: Any) -> None:
        self._embedded: dict[Face, EmbeddedFont] = {}
        canvas._doc.delayedFonts.append(self)  # reportlab's type stubs lack the document

    def show(self, line: Line, size: float, x: float, y: float) -> str:
        """Return the PDF operators that draw the line with its baseline starting at ``x``, ``y`` points."""
        shown = [f"BT 1 0 0 1 {x:.2f} {y:.2f} Tm"]
        for run in line.runs:
            font = self._embedded.get(run.face)
            if font is None:
                font = self._embedded[run.face] = EmbeddedFont(f"P{len(self._embedded)}", run.face)
            shown.append(f"/{font.key} {size:.2f} Tf")
            shown += font.show(run.glyphs, size)
        shown.append("ET")
        return " ".join(shown)

    def addObjects(self, document: Any) -> None:  # noqa: N802 - reportlab calls it by this name
        """Add every font to the document, under the names used by ``show``."""
        for font in self._embedded.values():
            document.idToObject["BasicFonts"].dict[font.key] = font.add_to(document)


class EmbeddedFont:
    """One face in one document: the glyphs used so far, numbered in the order of their first use."""

    def __init__(self, key: str, face: Face) -> None:
        self.key = key
        self._face = face
        self._numbers: dict[tuple[int, str], int] = {(0, "\ufffd"): 0}
        self._widths = [face.em(face.font.get_glyph_h_advance(0))]

    def show(self, glyphs: tuple[Glyph, ...], size: float) -> list[str]:
        """Return the operators that show the glyphs, with the distances that shaping requires."""
        shown: list[str] = []
        parts: list[str] = []
        codes, up, shift = "", 0.0, 0.0
        for glyph in glyphs:
            if glyph.up != up:
                shown += _array(parts, codes)
                shown.append(f"{glyph.up * size / 1000:.2f} Ts")
                parts, codes, up = [], "", glyph.up
            shift -= glyph.right
            if abs(shift) >= _LEAST_SHIFT:
                if codes:
                    parts.append(f"<{codes}>")
                parts.append(f"{shift:.0f}")
                codes, shift = "", shift - round(shift)
            codes += self._code(glyph)
            shift += glyph.right + glyph.natural - glyph.advance
        if abs(shift) >= _LEAST_SHIFT:
            parts, codes = [*parts, f"<{codes}>", f"{shift:.0f}"], ""
        shown += _array(parts, codes)
        return [*shown, "0 Ts"] if up else shown

    def _code(self, glyph: Glyph) -> str:
        key = (glyph.id, glyph.text)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._numbers)
            self._widths.append(glyph.natural)
        return f"{number:04X}"

    def add_to(self, document: Any) -> Any:
        """Add the composite font, its descendant, file and maps to the document. Returns its reference."""
        file, glyph_map = self._cut()
        tag = "".join(chr(65 + (crc32(file) >> shift) % 26) for shift in range(0, 24, 4))
        name = PDFName(f"{tag}+{self._face.name}")
        descent, ascent = self._face.box

        def stream(content: bytes, **entries: object) -> Any:
            return document.Reference(PDFStream(PDFDictionary(entries), content, [PDFZCompress]))

        def add(kind: str, **entries: object) -> Any:
            return document.Reference(PDFDictionary({"Type": PDFName(kind), **entries}))

        descriptor = add(
            "FontDescriptor",
            FontName=name,
            Flags=4,  # symbolic: glyphs are found by number
            FontBBox=PDFArray([0, descent, 1000, ascent]),
            ItalicAngle=0,
            Ascent=ascent,
            Descent=descent,
            CapHeight=ascent,
            StemV=80,
            FontFile2=stream(file, Length1=len(file)),
        )
        collection = {"Registry": PDFString("Adobe"), "Ordering": PDFString("Identity"), "Supplement": 0}
        descendant = add(
            "Font",
            Subtype=PDFName("CIDFontType2"),
            BaseFont=name,
            CIDSystemInfo=PDFDictionary(collection),
            FontDescriptor=descriptor,
            W=PDFArray([0, PDFArray([round(width, 2) for width in self._widths])]),
            CIDToGIDMap=stream(glyph_map),
        )
        return add(
            "Font",
            Subtype=PDFName("Type0"),
            BaseFont=name,
            Encoding=PDFName("Identity-H"),
            DescendantFonts=PDFArray([descendant]),
            ToUnicode=stream(_to_unicode([text for _, text in self._numbers])),
        )

    def _cut(self) -> tuple[bytes, bytes]:
        """Return the font file with only the glyphs used, and the map from our numbers to its glyphs."""
        wanted = hb.SubsetInput()
        wanted.glyph_set.update(glyph for glyph, _ in self._numbers)
        wanted.drop_table_tag_set.update(_tag(name) for name in set(self._face.face.table_tags) - _KEPT)
        flags = hb.SubsetFlags
        wanted.flags = flags.NO_HINTING | flags.NOTDEF_OUTLINE | flags.NO_LAYOUT_CLOSURE
        plan = hb.SubsetPlan(self._face.face, wanted)
        moved = plan.old_to_new_glyph_mapping
        glyph_map = b"".join(int(moved[glyph]).to_bytes(2, "big") for glyph, _ in self._numbers)
        return bytes(plan.execute().blob.data), glyph_map


def _tag(name: str) -> int:
    return int.from_bytes(name.encode("ascii"), "big")


def _array(parts: list[str], codes: str) -> list[str]:
    whole = [*parts, f"<{codes}>"] if codes else parts
    if not whole:
        return []
    return [f"{whole[0]} Tj"] if len(whole) == 1 and codes else [f"[{' '.join(whole)}] TJ"]


def _to_unicode(texts: list[str]) -> bytes:
    """Return the map from glyph number to text, for search, copying and screen readers.

    See ISO 32000-1, 9.10.3.
    """
    head = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def "
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange"
    )
    said = [(text or _NOTHING).encode("utf-16-be").hex().upper() for text in texts]
    rows = [f"<{number:04X}> <{text}>" for number, text in enumerate(said)]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    body = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks]
    tail = "endcmap CMapName currentdict /CMap defineresource pop end end"
    return "\n".join([head, *body, tail]).encode("ascii")
