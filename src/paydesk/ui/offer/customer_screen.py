"""The code and the amount on a second screen, for the customer at the counter."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from paydesk.domain.payment import Payment
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import label, stack
from paydesk.ui.kit.world_banner import mark_world
from paydesk.ui.offer import words
from paydesk.ui.offer.qr_code import Modules, QrCode

SIDE = 520


class CustomerScreen(QWidget):
    """A whole screen with the code. It takes no keys, and closes with the dialog."""

    def __init__(self, parent: QWidget, payment: Payment, modules: Modules) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("offer.customer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        code = QrCode("offer.customer.code", words.QR_CODE, SIDE)
        code.show_code(modules)
        total = label(fmt.dollars(payment.draft.quote.total), "total", "offer.customer.total")
        column = stack(self, spacing=Space.L, margin=Space.XL)
        column.addStretch()
        for part in (total, code):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        mark_world(self)

    @classmethod
    def beside(cls, dialog: QWidget, payment: Payment, modules: Modules) -> CustomerScreen | None:
        """Show it on another screen than the dialog's. Returns None if there is no other."""
        others = [screen for screen in QGuiApplication.screens() if screen is not dialog.screen()]
        if not others:
            return None
        made = cls(dialog, payment, modules)
        made.setGeometry(others[0].geometry())
        made.show()
        return made
