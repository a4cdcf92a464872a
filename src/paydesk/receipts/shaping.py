"""Text to glyphs: cleaned, put in visual order, and shaped by HarfBuzz."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import uharfbuzz as hb

from paydesk.receipts.fonts import Face, Weight, face, face_for

_JOINERS = "\u200c\u200d"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
_STICKS = re.compile(r"[\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_RIGHT_TO_LEFT = re.compile(
    r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def clean(text: str) -> str:
    """Return one line of printable text in Unicode's composed form.

    It removes control, bidi-override and unpaired surrogate characters, and turns every kind of space
    into one plain space. The two joiners stay, because Persian and Indic names and emoji need them.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = (_seen(character) for character in unicodedata.normalize("NFC", text))
    return " ".join("".join(seen).split())


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if character in _JOINERS or category not in _UNSEEN:
        return character
    return " " if category.startswith("Z") or character in "\t\n\v\f\r\x85" else ""


def sticks(character: str) -> bool:
    """Return True if the character modifies the letter or emoji before it, and must stay with it."""
    return bool(_STICKS.match(character)) or unicodedata.category(character).startswith("M")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of a face. ``text`` is the text it represents. Lengths are in thousandths of an em."""

    id: int
    text: str
    advance: float
    right: float
    up: float
    natural: float


@dataclass(frozen=True, slots=True)
class Run:
    """Glyphs of one face, from left to right."""

    face: Face
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A text set on one line, from left to right. ``width`` is in thousandths of an em."""

    text: str
    runs: tuple[Run, ...]
    width: float


@lru_cache(maxsize=4096)
def set_line(text: str, weight: Weight, *, figures: bool = False) -> Line:
    """Set a clean text. ``figures`` gives all digits the same width, for columns of amounts."""
    runs = tuple(
        Run(piece_face, _shape(piece, piece_face, direction, figures))
        for piece, piece_face, direction in _pieces(text, weight)
    )
    return Line(text, runs, sum(glyph.advance for run in runs for glyph in run.glyphs))


def _pieces(text: str, weight: Weight) -> Iterator[tuple[str, Face, str]]:
    """Yield pieces of one face and one direction, in visual order."""
    if text.isascii():
        yield text, face(weight.value), "ltr"
        return
    levels = [0] * len(text)
    if _RIGHT_TO_LEFT.search(text):
        # A late import, because most receipts have no right-to-left text.
        from paydesk.receipts.bidi import embedding_levels

        levels = embedding_levels(text)
    marked = zip(text, _faces(text, weight), levels, strict=True)
    pieces = [
        ("".join(character for character, _, _ in group), piece_face, level)
        for (piece_face, level), group in groupby(marked, key=lambda mark: mark[1:])
    ]
    for index in visual_order([level for _, _, level in pieces]):
        piece, piece_face, level = pieces[index]
        yield piece, piece_face, "rtl" if level % 2 else "ltr"


def _faces(text: str, weight: Weight) -> Iterator[Face]:
    """Yield a face for each character. Marks and joiners stay with the letter they modify."""
    current = face(weight.value)
    for character in text:
        if not (sticks(character) and ord(character) in current.characters):
            current = face_for(character, weight)
        yield current


def visual_order(levels: list[int]) -> list[int]:
    """Return indices from left to right by rule L2: from the highest level down, reverse each run."""
    order = list(range(len(levels)))
    for lowest in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= lowest:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end + 1
    return order


def _shape(text: str, piece_face: Face, direction: str, figures: bool) -> tuple[Glyph, ...]:
    buffer = hb.Buffer()
    buffer.cluster_level = hb.BufferClusterLevel.MONOTONE_CHARACTERS
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = direction
    hb.shape(piece_face.font, buffer, {"tnum": True} if figures else None)
    stands_for = _stands_for(text, [info.cluster for info in buffer.glyph_infos])
    em, advance = piece_face.em, piece_face.font.get_glyph_h_advance
    return tuple(
        Glyph(
            id=info.codepoint,
            text=stands_for[index],
            advance=em(position.x_advance),
            right=em(position.x_offset),
            up=em(position.y_offset),
            natural=em(advance(info.codepoint)),
        )
        for index, (info, position) in enumerate(zip(buffer.glyph_infos, buffer.glyph_positions, strict=True))
    )


def _stands_for(text: str, clusters: list[int]) -> list[str]:
    """Return each glyph's text. The first glyph of a cluster has all its characters, the others have none."""
    starts = sorted(set(clusters))
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    seen: set[int] = set()
    stands_for = []
    for cluster in clusters:
        stands_for.append("" if cluster in seen else text[cluster : ends[cluster]])
        seen.add(cluster)
    return stands_for
