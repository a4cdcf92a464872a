"""A training desk, wired as the program wires it, posts its payments into the emulator."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel
from paydesk.domain.errors import KnownError
from paydesk.domain.invoices.selection import select
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer, Payment, State
from paydesk.domain.posting import Posting, PostingState
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.domain.typed.sealed import Sealed
from paydesk.sandbox.anddone.outcomes import DECLINING_CARDS
from paydesk.services.desk.desk import Desk
from paydesk.wiring.desk import open_desk
from tests.fakes.world import CARD


def test_a_payment_reaches_ams360_while_the_desk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paydesk.wiring.desk.POST_S", 0.05)
    paths = Paths(tmp_path / "desk", training=True)
    paths.base.mkdir()
    paths.training_choices.write_text('[wsapi]\nnote_as = "note"\n', encoding="utf-8")
    running = open_desk(paths)
    try:
        desk, sandbox = running.desk, running.sandbox
        assert sandbox is not None
        payment = desk.authorize.pay(draft_of_50123(desk), CARD)
        posting = posted(desk, payment)
        until = time.monotonic() + 20
        (receipt,) = sandbox.ams360.posted.receipts
        assert (receipt.receipt_id, receipt.amount) == (posting.sink_ref, Money(1_250_00))
        assert payment.receipt_number in receipt.description
        assert sandbox.balance(50_123) == Money(0)
        while not sandbox.wsapi.written and time.monotonic() < until:  # the note follows the receipt
            time.sleep(0.02)
        ((operation, note),) = sandbox.wsapi.written
        assert operation == "CustomerNoteInsert"
        assert payment.receipt_number in note["NoteText"]
        assert sandbox.wsapi.violations == []
        row = desk.lookup.by_invoice("50123").rows[0]
        assert (row.owed, row.payable) == (Money(0), False)
        assert row.status is not None
        assert row.status.receipt_number == payment.receipt_number
    finally:
        running.close()


def test_a_voided_invoice_is_owed_again_once_its_receipt_is_marked_as_reversed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a training desk nobody is in AMS360, so its bookkeeper reverses the receipt."""
    monkeypatch.setattr("paydesk.wiring.desk.POST_S", 0.05)
    running = open_desk(Paths(tmp_path, training=True))
    try:
        desk = running.desk
        payment = desk.authorize.pay(draft_of_50123(desk), CARD)
        posted(desk, payment)
        assert desk.voids.void(payment.id, "Wrong invoice").state is State.VOIDED
        desk.post.mark_taken_back(payment.id)
        assert desk.post.paid_still(desk.ledger.payment(payment.id)) == []
        row = desk.lookup.by_invoice("50123").rows[0]
        assert (row.owed, row.payable) == (Money(1_250_00), True)
    finally:
        running.close()


def draft_of_50123(desk: Desk) -> Draft:
    """Return a payment of that invoice by credit card."""
    selection = select(desk.lookup.by_invoice("50123").rows, ["50123"])
    quote = desk.quotes(selection.subtotal)[TenderKind.CREDIT_CARD]
    assert isinstance(quote, Quote)
    payer = Payer("Dana Reyes", customer_number="1001", customer_name="Sample Bakery LLC")
    return Draft(selection.lines, payer, quote, Channel.PHONE)


def posted(desk: Desk, payment: Payment) -> Posting:
    """Wait until the receipt is in AMS360, and return its posting."""
    until = time.monotonic() + 20
    posting = desk.post.outbox.of([payment.id])[payment.id]
    while posting.state is PostingState.WAITING and time.monotonic() < until:
        time.sleep(0.02)
        posting = desk.post.outbox.of([payment.id])[payment.id]
    assert posting.state is PostingState.POSTED, posting.reason
    return posting


def test_a_card_is_not_tried_for_ever(tmp_path: Path) -> None:
    """After three declines in a minute, or five in a day, whatever comes first on this computer."""
    running = open_desk(Paths(tmp_path, training=True))
    declined = 0
    try:
        desk = running.desk
        draft = draft_of_50123(desk)
        card = replace(CARD, number=Sealed(next(iter(DECLINING_CARDS))))
        said = ""
        while not said and declined < 6:
            try:
                assert desk.authorize.pay(draft, card).state is State.DECLINED
                declined += 1
            except KnownError as refused:
                said = refused.sentence
    finally:
        running.close()
    assert "declined" in said
    assert 3 <= declined <= 5
