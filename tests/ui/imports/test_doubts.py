"""Doubts about a file in the window: each is a question with figures, and can be answered there."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from paydesk.domain.invoices.reading import OwnFigure
from paydesk.ui.imports import words
from paydesk.ui.imports.dialog import ImportDialog
from tests.fakes.office import Office
from tests.ui.front import Front

HEAD = "Invoice,Customer #,Customer,ZIP,Balance,Due Date\n"


@pytest.fixture
def office() -> Office:
    return Office()


def opened(qtbot: QtBot, office: Office, path: Path) -> tuple[Front, ImportDialog]:
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    choose(front, dialog, path, "import.choose")
    return front, dialog


def choose(front: Front, dialog: ImportDialog, path: Path, button: str) -> None:
    dialog.choose_file = lambda _parent: str(path)
    front.button(button).click()
    front.until(lambda: front.says("import.file") == path.name)


def pick(front: Front, name: str, text: str) -> None:
    choice = front.find(QComboBox, name)
    choice.setCurrentText(text)
    choice.activated.emit(choice.currentIndex())


def enter(front: Front, name: str, text: str) -> None:
    field = front.find(QLineEdit, name)
    field.setText(text)
    field.editingFinished.emit()


def rows(*numbers: int) -> str:
    return "".join(f"{number},1001,Sample Bakery,02108,10.00,9/20/2026\n" for number in numbers)


def test_two_orders_of_dates_are_asked_about(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(HEAD + rows(1, 2) + "3,1001,Sample Bakery,02108,10.00,23/3/2026\n", encoding="utf-8")
    front, dialog = opened(qtbot, office, path)
    assert front.says("import.problem") == (
        "Dates are in two orders: 2 with the month first (line 2: 9/20/2026), 1 with the day first "
        "(line 4: 23/3/2026). Choose the order under Dates."
    )
    assert not front.button("import.go").isEnabled()
    pick(front, "import.order", "Month first (9/30/2026)")
    front.until(lambda: front.button("import.go").isEnabled())
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert "1 cell left blank. Line 4: “23/3/2026” is not a date" in front.says("import.facts")
    dialog.reject()


def test_more_than_usual_is_closed_after_a_yes(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEAD + rows(1, 2, 3), encoding="utf-8")
    second.write_text("As of 8/14/2026 11:00 AM\n" + HEAD + rows(1), encoding="utf-8")
    front, dialog = opened(qtbot, office, first)
    enter(front, "import.as_of", "08/01/2026")
    front.until(lambda: "Balances as of Aug 1, 2026, as entered" in front.says("import.about"))
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    choose(front, dialog, second, "import.next")
    assert "1 invoice for 1 customer, $10.00 open." in front.says("import.evidence")
    front.button("import.scope.complete").click()
    enter(front, "import.as_of", "08/10/2026")
    front.until(lambda: "as entered" in front.says("import.about"))
    front.button("import.go").click()
    front.until(
        lambda: front.says("import.result") == "Imported" and front.button("import.close_missing").isVisible()
    )
    assert front.says("import.left_open").startswith(
        "2 of 3 open invoices from earlier files are missing or zero here"
    )
    assert front.button("import.close_missing").text() == "Close 2 invoices"
    front.button("import.close_missing").click()
    front.until(lambda: front.says("import.result") == "Closed")
    closed = office.cache.invoice("2")
    assert closed is not None
    assert not closed.balance
    assert not front.button("import.close_missing").isVisible()
    dialog.reject()


def test_unknown_headings_parts_of_the_balance_and_a_file_of_one_customer(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("Invoice,Current,Bucket 2,31-60\n50123,0.00,12.50,1.00\n", encoding="utf-8")
    front, dialog = opened(qtbot, office, path)
    assert front.says("import.problem") == "Choose the column for: customer number, customer name."
    enter(front, "import.customer", "1001 Sample Bakery LLC")
    front.until(lambda: "“Bucket 2” may be one of them" in front.says("import.problem"))
    assert front.says("import.problem").endswith("or Columns to skip.")
    pick(front, "import.column.aging", "Bucket 2")
    front.until(lambda: "$13.50 open" in front.says("import.evidence"))
    assert front.find(QComboBox, "import.column.aging").currentText() == "Current, Bucket 2, 31-60"
    pick(front, "import.column.aging", "Bucket 2")
    pick(front, "import.column.ignore", "Bucket 2")
    front.until(lambda: "$1.00 open" in front.says("import.evidence"))
    front.find(QComboBox, "import.column.ignore").activated.emit(0)
    pick(front, "import.column.aging", "Bucket 2")
    front.until(lambda: "$13.50 open" in front.says("import.evidence"))
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    taken = office.cache.invoice("50123")
    assert taken is not None
    assert (taken.customer_number, taken.balance.cents) == ("1001", 13_50)
    dialog.reject()


def test_another_sheet_and_another_row_of_headings(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = "Open"
    second = made.create_sheet("Older")
    for sheet in (first, second):
        sheet.append(["Invoice", "Customer #", "Customer", "Balance"])
        sheet.append([50123 if sheet is first else 50124, 1001, "Sample Bakery", 5.0])
    made.save(tmp_path / "two.xlsx")
    front, dialog = opened(qtbot, office, tmp_path / "two.xlsx")
    assert "Sheet Older also has invoices and won't be read." in front.says("import.evidence")
    pick(front, "import.sheet", "Older")
    front.until(lambda: "Sheet Open also has" in front.says("import.evidence"))
    pick(front, "import.line", "Line 2")
    front.until(lambda: "Headings in line 2." in front.says("import.about"))
    assert not front.button("import.go").isEnabled()
    pick(front, "import.line", "Line 1")
    front.until(lambda: front.button("import.go").isEnabled())
    enter(front, "import.as_of", "nonsense")
    assert "nonsense" not in front.find(QLineEdit, "import.as_of").text()
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert office.cache.invoice("50124") is not None
    dialog.reject()


def test_a_missing_page_is_told() -> None:
    assert words.own_figure(OwnFigure(12, True, 3, 1, is_page=True)) == "The last page is 1 of 3 (line 12)."


def test_a_column_that_may_say_what_is_owed_is_skipped_by_a_click(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "columns.csv"
    path.write_text(
        "Invoice,Customer #,Customer,Balance,Xyz\n50301,1001,A,10.00,4.00\n50302,1002,B,5.00,0.00\n",
        encoding="utf-8",
    )
    front, dialog = opened(qtbot, office, path)
    asked = "“Xyz” (4.00) isn't used, and may say what is owed."
    front.until(lambda: asked in front.says("import.problem"))
    assert "under Columns to skip" in front.says("import.problem")
    assert not front.button("import.go").isEnabled()
    pick(front, "import.column.ignore", "Xyz")
    front.until(lambda: front.button("import.go").isEnabled())
    assert asked not in front.says("import.problem")
    dialog.reject()
