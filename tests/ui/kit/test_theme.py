"""Colours that can be read, icons that exist, and words that are said the same everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from paydesk.config.paths import resources
from paydesk.domain.money import Money
from paydesk.domain.payment import State
from paydesk.domain.quote import Quote
from paydesk.domain.tender import TenderKind
from paydesk.services.ports.payment_words import STATES
from paydesk.ui.kit import format as fmt
from paydesk.ui.kit import icons, theme, words
from paydesk.ui.kit.day_edit import DayEdit
from paydesk.ui.kit.line_edits import Entry
from paydesk.ui.kit.widgets import button, label, set_role, stack
from paydesk.ui.lists.payment_columns import STATE_ICONS

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 8, 14)

TEXT_ON = [
    ("ink", "surface"), ("ink", "ground"), ("ink", "raised"), ("ink", "selected"), ("ink", "danger_soft"),
    ("ink", "warning_soft"), ("ink", "good_soft"), ("muted", "surface"), ("muted", "ground"),
    ("muted", "selected"), ("on_accent", "accent"), ("on_accent", "accent_hover"), ("link", "surface"),
    ("link", "selected"), ("danger", "surface"), ("danger", "danger_soft"), ("danger", "ground"),
    ("ink", "overdue"), ("danger", "overdue"),
    ("warning", "surface"), ("warning", "warning_soft"), ("good", "surface"), ("good", "good_soft"),
    ("on_training", "training"),
]  # fmt: skip
TEXT_ON += [("faint", back) for back in ("surface", "ground", "raised", "selected")]
TEXT_ON += [("surface", "danger")]
PARTS_ON = [("edge", "surface"), ("edge", "ground"), ("accent", "surface"), ("accent", "selected")]
PARTS_ON += [("line", "surface"), ("line", "ground")]
PARTS_ON += [(part, back) for part in ("accent", "edge", "danger") for back in ("overdue", "danger_soft")]
RINGS_ON = [
    *[("accent", back) for back in ("surface", "ground", "raised")],
    *[("ink", back) for back in ("surface", "ground", "selected")],
    *[("surface", fill) for fill in ("accent", "accent_hover", "danger")],
]


def test_a_focused_button_has_one_ring_and_no_second_frame_inside(qtbot: QtBot, qapp: QApplication) -> None:
    """Fusion drew its own frame around the text, as soon as Tab was pressed."""
    theme.install(qapp)
    window = QWidget()
    stack(window, button("First", "first"), wide := button("Wide", "wide"))
    window.setFixedWidth(400)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_Tab)
    wide.setFocus(Qt.FocusReason.TabFocusReason)
    picture = wide.grab().toImage()
    row = {picture.pixelColor(x, picture.height() // 2).name() for x in range(4, 120)}
    assert row == {theme.color("surface").name()}


def test_weekends_in_a_calendar_are_not_red(qtbot: QtBot, qapp: QApplication) -> None:
    """Red means overdue, and Qt's own red is hard to read in the dark."""
    theme.install(qapp)
    day = DayEdit("day", "Day")
    qtbot.addWidget(day)
    weekend = day.calendarWidget().weekdayTextFormat(Qt.DayOfWeek.Sunday)
    assert weekend == day.calendarWidget().weekdayTextFormat(Qt.DayOfWeek.Monday)


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
    for front, back in PARTS_ON + RINGS_ON:
        assert _contrast(getattr(scheme, front), getattr(scheme, back)) >= 3.0, (front, back)


NAMES = [
    "東京海上日動",
    "𠮷田",
    "한국",
    "محمد",
    "שלום",
    "हिन्दी",
    "বাংলা",
    "தமிழ்",
    "ไทย",
    "ኢትዮጵያ",
    "Ελένη",
    "Đặng",
]

_SHAPE = """
import sys
from PySide6.QtGui import QTextLayout
from PySide6.QtWidgets import QApplication
from paydesk.ui.kit import theme
app = QApplication([])
theme.prepare(app)
theme.load_name_fonts()
for name in sys.argv[1:]:
    layout = QTextLayout(name, theme.font("body"))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    runs = layout.glyphRuns()
    if not runs or any(not run.rawFont().familyName() or 0 in run.glyphIndexes() for run in runs):
        print(ascii(name))
"""


