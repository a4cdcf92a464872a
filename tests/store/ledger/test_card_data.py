"""No card data gets into the ledger through any of its methods, whoever calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

import pytest

from paydesk.domain.consent import Channel, Consent, Proof
from paydesk.domain.errors import KnownError
from paydesk.domain.events import EventKind
from paydesk.domain.invoices.importing import Scope
from paydesk.domain.money import Money
from paydesk.domain.outcome import AchReturned, Approved, Declined, Reason, Unclear
from paydesk.domain.payment import Draft, OfferKind, Payment, ReferenceKind, State
from paydesk.domain.posting import ByHand, MayHaveArrived, NotReceived, Posted, PostingState, Refused
from paydesk.domain.receipt import Receipt
from paydesk.domain.refund import Refund, RefundKind, RefundReason, RefundState, ask_for
from paydesk.domain.tender import AccountHolder
from paydesk.services.ports.cache import Imports
from paydesk.services.ports.ledger import Ledger
from paydesk.services.ports.outbox import Outbox
from paydesk.store.cache.imports import SqlImports
from paydesk.store.verify import texts
from tests.fakes.consents import a_paper
from tests.fakes.memory import PLACE
from tests.fakes.office import CARD, Office
from tests.fakes.world import BAKERY, START

SPELLINGS = ["Renewal 4111.1111.1111.1111 cvv 123", "4111\u200b1111\u200b1111\u200b1111", "CVV 737"]
NUMBER = SPELLINGS[0]


def _texts_at(kind: Any, at: str = "") -> Iterator[str]:
    """Yield the path of each text in a type, by its hints: ``payer.name``, ``lines.0.description``."""
    for one in fields(kind):
        hint = get_type_hints(kind)[one.name]
        for inner in (hint, *get_args(hint)):
            path = f"{at}{one.name}{'.0' if inner is not hint and str(hint).startswith('tuple') else ''}"
            if inner is str:
                yield path
            elif is_dataclass(inner) and inner is not Money:
                yield from _texts_at(inner, f"{path}.")


def _put(record: Any, path: str, text: str) -> Any:
    """Return the record with a text at that path."""
    name, _, rest = path.partition(".")
    held = getattr(record, name)
    if rest.startswith("0"):
        first = _put(held[0], rest[2:], text) if rest[2:] else text
        return replace(record, **{name: (first, *held[1:])})
    return replace(record, **{name: _put(held, rest, text) if rest else text})


@pytest.fixture
def office() -> Office:
    return Office()


def _consent() -> Consent:
    spoken = Channel.PHONE, AccountHolder.PERSONAL, Proof.RECORDING
    return Consent("I agree.", START, *spoken, paper=a_paper())


def _draft(office: Office) -> Draft:
    draft = office.draft("50123")
    return replace(draft, reference_kind=ReferenceKind.OTHER, reference_value="x", consent=_consent())


def _found(office: Office) -> list[str]:
    with office.ledger.transactions.read() as connection:
        return list(texts.card_numbers(connection))


def _events(office: Office) -> int:
    with office.ledger.transactions.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one())


@pytest.mark.parametrize("path", list(_texts_at(Draft)))
def test_a_draft_with_card_data_in_any_text_is_refused(office: Office, path: str) -> None:
    """Given straight to the ledger, and to the service. The paths come from the types: none is forgotten."""
    for text in SPELLINGS:
        draft = _put(_draft(office), path, text)
        with pytest.raises(KnownError, match="card number"):
            office.ledger.hold(draft, "PDFIRST")
        with pytest.raises(KnownError, match="card number"):
            office.desk.authorize.pay(draft, CARD)
    assert list(office.ledger.payments(limit=1)) == []
    assert _events(office) == 0


def test_the_texts_of_a_draft_are_all_looked_at() -> None:
    paths = list(_texts_at(Draft))
    assert {"payer.name", "lines.0.invoice_number", "consent.proof_detail", "reference_value"} <= set(paths)
    assert len(paths) >= 12


def _processor_says(office: Office, outcome: Approved | Declined | Unclear) -> None:
    held = office.ledger.hold(office.draft("50123"), "PDFIRST")
    submitted = office.ledger.submit(held, "PDFIRST-1", "token", [])
    office.ledger.record(submitted, outcome, lambda payment: _receipt(office, payment))


def _receipt(office: Office, payment: Payment) -> Receipt:
    from paydesk.services.payments.receipts import Letterhead

    settings = office.settings
    return Letterhead(settings.agency, settings.time_zone, settings.refund_line, settings.world).receipt_for(
        payment
    )


_OUTCOMES: list[Any] = [Approved("txn-1", Money(1000_00)), Declined("D", "No."), Unclear("Silence.")]
_SINK: list[Any] = [Refused("No."), ByHand("No."), NotReceived("No."), MayHaveArrived("No."), Posted()]


@pytest.mark.parametrize("path", ["authorization_code", "brand", "rounded", "code", "reason", "why"])
def test_words_of_the_processor_are_kept_without_card_data(office: Office, path: str) -> None:
    """A decision is never refused: its words are tidied."""
    outcome = next(one for one in _OUTCOMES if path in {field.name for field in fields(one)})
    _processor_says(office, replace(outcome, **{path: NUMBER}))
    assert _found(office) == []


@pytest.mark.parametrize("outcome", _SINK)
def test_words_of_the_agency_system_are_kept_without_card_data(office: Office, outcome: Any) -> None:
    said = {one.name: NUMBER for one in fields(outcome) if one.name != "ref"}
    office.sent(office.took("50123"), replace(outcome, **said))
    assert _found(office) == []


Call = Callable[[Office, Payment], object]
REFUSED: dict[str, Call] = {
    "Ledger.hold": lambda office, _: office.ledger.hold(office.draft("50177"), NUMBER),
    "Ledger.begin_void": lambda office, paid: office.ledger.begin_void(paid.id, NUMBER),
    "Ledger.acknowledge": lambda office, paid: office.ledger.acknowledge([paid.id], NUMBER),
    "Ledger.note": lambda office, paid: office.ledger.note(paid.id, EventKind.IDENTIFIED, {"by": NUMBER}),
    "Ledger.begin_refund": lambda office, paid: _begun(office, paid, NUMBER),
    "Ledger.wish_refund": lambda office, paid: _wish(office, paid, NUMBER),
    "Ledger.refund_entered": lambda office, _: office.ledger.refund_entered(1, NUMBER),
    "Outbox.entered_by_hand": lambda office, paid: office.outbox.entered_by_hand(paid.id, NUMBER),
    "Outbox.taken_back": lambda office, paid: office.outbox.taken_back(paid.id, NUMBER),
    "Outbox.wait_again": lambda office, paid: office.outbox.wait_again(paid.id, {"invoice": NUMBER}),
    "Outbox.hand_over": lambda office, paid: office.outbox.hand_over([paid.id], NUMBER),
}
"""A person's words: refused before anything is written."""


