"""The commands about AMS360: receipts out of the outbox, and deposit files."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paydesk.domain.errors import KnownError
from paydesk.paths import Paths

if TYPE_CHECKING:
    from paydesk.domain.posting import Posting
    from paydesk.services.desk import Desk


def add_post(parser: argparse.ArgumentParser) -> None:
    """``paydesk post``."""
    parser.add_argument("--again", metavar="RECEIPT", help="post a refused or unclear receipt anew, if safe")
    parser.add_argument("--entered", metavar="RECEIPT", help="this receipt was entered or found in AMS360")
    parser.add_argument(
        "--reversed", metavar="RECEIPT", help="this receipt of a voided payment is not in AMS360 any more"
    )
    parser.set_defaults(command=_post)


def add_deposit(parser: argparse.ArgumentParser) -> None:
    """``paydesk deposit``."""
    parser.add_argument("--out", type=Path, default=Path(), help="the folder of the file")
    parser.add_argument("--again", metavar="D-0001", help="write this deposit file once more")
    parser.add_argument("--imported", metavar="D-0001", help="this file was imported into AMS360")
    parser.set_defaults(command=_deposit)


def _post(options: argparse.Namespace, paths: Paths) -> int:
    with _desk(paths) as desk:
        if options.again:
            print(_said(desk.post.post_again(_payment_id(desk, options.again))))
        if options.entered:
            print(_said(desk.post.mark_entered(_payment_id(desk, options.entered))))
        if options.reversed:
            print(_said(desk.post.mark_taken_back(_payment_id(desk, options.reversed))))
        for posting in desk.post.now():
            print(_said(posting))
        matters = desk.post.attention()
        for posting in matters:
            print(f"Needs attention: {_said(posting)}")
        if not matters:
            print("No receipt needs attention.")
    return 0


def _deposit(options: argparse.Namespace, paths: Paths) -> int:
    with _desk(paths) as desk:
        if options.imported:
            done = desk.deposits.confirm(options.imported)
            print(f"{len(done)} receipts of {options.imported} now count as posted.")
        elif options.again:
            print(desk.deposits.again(options.again, options.out.absolute()))
        else:
            print(desk.deposits.write(options.out.absolute()))
        for name, postings in desk.deposits.open_deposits().items():
            print(f"{name}: {len(postings)} receipts, not confirmed yet (paydesk deposit --imported {name})")
    return 0


@contextlib.contextmanager
def _desk(paths: Paths) -> Iterator[Desk]:
    from paydesk.app import open_desk

    running = open_desk(paths)
    try:
        yield running.desk
    finally:
        running.close()


def _payment_id(desk: Desk, receipt: str) -> int:
    found = [one for one in desk.ledger.payments(limit=9, matching=receipt) if one.receipt_number == receipt]
    if not found:
        raise KnownError(f"There is no receipt {receipt}.", "Its number looks like R-000001.")
    return found[0].id


def _said(posting: Posting) -> str:
    payment = posting.payment
    words = f"{payment.receipt_number} {payment.draft.quote.subtotal} {posting.state.value}"
    return f"{words}: {posting.reason}" if posting.reason else words
