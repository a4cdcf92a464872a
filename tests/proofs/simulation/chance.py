"""Random numbers that depend only on the seed and on the name of the draw.

If one fault or one action of a history is dropped, all other draws stay the same. So a failing history can be
shrunk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Chance:
    """Draws by name. The n-th draw of a name is the same in every run of a seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._seed = (seed * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK
        self._drawn: Counter[str] = Counter()

    def bits(self, name: str) -> int:
        """Return 64 random bits (splitmix64)."""
        self._drawn[name] = count = self._drawn[name] + 1
        x = (self._seed ^ (crc32(name.encode()) * 0xD1342543DE82EF95) + count * 0x9E3779B97F4A7C15) & _MASK
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
        return x ^ (x >> 31)

    def unit(self, name: str) -> float:
        """Return a number from 0 to just below 1."""
        return self.bits(name) / (_MASK + 1)

    def between(self, low: float, high: float, name: str) -> float:
        """Return a number in that range."""
        return low + (high - low) * self.unit(name)

    def whole(self, low: int, high: int, name: str) -> int:
        """Return a whole number, both ends included."""
        return low + self.bits(name) % (high - low + 1)

    def pick(self, choices: Sequence[T], name: str) -> T:
        """Return one of the choices."""
        return choices[self.bits(name) % len(choices)]

    def yes(self, share: float, name: str) -> bool:
        """Return True in that share of the draws."""
        return share > 0 and self.unit(name) < share

    def text(self, alphabet: str, length: int, name: str) -> str:
        """Return a text of characters from that alphabet."""
        return "".join(alphabet[self.bits(name) % len(alphabet)] for _ in range(length))
