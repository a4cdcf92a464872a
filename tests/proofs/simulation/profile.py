"""The fault profile of a history: the kinds of faults and their rates, different in each history.

A profile with a few frequent kinds reaches deeper than one with many rare kinds. Half of the histories aim
one kind at one place, so that rare places are hit as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from paydesk.sandbox.anddone.habits import HABITS_OF_PAYMENTS, Habit
from tests.proofs.simulation.chance import Chance

LEDGER_CALLS = ("hold", "submit", "record", "release", "find", "payment", "undecided", "mark_expired",
                "not_charged")  # fmt: skip
COMMITS = ("hold", "submit", "record", "record", "record", "release", "mark_expired", "not_charged")
VOID_CALLS = ("begin_void", "voided", "not_voided")
NETWORK_CALLS = ("intent", "pay", "details", "expire", "list")

TRANSACTIONS = ("hold", "submit", "record", "release", "mark_expired", "not_charged", *VOID_CALLS, "take",
                "record_outcome")  # fmt: skip
CALLS = ("agency", *NETWORK_CALLS, "void", "post")
POINTS: tuple[tuple[str, str], ...] = (
    *(("crash", f"commit {name}.{side}") for name in TRANSACTIONS for side in ("before", "after")),
    *((kind, name) for name in TRANSACTIONS for kind in ("commit_fails", "commit_unsure")),
    *((kind, f"{name}.{side}") for name in TRANSACTIONS for side in ("before", "after")
      for kind in ("crash", "suspend")),
    *((kind, f"{name}.{side}") for name in CALLS for side in ("sent", "answered")
      for kind in ("crash", "suspend")),
)  # fmt: skip
"""Every place where a transaction or call can fail: before it, after it, and in its COMMIT."""
AIMED, AIMED_EACH = 10_000_000, 10_000
"""First seed of the aimed histories, and the number of seeds aimed at each of these points in turn."""

OFFERING, OFFERING_HABITUALLY = 2_000_000, 3_500_000
"""First seeds of the histories with payment links and hosted pages, without and with habits."""
OFFER_CALLS = ("offer", "close_offer")

REFUNDING, REFUNDING_HABITUALLY = 1_500_000, 1_800_000
"""First seeds of the histories with refunds, without and with habits."""
REFUND_CALLS = ("begin_refund", "record_refund", "refunds_seen")
_OF_REFUNDS = (
    Habit.REFUNDS_NOT_LISTED, Habit.REFUND_WITHOUT_TEXTS, Habit.REFUND_ATTEMPT, Habit.PARTIAL_AS_REFUNDED,
    Habit.REFUND_FAILURE_REVERSED, Habit.NOT_ELIGIBLE_400,
)  # fmt: skip
"""Forms of answers about refunds."""

HABITUAL = 5_000_000
"""First seed of the histories whose processor has habits (``paydesk sandbox --habit``)."""
_NOT_PLAYED = frozenset({Habit.EXPIRY_OTHER_WORDS, Habit.EXPIRY_WITHOUT_WORDS, Habit.DECLINE_CLOSES_INTENT})
"""Without the vendor's own words, no expiry is ever confirmed. The last has its own profile."""
_OF_OFFERS = (
    Habit.LINK_WITHOUT_ECHO, Habit.LINK_ENABLED, Habit.FAILED_TRY_INITIATED, Habit.UNDER_WAY_TOLD,
    Habit.DETAILS_OF_FIRST_TRY, Habit.LINK_SUMS_WITH_FEE, Habit.LINK_PAYMENT_WITHOUT_TITLE,
    Habit.LINK_PAYMENT_WITHOUT_ID, Habit.EXPIRY_REFUSED_AFTER_TRY,
)  # fmt: skip
"""Forms of answers about links and pages. Those that break AndDone's word are left out."""
_OF_ROWS = frozenset({"cents", "dates", "enums", "fee", "status"})

