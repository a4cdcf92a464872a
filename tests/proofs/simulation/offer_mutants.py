"""Bugs planted in the protocol of payment links and hosted pages, as in ``mutants``."""

# ruff: noqa: E501  # the lines of the program stand here as they are, and on one line

from __future__ import annotations

from collections.abc import Mapping

from paydesk.gateways.anddone import processor
from paydesk.gateways.anddone.processor import AndDone
from paydesk.services.payments import offers, resolve
from paydesk.services.payments.offers import Offers
from paydesk.store.ledger import charges
from tests.proofs.simulation.mutants import in_charges, in_move, in_resolve
from tests.proofs.simulation.planting import Mutant, Plant, both, edited, found_by, instead, planted
from tests.proofs.simulation.profile import OFFERING

SEEDS: Mapping[str, int] = {
    "an address is shown before its commit": 2_000_006,
    "an address is shown though it could not be saved": 2_000_014,
    "no journal keeps an address": 2_000_006,
    "an address is made without a hold": 2_000_002,
    "what is owed is not checked before an offer": 2_000_716,
    "payments from outside are not looked for before an offer": 2_000_042,
    "what is owed is not checked again when the address is recorded": 2_000_716,
    "an offer is not recorded by compare-and-swap": 2_000_013,
    "a life that is over counts as death": 2_000_006,
    "taken back is at once free": 2_000_006,
    "a refused expiry of an address counts": 2_000_208,
    "an address is not expired when it is taken back": 2_000_008,
    "there is no quiet time after an address": 2_000_008,
    "a failed try is final": 2_000_130,
    "a failed try hides what is paid after it": 3_500_003,
    "an offer without a living desk is never asked about": 2_000_006,
    "what is paid while it is taken back is not looked for": 2_000_015,
    "every status of a link means unpaid": 2_000_014,
}
"""By name: the first history that found it (``python -m tests.proofs.simulation.offer_mutants`` prints these)."""


def _in_offers(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(offers, Offers, name, *edits)


OFFERS = (
    Mutant("an address is shown before its commit", _in_offers(
        "offer", ("offered = self._ledger.offer(payment, address, life_s, fresh)",
                  "return replace(payment, state=State.OFFERED, intent_token=address.token, offer_address=address.url)"),
    )),
    Mutant("an address is shown though it could not be saved", _in_offers(
        "offer", ("offered = self._ledger.offer(payment, address, life_s, fresh)",
                  "try:\n            offered = self._ledger.offer(payment, address, life_s, fresh)\n"
                  "        except KnownError:\n            return replace(payment, offer_address=address.url)"),
    )),
    Mutant("no journal keeps an address", _in_offers("offer", ("self._journal.add(offered)", "pass"))),
    Mutant("an address is made without a hold", both(
        in_charges("_hold_invoices", ('"open": True}', '"open": not payment.intent_title}')),
        instead(charges, "_check_free", lambda *_: None),
    )),
    Mutant("what is owed is not checked before an offer", _in_offers(
        "offer", ("self._holding.check_still_owed(payment)", "()"),
    )),
    Mutant("payments from outside are not looked for before an offer", _in_offers(
        "offer", ("self._holding.check_not_paid_elsewhere(draft)", "pass"),
    )),
    Mutant("what is owed is not checked again when the address is recorded", in_charges(
        "offer", ("_check_lines(payment.draft, self._beside(connection, payment.id), fresh)", "pass"),
    )),
    Mutant("an offer is not recorded by compare-and-swap", both(
        in_move(("if new not in NEXT[payment.state]:", "if new not in NEXT[payment.state] and new is not State.OFFERED:"),
                 ("if swapped.rowcount != 1:", "if swapped.rowcount != 1 and new is not State.OFFERED:")),
        instead(resolve, "HOLD_LEASE_S", 0.0),
    )),
    Mutant("a life that is over counts as death", in_resolve(
        "_ask_about_offer",
        ("payment = self._ledger.close_offer(payment.id, words.LIFE_OVER, Reason.LIFE_OVER)",
         "return self._ledger.not_charged(self._ledger.close_offer(payment.id, '', Reason.LIFE_OVER).id, '')"),
    )),
    Mutant("taken back is at once free", in_resolve(
        "_ask_about_offer",
        ("closing = payment.state is State.CLOSING",
         "closing = payment.state is State.CLOSING\n    if closing:\n        return self._ledger.not_charged(payment.id, '')"),
    )),
    Mutant("a refused expiry of an address counts", in_resolve(
        "_expire", ("if expiry is Expiry.REFUSED and not", "if expiry is Expiry.REFUSED and payment.state not in OFFERED and not"),
    )),
    Mutant("an address is not expired when it is taken back", in_resolve(
        "_expire", ("self._processor.expire(payment.intent_token, payment.offer_kind)",
                    "(Expiry.EXPIRED if payment.offer_kind else self._processor.expire(payment.intent_token))"),
    )),
    Mutant("there is no quiet time after an address", in_resolve(
        "_rule_out", ("watch.closed_s + self._quiet_s", "watch.closed_s + (0 if payment.offer_kind else self._quiet_s)"),
    )),
    Mutant("a failed try is final", in_resolve(
        "_ask_about_offer",
        ("case _ if not closing:",
         "case Declined():\n            return self._ledger.not_charged("
         "self._ledger.close_offer(payment.id, '', Reason.DECLINED).id, '')\n        case _ if not closing:"),
    )),
    Mutant("a failed try hides what is paid after it", in_resolve(
        "_find", ("isinstance(finding, Approved | Canceled)", "isinstance(finding, Approved | Canceled | Declined)"),
    )),
    Mutant("an offer without a living desk is never asked about", in_resolve(
        "_resolve_by_state", ("if payment.state in OFFERED:", "if payment.state in OFFERED and not found.mine:\n"
                              "        return payment\n    if payment.state in OFFERED:"),
    )),
    Mutant("what is paid while it is taken back is not looked for", in_resolve(
        "_ask_about_offer",
        ("finding = self._find(payment, inf if closing or self._is_list_due(watch, now_s, age_s) else 0.0)",
         "finding = NoCharge() if closing else self._find(payment, inf)"),
    )),
    Mutant("every status of a link means unpaid", edited(
        processor, AndDone, "_look_up_link",
        ("if not state.live:", "return NoCharge()\n    if not state.live:"),
    )),
)  # fmt: skip


def main() -> None:
    """Print which history is the first to find each bug, for SEEDS."""
    for mutant in OFFERS:
        with planted(mutant):
            print(f'    "{mutant.name}": {found_by(range(OFFERING, OFFERING + 1500))},', flush=True)


if __name__ == "__main__":
    main()
