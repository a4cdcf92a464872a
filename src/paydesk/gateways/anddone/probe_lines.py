"""Compare AndDone's answers with what PayDesk assumes, one line each. Pure functions.

The readers are those of the charge itself. So a line never says that PayDesk copes where it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from paydesk import COMMAND
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.outcome import (
    Approved,
    Charge,
    Declined,
    Expiry,
    Finding,
    NoCharge,
    NotSent,
    Outcome,
    Reason,
    Unclear,
    Voided,
    VoidOutcome,
    VoidRefused,
)
from paydesk.gateways.anddone import names
from paydesk.gateways.anddone.answers import to_finding
from paydesk.gateways.anddone.expiries import expiry_in, key_in
from paydesk.gateways.anddone.transaction import NOISE
from paydesk.gateways.http.call import Reply
from paydesk.gateways.http.fields import Fields, WrongAnswer
from paydesk.services.ports.processor import ChargeRequest

COPES: Final = "No change needed."
STOP: Final = "Do not go live. Send this table to PayDesk support."
FEE_IN_ADJUSTMENT: Final = "anddone.fee_in_adjustment = true"
SEND_FEE: Final = "anddone.send_fee = true"
INTENT_MADE: Final = "200 or 201 with a token"
ENDS_ALONE: Final = "An intent that was made after all ends by itself within 5 minutes."
_ENUMS: Final = (
    "transactionStatus", "operationType", "channelType", "processMethod", "paymentType", "paymentCategory",
    "transactionOrigin",
)  # fmt: skip


class Mark(StrEnum):
    """The result of one comparison."""

    ASSUMED = "ok"
    DIFFERS = "differs"
    NOT_FOUND_OUT = "?"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. ``change`` is the setting to change, or another next step."""

    about: str
    mark: Mark
    assumed: str
    seen: str
    change: str = ""


@dataclass(frozen=True, slots=True)
class Quoted:
    """The fee that PayDesk would quote, and the fee if AndDone rounds half a cent to even."""

    fee: Money
    half_even: Money


def compared(about: str, assumed: str, seen: str, change: str) -> Line:
    """Return a line that differs if there is something to say about it."""
    return Line(about, Mark.DIFFERS if change else Mark.ASSUMED, assumed, seen, change)


def not_found_out(about: str, assumed: str, why: str) -> Line:
    """Return a line for something that this run could not see."""
    return Line(about, Mark.NOT_FOUND_OUT, assumed, "not seen", why)


# ---- without a payment ----------------------------------------------------------------------------


def created(reply: Reply, request: ChargeRequest) -> Iterator[Line]:
    """Yield the lines about a new intent."""
    made = reply.status in (200, 201) and token_in(reply)
    yield compared("New intent", INTENT_MADE, told(reply), "" if made else f"{STOP} {ENDS_ALONE}")
    if made:
        fields = reply.fields()
        title, amount = fields.text("title"), fields.money("amount", within=NOISE)
        yield _echo("Its title", title == request.title if title else None)
        yield _echo("Its amount", amount == request.draft.quote.subtotal if amount else None)


def _echo(about: str, sent: bool | None) -> Line:
    """Return the line about a field that should come back as it was sent. None: it did not come back."""
    if sent is None:
        return compared(about, "as sent", "absent", f"{COPES} PayDesk goes by the token.")
    return compared(about, "as sent", "as sent" if sent else "another", "" if sent else STOP)


def no_intent(error: KnownError, seen: str) -> Line:
    """Return the line about an intent that was refused, or whose answer did not come."""
    said = "" if seen == error.sentence else f"{error.sentence} "
    return compared("New intent", INTENT_MADE, seen, f"{said}{error.for_admin} {ENDS_ALONE}")


def token_in(reply: Reply) -> str:
    """Return the token of a new intent, or ``""``."""
    try:
        return reply.fields().text("paymentToken") if reply.status in (200, 201) else ""
    except WrongAnswer:
        return ""


def unpaid(reply: Reply, request: ChargeRequest) -> Line:
    """Return the line about the look-up of an intent that nobody paid."""
    match to_finding(reply, request):
        case NoCharge():
            change = ""
        case Unclear(code=Reason.NAMES_NO_CHARGE):
            change = f"{COPES} PayDesk then also needs the expiry and the list to be sure."
        case _:
            change = STOP
    return compared("Unpaid intent", "404 with a key", told(reply), change)


