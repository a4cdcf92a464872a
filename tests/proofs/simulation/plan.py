"""The plan of one history: people's actions and outages, drawn before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from tests.proofs.simulation.chance import Chance


@dataclass(frozen=True, slots=True)
class Pay:
    """A clerk takes a payment of the invoices ``numbers``. ``part`` is 1 for the full amounts."""

    at_s: float
    desk: int
    numbers: tuple[str, ...]
    part: float
    thinks_s: float
    again: int
    """Number of retries after a "no"."""
    double: tuple[float, int] | None
    """A second click after so many seconds, at this desk or another."""


@dataclass(frozen=True, slots=True)
class PayOutside:
    """The customer pays by link or portal, and AMS360 gets the payment later."""

    at_s: float
    number: str
    part: float
    entered_after_s: float


@dataclass(frozen=True, slots=True)
class Away:
    """AndDone, AMS360 or one desk's network is unreachable."""

    at_s: float
    seconds: float
    what: str
    desk: int


@dataclass(frozen=True, slots=True)
class Jump:
    """Somebody sets the wall clock of a desk, or the ledger's, to another time."""

    at_s: float
    desk: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Kill:
    """A desk's process ends, and restarts after a while."""

    at_s: float
    desk: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody asks AndDone about everything, now."""

    at_s: float
    desk: int


@dataclass(frozen=True, slots=True)
class Void:
    """A clerk voids one of the newest payments."""

    at_s: float
    desk: int
    which: int
    again: bool
    """True if the invoice is paid once more after the void."""
    double: tuple[float, int] | None
    """A second void of it after so many seconds, at this desk or another."""


@dataclass(frozen=True, slots=True)
class CancelOutside:
    """Somebody cancels one of our charges in the processor's portal."""

    at_s: float
    which: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A clerk refunds one of the newest payments, once AndDone lets it."""

    at_s: float
    desk: int
    which: int
    part: float
    """Share of the subtotal, 1 for all that is left, 0 for all but the fee."""
    double: tuple[float, int] | None
    """A second refund of it after so many seconds, at this desk or another."""
    again: bool
    """True if it is asked for once more after a "no"."""


@dataclass(frozen=True, slots=True)
class RefundOutside:
    """Somebody refunds one of our charges in the processor's portal."""

    at_s: float
    which: int
    part: float


@dataclass(frozen=True, slots=True)
class FailRefund:
    """A refund that AndDone has accepted fails."""

    at_s: float
    which: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody pays at an address, so many seconds after it was shown."""

    after_s: float
    declined: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A clerk offers the invoices ``numbers`` at an address."""

    at_s: float
    desk: int
    numbers: tuple[str, ...]
    part: float
    hosted: bool
    life_s: int
    visits: tuple[Visit, ...]
    back_after_s: float
    """Seconds until somebody takes it back, 0 for never."""
    back_at: tuple[int, int]
    """The desk that takes it back, and another that does so a moment later (-1 for none)."""


