"""The page of a first start: nobody has set this desk up yet. It is a choice, and never an error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from paydesk.config.faults import log_fault
from paydesk.config.paths import resources
from paydesk.domain.errors import KnownError
from paydesk.ui.kit import icons
from paydesk.ui.kit.faults import please_report
from paydesk.ui.kit.notices import NoticeBar, report
from paydesk.ui.kit.scrolling import Prose, scrolled
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, card, label, row, set_role, stack
from paydesk.ui.main import words
from paydesk.ui.main.set_up import SetUp
from paydesk.ui.qt.timers import repeating

if TYPE_CHECKING:
    from paydesk.services.desk.doctor import Finding
    from paydesk.ui.qt.tasks import Lanes

LOOK_MS = 2_000
"""Milliseconds between two checks if the settings file was saved."""


class FirstStart(QWidget):
    """The page. ``open_wanted`` asks to open the desk, which is then a training desk or the one set up.

    Tests replace ``open_folder``, which shows a folder in the system's own window.
    """

    open_wanted = Signal()

    def __init__(self, set_up: SetUp, lanes: Lanes) -> None:
        super().__init__()
        self.setObjectName("first")
        self._set_up, self._lanes = set_up, lanes
        self._seen: tuple[int, int] | None = None
        self._checking = False
        self.open_folder: Callable[[Path], object] = _open_folder
        self.notice = NoticeBar("first.notice")
        self.train = button(words.OPEN_TRAINING, "first.train", role="primary")
        self.begin = button(words.SET_UP, "first.set_up")
        self.read = button(words.READ_HOW, "first.read")
        self.again = button(words.CHECK_AGAIN, "first.check", key="F5", icon="refresh")
        self.open = button(words.OPEN_DESK, "first.open", key="F9", role="primary")
        self._place = Prose("muted", "first.place")
        self._sum = label("", "strong", "first.sum")
        self._lines = QWidget()
        self._findings = QVBoxLayout(self._lines)
        self._page = QTextBrowser()
        self._looks = repeating(self, LOOK_MS, self._look)
        self._lay_out()
        self._connect()

    def start(self) -> None:
        """Put the keyboard on the safest choice."""
        self.train.setFocus()

    def _lay_out(self) -> None:
        choices = row(
            _choice(words.TRAINING_CHOICE, self.train),
            _choice(words.SET_UP_CHOICE, self.begin),
            _choice(words.READ_CHOICE, self.read),
            spacing=Space.L,
        )
        self._check = card("first.findings")
        self._findings.setContentsMargins(0, 0, 0, 0)
        self._findings.setSpacing(Space.S)
        self._findings.addStretch(1)
        buttons = row(self._sum, self.again, self.open)
        buttons.setStretch(0, 1)
        inside = stack(
            self._check,
            self._place,
            scrolled(self._lines, words.FINDINGS_SPOKEN),
            spacing=Space.M,
            margin=Space.L,
        )
        inside.addLayout(buttons)
        inside.setStretch(1, 1)
        self._check.hide()
        self._page.setObjectName("first.page")
        self._page.setAccessibleName(words.READ_HOW.replace("&", ""))
        self._page.setOpenLinks(False)
        self._page.document().setDocumentMargin(Space.L)
        self._page.hide()
        column = stack(self, label(words.WELCOME, "amount"), spacing=Space.L, margin=Space.XXL)
        column.addWidget(label(words.WELCOME_NEXT, "muted"))
        column.addLayout(choices)
        column.addWidget(self.notice)
        column.addWidget(self._check, 1)
        column.addWidget(self._page, 1)
        column.addStretch()

    def _connect(self) -> None:
        self.train.clicked.connect(self._train)
        self.begin.clicked.connect(self._begin)
        self.read.clicked.connect(self._read)
        self.again.clicked.connect(self.check)
        self.open.clicked.connect(self.open_wanted)

    def _train(self) -> None:
        self._looks.stop()
        self._set_up.train()
        self.open_wanted.emit()

    def _begin(self) -> None:
        """Write the settings file, show its folder, and check it after every change."""
        self.notice.clear()
        try:
            self._set_up.write()
        except OSError as error:
            report(KnownError(*words.not_written(self._set_up.settings, error.strerror or "")), self.notice)
            return
        self._place.setText(words.settings_at(self._set_up.settings))
        self._page.hide()
        self._check.show()
        self.open_folder(self._set_up.settings.parent)
        self._looks.start()
        self._look()

    def _read(self) -> None:
        self._page.setMarkdown((resources() / "help" / "going-live.md").read_text("utf-8"))
        self._check.hide()
        self._page.show()
        self._page.setFocus()

    def _look(self) -> None:
        """Check again if the file was saved since the last look."""
        try:
            found = self._set_up.settings.stat()
        except OSError:
            return
        seen = (found.st_mtime_ns, found.st_size)
        if seen != self._seen and not self._checking:
            self._seen = seen
            self.check()

    def check(self) -> None:
        """Ask doctor now."""
        if self._checking:
            return
        self._checking = True
        self._sum.setText(words.CHECKING)
        check = self._set_up.check
        self._lanes.lookup.run(lambda: list(check()), self._show, self._not_checked, self)

    def _show(self, found: Sequence[Finding]) -> None:
        from paydesk.services.desk.doctor import Level

        self._checking = False
        while self._findings.count() > 1:
            item = self._findings.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        order = {Level.DO: 0, Level.NOTE: 1, Level.WELL: 2}
        for place, finding in enumerate(sorted(found, key=lambda one: order[one.level])):
            self._findings.insertWidget(place, _line(finding))
        to_do = sum(finding.level is Level.DO for finding in found)
        self._sum.setText(words.to_do(to_do))
        set_role(self._sum, "strong" if to_do else "good")

    def _not_checked(self, error: Exception) -> None:
        self._checking = False
        self._sum.setText("")
        if isinstance(error, KnownError):
            report(error, self.notice)
        else:
            report(KnownError(words.NOT_CHECKED, please_report(log_fault(error))), self.notice)


def _choice(texts: tuple[str, str], way: QPushButton) -> QFrame:
    """Return a card with a title, a sentence and its button."""
    made = card()
    sentence = Prose("muted", "")
    sentence.setText(texts[1])
    column = stack(made, label(texts[0], "title"), sentence, spacing=Space.S, margin=Space.L)
    column.addStretch(1)
    column.addWidget(way)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    return made


def _line(finding: Finding) -> QWidget:
    """Return one finding: an icon, its subject, and what it says."""
    from paydesk.services.desk.doctor import Level

    sign, texts = label(), Prose("body", "")
    icon = {Level.DO: ("alert", "danger"), Level.NOTE: ("info", "muted"), Level.WELL: ("check", "good")}
    icons.put(sign, *icon[finding.level])
    texts.setText(f"{finding.about}: {finding.sentence} {finding.next_step}".strip())
    texts.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made = QWidget()
    line = row(sign, texts, spacing=Space.S)
    line.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
    line.setStretch(1, 1)
    made.setLayout(line)
    return made


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