def _not_voided(office: Office, paid: Payment) -> object:
    voiding = office.ledger.begin_void(paid.id, "Wrong invoice")
    return office.ledger.not_voided(voiding.attempt, NUMBER, Reason.VOID_REFUSED)


def _not_charged(office: Office, _paid: Payment) -> object:
    unknown = office.took("50177", state=State.UNKNOWN)
    return office.ledger.not_charged(unknown.id, NUMBER)


def _released(office: Office, _paid: Payment) -> object:
    held = office.ledger.hold(office.draft("50177"), "PDSECOND")
    return office.ledger.release(held.id, NUMBER, Reason.GIVEN_UP)


def _closed(office: Office, _paid: Payment) -> object:
    offered = office.desk.offers.offer(office.draft("50177"), OfferKind.LINK, 3600)
    return office.ledger.close_offer(offered.id, NUMBER, Reason.TAKEN_BACK)


def _went_back(office: Office, paid: Payment) -> object:
    return office.ledger.went_back(
        paid.id, State.CHARGED_BACK, NUMBER, Reason.DISPUTED, paid.draft.quote.total
    )


def _wish(office: Office, paid: Payment, note: str) -> Refund:
    ask = ask_for(paid, (), RefundKind.TOTAL, RefundReason.ASKED, note)
    return office.ledger.wish_refund(paid.id, ask)


def _begun(office: Office, paid: Payment, note: str = "") -> Refund:
    return office.ledger.begin_refund(paid.id, ask_for(paid, (), RefundKind.TOTAL, RefundReason.ASKED, note))


def _refund_recorded(office: Office, paid: Payment) -> object:
    return office.ledger.record_refund(_begun(office, paid).id, RefundState.UNKNOWN, NUMBER)


def _returned(office: Office, paid: Payment) -> object:
    return office.ledger.returned(paid.id, AchReturned(NUMBER))


def _noted(office: Office, paid: Payment) -> object:
    assert office.outbox.take_note(paid.id)
    office.outbox.give_note_back(paid.id, NUMBER)
    return None


