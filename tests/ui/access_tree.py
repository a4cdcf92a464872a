"""The accessibility tree of a window as a screen reader gets it, and the rules for each part of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QWidget,
)

from paydesk.ui.kit.form import Choice, Tick
from paydesk.ui.kit.widgets import Elided, name_in
from paydesk.ui.pay.tender_choice import TenderTile
from paydesk.ui.take.tender_row import TenderRow

ONE_OF = (TenderRow, TenderTile)
"""Buttons of which one is chosen. Those of a ``Choice`` are, too."""
UNNAMED = frozenset({QAccessible.Role.Cell, QAccessible.Role.ListItem, QAccessible.Role.PageTab})
"""Parts that are named by their text, and have none if they are empty."""


@dataclass(frozen=True)
class Part:
    """One part of the tree. ``widget`` is None for cells, titles and tabs."""

    role: QAccessible.Role
    name: str
    state: QAccessible.State
    widget: QWidget | None

    def __str__(self) -> str:
        owner = f"{type(self.widget).__name__} {self.widget.objectName()}" if self.widget else ""
        return f"{self.role.name} {self.name!r} {owner}"


def parts(top: QWidget) -> list[Part]:
    """Return every visible part below a widget, and itself."""
    QAccessible.setActive(True)
    try:
        root = QAccessible.queryAccessibleInterface(top)
        assert root is not None
        return list(_below(root))
    finally:
        QAccessible.setActive(False)


def _below(one: QAccessibleInterface) -> Iterator[Part]:
    state = one.state()
    if state.invisible:
        return
    owner = one.object()
    widget = owner if isinstance(owner, QWidget) else None
    # On Linux, Qt calls a combo box by its value, and its caption by a relation. Elsewhere its name counts.
    name = widget.accessibleName() if isinstance(widget, QComboBox) else one.text(QAccessible.Text.Name)
    yield Part(one.role(), name, state, widget)
    for place in range(one.childCount()):
        child = one.child(place)
        if child.isValid():
            yield from _below(child)


def faults(top: QWidget) -> list[str]:
    """Return what a screen reader would say wrongly, or not at all."""
    return [fault for part in parts(top) for fault in _faults_of(part)]


def _faults_of(part: Part) -> Iterator[str]:
    widget, state = part.widget, part.state
    if state.focusable and not part.name and part.role not in UNNAMED:
        yield f"takes the keyboard without a name: {part}"
    if widget is None:
        return
    for said in shown_texts(widget):
        if said.casefold() not in part.name.casefold():
            yield f"shows {said!r} and is called otherwise: {part}"
    if isinstance(widget, QAbstractButton):
        yield from _faults_of_button(part, widget)
    if bool(state.disabled) is widget.isEnabled():
        yield f"says wrongly if it is disabled: {part}"


def _faults_of_button(part: Part, button: QAbstractButton) -> Iterator[str]:
    wanted = QAccessible.Role.CheckBox if isinstance(button, Tick) else None
    if isinstance(button, ONE_OF) or isinstance(button.parent(), Choice):
        wanted = QAccessible.Role.RadioButton
    if wanted is not None and part.role is not wanted:
        yield f"is no {wanted.name}: {part}"
    if button.isCheckable() and bool(part.state.checked) is not button.isChecked():
        yield f"says wrongly if it is chosen: {part}"


def shown_texts(widget: QWidget) -> list[str]:
    """Return the texts that name a widget to the eye."""
    match widget:
        case Elided():
            return [widget.full_text]
        case QAbstractButton():
            inside = [one for one in widget.findChildren(QLabel) if one.isVisible()]
            return [name_in(widget.text()), *(one.text() for one in inside if one.property("role") != "key")]
        case QLabel() if not widget.text().startswith("<"):
            return [widget.text() if widget.buddy() is None else name_in(widget.text())]
        case QLineEdit() | QComboBox() | QDateEdit():
            return [
                name_in(one.text()) for one in widget.window().findChildren(QLabel) if one.buddy() is widget
            ]
        case _:
            return []


def stuck(top: QWidget) -> list[str]:
    """Return the scroll areas with something out of sight that no key brings into view."""
    areas = [one for one in top.findChildren(QAbstractScrollArea) if one.isVisible()]
    return [
        f"{type(one).__name__} {one.objectName()}" for one in areas if _scrolls(one) and not _reached(one)
    ]


def _scrolls(area: QAbstractScrollArea) -> bool:
    return any(
        bar.maximum() > bar.minimum() for bar in (area.verticalScrollBar(), area.horizontalScrollBar())
    )


def _reached(area: QAbstractScrollArea) -> bool:
    return any(_takes_tab(one) for one in (area, *area.findChildren(QWidget)))


def _takes_tab(widget: QWidget) -> bool:
    tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(tab) and widget.isVisible() and widget.isEnabled()
