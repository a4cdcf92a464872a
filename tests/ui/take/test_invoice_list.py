"""The list of a customer's invoices: groups, red rows that stay readable, dates, and the sums above."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from paydesk.domain.invoices.selection import Group, InvoiceStatus, Row
from paydesk.domain.money import ZERO, Money
from paydesk.domain.payment import State
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import theme
from paydesk.ui.lists.cells import BAND, BAR
from paydesk.ui.take.invoice_groups import bands
from paydesk.ui.take.words import selection as words
from tests.fakes.office import Office
from tests.fakes.sample import BUILDER, NOW, TODAY, invoice
from tests.ui.front import Front


def _bands(front: Front) -> dict[int, tuple[str, str]]:
    return {place: (band.text, band.sums) for place, band in front.model.bands.items()}


def _many(office: Office) -> Office:
    """Let the builder owe 89 invoices, 34 of them overdue for years."""
    office.source.invoices = {
        one.number: replace(one, invoice_date=TODAY - timedelta(days=800))
        for one in (invoice(str(70000 + at), 9_000_00 + at, -600 + 18 * at, BUILDER) for at in range(89))
    }
    return office


# ---- groups ---------------------------------------------------------------------------------------


def test_overdue_due_credits_and_paid_stand_in_groups_with_their_sums(qtbot: QtBot) -> None:
    office = Office()
    office.took("50177")
    front = Front(qtbot, office)
    front.look_up_customer("1001", "14414")
    assert front.shown == ["50123", "50181", "50305", "50177"]
    assert _bands(front) == {
        0: ("Overdue · 1", "$838.00"),
        1: ("Due · 1", "$96.40"),
        2: ("Credits · 1", "-$50.00"),
        3: ("Paid or being paid · 1", ""),
    }


def test_invoices_of_one_kind_need_no_groups(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    assert _bands(front) == {}
    front.look_up("50200")
    front.press(Qt.Key.Key_F6)
    assert _bands(front) == {}


def test_a_group_ends_with_its_last_invoice(qtbot: QtBot) -> None:
    """The line "Due · 1" stood above one lone invoice, after AMS360 no longer had the others."""
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    assert len(_bands(front)) > 1
    front.model.correct(front.model.rows[1:3])
    assert front.shown == ["50181", "50177"]
    assert _bands(front) == {}


def test_what_f6_adds_goes_to_its_group(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50177")
    front.press(Qt.Key.Key_F6)
    assert front.shown == ["50123", "50181", "50177"]
    assert _bands(front) == {0: ("Overdue · 1", "$838.00"), 1: ("Due · 2", "$508.40")}
    current = front.take.selection.table.current
    assert current is not None
    assert current.invoice.number == "50177", "the current row is the same"


def test_a_live_answer_moves_no_row_and_starts_no_new_groups(qtbot: QtBot) -> None:
    """50123 is paid meanwhile, and a new overdue one comes."""
    office = Office()
    office.seen()
    office.source.gate.clear()
    front = Front(qtbot, office)
    front.press(Qt.Key.Key_F3)
    front.keys("1001")
    front.enter()
    front.keys("14414")
    front.enter()
    front.until(lambda: front.shown == ["50123", "50181", "50177", "50305"])
    paid = replace(office.source.invoices["50123"], balance=Money(1))
    office.source.invoices |= {"50123": paid, "50199": invoice("50199", 70_00, -5)}
    office.source.gate.set()
    front.answered()
    assert front.shown == ["50123", "50181", "50177", "50305", "50199"]
    assert _bands(front) == {
        0: ("Overdue · 1", "$0.01"),
        1: ("Due · 2", "$508.40"),
        3: ("Credits · 1", "-$50.00"),
        4: ("Overdue · 1", "$70.00"),
    }
    front.model.sort(front.model.column("balance"))
    assert _bands(front) == {}, "another order tears the groups apart"
    front.model.sort_by(None)
    assert _bands(front)[0] == ("Overdue · 2", "$70.01")


def test_a_group_names_only_what_can_still_be_paid(qtbot: QtBot) -> None:
    office = Office()
    front = Front(qtbot, office)
    front.look_up_customer("1001", "14414")
    office.took("50123", minutes_ago=0)
    front.take.answers.refresh_marks()
    front.until(lambda: _bands(front)[0] == ("Paid or being paid · 1", ""))
    assert front.shown[0] == "50123"


def test_a_click_on_the_line_above_a_group_selects_nothing(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    table = front.take.selection.table
    box = table.visualRect(front.model.index(1, front.model.column("tick")))
    line = QPoint(box.center().x(), box.top() + BAND // 2)
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(table.viewport(), Qt.MouseButton.LeftButton, pos=line)
    assert front.ticked == []
    assert table.currentIndex().row() == 0
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center() + QPoint(0, BAND // 2))
    assert front.ticked == ["50181"]


def test_a_screen_reader_hears_the_group_and_the_check_box(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    first = front.model.index(0, 0)
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "Overdue · 1, $838.00. not selected"


def test_every_group_has_a_name() -> None:
    assert set(words.GROUPS) == set(Group)


# ---- red rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_overdue_row_is_red_by_tint_bar_icon_and_text_and_the_current_one_is_plain_to_see(
    qtbot: QtBot, dark: bool
) -> None:
    front = Front(qtbot, _many(Office()))
    look = theme.Theme.current
    assert look is not None
    look.show_dark(dark)
    try:
        front.look_up_customer("1004", "02139")
        table = front.take.selection.table
        front.press(Qt.Key.Key_Down)
        picture = table.viewport().grab().toImage()
        current, other = (table.visualRect(front.model.index(place, 0)) for place in (1, 2))
        for row in (current, other):
            assert _color(picture, QPoint(BAR // 2, row.center().y())) == theme.color("danger")
        assert _color(picture, QPoint(8, other.center().y())) == theme.color("overdue")
        assert _color(picture, QPoint(8, current.center().y())) == theme.color("danger_soft")
        for edge in (current.top(), current.bottom()):
            assert _color(picture, QPoint(300, edge)) == theme.color("accent")
        assert front.cell("70001", "status") == "Overdue 582 days"
        front.entry("lookup.customer.number").setFocus()
        picture = table.viewport().grab().toImage()
        assert _color(picture, QPoint(300, current.top())) == theme.color("edge")
    finally:
        look.show_dark(False)


def _color(picture: QImage, at: QPoint) -> QColor:
    return picture.pixelColor(at * picture.devicePixelRatio())


@pytest.mark.parametrize("width", [1366, 960, 800])
def test_both_dates_are_shown_even_beside_a_scroll_bar(qtbot: QtBot, width: int) -> None:
    front = Front(qtbot, _many(Office()))
    front.window.resize(width, 508)
    front.look_up_customer("1004", "02139")
    _see(front, "invoiced", "due", "balance")
    front.press(Qt.Key.Key_F7)
    _see(front, "due", "balance", "pay")
    assert front.cell("70000", "invoiced") == fmt.day(TODAY - timedelta(days=800))
    assert front.cell("70000", "due") == fmt.day(TODAY - timedelta(days=600))


def test_text_at_150_percent_leaves_the_totals_in_view(qtbot: QtBot) -> None:
    """On 1366 × 768 the page scrolled sideways, and hid the amounts of the payment summary."""
    front = Front(qtbot, _many(Office()))
    front.window.resize(893, 470)
    front.look_up_customer("1004", "02139")
    take = front.take
    area = next(one for one in front.window.findChildren(QScrollArea) if one.widget() is take)
    for key in (Qt.Key.Key_F7, Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5):
        front.press(key)
        front.until(lambda: area.horizontalScrollBar().maximum() == 0)
    parts = ("selection.customer", "selection.facts")
    edges = {front.find(QLabel, name).mapTo(take, QPoint()).x() for name in parts}
    assert len(edges) == 1, "one left edge"
    names = [one.accessibleName() for one in take.lookup.mode.findChildren(QAbstractButton)]
    assert names[2] == "Look up by: Anytime"


def _see(front: Front, *columns: str) -> None:
    table = front.take.selection.table
    for name in columns:
        place = front.model.column(name)
        assert not table.isColumnHidden(place)
        assert table.columnViewportPosition(place) + table.columnWidth(place) <= table.viewport().width()


def test_a_paid_invoice_keeps_its_dates_beside_the_reason(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123")
    front = Front(qtbot, office)
    front.look_up("50123")
    table, model = front.take.selection.table, front.model
    assert table.columnSpan(0, model.column("status")) == 3
    for name in ("invoiced", "due", "amount", "balance"):
        assert not table.isColumnHidden(model.column(name))
    assert table.visualRect(model.index(0, model.column("due"))).width() > 60
    assert front.cell("50123", "due") == "Jul 22, 2026"


# ---- the head -------------------------------------------------------------------------------------


def test_the_head_has_phone_total_due_and_overdue_of_all_invoices(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50181")
    assert front.says("selection.phone") == "(585) 555-0101"
    assert front.says("selection.due") == "$1,346.40", "of the others, too, and no credit is taken off"
    assert front.says("selection.late") == "$838.00"


def test_a_customer_without_phone_and_overdue_invoices_has_neither_in_the_head(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50302")
    assert front.says("selection.due") == "$640.50"
    for name in ("selection.phone", "selection.late"):
        assert not front.find(QLabel, name).isVisible()


def test_what_is_being_paid_is_not_in_the_total_but_beside_it(qtbot: QtBot) -> None:
    """A link that waits for $838.00 once stood below "Total due $508.40" alone."""
    office = Office()
    office.took("50123", state=State.UNKNOWN)
    front = Front(qtbot, office)
    front.look_up("50123")
    assert front.says("selection.due") == "$508.40"
    assert front.cell("50123", "balance") == front.says("selection.being_paid").removeprefix("$") == "838.00"
    front.look_up("50210")
    assert not front.find(QLabel, "selection.being_paid").isVisible()


def test_what_is_paid_is_not_in_the_total(qtbot: QtBot) -> None:
    office = Office()
    office.took("50123")
    front = Front(qtbot, office)
    front.look_up("50123")
    assert front.says("selection.due") == "$508.40"
    assert not front.find(QLabel, "selection.being_paid").isVisible()
    assert front.take.selection.model.selection.subtotal == ZERO


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("6175551001", "(617) 555-1001"),
        ("617-555-0199", "617-555-0199"),
        ("16175551001", "16175551001"),
        ("٦١٧٥٥٥١٠٠١", "٦١٧٥٥٥١٠٠١"),
        ("", ""),
    ],
)
def test_ten_digits_are_shown_as_a_phone_number(given: str, shown: str) -> None:
    assert fmt.phone(given).strip("\u2068\u2069") == shown


# ---- a part ---------------------------------------------------------------------------------------


def test_a_button_with_its_key_offers_to_pay_a_part(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    part = front.button("selection.part")
    assert part.isVisible()
    assert part.text() == "Pay part  F7"
    front.entry("lookup.invoice.number").setFocus()
    part.click()
    editor = QApplication.focusWidget()
    assert isinstance(editor, QLineEdit)
    front.press(Qt.Key.Key_F7)
    assert QApplication.focusWidget() is editor, "F7 once more changes nothing"
    front.keys("200")
    front.enter()
    front.until(lambda: front.says("basket.subtotal") == "$200.00")


def test_f7_works_from_the_lookup_and_says_why_it_can_not(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.press(Qt.Key.Key_F7)
    assert front.take.notice.text.startswith("Nothing is selected yet.")
    front.look_up("50123")
    front.press(Qt.Key.Key_F4)
    front.press(Qt.Key.Key_F7)
    assert front.take.notice.text.startswith("Nothing is selected yet."), "the list is hidden"
    front.look_up("50306")
    assert not front.button("selection.part").isVisible()
    front.entry("lookup.invoice.number").setFocus()
    front.press(Qt.Key.Key_F7)
    assert "50306" in front.take.notice.text
    front.look_up("50123")
    front.entry("lookup.invoice.number").setFocus()
    front.press(Qt.Key.Key_F7)
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    assert QApplication.focusWidget() is not front.entry("lookup.invoice.number")


# ---- nothing to pay -------------------------------------------------------------------------------


def test_a_customer_with_credits_only_is_told_in_one_sentence_and_the_next_number_can_be_typed(
    qtbot: QtBot,
) -> None:
    office = Office()
    credits = (invoice(f"5040{at}", -12_50, None, BUILDER) for at in range(2))
    office.source.invoices = {one.number: one for one in credits}
    front = Front(qtbot, office)
    front.look_up_customer("1004", "02139")
    assert front.shown == ["50400", "50401"]
    assert front.take.notice.text == (
        "Northgate Builders, Inc. owes nothing, and has a credit of $25.00. "
        "Apply it in AMS360, or enter another number."
    )
    assert front.at == "lookup.customer.number"
    assert front.entry("lookup.customer.number").selectedText() == "1004"
    front.keys("1")
    assert front.take.notice.text == ""
    assert front.shown == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (
            State.AUTHORIZED,
            "Invoice 50304 is already paid. Enter another number, or open its payment in Search (F5).",
        ),
        (
            State.UNKNOWN,
            "The payment of invoice 50304 isn't confirmed yet. Do not take it again. See Needs attention.",
        ),
        (State.HELD, "Invoice 50304 is being paid at Front-2. Wait until it is finished."),
    ],
)
def test_a_paid_invoice_is_told_in_one_sentence_and_f9_repeats_it(
    qtbot: QtBot, state: State, said: str
) -> None:
    office = Office()
    office.took("50304", state=state, minutes_ago=2, ledger=office.session("Front-2"))
    front = Front(qtbot, office)
    front.look_up("50304")
    assert front.take.notice.text == said
    assert front.at == "lookup.invoice.number"
    front.press(Qt.Key.Key_F9)
    assert front.take.notice.text == said
    assert front.baskets == []


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("50305", "Invoice 50305 is a credit of $50.00. F6 adds the customer's 3 other open invoices."),
        ("50306", "Nothing is owed on invoice 50306. F6 adds the customer's 3 other open invoices."),
    ],
)
def test_the_customers_others_are_the_next_step(qtbot: QtBot, number: str, said: str) -> None:
    front = Front(qtbot)
    front.look_up(number)
    assert front.take.notice.text == said
    front.press(Qt.Key.Key_F6)
    assert (len(front.ticked), front.at) == (3, "selection.table")


def test_a_customer_who_owes_nothing_is_told_so(qtbot: QtBot) -> None:
    office = Office()
    office.source.invoices = {}
    front = Front(qtbot, office)
    front.look_up_customer("1001", "14414")
    assert front.take.notice.text == "Sample Bakery has no open invoices. Enter another number."
    assert front.says("selection.due") == "$0.00"


def test_several_that_cannot_be_paid_are_told_so() -> None:
    paid = InvoiceStatus(State.AUTHORIZED, "Front-1", "Dana", NOW, Money(100_00), "R-000001")
    rows = [Row(invoice("1", 100_00, 1), paid), Row(invoice("2", -10_00, 1))]
    assert words.nothing_to_pay(rows, 1, "Sample Bakery", by_number=False) == (
        "None of these invoices can be paid now.",
        "F6 adds the customer's other open invoice.",
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.AUTHORIZED, "Invoice 1 is already paid. Enter another number, or open"),
        (State.VOIDED, "The payment of invoice 1 was voided. Reverse receipt R-000001 in AMS360 first"),
        (State.RETURNED, "The payment of invoice 1 was returned by the bank. Reverse receipt R-000001"),
    ],
)
def test_an_invoice_whose_money_went_back_is_not_called_paid(state: State, said: str) -> None:
    row = Row(invoice("1", 0, 1), InvoiceStatus(state, "Front-1", "Dana", NOW, Money(100_00), "R-000001"))
    assert " ".join(words.nothing_to_pay([row], 0, "Sample Bakery", by_number=True)).startswith(said)


def test_a_group_that_was_paid_meanwhile_is_called_so() -> None:
    paid = InvoiceStatus(State.AUTHORIZED, "Front-1", "Dana", NOW, Money(100_00), "R-000001", being_paid=True)
    late, gone = Row(invoice("1", 100_00, 1)), Row(invoice("2", 100_00, 1), paid)
    found = bands([gone, late, gone], [Group.OVERDUE, Group.DUE, Group.DUE])
    assert [(band.text, band.sums) for band in found.values()] == [
        ("Paid or being paid · 1", ""),
        ("Due · 1", "$100.00"),
    ]
    assert [band.text for band in bands([gone, gone], [Group.OVERDUE, Group.DUE]).values()] == [
        "Paid or being paid · 2"
    ]


def test_the_keyboard_is_not_taken_from_another_form(qtbot: QtBot) -> None:
    """The clerk went on to a search while AMS360 was still being asked about a paid invoice."""
    office = Office()
    office.took("50304")
    office.source.gate.clear()
    front = Front(qtbot, office)
    front.keys("50304")
    front.enter()
    front.press(Qt.Key.Key_F5)
    front.keys("bak")
    office.source.gate.set()
    front.answered()
    assert (front.at, front.take.notice.text) == ("lookup.search.text", "")
    front.keys("e")
    assert front.entry("lookup.search.text").text() == "bake"


def test_the_table_stays_where_it_is_when_more_can_be_selected(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up("50123")
    table = front.take.selection.table
    qtbot.waitUntil(lambda: table.height() > 100)
    name = front.find(QLabel, "selection.customer")
    before = table.y(), name.geometry().center().y()
    front.press(Qt.Key.Key_F6)
    everything = front.button("selection.all")
    assert everything.isVisible()
    QApplication.processEvents()
    assert (table.y(), name.geometry().center().y()) == before
    assert abs(name.geometry().center().y() - everything.geometry().center().y()) <= 1


def test_the_sum_of_a_group_stays_below_the_balances_when_a_part_is_paid(qtbot: QtBot) -> None:
    """It moved to the right edge, below the amounts to pay: $838.00 above a part of $100.00."""
    front = Front(qtbot)
    front.look_up_customer("1001", "14414")
    table, model = front.take.selection.table, front.model
    front.press(Qt.Key.Key_F7)
    front.keys("100")
    front.enter()
    front.until(lambda: not table.isColumnHidden(model.column("pay")))
    band = table.viewport().grab(QRect(0, 0, table.viewport().width(), BAND)).toImage()
    ratio = band.devicePixelRatio()
    start = table.columnViewportPosition(model.column("pay"))

    def inked(left: float, right: float) -> bool:
        return len({band.pixel(x, y) for x in range(int(left), int(right)) for y in range(band.height())}) > 1

    assert inked((start - 60) * ratio, start * ratio)
    assert not inked(start * ratio, band.width())
