"""Any system language: the window starts, and every date and month it shows or prints is American."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from paydesk.domain import dates
from paydesk.ui.kit import format as fmt
from tests import locales
from tests.sources import together, tree

ROOT = Path(__file__).resolve().parents[1]
LOCAL_CODES = re.compile(r"%[-#_^0]?[aAbBpcxXhr]")
"""The codes of strftime whose text follows the C library's language."""


# ---- Qt keywords ------------------------------------------------------------------------------


def trees(*folders: str) -> dict[Path, ast.Module]:
    """Return every module of these folders, parsed."""
    return {file: tree(file) for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))}


def name_of(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def qt_classes_without_a_constructor(modules: Iterable[ast.Module]) -> set[str]:
    """Return our subclasses of Qt's classes whose keywords go straight to Qt."""
    bare = [
        (one.name, [ast.unparse(base) for base in one.bases])
        for module in modules
        for one in ast.walk(module)
        if isinstance(one, ast.ClassDef)
        and not any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in one.body)
    ]
    found: set[str] = set()
    for _generation in range(4):
        found |= {
            name
            for name, bases in bare
            for base in bases
            if re.match(r"(\w+\.)?Q[A-Z]", base) or base in found
        }
    return found


def keyword_calls() -> Iterator[str]:
    parsed = trees("src", "tests", "bench", "tools")
    ours = qt_classes_without_a_constructor(parsed.values())
    for file, module in parsed.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.keywords:
                name = name_of(node)
                if re.match(r"Q[A-Z]", name) or name in ours:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"


@together
def test_no_qt_property_is_set_by_a_keyword() -> None:
    """PySide6 lowercases a keyword by the C library's rules, and fails where "I" has no dot."""
    assert list(keyword_calls()) == []


# ---- strftime -----------------------------------------------------------------------------------


def format_texts(module: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of every format in a replacement field, or given to strftime or strptime."""
    for node in ast.walk(module):
        spec: ast.AST | None = None
        if isinstance(node, ast.FormattedValue):
            spec = node.format_spec
        elif isinstance(node, ast.Call) and name_of(node) in ("strftime", "strptime"):
            spec = node
        for part in ast.walk(spec) if spec else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.lineno, part.value


@together
def test_no_name_of_a_month_or_day_comes_from_the_computer() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file, module in trees("src").items()
        for line, text in format_texts(module)
        if LOCAL_CODES.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("on", "short", "long"),
    [
        (date(2026, 1, 31), "Jan 31, 2026", "January 31, 2026"),
        (date(2026, 5, 5), "May 5, 2026", "May 5, 2026"),
        (date(2024, 2, 29), "Feb 29, 2024", "February 29, 2024"),
        (date(2026, 9, 1), "Sep 1, 2026", "September 1, 2026"),
        (date(1999, 12, 9), "Dec 9, 1999", "December 9, 1999"),
    ],
)
def test_a_date_in_words(on: date, short: str, long: str) -> None:
    assert (dates.short_date(on), dates.long_date(on), fmt.day(on)) == (short, long, short)
    assert dates.month_and_day(on) == short.partition(",")[0]


@pytest.mark.parametrize(
    ("hour", "said"), [(0, "12:07 AM"), (9, "9:07 AM"), (12, "12:07 PM"), (13, "1:07 PM"), (23, "11:07 PM")]
)
def test_a_time_in_words(hour: int, said: str) -> None:
    assert dates.time_of_day(datetime(2026, 3, 5, hour, 7, tzinfo=UTC)) == said


# ---- the whole window ---------------------------------------------------------------------------

WINDOW = """
import json, locale, os, sys, traceback
sys.excepthook = lambda *error: (traceback.print_exception(*error), os._exit(1))  # the desk would run on
from datetime import date
from pathlib import Path
from PySide6.QtCore import QDate, QLocale
from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel, DebitTerms, script
from paydesk.domain.money import Money
from paydesk.domain.tender import AccountHolder
from paydesk.ui.main.window import DAY_END, MainWindow
from paydesk.ui.qt.application import new_application, wait
from paydesk.wiring.desk import open_desk

app = new_application()
running = []
def open_now():
    running.append(open_desk(Paths(Path(sys.argv[1]), training=True)))
    return running[0].desk
window = MainWindow(open_now)
window.show()
for _round in range(600):
    wait(50)
    if window.desk is not None or window.take.notice.text:
        break
assert window.desk is not None, window.take.notice.text
window.take.lookup.look_up_invoice("50123")
model = window.take.selection.model
for _round in range(200):
    wait(50)
    if model.rowCount():
        break
seen = [str(model.index(0, column).data()) for column in range(model.columnCount())]
window.tabs.setCurrentIndex(DAY_END)
wait(200)
day = window._pages[DAY_END].day
day.setDate(QDate(2026, 3, 5))
terms = DebitTerms("Elm", "(555) 555-0100", "Dana", Money(1000), Money(0), "6789", date(2026, 3, 5))
print(json.dumps({
    "system": locale.setlocale(locale.LC_TIME),
    "march": date(2026, 3, 5).strftime("%B"),
    "row": seen,
    "day": day.text(),
    "calendar": day.calendarWidget().locale().name(),
    "week": day.calendarWidget().firstDayOfWeek().name,
    "left_to_right": app.layoutDirection().name,
    "number": QLocale().toString(1234567),
    "consent": script(terms, Channel.PHONE, AccountHolder.PERSONAL),
}))
window.close()
running[0].close()
"""


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[] if one in locales.EVERY_DAY else pytest.mark.proof) for one in locales.NAMES],
)
def test_the_window_is_american_on_any_computer(name: str, tmp_path: Path) -> None:
    env = locales.computer_of(name, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WINDOW, str(tmp_path / "base")],
        env=env, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["system"].startswith(name)
    assert seen["march"] != "March", "the computer does speak another language"
    assert seen["day"] == "Mar 5, 2026"
    assert (seen["calendar"], seen["week"]) == ("en_US", "Sunday")
    assert (seen["left_to_right"], seen["number"]) == ("LeftToRight", "1,234,567")
    assert "on or after March 5, 2026" in seen["consent"]
    shown = " ".join(seen["row"])
    assert re.search(r"\b[A-Z][a-z]{2} \d{1,2}, 20\d\d\b", shown), shown
    assert not re.search(r"[^\x00-\x7f–…·]", shown), shown
