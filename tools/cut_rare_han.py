"""Cut the Han characters that Droid Sans Fallback lacks out of Noto Sans CJK, with TrueType outlines.

Usage: python tools/cut_rare_han.py NotoSansCJK-Regular.ttc resources/fonts/DroidSansFallback.ttf OUT.ttf
It needs the Python package fonttools. Run it once: the repository keeps the result in resources/fonts.
"""

import sys
from itertools import chain

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

HAN = frozenset(
    chain(range(0x2E80, 0x2FE0), range(0x3000, 0xA000), range(0xF900, 0xFB00), range(0xFE30, 0xFE50),
          range(0x20000, 0x40000))
)  # fmt: skip
MADE = 3_600_000_000
"""Fixed timestamp in seconds since 1904, so that the same input gives the same file."""


def cut(collection: str, common: str, out: str) -> None:
    """Write the characters of ``collection`` that ``common`` lacks to ``out``."""
    source, have = TTFont(collection, fontNumber=0), TTFont(common).getBestCmap()
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True, hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for code in source.getBestCmap() if code in HAN and code not in have])
    cutter.subset(source)
    build(source).save(out)


def build(source: TTFont) -> TTFont:
    """Return the same glyphs with quadratic outlines, which every PDF reader and printer can draw."""
    names, shapes, glyphs = source.getGlyphOrder(), source.getGlyphSet(), {}
    for name in names:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        glyphs[name] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(source.getBestCmap())
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(
        {name: (source["hmtx"][name][0], getattr(glyphs[name], "xMin", 0)) for name in names}
    )
    builder.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    builder.setupOS2(fsType=0)
    said = source["name"].getDebugName
    builder.setupNameTable(
        {"familyName": "Noto Sans CJK Rare", "styleName": "Regular", "copyright": said(0),
         "licenseDescription": said(13), "licenseInfoURL": said(14)}
    )  # fmt: skip
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = MADE
    builder.font.recalcTimestamp = False
    return builder.font


if __name__ == "__main__":
    cut(*sys.argv[1:])
