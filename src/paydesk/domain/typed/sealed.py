"""Digits of cards and accounts in memory: never as text, and overwritten when their owner is done."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NoReturn, overload

CAPACITY = 32
"""Most digits. No card or account has so many. The buffers never grow: a moved one would leave a copy."""


class Secret:
    """A value whose repr shows no secret and that cannot be pickled to disk."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(****)"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} must not leave memory")


class Sealed(Secret, Sequence[str]):
    """Digits that are kept xor-ed with a random pad, and read one by one.

    A program that searches the memory for numbers finds none, not even while the number is in use. ``wipe``
    overwrites both. The pad decides nothing, so its randomness has no effect on any rule.
    """

    __slots__ = ("_hidden", "_length", "_pad")
    __hash__ = None  # type: ignore[assignment]  # its digits may change

    def __init__(self, digits: Iterable[str] = ()) -> None:
        self._pad, self._hidden, self._length = bytearray(CAPACITY), bytearray(CAPACITY), 0
        self.put(digits)

    def put(self, digits: Iterable[str]) -> None:
        """Replace all digits, under a new pad. Raises ValueError for more than ``CAPACITY``, or no digits.

        They may come from these digits themselves.
        """
        values = [ord(digit) - 48 for digit in digits]
        if len(values) > CAPACITY or not all(0 <= value <= 9 for value in values):
            raise ValueError("not so many digits")  # does not say which
        self._pad[:] = os.urandom(CAPACITY)
        self._hidden[:] = self._pad
        for place, value in enumerate(values):
            self._hidden[place] ^= value
        self._length = len(values)

    def wipe(self) -> None:
        """Overwrite the digits. None is left."""
        self.put(())

    def copy(self) -> Sealed:
        """Return the same digits in buffers of their own."""
        return Sealed(self)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        """Return one digit, or a list of single digits: never a text of several."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(self._length))]
        at = range(self._length)[place]
        return chr(48 + (self._hidden[at] ^ self._pad[at]))

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(self._length))

    def __eq__(self, other: object) -> bool:
        """Return True for the same digits, in whatever they are."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(
            mine == theirs for mine, theirs in zip(self, other, strict=True)
        )
