"""The journal of offers: a file for each address that was ever shown, in a folder beside the ledger.

A ledger that was restored from a backup does not know the links that were made since. Somebody may still pay
at them. The files hold no name of a payer, because they are not encrypted.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from paydesk.config.files import read_private, write_whole
from paydesk.domain.consent import Channel
from paydesk.domain.errors import BugError, KnownError
from paydesk.domain.money import LARGEST_CENTS, Money, total
from paydesk.domain.payment import (
    LONGEST_LIFE_S,
    SHORTEST_LIFE_S,
    Draft,
    OfferKind,
    Payer,
    Payment,
    PaymentLine,
    ReferenceKind,
    State,
)
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.services.ports.processor import Address
from paydesk.store.database import words
from paydesk.store.ledger.ledger import SqlLedger
from paydesk.store.tables import schema

KEPT_S = 180 * 86_400
"""Seconds for which a file is kept: as long as a link lives at most (30 days), as AndDone's list is compared
(60 days), and as long again. Nobody can pay at an older address, and no restore asks for it.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address that was shown, with all that its payment needs but the payer's name."""

    reference: str
    title: str
    address: Address
    life_s: int
    draft: Draft


class FileJournal:
    """The journal of the desks on one ledger file, or of one desk on a server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, payment: Payment) -> None:
        """See OfferJournal.add."""
        path = self._folder / f"{payment.reference}.json"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(path, json.dumps(_raw(payment)).encode(), private=True)
        except OSError as error:
            raise words.journal_not_written(self._folder, error) from None
        self._forget_old(path)

    def _forget_old(self, written: Path) -> None:
        """Remove the files of addresses that died long ago. They are as old as they were last shown."""
        with contextlib.suppress(OSError):  # another desk was faster, or a program holds one: the next time
            now_s = written.stat().st_mtime
            for path in self._folder.glob("PD*"):
                if now_s - path.stat().st_mtime > KEPT_S:
                    path.unlink()

    def entries(self) -> Iterator[Entry]:
        """Yield every entry. Raises KnownError if one cannot be read: a link may be missing then."""
        for path in sorted(self._folder.glob("PD*.json")):
            try:
                yield _entry(json.loads(read_private(path)))
            except (OSError, ValueError, KeyError, TypeError, RecursionError, BugError) as error:
                raise words.journal_not_read(path, error) from None


def journal_of(ledger: Path) -> FileJournal:
    """Return the journal beside a ledger."""
    return FileJournal(ledger.with_name(ledger.name + ".offers"))


def take_in(ledger: SqlLedger, entries: Sequence[Entry]) -> tuple[int, list[str]]:
    """Make offers of the entries that a restored ledger does not know, or knows as held alone.

    Returns their number, and a sentence for each that could not be taken in.
    """
    taken, failed = 0, []
    for entry in entries:
        try:
            taken += _take_in(ledger, entry)
        except KnownError as error:
            failed.append(f"{entry.title} ({entry.address.url}): {error.sentence}")
    return taken, failed


def _take_in(ledger: SqlLedger, entry: Entry) -> bool:
    known = ledger.find(entry.reference)
    if known is not None and known.state is not State.HELD:
        return False
    if known is None:
        _add_invoices(ledger, entry)
        known = ledger.hold(entry.draft, entry.reference, title=entry.title)
    ledger.offer(known, entry.address, entry.life_s, ())
    return True


def _add_invoices(ledger: SqlLedger, entry: Entry) -> None:
    """Add the invoices that the restored ledger has not seen."""
    invoice = schema.invoice
    with ledger.transactions.write() as connection:
        for line in entry.draft.lines:
            known = connection.execute(
                sa.select(invoice.c.number).where(invoice.c.number == line.invoice_number)
            )
            if line.invoice_number is None or line.owed is None or known.first() is not None:
                continue
            connection.execute(
                sa.insert(invoice).values(
                    number=line.invoice_number,
                    customer_number=entry.draft.payer.customer_number,
                    amount_cents=line.owed.cents,
                    balance_cents=line.owed.cents,
                    read_at=line.read_at,
                )
            )


def _raw(payment: Payment) -> dict[str, Any]:
    draft = payment.draft
    named = draft.reference_kind not in (None, ReferenceKind.OTHER)  # any other may be a person's name
    return {
        "reference": payment.reference,
        "title": payment.intent_title,
        "kind": payment.offer_kind.value,
        "token": payment.intent_token,
        "address": payment.offer_address,
        "life_s": payment.offer_life_s,
        "tender": draft.kind.value,
        "fee_cents": draft.quote.fee.cents,
        "channel": draft.channel.value,
        "customer_number": draft.payer.customer_number,
        "reference_kind": draft.reference_kind.value if draft.reference_kind else "",
        "reference_value": draft.reference_value if named else "",
        "lines": [
            {
                "invoice_number": line.invoice_number,
                "amount_cents": line.amount.cents,
                "owed_cents": None if line.owed is None else line.owed.cents,
                "read_at": None if line.read_at is None else line.read_at.isoformat(),
            }
            for line in draft.lines
        ],
    }


def _entry(raw: Any) -> Entry:
    """Read an entry. Raises ValueError, TypeError, KeyError or BugError for what no desk has written."""
    lines = tuple(
        PaymentLine(
            amount=_money(line["amount_cents"]),
            description="",
            invoice_number=None if line["invoice_number"] is None else _text(line["invoice_number"]),
            owed=None if line["owed_cents"] is None else _money(line["owed_cents"]),
            read_at=None if line["read_at"] is None else datetime.fromisoformat(line["read_at"]),
        )
        for line in raw["lines"]
    )
    subtotal = total(line.amount for line in lines)
    draft = Draft(
        lines=lines,
        payer=Payer(words.PAYER_UNKNOWN, customer_number=_text(raw["customer_number"])),
        quote=Quote(TenderKind(raw["tender"]), subtotal, _money(raw["fee_cents"])),
        channel=Channel(raw["channel"]),
        reference_kind=ReferenceKind(raw["reference_kind"]) if raw["reference_kind"] else None,
        reference_value=_text(raw["reference_value"]),
    )
    kind, life_s = OfferKind(raw["kind"]), raw["life_s"]
    if kind is OfferKind.NONE or not SHORTEST_LIFE_S <= life_s <= LONGEST_LIFE_S:
        raise ValueError("no desk makes such an offer")
    address = Address(kind, _text(raw["token"]), _text(raw["address"]))
    return Entry(_text(raw["reference"]), _text(raw["title"]), address, int(life_s), draft)


def _text(held: Any) -> str:
    if not isinstance(held, str) or not held.isprintable():
        raise ValueError("not a text on one line")
    return held


def _money(held: Any) -> Money:
    if type(held) is not int or not 0 <= held <= LARGEST_CENTS:
        raise ValueError("not an amount in cents")
    return Money(held)