RATES: Mapping[str, tuple[float, ...]] = {
    "crash": (0.003, 0.01, 0.03),
    "suspend": (0.003, 0.01, 0.03),
    "stall": (0.01, 0.05, 0.2),
    "our_fault": (0.1, 0.3),
    "commit_fails": (0.02, 0.08, 0.3),
    "commit_unsure": (0.02, 0.08, 0.3),
    "ledger_away": (0.01, 0.05),
    "refuse": (0.05, 0.2),
    "lose_request": (0.05, 0.2, 0.5),
    "lose_reply": (0.05, 0.2, 0.5),
    "late": (0.05, 0.2, 0.5),
    "twice": (0.05, 0.2, 0.5),
    "garble": (0.05, 0.2, 0.5),
    "slow": (0.1, 0.5),
    "agency_away": (0.05, 0.3),
    "breaks_word": (0.3, 1.0),
}
"""Possible rates of each kind of fault while it is on."""

_SPARED = frozenset({"hold", "submit", "intent", "list", "agency", "offer", "link"})
"""Calls with rarer faults, because they precede the charge and few payments would get past them."""
_ABOUT_CHARGES = frozenset({"late", "twice", "lose_request", "lose_reply"})
_ON = {"breaks_word": 0.0, "crash": 0.4}
_USUALLY_ON = 0.25

THEMES: tuple[Mapping[str, float], ...] = (
    {},
    {},
    {"lose_reply": 0.5, "late": 0.3, "lose_request": 0.1},
    {"late": 0.6, "slow": 0.3, "shut": 0.5},
    {"twice": 0.8, "declines": 0.6, "shut": 0.5},
    {"twice": 0.9, "declines": 0.7, "lose_reply": 0.8, "slow": 0.7, "short_life": 1.0},
    {"slow": 0.7, "lose_reply": 0.3, "short_life": 1.0},
    {"breaks_word": 1.0, "late": 0.5, "twice": 0.8, "declines": 0.5},
    {"commit_fails": 0.25, "commit_unsure": 0.25, "ledger_away": 0.05, "lose_reply": 0.2},
    {"crash": 0.03, "suspend": 0.03, "lose_request": 0.4, "jumps": 1.0},
    {"stall": 0.3, "lose_reply": 0.3},
    {"garble": 0.7, "declines": 0.3},
    {"garble": 0.7, "refuse": 0.1, "shut": 0.3},
)
"""Rates that belong together. With "shut", AndDone accepts no expiry."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of one history. Times are seconds."""

    rates: Mapping[str, float]
    aim: tuple[str, str]
    """A kind, and a place where it strikes more often than not. Empty for none."""
    jumps: bool
    """True if somebody is likely to set the clocks."""
    declines: float
    declined_closes: bool
    """True if this processor closes an intent with its first decline. The desks are configured for it."""
    details_lag_s: float
    search_lag_s: float
    agency_lag_s: float
    intent_life_s: float
    """Life of an intent in seconds, 0 for the requested one."""
    longest_processing_s: float
    other_fee: bool
    """True if the processor's fee differs from the quoted one."""
    voids: bool
    """True if clerks void payments, and charges are canceled in the processor's portal."""
    void_aim: tuple[str, str]
    """A kind and a place like ``aim``, but at a step of a void."""
    offers: bool
    """True if clerks offer payments by link or page."""
    offer_aim: tuple[str, str]
    """A kind and a place like ``aim``, but at a step of an offer."""
    refunds: bool
    """True if clerks refund payments, and charges are refunded in the processor's portal."""
    refund_aim: tuple[str, str]
    """A kind and a place like ``aim``, but at a step of a refund."""
    batch_after_s: float
    """Seconds from a charge to its batch, 0 for the nightly batch."""
    habits: tuple[Habit, ...] = ()
    """The forms in which this processor answers, where no publication confirms them."""

    @property
    def keeps_word(self) -> bool:
        """True if an intent that AndDone reported as expired stays expired, as its contract says."""
        return not self.rates.get("breaks_word")

    def rate(self, kind: str, where: str) -> float:
        """Return the rate of a kind of fault at a place."""
        if (kind, where) in (self.aim, self.void_aim, self.offer_aim, self.refund_aim):
            return 0.6
        rate = self.rates.get(kind, 0.0)
        if where in _SPARED or (kind in _ABOUT_CHARGES and where not in ("pay", "void", "refund")):
            return rate * 0.1
        return rate


