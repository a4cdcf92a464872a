"""The fonts of a receipt: Inter, and for every script it lacks a font that has it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import uharfbuzz as hb

from paydesk.config.paths import resources


class Weight(Enum):
    """The weight of a text. The value is the name of its font file."""

    REGULAR = "Inter-Regular"
    STRONG = "Inter-SemiBold"


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One open font file: its characters, and HarfBuzz's objects for it (untyped, hence Any)."""

    name: str
    face: Any
    font: Any
    characters: frozenset[int]

    def em(self, units: float) -> float:
        """Convert font units to thousandths of an em, the unit of all widths here and in a PDF."""
        return units * 1000 / float(self.face.upem)

    @property
    def box(self) -> tuple[int, int]:
        """Descent and ascent in thousandths of an em."""
        extents = self.font.get_font_extents("ltr")
        return round(self.em(extents.descender)), round(self.em(extents.ascender))


@cache
def face(name: str) -> Face:
    """Return the font of that file name. The first call reads it."""
    opened = hb.Face((resources() / "fonts" / f"{name}.ttf").read_bytes())
    return Face(name, opened, hb.Font(opened), frozenset(opened.unicodes))


def face_for(character: str, weight: Weight) -> Face:
    """Return the font that has this character, or the base font, with its empty box, if none has it."""
    base = face(weight.value)
    code = ord(character)
    return base if code in base.characters else _fallback(code) or base


@cache
def _fallback(code: int) -> Face | None:
    for name, blocks in _FALLBACKS:
        if any(code in block for block in blocks) and code in face(name).characters:
            return face(name)
    return None


def _blocks(text: str) -> tuple[range, ...]:
    """Return the Unicode blocks of a text like ``0590-05FF 2600-27BF``."""
    bounds = (block.split("-") for block in text.split())
    return tuple(range(int(first, 16), int(last, 16) + 1) for first, last in bounds)


_FALLBACKS = tuple(
    (name, _blocks(blocks))
    for name, blocks in (
        ("NotoEmoji-Regular", "2049-2049 2139-2139 2194-21AA 231A-23FF 25AA-25FE 2600-27BF 2934-2935 "
         "2B05-2B55 3030-303D 3297-3299 1F000-1FAFF"),
        ("NotoSansHebrew-Regular", "0590-05FF FB1D-FB4F"),
        ("NotoSansArabic-Regular", "0600-06FF 0750-077F 08A0-08FF FB50-FDFF FE70-FEFF"),
        ("DroidSansFallback", "1100-11FF 2E80-9FFF AC00-D7AF F900-FAFF FE30-FE4F FF00-FFEF"),
        ("NotoSansCJKRare-Regular", "2E80-9FFF F900-FAFF FE30-FE4F 20000-3FFFF"),
        ("NotoSansDevanagari-Regular", "0900-097F 1CD0-1CFF A830-A83F A8E0-A8FF"),
        ("NotoSansThai-Regular", "0E00-0E7F"),
        ("NotoSansArmenian-Regular", "0530-058F FB13-FB17"),
        ("NotoSansSyriac-Regular", "0700-074F"),
        ("NotoSansThaana-Regular", "0780-07BF"),
        ("NotoSansNKo-Regular", "07C0-07FF"),
        ("NotoSansBengali-Regular", "0980-09FF"),
        ("NotoSansGurmukhi-Regular", "0A00-0A7F"),
        ("NotoSansGujarati-Regular", "0A80-0AFF"),
        ("NotoSansOriya-Regular", "0B00-0B7F"),
        ("NotoSansTamil-Regular", "0B80-0BFF"),
        ("NotoSansTelugu-Regular", "0C00-0C7F"),
        ("NotoSansKannada-Regular", "0C80-0CFF"),
        ("NotoSansMalayalam-Regular", "0D00-0D7F"),
        ("NotoSansSinhala-Regular", "0D80-0DFF"),
        ("NotoSansLao-Regular", "0E80-0EFF"),
        ("NotoSerifTibetan-Regular", "0F00-0FFF"),
        ("NotoSansMyanmar-Regular", "1000-109F A9E0-A9FF AA60-AA7F"),
        ("NotoSansGeorgian-Regular", "10A0-10FF 1C90-1CBF 2D00-2D2F"),
        ("NotoSansEthiopic-Regular", "1200-139F 2D80-2DDF AB00-AB2F"),
        ("NotoSansCherokee-Regular", "13A0-13FF AB70-ABBF"),
        ("NotoSansCanadianAboriginal-Regular", "1400-167F 18B0-18FF"),
        ("NotoSansKhmer-Regular", "1780-17FF 19E0-19FF"),
        ("NotoSansMongolian-Regular", "1800-18AF"),
        ("NotoSansTifinagh-Regular", "2D30-2D7F"),
        ("NotoSansAdlam-Regular", "1E900-1E95F"),
        ("NotoSans-Regular", "0000-FFFF"),
        ("NotoSansSymbols-Regular", "2000-2BFF 1F000-1FAFF"),
        ("NotoSansSymbols2-Regular", "2000-2BFF 4DC0-4DFF 1F000-1FAFF"),
    )
)  # fmt: skip
