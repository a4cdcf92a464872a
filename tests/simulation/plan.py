"""What people do in one history, and what happens around them: drawn before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.chance import Chance


@dataclass(frozen=True, slots=True)
class Pay:
    """A clerk takes a payment; ``numbers`` of invoices, ``part`` of 1 for all that is owed."""

    at_s: float
    desk: int
    numbers: tuple[str, ...]
    part: float
    thinks_s: float
    again: int
    """How often it is tried again after a "no"."""
    double: tuple[float, int] | None
    """A second click so many seconds later, at this desk or another."""


@dataclass(frozen=True, slots=True)
class PayOutside:
    """The customer pays by link or portal; AMS360 hears of it later."""

    at_s: float
    number: str
    part: float
    entered_after_s: float


@dataclass(frozen=True, slots=True)
class Away:
    """AndDone or AMS360 is away, or one desk's network is."""

    at_s: float
    seconds: float
    what: str
    desk: int


@dataclass(frozen=True, slots=True)
class Jump:
    """The wall clock of a desk, or the ledger's, is set to another time."""

    at_s: float
    desk: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Kill:
    """A desk's process ends, and starts again after a while."""

    at_s: float
    desk: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody has AndDone asked about everything, now."""

    at_s: float
    desk: int


@dataclass(frozen=True, slots=True)
class Void:
    """A clerk voids one of the newest payments."""

    at_s: float
    desk: int
    which: int
    again: bool
    """Once it is voided, the invoice is paid once more."""
    double: tuple[float, int] | None
    """A second void of it so many seconds later, at this desk or another."""


@dataclass(frozen=True, slots=True)
class CancelOutside:
    """Somebody cancels one of our charges in the processor's portal."""

    at_s: float
    which: int


Action = Pay | PayOutside | Away | Jump | Kill | Ask | Void | CancelOutside


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything in a history that is not drawn while it runs."""

    desks: int
    bills: tuple[tuple[str, int], ...]
    actions: tuple[Action, ...]


def draw_plan(chance: Chance, *, jumps: bool, voids: bool) -> Plan:
    """The plan of a seed: few invoices and desks, so that they get into each other's way."""
    desks = chance.pick((1, 2, 2, 3), "desks")
    bills = tuple(
        (str(50100 + place), chance.whole(100, 90_000, "owed"))
        for place in range(chance.pick((1, 1, 2, 3), "bills"))
    )
    numbers = tuple(number for number, _ in bills)
    crowd_s = chance.pick((2.0, 30.0, 300.0), "crowd")
    actions: list[Action] = [
        _draw_pay(chance, desks, numbers, crowd_s) for _ in range(chance.whole(1, 4, "payments"))
    ]
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
            CancelOutside(chance.between(0, late_s, "cancelled at"), chance.whole(0, 3, "cancelled"))
            for _ in range(chance.pick((0, 1), "cancels"))
        ]
    return Plan(desks, bills, tuple(actions))


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
