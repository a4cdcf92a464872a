"""Plant a bug for a while, by changing the text of a function."""

from __future__ import annotations

import contextlib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.proofs.simulation.run import run

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug. ``plant`` inserts it until the patch is undone."""

    name: str
    plant: Plant


def edited(module: ModuleType, owner: object, name: str, *edits: tuple[str, str]) -> Plant:
    """Replace each text, which must occur once in the function, by another."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        source = textwrap.dedent(inspect.getsource(getattr(owner, name)))
        for old, new in edits:
            assert source.count(old) == 1, f"{name} has {source.count(old)} times: {old}"
            source = source.replace(old, new)
        made: dict[str, Any] = {}
        code = compile(source, f"<mutant of {name}>", "exec", annotations.compiler_flag)
        exec(code, vars(module), made)
        patch.setattr(owner, name, made[name])

    return plant


def instead(owner: object, name: str, value: object) -> Plant:
    """Replace a value or a function."""
    return lambda patch: patch.setattr(owner, name, value)


def both(*plants: Plant) -> Plant:
    """Combine several changes into one bug."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for one in plants:
            one(patch)

    return plant


@contextlib.contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Run with the bug in the program."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        yield


def found_by(seeds: Iterable[int]) -> int:
    """Return the first history that breaks an invariant, or 0 if none does."""
    return next((seed for seed in seeds if run(seed).violation), 0)
