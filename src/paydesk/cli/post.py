"""``paydesk post``: post waiting receipts into AMS360 now, and show what needs attention."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from paydesk.cli.command import Commands, add_command, open_desk
from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.vendors import AGENCY_SYSTEM

if TYPE_CHECKING:
    from paydesk.domain.posting import Posting
    from paydesk.services.desk.desk import Desk


def register(commands: Commands) -> None:
    """Add the command."""
    system = AGENCY_SYSTEM.name
    parser = add_command(
        commands, "post", _post, f"post waiting receipts into {system} now, and show what hinders"
    )
    parser.add_argument("--again", metavar="RECEIPT", help="post a refused or unclear receipt anew, if safe")
    parser.add_argument("--entered", metavar="RECEIPT", help=f"this receipt was entered or found in {system}")
    parser.add_argument(
        "--reversed", metavar="RECEIPT", help=f"this receipt of a voided payment is not in {system} any more"
    )


def _post(options: argparse.Namespace, paths: Paths) -> int:
    with open_desk(paths) as desk:
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
        for posting in desk.post.by_hand():
            print(f"To enter by hand: {_said(posting)}")
    return 0


def _payment_id(desk: Desk, receipt: str) -> int:
    found = [one for one in desk.ledger.payments(limit=9, matching=receipt) if one.receipt_number == receipt]
    if not found:
        raise KnownError(f"There is no receipt {receipt}.", "Its number looks like R-000001.")
    return found[0].id


def _said(posting: Posting) -> str:
    payment = posting.payment
    words = f"{payment.receipt_number} {payment.draft.quote.subtotal.shown} {posting.state.value}"
    return f"{words}: {posting.reason}" if posting.reason else words
