"""Outcomes of test cards, accounts and amounts. Documented in docs/sandbox.md.

Card numbers are test numbers that processors publish. Any other number is refused, so that a
real card typed into a training desk is never used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from paydesk.domain.money import ZERO, Money
from paydesk.sandbox.server.faults import Fault, FaultKind


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of the issuer or the bank, in raw words.

    ``status`` is AndDone's: Denied if the issuer says no, Failed if the payment could not be
    processed. ``returns_later`` is the return code of an ACH entry that is accepted first.
    """

    status: str = "Authorized"
    code: str = "00"
    words: str = "APPROVED"
    returns_later: str | None = None

    @property
    def approved(self) -> bool:
        return self.status == "Authorized"


APPROVED: Final = Outcome()

ISSUER_CODES: Final = {
    "04": "Pick up card",
    "05": "Do not honor",
    "14": "Invalid card number",
    "41": "Lost card, pick up",
    "43": "Stolen card, pick up",
    "51": "Not enough balance",
    "54": "Expired card",
    "57": "Transaction not permitted to cardholder",
    "59": "Suspected fraud",
    "61": "Exceeds withdrawal amount limit",
    "91": "Issuer unavailable",
    "96": "System malfunction",
    "N7": "CVC declined",
}
"""Response codes of ISO 8583 (N7: Visa's for a wrong security code) with processors' words."""

_FAILED_CODES = frozenset({"91", "96"})

RETURN_CODES: Final = {
    "R01": "Insufficient funds",
    "R02": "Account closed",
    "R03": "No account / unable to locate account",
    "R04": "Invalid account number structure",
    "R08": "Payment stopped",
    "R10": "Customer advises originator is not authorized",
    "R13": "Invalid ACH routing number",
    "R16": "Account frozen",
    "R20": "Non-transaction account",
    "R29": "Corporate customer advises not authorized",
}
"""Return codes of the Nacha operating rules, appendix four."""

CHARGEBACK_CODES: Final = {
    "10.4": "Other fraud: card-absent environment",
    "11.3": "No authorization",
    "12.6": "Duplicate processing",
    "13.1": "Merchandise or services not received",
    "13.2": "Canceled recurring transaction",
    "13.6": "Credit not processed",
    "13.7": "Canceled merchandise or services",
    "4837": "No cardholder authorization",
    "4853": "Cardholder dispute",
}
"""Reason codes of Visa (with a point) and Mastercard for disputes that an agency may meet."""

APPROVING_CARDS: Final = {
    "4000620000000007": "Visa",
    "4151500000000008": "Visa",
    "4111111111111111": "Visa",
    "4000056655665556": "Visa debit",
    "5555555555554444": "Mastercard",
    "2223000048400011": "Mastercard, 2-series",
    "5200828282828210": "Mastercard debit",
    "378282246310005": "American Express",
    "371449635398431": "American Express",
    "6011111111111117": "Discover",
    "6011000990139424": "Discover",
}

DECLINING_CARDS: Final = {
    "4000000000009995": "51",
    "4000000000000002": "05",
    "4000000000000069": "54",
    "4000000000000127": "N7",
    "4100000000000019": "59",
    "4000000000009987": "41",
    "4000000000009979": "43",
    "4000000000000259": "04",
    "4000000000006975": "61",
    "4000000000000119": "96",
}

WRONG_CODES: Final = frozenset({"999", "9999"})
"""Security codes that never match. Every other one does."""

OUTCOME_DOLLARS: Final = 6_666
"""Amount of 6,666 dollars, whose cents are the issuer's code (cards) or the return code (ACH)."""
FAULT_DOLLARS: Final = 7_777
"""Amount of 7,777 dollars, whose cents choose a network fault from FAULTS_BY_CENTS."""

