"""Right-to-left text within left-to-right text, by the rules of UAX #9 in python-bidi.

python-bidi's display function returns reversed characters, which HarfBuzz can no longer shape, so this
module calls its steps one by one to get the levels. python-bidi lacks rule N0 (brackets).
"""

from __future__ import annotations

from typing import Any

from bidi import algorithm

_CLOSING = {")": "(", "]": "[", "}": "{"}
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}


def embedding_levels(text: str) -> list[int]:
    """Return the level of each character, odd for right to left. The first strong letter sets the line's."""
    storage = algorithm.get_empty_storage()
    storage["base_level"] = algorithm.get_base_level(text)
    algorithm.get_embedding_levels(text, storage)
    placed: list[dict[str, Any]] = list(storage["chars"])
    for character in placed:
        character["type"] = character["type"] or "L"  # a character that this Python's Unicode does not know
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], "R" if storage["base_level"] else "L")
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    level = storage["base_level"]
    for character in placed:
        if character["orig"] == "BN":  # a joiner: the rules drop it, but its neighbors need it
            character["level"] = level
        level = character["level"]
    return [character["level"] for character in placed]


def _resolve_brackets(characters: list[dict[str, Any]], base: str) -> None:
    """Apply rule N0: a bracket pair gets the line's direction, or that of its contents and its context."""
    for first, last in _pairs(characters):
        inside = _strong(characters[first + 1 : last])
        if base in inside:
            direction = base
        elif inside:
            before = _strong(characters[:first])
            direction = before[-1] if before else base
        else:
            continue
        characters[first]["type"] = characters[last]["type"] = direction


def _pairs(characters: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return where brackets open and close, in the order they open (UAX #9, BD16)."""
    pairs, opened = [], list[tuple[str, int]]()
    for index, character in enumerate(characters):
        if character["ch"] in _CLOSING.values():
            opened.append((character["ch"], index))
        elif wanted := _CLOSING.get(character["ch"]):
            while any(bracket == wanted for bracket, _ in opened):
                bracket, start = opened.pop()
                if bracket == wanted:
                    pairs.append((start, index))
                    break
    return sorted(pairs)


def _strong(characters: list[dict[str, Any]]) -> list[str]:
    return [_STRONG[character["type"]] for character in characters if character["type"] in _STRONG]
