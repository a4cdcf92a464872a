"""Sentences for clerks: plain American words, a next step after each error, and never a command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dev
from paydesk.cli.main import MODULES
from tests.sources import together, tree

PACKAGE = Path(dev.ROOT) / "src/paydesk"
NOT_FOR_CLERKS = ("cli", "sandbox", "tour")
"""Folders whose sentences only an administrator or a developer reads."""
ERRORS = {
    "KnownError",
    "LedgerError",
    "LedgerDamaged",
    "InvoiceTaken",
    "StaleMove",
    "AmountError",
    "CannotSearch",
    "CannotBePaid",
}
"""Errors that are made of a sentence, a next step, and perhaps a step for an administrator."""
COMMAND = re.compile(r"\bpaydesk [a-z]|--[a-z]{2}|\b(?:chmod|icacls) ")
NOT_OURS = re.compile(
    r"\b(?:please|(?:un)?tick(?:s|ed)?|e-mail|insurer|cancelled|expiry|any ?more|somebody|anybody|nobody"
    r"|whilst|shall|stands|otherwise|taken for|once more|all the same|put right|unharmed"
    r"|hinders?|licence|cheque|postcode|behaviour|tenders?|cannot be (?:reached|read)|the right to)\b",
    re.IGNORECASE,
)
"""Words that the front office of an American agency does not use, or not so."""
SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
MAY_BE_CAPITALS = {"TRAINING", "TEST", "HOST", "LIVE", "COPY", "XLSX", "YYYY"}


def _clerks() -> list[Path]:
    return [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in NOT_FOR_CLERKS
    ]


def _of_words() -> list[Path]:
    shared = (PACKAGE / "services/ports/payment_words.py", PACKAGE / "store/ledger/words.py")
    window = [path for path in (PACKAGE / "ui").rglob("*.py") if path.stem.endswith("words")]
    return sorted([*window, *(PACKAGE / "services").rglob("words.py"), *shared])


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _text(node: ast.AST) -> str:
    """Return the fixed parts of the strings in an expression, and a word for the name of the program."""
    parts = []
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            parts.append(one.value)
        elif isinstance(one, ast.Name) and one.id == "COMMAND":
            parts.append("paydesk command")
    return " ".join(parts)


def _errors(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that make an error of the world."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
            yield node


def _said(tree: ast.Module) -> Iterator[str]:
    """Yield the sentences of a module of words, without docstrings and what only an administrator reads."""
    for error in _errors(tree):
        del error.args[2:]
    unsaid = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    unsaid |= {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        if id(node) in unsaid:
            continue
        if isinstance(node, ast.JoinedStr):
            yield _text(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@together
@pytest.mark.parametrize("path", _clerks(), ids=_name)
def test_an_error_has_a_next_step_and_no_command(path: Path) -> None:
    for error in _errors(tree(path)):
        steps = len(error.args) > 1 or any(isinstance(one, ast.Starred) for one in error.args)
        assert steps, f"line {error.lineno} says no next step"
        for said in error.args[:2]:
            assert not COMMAND.search(_text(said)), f"line {error.lineno}: {_text(said)}"
            assert not NOT_OURS.search(_text(said)), f"line {error.lineno}: {_text(said)}"


@together
@pytest.mark.parametrize("path", _of_words(), ids=_name)
def test_screens_speak_american_front_office_english(path: Path) -> None:
    for said in _said(tree(path)):
        assert not COMMAND.search(said), said
        assert not NOT_OURS.search(said), said
        assert set(SHOUTED.findall(said)) <= MAY_BE_CAPITALS, said


def test_no_sentence_spells_the_program_of_the_commands() -> None:
    """It is named ``COMMAND``, because the packaged program for Windows has another for commands."""
    names = "|".join(module.rstrip("_").replace("_", "-") for module in MODULES)
    spelled = re.compile(rf"\bpaydesk (?:--debug )?(?:{names})\b")
    for path in PACKAGE.rglob("*.py"):
        explained = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
        said = [
            node.value
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained
        ]
        assert [text for text in said if spelled.search(text)] == [], path


@pytest.mark.parametrize(
    "expression", ['f"Run {COMMAND} verify."', '"Run `paydesk verify`."', '"Choose one with --basedir."']
)
def test_a_command_in_a_sentence_is_found(expression: str) -> None:
    assert COMMAND.search(_text(ast.parse(expression)))


@pytest.mark.parametrize(
    "said",
    [
        "Run `paydesk verify`.",
        "Choose another with --basedir.",
        "Tick it.",
        "Ask for the e-mail.",
        "It stands there.",
    ],
)
def test_a_word_that_no_clerk_reads_is_found(said: str) -> None:
    assert COMMAND.search(said) or NOT_OURS.search(said)