Action = (
    Pay | Offer | PayOutside | Away | Jump | Kill | Ask | Void | CancelOutside | Refund | RefundOutside
    | FailRefund
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of a history that is drawn before it runs."""

    desks: int
    debts: tuple[tuple[str, int], ...]
    actions: tuple[Action, ...]


def draw_plan(
    chance: Chance, *, jumps: bool, voids: bool, offers: bool = False, refunds: bool = False
) -> Plan:
    """Draw the plan of a seed: few invoices and desks, so that they conflict."""
    desks = chance.pick((1, 2, 2, 3), "desks")
    debts = tuple(
        (str(50100 + place), chance.whole(100, 90_000, "owed"))
        for place in range(chance.pick((1, 1, 2, 3), "bills"))
    )
    numbers = tuple(number for number, _ in debts)
    crowd_s = chance.pick((2.0, 30.0, 300.0), "crowd")
    actions: list[Action] = [
        _draw_pay(chance, desks, numbers, crowd_s) for _ in range(chance.whole(1, 4, "payments"))
    ]
    if offers:
        actions += [_draw_offer(chance, desks, numbers, crowd_s) for _ in range(chance.whole(1, 3, "offers"))]
    if chance.yes(0.3, "outside"):
        actions.append(
            PayOutside(
                chance.between(0, crowd_s * 1.2, "outside at"),
                chance.pick(numbers, "outside"),
                chance.pick((1.0, 0.4), "outside part"),
                chance.pick((0.5, 5.0, 60.0, 40_000.0), "entered"),
            )
        )
    for what, share in (("AndDone", 0.15), ("AMS360", 0.1), ("network", 0.15)):
        if chance.yes(share, f"{what} away"):
            span = chance.pick((3.0, 60.0, 800.0), f"{what} away for")
            actions.append(
                Away(
                    chance.between(0, crowd_s * 2, f"{what} away at"),
                    span,
                    what,
                    chance.whole(0, 2, "cut off"),
                )
            )
    for _ in range(chance.pick((1, 2) if jumps else (0, 0, 0, 1), "jumps")):
        span = chance.pick((-36_000.0, -36_000.0, -3600.0, 700.0, 3600.0, 36_000.0), "jump")
        actions.append(
            Jump(chance.between(0, crowd_s * 3, "jump at"), chance.pick((-1, -1, 0, 1, 2), "jumping"), span)
        )
    actions += [
        Kill(chance.between(0, crowd_s * 2, "kill at"), chance.whole(0, 2, "killed"))
        for _ in range(chance.pick((0, 0, 0, 1, 2), "kills"))
    ]
    actions += [
        Ask(chance.between(0, crowd_s, "ask at"), chance.whole(0, 2, "asks"))
        for _ in range(chance.pick((0, 0, 1, 2), "asks"))
    ]
    if voids:
        actions += [_draw_void(chance, desks, crowd_s) for _ in range(chance.pick((1, 2, 2, 3), "voids"))]
        late_s = crowd_s * 3 + 60
        actions += [
            CancelOutside(chance.between(0, late_s, "canceled at"), chance.whole(0, 3, "canceled"))
            for _ in range(chance.pick((0, 1), "cancels"))
        ]
    if refunds:
        actions += _draw_refunds(chance, desks, crowd_s)
    return Plan(desks, debts, tuple(actions))


def _draw_refunds(chance: Chance, desks: int, crowd_s: float) -> list[Action]:
    """Draw refunds in three rounds, days apart: AndDone refunds a payment once in 24 hours."""
    actions: list[Action] = []
    for day in range(chance.pick((1, 1, 2, 3), "rounds of refunds")):
        start_s = crowd_s * 2 + 600 + day * 90_000
        for _ in range(chance.pick((1, 1, 2), "refunds of a round")):
            double = None
            if chance.yes(0.4, "refund twice"):
                double = (chance.between(0, 3, "refund twice after"), chance.whole(0, desks - 1, "twice at"))
            actions.append(
                Refund(
                    at_s=start_s + chance.between(0, 300, "refunds at"),
                    desk=chance.whole(0, desks - 1, "refunds"),
                    which=chance.whole(0, 1, "refund of"),
                    part=chance.pick((1.0, 1.0, 0.0, 0.3, 0.7), "part of a refund"),
                    double=double,
                    again=chance.yes(0.5, "refunds again"),
                )
            )
        if chance.yes(0.3, "refund in the portal"):
            at_s = start_s + chance.between(0, 320, "portal refunds at")
            part = chance.pick((1.0, 0.3), "portal refunds")
            actions.append(RefundOutside(at_s, chance.whole(0, 1, "portal refund of"), part))
        if chance.yes(0.25, "refund fails"):
            at_s = start_s + chance.between(10, 5_000, "fails at")
            actions.append(FailRefund(at_s, chance.whole(0, 1, "fails")))
        actions.append(
            Kill(start_s + chance.between(0, 600, "killed while refunding"), chance.whole(0, 2, "dies"))
        )
    return actions


def _draw_offer(chance: Chance, desks: int, numbers: tuple[str, ...], crowd_s: float) -> Offer:
    several = tuple(number for number in numbers if chance.yes(0.6, "offers this invoice"))
    life_s = chance.pick((60, 300, 900, 3600), "life of an offer")
    visits = tuple(
        Visit(
            chance.pick(
                (
                    chance.between(0, 30, "visits soon"),
                    chance.between(0, life_s, "visits"),
                    chance.between(life_s - 20, life_s + 20, "visits at the end"),
                ),
                "when visited",
            ),
            chance.yes(0.3, "visit in vain"),
        )
        for _ in range(chance.pick((0, 1, 1, 1, 2, 3), "how many visits"))
    )
    second = chance.whole(0, desks - 1, "taken back again at") if chance.yes(0.3, "taken back twice") else -1
    return Offer(
        at_s=chance.between(0, crowd_s, "offers at"),
        desk=chance.whole(0, desks - 1, "offers"),
        numbers=several or numbers[:1],
        part=chance.pick((1.0, 1.0, 0.3), "part of an offer"),
        hosted=chance.yes(0.4, "hosted"),
        life_s=life_s,
        visits=visits,
        back_after_s=chance.between(1, life_s * 1.2, "taken back after") if chance.yes(0.5, "back") else 0.0,
        back_at=(chance.whole(0, desks - 1, "taken back at"), second),
    )


def _draw_void(chance: Chance, desks: int, crowd_s: float) -> Void:
    double = None
    if chance.yes(0.4, "void twice"):
        double = (chance.between(0, 2, "void twice after"), chance.whole(0, desks - 1, "void twice at"))
    return Void(
        at_s=chance.between(0, crowd_s * 2 + 60, "void at"),
        desk=chance.whole(0, desks - 1, "void by"),
        which=chance.whole(0, 2, "void of"),
        again=chance.yes(0.6, "paid again"),
        double=double,
    )


def _draw_pay(chance: Chance, desks: int, numbers: tuple[str, ...], crowd_s: float) -> Pay:
    several = tuple(number for number in numbers if chance.yes(0.6, "takes this invoice"))
    double = None
    if chance.yes(0.3, "double"):
        double = (chance.between(0, 0.02, "double after"), chance.whole(0, desks - 1, "double at"))
    return Pay(
        at_s=chance.between(0, crowd_s, "pays at"),
        desk=chance.whole(0, desks - 1, "pays"),
        numbers=several or numbers[:1],
        part=chance.pick((1.0, 1.0, 1.0, 0.3), "part"),
        thinks_s=chance.pick((0.0, 1.0, 20.0, 60.0), "thinks"),
        again=chance.pick((0, 1, 2), "again"),
        double=double,
    )
