"""Bugs planted in the protocol of refunds, as in ``mutants``."""

# ruff: noqa: E501  # the lines of the program stand here as they are, and on one line

from __future__ import annotations

import logging
from collections.abc import Mapping

from paydesk.gateways.anddone import processor
from paydesk.gateways.anddone import refunds as gateway
from paydesk.gateways.anddone.processor import AndDone
from paydesk.services.payments import refunds
from paydesk.services.payments.refunds import Refunds
from paydesk.store.ledger.money_back import refunds as store
from paydesk.store.ledger.money_back.refunds import Refunds as Store
from tests.proofs.simulation.planting import Mutant, Plant, edited, found_by, instead, planted
from tests.proofs.simulation.profile import REFUNDING

SEEDS: Mapping[str, int] = {
    "a refund is sent before its commit": 1_500_006,
    "there is no send fence for a refund": 1_500_038,
    "the fence of a refund is measured from after the commit": 1_500_038,
    "a refund without an answer is sent again": 1_500_062,
    "a refund without an answer was not made": 1_500_043,
    "a fault of ours after sending a refund means that it was refused": 1_500_126,
    "a refund of a dead desk was not made": 1_500_363,
    "a refund of a dead desk is never asked about": 1_500_075,
    "what was refunded before does not count": 1_500_322,
    "a refund counts when it is accepted": 1_500_013,
    "a refund that failed is not noticed": 1_500_013,
    "a refund of the portal is not recorded": 1_500_003,
    "any refund of that amount is ours": 1_500_051,
    "the answer to a refund is not compared": 1_500_923,
    "a broken answer to a refund is taken for a yes": 1_500_145,
}
"""By name: the first history that found it (``python -m tests.proofs.simulation.refund_mutants`` prints these)."""


def _in_refunds(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(refunds, Refunds, name, *edits)


def _in_store(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(store, Store, name, *edits)


REFUNDS = (
    Mutant("a refund is sent before its commit", _in_refunds(
        "refund", ("begun = self._begin(payment_id, ask)",
                   "from paydesk.domain.refund import refund_reference\n"
                   "        from types import SimpleNamespace\n"
                   "        self._send(found, SimpleNamespace(reference=refund_reference(found.payment, len(found.refunds)), kind=ask.kind, amount=ask.amount), ask)\n"
                   "        begun = self._begin(payment_id, ask)"),
    )),
    Mutant("there is no send fence for a refund", instead(refunds, "SEND_FENCE_S", 1e9)),
    Mutant("the fence of a refund is measured from after the commit", _in_refunds(
        "refund", ("begun = self._begin(payment_id, ask)", "begun = self._begin(payment_id, ask)\n        before_commit_s = self._clock.elapsed_s()"),
    )),
    Mutant("a refund without an answer is sent again", _in_refunds(
        "_send", ("return self._processor.refund(order)",
                  "first = self._processor.refund(order)\n        return self._processor.refund(order) if isinstance(first, Unclear) else first"),
    )),
    Mutant("a refund without an answer was not made", _in_refunds(
        "_record", ("case Unclear():\n            why = outcome.why", "case Unclear():\n            state, why = RefundState.NOT_MADE, outcome.why"),
    )),
    Mutant("a fault of ours after sending a refund means that it was refused", _in_refunds(
        "_send", ("return Unclear(words.failed_waiting(error), Reason.FAULT)", "return RefundRefused('a fault')"),
    )),
    Mutant("a refund of a dead desk was not made", _in_refunds(
        "_follow", ("refund = self._ledger.record_refund(refund.id, RefundState.UNKNOWN, why)",
                    "self._ledger.record_refund(refund.id, RefundState.NOT_MADE, why)\n        return"),
    )),
    Mutant("a refund of a dead desk is never asked about", _in_refunds(
        "_follow", ("if found.owner_alive and found.age_s < LEASE_S:", "if True:"),
    )),
    Mutant("what was refunded before does not count", edited(
        store, store, "_check", ("left = left_of(payment, before)", "left = left_of(payment, ())"),
        ("zip(ask.shares, left_of_lines(payment, before), strict=True)", "()"),
    )),
    Mutant("a refund counts when it is accepted", _in_store(
        "_follow_refunds", ("done = [one for one in refunds if one.state is RefundState.DONE]",
                    "done = [one for one in refunds if one.state in (RefundState.DONE, RefundState.ACCEPTED)]"),
    )),
    Mutant("a refund that failed is not noticed", edited(
        store, Store, "refunds_seen", ("elif ours.state is not one.state and one.state in NEXT_REFUND[ours.state]:",
                                       "elif one.state is not RefundState.FAILED and ours.state is not one.state and one.state in NEXT_REFUND[ours.state]:"),
    )),
    Mutant("a refund of the portal is not recorded", _in_store(
        "refunds_seen", ("changed.append(self._insert_seen(connection, payment, one, now))", "pass"),
    )),
    Mutant("any refund of that amount is ours", edited(
        store, store, "owner_of", ("if seen.is_labeled:\n        return None", "pass"),
        ("one.state in UNDECIDED and one.kind is RefundKind.TOTAL and one.amount == seen.amount", "one.state in UNDECIDED"),
    )),
    Mutant("the answer to a refund is not compared", edited(
        gateway, gateway, "_taken", ("if amount not in (None, order.amount):", "if False:"),
    )),
    Mutant("a broken answer to a refund is taken for a yes", edited(
        processor, AndDone, "refund", ("return to_refund_outcome(reply, order)",
                                       "from paydesk.domain.refund import RefundState, RefundTaken\n"
                                       "    found = to_refund_outcome(reply, order)\n"
                                       "    return RefundTaken('r', RefundState.ACCEPTED) if isinstance(found, Unclear) else found"),
    )),
)  # fmt: skip


def main() -> None:
    """Print which history is the first to find each bug, for SEEDS."""
    logging.disable()
    for mutant in REFUNDS:
        with planted(mutant):
            print(f'    "{mutant.name}": {found_by(range(REFUNDING, REFUNDING + 1500))},', flush=True)


if __name__ == "__main__":
    main()
