"""Building blocks of every page: texts, buttons, layouts, cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from paydesk.ui.kit import icons, theme
from paydesk.ui.kit.theme import Space

_AMOUNTS = ("amount", "total")
"""Roles of labels whose digits have equal width."""

_ICON_SHIFT = 2
"""Pixels by which Qt 6 draws the text of a button with an icon farther left than the middle (measured)."""

_CAP_STRENGTH = 0.55
"""Opacity of the cap around a key."""

_KEY_GAP = "  "
"""Gap before the key in a button's text."""


def label(text: str = "", role: str = "body", name: str = "") -> QLabel:
    """Return a text in a style sheet role: ``muted``, ``small``, ``title``, ``amount``, ``total``, …"""
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role in _AMOUNTS:
        made.setFont(theme.font("body", figures=True))
    set_role(made, role)
    return made


class Elided(QLabel):
    """A text of any length on one line. An ellipsis cuts what does not fit, and a tooltip shows all of it."""

    def __init__(self, text: str, role: str, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        )
        self._full = ""
        set_role(self, role)
        self.set_text(text)

    @property
    def full_text(self) -> str:
        """The whole text."""
        return self._full

    def set_text(self, text: str) -> None:
        """Show a text. Line breaks become spaces."""
        self._full = " ".join(text.split())
        self.setAccessibleName(self._full)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the text again for the new width."""
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        """Keep the height of the font, so that letters of another script do not push the page down."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(self.fontMetrics().height() + 2)
            self._elide()

    def _elide(self) -> None:
        cut = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, max(self.width(), 0))
        self.setText(cut)
        self.setToolTip(tip(self._full) if cut != self._full else "")


def tip(text: str) -> str:
    """Return a tooltip that shows exactly this text.

    Qt takes a plain text for markup if it looks like it, and would open the files that a customer's name
    names in ``<img>``.
    """
    return GuiQt.convertFromPlainText(text, GuiQt.WhiteSpaceMode.WhiteSpaceNormal) if text else ""


