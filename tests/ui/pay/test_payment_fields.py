"""The fields of the payment dialog: what they take, what they say, and what never leaves them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from paydesk.domain.consent import Channel, Proof
from paydesk.domain.tender import AccountHolder, TenderKind
from paydesk.ui.pay import words
from paydesk.ui.pay.consent_fields import Caller, date_in
from tests.fakes.office import Office
from tests.fakes.sample import BAKERY, NOW, SETTINGS
from tests.ui.paying import AMEX, DISCOVER, VISA, Counter, basket, full


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
    assert full(card.number) == shown
    assert card.number._brand.text() == brand
    made = card.card(TenderKind.CREDIT_CARD)
    assert ("".join(made.number), made.expiry_month, made.expiry_year) == (number, 3, 2030)
    assert "".join(made.code) == code
    assert (made.holder, made.zip_code) == ("Dana Reyes", "14414")


def test_a_digit_typed_in_the_middle_stays_under_the_caret(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("41111111")
    number.setCursorPosition(7)
    counter.type("9")
    assert (full(number), number.cursorPosition()) == ("4111 1191 1", 8)


def test_backspace_steps_over_the_gap(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("41112")
    number.setCursorPosition(5)
    counter.press(Qt.Key.Key_Backspace)
    assert (full(number), number.cursorPosition()) == ("4112", 3)


def test_delete_steps_over_the_gap(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("411123")
    number.setCursorPosition(4)
    counter.press(Qt.Key.Key_Delete)
    assert full(number) == "4111 3"


def test_a_pasted_number_may_have_spaces_and_dashes(counter: Counter, clipboard: QClipboard) -> None:
    number = counter.take().page.card.number
    clipboard.setText(" 4111-1111 1111-1111\n")
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert full(number) == "4111 1111 1111 1111"
    assert counter.at == "tender.card.expiry"


def test_a_pasted_account_number_is_taken_off_the_clipboard(counter: Counter, clipboard: QClipboard) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    bank.account.setFocus()
    for copied, left in (("call 123456789 back", "call 123456789 back"), ("12", "12"), ("1234 5678 9\n", "")):
        bank.account.wipe()
        clipboard.setText(copied)
        counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert clipboard.text() == left, "only a whole number, and nothing else that somebody needs"
    assert "".join(bank.account.digits) == "123456789"
    assert words.ACCOUNT_COPY_FORGOTTEN in [one.text() for one in bank.findChildren(QLabel)]


def test_the_dialog_is_left_out_of_captures_while_it_shows_fields_for_numbers(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    monkeypatch.setattr(
        "paydesk.ui.qt.screen_capture.leave_out", lambda _window, *, left_out: told.append(left_out)
    )
    counter.take()
    assert told == [True]
    counter.card()
    counter.charge()
    counter.until(lambda: counter.dialog.receipt is not None)
    assert told[-1] is False, "a receipt may be captured"


def test_a_setting_lets_the_dialog_be_captured(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(
        "paydesk.ui.qt.screen_capture.leave_out", lambda _window, *, left_out: told.append(left_out)
    )
    Counter(qtbot, Office(replace(SETTINGS, hide_from_capture=False))).take()
    assert told == []


def test_a_wrong_digit_is_said_at_once_and_the_focus_stays(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("4111111111111112")
    assert number.accessibleDescription() == "That card number isn't valid. Ask the customer to repeat it."
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
    assert full(number).replace(" ", "") == "3785" + AMEX[3:]
    assert number.accessibleDescription() == "American Express numbers have 15 digits. This one has 16."


def test_an_unknown_brand_is_said_after_four_digits(counter: Counter) -> None:
    number = counter.take().page.card.number
    counter.type("9999")
    assert "PayDesk takes Visa" in number.accessibleDescription()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("13", "Month must be 01–12."),
        ("0126", "Check the date: this card has expired. If it is right, ask for another card."),
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
    assert full(code) == "129"


def test_the_zip_of_the_customer_is_offered_and_typed_over(counter: Counter) -> None:
    card = counter.take().page.card
    counter.type(VISA + "0330123")
    assert card.zip.selectedText() == "14414"
    counter.type("10001")
    assert card.zip.text() == "10001"
    assert counter.at == "tender.card.holder"


def test_the_name_of_a_business_is_pointed_out_until_it_is_typed_over(counter: Counter) -> None:
    known = basket()
    payer = replace(known.payer, name="Sample Bakery LLC")
    page = counter.take(replace(known, payer=payer)).page
    hint = page.card._name_row._line
    assert hint.text() == "This looks like a business name. Ask whose name is on the card."
    counter.card()
    counter.type("Dana Reyes")
    assert page.card.holder.text() == "Dana Reyes", "it was selected"
    assert hint.text() == ""


def test_the_name_of_a_person_is_not_pointed_out(counter: Counter) -> None:
    page = counter.take().page
    assert page.card.holder.text() == "Dana Reyes"
    assert page.card._name_row._line.text() == ""


def test_charging_an_incomplete_card_goes_to_the_first_problem(counter: Counter) -> None:
    dialog = counter.take()
    counter.type(VISA)
    dialog.page.charge()
    assert counter.at == "tender.card.expiry"
    assert dialog.page.card.expiry.accessibleDescription() == "Enter the expiration date."
    assert not counter.office.processor.sales


def test_a_card_number_is_not_taken_for_a_name(counter: Counter) -> None:
    dialog = counter.take()
    counter.card()
    dialog.page.card.holder.setText(VISA)
    counter.charge()
    assert dialog.page.card.holder.accessibleDescription() == "That's a card number. Enter the name."
    assert not counter.office.processor.sales


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


class _X11Clipboard:
    """A clipboard with a selection buffer, which the test platform lacks."""

    def __init__(self) -> None:
        self.cleared: list[QClipboard.Mode] = []

    def supportsSelection(self) -> bool:  # noqa: N802
        return True

    def ownsSelection(self) -> bool:  # noqa: N802
        return not self.cleared

    def clear(self, mode: QClipboard.Mode) -> None:
        self.cleared.append(mode)


@pytest.mark.parametrize(
    ("key", "modifier"),
    [
        (Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_a_selection_by_key_is_taken_out_of_the_selection_buffer(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    counter.take()
    counter.type("41111111")
    buffer = _X11Clipboard()
    monkeypatch.setattr("paydesk.ui.kit.line_edits.QGuiApplication.clipboard", lambda: buffer)
    counter.press(key, modifier)
    assert buffer.cleared == [QClipboard.Mode.Selection]


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
        == "That routing number isn't valid. Ask the customer to repeat it."
    )
    assert counter.at == "tender.bank.routing"


def test_the_account_is_typed_twice_and_never_pasted_twice(counter: Counter, clipboard: QClipboard) -> None:
    bank = counter.take(kind=TenderKind.ACH).page.bank
    clipboard.setText("123456789")
    counter.type("021000021")
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert full(bank.account) == "1234 5678 9"
    counter.press(Qt.Key.Key_Return)
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert bank.again.text() == ""
    counter.type("124")
    assert bank.again.accessibleDescription().startswith("Account numbers don't match.")


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
    counter.press(Qt.Key.Key_Return)
    counter.type("call-0815")
    consent = page.consent.consent()
    assert (consent.sentence, consent.given_at, consent.proof_detail) == (words, NOW, "call-0815")
    assert (consent.channel, consent.proof, consent.customer_called) == (Channel.PHONE, Proof.RECORDING, True)


def test_enter_alone_never_gives_consent(counter: Counter) -> None:
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Return, times=3)
    assert counter.at == "tender.consent.given"
    assert "select this when the customer says yes" in page.consent.tick.accessibleDescription()
    page.consent.detail.setFocus()
    counter.type("call-0815")
    counter.charge()
    assert not counter.office.processor.sales
    assert counter.at == "tender.consent.given"
    assert "select this when the customer says yes" in page.consent.tick.accessibleDescription()


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
    counter.press(Qt.Key.Key_Return)
    page.consent.detail.setText(VISA)  # typed, it would be taken out at once
    counter.charge()
    assert page.consent.detail.accessibleDescription() == "That's a card number. It must not be saved here."
    assert not counter.office.processor.sales


def test_a_stranger_we_called_cannot_be_debited(counter: Counter) -> None:
    known = basket()
    stranger = type(known)(known.lines, type(known.payer)("Pat Lee"))
    page = counter.take(stranger, TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Space)
    page.consent.caller.choose(Caller.AGENCY)
    page.consent.detail.setText("call-0815")
    page.charge()
    assert not counter.office.processor.sales
    assert "ACH isn't allowed" in page.consent.caller.accessibleDescription()


def test_in_person_takes_the_error_of_a_call_away(counter: Counter) -> None:
    """Beside "Customer signed" still stood to read the script aloud."""
    page = counter.take(kind=TenderKind.ACH).page
    counter.account()
    counter.press(Qt.Key.Key_Return)
    assert page.consent._tick_row._line.text().startswith("Read the script aloud")
    page.channel.choose(Channel.COUNTER)
    assert page.consent._tick_row._line.text() == ""


def test_another_proof_takes_the_error_of_the_first_one_away(counter: Counter) -> None:
    consent = counter.take(kind=TenderKind.ACH).page.consent
    counter.account()
    counter.press(Qt.Key.Key_Space)
    counter.press(Qt.Key.Key_Return, times=2)
    assert consent.detail.accessibleDescription() == "Enter the recording ID."
    counter.press(Qt.Key.Key_Backtab)
    assert counter.at == "tender.consent.proof.recording", "the chosen one, not the last"
    counter.press(Qt.Key.Key_Right)
    assert consent.proof.value is Proof.WRITTEN_NOTICE
    assert consent.detail.text() == BAKERY.email
    assert consent.detail.accessibleDescription() == ""


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
    missing = "Enter the date of the written agreement as MM/DD/YYYY."
    assert page.consent.agreement_date.accessibleDescription() == missing
    counter.type("8/15/2026")
    counter.charge()
    assert page.consent.agreement_date.accessibleDescription() == "That date is in the future. Check it."
    counter.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    counter.type("08012026")
    counter.press(Qt.Key.Key_Tab)
    assert page.consent.agreement_date.text() == "08/01/2026"
    counter.charge()
    counter.until(lambda: bool(counter.answered))
    consent = counter.answered[0].draft.consent
    assert consent is not None
    assert (consent.proof, consent.agreement_on) == (Proof.AGREEMENT, date_in("2026-08-01"))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3/14/2025", "2025-03-14"),
        ("03-14-25", "2025-03-14"),
        ("03142025", "2025-03-14"),
        ("031425", "2025-03-14"),
        ("3142025", None),
        ("2025-03-14", "2025-03-14"),
        ("13/13/2025", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, iso: str | None) -> None:
    found = date_in(text)
    assert (found.isoformat() if found else None) == iso


@pytest.mark.parametrize("field", ["number", "expiry", "code", "zip", "holder"])
def test_a_swipe_into_the_card_form_says_what_to_do(counter: Counter, field: str) -> None:
    card = counter.take().page.card
    entry: QLineEdit = getattr(card, field)
    entry.setFocus()
    entry.selectAll()
    counter.type("%B4111111111111111^DOE/JANE^30031010000000000?")
    counter.press(Qt.Key.Key_Return)
    counter.type(";4111111111111111=30031010000000000?")
    counter.press(Qt.Key.Key_Return)
    assert not any(one.text() for one in (card.number, card.expiry, card.code))
    assert "4111" not in card.zip.text() + card.holder.text()
    assert "DOE" not in card.holder.text()
    assert "Nothing was saved" in entry.accessibleDescription()
    assert "Enter the card number" in entry.accessibleDescription()


def test_a_swipe_that_begins_with_the_number_leaves_nothing_in_the_fields_before(counter: Counter) -> None:
    card = counter.take().page.card
    counter.type(f"{VISA}=30031010000000000?")
    counter.press(Qt.Key.Key_Return)
    assert not any(one.text() for one in (card.number, card.expiry, card.code))
    assert card.expiry.accessibleDescription().startswith("PayDesk can't read card swipes")
    assert counter.at == "tender.card.number"


@pytest.mark.parametrize(
    "copied", [VISA, "4111 1111 1111 1111", " 4111-1111-1111-1111\n", "４１１１１１１１１１１１１１１１"]
)
def test_a_pasted_card_number_is_taken_off_the_clipboard(
    counter: Counter, clipboard: QClipboard, copied: str
) -> None:
    number = counter.take().page.card.number
    clipboard.setText(copied)
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert full(number).replace(" ", "") == VISA
    assert clipboard.text() == ""


@pytest.mark.parametrize("copied", ["4111", "4111 1111 1111 1112", "card 4111111111111111", "Sample Bakery"])
def test_other_copies_stay_on_the_clipboard(counter: Counter, clipboard: QClipboard, copied: str) -> None:
    counter.take()
    clipboard.setText(copied)
    counter.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == copied
