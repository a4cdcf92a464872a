"""The house stays in order: small folders, few arrows in the window, and docstrings that are read once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import dev
from tests.sources import together, tree

ROOT = Path(dev.ROOT)
PACKAGE = ROOT / "src/paydesk"
UI = PACKAGE / "ui"


def modules(folder: Path) -> list[Path]:
    """Return the modules of a folder, without those that only make it a package."""
    return [path for path in folder.glob("*.py") if path.name != "__init__.py"]


def test_no_folder_holds_more_than_18_modules() -> None:
    counts = {folder.relative_to(ROOT): len(modules(folder)) for folder in [PACKAGE, *PACKAGE.rglob("*/")]}
    assert {folder: count for folder, count in counts.items() if count > 18} == {}


@together
def test_the_window_has_few_rooms_and_arrows_and_no_circle() -> None:
    rooms = {folder.name for folder in UI.iterdir() if folder.is_dir() and modules(folder)}
    assert not modules(UI), "a module of the window is in a room"
    arrows = {
        (path.relative_to(UI).parts[0], name.split(".")[2])
        for path in UI.rglob("*.py")
        for name in imports(path)
        if name.startswith("paydesk.ui.")
    }
    arrows = {(start, end) for start, end in arrows if start != end}
    assert len(rooms) <= 12, rooms
    assert len(arrows) <= 40, sorted(arrows)
    assert circle(rooms, arrows) == set()


def imports(path: Path) -> Iterator[str]:
    """Yield the modules that a module imports, also inside functions and for types."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def circle(rooms: set[str], arrows: set[tuple[str, str]]) -> set[str]:
    """Return the rooms that import one another in a circle, and those above one."""
    left = set(rooms)
    while ends := {room for room in left if not any((room, other) in arrows for other in left)}:
        left -= ends
    return left


def test_a_circle_is_found() -> None:
    assert circle({"a", "b", "c"}, {("a", "b"), ("b", "c")}) == set()
    assert circle({"a", "b", "c"}, {("a", "b"), ("b", "a"), ("a", "c")}) == {"a", "b"}


@together
def test_docstrings_are_read_once() -> None:
    said = [
        (path.relative_to(ROOT).as_posix(), text) for path in sources() for text in docstrings(tree(path))
    ]
    assert len(said) > 3_000
    questions = ("What", "Whether", "Where", "Why", "How", "So")
    assert [(path, text) for path, text in said if text.split()[:1] and text.split()[0] in questions] == []
    assert sum(";" in text for _, text in said) < 0.03 * len(said)


def sources() -> list[Path]:
    """Return every module of the project."""
    folders = [ROOT / name for name in ("src", "tests", "bench", "tools")]
    return [ROOT / "dev.py", *(path for folder in folders for path in folder.rglob("*.py"))]


def docstrings(module: ast.Module) -> Iterator[str]:
    """Yield the texts that explain a module, class, function, constant or field."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str):
                yield text
