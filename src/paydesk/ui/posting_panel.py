"""What keeps a receipt out of AMS360, and the two ways on for a person who has looked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from paydesk.domain.payment import GIVEN_BACK, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.ui import format as words
from paydesk.ui.payment_table import posting_tint
from paydesk.ui.theme import Space
from paydesk.ui.widgets import button, label, row, set_role, stack

_STUCK = (PostingState.UNCLEAR, PostingState.REFUSED)


class PostingPanel(QWidget):
    """Shown only while a posting is stuck, or waits for a reason.

    ``again`` asks for it to be sent once more, ``entered`` says that it is in AMS360, or, where its
    payment was voided, that it is not any more; the latter is asked for twice.
    """

    again = Signal()
    entered = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._receipt = ""
        self._sure = self._back = False
        self._why = label("", "muted", f"{name}.why")
        self._why.setWordWrap(True)
        self._again = button("Post again", f"{name}.again", key="F7", icon="refresh")
        self._entered = button("It is in AMS360", f"{name}.entered", key="F6", icon="check")
        self._again.clicked.connect(self.again)
        self._entered.clicked.connect(self._say_entered)
        buttons = row(self._again, self._entered)
        buttons.addStretch(1)
        stack(self, self._why, spacing=Space.S).addLayout(buttons)
        self.hide()

    def show_posting(self, posting: Posting | None, *, may_post_again: bool) -> None:
        """Show why a posting is stuck and what can be done; nothing where there is nothing to say."""
        back = posting is not None and _to_take_back(posting)
        stuck = back or (posting is not None and (posting.state in _STUCK or posting.in_deposit_file))
        self.setVisible(posting is not None and (stuck or _waits_for_a_reason(posting)))
        if posting is None:
            return
        self._sure = False
        self._receipt = posting.payment.receipt_number
        in_file = f"in deposit file {posting.sink_ref}." if posting.in_deposit_file else ""
        why = posting.reason or in_file or "no reason was given."
        if back:
            voided = posting.payment.state is State.VOIDED
            what = "its payment was voided" if voided else "the bank sent its payment back"
            self._why.setText(f"Reverse receipt {self._receipt} in AMS360: {what}.")
        else:
            self._why.setText(f"AMS360, {words.posting(posting).lower()}: {why}")
        tint = "warning" if back else posting_tint(posting)
        set_role(self._why, tint if tint in ("warning", "danger") else "muted")
        self._back = back
        self._entered.setText("It is reversed  F6" if back else "It is in AMS360  F6")
        self._again.setVisible(may_post_again)
        self._entered.setVisible(stuck)
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """Nothing can be pressed while AMS360 is asked."""
        for one in (self._again, self._entered):
            one.setEnabled(not busy)

    def _say_entered(self) -> None:
        if self._sure:
            self.entered.emit()
            return
        self._sure = True
        there = "is not in AMS360 any more" if self._back else "is in AMS360"
        self._why.setText(f"You have looked, and receipt {self._receipt} {there}? Press once more.")
        self._entered.setText("Yes, it is gone  F6" if self._back else "Yes, it is there  F6")


def _to_take_back(posting: Posting) -> bool:
    return posting.payment.state in GIVEN_BACK and posting.state is not PostingState.WITHDRAWN


def _waits_for_a_reason(posting: Posting) -> bool:
    return posting.state is PostingState.WAITING and bool(posting.reason)
