"""The strip of recent payments: whole names where there is room, and all ten in view where there is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from paydesk.ui.main.recent_strip import MOST, RecentStrip, shares
from tests.fakes.office import Office
from tests.ui.front import Front


@pytest.mark.parametrize(
    ("needed", "room", "given"),
    [
        ([], 100, []),
        ([40, 60], 100, [40, 60]),
        ([90, 20, 90], 100, [40, 20, 40]),
        ([50, 50, 50], 100, [33, 33, 34]),
        ([10, 30, 100], 100, [10, 30, 60]),
    ],
)
def test_each_has_what_it_needs_and_the_widest_share_the_rest(
    needed: list[int], room: int, given: list[int]
) -> None:
    assert shares(needed, room) == given


def places(strip: RecentStrip) -> list[QRect]:
    """Return where the payments are, from left to right."""
    return [strip.visualRect(strip._model.index(row, 0)) for row in range(len(strip._model.rows))]


def test_a_name_is_shown_whole_where_there_is_room(qtbot: QtBot) -> None:
    office = Office()
    for number in ("60010", "60011", "50123", "50304"):
        office.took(number)
    front = Front(qtbot, office)
    strip = front.window.recent
    front.until(lambda: len(strip._model.rows) == 4)
    needed = [strip._chips.needed(payment) for payment in strip._model.rows]
    assert [place.width() for place in places(strip)] == needed
    assert max(needed) < MOST


def test_ten_of_very_long_names_are_all_in_view(qtbot: QtBot) -> None:
    office = Office()
    builder = office.source.customers["1004"]
    office.source.customers["1004"] = replace(builder, name="The Association of Independent Bakers " * 8)
    for number in range(60010, 60020):
        office.took(str(number))
    front = Front(qtbot, office)
    strip = front.window.recent
    front.until(lambda: len(strip._model.rows) == 10)
    front.until(lambda: strip.viewport().rect().contains(places(strip)[-1]))
    assert sum(place.width() for place in places(strip)) <= strip.viewport().width()