def expired(first: Reply | None, second: Reply | None) -> Iterator[Line]:
    """Yield the lines about expiring the intent, and expiring it again. None is no answer."""
    once, again = first and expiry_in(first), second and expiry_in(second)
    sure = once is Expiry.EXPIRED or again is Expiry.BEFORE
    change = f"{COPES} PayDesk asks again to be sure." if sure else f"{STOP} {ENDS_ALONE}"
    done = "200 PaymentIntent is expired successfully"
    yield compared("Expiry", done, told(first), "" if once is Expiry.EXPIRED else change)
    usual = second is not None and second.status == 400 and "errorCode" in second.fields()
    change = COPES if again is Expiry.BEFORE else STOP
    refused = "400 Key_PaymentIntentAlreadyExpired"
    yield compared("Second expiry", refused, told(second), "" if usual and change == COPES else change)


def listed(reply: Reply, page_size: int, charges: Sequence[Charge]) -> Iterator[Line]:
    """Yield the lines about a page of the list."""
    fields = reply.fields()
    total = next((count for name in names.ROW_TOTALS if (count := fields.whole(name)) is not None), 0)
    rows = sum(1 for _ in fields.rows("data"))
    full = rows >= min(total, page_size)
    yield compared(
        "List",
        f"pages of {page_size}",
        f"{rows} of {total} rows" + ("" if full else f", pages of {rows}"),
        "" if full else f"{COPES} PayDesk reads more pages.",
    )
    times = [charge.at for charge in charges if charge.at is not None]
    newest_first = len(times) > 1 and times[0] > times[-1]
    order = "newest first" if newest_first else "oldest first" if len(set(times)) > 1 else "too few to tell"
    yield compared("Its order", "oldest first", order, COPES if newest_first else "")
    odd = sum(1 for charge in charges if charge.texts)
    yield compared(
        "Its rows",
        "all readable",
        f"{odd} not readable" if odd else "all readable",
        f"{COPES} Such a row stops only payments that it may be about." if odd else "",
    )


# ---- with the test card ---------------------------------------------------------------------------


def paid(outcome: Outcome, found: Outcome | Finding) -> Line:
    """Return the line about the payment: its answer, and what a look-up found after an unclear one."""
    change = "" if isinstance(outcome, Approved) else f"{COPES} PayDesk asks again and then knows."
    seen = (
        _outcome_words(outcome)
        if outcome is found
        else f"{_outcome_words(outcome)}, then {_outcome_words(found)}"
    )
    return compared("Payment", "approved at once", seen, change if isinstance(found, Approved) else STOP)


def paid_too_late(reply: Reply | None, *, charged: bool) -> Line:
    """Return the line about a payment of an intent that was expired before."""
    return compared("Expired intent", "refuses the card", told(reply), STOP if charged else "")


def answered(
    reply: Reply | None, approved: Approved, request: ChargeRequest, quoted: Quoted | None
) -> Iterator[Line]:
    """Yield the lines about the fields of the payment's answer. None is no answer."""
    if reply is None:
        yield not_found_out("Our title", "merchantReference and referenceNo", "Run it again.")
    else:
        fields = reply.fields()
        by_number = [name for name in _ENUMS if isinstance(fields.held().get(name.lower()), int)]
        seen = f"{len(by_number)} as numbers" if by_number else "names"
        yield compared("Names", "names", seen, COPES if by_number else "")
        yield _reference(fields, request)
    yield _fee(approved)
    yield _fee_amount(approved, quoted)


def _reference(fields: Fields, request: ChargeRequest) -> Line:
    """Return the line about the fields that repeat our title."""
    echoes = {
        "merchantReference": fields.inner("transactionResult").text("merchantReference"),
        "referenceNo": fields.text("referenceNo"),
    }
    ours = [name for name, text in echoes.items() if text == request.title]
    assumed, seen = " and ".join(echoes), " and ".join(ours) or "in no field"
    return compared("Our title", assumed, seen, "" if len(ours) == 2 else COPES if ours else STOP)


