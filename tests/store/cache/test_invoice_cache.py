"""The cache keeps an invoice as it was read."""

from __future__ import annotations

from paydesk.domain.invoices.invoice import Invoice
from tests.fakes.every_field import filled
from tests.fakes.ledger import LedgerMaker


def test_every_field_of_an_invoice_is_kept(new_ledger: LedgerMaker) -> None:
    _, cache = new_ledger("Front-1")
    invoice = filled(Invoice, number="50123")
    cache.keep(invoice)
    assert cache.invoice("50123") == invoice
