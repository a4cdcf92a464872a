"""A vendor's name stands in one profile and in its own gateway, not in everybody's sentences."""

from __future__ import annotations

import ast
from pathlib import Path

from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from tests.sources import together, tree

SOURCE = Path(__file__).resolve().parents[2] / "src" / "paydesk"
AT_HOME = ("domain/vendors.py", "gateways/anddone", "gateways/ams360", "sandbox", "tour")


def literals(module: ast.Module) -> list[tuple[int, str]]:
    """Line and text of every string in a module that is not a docstring."""
    said = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]


@together
def test_sentences_take_a_vendors_name_from_its_profile() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{line} {text!r}"
        for path in sorted(SOURCE.rglob("*.py"))
        if not path.relative_to(SOURCE).as_posix().startswith(AT_HOME)
        for line, text in literals(tree(path))
        if PROCESSOR.name in text or AGENCY_SYSTEM.name in text
    ]
    assert not found, "\n".join(found)
