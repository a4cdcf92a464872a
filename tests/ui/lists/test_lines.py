"""Lines of text beside a list: each has the height of its text, also once a scroll bar has come."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from paydesk.ui.kit import theme
from paydesk.ui.lists import lines
from paydesk.ui.lists.lines import LINE, Lines
from paydesk.ui.lists.model import Column, TableModel


def test_a_text_that_wraps_because_of_the_scroll_bar_is_shown_whole(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    model = TableModel([Column("caption", "", lambda _text: ""), Column("text", "", str)])
    table = Lines("lines", "Lines", model, 124)
    qtbot.addWidget(table)
    table.resize(342, 4 * LINE)
    table.show()
    room = table.viewport().width() - table.columnWidth(0) - 3 * lines._EDGE
    texts = ("a" * length for length in range(10, 200))
    text = next(text for text in texts if 1 < lines._lines_in(text, room) < lines._lines_in(text, room - 10))
    model.show(["", text, "", ""])
    qtbot.waitUntil(lambda: table.verticalScrollBar().isVisible(), timeout=20_000)
    QApplication.processEvents()
    heights = [table.rowHeight(row) for row in range(4)]
    table.fit_heights()
    assert [table.rowHeight(row) for row in range(4)] == heights
    assert table.viewport().height() % LINE == 0


def test_a_caption_that_wraps_is_shown_whole(qtbot: QtBot) -> None:
    """Of "Proof of authorization", only "Proof of" was seen."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    model = TableModel([Column("caption", "", str), Column("text", "", lambda _caption: "Letter")])
    table = Lines("lines", "Lines", model, 124)
    qtbot.addWidget(table)
    table.resize(342, 4 * LINE)
    table.show()
    model.show(["Receipt", "Proof of authorization"])
    assert [table.rowHeight(row) for row in range(2)] == [LINE, 2 * LINE]
