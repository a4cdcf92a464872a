"""How a bug is put into the program for a while: by changing the text of one of its functions."""

from __future__ import annotations

import contextlib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from tests.simulation.run import run

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug; ``plant`` puts it in until the patch is undone."""

    name: str
    plant: Plant


def edited(module: ModuleType, owner: object, name: str, *edits: tuple[str, str]) -> Plant:
    """The function with each text, which must occur once, replaced by another."""

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
    """Another value or function in its place."""
    return lambda patch: patch.setattr(owner, name, value)


def both(*plants: Plant) -> Plant:
    """Several changes that make one bug."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for one in plants:
            one(patch)

    return plant


@contextlib.contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The program with the bug in it."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        yield


def found_by(seeds: Iterable[int]) -> int:
    """The first history that breaks an invariant; 0 when none does."""
    return next((seed for seed in seeds if run(seed).violation), 0)
