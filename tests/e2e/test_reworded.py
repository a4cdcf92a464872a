"""No decision is taken from a sentence: reworded at random, PayDesk does the same."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
from pathlib import Path

from tests.e2e import reworded
from tests.proving import DAY, cases, tasted
from tests.sources import together, tree

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "paydesk"

TOUR = """
from tests.e2e.reworded import reword, plain
reword({seed})
import pathlib
from paydesk.tour import clerk, run_tour
said = clerk.said
clerk.said = lambda widget: plain(said(widget))
run_tour(pathlib.Path({out!r}), chapters={chapters})
"""
HISTORIES = """
from tests.e2e.reworded import reword
if {seed}:
    reword({seed})
import logging
logging.disable()
from tests.proofs.simulation.run import run_all
total = run_all(range({first}, {first} + {count}))
print(total, sorted(total.states.items()), sorted(total.points.items()))
"""


def run(program: str, **options: object) -> str:
    """Run a program in a process of its own, and return its output."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    done = subprocess.run(
        [sys.executable, "-c", program.format(**options)],
        env=env | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, encoding="utf-8", timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@tasted
def test_the_tour_of_a_reworded_paydesk_ends_as_ever(tmp_path: Path) -> None:
    run(TOUR, seed=DAY + 1, out=str(tmp_path), chapters=cases(4, None))
    assert (tmp_path / "08-approved.png").exists()
    assert reworded.MARK not in (tmp_path / "tour.txt").read_text("utf-8")


@tasted
def test_the_same_histories_end_the_same_whatever_the_words() -> None:
    count = cases(40, 400)
    first = 1 + DAY * 1_000
    plain = run(HISTORIES, seed=0, first=first, count=count)
    assert run(HISTORIES, seed=DAY + 1, first=first, count=count) == plain
    assert "0 violations" in plain


@together
def test_no_sentence_of_a_module_of_words_is_compared() -> None:
    """Rewording doesn't find these: a sentence compared with itself stays the same in other words."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if "sandbox" not in path.parts
        for line in compared(tree(path))
    ]
    assert found == []


def compared(module: ast.Module) -> list[int]:
    """Return the lines that compare something with a sentence of a module of words."""
    said = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if f"{node.module}.{alias.name}".rpartition(".")[2].endswith("words")
        or (node.module or "").endswith("words")
    }
    return [
        node.lineno
        for node in ast.walk(module)
        if isinstance(node, ast.Compare)
        and any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops)
        and any(_of(side) in said for side in (node.left, *node.comparators))
    ]


def _of(value: ast.AST) -> str:
    """Return the name that an expression like ``words.READY[0]`` or ``words.why(error)`` begins with."""
    while isinstance(value, ast.Attribute | ast.Subscript | ast.Call):
        value = value.func if isinstance(value, ast.Call) else value.value
    return value.id if isinstance(value, ast.Name) else ""


def test_a_compared_sentence_is_found() -> None:
    source = """
from paydesk.ui.take.words import lookup as words
from paydesk.services.ports.payment_words import owed_words
first = sentence == words.READY[0]
second = owed_words(row) != said
third = words.MODES == words.MODES
fourth = said == other and name in words.TITLES
"""
    assert compared(ast.parse(source)) == [4, 5, 6]


def test_a_decision_taken_from_a_sentence_would_be_seen() -> None:
    """The hook itself: the reader looks for words of a writer, and no longer finds them."""
    source = '''
def reason(name):
    """The reason for a refusal."""
    return f"{name} can't be reached. Nothing was charged."
away = "can't be reached" in reason("AndDone")
uncharged = "othing was charged" in reason("AndDone")
same = reason("AndDone").startswith("AndDone can't be reached")
name, query = "basket.tender", "SELECT number FROM invoices"
'''
    tree = reworded.Rewording(random.Random(1)).visit(ast.parse(source))
    found: dict[str, object] = {}
    exec(compile(ast.fix_missing_locations(tree), "reworded", "exec"), found)
    assert (found["away"], found["uncharged"], found["same"]) == (False, False, False)
    assert (found["name"], found["query"]) == ("basket.tender", "SELECT number FROM invoices")
    reason = found["reason"]
    assert callable(reason)
    assert reason.__doc__ == "The reason for a refusal."
    assert reworded.plain(reason("AndDone")) == "AndDone can't be reached. Nothing was charged."
