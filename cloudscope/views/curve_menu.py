"""Which curves are drawn under the picture: a menu of all that the results have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

CurveChoice = Mapping[str, Sequence[str]]
"""Columns to draw by analysis name; an analysis that is not named draws its first curve."""


@dataclass(frozen=True, slots=True)
class CurveOffer:
    """What one analysis can draw.

    Attributes:
        curves: Column and title of each.
        shown: Columns that are drawn.
    """

    analysis_name: str
    title: str
    curves: tuple[tuple[str, str], ...]
    shown: tuple[str, ...]


class CurveMenu(QMenu):
    """Stays open while curves are ticked.

    Signals:
        chosen: Analysis name and the columns to draw, in the order of the analysis.
    """

    chosen = Signal(str, tuple)

    def show_offers(self, offers: Sequence[CurveOffer]) -> None:
        """One section per analysis with a result."""
        self.clear()
        for offer in offers:
            self.addSection(offer.title)
            for column, title in offer.curves:
                action = self.addAction(title)
                action.setCheckable(True)
                action.setChecked(column in offer.shown)
                action.setData((offer.analysis_name, column))
                action.toggled.connect(lambda on, offer=offer: self._tell(offer))
        if not offers:
            self.addAction("No result has a curve yet").setEnabled(False)

    def _tell(self, offer: CurveOffer) -> None:
        ticked = [one.data() for one in self.actions() if one.isCheckable() and one.isChecked()]
        wanted = tuple(y for y, _ in offer.curves if (offer.analysis_name, y) in ticked)
        self.chosen.emit(offer.analysis_name, wanted)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick without closing."""
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.toggle()
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ticks without closing; Enter ticks and closes."""
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.toggle()
            event.accept()
        else:
            super().keyPressEvent(event)


def curve_button(menu: QMenu, parent: QWidget | None = None) -> QToolButton:
    """A quiet button that opens the menu."""
    button = QToolButton(parent)
    button.setText("Curves")
    button.setProperty("kind", "menu")
    button.setAccessibleName("Curves")
    button.setToolTip("Choose which curves are drawn (T)")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setMenu(menu)
    return button
