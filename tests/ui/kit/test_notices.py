"""The bar of notices: what an administrator has to do is copied, not read to the clerk."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from paydesk.domain.errors import KnownError
from paydesk.ui.kit.notices import NoticeBar

NO_KEY = KnownError(
    "The key anddone-api-key is not set.",
    "Ask your administrator to set it.",
    "Run: paydesk set-key anddone-api-key",
)


def _shown(qtbot: QtBot, error: KnownError) -> tuple[NoticeBar, QPushButton]:
    bar = NoticeBar("notice")
    qtbot.addWidget(bar)
    bar.show_error(error)
    copy = bar.findChild(QPushButton, "notice.problem.copy")
    assert copy is not None
    return bar, copy


def test_a_command_is_copied_for_the_administrator_and_not_shown(qtbot: QtBot) -> None:
    bar, copy = _shown(qtbot, NO_KEY)
    assert bar.text == "The key anddone-api-key is not set. Ask your administrator to set it."
    assert not copy.isHidden()
    copy.click()
    copied = QApplication.clipboard().text()
    assert copied == "The key anddone-api-key is not set. Run: paydesk set-key anddone-api-key"


def test_without_a_step_for_an_administrator_nothing_is_copied(qtbot: QtBot) -> None:
    bar, copy = _shown(qtbot, NO_KEY)
    bar.show_error(KnownError("The disk is full.", "Free up space."))
    assert copy.isHidden()
    assert bar.text == "The disk is full. Free up space."
