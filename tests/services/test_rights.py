"""Every act that may need a permission asks for it first, and does nothing without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from paydesk.config.paths import Paths
from paydesk.domain.errors import KnownError
from paydesk.domain.money import Money
from paydesk.domain.payment import Draft, OfferKind, ReferenceKind
from paydesk.domain.refund import RefundKind, RefundReason, ask_for
from paydesk.services.desk.desk import Desk
from paydesk.services.payments.acknowledge import acknowledge
from paydesk.services.ports.rights import Right, needed_for
from paydesk.store.tables import schema
from paydesk.wiring.desk import open_desk
from tests.fakes.office import CARD, WHY, Office
from tests.fakes.world import START


class Without:
    """Allows everything but one act, or nothing."""

    def __init__(self, right: Right | None = None) -> None:
        self._right = right

    def require(self, right: Right) -> None:
        if self._right in (None, right):
            raise KnownError(f"You may not {right}.", "Ask your manager.")


class Acts:
    """Acts on a desk of one office, each with all that it needs."""

    def __init__(self, folder: Path) -> None:
        self.office = office = Office()
        self.payment = office.took("50200", minutes_ago=40, otherwise=250)
        [own] = office.processor.charges(START.date(), START.date())
        self.stranger = replace(own, processor_ref="t-78")
        self.whole = office.draft("50123")
        self.offered = office.desk.offers.offer(office.draft("50177"), OfferKind.LINK, 3600)
        self.ask = ask_for(self.payment, (), RefundKind.TOTAL, RefundReason.ASKED)
        other = office.took("50181", minutes_ago=40)
        self.wished = office.ledger.wish_refund(
            other.id, ask_for(other, (), RefundKind.TOTAL, RefundReason.ASKED)
        )
        file = folder / "open.csv"
        file.write_text("Invoice #,Customer #,Name,Balance\n70001,7001,Ann Lee,12.00\n", encoding="utf-8")
        self.of: Mapping[str, tuple[Right, Callable[[Desk], object]]] = {
            "pay": (Right.TAKE_PAYMENT, self.pays(self.whole)),
            "pay anytime": (Right.ANYTIME_PAYMENT, self.pays(anytime(self.whole))),
            "pay a part": (Right.PART_PAYMENT, self.pays(part(self.whole))),
            "pay a stored balance": (Right.CACHED_PAYMENT, self.pays(replace(self.whole, from_cache=True))),
            "offer": (Right.OFFER, lambda desk: desk.offers.offer(self.whole, OfferKind.LINK, 3600)),
            "take an offer back": (Right.OFFER, lambda desk: desk.offers.take_back(self.offered.id)),
            "void": (Right.VOID, lambda desk: desk.voids.void(self.payment.id, WHY)),
            "void a stranger": (Right.VOID, lambda desk: desk.resolve.void_stranger(self.stranger, WHY)),
            "refund": (Right.REFUND, lambda desk: desk.resolve.refunds.refund(self.payment.id, self.ask)),
            "wish a refund": (
                Right.REFUND,
                lambda desk: desk.resolve.refunds.wish(self.payment.id, self.ask),
            ),
            "drop a wish": (Right.REFUND, lambda desk: desk.resolve.refunds.drop(self.wished.id)),
            "a refund is ours": (Right.REFUND, lambda desk: desk.resolve.refunds.is_ours(self.wished.id)),
            "a refund is not ours": (
                Right.REFUND,
                lambda desk: desk.resolve.refunds.is_not_ours(self.wished.id),
            ),
            "a refund is entered": (Right.POST, lambda desk: desk.resolve.refunds.entered(self.wished.id)),
            "acknowledge": (
                Right.ACKNOWLEDGE,
                lambda desk: acknowledge(desk.ledger, [self.payment], "They agreed", desk.rights),
            ),
            "import": (Right.IMPORT, lambda desk: desk.importing.run(desk.importing.preview(file))),
            "close invoices": (Right.IMPORT, lambda desk: desk.importing.close(1)),
            "undo an import": (Right.IMPORT, lambda desk: desk.importing.undo()),
            "forget": (Right.FORGET, lambda desk: desk.forget.customer("1001")),
            "post again": (Right.POST, lambda desk: desk.post.post_again(self.payment.id)),
            "it is in AMS360": (Right.POST, lambda desk: desk.post.mark_entered(self.payment.id)),
            "it is reversed": (Right.POST, lambda desk: desk.post.mark_taken_back(self.payment.id)),
            "write a deposit": (Right.DEPOSIT, lambda desk: desk.deposits.write(folder)),
            "write it again": (Right.DEPOSIT, lambda desk: desk.deposits.again("D-1", folder)),
            "confirm a deposit": (Right.DEPOSIT, lambda desk: desk.deposits.confirm("D-1")),
        }

    @staticmethod
    def pays(draft: Draft) -> Callable[[Desk], object]:
        return lambda desk: desk.authorize.pay(draft, CARD)

    def everything(self) -> list[object]:
        """Return all that the ledger holds, and what the processor was asked."""
        with self.office.database.engine.connect() as connection:
            tables = [connection.execute(sa.select(table)).all() for table in schema.metadata.sorted_tables]
        return [*tables, list(self.office.processor.charges(START.date(), START.date()))]


ACTS = (
    "pay", "pay anytime", "pay a part", "pay a stored balance", "offer", "take an offer back", "void",
    "void a stranger", "refund", "wish a refund", "drop a wish", "a refund is ours", "a refund is not ours",
    "a refund is entered", "acknowledge", "import", "close invoices", "undo an import", "forget",
    "post again", "it is in AMS360", "it is reversed", "write a deposit", "write it again",
    "confirm a deposit",
)  # fmt: skip


def anytime(draft: Draft) -> Draft:
    lines = tuple(replace(line, invoice_number=None, owed=None, read_at=None) for line in draft.lines)
    return replace(draft, lines=lines, reference_kind=ReferenceKind.OTHER, reference_value="a renewal")


def part(draft: Draft) -> Draft:
    return replace(draft, lines=tuple(replace(line, owed=line.amount + Money(1)) for line in draft.lines))


@pytest.fixture
def acts(tmp_path: Path) -> Acts:
    return Acts(tmp_path)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_without_its_right_is_refused_and_leaves_no_trace(acts: Acts, name: str) -> None:
    right, act = acts.of[name]
    desk = acts.office.services(acts.office.ledger, Without(right))
    before = acts.everything()
    with pytest.raises(KnownError, match=f"You may not {right}"):
        act(desk)
    assert acts.everything() == before


def test_every_act_and_every_right_is_tried(acts: Acts) -> None:
    assert set(ACTS) == set(acts.of)
    assert {right for right, _ in acts.of.values()} == set(Right)


@pytest.mark.parametrize("name", ["pay", "void", "acknowledge", "import", "forget", "it is in AMS360"])
def test_a_person_with_that_right_alone_is_let_through(acts: Acts, name: str) -> None:
    right, act = acts.of[name]
    others = [other for other in Right if other is not right]

    class Only:
        def require(self, wanted: Right) -> None:
            assert wanted not in others

    act(acts.office.services(acts.office.ledger, Only()))


def test_a_payment_needs_the_right_of_each_thing_that_is_special_about_it() -> None:
    whole = Office().draft("50123")
    assert list(needed_for(whole)) == [Right.TAKE_PAYMENT]
    assert list(needed_for(anytime(whole))) == [Right.TAKE_PAYMENT, Right.ANYTIME_PAYMENT]
    both = replace(part(whole), from_cache=True)
    assert list(needed_for(both)) == [Right.TAKE_PAYMENT, Right.PART_PAYMENT, Right.CACHED_PAYMENT]


def test_the_desk_hands_its_rights_to_every_service_that_asks(tmp_path: Path) -> None:
    rights = Without()
    running = open_desk(Paths(tmp_path, training=True), rights=rights)
    try:
        desk = running.desk
        asking = [
            desk.authorize._holding, desk.offers, desk.offers._holding, desk.voids, desk.resolve._extra,
            desk.forget, desk.importing, desk.post, desk.deposits, desk.resolve.refunds,
        ]  # fmt: skip
        assert all(vars(service)["_rights"] is rights for service in asking)
        assert desk.rights is rights
    finally:
        running.close()
