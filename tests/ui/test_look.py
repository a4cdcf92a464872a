"""Colours that can be read, icons that exist, and words that are said the same everywhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from paydesk.domain.invoice import Due, DueStatus
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.quote import OverLimit, Quote
from paydesk.domain.tender import TenderKind
from paydesk.paths import resources
from paydesk.ui import format as words
from paydesk.ui import icons, theme
from paydesk.ui.payment_table import STATE_ICONS

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 8, 14)

TEXT_ON = [
    ("ink", "surface"), ("ink", "ground"), ("ink", "raised"), ("ink", "selected"), ("ink", "danger_soft"),
    ("ink", "warning_soft"), ("ink", "good_soft"), ("muted", "surface"), ("muted", "ground"),
    ("muted", "selected"), ("on_accent", "accent"), ("on_accent", "accent_hover"), ("link", "surface"),
    ("link", "selected"), ("danger", "surface"), ("danger", "danger_soft"), ("danger", "ground"),
    ("warning", "surface"), ("warning", "warning_soft"), ("good", "surface"), ("good", "good_soft"),
    ("on_training", "training"),
]  # fmt: skip
PARTS_ON = [("edge", "surface"), ("edge", "ground"), ("accent", "surface"), ("accent", "selected")]


def _luminance(color: str) -> float:
    """WCAG 2.2, relative luminance."""
    parsed = QColor(color)
    red, green, blue = (_linear(part) for part in (parsed.redF(), parsed.greenF(), parsed.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_and_edges_hold_wcag_aa(scheme: theme.Tokens) -> None:
    for front, back in TEXT_ON:
        assert _contrast(getattr(scheme, front), getattr(scheme, back)) >= 4.5, (front, back)
    for front, back in PARTS_ON:
        assert _contrast(getattr(scheme, front), getattr(scheme, back)) >= 3.0, (front, back)


def test_every_icon_file_draws_something_in_the_colour_asked_for(qtbot: QtBot) -> None:
    names = sorted(file.stem for file in (resources() / "icons").glob("*.svg"))
    assert len(names) > 25
    for name in names:
        image = icons.pixmap(name, "danger", 32).toImage()
        seen = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        assert any(color.alpha() > 200 for color in seen), name


def test_every_state_has_words_and_an_icon() -> None:
    for state in State:
        assert words.state(state)
        assert (resources() / "icons" / f"{STATE_ICONS[state][0]}.svg").is_file()


def test_the_style_sheet_names_no_unknown_colour() -> None:
    for scheme in (theme.LIGHT, theme.DARK):
        assert "$" not in theme.style_sheet(scheme)


def test_figures_are_of_equal_width(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    metrics = QFontMetricsF(theme.font("body"))
    assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (DueStatus(Due.OVERDUE, 1), "Overdue 1 day"),
        (DueStatus(Due.OVERDUE, 23), "Overdue 23 days"),
        (DueStatus(Due.TODAY), "Due today"),
        (DueStatus(Due.LATER, 1), "Due in 1 day"),
        (DueStatus(Due.NO_DATE), "No due date"),
        (DueStatus(Due.NOTHING_OWED), "Nothing owed"),
        (DueStatus(Due.CREDIT), "Credit"),
    ],
)
def test_due_statuses_are_said_in_words(status: DueStatus, said: str) -> None:
    assert words.due(status) == said


def test_times_are_said_in_the_agencys_zone() -> None:
    noon = datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
    assert words.moment(noon, NEW_YORK, TODAY) == "today 12:00 PM"
    assert words.moment(noon - timedelta(days=1), NEW_YORK, TODAY) == "yesterday 12:00 PM"
    assert words.moment(noon - timedelta(days=40), NEW_YORK, TODAY) == "Jul 5, 2026 12:00 PM"
    # Half past eight in the evening in New York is the next day in UTC, but today's for the desk.
    assert words.moment(datetime(2026, 8, 15, 0, 30, tzinfo=UTC), NEW_YORK, TODAY) == "today 8:30 PM"
    assert words.age(noon, noon, NEW_YORK) == "as of 12:00 PM"
    assert words.age(noon - timedelta(days=1), noon, NEW_YORK) == "as of yesterday 12:00 PM"


def test_amounts_fees_and_limits_are_said_plainly() -> None:
    assert words.dollars(Money(-1_234_50)) == "-$1,234.50"
    assert words.fee(Quote(TenderKind.ACH, Money(100), Money(43_75))) == "fee 43.75"
    assert words.fee(Quote(TenderKind.ACH, Money(100), Money(0))) == "no fee"
    over = OverLimit(Money(15_000_00), Money(3_400_00))
    assert words.over_limit(over) == "Limit 15,000.00: 3,400.00 too much"
    assert words.day(None) == "–"
    assert words.count(1, "payment") == "1 payment"
    assert words.count(1200, "payment") == "1,200 payments"
