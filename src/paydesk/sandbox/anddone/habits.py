"""Habits of AndDone's answers that no publication confirms, one declaration each.

Without habits the emulator answers in the way PayDesk took for likely first. A habit changes one thing of
it to another way that the vendor's samples, its documents or a public integration show. PayDesk's books must
come out the same with every one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, Self


class Habit(StrEnum):
    """One habit: its name, the subject of which only one habit can be on, and one sentence."""

    about: str
    sentence: str

    def __new__(cls, name: str, about: str, sentence: str) -> Self:
        habit = str.__new__(cls, name)
        habit._value_, habit.about, habit.sentence = name, about, sentence
        return habit

    @property
    def area(self) -> str:
        """The operations that it is about: payment, page, link, refund or dispute."""
        area, separator, _ = self.about.partition(": ")
        return area if separator else "payment"

    FEE_IN_ADJUSTMENT = (
        "fee-in-adjustment", "fee",
        "The fee is in adjustmentAmount, and captureAmount leaves it out, as in the published samples.",
    )  # fmt: skip
    FEE_IN_CAPTURE = "fee-in-capture", "fee", "captureAmount includes the fee, and no other field tells it."
    FEE_IN_CONVENIENCE = (
        "fee-in-convenience", "fee",
        "The fee is in convenienceAmount, beside an adjustmentAmount of 0.",
    )  # fmt: skip
    FEE_NOT_TOLD = "fee-not-told", "fee", "No field tells the fee."
    FEE_UNROUNDED = "fee-unrounded", "cents", "Fees and totals carry fractions of a cent, like 183.6782."
    NOISY_AMOUNTS = (
        "noisy-amounts", "cents", "Fees and totals carry the noise of doubles, like 184.32999999999998.",
    )  # fmt: skip
    HALF_EVEN_ROUNDING = "half-even-rounding", "rounding", "The fee is rounded half to even."
    ENUMS_AS_INTEGERS = (
        "enums-as-integers", "enums", "All names but the status come as numbers in their published order.",
    )  # fmt: skip
    STATUS_AS_INTEGER = "status-as-integer", "status", "The status of a payment comes as a number."
    CREATED_201 = "created-201", "created", "A new intent is answered 201 instead of 200."
    INTENT_WITHOUT_ECHO = (
        "intent-without-echo", "echo",
        "A new intent is answered by its token alone, without title or amount.",
    )  # fmt: skip
    OWN_REFERENCE_NUMBER = (
        "own-reference-number", "reference",
        "referenceNo is AndDone's own number, and our title is in merchantReference.",
    )  # fmt: skip
    NO_MERCHANT_REFERENCE = (
        "no-merchant-reference", "reference", "Our title is in referenceNo alone.",
    )  # fmt: skip
    NOT_FOUND_EMPTY_404 = (
        "not-found-as-empty-404", "nothing",
        "An unpaid intent, or an unknown link, is looked up as a 404 without a body.",
    )  # fmt: skip
    NOT_FOUND_BARE_404 = (
        "not-found-as-bare-404", "nothing",
        "An unpaid intent, or an unknown link, is looked up as a 404 with a message and no key.",
    )  # fmt: skip
    NOT_FOUND_400 = (
        "not-found-as-400", "nothing", "An unpaid intent is looked up as a 400 with a key.",
    )  # fmt: skip
    NOT_FOUND_NULLS_200 = (
        "not-found-as-nulls-200", "nothing", "An unpaid intent is looked up as a 200 full of nulls.",
    )  # fmt: skip
    NOT_FOUND_CREATED_200 = (
        "not-found-as-created-200", "nothing",
        "An unpaid intent is looked up as a 200 with the status Created and no transaction.",
    )  # fmt: skip
    EXPIRY_REFUSED_404 = "expiry-refused-404", "refusal", "A refused expiry is a 404 with its key."
    EXPIRY_REFUSED_500 = "expiry-refused-500", "refusal", "A refused expiry is a 500 with its key."
    EXPIRY_KEY_IN_MESSAGE = (
        "expiry-key-in-message", "refusal",
        "A refused expiry names its key in the message, not in errorCode.",
    )  # fmt: skip
    EXPIRED_AGAIN_200 = (
        "expired-again-200", "refusal",
        "A second expiry is a 200 that says the intent is already expired.",
    )  # fmt: skip
    EXPIRY_OTHER_WORDS = "expiry-other-words", "expiry", "An expiry is confirmed in other words."
    EXPIRY_WITHOUT_WORDS = "expiry-without-words", "expiry", "An expiry is a 200 without any words."
    DECLINE_IN_ADDITION_DATA = (
        "decline-in-addition-data", "decline",
        "A declined payment is Failed, and its reason is in additionResultData alone.",
    )  # fmt: skip
    DECLINE_CLOSES_INTENT = (
        "decline-closes-intent", "declined", "A declined intent cannot be paid again, nor expired.",
    )  # fmt: skip
    PENDING_ACH = (
        "pending-ach", "ach", "A bank account's payment is PendingForAuthorized until the batch runs.",
    )  # fmt: skip
    LIST_PAGES_OF_10 = "list-pages-of-10", "pages", "A page of the list has at most 10 rows."
    LIST_NEWEST_FIRST = "list-newest-first", "order", "The list comes newest first, whatever was asked for."
    OLDER_ROW_COUNT = "older-row-count", "count", "The number of rows is named totalRowCounts."
    STRANGE_ROWS = (
        "strange-rows", "rows",
        "The list has payments of others that no sample is like: amounts as text, other dates, no number.",
    )  # fmt: skip
    PAID_AGAIN = "paid-again", "page: again", "An intent or link that is paid can be paid again."
    EXPIRES_WHILE_PAYING = (
        "expires-while-paying", "page: expiry",
        "An expiry is confirmed while a payment is under way, and the payment is made all the same.",
    )  # fmt: skip
    DEBIT_AS_CREDIT = (
        "debit-as-credit", "page: debit",
        "A page that takes credit cards alone charges a debit card as a credit card.",
    )  # fmt: skip
    LINK_WITHOUT_ECHO = (
        "link-without-echo", "link: echo", "A new link is answered by its id, address and status alone.",
    )  # fmt: skip
    LINK_ENABLED = "link-enabled", "link: status", "An unpaid link is Enabled instead of Created."
    FAILED_TRY_INITIATED = (
        "failed-try-initiated", "link: failed", "A link stays PaymentInitiated after a failed try.",
    )  # fmt: skip
    UNDER_WAY_TOLD = (
        "under-way-told", "page: under way",
        "A payment under way is told by details and by its link, with the status Created.",
    )  # fmt: skip
    DETAILS_OF_FIRST_TRY = (
        "details-of-first-try", "page: details",
        "Details by token show the first try, even if a later one was accepted.",
    )  # fmt: skip
    LINK_FEE_IGNORED = (
        "link-fee-ignored", "link: fee",
        "The fee of a link's order is ignored, and the merchant's is charged.",
    )  # fmt: skip
    LINK_SUMS_WITH_FEE = (
        "link-sums-with-fee", "link: sums", "The amounts of a link's payments include the fee.",
    )  # fmt: skip
    LINK_PAYMENT_WITHOUT_TITLE = (
        "link-payment-without-title", "link: row",
        "A link's payment has no reference of ours. Only its paymentLinkId leads to the link.",
    )  # fmt: skip
    LINK_PAYMENT_WITHOUT_ID = (
        "link-payment-without-id", "link: row", "A link's payment has our title, and no paymentLinkId.",
    )  # fmt: skip
    LINK_CHANGE_REVIVES = (
        "link-change-revives", "link: change", "A change of an expired link opens it again.",
    )  # fmt: skip
    EXPIRY_REFUSED_AFTER_TRY = (
        "expiry-refused-after-try", "page: tried", "After a failed try, an intent or link cannot be expired.",
    )  # fmt: skip
    RETURN_REOPENS_LINK = (
        "return-reopens-link", "link: return", "A link whose payment is returned can be paid again.",
    )  # fmt: skip
    RETURN_AS_CHARGEBACK = (
        "return-as-chargeback", "dispute: return", "A returned bank payment is Chargeback, not Returned.",
    )  # fmt: skip
    PAID_WORDS = (
        "paid-words", "dispute: words",
        "Settled payments are Paid, and later PaidRefunded, PaidChargeback or PaidChargebackReversed.",
    )  # fmt: skip
    REFUNDS_NOT_LISTED = "refunds-not-listed", "refund: list", "The list has no rows of refunds."
    REFUND_LIST_CUT = (
        "refund-list-cut", "refund: details",
        "Details show the newest refund alone, and totalRowCount counts them all.",
    )  # fmt: skip
    REFUND_WITHOUT_TEXTS = (
        "refund-without-texts", "refund: texts",
        "The reason, detail, remarks and references sent with a refund do not come back.",
    )  # fmt: skip
    REFUND_ATTEMPT = (
        "refund-attempt", "refund: status", "A payment is RefundAttempt until its refund is done.",
    )  # fmt: skip
    PARTIAL_AS_REFUNDED = (
        "partial-as-refunded", "refund: partial", "A payment is Refunded after a partial refund, too.",
    )  # fmt: skip
    REFUND_FAILURE_REVERSED = (
        "refund-failure-reversed", "refund: failure",
        "After a failed refund, its payment is RefundedReversed instead of Success.",
    )  # fmt: skip
    NOT_ELIGIBLE_400 = (
        "not-eligible-400", "refund: eligibility",
        "A payment that cannot be refunded yet is a 400 with its key, not an answer that says false.",
    )  # fmt: skip
    DATES_ISO = "dates-iso", "dates", "Dates are written like 2026-05-18T16:10:02Z."
    DATES_US = "dates-us", "dates", "Dates are written like 5/18/2026 4:10:02 PM."


HABITS_OF_PAYMENTS: Final = tuple(habit for habit in Habit if habit.area == "payment")
"""Habits that show in payments by intent. The others are about pages, links, refunds and disputes."""


class Habits:
    """The habits that are on. Threads may read while one changes them, because the set is replaced whole."""

    def __init__(self, on: Iterable[Habit] = ()) -> None:
        self.set(on)

    def set(self, on: Iterable[Habit]) -> None:
        """Switch these on and all others off. Raises ValueError for two about one subject."""
        by_subject: dict[str, Habit] = {}
        for habit in on:
            other = by_subject.setdefault(habit.about, habit)
            if other is not habit:
                raise ValueError(f"{other} and {habit} exclude each other")
        self._on = tuple(by_subject.values())

    def __contains__(self, habit: Habit) -> bool:
        return habit in self._on

    def __iter__(self) -> Iterator[Habit]:
        return iter(self._on)


def habit_named(name: str) -> Habit:
    """Return the habit of this name. Raises ValueError."""
    found = next((habit for habit in Habit if habit == name), None)
    if found is None:
        raise ValueError(f"There is no habit {name}")
    return found


def listed() -> str:
    """Return all habits, a line each, for the terminal."""
    width = max(map(len, Habit))
    return "\n".join(f"{habit.value:<{width}}  {habit.sentence}" for habit in Habit)