def test_a_name_in_any_script_of_a_receipt_shows_letters_and_no_boxes(tmp_path: Path) -> None:
    """Without the computer's own fonts, which would hide that one of ours is missing."""
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    own_fonts_only = {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf"), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _SHAPE, *NAMES],
        env={**os.environ, **own_fonts_only},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == []


def test_every_icon_file_draws_something_in_the_colour_asked_for(qtbot: QtBot) -> None:
    names = sorted(file.stem for file in (resources() / "icons").glob("*.svg"))
    assert len(names) > 25
    for name in names:
        image = icons.pixmap(name, "danger", 32).toImage()
        seen = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
        assert any(color.alpha() > 200 for color in seen), name


def test_every_icon_file_is_used() -> None:
    package = resources().parent / "src" / "paydesk"
    sources = [*package.rglob("*.py"), resources() / "style" / "paydesk.qss"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    names = [file.stem for file in (resources() / "icons").glob("*.svg")]
    assert [name for name in names if f'"{name}"' not in text and f"{name}.svg" not in text] == []


def test_every_state_has_words_and_an_icon() -> None:
    for state in State:
        assert STATES[state]
        assert (resources() / "icons" / f"{STATE_ICONS[state][0]}.svg").is_file()


def test_the_style_sheet_names_no_unknown_colour() -> None:
    for scheme in (theme.LIGHT, theme.DARK):
        assert "$" not in theme.style_sheet(scheme)


def test_figures_are_of_equal_width_and_no_other_text_is_spread(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    amount, text = label("1,234.50", "amount"), label("R-000003", "body")
    for made in (amount, text):
        qtbot.addWidget(made)
        made.show()
    for font in (theme.font("body", figures=True), amount.font()):
        metrics = QFontMetricsF(font)
        assert len({round(metrics.horizontalAdvance(digit), 3) for digit in "0123456789"}) == 1
    assert amount.font().pixelSize() == theme.SIZES["amount"]
    hyphen = {QFontMetricsF(font).horizontalAdvance("-") for font in (app.font(), text.font())}
    assert max(hyphen) < QFontMetricsF(theme.font("body", figures=True)).horizontalAdvance("-")


DECORATION = ("border-right", "border-top", "gridline-color", "max-height", 'role="card"', 'role="line"')


def test_hairlines_only_decorate() -> None:
    """Whatever can be used has a border of 3:1. A hairline has none, and may only stand between areas."""
    sheet = (resources() / "style" / "paydesk.qss").read_text("utf-8")
    for rule in sheet.splitlines():
        assert "$hair" not in rule or any(word in rule for word in DECORATION), rule


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("role", "chosen"),
    [
        ("", False),
        ("primary", False),
        ("danger", False),
        ("quiet", False),
        *[(role, chosen) for role in ("segment", "tender", "tender-low", "tick") for chosen in (False, True)],
        ("tile", False),
        ("tile-on", True),
    ],
)
def test_the_focus_is_seen_on_every_button_and_on_a_chosen_one(
    qtbot: QtBot, role: str, chosen: bool, dark: bool
) -> None:
    """A line along the whole button changes by 3:1 or more (WCAG 2.2, 2.4.13)."""
    one = button("Charge", "one", key="F9", role=role)
    one.setCheckable(chosen)
    one.setChecked(chosen)
    assert _focus_changes_a_line(qtbot, one, dark)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("wrong", [False, True])
def test_the_focus_is_seen_on_every_field_and_on_a_wrong_one(qtbot: QtBot, wrong: bool, dark: bool) -> None:
    """Of two wrong fields, nobody saw which one had the focus."""
    field = Entry("one", "One")
    set_role(field, "wrong" if wrong else "")
    assert _focus_changes_a_line(qtbot, field, dark)


def _focus_changes_a_line(qtbot: QtBot, one: QWidget, dark: bool) -> bool:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    look = theme.install(app)
    look.show_dark(dark)
    try:
        holder = QWidget()
        qtbot.addWidget(holder)
        other = button("Other", "other")
        stack(holder, other, one)
        holder.show()
        holder.activateWindow()
        pictures = []
        for focused in (other, one):
            focused.setFocus()
            qtbot.waitUntil(focused.hasFocus, timeout=20_000)
            pictures.append(one.grab().toImage())
        before, after = pictures
        clear = sum(
            _contrast(before.pixelColor(x, y).name(), after.pixelColor(x, y).name()) >= 3
            for x in range(0, before.width(), 3)
            for y in range(before.height())
        )
        return clear * 3 > before.width()
    finally:
        look.show_dark(False)


def test_times_are_said_in_the_agencys_zone() -> None:
    noon = datetime(2026, 8, 14, 16, 0, tzinfo=UTC)
    assert words.moment(noon, NEW_YORK, TODAY) == "today 12:00 PM"
    assert words.moment(noon - timedelta(days=1), NEW_YORK, TODAY) == "yesterday 12:00 PM"
    assert words.moment(noon - timedelta(days=40), NEW_YORK, TODAY) == "Jul 5, 2026, 12:00 PM"
    # Half past eight in the evening in New York is the next day in UTC, but today's for the desk.
    assert words.moment(datetime(2026, 8, 15, 0, 30, tzinfo=UTC), NEW_YORK, TODAY) == "today 8:30 PM"
    assert words.age(noon, noon, NEW_YORK) == "as of 12:00 PM"
    assert words.age(noon - timedelta(days=1), noon, NEW_YORK) == "as of yesterday 12:00 PM"


def test_amounts_fees_and_counts_are_said_plainly() -> None:
    assert fmt.dollars(Money(-1_234_50)) == "-$1,234.50"
    assert words.fee(Quote(TenderKind.ACH, Money(100), Money(43_75))) == "fee $43.75"
    assert words.fee(Quote(TenderKind.ACH, Money(100), Money(0))) == "no fee"
    assert fmt.day(None) == "–"
    assert fmt.count(1, "payment") == "1 payment"
    assert fmt.count(1200, "payment") == "1,200 payments"
