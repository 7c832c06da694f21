"""What stands above the file tree: words to filter by, and states."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from cloudscope.item_models.file_tree_entry import STATES
from cloudscope.theme import Theme


class FilterField(QLineEdit):
    """Words that the name, folder, condition or genotype of a recording must have.

    Signals:
        rowsRequested: Enter or Down: the keyboard wants to go to the rows.
        left: Esc in an empty field.
    """

    rowsRequested = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("lead", "true")
        self.setAccessibleName("Filter recordings")
        self.setToolTip("Filter by name, folder, condition or genotype (Ctrl+F)")
        icon = theme.icon("search", "text2")
        sign = self.addAction(icon, QLineEdit.ActionPosition.LeadingPosition)
        sign.setToolTip("Filter")
        icon = theme.icon("close", "text2")
        self._clear = self.addAction(icon, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setToolTip("Show all recordings (Esc)")
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(button.toolTip().partition(" (")[0])
        self._clear.setVisible(False)
        self._clear.triggered.connect(self.clear)
        self.textChanged.connect(lambda text: self._clear.setVisible(bool(text)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears, then leaves; Enter and Down go to the rows."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rowsRequested.emit()
        else:
            super().keyPressEvent(event)


class StateFilter(QToolButton):
    """A menu of states; recordings with any of the ticked ones are shown, all without a tick.

    Signals:
        statesChosen: Ticked words of `STATES`, as a frozenset.
    """

    statesChosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAutoRaise(True)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # over the icon
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        self._ticks = {}
        for state, words in STATES.items():
            self._ticks[state] = menu.addAction(words)
            self._ticks[state].setCheckable(True)
            self._ticks[state].toggled.connect(self._tell)
        menu.addSeparator()
        menu.addAction("Show All").triggered.connect(self.clear)
        self.setMenu(menu)
        self._tell()

    @property
    def states(self) -> frozenset[str]:
        """What is ticked."""
        return frozenset(state for state, tick in self._ticks.items() if tick.isChecked())

    def clear(self) -> None:
        """Take every tick away."""
        self.set_states(frozenset())

    def set_states(self, states: frozenset[str]) -> None:
        """Tick these; words that are no state are left out."""
        for state, tick in self._ticks.items():
            tick.setChecked(state in states)

    def words(self) -> str:
        """The ticked states in a sentence."""
        return " or ".join(STATES[state].lower() for state in STATES if state in self.states)

    def _tell(self) -> None:
        said = self.words()
        # An icon in the accent colour is the sign that something is left out.
        self.setIcon(self._theme.icon("filter", "accent" if said else "text2"))
        self.setAccessibleName("Filter by state")
        self.setToolTip(f"Only {said} recordings are shown" if said else "Filter by state")
        self.statesChosen.emit(self.states)