FAULTS_BY_CENTS: Final = {
    1: Fault(FaultKind.SLOW, seconds=8),
    2: Fault(FaultKind.RESET_BEFORE),
    3: Fault(FaultKind.RESET_AFTER),
    4: Fault(FaultKind.ERROR_500_BEFORE),
    5: Fault(FaultKind.ERROR_500_AFTER),
    6: Fault(FaultKind.GATEWAY_TIMEOUT_AFTER),
    7: Fault(FaultKind.TRUNCATED_JSON),
    8: Fault(FaultKind.CUT_HEADER),
    9: Fault(FaultKind.EMPTY_BODY),
    10: Fault(FaultKind.WRONG_REFERENCE),
    11: Fault(FaultKind.WRONG_AMOUNT),
    12: Fault(FaultKind.UNKNOWN_STATUS),
    13: Fault(FaultKind.DUPLICATE_NOTICE),
    14: Fault(FaultKind.BAD_GATEWAY_AFTER),
    15: Fault(FaultKind.HANG_AFTER),
    16: Fault(FaultKind.LATE, seconds=20),
    17: Fault(FaultKind.THROTTLED),
}


def card_outcome(tender: dict[str, Any], amount: Money, now: datetime) -> Outcome:
    """Return the issuer's answer to this card. ``tender`` is AndDone's tenderInfo."""
    number = str(tender.get("cardNumber") or "")
    code = DECLINING_CARDS.get(number)
    if number not in APPROVING_CARDS and code is None:
        return Outcome("Denied", "14", "Invalid card number (the sandbox takes test cards only)")
    if code is None and _expired(str(tender.get("cardExpiry") or ""), now):
        code = "54"
    if code is None and str(tender.get("cvv") or "") in WRONG_CODES:
        code = "N7"
    return _issuer(code or _code_of(amount))


def bank_outcome(tender: dict[str, Any], amount: Money) -> Outcome:
    """Return the bank's answer: 9000000NN is refused with RNN, 9100000NN is accepted and returned later."""
    account = str(tender.get("accountNumber") or "")
    if not routing_is_valid(str(tender.get("routingNumber") or "")):
        return _bank("R13")
    if _code_of(amount):
        return _bank(f"R{_code_of(amount)}")
    if len(account) == 9 and account.startswith(("9000000", "9100000")):
        code = f"R{account[-2:]}"
        return _bank(code) if account[1] == "0" else Outcome(returns_later=code)
    return APPROVED


def scripted_fault(amount: Money) -> Fault | None:
    """Return the fault that an amount of 7,777 dollars asks for."""
    dollars, cents = divmod(amount.cents, 100)
    return FAULTS_BY_CENTS.get(cents) if dollars == FAULT_DOLLARS else None


def _code_of(amount: Money) -> str:
    dollars, cents = divmod(amount.cents, 100)
    return f"{cents:02d}" if dollars == OUTCOME_DOLLARS and cents else ""


def _issuer(code: str) -> Outcome:
    if not code:
        return APPROVED
    status = "Failed" if code in _FAILED_CODES else "Denied"
    return Outcome(status, code, ISSUER_CODES.get(code, "Declined"))


def _bank(code: str) -> Outcome:
    return Outcome("Failed", code, RETURN_CODES.get(code, "Returned"))


def _expired(expiry: str, now: datetime) -> bool:
    """Return True if MMYY is before the current month. A card is good to the end of its month."""
    if len(expiry) != 4 or not expiry.isdecimal():
        return True
    return (int(expiry[2:]) + 2000, int(expiry[:2])) < (now.year, now.month)


def words_of(code: str) -> str:
    """Return the words for the code of a return or a chargeback."""
    return RETURN_CODES.get(code) or CHARGEBACK_CODES.get(code) or "Returned"


def is_debit(number: str) -> bool:
    """Return True if this is one of the debit test cards."""
    return "debit" in APPROVING_CARDS.get(number, "")


def account_status(account: str, routing: str) -> str:
    """Return AndDone's answer to a bank-account check: Valid, Closed or Invalid."""
    if not routing_is_valid(routing):
        return "Invalid"
    outcome = bank_outcome({"accountNumber": account, "routingNumber": routing}, ZERO)
    return {"00": "Valid", "R02": "Closed"}.get(outcome.code, "Invalid")


def routing_is_valid(routing: str) -> bool:
    """Check the ABA check digit: weights 3, 7, 1 over nine digits add up to a multiple of ten."""
    if len(routing) != 9 or not routing.isdecimal():
        return False
    return sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=True)) % 10 == 0
