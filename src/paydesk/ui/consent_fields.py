"""The payer's consent to a bank debit: the words to read, and the proof that they were agreed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QFrame

from paydesk.domain.consent import Channel, Consent, DebitTerms, Proof, consent_problem, script
from paydesk.domain.quote import Quote
from paydesk.domain.receipt import Agency
from paydesk.domain.tender import AccountHolder, holds_card_number
from paydesk.ui import format as fmt
from paydesk.ui.entry import Entry
from paydesk.ui.form import Choice, Form, Row, Tick
from paydesk.ui.room import Prose
from paydesk.ui.theme import Space
from paydesk.ui.widgets import label, stack


class Caller(StrEnum):
    """Who placed the call: it decides whether the Nacha rules allow a phone debit at all."""

    CUSTOMER = "customer"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the consent depends on and the person at the desk does not type.

    ``now`` tells UTC, ``today`` the agency's date.
    """

    agency: Agency
    now: Callable[[], datetime]
    today: Callable[[], date]
    zone: ZoneInfo
    existing_customer: bool
    email: str = ""


class ConsentFields(Form):
    """The script with its figures, the tick that stamps the time, who called, and the proof."""

    def __init__(self, setting: Setting) -> None:
        super().__init__("tender.consent")
        self._setting = setting
        self._given_at: datetime | None = None
        self._terms: DebitTerms | None = None
        self._channel, self._holder_kind = Channel.PHONE, AccountHolder.PERSONAL
        self.script = Prose("script", "tender.consent.script")
        self.tick = Tick("tender.consent.given")
        self.caller = Choice(
            "tender.consent.caller",
            "Who called",
            [(Caller.CUSTOMER, "They called us"), (Caller.AGENCY, "We called them")],
        )
        self.proof = Choice(
            "tender.consent.proof",
            "Proof of the consent",
            [(Proof.RECORDING, "Recording"), (Proof.WRITTEN_NOTICE, "Written notice")],
        )
        self.detail = Entry("tender.consent.detail", "Reference of the recording")
        self.agreement_date = Entry("tender.consent.agreement_date", "Date of the written agreement")
        self._lay_out()
        self.tick.toggled.connect(self._ticked)
        self.proof.changed.connect(self._name_detail)
        self._name_detail()
        self._suit()

    def suit(
        self, channel: Channel, holder_kind: AccountHolder, holder: str, last4: str, quote: Quote
    ) -> None:
        """Fill the script in; a consent to other words does not count and is taken back."""
        self._channel, self._holder_kind = channel, holder_kind
        agency, today = self._setting.agency, self._setting.today()
        terms = DebitTerms(agency.name, agency.phone, holder, quote.total, quote.fee, last4, today)
        self._terms = terms if holder and last4 else None
        self._suit()

    def consent(self) -> Consent:
        """The consent as recorded; only when ``complete()`` said so."""
        business = self._holder_kind is AccountHolder.BUSINESS
        counter = self._channel is Channel.COUNTER
        spoken = not business and not counter
        proof = Proof.AGREEMENT if business else Proof.SIGNED_FORM if counter else self.proof.value
        return Consent(
            sentence=self._sentence,
            given_at=self._given_at or self._setting.now(),
            channel=self._channel,
            holder_kind=self._holder_kind,
            proof=proof,
            proof_detail=self.detail.text().strip() if spoken else "",
            customer_called=self.caller.value is Caller.CUSTOMER,
            existing_customer=self._setting.existing_customer,
            agreement_on=date_in(self.agreement_date.text()) if business else None,
        )

    def wipe(self) -> None:
        """Forget what was agreed."""
        self._terms = None
        self._suit()

    @property
    def _sentence(self) -> str:
        return script(self._terms, self._channel, self._holder_kind) if self._terms else ""

    def _lay_out(self) -> None:
        box = QFrame()
        box.setProperty("role", "script-box")
        self._heading = label("", "caption")
        stack(box, self._heading, self.script, spacing=Space.XS, margin=Space.M)
        self.add(box)
        self._tick_row, self._proof_row, self._agreement_row = Row(beside=True), Row(), Row(beside=True)
        tick = self._tick_row.add("", self.tick, self._tick_problem, stretch=0)
        caller = self._proof_row.add("Who called?", self.caller, self._caller_problem, stretch=0)
        proof = self._proof_row.add("Proof", self.proof, stretch=0)
        detail = self._proof_row.add("", self.detail, self._detail_problem, stretch=5)
        dated = self._agreement_row.add(
            "Date of the written agreement", self.agreement_date, self._date_problem, stretch=0
        )
        self.detail.setMaxLength(120)
        self.agreement_date.setFixedWidth(180)
        self.agreement_date.setPlaceholderText("MM/DD/YYYY")
        self.add_row(self._tick_row, tick)
        self.add_row(self._agreement_row, dated)
        self.add_row(self._proof_row, caller, proof, detail)

    def _suit(self) -> None:
        business = self._holder_kind is AccountHolder.BUSINESS
        counter = self._channel is Channel.COUNTER
        heading, ticked = _WORDS[self._holder_kind, self._channel]
        self._heading.setText(heading if self._terms else "Consent")
        self.tick.say(ticked)
        self._proof_row.setVisible(not business and not counter)
        self._agreement_row.setVisible(business)
        words = self._sentence or "Type the account and the name first; the words to read then stand here."
        if words != self.script.text():
            self.script.setText(words)
            self.tick.setChecked(False)
        self.tick.setEnabled(self._terms is not None)

    def _ticked(self, on: bool) -> None:
        self._given_at = self._setting.now() if on else None
        at = fmt.time_of_day(self._given_at, self._setting.zone) if self._given_at else ""
        self._tick_row.hint(f"Ticked at {at}." if at else "", "small-good")
        self._tick_row.mark(self.tick, "")
        self.edited.emit()

    def _name_detail(self) -> None:
        recording = self.proof.value is Proof.RECORDING
        self._proof_row.caption(
            self.detail, "Reference of the recording" if recording else "Notice goes to (e-mail or post)"
        )
        if not recording and not self.detail.text():
            self.detail.put(self._setting.email)
        elif recording and self.detail.text() == self._setting.email:
            self.detail.clear()

    def _tick_problem(self) -> str:
        if not self._setting.agency.phone and self._channel is Channel.PHONE:
            return "The agency's phone number is missing in the settings; the words have to name it."
        return "" if self._given_at else _NOT_TICKED[self._holder_kind, self._channel]

    def _caller_problem(self) -> str:
        return consent_problem(replace(self.consent(), proof_detail="given"))

    def _detail_problem(self) -> str:
        if holds_card_number(self.detail.text()):
            return "That is a card number; it must not be kept here."
        return consent_problem(replace(self.consent(), customer_called=True))

    def _date_problem(self) -> str:
        problem = consent_problem(self.consent())
        on = date_in(self.agreement_date.text())
        return problem or ("That date is still to come." if on and on > self._setting.today() else "")


