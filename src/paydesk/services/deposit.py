"""The file channel: waiting receipts into a deposit file, and what became of it.

A receipt is in one deposit file at most. A file counts as posted only once a person says that it was
imported: until then the balances that are read do not contain it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from paydesk.domain.errors import KnownError
from paydesk.domain.posting import (
    AgencyReceipt,
    AnytimeAs,
    Posting,
    PostingChannel,
    PostingState,
)
from paydesk.services.post import Post

ToCsv = Callable[[Sequence[AgencyReceipt]], bytes]


class Deposits:
    """Deposit files of an agency whose posting channel is the file."""

    def __init__(self, post: Post, to_csv: ToCsv) -> None:
        self._post = post
        self._outbox = post.outbox
        self._to_csv = to_csv

    def ready(self) -> list[Posting]:
        """What the next deposit file would hold, oldest first."""
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
        """Write what is ready into a new file of ``folder``; never a receipt that another file holds.

        Raises KnownError when nothing is ready, the channel is another one, or the file cannot be
        written; then ``again`` writes the same file later.
        """
        if self._post.rules.channel is not PostingChannel.FILE:
            raise KnownError(
                "This agency's receipts do not go by file.",
                'Set channel = "file" under [posting] in the settings if they should.',
            )
        wanted = [posting.payment.id for posting in self.ready()]
        if not wanted:
            raise KnownError("No receipt waits for a deposit file.")
        deposit = self._outbox.next_deposit()
        if not self._outbox.hand_over(wanted, deposit):
            raise KnownError("Another desk has just written these receipts.", "Look for its file.")
        return self.again(deposit, folder)

    def again(self, deposit: str, folder: Path) -> Path:
        """Write a deposit file once more, the same receipts. Raises KnownError."""
        postings = self._postings(deposit)
        body = self._to_csv([self._post.receipt_of(posting.payment) for posting in postings])
        path = folder / f"paydesk-deposit-{deposit}.csv"
        try:
            _write_whole(path, body)
        except OSError as error:
            raise KnownError(
                f"The deposit file {path} could not be written ({error.strerror}).",
                f"Its receipts are kept: write {deposit} again into another folder.",
            ) from None
        return path

    def confirm(self, deposit: str) -> list[Posting]:
        """A person says that the file was imported into AMS360: its receipts are posted."""
        return [
            self._outbox.entered_by_hand(posting.payment.id, f"deposit {deposit} imported")
            for posting in self._postings(deposit)
            if posting.state is PostingState.WAITING
        ]

    def open_deposits(self) -> dict[str, list[Posting]]:
        """Files that were written and not confirmed yet, with their receipts."""
        found: dict[str, list[Posting]] = {}
        for posting in self._outbox.postings((PostingState.WAITING,), limit=10_000):
            if posting.in_doubt and posting.channel == PostingChannel.FILE.value:
                found.setdefault(posting.sink_ref, []).append(posting)
        return found

    def _postings(self, deposit: str) -> Sequence[Posting]:
        postings = self._outbox.handed_over(deposit)
        if not postings:
            raise KnownError(f"There is no deposit {deposit}.", "Its number looks like D-0001.")
        return postings


def _write_whole(path: Path, body: bytes) -> None:
    """The whole file or none: half a deposit must never be imported."""
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
