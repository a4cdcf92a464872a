"""A training desk, wired as the program wires it, posts what it took into the emulator."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from paydesk import app
from paydesk.domain.consent import Channel
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, Payer
from paydesk.domain.posting import PostingState
from paydesk.domain.quote import Quote
from paydesk.domain.selection import select
from paydesk.domain.tender import TenderKind
from paydesk.paths import Paths
from tests.fakes.world import CARD


def test_a_payment_reaches_ams360_while_the_desk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "POST_S", 0.05)
    paths = Paths(tmp_path / "desk", training=True)
    paths.base.mkdir()
    paths.training_choices.write_text('[wsapi]\nnote_as = "note"\n', encoding="utf-8")
    running = app.open_desk(paths)
    try:
        desk, sandbox = running.desk, running.sandbox
        assert sandbox is not None
        found = desk.lookup.by_invoice("50123")
        selection = select(found.rows, ["50123"])
        quote = desk.offers(selection.subtotal)[TenderKind.CREDIT_CARD]
        assert isinstance(quote, Quote)
        payer = Payer("Dana Reyes", customer_number="1001", customer_name="Sample Bakery LLC")
        payment = desk.authorize.pay(Draft(selection.lines, payer, quote, Channel.PHONE), CARD)
        until = time.monotonic() + 20
        posting = desk.post.outbox.of([payment.id])[payment.id]
        while posting.state is PostingState.WAITING and time.monotonic() < until:
            time.sleep(0.02)
            posting = desk.post.outbox.of([payment.id])[payment.id]
        assert posting.state is PostingState.POSTED, posting.reason
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
        assert row.mark is not None
        assert row.mark.receipt_number == payment.receipt_number
    finally:
        running.close()
