"""Bugs planted on purpose, one for each rule of the protocol: what does not find them proves nothing."""

# ruff: noqa: E501  # the lines of the program stand here as they are, and on one line

from __future__ import annotations

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from paydesk.domain.invoices import balance_due
from paydesk.domain.outcome import Expiry
from paydesk.gateways.anddone import answers, names, processor
from paydesk.services.payments import authorize, holding, receipts, reconcile, resolve, void
from paydesk.services.payments.authorize import Authorize
from paydesk.services.payments.holding import Holding
from paydesk.services.payments.receipts import Letterhead
from paydesk.services.payments.reconcile import Reconcile
from paydesk.services.payments.resolve import Resolve
from paydesk.services.payments.void import Voids
from paydesk.services.posting import post
from paydesk.services.posting.post import Post
from paydesk.store.ledger import charges, moves, outbox
from paydesk.store.ledger.charges import Charges
from paydesk.store.ledger.money_back import voids
from paydesk.store.tables import queries
from tests.proofs.simulation.planting import Mutant, Plant, both, edited, found_by, instead, planted

SEEDS: Mapping[str, int] = {
    "a time-out releases the invoices": 1,
    "a time-out is a decline": 4,
    "a fault of ours after sending is surely not sent": 1,
    "the charge is sent again after a time-out": 1,
    "a time-out is retried with a new intent": 1,
    "the charge is sent before the commit": 1,
    "a failed commit is sent all the same": 148,
    "there is no send fence": 13,
    "the fence is measured from after the commit": 13,
    "a decline is said while its intent can be paid": 144,
    "a decline is final though its intent was not expired": 189,
    "the cache is trusted: AMS360 is not asked again": 28,
    "payments from outside are not looked for": 19,
    "references are compared loosely: every charge counts as ours": 19,
    "the approval is shown before it is on disk": 8,
    "the approval is shown though it could not be saved": 159,
    "what cannot be saved is shown as not charged": 273,
    "the intent is not expired": 6,
    "an expiry without an answer counts": 15,
    "a refused expiry counts": 106,
    "there is no quiet time": 6,
    "the quiet time runs from the charge, not from the expiry": 6,
    "one look without a charge releases": 4,
    "a lost decline is believed at once": 84,
    "an intent that expired before is closed without quiet": 10,
    "recovery declines what it cannot find": 4,
    "patience runs out: unknown for long is not charged": 69,
    "a hold is never given back": 19,
    "a hold is given back though it was submitted meanwhile": 324,
    "a charge without a living sender is never asked about": 21,
    "a sent charge of a dead desk is released": 21,
    "the age of a payment is the wall clock's": 5_000_046,
    "a charge in the list is taken for any payment": 34,
    "late charges are not watched for": 80,
    "only charges ruled out by looking can be late": 144,
    "an invoice can be held twice": 4,
    "what is owed is not checked": 28,
    "what is owed is not checked again at the submit": 28,
    "our own payments are not taken off": 31,
    "a posting counts as contained in every later balance": 14,
    "unknown closes the holds": 1,
    "a decline leaves the holds open": 2,
    "a release leaves the holds open": 7,
    "a payment moves from any state to any other": 41,
    "that another desk was faster is not noticed": 148,
    "a move writes no event": 1,
    "the charge attempt is not recorded": 1,
    "the intent's token is not recorded": 1,
    "the receipt is not part of the transaction": 1,
    "the posting is not part of the transaction": 1,
    "an approval recorded again takes a new receipt number": 64,
    "a late charge is dropped": 80,
    "what was quoted is recorded, not what was charged": 4,
    "the fee is counted into the lines": 1,
    "an error 500 is a decline": 32,
    "an answer that is not understood is a decline": 83,
    "an error 500 means that there is no charge": 38,
    "a broken connection is surely not sent": 4,
    "a duplicate notice is a decline": 323,
    "the reference in the answer is not compared": 83,
    "the amount in the answer is not compared": 168,
    "another currency is taken for dollars": 42,
    "an unknown status is an approval": 250,
    "every refusal to expire counts as expired": 10,
    "an intent that expired before counts as expired now": 10,
    "a void without an answer is taken for done": 4,
    "a void without an answer is taken for refused": 4,
    "a void is asked for before the commit": 4,
    "a refused void is believed without a look at the charge": 260,
    "a void without an answer is never asked about": 4,
    "a settled charge is voided all the same": 24,
    "what is canceled in the portal is not noticed": 68,
    "an invoice is free while its payment is being voided": 31,
    "a receipt that waits is posted after the void": 17,
    "a receipt is posted while its payment is being voided": 31,
    "a late charge that cannot be voided is no alarm any more": 200,
    "the void's receipt is not part of the transaction": 4,
    "an error 500 is a void": 83,
    "an unknown status means canceled": 83,
}
"""By name: the first history that found it (``python -m tests.proofs.simulation.mutants`` prints these anew)."""


