"""An import hook that rewords PayDesk: every sentence in its source is spelt a little differently.

A word joiner, which nobody sees, is put inside each word, at random for each place where a sentence stands.
Two places that say the same no longer say the same text, and no part of a sentence is found in another. If
PayDesk decided anything by its own sentences, it would now decide otherwise. ``plain`` takes the marks out,
so that the tour can still read the screen.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import random
import re
import sys
from collections.abc import Sequence
from types import CodeType, ModuleType

MARK = "\u2060"
_LEFT_AS_IT_IS = (
    "paydesk.tour",  # reads the screen
    "paydesk.sandbox",  # stands for other companies
    "paydesk.ui.kit.theme", "paydesk.receipts.embedding",  # style sheets and PDF, no sentences
)  # fmt: skip
_SENTENCE = re.compile(r"[a-z]{2,}[,:.]? [\w$'’-]|\bA [a-z]")
_CAPITALIZED = re.compile(r"[A-Z][a-z]{2,}")
_CODE = re.compile(r"[<>;=]|\b(SELECT|INSERT|VALUES|UPDATE|DELETE|BETWEEN|CREATE|PRAGMA|JOIN)\b|%[A-Za-z]")
_WORD = re.compile(r"(?<![{$\w])[A-Za-z]{3,}(?![}\w])")


def plain(text: str) -> str:
    """Return the text without the marks."""
    return text.replace(MARK, "")


class Rewording(ast.NodeTransformer):
    """Marks the sentences of one module, and in a module of ``words`` every capitalized word, too."""

    def __init__(self, chance: random.Random, *, words: bool = False) -> None:
        self._chance, self._words = chance, words

    def reworded(self, text: str) -> str:
        """Return the text with a mark inside each word."""
        return _WORD.sub(self._marked, text)

    def _marked(self, found: re.Match[str]) -> str:
        word = found.group()
        at = self._chance.randrange(1, len(word))
        return word[:at] + MARK + word[at:]

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """Leave docstrings alone."""
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Mark the fixed parts of an f-string if together they are a sentence."""
        fixed = [part for part in node.values if isinstance(part, ast.Constant)]
        if self._is_said("0".join(str(part.value) for part in fixed)):
            for part in fixed:
                part.value = self.reworded(str(part.value))
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                value.value = self.visit(value.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Mark a sentence."""
        if isinstance(node.value, str) and self._is_said(node.value):
            node.value = self.reworded(node.value)
        return node

    def _is_said(self, text: str) -> bool:
        return is_sentence(text) or (self._words and _CAPITALIZED.fullmatch(text) is not None)


def is_sentence(text: str) -> bool:
    """Return True for words said to people, False for SQL, styles, patterns and names."""
    pattern = "\\" in text or "(?" in text
    return bool(_SENTENCE.search(text)) and not _CODE.search(text) and not pattern


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles a module from its reworded source, without the cache of compiled files."""

    seed = 0

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path), self.path)
        chance = random.Random(f"{self.seed} {fullname}")
        tree = Rewording(chance, words=fullname.endswith(".words")).visit(tree)
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find PayDesk's modules as usual, to be loaded reworded."""
        if not name.startswith("paydesk.") or name.startswith(_LEFT_AS_IT_IS):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(name, spec.loader.path)
        return spec


def reword(seed: int) -> None:
    """Reword everything of PayDesk that is imported from now on in this process."""
    _Loader.seed = seed
    sys.meta_path.insert(0, _Finder())