def _fee(approved: Approved) -> Line:
    """Return the line about the field that tells the fee."""
    if approved.fee is not None:
        return compared("Fee", "told", f"told: {approved.fee}", "")
    if approved.named_fee is not None:
        change = f"{FEE_IN_ADJUSTMENT}, if the portal shows that fee"
        return compared("Fee", "told", f"{approved.named_fee} beside captureAmount", change)
    return compared("Fee", "told", "not told", SEND_FEE)


def _fee_amount(approved: Approved, quoted: Quoted | None) -> Line:
    """Return the line that compares the fee that was taken with the one that PayDesk would quote."""
    seen = approved.fee if approved.fee is not None else approved.named_fee
    if quoted is None:
        return not_found_out("Fee as quoted", "as in fees.credit_card", "Set the fees first.")
    if seen is None:
        return not_found_out("Fee as quoted", f"{quoted.fee}", "Compare with the portal.")
    change = f"{SEND_FEE} (rounding)" if seen == quoted.half_even else "fees.credit_card"
    return compared("Fee as quoted", f"{quoted.fee}", f"{seen}", "" if seen == quoted.fee else change)


def agrees(about: str, first: Approved, outcome: object) -> Line:
    """Return the line about a later look at the payment, which must say the same."""
    same = isinstance(outcome, Approved) and (outcome.processor_ref, outcome.charged, outcome.fee) == (
        first.processor_ref, first.charged, first.fee,
    )  # fmt: skip
    return _as_the_answer(about, same=same)


def _as_the_answer(about: str, *, same: bool) -> Line:
    assumed = "as the answer"
    return compared(about, assumed, assumed if same else "otherwise", "" if same else STOP)


def in_list(charge: Charge, approved: Approved, request: ChargeRequest) -> Line:
    """Return the line about the payment's row in the list."""
    same = (charge.fee, charge.named_fee) == (approved.fee, approved.named_fee) and charge.live
    same = same and charge.is_about(request.title) and charge.subtotal == request.draft.quote.subtotal
    return _as_the_answer("Row in the list", same=same)


def voided(outcome: VoidOutcome, processor_ref: str) -> Line:
    """Return the line about the void."""
    match outcome:
        case Voided():
            return compared("Void", "canceled", "canceled", "")
        case VoidRefused():
            seen = outcome.reason
        case _:
            seen = outcome.why
    return compared("Void", "canceled", seen, f"Void it in AndDone's portal: {processor_ref}")


def after_void(*, canceled: bool) -> Line:
    """Return the line about the payment after its void."""
    seen = "Cancelled" if canceled else "otherwise"
    return compared("After the void", "Cancelled", seen, "" if canceled else STOP)


NEEDS_A_PAYMENT: Final = tuple(
    not_found_out(about, assumed, f"On the test host: {COMMAND} doctor --anddone --test-card")
    for about, assumed in (
        ("Payment", "approved at once"),
        ("Our title", "merchantReference and referenceNo"),
        ("Fee", "told"),
        ("Void", "canceled"),
    )
)
NEVER_SEEN: Final = (
    not_found_out("Decline", "told with a reason", "No card that is declined is published."),
    not_found_out("Bank account", "authorized at once", "Take one payment on the test host."),
)


# ---- words ----------------------------------------------------------------------------------------


def told(reply: Reply | None) -> str:
    """Return an answer in a few words: its status, and its key or message."""
    if reply is None:
        return "no answer"
    try:
        fields = reply.fields()
        words = key_in(fields) or names.cleaned(fields.text("message"), 60) or _shape(fields)
    except WrongAnswer:
        words = "not JSON" if reply.body.strip() else "no body"
    return f"{reply.status} {words}".strip()


def _shape(fields: Fields) -> str:
    status = fields.held().get("transactionstatus")
    return names.cleaned(str(status), 20) if status else "" if fields.has_any() else "all null"


def _outcome_words(outcome: Outcome | Finding) -> str:
    match outcome:
        case Approved():
            return "approved"
        case Declined():
            return "declined"
        case Unclear() | NotSent():
            return outcome.why
        case _:
            return "no charge"
