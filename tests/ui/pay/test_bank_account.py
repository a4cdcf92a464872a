"""The bank account: what is proposed, what Enter skips, what is masked, and that all of it is in view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.ui.kit.form import Row
from paydesk.ui.pay.consent_fields import Caller
from paydesk.ui.pay.payment_dialog import SIZE
from paydesk.ui.pay.tender_page import TenderPage
from tests.ui.paying import Counter, basket


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


def named(counter: Counter, name: str) -> TenderPage:
    """Open the dialog for a payer of that name, at the bank account."""
    known = basket()
    payer = replace(known.payer, name=name, customer_name=name)
    return counter.take(type(known)(known.lines, payer), TenderKind.ACH).page


def test_a_business_is_proposed_by_its_name_and_that_is_said(counter: Counter) -> None:
    page = named(counter, "Harborview Marine Services, Inc.")
    bank = page.bank
    assert bank.holder_kind.value is AccountHolder.BUSINESS
    assert said_beside(bank.holder_kind) == "Business, based on the name. Ask if it's a personal account."
    bank.holder_kind.choose(AccountHolder.PERSONAL)
    assert said_beside(bank.holder_kind) == ""
    assert bank.holder.text() == "Harborview Marine Services, Inc."


def test_the_kind_follows_the_name_until_the_clerk_chooses(counter: Counter) -> None:
    bank = named(counter, "Dana Reyes").bank
    assert said_beside(bank.holder_kind) == "Personal, based on the name. Ask if it's a business account."
    bank.holder.setFocus()
    counter.press(Qt.Key.Key_End)
    counter.type(" LLC")
    bank.routing.setFocus()
    assert said_beside(bank.holder_kind).startswith("Business, based on the name.")
    assert bank.holder.text() == "Dana Reyes LLC"
    bank.holder_kind.choose(AccountHolder.PERSONAL)
    bank.holder.setFocus()
    counter.press(Qt.Key.Key_End)
    counter.type(".")
    bank.routing.setFocus()
    assert bank.holder_kind.value is AccountHolder.PERSONAL, "chosen by hand"


def test_enter_skips_what_is_right_and_stays_at_what_is_not(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.type("021000021123456789")
    counter.press(Qt.Key.Key_Return)
    counter.type("123456780")
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.bank.again"
    counter.press(Qt.Key.Key_Backspace)
    counter.type("9")
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.consent.given", "checking, personal and the name were right"
    counter.press(Qt.Key.Key_Space)
    page.bank.holder.setFocus()
    page.bank.holder.clear()
    page.bank.again.setFocus()
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.bank.holder", "empty, so it is asked for"


def test_a_tab_after_a_full_field_skips_none(counter: Counter) -> None:
    """A Tab after the routing number, pressed by habit, once skipped the account number."""
    counter.take(kind=TenderKind.ACH)
    counter.type("021000021")
    assert counter.at == "tender.bank.account"
    counter.press(Qt.Key.Key_Tab)
    assert counter.at == "tender.bank.account"
    counter.press(Qt.Key.Key_Tab)
    assert counter.at == "tender.bank.again", "only the first was meant for the field before"
    counter.press(Qt.Key.Key_Backtab)
    counter.type("1234")
    counter.press(Qt.Key.Key_Tab)
    assert counter.at == "tender.bank.again"


def test_a_tab_leaves_a_field_that_something_was_typed_into(counter: Counter) -> None:
    counter.take(kind=TenderKind.ACH)
    counter.type("0210000211")
    counter.press(Qt.Key.Key_Tab)
    assert counter.at == "tender.bank.again"


def test_a_missing_account_number_is_said_at_its_own_field(counter: Counter) -> None:
    """The field for the number again was marked, which was right."""
    page = counter.take(kind=TenderKind.ACH).page
    page.bank.again.setFocus()
    counter.type("123456789")
    assert page.bank.account.property("role") == "wrong"
    assert page.bank.again.property("role") != "wrong"
    page.bank.account.setFocus()
    counter.type("123456789")
    assert page.bank.account.property("role") != "wrong"
    assert said_beside(page.bank.account) == "Account numbers match."


def test_an_account_number_is_masked_once_it_is_left(counter: Counter) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    counter.account()
    assert (bank.account.text(), bank.again.text()) == ("••••• 6789", "••••• 6789")
    bank.account.setFocus()
    assert "1234" not in bank.account.text(), "and coming back shows one group at most"


def worst(counter: Counter) -> Iterator[TenderPage]:
    """Yield the page with each error that its consent can have."""
    counter.office.processor.decline_next("The bank refused the account: insufficient funds.")
    page = counter.take(kind=TenderKind.ACH).page
    counter.dialog.resize(SIZE)
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    counter.type("call-1")
    counter.charge()
    counter.until(lambda: page.banner.text.startswith("The bank refused the account"))
    counter.account()  # below the decline
    page.charge()
    yield page
    page.consent.detail.clear()
    page.consent.tick.setChecked(True)
    page.charge()
    yield page
    page.consent.proof.choose(Proof.WRITTEN_NOTICE)
    page.consent.detail.clear()
    page.charge()
    yield page
    page.consent._setting = replace(page.consent._setting, existing_customer=False)
    page.consent.caller.choose(Caller.AGENCY)
    page.charge()
    yield page
    page.channel.choose(Channel.COUNTER)
    page.charge()
    yield page
    form = page.consent._paper()
    assert form is not None
    page.consent.form_printed(form)
    page.charge()
    yield page
    page.bank.holder_kind.choose(AccountHolder.BUSINESS)
    page.charge()
    yield page


def test_the_whole_consent_is_in_view_with_every_error_at_1366_by_768(counter: Counter) -> None:
    for page in worst(counter):
        counter.until(lambda: whole(counter))
        assert [one.text() for one in said(page) if one.property("role") == "problem"]


def whole(counter: Counter) -> bool:
    """Return True once nothing scrolls, the script has all its lines, and no error or hint is cut."""
    page = counter.dialog.page
    script = page.consent.script
    area = page.findChild(QScrollArea)
    if area is None or area.verticalScrollBar().maximum():
        return False
    fits = (one.sizeHint().width() <= one.width() for one in said(page))
    return script.height() >= script.heightForWidth(script.width()) and all(fits)


def said(page: TenderPage) -> list[QLabel]:
    """Return the errors and hints in view."""
    roles = ("problem", "small-good", "small")
    found = page.findChildren(QLabel)
    return [one for one in found if one.property("role") in roles and one.isVisible() and one.text()]


def said_beside(widget: QWidget) -> str:
    """Return the error or hint of the row that a widget is in."""
    row = widget.parentWidget()
    assert isinstance(row, Row)
    return row._line.text()
