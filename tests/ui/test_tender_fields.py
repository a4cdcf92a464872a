"""The fields of the payment dialog: what they take, what they say, and what never leaves them."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.ui.consent_fields import Caller, date_in
from tests.fakes.desk import NOW
from tests.ui.paying import AMEX, DISCOVER, VISA, Counter, bill


@pytest.fixture
def counter(qtbot: QtBot) -> Counter:
    return Counter(qtbot)


@pytest.fixture
def clipboard(qtbot: QtBot) -> Iterator[QClipboard]:
    board = QGuiApplication.clipboard()
    board.setText("kept")
    yield board
    board.clear()


@pytest.mark.parametrize(
    ("number", "shown", "brand", "code"),
    [
        (VISA, "4111 1111 1111 1111", "Visa", "123"),
        ("5555555555554444", "5555 5555 5555 4444", "Mastercard", "123"),
        ("2223003122003222", "2223 0031 2200 3222", "Mastercard", "123"),
        (AMEX, "3782 822463 10005", "American Express", "1234"),
        (DISCOVER, "6011 1111 1111 1117", "Discover", "123"),
    ],
)
def test_a_card_is_typed_without_ever_pressing_tab(
    counter: Counter, number: str, shown: str, brand: str, code: str
) -> None:
    card = counter.take().page.card
    counter.card(number, code)
    assert card.number.text() == shown
    assert card.number._brand.text() == brand
    made = card.card(TenderKind.CREDIT_CARD)
    assert (made.number, made.expiry_month, made.expiry_year, made.code) == (number, 3, 2030, code)
    assert (made.holder, made.zip_code) == ("Dana Reyes", "14414")


def test_a_digit_typed_in_the_middle_stays_under_the_caret(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("41111111")
    number.setCursorPosition(7)
    counter.type("9")
    assert (number.text(), number.cursorPosition()) == ("4111 1191 1", 8)


def test_backspace_steps_over_the_gap(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("41112")
    number.setCursorPosition(5)
    counter.press(Qt.Key.Key_Backspace)
    assert (number.text(), number.cursorPosition()) == ("4112", 3)


def test_delete_steps_over_the_gap(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("411123")
    number.setCursorPosition(4)
    counter.press(Qt.Key.Key_Delete)
    assert number.text() == "4111 3"


def test_a_pasted_number_may_have_spaces_and_dashes(counter: Counter, clipboard: QClipboard) -> None:
    number = counter.take().page.card.number
    clipboard.setText(" 4111-1111 1111-1111\n")
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert number.text() == "4111 1111 1111 1111"
    assert counter.at == "tender.card.expiry"


def test_a_wrong_digit_is_said_at_once_and_the_focus_stays(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("4111111111111112")
    assert number.accessibleDescription() == "One of the digits is wrong. Ask for the number again."
    assert counter.at == "tender.card.number"
    counter.press(Qt.Key.Key_Backspace)
    counter.type("1")
    assert number.accessibleDescription() == ""
    assert counter.at == "tender.card.expiry"


def test_one_digit_too_many_is_refused_and_not_dropped(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type(AMEX)
    number.setFocus()
    number.setCursorPosition(3)
    counter.type("5")
    assert number.digits == "3785" + AMEX[3:]
    assert number.accessibleDescription() == "American Express numbers have 15 digits; this has 16, too many."


def test_an_unknown_brand_is_said_after_four_digits(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("9999")
    assert "PayDesk takes Visa" in number.accessibleDescription()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("13", "The month of the expiry is 01 to 12."),
        ("0126", "This card has expired. Ask for another card."),
    ],
)
def test_an_impossible_expiry_is_said_at_once(counter: Counter, typed: str, said: str) -> None:
    expiry = counter.take().page.card.expiry
    counter.type(VISA + typed)
    assert expiry.accessibleDescription() == said
    assert counter.at == "tender.card.expiry"


def test_the_code_is_hidden_and_as_long_as_the_brand_says(counter: Counter) -> None:
    code = counter.take().page.card.code
    counter.type(VISA + "0330" + "12")
    assert code.displayText() == "●●"
    code.setFocus()
    counter.type("9999")
    assert code.text() == "129"


def test_the_zip_of_the_customer_is_offered_and_typed_over(counter: Counter) -> None:
    card = counter.take().page.card
    counter.type(VISA + "0330123")
    assert card.zip.selectedText() == "14414"
    counter.type("10001")
    assert card.zip.text() == "10001"
    assert counter.at == "tender.card.holder"


def test_charging_an_incomplete_card_goes_to_the_first_problem(counter: Counter) -> None:
    dialog = counter.take()
    counter.type(VISA)
    dialog.page.charge()
    assert counter.at == "tender.card.expiry"
    assert dialog.page.card.expiry.accessibleDescription() == "Type the expiry."
    assert not counter.fake.authorize.charged


def test_a_card_number_is_not_taken_for_a_name(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    dialog.page.card.holder.setText(VISA)
    counter.charge()
    assert dialog.page.card.holder.accessibleDescription() == "That is a card number, not a name."
    assert not counter.fake.authorize.charged


_OUT = [
    (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier),
    (Qt.Key.Key_Insert, Qt.KeyboardModifier.ControlModifier),
]


@pytest.mark.parametrize(("key", "modifier"), _OUT)
def test_no_key_takes_a_number_out(
    counter: Counter, clipboard: QClipboard, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    number = counter.take().page.card.number
    counter.type("41111111")
    number.selectAll()
    counter.press(key, modifier)
    assert clipboard.text() == "kept"
    assert "4111" not in clipboard.text(QClipboard.Mode.Selection)


def test_the_mouse_takes_no_number_out(counter: Counter, clipboard: QClipboard) -> None:
    number = counter.take().page.card.number
    counter.type("41111111")
    QTest.mousePress(number, Qt.MouseButton.LeftButton, pos=QPoint(5, 10))
    QTest.mouseMove(number, QPoint(150, 10))
    QTest.mouseRelease(number, Qt.MouseButton.LeftButton, pos=QPoint(150, 10))
    assert "4111" not in clipboard.text() + clipboard.text(QClipboard.Mode.Selection)
    assert number.contextMenuPolicy() is Qt.ContextMenuPolicy.PreventContextMenu
    assert not number.acceptDrops()
    assert not number.dragEnabled()


def test_undo_brings_no_digit_back(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("4111")
    number.wipe()
    counter.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert number.text() == ""
    assert not number.isUndoAvailable()


def test_the_fields_ask_for_no_help_of_keyboards_that_learn(counter: Counter) -> None:
    page = counter.take().page
    secret = (page.card.number, page.card.expiry, page.card.code, page.bank.routing, page.bank.account)
    for entry in secret:
        hints = entry.inputMethodHints()
        assert hints & Qt.InputMethodHint.ImhSensitiveData
        assert hints & Qt.InputMethodHint.ImhNoPredictiveText


def test_closing_forgets_everything_typed(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    card = dialog.page.card
    dialog.done(0)
    assert not any(entry.text() for entry in (card.number, card.expiry, card.code, card.zip, card.holder))


def test_nothing_secret_stands_in_names_titles_and_descriptions(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    counter.press(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    counter.account()
    said = [dialog.windowTitle(), repr(dialog.page.card.card(TenderKind.CREDIT_CARD))]
    said.append(repr(dialog.page.bank.account_of()))
    for widget in (dialog, *dialog.findChildren(QWidget)):
        said += [widget.objectName(), widget.accessibleName(), widget.accessibleDescription(), repr(widget)]
        said += [widget.toolTip(), widget.whatsThis(), widget.statusTip()]
    together = " ".join(said)
    for secret in (VISA, "4111 1111", "123456789", "021000021"):
        assert secret not in together


def test_a_wrong_routing_number_is_said_at_once(counter: Counter) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    counter.type("021000022")
    assert (
        bank.routing.accessibleDescription()
        == "One of the digits is wrong. Ask for the routing number again."
    )
    assert counter.at == "tender.bank.routing"


def test_the_account_is_typed_twice_and_never_pasted_twice(counter: Counter, clipboard: QClipboard) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    clipboard.setText("123456789")
    counter.type("021000021")
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert bank.account.text() == "123456789"
    counter.press(Qt.Key.Key_Return)
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert bank.again.text() == ""
    counter.type("124")
    assert bank.again.accessibleDescription().startswith("The two account numbers differ.")


def test_dropping_text_on_a_number_does_nothing(counter: Counter) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    data = QMimeData()
    data.setText("123456789")
    assert not bank.again.acceptDrops()


def test_spoken_consent_names_the_figures_and_is_stamped(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    words = page.consent.script.text()
    for part in ("Dana Reyes", "$1,253.00", "$3.00", "August 14, 2026", "6789", "(585) 555-0142"):
        assert part in words
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return, times=3)
    counter.type("call-0815")
    consent = page.consent.consent()
    assert (consent.sentence, consent.given_at, consent.proof_detail) == (words, NOW, "call-0815")
    assert (consent.channel, consent.proof, consent.customer_called) == (Channel.PHONE, Proof.RECORDING, True)


def test_enter_alone_never_gives_consent(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Return, times=3)
    counter.type("call-0815")
    counter.charge()
    assert not counter.fake.authorize.charged
    assert counter.at == "tender.consent.given"
    assert "tick when the customer says yes" in page.consent.tick.accessibleDescription()


def test_consent_to_other_words_is_taken_back(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    assert page.consent.tick.isChecked()
    page.bank.holder.setFocus()
    counter.type(" Jr")
    assert not page.consent.tick.isChecked()


def test_a_written_notice_is_offered_to_the_known_address(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    page.consent.proof.choose(Proof.WRITTEN_NOTICE)
    assert page.consent.detail.text() == "bakery@example.com"
    page.consent.proof.choose(Proof.RECORDING)
    assert page.consent.detail.text() == ""


def test_a_card_number_is_not_taken_for_a_recording(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return, times=3)
    counter.type(VISA)
    counter.charge()
    assert page.consent.detail.accessibleDescription() == "That is a card number; it must not be kept here."
    assert not counter.fake.authorize.charged


def test_a_stranger_we_called_cannot_be_debited(counter: Counter) -> None:
    known = bill()
    stranger = type(known)(known.lines, type(known.payer)("Pat Lee"))
    page = counter.take(stranger, TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    page.consent.caller.choose(Caller.AGENCY)
    page.consent.detail.setText("call-0815")
    page.charge()
    assert not counter.fake.authorize.charged
    assert "a phone debit is not allowed" in page.consent.caller.accessibleDescription()


def test_a_business_needs_its_agreement_and_a_date_that_was(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    page.bank.holder_kind.choose(AccountHolder.BUSINESS)
    assert page.bank.holder.text() == "Sample Bakery"
    page.consent.tick.setFocus()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return)
    assert counter.at == "tender.consent.agreement_date"
    counter.charge()
    assert "written agreement" in page.consent.agreement_date.accessibleDescription()
    counter.type("8/15/2026")
    counter.charge()
    assert page.consent.agreement_date.accessibleDescription() == "That date is still to come."
    page.consent.agreement_date.setText("8/1/2026")
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    consent = counter.answered[0].draft.consent
    assert consent is not None
    assert (consent.proof, consent.agreement_on) == (Proof.AGREEMENT, date_in("2026-08-01"))


def test_at_the_counter_the_words_are_signed(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.press(Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    counter.until(lambda: page.channel.value is Channel.COUNTER and counter.at == "tender.bank.routing")
    counter.account()
    assert page.consent.script.text().startswith("I, Dana Reyes, authorize")
    counter.press(Qt.Key.Key_Space)
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    draft, _tender = counter.fake.authorize.charged[0]
    assert draft.consent is not None
    assert (draft.channel, draft.consent.proof) == (Channel.COUNTER, Proof.SIGNED_FORM)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3/14/2025", "2025-03-14"),
        ("03-14-25", "2025-03-14"),
        ("2025-03-14", "2025-03-14"),
        ("13/13/2025", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, iso: str | None) -> None:
    found = date_in(text)
    assert (found.isoformat() if found else None) == iso