_READ_ALOUD, _TO_SIGN = "Read this aloud, word for word", "Have the customer sign these words"
_ON_FILE = "What the written agreement allows"
_WORDS = {
    (AccountHolder.PERSONAL, Channel.PHONE): (_READ_ALOUD, "The customer said &yes to these words"),
    (AccountHolder.PERSONAL, Channel.COUNTER): (_TO_SIGN, "The customer has &signed these words"),
    (AccountHolder.BUSINESS, Channel.PHONE): (_ON_FILE, "The written agreement is on &file"),
    (AccountHolder.BUSINESS, Channel.COUNTER): (_ON_FILE, "The written agreement is on &file"),
}
_NOT_TICKED = {
    (AccountHolder.PERSONAL, Channel.PHONE): "Read the words aloud, and tick when the customer says yes.",
    (AccountHolder.PERSONAL, Channel.COUNTER): "Have the words signed, and tick it.",
    (AccountHolder.BUSINESS, Channel.PHONE): "A business account needs its written agreement: tick it.",
    (AccountHolder.BUSINESS, Channel.COUNTER): "A business account needs its written agreement: tick it.",
}


def date_in(text: str) -> date | None:
    """The date in ``3/14/2025``, ``03-14-25`` or ``2025-03-14``; None when there is none."""
    american = re.fullmatch(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})\s*", text)
    iso = re.fullmatch(r"\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\s*", text)
    if american:
        month, day, year = (int(part) for part in american.groups())
    elif iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        return None
    try:
        return date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return None
