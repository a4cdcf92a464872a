"""The status bar and the training banner: where this desk is, and what it can reach."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStatusBar, QWidget

from paydesk.domain.errors import NoAnswer, System
from paydesk.domain.payment import Payment, State
from paydesk.domain.refreshing import RefreshState
from paydesk.ui import icons
from paydesk.ui.theme import Space
from paydesk.ui.widgets import Elided, label, row, set_role

AGE_WIDTH, REFRESH_WIDTH = 372, 250
"""Room for the longest age there is, and for the refresh, in device-independent pixels."""


class TrainingBanner(QFrame):
    """``TRAINING: no money moves``, on a desk where that is so."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("training")
        self.setProperty("role", "training")
        text = label("TRAINING: no money moves", "training", "training.text")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = QHBoxLayout(self)
        line.setContentsMargins(Space.L, Space.XS, Space.L, Space.XS)
        line.addWidget(text)
        self.hide()


class Reach(QWidget):
    """One system's name, a sign, and in words whether it answered last."""

    def __init__(self, name: str, system: str) -> None:
        super().__init__()
        self._system = system
        self._sign = label()
        self._text = label("", "small", name)
        self.setLayout(row(self._sign, self._text, spacing=Space.XS))
        self.show_answer(None)

    def show_answer(self, answered: bool | None) -> None:
        """It answered, it did not, or it was not asked yet."""
        icon, tint, words = {
            True: ("check", "good", "reachable"),
            False: ("close", "danger", "not reachable"),
            None: ("ring", "muted", "not asked yet"),
        }[answered]
        self._show(icon, tint, words, "small-danger" if answered is False else "small")

    def show_unclear(self) -> None:
        """It was reached, or perhaps not: nothing clear came back."""
        self._show("question", "warning", "gave no clear answer", "small-warning")

    def _show(self, icon: str, tint: str, words: str, role: str) -> None:
        icons.put(self._sign, icon, tint, 14)
        self._text.setText(f"{self._system} {words}")
        set_role(self._text, role)


class Status(QStatusBar):
    """Desk, user, agency, the age of the invoices shown, and whether AMS360 and AndDone answer."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(Space.L, 0, Space.S, 0)
        self._desk = Elided("Opening the ledger…", "small", "status.desk")
        self._age = label("", "small", "status.age")
        # A width of its own: the window must not be laid out anew for every answer.
        self._age.setFixedSize(AGE_WIDTH, self._age.fontMetrics().height())
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._refresh = Elided("", "small", "status.refresh")
        self._refresh.setFixedWidth(REFRESH_WIDTH)
        self._ams360 = Reach("status.ams360", "AMS360")
        self._anddone = Reach("status.anddone", "AndDone")
        self.addWidget(self._desk, 1)
        self._spare = [_spaced(part) for part in (self._refresh, self._age)]
        for holder in (*self._spare, _spaced(self._ams360), _spaced(self._anddone)):
            self.addPermanentWidget(holder)

    def be_compact(self, compact: bool) -> None:
        """Leave out, in a small window, what is also said elsewhere, or matters least."""
        for holder in self._spare:
            holder.setVisible(not compact)

    def show_desk(self, desk: str, user: str, agency: str) -> None:
        """Whose desk this is."""
        self._desk.set_text(f"{desk}  ·  {user}  ·  {agency}")

    def show_refused(self) -> None:
        """There is no desk behind this window."""
        self._desk.set_text("Not ready")

    def show_refresh(self, state: RefreshState) -> None:
        """How far the refresh in the background is; nothing while none runs."""
        said = ""
        if state.running and state.trouble:
            said = f"Refresh waits: {state.trouble}"
        elif state.running:
            said = f"Refreshing invoices, {state.left:,} customers to go"
        self._refresh.set_text(said)

    def show_age(self, words: str) -> None:
        """How old the invoices on the screen are."""
        self._age.setText(f"Invoices {words}" if words else "")

    def show_ams360(self, answered: bool) -> None:
        """Whether AMS360 answered the last question."""
        self._ams360.show_answer(answered)

    def show_anddone(self, payment: Payment) -> None:
        """What the last payment says of AndDone: a clear answer, none, or that it cannot be reached."""
        if payment.state in (State.UNKNOWN, State.VOIDING):
            self._anddone.show_unclear()
        elif payment.state is not State.RELEASED:
            self._anddone.show_answer(True)
        elif "cannot be reached" in payment.reason:  # the ledger keeps no more of it than the sentence
            self._anddone.show_answer(False)

    def show_no_answer(self, error: NoAnswer) -> None:
        """A system gave no answer, or could not be reached."""
        reach = self._anddone if error.system is System.ANDDONE else self._ams360
        if error.connected:
            reach.show_unclear()
        else:
            reach.show_answer(False)


def _spaced(part: QWidget | QLabel) -> QWidget:
    holder = QWidget()
    line = row(part)
    line.setContentsMargins(Space.M, 0, Space.S, 0)
    holder.setLayout(line)
    return holder