def _in_authorize(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(authorize, Authorize, name, *edits)


def _in_holding(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(holding, Holding, name, *edits)


def in_resolve(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(resolve, Resolve, name, *edits)


def in_charges(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(charges, Charges, name, *edits)


def in_move(*edits: tuple[str, str]) -> Plant:
    """In ``move``, wherever a part of the ledger has its own name for it."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        edited(moves, moves, "move", *edits)(patch)
        for part in (charges, voids):
            patch.setattr(part, "move", moves.move)

    return plant


def _in_voids(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(void, Voids, name, *edits)


def _in_void_ledger(name: str, *edits: tuple[str, str]) -> Plant:
    return edited(voids, voids.Voids, name, *edits)


def _in_answers(name: str, *edits: tuple[str, str]) -> Plant:
    return both(
        edited(answers, answers, name, *edits),
        lambda patch: patch.setattr(processor, name, getattr(answers, name), raising=False),
    )


_SENDING = "outcome = self._charge(token, request, tender)"

SENDER = (
    Mutant("a time-out releases the invoices", _in_authorize(
        "_record", ("isinstance(outcome, NotSent)", "isinstance(outcome, NotSent | Unclear)"),
    )),
    Mutant("a time-out is a decline", _in_authorize(
        "_charge", ("else outcome", "else (Declined('', 'no') if isinstance(outcome, Unclear) else outcome)"),
    )),
    Mutant("a fault of ours after sending is surely not sent", _in_authorize(
        "_charge", ("return Unclear(", "return (lambda why, *_: NotSent(why))("),
    )),
    Mutant("the charge is sent again after a time-out", _in_authorize(
        "pay", (_SENDING, f"{_SENDING}\n    outcome = self._charge(token, request, tender)"
                          " if isinstance(outcome, Unclear) else outcome"),
    )),
    Mutant("a time-out is retried with a new intent", _in_authorize(
        "pay", (_SENDING, f"{_SENDING}\n    if isinstance(outcome, Unclear):\n"
                          "        request = replace(request, title=reference + '-2')\n"
                          "        token = self._processor.create_intent(request)\n"
                          "        outcome = self._charge(token, request, tender)"),
    )),
    Mutant("the charge is sent before the commit", _in_authorize(
        "pay", ("payment = self._ledger.submit", "early = self._charge(token, request, tender)\n"
                                                 "        payment = self._ledger.submit"),
        (_SENDING, "outcome = early"),
    )),
    Mutant("a failed commit is sent all the same", _in_authorize(
        "pay", ("payment = self._ledger.submit(payment, request.title, token, fresh)",
                "try:\n            payment = self._ledger.submit(payment, request.title, token, fresh)\n"
                "        except InvoiceTaken:\n            raise\n        except KnownError:\n            pass"),
    )),
    Mutant("there is no send fence", instead(authorize, "SEND_FENCE_S", float("inf"))),
    Mutant("the fence is measured from after the commit", _in_authorize(
        "pay", ("before_commit_s = self._clock.elapsed_s()", ""),
        ("_tell(on_step, Step.CHARGING)", "before_commit_s = self._clock.elapsed_s()"),
    )),
    Mutant("a decline is said while its intent can be paid", _in_authorize(
        "_charge", ("self._made_final(token, outcome) if isinstance(outcome, Declined) else outcome", "outcome"),
    )),
    Mutant("a decline is final though its intent was not expired", _in_authorize(
        "_made_final", ("if expiry is Expiry.EXPIRED or (", "if True or ("),
    )),
    Mutant("the cache is trusted: AMS360 is not asked again", _in_holding(
        "check_still_owed", ("for number in draft.invoice_numbers:", "for number in ():"),
    )),
    Mutant("payments from outside are not looked for", _in_holding(
        "check_not_paid_elsewhere", ("if not wanted:", "if True:"),
    )),
    Mutant("references are compared loosely: every charge counts as ours", _in_holding(
        "_taken_off", ("payment = payment_of(self._ledger, charge)", "return True"),
    )),
    Mutant("the approval is shown before it is on disk", _in_authorize(
        "_record", ("try:", "if isinstance(outcome, Approved):\n        return replace(payment, "
                            "state=State.AUTHORIZED, processor_ref=outcome.processor_ref)\n    try:"),
    )),
    Mutant("the approval is shown though it could not be saved", _in_authorize(
        "_read_back", ("if not recorded:", "if isinstance(outcome, Approved):\n        return replace("
                       "found, state=State.AUTHORIZED, processor_ref=outcome.processor_ref)\n    if not recorded:"),
    )),
    Mutant("what cannot be saved is shown as not charged", _in_authorize(
        "_read_back", ("raise NotRecorded(payment.reference, outcome) from error", "raise error"),
    )),
)  # fmt: skip

RECOVERY = (
    Mutant("the intent is not expired", in_resolve(
        "_expire", ("self._processor.expire(payment.intent_token, payment.offer_kind)", "Expiry.EXPIRED"),
    )),
    Mutant("an expiry without an answer counts", in_resolve(
        "_expire", ("except KnownError:\n        return payment", "except KnownError:\n        expiry = Expiry.EXPIRED"),
    )),
    Mutant("a refused expiry counts", in_resolve(
        "_expire", ("if expiry is Expiry.REFUSED and not self._closed_by(finding):", "if False:"),
    )),
    Mutant("there is no quiet time", in_resolve(
        "_rule_out", ("watch.closed_s + self._quiet_s", "watch.closed_s"),
    )),
    Mutant("the quiet time runs from the charge, not from the expiry", in_resolve(
        "_rule_out", ("watch.closed_s + self._quiet_s", "watch.first_s + self._quiet_s"),
    )),
    Mutant("one look without a charge releases", in_resolve(
        "_rule_out", ("if payment.expired_at is None:", "return self._close(payment, finding)\n"
                                                        "    if payment.expired_at is None:"),
    )),
    Mutant("a lost decline is believed at once", in_resolve(
        "_ask", ("case Approved():", "case Approved() | Declined():"),
        ("case NoCharge() | Declined():", "case NoCharge():"),
    )),
    Mutant("an intent that expired before is closed without quiet", in_resolve(
        "_expire", ("or expiry is Expiry.BEFORE", "and expiry is Expiry.BEFORE"),
    )),
    Mutant("recovery declines what it cannot find", in_resolve(
        "_ask", ("case Unclear():\n            return payment",
                 "case Unclear():\n            return self._ledger.record("
                 "payment, Declined('', 'no'), self._receipt_for)"),
    )),
    Mutant("patience runs out: unknown for long is not charged", in_resolve(
        "_ask", ("case Unclear():\n            return payment",
                 "case Unclear() if age_s < 300:\n            return payment\n        case Unclear():\n"
                 "            return self._ledger.not_charged(payment.id, 'no answer')"),
    )),
    Mutant("a hold is never given back", in_resolve(
        "_resolve_by_state", ("if found.owner_alive and age_s < HOLD_LEASE_S:", "if True:"),
    )),
    Mutant("a hold is given back though it was submitted meanwhile", both(
        in_resolve("_resolve_by_state", ("unless_submitted=True", "unless_submitted=False")),
        instead(resolve, "HOLD_LEASE_S", 0.0),
    )),
    Mutant("a charge without a living sender is never asked about", in_resolve(
        "_resolve_by_state", ("if found.owner_alive and age_s < SUBMITTED_LEASE_S:", "if True:"),
    )),
    Mutant("a sent charge of a dead desk is released", in_resolve(
        "_resolve_by_state",
        ("payment = self._ledger.record(payment, gone, self._receipt_for)",
         "payment = self._ledger.release(payment.id, gone.why)"),
    )),
    Mutant("the age of a payment is the wall clock's", in_resolve(
        "_resolve", ("max(found.age_s, now_s - watch.first_s)", "found.age_s"),
    )),
    Mutant("a charge in the list is taken for any payment", both(
        in_resolve("_find", ("_may_be_of(charge, payment)", "charge.reference")),
        edited(reconcile, reconcile, "approval_of", ("is_of(charge, payment) and ", "")),
        lambda patch: patch.setattr(resolve, "approval_of", reconcile.approval_of),
    )),
    Mutant("late charges are not watched for", edited(
        reconcile, Reconcile, "_compare", ("if payment is not None and payment.state in NOT_TAKEN:", "if False:"),
    )),
    Mutant("only charges ruled out by looking can be late", edited(
        reconcile, Reconcile, "_compare", ("payment.state in NOT_TAKEN:", "payment.state == 'not_charged':"),
    )),
)  # fmt: skip

LEDGER = (
    Mutant("an invoice can be held twice", both(
        instead(charges, "_check_free", lambda *_: None),
        in_charges("_hold_invoices", ('"open": True}', '"open": not any(one["open"] for one in beside.get(number, ()))}')),
    )),
    Mutant("what is owed is not checked", instead(charges, "_check_owed", lambda *_: None)),
    Mutant("what is owed is not checked again at the submit", in_charges(
        "submit", ("_check_lines(payment.draft, beside, fresh)", "pass"),
    )),
    Mutant("our own payments are not taken off", edited(
        charges, charges, "_check_owed", ("balance - not_contained(taken, balance, read_at)", "balance"),
    )),
    Mutant("a posting counts as contained in every later balance", edited(
        balance_due, balance_due, "_contains", ("return balance <= left or", "return True or"),
    )),
    Mutant("unknown closes the holds", in_charges(
        "_record",
        ("move(on, connection, payment, State.UNKNOWN",
         "close_holds(connection, payment.id)\n                move(on, connection, payment, State.UNKNOWN"),
    )),
    Mutant("a decline leaves the holds open", in_charges(
        "_end", ("close_holds(connection, payment.id)", "state is State.DECLINED or close_holds(connection, payment.id)"),
    )),
    Mutant("a release leaves the holds open", in_charges(
        "_end", ("close_holds(connection, payment.id)", "state is State.RELEASED or close_holds(connection, payment.id)"),
    )),
    Mutant("a payment moves from any state to any other", in_move(
        ("if new not in NEXT[payment.state]:", "if False:"),
    )),
    Mutant("that another desk was faster is not noticed", in_move(
        ("if swapped.rowcount != 1:", "if False:"),
    )),
    Mutant("a move writes no event", in_move(
        ("on.event(connection, payment.id, EventKind.of(new), now, **said, **detail)", "pass"),
    )),
    Mutant("the charge attempt is not recorded", in_charges(
        "submit", ('connection.execute(queries.INSERT_ATTEMPT, {"payment_id": payment.id, "started_at": now})', "pass"),
    )),
    Mutant("the intent's token is not recorded", in_charges("submit", ('"intent_token": token', "'intent_token': ''"))),
    Mutant("the receipt is not part of the transaction", in_charges(
        "_approve", ('connection.execute(queries.INSERT_RECEIPT, '
                     '{"payment_id": payment.id, "number": number, "body": body})', "pass"),
    )),
    Mutant("the posting is not part of the transaction", in_charges(
        "_approve", ("connection.execute(queries.INSERT_POSTING, posting)", "pass"),
    )),
    Mutant("an approval recorded again takes a new receipt number", in_charges(
        "_record", ("case Approved() if payment.state in PAID:",
                    "case Approved() if payment.state in PAID:\n"
                    "                connection.execute(sa.update(schema.receipt).where("
                    "schema.receipt.c.payment_id == payment.id).values(number="
                    "f'R-{connection.execute(queries.COUNT_RECEIPT).scalar_one():06d}'))"),
    )),
    Mutant("a late charge is dropped", in_charges(
        "_record", ("case Approved():", "case Approved() if payment.state in NOT_TAKEN:\n                pass\n"
                                        "            case Approved():"),
    )),
    Mutant("what was quoted is recorded, not what was charged", in_charges(
        "_approve", ("charged=outcome.charged,", "charged=payment.draft.quote.total,"),
    )),
    Mutant("the fee is counted into the lines", edited(
        receipts, Letterhead, "receipt_for",
        ("subtotal=draft.quote.subtotal", "subtotal=draft.quote.total"), ("fee=fee", "fee=ZERO"),
    )),
)  # fmt: skip

GATEWAY = (
    Mutant("an error 500 is a decline", _in_answers(
        "to_outcome", ('return Unclear(f"AndDone answered with error {reply.status}.")', "return Declined('', 'no')"),
    )),
    Mutant("an answer that is not understood is a decline", _in_answers(
        "to_outcome", ("except WrongAnswer as wrong:", "except WrongAnswer:\n        return Declined('', 'no')\n"
                                                       "    except AttributeError as wrong:"),
    )),
    Mutant("an error 500 means that there is no charge", _in_answers(
        "to_finding", ('return Unclear(f"AndDone answered with error {reply.status}.")', "return NoCharge()"),
    )),
    Mutant("a broken connection is surely not sent", edited(
        processor, processor.AndDone, "pay", ("return Unclear(", "return (lambda why, *_: NotSent(why))("),
    )),
    Mutant("a duplicate notice is a decline", _in_answers(
        "to_outcome", ("refusal = names.PAYMENT_REFUSALS.get(key)", "refusal = key"),
    )),
    Mutant("the reference in the answer is not compared", _in_answers(
        "_doubt", ("if text != request.title]", "if False]"),
    )),
    Mutant("the amount in the answer is not compared", _in_answers(
        "_doubt", ("if other is not None:", "if False:"),
    )),
    Mutant("another currency is taken for dollars", _in_answers(
        "_doubt", ('not in ("", "USD")', "is None"),
    )),
    Mutant("an unknown status is an approval", _in_answers(
        "_decided", ("if found.status in taken and", "if found.status not in names.REFUSED and"),
    )),
    Mutant("every refusal to expire counts as expired", instead(
        names, "EXPIRIES", dict.fromkeys(names.EXPIRIES, Expiry.EXPIRED)
    )),
    Mutant("an intent that expired before counts as expired now", instead(
        names, "EXPIRIES",
        {**names.EXPIRIES, "Key_PaymentIntentAlreadyExpired": Expiry.EXPIRED},
    )),
)  # fmt: skip

_LOST = "case Unclear():\n            return self._ledger.payment(payment.id)"

VOIDS = (
    Mutant("a void without an answer is taken for done", _in_voids(
        "_send", (_LOST, "case Unclear():\n            return self._ledger.voided(payment.id)"),
    )),
    Mutant("a void without an answer is taken for refused", _in_voids(
        "_send", (_LOST, "case Unclear():\n            return self._ledger.not_voided(voiding.attempt, 'no answer', Reason.NONE)"),
    )),
    Mutant("a void is asked for before the commit", _in_voids(
        "void", ("voiding = self._begin(payment_id, reason)",
                 "self._processor.void(self._ledger.payment(payment_id).processor_ref, reason)\n"
                 "        voiding = self._begin(payment_id, reason)"),
    )),
    Mutant("a refused void is believed without a look at the charge", _in_voids(
        "_refused", ("match self._status(payment):", "match ChargeStatus.VOIDABLE:"),
        ("case ChargeStatus.VOIDABLE if refused.final:", "case ChargeStatus.VOIDABLE:"),
    )),
    Mutant("a void without an answer is never asked about", _in_voids(
        "resolve", ("if theirs or payment.id in self._sending:", "if True:"),
    )),
    Mutant("a settled charge is voided all the same", _in_voids(
        "_resolve", ("return self._ledger.not_voided(voiding.attempt, words.TOO_LATE, Reason.VOID_TOO_LATE)", "return self._ledger.voided(payment.id)"),
    )),
    Mutant("what is canceled in the portal is not noticed", edited(
        reconcile, Reconcile, "_canceled", ("payment.state in VOIDABLE", "False"),
    )),
    Mutant("an invoice is free while its payment is being voided", instead(
        queries, "PAID_STATES", [state for state in queries.PAID_STATES if state != "voiding"],
    )),
    Mutant("a receipt that waits is posted after the void", both(
        _in_void_ledger("_record", (
                "withdraw_unposted(on, connection, payment.id, now, asked=asked)", "pass"
            )),
        instead(outbox, "_NOT_GIVEN_BACK", sa.true()),
        edited(post, post, "_hindrance", ("payment.state not in PAID", "payment.state not in PAID | {State.VOIDED}")),
    )),
    Mutant("a receipt is posted while its payment is being voided", both(
        instead(outbox, "_NOT_GIVEN_BACK", sa.true()),
        edited(post, Post, "step", ("(State.VOIDING, State.LATE)", "(State.LATE,)")),
    )),
    Mutant("a late charge that cannot be voided is no alarm any more", _in_void_ledger(
        "not_voided", ('State(void["before"])', "State.AUTHORIZED"),
    )),
    Mutant("the void's receipt is not part of the transaction", _in_void_ledger(
        "_record", ("self._write_receipt(connection, payment, now)", "pass"),
    )),
    Mutant("an error 500 is a void", _in_answers(
        "to_void_outcome", ('return Unclear(f"AndDone answered with error {reply.status}.")', "return Voided()"),
    )),
    Mutant("an unknown status means canceled", _in_answers(
        "to_charge_status", ("ChargeStatus.UNCLEAR)", "ChargeStatus.CANCELED)"),
    )),
)  # fmt: skip

MUTANTS = (*SENDER, *RECOVERY, *LEDGER, *GATEWAY, *VOIDS)


def main() -> None:
    """Print which history is the first to find each bug, for SEEDS."""
    for mutant in MUTANTS:
        with planted(mutant):
            print(f'    "{mutant.name}": {found_by(range(1, 2001))},', flush=True)


if __name__ == "__main__":
    main()
