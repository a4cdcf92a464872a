"""The agency's anytime link: its card with the code, to be scanned from the screen, printed, or copied."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from paydesk.domain.receipt import Paper
from paydesk.services.desk.desk import Desk
from paydesk.ui.kit.scrolling import room_for
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.offer import words
from paydesk.ui.qt.tasks import Lanes
from paydesk.ui.receipt import print_and_save
from paydesk.ui.receipt.document_view import Document, DocumentView
from paydesk.ui.receipt.printing import Printers

SIZE = QSize(680, 680)
"""Size in device-independent pixels, where the screen has that room."""


class AnytimeLinkDialog(QDialog):
    """The link with which a customer pays any amount, without an invoice in PayDesk."""

    def __init__(self, desk: Desk, printers: Printers, lanes: Lanes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("anytime")
        self.setWindowTitle(words.ANYTIME_LINK)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE.boundedTo(room_for(self)))
        self._link = desk.settings.anddone.anytime_link
        card = Document(
            lambda _paper, _reprint: desk.anytime_card(),
            print_and_save.safe_name(words.anytime_file(desk.settings.agency.name)),
            was_printed=lambda: False,
            what=words.THE_CARD,
            name="anytime",
            papers=(Paper.LETTER,),
            counted=False,
        )
        self.view = DocumentView(printers, lanes, card, Paper.LETTER)
        self.copy_button = button(words.COPY, "anytime.copy", key="F6")
        self.copy_button.clicked.connect(self._copy)
        self.view.ways.addWidget(self.copy_button)
        close = button(words.CLOSE_ENDED, "anytime.close", key="Esc", role="quiet")
        close.clicked.connect(self.reject)
        about = label(words.ABOUT_ANYTIME, "muted")
        about.setWordWrap(True)
        head = row(about, close)
        head.setStretch(0, 1)
        head.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        body = stack(self, spacing=Space.M, margin=Space.XL)
        body.addLayout(head)
        body.addWidget(self.view, 1)
        mark_world(self)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._link)
        self.view.banner.say(words.COPIED, "", "good")
