"""Post by file: write waiting receipts into a deposit file, and record its import.

A receipt is in one deposit file at most. A file counts as posted only once a person confirms its import.
Until then the balances that are read do not contain it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from paydesk.config.files import write_whole
from paydesk.domain.posting import (
    AgencyReceipt,
    AnytimeAs,
    Posting,
    PostingChannel,
    PostingState,
)
from paydesk.services.ports.rights import EVERYONE, Right, Rights
from paydesk.services.posting import words
from paydesk.services.posting.post import Post

ToCsv = Callable[[Sequence[AgencyReceipt]], bytes]


class Deposits:
    """The deposit files of an agency that posts by file."""

    def __init__(self, post: Post, to_csv: ToCsv, rights: Rights = EVERYONE) -> None:
        self._post = post
        self._rights = rights
        self._outbox = post.outbox
        self._to_csv = to_csv

    def ready(self) -> list[Posting]:
        """Return the receipts that the next deposit file would hold, oldest first."""
        return [
            posting
            for posting in self._outbox.postings((PostingState.WAITING,), limit=10_000)
            if not posting.in_doubt and self._belongs(posting)
        ]

    def _belongs(self, posting: Posting) -> bool:
        receipt = self._post.step(posting)
        if not isinstance(receipt, AgencyReceipt):
            return False
        return bool(receipt.by_invoice) or self._post.rules.anytime is AnytimeAs.UNAPPLIED

    def write(self, folder: Path) -> Path:
        """Write the ready receipts into a new file in ``folder``, but never one that another file holds.

        Raises KnownError if nothing is ready, if the agency posts by another channel, or if the file cannot
        be written. After a failed write, ``again`` writes the same file later.
        """
        self._rights.require(Right.DEPOSIT)
        if self._post.rules.channel is not PostingChannel.FILE:
            raise words.not_by_file()
        wanted = [posting.payment.id for posting in self.ready()]
        if not wanted:
            raise words.none_waits()
        deposit = self._outbox.next_deposit()
        if not self._outbox.hand_over(wanted, deposit):
            raise words.just_written()
        return self.again(deposit, folder)

    def again(self, deposit: str, folder: Path) -> Path:
        """Write a deposit file once more, with the same receipts.

        Raises KnownError, also if a file of that name has others: another desk's may not be imported yet.
        """
        self._rights.require(Right.DEPOSIT)
        postings = self._postings(deposit)
        body = self._to_csv([self._post.receipt_of(posting.payment) for posting in postings])
        path = folder / f"paydesk-deposit-{deposit}.csv"
        try:
            if path.exists() and path.read_bytes() != body:
                raise words.other_deposit(path, deposit)
            write_whole(path, body)  # half a deposit must never be imported
        except OSError as error:
            raise words.not_written(path, deposit, error) from None
        return path

    def confirm(self, deposit: str) -> list[Posting]:
        """Record that a person confirmed the file's import into AMS360: its receipts are posted."""
        self._rights.require(Right.DEPOSIT)
        return [
            self._outbox.entered_by_hand(posting.payment.id, f"deposit {deposit} imported")
            for posting in self._postings(deposit)
            if posting.state is PostingState.WAITING
        ]

    def open_deposits(self) -> dict[str, list[Posting]]:
        """Return the files that were written and not confirmed yet, with their receipts."""
        found: dict[str, list[Posting]] = {}
        for posting in self._outbox.postings((PostingState.WAITING,), limit=10_000):
            if posting.in_doubt and posting.channel == PostingChannel.FILE.value:
                found.setdefault(posting.sink_ref, []).append(posting)
        return found

    def _postings(self, deposit: str) -> Sequence[Posting]:
        postings = self._outbox.handed_over(deposit)
        if not postings:
            raise words.no_deposit(deposit)
        return postings
