"""Importing a file of invoices through the window."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.domain.importing import Field, ImportReport, ImportRun, Reject, Scope
from paydesk.domain.money import Money
from paydesk.gateways.ams_files import ReportFile
from paydesk.services.importing import Cancelled, Preview, Progress
from paydesk.ui.import_dialog import ImportDialog
from paydesk.ui.import_drag import HEADING, mime_of
from paydesk.ui.tables import Table
from tests.fakes.agency import Office
from tests.fakes.desk import NOW
from tests.ui.front import Front

FILE = "Bill,Customer #,Customer,Owing\n50123,1001,Sample Bakery,400.00\n50124,1001,Sample Bakery,x\n"


class FakeImporting:
    """Reads the headings of real files, and takes their rows when ``gate`` is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.past: list[ImportRun] = []
        self.imported: list[tuple[Preview, Scope]] = []

    def preview(self, path: Path) -> Preview:
        report = ReportFile(path)
        header = report.header()
        if header is None:
            raise KnownError(f"{path.name} has no row of headings.", "It needs at least Invoice.")
        return Preview(report, header, tuple(report.first_rows()), NOW, confirmed=False)

    def run(
        self,
        preview: Preview,
        *,
        scope: Scope,
        on_progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        on_progress(Progress(0.5, 1, 1))
        self.gate.wait(20)
        if cancelled():
            raise Cancelled("The import was stopped.", "Nothing of the file was kept.")
        self.imported.append((preview, scope))
        name = preview.report.path.name
        run = ImportRun(len(self.past) + 1, name, "d", scope, NOW, "Front-1", "Dana", NOW, NOW)
        self.past.insert(0, replace(run, accepted=1, rejected=1, open_total=Money(400_00)))
        reject = Reject(3, "“x” is not an amount", ("50124", "=1001", "Sample Bakery", "x"))
        return ImportReport(self.past[0], (reject,))

    def undo(self, run_id: int | None = None) -> ImportRun:
        self.past[0] = replace(self.past[0], undone_at=NOW)
        return self.past[0]

    def runs(self) -> Sequence[ImportRun]:
        return tuple(self.past)


@pytest.fixture
def importing() -> FakeImporting:
    return FakeImporting()


def _open(qtbot: QtBot, importing: FakeImporting, path: Path) -> tuple[Front, ImportDialog]:
    office: Any = Office()
    office.importing = importing
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    dialog = front.find(ImportDialog, "import.dialog")
    dialog.choose_file = lambda _parent: str(path)
    front.button("import.choose").click()
    front.until(lambda: dialog.notice.text != "Reading the file…")
    return front, dialog


def test_a_column_that_was_not_recognised_is_chosen_and_the_file_imported(
    qtbot: QtBot, importing: FakeImporting, tmp_path: Path
) -> None:
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, importing, tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    assert front.says("import.problem") == "Choose the column of: invoice number, balance."
    assert not front.button("import.go").isEnabled()
    for field, heading in ((Field.INVOICE_NUMBER, "Bill"), (Field.BALANCE, "Owing")):
        choice = front.find(QComboBox, f"import.column.{field.value}")
        choice.setCurrentText(heading)
        choice.activated.emit(choice.currentIndex())
    assert front.says("import.problem") == ""
    front.button("import.go").click()
    front.until(lambda: front.says("import.result") == "Imported")
    assert "1 invoice taken, $400.00 open in all." in front.says("import.facts")
    assert importing.imported[0][0].header.columns.of[Field.BALANCE] == 3
    assert importing.imported[0][1] is Scope.WHOLE
    assert [row.line for row in dialog.result_page.model.rows] == [3]
    dialog.choose_target = lambda _parent, _name, _what, _suffix: str(tmp_path / "rejects.csv")
    front.button("import.save").click()
    front.until(lambda: dialog.notice.text == "Saved as rejects.csv.")
    assert "'=1001" in (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    front.button("import.undo").click()
    front.until(lambda: front.says("import.result") == "open.csv was taken back")
    assert importing.past[0].undone_at is not None
    dialog.reject()


def test_a_title_is_dragged_onto_its_field(
    qtbot: QtBot, importing: FakeImporting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open.csv").write_text(FILE, encoding="utf-8")
    front, dialog = _open(qtbot, importing, tmp_path / "open.csv")
    front.until(lambda: front.says("import.file") == "open.csv")
    dragged: list[QMimeData] = []
    monkeypatch.setattr(QDrag, "exec", lambda drag, _action: dragged.append(drag.mimeData()))
    titles = front.find(Table, "import.sample").horizontalHeader()
    middle = QPoint(titles.sectionViewportPosition(3) + titles.sectionSize(3) // 2, 10)
    _mouse(titles.viewport(), QEvent.Type.MouseButtonPress, middle)
    _mouse(titles.viewport(), QEvent.Type.MouseMove, middle + QPoint(2, 0))
    assert dragged == [], "a hand that trembles drags nothing"
    _mouse(titles.viewport(), QEvent.Type.MouseMove, middle + QPoint(0, 60))
    assert [mime.data(HEADING).toStdString() for mime in dragged] == ["Owing"]
    _drop(front.find(QComboBox, "import.column.balance"), "Owing")
    assert front.says("import.problem") == "Choose the column of: invoice number."
    _drop(front.find(QComboBox, "import.column.invoice_number"), "Owing again")
    assert front.says("import.problem") == "Choose the column of: invoice number."
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


def test_a_running_import_can_be_stopped(qtbot: QtBot, importing: FakeImporting, tmp_path: Path) -> None:
    (tmp_path / "open.csv").write_text(
        FILE.replace("Bill", "Invoice").replace("Owing", "Balance"), encoding="utf-8"
    )
    front, dialog = _open(qtbot, importing, tmp_path / "open.csv")
    front.until(lambda: front.button("import.go").isEnabled())
    importing.gate.clear()
    front.button("import.go").click()
    front.until(lambda: "1 invoice so far, 1 row not taken." in front.says("import.progress.text"))
    dialog.reject()
    assert dialog.isVisible()
    importing.gate.set()
    front.until(lambda: dialog.notice.text.startswith("The import was stopped."))
    assert importing.past == []
    dialog.reject()


def test_a_file_that_is_no_report_is_said(qtbot: QtBot, importing: FakeImporting, tmp_path: Path) -> None:
    (tmp_path / "letter.csv").write_text("Dear Sir\nGoodbye\n", encoding="utf-8")
    front, dialog = _open(qtbot, importing, tmp_path / "letter.csv")
    front.until(lambda: dialog.notice.text.startswith("letter.csv has no row of headings."))
    dialog.reject()
