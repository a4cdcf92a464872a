"""What goes wrong in one history, and how often: every history has its own mixture.

A mixture in which few kinds are frequent reaches deeper than one in which all are rare; and half
of the histories aim one kind at one place, so that rare places are hit as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.simulation.chance import Chance

LEDGER_CALLS = ("claim", "submit", "record", "release", "find", "payment", "undecided", "mark_expired",
                "not_charged")  # fmt: skip
COMMITS = ("claim", "submit", "record", "record", "record", "release", "mark_expired", "not_charged")
VOID_CALLS = ("begin_void", "voided", "not_voided")
NETWORK_CALLS = ("intent", "pay", "details", "expire", "list")

TRANSACTIONS = ("claim", "submit", "record", "release", "mark_expired", "not_charged", *VOID_CALLS, "take",
                "settle")  # fmt: skip
CALLS = ("agency", *NETWORK_CALLS, "void", "post")
POINTS: tuple[tuple[str, str], ...] = (
    *(("crash", f"commit {name}.{side}") for name in TRANSACTIONS for side in ("before", "after")),
    *((kind, name) for name in TRANSACTIONS for kind in ("commit_fails", "commit_unsure")),
    *((kind, f"{name}.{side}") for name in TRANSACTIONS for side in ("before", "after")
      for kind in ("crash", "suspend")),
    *((kind, f"{name}.{side}") for name in CALLS for side in ("sent", "answered")
      for kind in ("crash", "suspend")),
)  # fmt: skip
"""Where each transaction and each call can end badly: before and after it, and in its COMMIT."""
AIMED, AIMED_EACH = 10_000_000, 10_000
"""From this seed on, so many histories are aimed at each of these points in turn."""

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
"""How often each kind strikes where it can, when it is on at all."""

_SPARED = frozenset({"claim", "submit", "intent", "list", "agency"})
"""Before the charge faults are rarer, or few payments get that far."""
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
"""Mixtures that belong together; "shut": AndDone does not take an expiry."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One history's mixture. Times in seconds."""

    rates: Mapping[str, float]
    aim: tuple[str, str]
    """A kind and a place it strikes at more often than not; empty for none."""
    jumps: bool
    """The clocks are set, more often than not."""
    declines: float
    declined_closes: bool
    """This processor closes an intent with its first decline, and the desks are told so."""
    details_lag_s: float
    search_lag_s: float
    agency_lag_s: float
    intent_life_s: float
    """0: as long as was asked for."""
    longest_processing_s: float
    other_fee: bool
    """The processor's fee is not the one that was quoted."""
    voids: bool
    """Clerks void payments, and charges are cancelled in the processor's portal."""
    void_aim: tuple[str, str]
    """Like ``aim``, at a place of a void."""
    batch_after_s: float
    """How long after a charge its batch runs; 0: at night."""

    @property
    def keeps_word(self) -> bool:
        """Whether an intent that AndDone said was expired stays expired, as its contract has it."""
        return not self.rates.get("breaks_word")

    def rate(self, kind: str, where: str) -> float:
        """How often a kind strikes there."""
        if (kind, where) in (self.aim, self.void_aim):
            return 0.6
        rate = self.rates.get(kind, 0.0)
        if where in _SPARED or (kind in _ABOUT_CHARGES and where not in ("pay", "void")):
            return rate * 0.1
        return rate


def draw_profile(chance: Chance) -> Profile:
    """The mixture of a seed."""
    theme = chance.pick(THEMES, "theme")
    rates: dict[str, float] = {
        kind: chance.pick(choices, f"rate of {kind}")
        for kind, choices in RATES.items()
        if chance.yes(_ON.get(kind, _USUALLY_ON), f"{kind} on")
    }
    rates.update(theme)
    short = theme.get("short_life", 0.0) > 0
    voids = chance.yes(0.5, "voids on")
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
        batch_after_s=chance.pick((0.0, 0.0, 950.0, 1100.0, 3600.0), "batch after") if voids else 0.0,
    )
    if chance.seed < AIMED:
        return drawn
    return _aimed(drawn, *POINTS[(chance.seed - AIMED) // AIMED_EACH % len(POINTS)])


def _aimed(drawn: Profile, kind: str, place: str) -> Profile:
    """The mixture with that aim, and with what it takes to come there: other faults are rarer."""
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
