"""A card number that somebody noted in AMS360 gets nowhere: not shown, charged, printed, posted or saved."""

from __future__ import annotations

import io
import logging
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from paydesk.config.paths import Paths
from paydesk.domain.consent import Channel
from paydesk.domain.invoices.selection import select
from paydesk.domain.payment import Draft, Payer
from paydesk.domain.quote import Quote
from paydesk.domain.receipt import Paper
from paydesk.domain.spreadsheet import file_of
from paydesk.domain.tender import TenderKind
from paydesk.receipts.pdf import render
from paydesk.sandbox import Exchange
from paydesk.services.desk.day_end import day_of, day_table
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.verify import texts
from paydesk.wiring.desk import open_desk
from tests.fakes.world import CARD

NOTED = "CC 5555/5555/5555/4444 exp 12/27 cvv 123 per phone call"
FOUND = (b"5555", b"4444", b"12/27", b"cvv 123")
"""Pieces of the note that no output may have. The card that is charged is another."""


def _leaks(data: bytes) -> list[bytes]:
    return [piece for piece in FOUND if piece in data]


def test_a_noted_card_number_gets_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the wires of both vendors: EMS and WSAPI, AndDone's intent, the posting and its note."""
    monkeypatch.setattr("paydesk.wiring.desk.POST_S", 0.05)
    paths = Paths(tmp_path / "desk", training=True)
    paths.base.mkdir()
    paths.training_choices.write_text('[wsapi]\nnote_as = "note"\n', encoding="utf-8")
    log_file = tmp_path / "paydesk.log"
    handler = logging.FileHandler(log_file)
    logger = logging.getLogger("paydesk")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    running = open_desk(paths)
    try:
        desk, sandbox = running.desk, running.sandbox
        assert sandbox is not None
        sent: list[Exchange] = []
        sandbox._watcher = sent.append
        agency = sandbox.ams360.agency
        invoice = agency.invoices[50_123]
        invoice.lines = tuple(replace(line, description=NOTED) for line in invoice.lines)
        invoice.policy_number = "5555555555554444"
        customer = agency.customers[1001]
        person = replace(customer.person, firm=f"Sample Bakery {NOTED}")
        agency.customers[1001] = replace(customer, person=person)
        found = desk.lookup.by_invoice("50123")
        shown = found.rows[0].invoice
        assert shown.description == "CC [card number removed]"
        assert shown.customer_name == "Sample Bakery CC [card number removed]"
        assert shown.policy_number == "[card number removed]"
        selection = select(found.rows, ["50123"])
        quote = desk.quotes(selection.subtotal)[TenderKind.CREDIT_CARD]
        assert isinstance(quote, Quote)
        payer = Payer("Dana Reyes", customer_number="1001", customer_name=shown.customer_name)
        payment = desk.authorize.pay(Draft(selection.lines, payer, quote, Channel.PHONE), CARD)
        until = time.monotonic() + 20
        while not sandbox.wsapi.written and time.monotonic() < until:  # the note follows the receipt
            time.sleep(0.02)
        assert sandbox.wsapi.written
        assert sent
        assert not [one for one in sent if _leaks(repr(one.request).encode())]
        receipt = desk.ledger.receipt(payment.id)
        assert not _leaks(repr(receipt).encode())
        assert not _leaks(render(receipt, Paper.LETTER, 0))
        table = day_table(day_of(payment.held_at.date(), [payment]), ZoneInfo("America/New_York"))
        assert not _leaks(file_of(table, ".csv"))
        with zipfile.ZipFile(io.BytesIO(file_of(table, ".xlsx"))) as book:
            assert not _leaks(b"".join(book.read(name) for name in book.namelist()))
        assert isinstance(desk.ledger, SqlLedger)
        with desk.ledger.transactions.read() as connection:
            assert list(texts.card_numbers(connection)) == []
    finally:
        running.close()
        logger.removeHandler(handler)
        handler.close()
        logger.setLevel(level)
    assert not _leaks(log_file.read_bytes())