def _imported(office: Office, _paid: Payment) -> object:
    imports = SqlImports(office.database.engine, office.clock, who=("Front-1", "Dana"), path=PLACE)
    return imports.begin(f"{NUMBER}.csv", "d", "s", Scope.WHOLE, START)


TIDIED: dict[str, Call] = {
    "Ledger.release": _released,
    "Ledger.not_charged": _not_charged,
    "Ledger.close_offer": _closed,
    "Ledger.went_back": _went_back,
    "Ledger.record_refund": _refund_recorded,
    "Ledger.returned": _returned,
    "Ledger.not_voided": _not_voided,
    "Outbox.stop": lambda office, paid: office.outbox.stop(paid.id, PostingState.REFUSED, NUMBER),
    "Outbox.explain": lambda office, paid: office.outbox.explain(paid.id, NUMBER),
    "Outbox.give_note_back": _noted,
    "Imports.begin": _imported,
}
"""Sentences of the program, which may quote another system or a file: kept without the number."""

OURS = {
    "Ledger.submit": "title and token",
    "Ledger.offer": "token and address",
    "Ledger.refunds_seen": "numbers, and texts that are only compared",
    "Ledger.attribute_refund": "as above",
    "Ledger.refund_of_portal": "as above",
    "Outbox.take": "numbers and balances of invoices that were held",
    "Outbox.prove": "numbers and balances of invoices that were held",
    "Imports.remember": "a digest, and positions of columns",
    "Ledger.record": "by the outcome's own type: see above",
    "Outbox.record_outcome": "by the outcome's own type: see above",
    "Imports.add": "rows that the readers of files tidied: tests/services/invoices/test_importing.py",
}
READS = {
    "Ledger.find", "Ledger.find_charged", "Ledger.find_offered", "Ledger.payments", "Outbox.handed_over",
    "Imports.remembered",
    "Imports.customer_name", "Imports.withdraw", "Ledger.sums",
}  # fmt: skip


def _takes_text(hint: Any) -> bool:
    if hint is str:
        return True
    if is_dataclass(hint) and isinstance(hint, type):
        return hint is not Payment and any(_takes_text(inner) for inner in get_type_hints(hint).values())
    return any(_takes_text(inner) for inner in get_args(hint))


def test_every_method_that_takes_a_text_is_known_here() -> None:
    """A new method of the ledger is refused, tidied, or said to take none of a person's words."""
    found = {
        f"{port.__name__}.{name}"
        for port in (Ledger, Outbox, Imports)
        for name, method in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_")
        and any(_takes_text(hint) for key, hint in get_type_hints(method).items() if key != "return")
    }
    runs = {f"Imports.{name}" for name in ("customers", "newest", "missing", "zeroed", "finish", "close")}
    named = {*REFUSED, *TIDIED, *OURS, *READS, *runs, "Ledger.statuses"}
    assert found - named == set()
    assert named - found == set(), "and none is named that is gone"


@pytest.mark.parametrize("method", REFUSED)
def test_a_persons_words_with_card_data_are_refused(office: Office, method: str) -> None:
    paid = office.took("50123", otherwise=5)
    before = _events(office)
    with pytest.raises(KnownError, match="card number or security code"):
        REFUSED[method](office, paid)
    assert _events(office) == before
    assert office.ledger.payment(paid.id) == paid


@pytest.mark.parametrize("method", TIDIED)
def test_sentences_are_kept_without_card_data(office: Office, method: str) -> None:
    TIDIED[method](office, office.took("50123"))
    assert _found(office) == []


def test_a_charge_can_be_voided_whatever_its_number_looks_like(office: Office) -> None:
    """Its number is the processor's own, and one of ten numbers has a right check digit."""
    paid = office.took("50123")
    office.ledger.note(paid.id, EventKind.EXTRA_VOIDING, {"charge": "4111111111111111", "reason": "Twice"})
    with pytest.raises(KnownError):
        office.ledger.note(paid.id, EventKind.EXTRA_VOIDING, {"charge": "1", "reason": NUMBER})


def test_desk_and_person_have_no_card_data(office: Office) -> None:
    session = office.session(f"Desk {NUMBER}", f"Dana {NUMBER}\u202e")
    desk, user = session.transactions.who
    assert (desk, user) == ("Desk Renewal [card number removed]", "Dana Renewal [card number removed]")
    session.note(None, EventKind.IDENTIFIED, {"customer": BAKERY.number, "by": "phone"})
    assert _found(office) == []
