"""The payer's consent to a bank debit: the words to read, and the proof that the payer agreed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from paydesk.domain.consent import (
    Agency,
    Channel,
    Consent,
    ConsentPaper,
    DebitTerms,
    Proof,
    consent_problem,
    script,
)
from paydesk.domain.quote import Quote
from paydesk.domain.tender import AccountHolder
from paydesk.domain.typed.card_numbers import holds_card_data
from paydesk.domain.world import World
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit.form import Choice, Form, Row, Tick
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.scrolling import Prose
from paydesk.ui.kit.theme import Space
from paydesk.ui.kit.widgets import button, label, stack
from paydesk.ui.pay import words


class Caller(StrEnum):
    """The one who placed the call. This decides if the Nacha rules allow a phone debit at all."""

    CUSTOMER = "customer"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Setting:
    """The part of the consent that the clerk does not type.

    ``now`` returns UTC, ``today`` the agency's date.
    """

    agency: Agency
    now: Callable[[], datetime]
    today: Callable[[], date]
    zone: ZoneInfo
    existing_customer: bool
    world: World
    paid_for: tuple[str, ...]
    email: str = ""


class ConsentFields(Form):
    """The script with its figures, the check box that records the time, who called, and the proof.

    ``form_wanted`` carries the consent whose form is to be printed. The clerk can record a signature only
    once ``form_printed`` was called.
    """

    form_wanted = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__("tender.consent", skips_right=True)
        self._setting = setting
        self._given_at: datetime | None = None
        self._terms: DebitTerms | None = None
        self._form: ConsentPaper | None = None
        """The form for these words, once it is printed."""
        self._channel, self._holder_kind = Channel.PHONE, AccountHolder.PERSONAL
        self.script = Prose("script", "tender.consent.script")
        self.print_form = button(words.PRINT_FORM, "tender.consent.print", key="F8", icon="print")
        self.tick = Tick("tender.consent.given")
        self.caller = Choice(
            "tender.consent.caller",
            words.WHO_CALLED_SPOKEN,
            [(Caller.CUSTOMER, words.CUSTOMER_CALLED), (Caller.AGENCY, words.AGENCY_CALLED)],
        )
        self.proof = Choice("tender.consent.proof", words.PROOF_SPOKEN, words.PROOFS.items())
        self.detail = Entry("tender.consent.detail", words.RECORDING_REFERENCE)
        self.agreement_date = Entry("tender.consent.agreement_date", words.AGREEMENT_DATE)
        self._lay_out()
        self.print_form.clicked.connect(self._ask_for_form)
        self.tick.toggled.connect(self._ticked)
        self.proof.changed.connect(self._name_detail)
        self._name_detail()
        self._suit()

    def suit(
        self, channel: Channel, holder_kind: AccountHolder, holder: str, last4: str, quote: Quote
    ) -> None:
        """Fill in the script. A consent to other words is void, so it is cleared."""
        if (channel, holder_kind) != (self._channel, self._holder_kind):
            self.unmark()  # an error speaks of the other words
        self._channel, self._holder_kind = channel, holder_kind
        agency, today = self._setting.agency, self._setting.today()
        terms = DebitTerms(agency.name, agency.phone, holder, quote.total, quote.fee, last4, today)
        self._terms = terms if holder and last4 else None
        self._suit()

    def consent(self) -> Consent:
        """Return the consent to record. Call it only after ``complete()`` returned True."""
        business = self._holder_kind is AccountHolder.BUSINESS
        spoken = not business and not self._to_be_signed
        proof = Proof.AGREEMENT if business else Proof.SIGNED_FORM if not spoken else self.proof.value
        paper = self._form if proof is Proof.SIGNED_FORM else None
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
            paper=self._paper() if proof is Proof.WRITTEN_NOTICE else paper,
        )

    def form_printed(self, form: ConsentPaper) -> None:
        """Let the clerk record the signature, unless other words are to be signed by now."""
        if self._terms == form.terms and self._to_be_signed:
            self._form = form
            self._tick_row.mark(self.print_form, "")
            at = fmt.time_of_day(form.made_at, self._setting.zone)
            self._tick_row.hint(words.form_printed_at(at), "small-good")
            self.tick.setEnabled(True)
            self.tick.setFocus()

    def advance(self, widget: QWidget) -> None:
        """Print the form on Enter, if that is what is missing."""
        if widget is self.print_form and self._form_problem():
            self._ask_for_form()
        else:
            super().advance(widget)

    def wipe(self) -> None:
        """Clear the consent."""
        self._terms = None
        self._suit()

    @property
    def _sentence(self) -> str:
        return script(self._terms, self._channel, self._holder_kind) if self._terms else ""

    @property
    def _to_be_signed(self) -> bool:
        """True if the account holder signs a form at the counter."""
        return self._channel is Channel.COUNTER and self._holder_kind is AccountHolder.PERSONAL

    def _paper(self) -> ConsentPaper | None:
        """Return the form or letter with the figures of now, or None before there are any."""
        setting, terms, made_at = self._setting, self._terms, self._given_at or self._setting.now()
        if terms is None:
            return None
        return ConsentPaper(setting.agency, terms, setting.paid_for, made_at, setting.zone.key, setting.world)

    def _ask_for_form(self) -> None:
        self.form_wanted.emit(replace(self.consent(), paper=self._paper()))

    def _lay_out(self) -> None:
        box = QFrame()
        box.setProperty("role", "script-box")
        self._heading = label("", "caption")
        stack(box, self._heading, self.script, spacing=Space.XS, margin=Space.M)
        self.add(box)
        self._tick_row, self._proof_row, self._agreement_row = Row(beside=True), Row(), Row(beside=True)
        form = self._tick_row.add("", self.print_form, self._form_problem, stretch=0)
        tick = self._tick_row.add("", self.tick, self._tick_problem, stretch=0)
        caller = self._proof_row.add(words.WHO_CALLED, self.caller, self._caller_problem, stretch=0)
        proof = self._proof_row.add(words.PROOF, self.proof, stretch=0)
        detail = self._proof_row.add("", self.detail, self._detail_problem, stretch=5)
        dated = self._agreement_row.add(
            words.AGREEMENT_DATE, self.agreement_date, self._date_problem, stretch=0
        )
        self.detail.setMaxLength(120)
        self.agreement_date.setFixedWidth(180)
        self.agreement_date.setPlaceholderText(words.DATE_EXAMPLE)
        self.agreement_date.editingFinished.connect(self._write_date)
        self.add_row(self._tick_row, form, tick)
        self.add_row(self._agreement_row, dated)
        self.add_row(self._proof_row, caller, proof, detail)

    def _suit(self) -> None:
        business = self._holder_kind is AccountHolder.BUSINESS
        case = self._holder_kind, self._channel
        self._heading.setText(words.SCRIPT_HEADINGS[case] if self._terms else words.CONSENT)
        self.tick.say(words.CONSENT_GIVEN[case])
        self.print_form.setVisible(self._to_be_signed)
        self._proof_row.setVisible(not business and not self._to_be_signed)
        self._agreement_row.setVisible(business)
        shown = self._sentence or words.ACCOUNT_FIRST
        if shown != self.script.text():
            self.script.setText(shown)
            self._form = None
            self.tick.setChecked(False)
        self.print_form.setEnabled(self._terms is not None)
        self.tick.setEnabled(self._terms is not None and (self._form is not None or not self._to_be_signed))

    def _ticked(self, on: bool) -> None:
        self._given_at = self._setting.now() if on else None
        at = fmt.time_of_day(self._given_at, self._setting.zone) if self._given_at else ""
        self._tick_row.hint(words.ticked_at(at) if at else "", "small-good")
        self._tick_row.mark(self.tick, "")
        self.edited.emit()

    def _name_detail(self) -> None:
        recording = self.proof.value is Proof.RECORDING
        self._proof_row.caption(self.detail, words.RECORDING_REFERENCE if recording else words.NOTICE_ADDRESS)
        self.detail.setPlaceholderText("" if recording else words.NOTICE_ADDRESS_SAMPLE)
        if not recording and not self.detail.text():
            self.detail.put(self._setting.email)
        elif recording and self.detail.text() == self._setting.email:
            self.detail.clear()
        self._recheck()

    def _form_problem(self) -> str:
        return words.FORM_MISSING if self._to_be_signed and self._form is None else ""

    def _tick_problem(self) -> str:
        if not self._setting.agency.phone and self._channel is Channel.PHONE:
            return words.AGENCY_PHONE_MISSING
        return "" if self._given_at else words.CONSENT_MISSING[self._holder_kind, self._channel]

    def _caller_problem(self) -> str:
        return consent_problem(replace(self.consent(), proof_detail="given"))

    def _detail_problem(self) -> str:
        if holds_card_data(self.detail.text()):
            return words.CARD_NUMBER_AS_PROOF
        return consent_problem(replace(self.consent(), customer_called=True))

    def _date_problem(self) -> str:
        on = date_in(self.agreement_date.text())
        if on is None:
            return words.DATE_MISSING
        return consent_problem(self.consent()) or (words.DATE_TO_COME if on > self._setting.today() else "")

    def _write_date(self) -> None:
        """Show the date as the field's example does, so that the clerk sees how it was read."""
        on = date_in(self.agreement_date.text())
        if on is not None:
            self.agreement_date.put(f"{on:%m/%d/%Y}")


def date_in(text: str) -> date | None:
    """Return the date in ``3/14/2025``, ``03142025``, ``03-14-25`` or ``2025-03-14``, or None."""
    american = re.fullmatch(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})\s*", text)
    american = american or re.fullmatch(r"\s*([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})\s*", text)
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
