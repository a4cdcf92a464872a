"""A posting that is stuck: the reason, and the actions for a person who has looked the receipt up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from paydesk.domain.posting import Posting
from paydesk.services.desk.advice import Action, Advice, Case
from paydesk.ui.kit import postings
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, row, set_role, stack, with_key
from paydesk.ui.payments import words

_SHOWN = frozenset(
    {
        Case.TO_REVERSE,
        Case.IN_FILE,
        Case.POSTING_UNCLEAR,
        Case.POSTING_REFUSED,
        Case.POSTING_WAITS,
        Case.BY_HAND,
    }
)


class PostingPanel(QWidget):
    """The panel, visible only while a posting is stuck, or waits for a reason.

    ``again`` asks to send it once more. ``entered`` means that it is in the agency system, or for returned
    money that it no longer is. ``file_entered`` carries the name of a deposit file of which all is there.
    The panel asks twice before both. Its owner binds the buttons' keys.
    """

    again = Signal()
    entered = Signal()
    file_entered = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._receipt = self._file = ""
        self._back = False
        self._sure: QPushButton | None = None
        """The button that was pressed once."""
        self._why = label("", "muted", f"{name}.why")
        self._why.setWordWrap(True)
        self.again_button = button(words.POST_AGAIN, f"{name}.again", key="F7", icon="refresh", bound=False)
        self.entered_button = button(
            words.IT_IS_POSTED, f"{name}.entered", key="F6", icon="check", bound=False
        )
        self.file_button = button(
            words.FILE_IS_POSTED, f"{name}.file", key="Shift+F6", icon="check", bound=False
        )
        self.again_button.clicked.connect(self.again)
        self.entered_button.clicked.connect(self._say_entered)
        self.file_button.clicked.connect(self._say_file_entered)
        body = stack(self, self._why, spacing=Space.S)
        for buttons in (row(self.again_button, self.entered_button), row(self.file_button)):
            buttons.addStretch(1)
            body.addLayout(buttons)
        self.hide()

    def show_posting(self, posting: Posting | None, advice: Advice | None) -> None:
        """Show why a posting is stuck, with the buttons that its advice asks for, or hide the panel."""
        case = advice.case if advice else Case.DECIDED
        self.setVisible(posting is not None and case in _SHOWN)
        if posting is None or advice is None:
            self._name_buttons()
            return
        shown = posting.payment.receipt_number, posting.sink_ref, case is Case.TO_REVERSE
        # A refresh in the background does not take back the first press.
        if self._sure is None or shown != (self._receipt, self._file, self._back):
            self._receipt, self._file, self._back = shown
            self._why.setText(_to_reverse(posting) if self._back else _why_stuck(posting))
            self._name_buttons()
        set_role(self._why, _role(posting, case))
        self.again_button.setVisible(Action.POST_AGAIN in advice.actions)
        self.entered_button.setVisible(bool(advice.actions & {Action.SAY_POSTED, Action.SAY_REVERSED}))
        self.file_button.setVisible(Action.SAY_FILE_POSTED in advice.actions)
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """Disable the buttons while the agency system is asked."""
        for one in (self.again_button, self.entered_button, self.file_button):
            one.setEnabled(not busy)

    def _say_entered(self) -> None:
        if self._sure is self.entered_button:
            self._name_buttons()
            self.entered.emit()
            return
        self._name_buttons()
        self._sure = self.entered_button
        sure = words.sure_reversed if self._back else words.sure_posted
        self._why.setText(sure(self._receipt))
        yes = words.YES_REVERSED if self._back else words.YES_POSTED
        self.entered_button.setText(with_key(yes, "F6"))

    def _say_file_entered(self) -> None:
        if self._sure is self.file_button:
            self._name_buttons()
            self.file_entered.emit(self._file)
            return
        self._name_buttons()
        self._sure = self.file_button
        self._why.setText(words.sure_file(self._file))
        self.file_button.setText(with_key(words.YES_FILE, "Shift+F6"))

    def _name_buttons(self) -> None:
        """Give each button its text from before it was pressed."""
        self._sure = None
        said = words.IT_IS_REVERSED if self._back else words.IT_IS_POSTED
        self.entered_button.setText(with_key(said, "F6"))
        self.file_button.setText(with_key(words.FILE_IS_POSTED, "Shift+F6"))


def _role(posting: Posting, case: Case) -> str:
    if case is Case.TO_REVERSE:
        return "warning"
    tint = postings.tint(posting)
    return tint if tint in ("warning", "danger") else "muted"


def _to_reverse(posting: Posting) -> str:
    receipt = posting.payment.receipt_number
    return words.reverse(receipt, posting.payment.state)


def _why_stuck(posting: Posting) -> str:
    in_file = words.in_deposit_file(posting.sink_ref) if posting.in_deposit_file else ""
    why = posting.reason or in_file or words.NO_REASON
    return words.posting_stuck(postings.word(posting).lower(), why)
