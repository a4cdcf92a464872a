"""Every page can be used with a screen reader, by keyboard alone, and with weak eyes."""

from __future__ import annotations

import re
from collections import Counter as Tally
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.payment import State
from paydesk.ui.kit import theme
from paydesk.ui.kit.widgets import name_in, stack
from paydesk.ui.lists.table import Table
from paydesk.ui.main.window import ATTENTION
from tests.fakes.office import Office
from tests.proving import cases, tasted
from tests.test_house import PACKAGE
from tests.ui.access_pages import PAGES
from tests.ui.access_picture import both_schemes, faint, unseen_focus
from tests.ui.access_tabs import jumps, tab_stops
from tests.ui.access_tree import faults, stuck
from tests.ui.front import Front
from tests.ui.paying import Counter, basket


@pytest.fixture(scope="module", autouse=True)
def light_again() -> Iterator[None]:
    yield
    if theme.Theme.current is not None:
        theme.Theme.current.show_dark(False)


@tasted
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_heard_as_it_is_seen_and_used_by_keyboard(qtbot: QtBot, tmp_path: Path, page: str) -> None:
    """For a screen reader, for weak eyes, and for the Tab and arrow keys. In ``dev.py prove`` dark, too."""
    top = PAGES[page](qtbot, tmp_path)
    stops = tab_stops(qtbot, top)
    assert jumps(stops) == []
    for scheme in islice(both_schemes(), cases(1, 2)):
        assert faults(top) == [], scheme
        assert faint(top) == [], scheme
        assert unseen_focus(top, [stop.widget for stop in stops]) == [], scheme
    top.resize(top.minimumSizeHint())
    assert stuck(top) == []


def test_no_dialog_is_left_out() -> None:
    opened = (Path(__file__).parent / "access_pages.py").read_text("utf-8")
    written = [path.read_text("utf-8") for path in (PACKAGE / "ui").rglob("*.py")]
    dialogs = {
        name for text in written for name in re.findall(r"^class ([A-Z]\w+)\(_?Q?Dialog\)", text, re.M)
    }
    assert len(dialogs) > 8
    assert [name for name in sorted(dialogs) if name not in opened] == []


@pytest.mark.qt_log_ignore("does not support (raise|grabbing)")  # the platform without a screen
def test_the_menus_are_readable(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    front.window.menu.open()
    table = front.take.selection.table.copy_menu(QPoint(20, 20))
    table.popup(QPoint(0, 0))
    for menu in (front.window.menu.menu, table):
        front.until(menu.isVisible)
        for scheme in both_schemes():
            assert faint(menu) == [], scheme
        menu.close()


def test_the_walk_sees_a_faint_text_a_faint_line_and_a_wrong_name(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    text, field, button = QLabel("Hard to read"), QLineEdit(), QPushButton("Pay")
    stack(top, text, field, button, margin=20)
    top.setStyleSheet(
        "* { background: #fff; color: #000 } QLabel { color: #999 } QLineEdit { border: 1px solid #ddd }"
    )
    button.setAccessibleName("Charge")
    top.show()
    assert [said.split()[0] for said in faint(top)] == ["2.85", "1.36"]
    assert len(faults(top)) == 2, "the field has no name, and the button another than it shows"


def test_the_lines_to_pay_are_scrolled_by_arrow_keys(qtbot: QtBot) -> None:
    front = Front(qtbot)
    lines = front.find(Table, "basket.lines")
    front.look_up_customer("1004", "02139")
    assert not lines.focusPolicy() & Qt.FocusPolicy.TabFocus, "nothing is out of sight yet"
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.until(lambda: lines.verticalScrollBar().maximum() > 0)
    assert lines.focusPolicy() & Qt.FocusPolicy.TabFocus
    lines.setFocus(Qt.FocusReason.TabFocusReason)
    before = lines.verticalScrollBar().value()
    front.press(Qt.Key.Key_PageUp)
    assert lines.verticalScrollBar().value() < before
    assert not lines.currentIndex().isValid(), "no line is marked as if it were chosen"


def test_the_lines_in_the_payment_dialog_are_scrolled_by_arrow_keys(qtbot: QtBot) -> None:
    counter = Counter(qtbot)
    dialog = counter.take(basket(*(str(60010 + place) for place in range(12))))
    area = next(one for one in dialog.summary.findChildren(QScrollArea))
    area.setFocus(Qt.FocusReason.TabFocusReason)
    assert area.hasFocus()
    counter.press(Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0


def test_a_name_follows_a_text_without_its_key_and_its_alt_mark() -> None:
    assert name_in("&Pay  F9") == "Pay"
    assert name_in("Smith && Sons") == "Smith & Sons"


def test_a_new_error_of_a_field_is_announced_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    front = Front(qtbot)
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(_text_of(event)))
    front.enter()
    front.enter()
    assert [text for text in said if text] == [front.problem("lookup.invoice.number")]


def _text_of(event: QAccessibleEvent) -> str:
    told = event.object()
    return told.text() if isinstance(told, QLabel) else ""


def test_the_icon_of_a_tab_follows_the_scheme(qtbot: QtBot) -> None:
    office = Office()
    office.took("50303", minutes_ago=60, state=State.UNKNOWN)
    front = Front(qtbot, office)
    front.until(lambda: "1" in front.window.tabs.tabText(ATTENTION))
    seen = {}
    for scheme in both_schemes():
        image = front.window.tabs.tabIcon(ATTENTION).pixmap(18).toImage()
        every = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        seen[scheme] = Tally(one.name() for one in every if one.alpha() == 255).most_common(1)[0][0]
    assert seen == {"light": theme.LIGHT.danger, "dark": theme.DARK.danger}