def draw_profile(chance: Chance) -> Profile:
    """Draw the profile of a seed."""
    theme = chance.pick(THEMES, "theme")
    rates: dict[str, float] = {
        kind: chance.pick(choices, f"rate of {kind}")
        for kind, choices in RATES.items()
        if chance.yes(_ON.get(kind, _USUALLY_ON), f"{kind} on")
    }
    rates.update(theme)
    short = theme.get("short_life", 0.0) > 0
    voids = chance.yes(0.5, "voids on")
    refunds = REFUNDING <= chance.seed < OFFERING
    drawn = Profile(
        rates=rates,
        aim=_draw_aim(chance),
        jumps=bool(theme.get("jumps")),
        declines=theme.get("declines", chance.pick((0.0, 0.1, 0.5), "declining")),
        declined_closes=chance.yes(0.1, "declined closes"),
        details_lag_s=chance.pick((0.0, 0.0, 0.0, 4.0, 45.0, 90.0), "details lag"),
        search_lag_s=chance.pick((0.0, 0.0, 5.0, 60.0, 900.0), "search lag"),
        agency_lag_s=chance.pick((0.0, 0.0, 30.0, 600.0), "agency lag"),
        intent_life_s=chance.pick((20.0, 40.0) if short else (0.0, 0.0, 90.0, 3600.0), "intent life"),
        longest_processing_s=200.0 if short else chance.pick((20.0, 70.0, 200.0), "longest processing"),
        other_fee=chance.yes(0.1, "other fee"),
        voids=voids,
        void_aim=_draw_void_aim(chance) if voids else ("", ""),
        offers=OFFERING <= chance.seed < HABITUAL,
        offer_aim=_draw_offer_aim(chance) if OFFERING <= chance.seed < HABITUAL else ("", ""),
        refunds=refunds,
        refund_aim=_draw_refund_aim(chance) if refunds else ("", ""),
        batch_after_s=_draw_batch(chance, voids=voids, refunds=refunds),
        habits=_draw_habits(chance, garbled="garble" in rates)
        if REFUNDING_HABITUALLY <= chance.seed < OFFERING or OFFERING_HABITUALLY <= chance.seed < AIMED
        else (),
    )
    if chance.seed < AIMED:
        return drawn
    return _aimed(drawn, *POINTS[(chance.seed - AIMED) // AIMED_EACH % len(POINTS)])


def _draw_batch(chance: Chance, *, voids: bool, refunds: bool) -> float:
    if refunds:  # its batch is over when the refunds begin
        return chance.pick((60.0, 300.0, 600.0), "batch after")
    return chance.pick((0.0, 0.0, 950.0, 1100.0, 3600.0), "batch after") if voids else 0.0


def _draw_refund_aim(chance: Chance) -> tuple[str, str]:
    """Draw an aim at a step of a refund."""
    if chance.yes(0.3, "no refund aim"):
        return ("", "")
    kind = chance.pick(("crash", "crash", "suspend", "commit", "line", "line", "line"), "aimed refund kind")
    if kind == "commit":
        return (
            chance.pick(("commit_fails", "commit_unsure"), "refund commit"),
            chance.pick(REFUND_CALLS, "refund aim"),
        )
    if kind == "line":
        return (
            chance.pick(
                ("lose_request", "lose_reply", "late", "twice", "garble", "our_fault"), "refund line"
            ),
            "refund",
        )
    places = [f"{call}.{side}" for call in REFUND_CALLS for side in ("before", "after")]
    places += ["refund.sent", "refund.answered", "refund.answered"]
    if kind == "crash":
        places += [f"commit {call}.{side}" for call in REFUND_CALLS for side in ("before", "after")]
    return (kind, chance.pick(places, "refund aim"))


def _draw_habits(chance: Chance, *, garbled: bool) -> tuple[Habit, ...]:
    """Draw habits of AndDone's answers, at most one about each subject. Strange rows cannot be garbled."""
    by_subject: dict[str, Habit] = {}
    played: tuple[Habit, ...] = HABITS_OF_PAYMENTS
    if chance.seed < HABITUAL:
        played = (*played, *(_OF_OFFERS if chance.seed >= OFFERING else _OF_REFUNDS))
    for habit in played:
        if habit not in _NOT_PLAYED and chance.yes(0.35, f"habit {habit}"):
            by_subject.setdefault(habit.about, habit)
    if garbled:
        by_subject.pop("rows", None)
    if "rows" in by_subject:  # the emulator rewrites only rows in its own form
        by_subject = {about: habit for about, habit in by_subject.items() if about not in _OF_ROWS}
    return tuple(by_subject.values())


def _aimed(drawn: Profile, kind: str, place: str) -> Profile:
    """Return the profile with that aim, and with rarer other faults, so that it gets there."""
    lost = {"lose_request": 0.9} if "not_charged" in place or "mark_expired" in place else {}
    return replace(
        drawn,
        aim=(kind, place),
        rates={**{other: rate * 0.3 for other, rate in drawn.rates.items()}, **lost},
        voids=drawn.voids or "void" in place,
        batch_after_s=30.0 if "not_voided" in place else drawn.batch_after_s,
    )


def _draw_void_aim(chance: Chance) -> tuple[str, str]:
    if chance.yes(0.3, "no void aim"):
        return ("", "")
    kind = chance.pick(("crash", "suspend", "stall", "commit", "line", "line"), "aimed void kind")
    if kind == "commit":
        return (
            chance.pick(("commit_fails", "commit_unsure"), "void commit"),
            chance.pick(VOID_CALLS, "void aim"),
        )
    if kind == "line":
        return (
            chance.pick(("lose_request", "lose_reply", "late", "twice", "garble", "our_fault"), "void line"),
            chance.pick(("void", "void", "details"), "void aim"),
        )
    places = [f"{call}.{side}" for call in VOID_CALLS for side in ("before", "after")]
    places += ["void.sent", "void.answered", "posting.after", "take.before", "take.after"]
    if kind == "crash":
        places += [f"commit {call}.{side}" for call in VOID_CALLS for side in ("before", "after")]
    return (kind, chance.pick(places, "void aim"))


def _draw_offer_aim(chance: Chance) -> tuple[str, str]:
    """Draw an aim at a step of an offer."""
    if chance.yes(0.4, "no offer aim"):
        return ("", "")
    kind = chance.pick(("crash", "crash", "suspend", "stall", "commit", "line", "line"), "aimed offer kind")
    if kind == "commit":
        return (
            chance.pick(("commit_fails", "commit_unsure"), "offer commit"),
            chance.pick(OFFER_CALLS, "offer aim"),
        )
    if kind == "line":
        return (
            chance.pick(("lose_request", "lose_reply", "late", "twice", "garble"), "offer line"),
            chance.pick(("link", "intent", "expire", "details", "link details"), "offer aim"),
        )
    places = [f"{call}.{side}" for call in OFFER_CALLS for side in ("before", "after")]
    places += ["link.sent", "link.answered", "expire.sent", "expire.answered", "link details.answered"]
    if kind == "crash":
        places += [f"commit {call}.{side}" for call in OFFER_CALLS for side in ("before", "after")]
    return (kind, chance.pick(places, "offer aim"))


def _draw_aim(chance: Chance) -> tuple[str, str]:
    if chance.yes(0.5, "no aim"):
        return ("", "")
    kind = chance.pick(
        (
            "crash",
            "crash",
            "suspend",
            "stall",
            "commit_fails",
            "commit_unsure",
            "lose_reply",
            "late",
            "twice",
        ),
        "aimed kind",
    )
    if kind.startswith("commit"):
        return (kind, chance.pick(COMMITS, "aim"))
    if kind == "stall":
        return (kind, chance.pick(("undecided.after", "undecided.after", "list.sent", "intent.sent"), "aim"))
    if kind in ("crash", "suspend"):
        places = [f"{call}.{side}" for call in LEDGER_CALLS for side in ("before", "after")]
        places += [f"{call}.{side}" for call in NETWORK_CALLS for side in ("sent", "answered")]
        if kind == "crash":
            places += [f"commit {call}.{side}" for call in COMMITS for side in ("before", "after")]
        return (kind, chance.pick(places, "aim"))
    return (kind, chance.pick(("pay", "pay", "pay", *NETWORK_CALLS), "aim"))
