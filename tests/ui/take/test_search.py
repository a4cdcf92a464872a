"""Search as typed, and what opening a hit leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from paydesk.domain.payment import Payment, State
from paydesk.domain.posting import Posted
from paydesk.services.invoices.words import no_name_search
from paydesk.ui.main.window import PAYMENTS
from paydesk.ui.payments.page import HistoryPage
from paydesk.ui.take.search_results import SearchResults
from tests.fakes.office import WHY, Office
from tests.fakes.sample import BAKERY
from tests.ui.front import Front


def _search(front: Front, text: str) -> SearchResults:
    front.press(Qt.Key.Key_F5)
    assert front.at == "lookup.search.text"
    front.keys(text)
    return front.take.finder.page


def test_a_name_is_found_while_it_is_typed(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    page = _search(front, "bakery")
    front.until(lambda: [hit.customer_name for hit in page.model.rows] == ["Sample Bakery"])
    assert not page.model.rows[0].from_agency_system
    row = page.model.rows[0]
    said = {column.name: column.text(row) for column in page.model.columns}
    assert said == {
        "name": "Sample Bakery", "number": "1001", "invoice": "", "fits": "Name",
        "status": "3 invoices · Credit $50.00", "balance": "1,346.40",
    }  # fmt: skip


def test_the_first_hit_is_marked_because_enter_opens_it(qtbot: QtBot) -> None:
    """The hit of an earlier letter stayed marked below a better one, and Enter opened the better one."""
    front = Front(qtbot, Office().seen())
    page = _search(front, "bakery")
    front.until(lambda: len(page.model.rows) == 1)
    [bakery] = page.model.rows
    better = replace(bakery, customer_number="1009", customer_name="Bakery Supply")
    page.show_hits("bakery", [better, bakery])
    assert page.customer == ("1009", "Bakery Supply")
    front.press(Qt.Key.Key_Down)
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.show_hits("bakery", [bakery])
    page.show_hits("bakery", [better, bakery])
    assert page.customer == ("1001", "Sample Bakery"), "while the keyboard is in the list, it stays"


def test_an_error_of_the_customer_before_is_gone(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.look_up_customer("1004", "11111")
    assert front.problem("lookup.customer.zip")
    front.take.lookup.ask_zip("1001")
    assert front.problem("lookup.customer.zip") == ""
    assert front.at == "lookup.customer.zip"


def test_a_customer_is_opened_only_with_the_zip(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    _search(front, "bakery")
    front.enter()
    front.until(lambda: front.at == "lookup.customer.zip")
    assert front.entry("lookup.customer.number").text() == "1001"
    assert front.shown == []
    assert front.says("selection.empty.sentence") == "Ask the customer for their ZIP"
    front.keys("14414")
    front.enter()
    front.answered()
    assert len(front.shown) == 4


def test_an_invoice_that_was_found_is_looked_up(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    page = _search(front, "501")
    front.until(lambda: len(page.model.rows) == 3)
    front.press(Qt.Key.Key_Down)
    assert front.at == "hits.table"
    front.press(Qt.Key.Key_Down)
    front.enter()
    front.answered()
    front.until(lambda: front.shown == ["50177"])
    assert front.ticked == ["50177"]


def test_nothing_found_says_where_to_ask(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    _search(front, "nobody")
    front.until(lambda: front.says("hits.empty.sentence") == "No matches for “nobody”")
    front.enter()
    front.until(lambda: not front.take.finder.busy)
    assert front.at == "lookup.search.text"


def test_escape_goes_back_to_the_field_and_f12_forgets_it(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    page = _search(front, "bakery")
    front.until(lambda: len(page.model.rows) == 1)
    front.press(Qt.Key.Key_Down)
    front.press(Qt.Key.Key_Escape)
    assert front.at == "lookup.search.text"
    assert front.entry("lookup.search.text").text() == "bakery"
    front.press(Qt.Key.Key_F12)
    assert front.entry("lookup.search.text").text() == ""
    assert page.model.rows == []


def test_what_was_found_before_comes_back_as_it_was(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.look_up("50123")
    _search(front, "bakery")
    assert not front.take.basket_panel.ready
    assert not front.take.selection.others.isVisible()
    front.press(Qt.Key.Key_F2)
    assert front.ticked == ["50123"]
    assert front.take.basket_panel.ready
    assert front.take.selection.others.isVisible()


def test_f5_asks_again_where_there_is_something_to_ask(qtbot: QtBot) -> None:
    front = Front(qtbot)
    front.window.tabs.setCurrentIndex(3)
    front.press(Qt.Key.Key_F5)
    assert front.window.tabs.currentIndex() == 3


# ---- what is shown is true ----------------------------------------------------------------------


def _said(page: SearchResults, place: int = 0) -> tuple[str, str, str]:
    """Return invoice, status and balance of a row."""
    row = page.model.rows[place]
    text = {column.name: column.text(row) for column in page.model.columns}
    return text["invoice"], text["status"], text["balance"]


def _leads_to(front: Front, payment: Payment) -> None:
    front.until(lambda: front.window.tabs.currentIndex() == PAYMENTS)
    listed = front.find(HistoryPage, "payments")
    front.until(lambda: [one.id for one in listed.model.rows] == [payment.id])


def test_what_we_took_is_not_said_to_be_owed(qtbot: QtBot) -> None:
    """Search told the caller a debt that was just paid here, until the customer was looked up again."""
    office = Office().seen()
    office.took("50304")
    front = Front(qtbot, office)
    page = _search(front, "renee")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page) == ("", "Nothing owed", "0.00")


def test_a_part_that_we_took_is_taken_off_the_sum(qtbot: QtBot) -> None:
    office = Office().seen()
    office.took("50123", "50177")
    front = Front(qtbot, office)
    page = _search(front, "bakery")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page) == ("", "1 invoice · Credit $50.00", "96.40")


def test_a_payment_taken_meanwhile_shows_at_once(qtbot: QtBot) -> None:
    office = Office().seen()
    front = Front(qtbot, office)
    page = _search(front, "renee")
    front.until(lambda: bool(page.model.rows) and _said(page)[2] == "75.00")
    front.window.payment_changed(office.took("50304"))
    front.until(lambda: _said(page)[1] == "Nothing owed")


def test_a_credit_is_called_a_credit(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    page = _search(front, "50305")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page) == ("50305", "Credit", "Credit $50.00")


def test_a_customer_with_credits_only_owes_nothing(qtbot: QtBot) -> None:
    office = Office()
    for number, invoice in list(office.source.invoices.items()):
        if invoice.customer_number == "1001" and number != "50305":
            del office.source.invoices[number]
    front = Front(qtbot, office.seen())
    page = _search(front, "bakery")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page) == ("", "1 credit", "Credit $50.00")


@pytest.mark.parametrize("posted", [False, True], ids=["AMS360 still shows it", "AMS360 shows it paid"])
def test_a_paid_invoice_leads_to_its_payment(qtbot: QtBot, posted: bool) -> None:
    office = Office().seen()
    payment = office.took("50304")
    if posted:
        office.sent(payment, Posted())
        office.seen(0)
    front = Front(qtbot, office)
    page = _search(front, "50304")
    front.until(lambda: len(page.model.rows) == 1)
    invoice, status, balance = _said(page)
    assert (invoice, balance) == ("50304", "0.00")
    assert status == "Paid today 4:39 PM · R-000001"
    front.enter()
    _leads_to(front, payment)


def test_a_paid_invoice_is_found_by_the_beginning_of_its_number(qtbot: QtBot) -> None:
    office = Office().seen()
    office.sent(office.took("50304"), Posted())
    office.seen(0)
    front = Front(qtbot, office)
    page = _search(front, "5030")
    front.until(lambda: "50304" in [_said(page, place)[0] for place in range(len(page.model.rows))])


def test_an_invoice_paid_elsewhere_is_found_and_looked_up(qtbot: QtBot) -> None:
    front = Front(qtbot, Office().seen())
    front.look_up("50306")
    page = _search(front, "50306")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page) == ("50306", "Nothing owed", "0.00")
    front.enter()
    front.answered()
    front.until(lambda: front.shown == ["50306"])


def test_an_invoice_being_paid_leads_to_its_payment(qtbot: QtBot) -> None:
    office = Office().seen()
    payment = office.took("50304", state=State.UNKNOWN)
    front = Front(qtbot, office)
    page = _search(front, "renee")
    front.until(lambda: bool(page.model.rows))
    assert _said(page) == ("", "1 invoice · 1 being paid", "75.00")
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys("50304")
    front.until(lambda: _said(page)[0] == "50304")
    assert _said(page)[1] == "Not confirmed yet"
    assert page.model.columns[0].icon is not None
    assert page.model.columns[0].icon(page.model.rows[0]) == ("question", "warning")
    front.enter()
    _leads_to(front, payment)


# ---- names in AMS360 itself ---------------------------------------------------------------------


def _names(page: SearchResults) -> list[str]:
    return [hit.customer_name for hit in page.model.rows]


def test_a_caller_this_desk_has_never_seen_is_found_by_name_and_opened_with_the_zip(qtbot: QtBot) -> None:
    """On the first day nobody was found: the search knew only what this desk had seen."""
    front = Front(qtbot)
    page = _search(front, "northgate")
    front.until(lambda: _names(page) == ["Northgate Builders, Inc."])
    assert _said(page) == ("", "In AMS360, new to this desk", "")
    assert front.says("hits.agency_system") == "AMS360 has 1 customer with that name."
    front.press(Qt.Key.Key_Down)
    front.enter()
    front.until(lambda: front.at == "lookup.customer.zip")
    assert front.entry("lookup.customer.number").text() == "1004"
    assert front.shown == []
    front.keys("99999")
    front.enter()
    front.answered()
    assert front.shown == [], "a search is no way round the ZIP"
    front.entry("lookup.customer.zip").setFocus()
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys("02139")
    front.enter()
    front.answered()
    front.until(lambda: len(front.shown) == 12)


def test_nothing_but_name_and_number_comes_from_ams360(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "northgate")
    front.until(lambda: len(page.model.rows) == 1)
    shown = " ".join(column.text(page.model.rows[0]) for column in page.model.columns)
    for secret in ("02139", "555", "@"):
        assert secret not in shown
    assert front.office.cache.customer("1004") is None, "and nothing is kept"


def test_what_is_typed_and_seen_is_shown_at_once_while_ams360_is_asked(qtbot: QtBot) -> None:
    office = Office().seen()
    office.source.gate.clear()
    front = Front(qtbot, office)
    page = _search(front, "bakery")
    front.until(lambda: _names(page) == ["Sample Bakery"])
    front.until(lambda: front.says("hits.agency_system") == "Searching AMS360 for this name…")
    front.keys(" x")
    front.until(lambda: _names(page) == [])
    office.source.gate.set()


def test_whom_the_desk_has_seen_is_not_listed_twice_and_stays_current(qtbot: QtBot) -> None:
    office = Office().seen()
    other = replace(BAKERY, number="1099", name="Bakery of Avon", source_id="c-1099")
    office.source.customers["1099"] = other
    front = Front(qtbot, office)
    page = _search(front, "bakery")
    front.until(lambda: _names(page) == ["Sample Bakery", "Bakery of Avon"])
    assert page.table.currentIndex().row() == 0
    assert [hit.from_agency_system for hit in page.model.rows] == [False, True]


def test_ams360_away_is_said_and_the_desks_own_hits_stay(qtbot: QtBot) -> None:
    office = Office().seen()
    office.source.away = True
    front = Front(qtbot, office)
    page = _search(front, "bakery")
    front.until(lambda: "Showing what this desk has loaded." in front.says("hits.agency_system"))
    assert front.says("hits.agency_system").startswith("AMS360 can't be reached.")
    assert _names(page) == ["Sample Bakery"]


def test_a_connection_that_cannot_search_says_so_and_is_asked_once(qtbot: QtBot) -> None:
    office = Office().seen()
    office.source.cannot_search = no_name_search()
    front = Front(qtbot, office)
    _search(front, "bakery")
    front.until(lambda: "can't be searched by name here" in front.says("hits.agency_system"))
    front.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    front.keys("nobody")
    front.until(lambda: "can't be searched by name here" in front.says("hits.agency_system"))
    assert office.source.questions == ["bakery"]


def test_a_filter_that_ams360_ignores_is_not_believed(qtbot: QtBot) -> None:
    office = Office()
    office.source.strays = [replace(BAKERY, number=str(number), name=f"Any {number}") for number in (1, 2)]
    front = Front(qtbot, office)
    page = _search(front, "northgate")
    front.until(lambda: "A customer may be missing here" in front.says("hits.agency_system"))
    assert _names(page) == ["Northgate Builders, Inc."]


def test_more_in_ams360_than_is_shown_is_said(qtbot: QtBot) -> None:
    office = Office()
    office.source.has_more = True
    front = Front(qtbot, office)
    _search(front, "northgate")
    front.until(lambda: front.says("hits.agency_system").startswith("AMS360 has more customers"))


@pytest.mark.parametrize("text", ["50123", "no", "$1,250.00", "617 555 0142", "02139"])
def test_ams360_is_not_asked_for_what_is_no_name(qtbot: QtBot, text: str) -> None:
    front = Front(qtbot)
    _search(front, text)
    front.enter()
    front.until(lambda: not front.take.finder.busy)
    assert front.office.source.questions == []


def test_enter_asks_at_once_and_opens_nothing_unseen_by_itself(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "northgate")
    front.enter()
    front.until(lambda: _names(page) == ["Northgate Builders, Inc."])
    assert front.at == "lookup.search.text"


def test_the_next_customer_sees_nothing_of_the_last_question(qtbot: QtBot) -> None:
    front = Front(qtbot)
    page = _search(front, "northgate")
    front.until(lambda: len(page.model.rows) == 1)
    front.press(Qt.Key.Key_F12)
    assert page.model.rows == []
    assert not front.find(QLabel, "hits.agency_system").isVisible()


@pytest.mark.parametrize(
    ("state", "posted", "said", "icon"),
    [
        (State.AUTHORIZED, False, "Paid today 4:39 PM · R-000001", "check-circle"),
        (State.VOIDING, False, "Paid today 4:39 PM · R-000001", "check-circle"),
        (State.VOIDED, True, "Voided · reverse R-000001", "undo"),
    ],
)
def test_an_invoice_that_cannot_be_paid_says_why_in_a_few_words(
    qtbot: QtBot, state: State, posted: bool, said: str, icon: str
) -> None:
    office = Office().seen()
    if posted:
        office.sent(office.took("50304"), Posted())
        office.desk.voids.void(1, WHY)
        office.seen(0)
    else:
        office.took("50304", state=state)
    front = Front(qtbot, office)
    page = _search(front, "50304")
    front.until(lambda: len(page.model.rows) == 1)
    assert _said(page)[1] == said
    assert page.model.columns[0].icon is not None
    assert (page.model.columns[0].icon(page.model.rows[0]) or ("", ""))[0] == icon
