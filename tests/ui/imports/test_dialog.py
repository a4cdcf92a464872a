"""Importing a file of invoices through the window."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.config.settings import Source
from paydesk.domain.invoices.columns import Header
from paydesk.domain.invoices.headings import Field
from paydesk.domain.invoices.importing import ImportRun, Scope
from paydesk.domain.invoices.reading import Unproven
from paydesk.domain.money import Money
from paydesk.gateways.files.reports import ReportFile
from paydesk.ui.imports.column_choice import HEADING, mime_of
from paydesk.ui.imports.dialog import ImportDialog
from paydesk.ui.imports.words import ONLY_SEARCHED
from paydesk.ui.lists.table import Table
from tests.fakes.office import Office
from tests.fakes.sample import SETTINGS
from tests.fakes.world import START, open_gate
from tests.ui.front import Front

FILE = (
    "Bill,Customer #,Customer,What they owe\n"
    "50123,1001,Sample Bakery,400.00\n"
    "50124,1001,=HYPERLINK(1),x\n"
    "50125,1001,Sample Bakery,10.00\n"
)


@pytest.fixture
def office() -> Office:
    return Office()


def _open(qtbot: QtBot, office: Office, path: Path) -> tuple[Front, ImportDialog]:
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    dialog.choose_file = lambda _parent: str(path)
    front.until(lambda: front.at == "import.choose")
    front.enter()
    front.until(lambda: dialog.notice.text != "Reading the file…")
    return front, dialog


def test_a_column_that_was_not_recognised_is_chosen_and_the_file_imported(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    assert front.says("import.problem") == "Choose the column for: invoice number, balance."
    assert not front.button("import.go").isEnabled()
    for field, heading in ((Field.INVOICE_NUMBER, "Bill"), (Field.BALANCE, "What they owe")):
        choice = front.find(QComboBox, f"import.column.{field.value}")
        choice.setCurrentText(heading)
        choice.activated.emit(choice.currentIndex())
    assert front.says("import.problem") == ""
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert "2 invoices imported, $410.00 open in all." in front.says("import.facts")
    taken = office.cache.invoice("50123")
    assert taken is not None
    assert taken.balance == Money(400_00)
    assert office.desk.importing.runs()[0].scope is Scope.UNKNOWN
    assert [row.line for row in dialog.result_page.model.rows] == [3]
    dialog.choose_target = lambda _parent, _name, _what, _suffix: str(tmp_path / "rejects.csv")
    front.button("import.save").click()
    front.until(lambda: dialog.notice.text == "Saved as rejects.csv.")
    assert "'=HYPERLINK(1)" in (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    front.button("import.undo").click()
    front.until(lambda: front.says("import.result") == "Import of open.csv undone")
    assert office.desk.importing.runs()[0].undone_at is not None
    assert office.cache.invoice("50123") is None
    dialog.reject()


def test_the_last_import_is_undone_only_after_a_question(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    (tmp_path / "open.csv").write_text(FILE.replace("Bill", "Invoice").replace("What they owe", "Balance"))
    office.desk.importing.run(office.desk.importing.preview(tmp_path / "open.csv"))
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    undo = front.button("import.undo_newest")
    front.until(undo.isVisible)
    undo.click()
    assert front.says("import.undo_question") == (
        "Undo the import of open.csv? Its balances go back to what they were before."
    )
    assert front.at == "import.undo_yes"
    undo.click()  # a double click answers nothing
    front.button("import.undo_no").setFocus()
    front.enter()
    assert not front.find(QLabel, "import.undo_question").isVisible()
    assert front.at == "import.choose"
    assert office.desk.importing.runs()[0].undone_at is None
    undo.click()
    front.enter()
    front.until(lambda: front.says("import.result") == "Import of open.csv undone")
    assert office.desk.importing.runs()[0].undone_at is not None
    dialog.reject()


def test_the_first_page_has_a_button_that_closes_it(qtbot: QtBot, office: Office) -> None:
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    front.button("import.leave").click()
    front.until(lambda: not dialog.isVisible())


@pytest.mark.parametrize("source", Source)
def test_a_desk_that_asks_ams360_says_that_imported_invoices_are_only_searched(
    qtbot: QtBot, tmp_path: Path, source: Source
) -> None:
    (tmp_path / "open.csv").write_text(FILE.replace("Bill", "Invoice").replace("What they owe", "Balance"))
    office = Office(replace(SETTINGS, ams360=replace(SETTINGS.ams360, source=source)))
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    said = front.find(QLabel, "import.only_searched")
    assert said.isHidden() == (source is Source.FILES)
    front.until(lambda: front.button("import.go").isEnabled())
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert (ONLY_SEARCHED in front.says("import.facts")) == (source is Source.EMS)
    dialog.reject()


def test_the_first_rows_are_seen_beside_the_first_fields(
    qtbot: QtBot, office: Office, tmp_path: Path
) -> None:
    """They stood below the fields, out of sight at 1366 × 768, and one row high."""
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    table = front.find(Table, "import.sample")
    first = front.find(QComboBox, "import.column.invoice_number")
    front.until(lambda: not table.visibleRegion().isEmpty())
    for widget in (table, first):
        assert widget.visibleRegion().boundingRect() == widget.rect()
    assert table.visualRect(table.model().index(2, 0)).bottom() <= table.viewport().height()
    front.find(QPushButton, "import.scope.unknown").setFocus()
    for name in ("import.sample", first.objectName()):
        front.press(Qt.Key.Key_Tab)
        assert front.at == name
    dialog.reject()


def test_a_title_is_dragged_onto_its_field(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    dragged: list[QMimeData] = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, _action: dragged.append(drag.mimeData()))
    titles = front.find(Table, "import.sample").horizontalHeader()
    middle = QPoint(titles.sectionViewportPosition(3) + titles.sectionSize(3) // 2, 10)
    _mouse(titles.viewport(), QEvent.Type.MouseButtonPress, middle)
    _mouse(titles.viewport(), QEvent.Type.MouseMove, middle + QPoint(2, 0))
    assert dragged == [], "a hand that trembles drags nothing"
    _mouse(titles.viewport(), QEvent.Type.MouseMove, middle + QPoint(0, 60))
    assert [mime.data(HEADING).toStdString() for mime in dragged] == ["What they owe"]
    _drop(front.find(QComboBox, "import.column.balance"), "What they owe")
    assert front.says("import.problem") == "Choose the column for: invoice number."
    _drop(front.find(QComboBox, "import.column.invoice_number"), "What they owe again")
    assert front.says("import.problem") == "Choose the column for: invoice number."
    _drop(front.find(QComboBox, "import.column.invoice_number"), "Bill")
    assert front.button("import.go").isEnabled()
    dialog.reject()


def _mouse(widget: QWidget, what: QEvent.Type, place: QPoint) -> None:
    left, at = Qt.MouseButton.LeftButton, QPointF(place)
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(what, at, widget.mapToGlobal(at), left, left, none))


def _drop(widget: QWidget, heading: str) -> None:
    """Sent as the system does: the move onto the widget first, and the drop only where that was taken."""
    dragged, copy, left = mime_of(heading), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # there is no other way to make this event
        enter = QDragEnterEvent(QPoint(5, 5), copy, dragged, left, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), copy, dragged, left, none))


def test_a_running_import_can_be_stopped(
    qtbot: QtBot, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, really_chunks = open_gate(), ReportFile.chunks

    def held_back(
        report: ReportFile, _size: int, header: Header
    ) -> Iterator[tuple[Sequence[int], list[Sequence[object]]]]:
        for chunk in really_chunks(report, 3, header):
            yield chunk
            gate.wait(20)

    monkeypatch.setattr(ReportFile, "chunks", held_back)
    (tmp_path / "open.csv").write_text(
        FILE.replace("Bill", "Invoice").replace("What they owe", "Balance"), encoding="utf-8"
    )
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    front.until(lambda: front.button("import.go").isEnabled())
    gate.clear()
    front.button("import.go").click()
    front.until(lambda: "1 invoice so far, 1 row skipped." in front.says("import.progress.text"))
    dialog.reject()
    assert dialog.isVisible()
    gate.set()
    front.until(lambda: dialog.notice.text.startswith("The import was stopped."))
    [run] = office.desk.importing.runs()
    assert run.undone_at is not None
    assert office.cache.invoice("50123") is None
    dialog.reject()


def test_a_file_that_is_no_report_is_said(qtbot: QtBot, office: Office, tmp_path: Path) -> None:
    (tmp_path / "letter.csv").write_text("Dear Sir\nGoodbye\n", encoding="utf-8")
    front, dialog = _open(qtbot, office, tmp_path / "letter.csv")
    front.until(lambda: dialog.notice.text.startswith("letter.csv has no column headings"))
    dialog.reject()


@pytest.mark.parametrize("odd", [MemoryError(), RecursionError(), ValueError("4111")])
def test_a_file_no_reader_expected_is_told_in_the_dialog(
    odd: Exception,
    qtbot: QtBot,
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise odd

    monkeypatch.setattr("paydesk.gateways.files.rows.Converter.convert", fail)
    (tmp_path / "open.csv").write_text(FILE.replace("Bill,", "Invoice,"), encoding="utf-8")
    front, dialog = _open(qtbot, office, tmp_path / "open.csv")
    if front.says("import.file") == "open.csv":  # the headings alone could be read
        choice = front.find(QComboBox, f"import.column.{Field.BALANCE.value}")
        choice.setCurrentText("What they owe")
        choice.activated.emit(choice.currentIndex())
    front.until(lambda: "can't be read: " in dialog.notice.text)
    reference = dialog.notice.text.partition("The log has it as ")[2][:6]
    assert f"fault {reference}: {type(odd).__name__}" in caplog.text
    assert "4111" not in dialog.notice.text + caplog.text
    assert dialog.notice.text.endswith("Choose another file, or export the report again.")
    dialog.reject()


def test_the_dialog_fits_a_small_screen_and_large_text(qtbot: QtBot, tmp_path: Path) -> None:
    """At 150 % text, a screen of 1366 pixels has 911 for it. The dialog needed 966."""
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, Office(), tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    run = ImportRun(
        1, "x.csv", "", Scope.WHOLE, START, "Front-1", "Dana", START,
        missing=123_456, compared=200_000, unproven=(Unproven.UNUSUAL,),
    )  # fmt: skip
    dialog.result_page.show_closed(run)
    dialog.resize(800, 440)
    front.until(lambda: dialog.width() == 800)
    area = dialog.columns.findChild(QScrollArea)
    assert area is not None
    inner = area.widget()
    assert inner is not None
    front.until(lambda: inner.minimumSizeHint().width() <= area.viewport().width())
    dialog.reject()