def set_role(widget: QWidget, role: str) -> None:
    """Change the style sheet role of the widget, and so its rules."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            widget.style().unpolish(widget)
            widget.style().polish(widget)


class Button(QPushButton):
    """A push button that draws a cap around its key, and a second ring where one alone is hard to see.

    Its name for a screen reader follows its text.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(name_in(text))

    def setText(self, text: str) -> None:
        """Show another text, and be called by it (WCAG 2.5.3)."""
        super().setText(text)
        self.setAccessibleName(name_in(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the style draw, then add the cap and the ring."""
        super().paintEvent(event)
        words, gap, key = self.text().rpartition(_KEY_GAP)
        ringed = self.hasFocus() and self.property("role") in ("primary", "danger")
        if not gap and not ringed:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if gap:
            self._draw_cap(painter, words.replace("&", "") + gap, key)
        if ringed:
            painter.setPen(QPen(theme.color("surface"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), 4, 4)

    def _draw_cap(self, painter: QPainter, before: str, key: str) -> None:
        """Draw the cap where the style has put the key: the text is in the middle, right of the icon."""
        metrics = self.fontMetrics()
        wide, icon = (
            metrics.horizontalAdvance(key),
            0 if self.icon().isNull() else self.iconSize().width() + 4,
        )
        whole = icon + metrics.horizontalAdvance(before) + wide
        left = (self.width() - whole) / 2 + whole - wide - (_ICON_SHIFT if icon else 0)
        high = metrics.height() + 2
        cap = QRectF(left - 3.5, (self.height() - high) / 2 + 0.5, wide + 7.5, high - 1)
        color = QColor(self.palette().color(QPalette.ColorRole.ButtonText))
        color.setAlphaF(_CAP_STRENGTH)  # the key's own text is what has to be read
        painter.setPen(QPen(color, 1))
        painter.drawRoundedRect(cap, 4, 4)


def button(
    text: str, name: str, *, key: str = "", role: str = "", icon: str = "", bound: bool = True
) -> QPushButton:
    """Return a button that shows its key and responds to it. ``role`` is ``primary``, ``quiet`` or empty.

    Without ``bound`` it only shows the key, which ``keyed`` handles for several buttons or a refusal.
    """
    made = Button(with_key(text, key) if key else text)
    made.setObjectName(name)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    if icon:
        icons.put(made, icon, "on_accent" if role == "primary" else "ink")
    if key and bound:
        shortcut(made, key, made.click)
    return made


def be_default(target: QPushButton, *others: QPushButton) -> None:
    """Let Enter press this button of a dialog, but any other while that has the keyboard."""
    for one in (target, *others):
        one.setAutoDefault(True)
    target.setDefault(True)


def keyed(
    parent: QWidget, key: str, target: QPushButton, refused: Callable[[], None], *others: QPushButton
) -> None:
    """Let a key press the first of these buttons that can be pressed, and call ``refused`` if none can."""

    def press() -> None:
        for one in (target, *others):
            if one.isVisible() and one.isEnabled():
                one.click()
                return
        refused()

    shortcut(parent, key, press, target.accessibleName())


class _DisabledClicks(QObject):
    """Hears clicks on a widget while it is disabled."""

    def __init__(self, widget: QWidget, act: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._act = widget, act
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Act when the mouse is released over the disabled widget."""
        released = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease
        if not released or self._widget.isEnabled():
            return False
        self._act()
        return True


def when_disabled(widget: QWidget, act: Callable[[], None]) -> None:
    """Call back when a person clicks the widget while it is disabled."""
    _DisabledClicks(widget, act)


def with_key(text: str, key: str) -> str:
    """Return a button's text with the key that presses it, such as ``Take payment  F9``."""
    return f"{text}{_KEY_GAP}{native_key(key)}"


def native_key(key: str) -> str:
    """Return a key as this system writes it: ``Ctrl+S``, and ``⌘S`` on a Mac, where Qt makes Ctrl Command."""
    if "+" not in key:  # a Mac has signs for Enter and Esc, too, which nobody reads
        return key
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def without_key(text: str) -> str:
    """Return a button's text without its key."""
    words, gap, _ = text.rpartition(_KEY_GAP)
    return words if gap else text


def name_in(text: str) -> str:
    """Return the name that a button's text gives it: without its key, and without the marks of Alt keys."""
    return without_key(text).replace("&&", "\0").replace("&", "").replace("\0", "&")


def be_one_of(buttons: Iterable[QAbstractButton]) -> None:
    """Tell a screen reader that one of these buttons is chosen: they are radio buttons, not check boxes.

    Qt asks for this property only. It changes nothing for buttons of a group, which is exclusive by itself.
    """
    for one in buttons:
        one.setAutoExclusive(True)


WHAT = "what"
"""Property of a shortcut with the words of its line on the sheet of all keys."""


def shortcut(
    parent: QWidget, key: str, act: Callable[[], None], what: str = "", *, focused: bool = False
) -> None:
    """Let a key call ``act`` while ``parent`` is visible in the active window. It never auto-repeats.

    ``what`` says on the sheet of all keys (F1) what it does. A button says it by its text. With ``focused``
    the key works only while ``parent`` has the keyboard.
    """
    made = QShortcut(QKeySequence(key), parent)
    if focused:
        made.setContext(Qt.ShortcutContext.WidgetShortcut)
    made.setProperty(WHAT, what)
    made.setAutoRepeat(False)
    made.activated.connect(act)


def tab_before(part: QWidget, *others: QWidget) -> None:
    """Let Tab come to the others, in their order, before it comes to ``part``. The rest stays as it is."""
    before = part.previousInFocusChain()
    while before is not None and before is not part and before.focusPolicy() == Qt.FocusPolicy.NoFocus:
        before = before.previousInFocusChain()  # Qt sets nothing behind a widget that takes no keyboard
    for other in others:
        if before is not None and before is not other:
            QWidget.setTabOrder(before, other)
        before = other


def stack(
    parent: QWidget, *children: QWidget | QBoxLayout, spacing: int = Space.S, margin: int = 0
) -> QVBoxLayout:
    """Put the children into ``parent``, one below the other."""
    made = QVBoxLayout(parent)
    _fill(made, children, spacing, margin)
    return made


def row(*children: QWidget | QBoxLayout, spacing: int = Space.S, margin: int = 0) -> QHBoxLayout:
    """Put the children side by side."""
    made = QHBoxLayout()
    _fill(made, children, spacing, margin)
    return made


def card(name: str = "") -> QFrame:
    """Return a plain surface that groups what belongs together."""
    made = QFrame()
    made.setObjectName(name)
    made.setProperty("role", "card")
    return made


def _fill(layout: QBoxLayout, children: tuple[QWidget | QBoxLayout, ...], spacing: int, margin: int) -> None:
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    for child in children:
        if isinstance(child, QWidget):
            layout.addWidget(child)
        else:
            layout.addLayout(child)
