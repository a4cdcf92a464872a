"""The status bar: which desk this is, and whom it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from paydesk.domain.errors import NoAnswer, System
from paydesk.domain.outcome import Reason
from paydesk.domain.payment import Payment, State
from paydesk.domain.vendors import AGENCY_SYSTEM, PROCESSOR
from paydesk.domain.world import World, WorldKind
from paydesk.ui.kit import icons
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import Elided, label, row, set_role
from paydesk.ui.main import words

if TYPE_CHECKING:
    from paydesk.domain.invoices.freshness import RefreshState

AGE_WIDTH, REFRESH_WIDTH = 372, 250
"""Widths for the longest age and for the refresh, in device-independent pixels."""


class Reach(QWidget):
    """One system's name, an icon, and its last answer in words."""

    def __init__(self, name: str, system: str) -> None:
        super().__init__()
        self._system = system
        self._sign = label()
        self._text = label("", "small", name)
        line = row(self._sign, self._text, spacing=Space.XS)
        line.setStretch(1, 1)  # so that the sign stays beside a text that has become shorter
        self.setLayout(line)
        self.show_answer(None)

    def show_answer(self, answered: bool | None) -> None:
        """Show that it answered (True), did not (False), or was not asked yet (None)."""
        icon, tint, said = {
            True: ("check", "good", words.REACHABLE),
            False: ("close", "danger", words.NOT_REACHABLE),
            None: ("ring", "muted", words.NOT_ASKED_YET),
        }[answered]
        self._show(icon, tint, said, "small-danger" if answered is False else "small")

    def show_unclear(self) -> None:
        """Show that no clear answer came. The system may or may not have been reached."""
        self._show("question", "warning", words.NO_CLEAR_ANSWER, "small-warning")

    def _show(self, icon: str, tint: str, said: str, role: str) -> None:
        icons.put(self._sign, icon, tint, 14)
        self._text.setText(words.reach(self._system, said))
        set_role(self._text, role)


class Status(QStatusBar):
    """Status bar: desk, user, agency, age of the invoices shown, and reachability of both systems."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(Space.L - 2, 0, Space.S, 0)
        self._desk = Elided(words.OPENING, "small", "status.desk")
        self._age = label("", "small", "status.age")
        # Fixed, so that the window is not laid out again for every answer.
        self._age.setFixedSize(AGE_WIDTH, self._age.fontMetrics().height())
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._refresh = Elided("", "small", "status.refresh")
        self._refresh.setFixedWidth(REFRESH_WIDTH)
        self._agency_system = Reach("status.ams360", AGENCY_SYSTEM.name)
        self._processor = Reach("status.anddone", PROCESSOR.name)
        self.addWidget(self._desk, 1)
        self._spare = [_spaced(part) for part in (self._refresh, self._age)]
        for holder in (*self._spare, _spaced(self._agency_system), _spaced(self._processor)):
            self.addPermanentWidget(holder)

    def be_compact(self, compact: bool) -> None:
        """Hide in a small window what matters least, or is shown elsewhere."""
        for holder in self._spare:
            holder.setVisible(not compact)

    def show_desk(self, desk: str, user: str, agency: str, world: World) -> None:
        """Show the host of the processor unless it is the live one, then desk, user and agency."""
        host = "" if world.kind is WorldKind.LIVE else world.host
        self._desk.set_text("  ·  ".join(part for part in (host, desk, user, agency) if part))

    def show_opening(self) -> None:
        """Show that the desk is being opened."""
        self._desk.set_text(words.OPENING)

    def show_refused(self) -> None:
        """Show that this window has no desk."""
        self._desk.set_text(words.NOT_READY)

    def show_refresh(self, state: RefreshState) -> None:
        """Show the progress of the background refresh, or nothing if none runs."""
        self._refresh.set_text(words.refresh(state))

    def show_age(self, age: str) -> None:
        """Show the age of the invoices on the screen."""
        self._age.setText(words.invoices_read(age) if age else "")

    def show_agency_system(self, answered: bool) -> None:
        """Show if the agency system answered the last question."""
        self._agency_system.show_answer(answered)

    def show_processor(self, payment: Payment) -> None:
        """Show how the processor answered the last payment: clearly, not clearly, or not at all."""
        if payment.state in (State.UNKNOWN, State.VOIDING):
            self._processor.show_unclear()
        elif payment.state is not State.RELEASED:
            self._processor.show_answer(True)
        elif payment.reason_code is Reason.NO_CONNECTION:
            self._processor.show_answer(False)

    def show_no_answer(self, error: NoAnswer) -> None:
        """Show that a system gave no answer, or could not be reached."""
        reach = self._processor if error.system is System.PROCESSOR else self._agency_system
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
