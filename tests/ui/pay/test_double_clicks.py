"""Charge pressed twice, by mouse and by key, 0 to 20 ms apart: one charge each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes.world import FakeProcessor
from tests.proving import cases, seeds, tasted
from tests.ui.paying import Counter

TIMES = cases(5, 50)
ANSWERS: tuple[Callable[[FakeProcessor], None], ...] = (
    lambda _approves: None,
    lambda _approves: None,
    FakeProcessor.leave_next_pending,
    lambda processor: processor.decline_next("no"),
)


def ways(counter: Counter) -> list[Callable[[], object]]:
    """Return the gestures that charge, knowingly or not."""
    button, left = counter.button("tender.charge"), Qt.MouseButton.LeftButton
    return [
        lambda: QTest.mouseClick(button, left),
        lambda: [QTest.mouseClick(button, left) for _ in range(2)],
        lambda: counter.press(Qt.Key.Key_Return),
        lambda: counter.press(Qt.Key.Key_Return, times=3),
        button.click,
    ]


@tasted
@pytest.mark.parametrize("seed", seeds(2, 10))
def test_charging_twice_charges_once(qtbot: QtBot, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(TIMES):
        counter = Counter(qtbot)
        chance.choice(ANSWERS)(counter.office.processor)
        dialog = counter.take()
        counter.card()
        slow = chance.random() < 0.5
        if slow:
            counter.office.processor.gate.clear()
        for _ in range(chance.randint(2, 4)):
            chance.choice(ways(counter))()
            if slow:
                qtbot.wait(chance.randint(0, 20))
        counter.office.processor.gate.set()
        qtbot.waitUntil(partial(bool, counter.answered), timeout=20_000)
        assert len(counter.office.processor.sales) == 1
        dialog.hide()
        counter.window.close()
