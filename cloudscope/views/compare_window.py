"""Up to four recordings under each other on one time axis, or two of them in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from cloudscope.theme import Theme
from cloudscope.views.compare_tile import TOKENS, CompareTile, Pinned
from cloudscope.views.compare_trace import CompareTrace
from cloudscope.views.labels import ElidedLabel, push_button, rule

MOST = len(TOKENS)
_PAGE, _ZOOM = 0.5, 1.5


class CompareWindow(QWidget):
    """Paints what is pinned; Space shows two recordings in turn at the same place.

    Signals:
        pinRequested: Add what is selected in the list of recordings.
        removeRequested: File id of the recording to leave out.
        closed: The window went away.
    """

    pinRequested = Signal()
    removeRequested = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Compare Recordings")
        self.setObjectName("compare")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pinned: tuple[Pinned, ...] = ()
        self._pair, self._alone, self._length = (0, 1), -1, 0.0
        self._said = ""
        self.tiles = tuple(CompareTile(theme, place) for place in range(MOST))
        self.trace = CompareTrace(theme)
        self._make_controls()
        self._lay_out()
        self._connect()
        self.resize(theme.px(1000), theme.px(760))

    def _make_controls(self) -> None:
        self.link = QCheckBox("Link time")
        self.link.setToolTip("Show the same moments of all recordings (T)")
        self.link.setChecked(True)
        self.shared = QCheckBox("Shared contrast")
        self.shared.setToolTip("Show all recordings between the same limits (S)")
        self.blink = push_button("Blink", "Show two recordings in turn; Esc shows all (Space)")
        self.fit = push_button("Full View", "Show the whole recordings (Home)", "quiet")
        self.pin = push_button("Pin Selected", "Add what is selected in the list (Insert)")
        self.message = ElidedLabel("", "small")
        for button in (self.blink, self.fit, self.pin):
            button.setAccessibleName(button.text())

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 6, 10, 6)
        bar.setSpacing(12)
        for widget in (self.link, self.shared, self.message):
            bar.addWidget(widget, 1 if widget is self.message else 0)
        for button in (self.fit, self.blink, self.pin):
            bar.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(rule())
        for tile in self.tiles:
            column.addWidget(tile, 1)
        column.addWidget(self.trace)

    def _connect(self) -> None:
        for place, tile in enumerate(self.tiles):
            tile.removeRequested.connect(lambda place=place: self._remove(place))
            tile.plot.pressed.connect(lambda place=place: self._point_at(place))
            tile.plot.hovered.connect(self._show_cursor)
            tile.plot.fullViewRequested.connect(self.show_all_time)
        self.trace.fullViewRequested.connect(self.show_all_time)
        self.trace.hovered.connect(self._show_cursor)
        self.link.toggled.connect(self._link_time)
        self.shared.toggled.connect(self._show)
        self.blink.clicked.connect(self.blink_on)
        self.fit.clicked.connect(self.show_all_time)
        self.pin.clicked.connect(self.pinRequested)
        self._link_time()

    # --- what is shown ------------------------------------------------------------------

    def show_pinned(self, pinned: Sequence[Pinned], message: str = "") -> None:
        """Paint these; at most four."""
        before = [one.file_id for one in self._pinned]
        self._pinned = tuple(pinned[:MOST])
        if before != [one.file_id for one in self._pinned]:
            self._alone, self._pair = -1, (0, 1)
        self._show()
        few = "Select another recording in the list and pin it" if len(pinned) < 2 else ""
        self._said = message or few
        self._show_message()
        self.blink.setEnabled(len(pinned) > 1)
        self.pin.setEnabled(len(pinned) < MOST)

    @property
    def pinned(self) -> tuple[Pinned, ...]:
        """From top to bottom."""
        return self._pinned

    @property
    def in_seconds(self) -> bool:
        """Whether the common axis is in seconds: every recording says how long a line takes."""
        return all(one.calibration.time_known for one in self._pinned)

    @property
    def alone(self) -> int:
        """Place of the recording that is shown alone, -1 for all."""
        return self._alone

    @Slot()
    def _show(self) -> None:
        seconds = self.in_seconds
        for place, one in enumerate(self._pinned):
            self.tiles[place].show_pinned(one, self._limits(one), seconds)
        self.trace.show_pinned(self._pinned, seconds)
        self._show_tiles()
        length = max((one.duration(seconds) for one in self._pinned), default=0.0)
        if length > 0:
            for plot in (self.trace, *(tile.plot for tile in self.tiles)):
                plot.view_box.setLimits(xMin=0, xMax=length)
            if length != self._length:
                self._length = length
                self.show_all_time()

    def _limits(self, pinned: Pinned) -> tuple[float, float]:
        """Its own, or those that enclose the limits of all."""
        shown = [one.contrast for one in self._pinned if one.contrast is not None]
        if pinned.contrast is None:
            return 0.0, 1.0
        if not self.shared.isChecked():
            return pinned.contrast.value_min, pinned.contrast.value_max
        return min(one.value_min for one in shown), max(one.value_max for one in shown)

    def _show_tiles(self) -> None:
        count = len(self._pinned)
        for place, tile in enumerate(self.tiles):
            tile.setVisible(place < count and self._alone in (-1, place))
            # Of two it is clear which ones take turns.
            tile.mark.setVisible(place in self._pair and (count > 2 or self._alone >= 0))
            if place in self._pair:
                tile.mark.setText(f"Blink {self._pair.index(place) + 1}")
            last = place == (count - 1 if self._alone < 0 else self._alone)
            # The lowest plot of the window draws the time.
            tile.plot.set_time_axis_visible(last and not self.trace.drawn)

        self._show_message()

    def _show_message(self) -> None:
        alone = "Space shows the other one, Esc shows all"
        self.message.setText(alone if self._alone >= 0 else self._said)

    @Slot()
    def show_all_time(self) -> None:
        """From the beginning to the end of the longest recording."""
        for plot in (self.trace, *(tile.plot for tile in self.tiles)):
            plot.view_box.setXRange(0, max(self._length, 1e-9), padding=0)

    @Slot()
    def _link_time(self) -> None:
        first = self.tiles[0].plot.view_box
        for tile in self.tiles[1:]:
            tile.plot.view_box.setXLink(first if self.link.isChecked() else None)
        self.trace.view_box.setXLink(first)

    @Slot(object)
    def _show_cursor(self, at: float | None) -> None:
        for tile in self.tiles:
            tile.plot.cursor.show_at(at, None)
        self.trace.set_cursor(at)

    # --- gestures -----------------------------------------------------------------------

    @Slot()
    def blink_on(self) -> None:
        """The other one of the two, alone and at the same place."""
        if len(self._pinned) < 2:
            return
        first, second = self._pair
        self._alone = second if self._alone == first else first
        self._show_tiles()

    def _point_at(self, place: int) -> None:
        """Blink between this one and the one that was pointed at before."""
        self.setFocus()
        if place != self._pair[0]:
            self._pair = (place, self._pair[0])
        self._show_tiles()

    def _remove(self, place: int) -> None:
        self.removeRequested.emit(self._pinned[place].file_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, Esc, Home, and the keys of the image."""
        if not self._move_in_time(event.key()) and not self._do(event.key()):
            super().keyPressEvent(event)

    def _do(self, key: int) -> bool:
        """Whether the key is a command here."""
        if key == Qt.Key.Key_Escape and self._alone >= 0:
            self._alone = -1
            self._show_tiles()
            return True
        commands: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Space: self.blink_on,
            Qt.Key.Key_Escape: self.close,
            Qt.Key.Key_Home: self.show_all_time,
            Qt.Key.Key_Insert: self.pinRequested.emit,
            Qt.Key.Key_T: self.link.toggle,
            Qt.Key.Key_S: self.shared.toggle,
        }
        if key in commands:
            commands[key]()
        return key in commands

    def _move_in_time(self, key: int) -> bool:
        """Whether the key pages or zooms."""
        box = self.tiles[max(self._alone, 0)].plot.view_box
        width = box.viewRange()[0][1] - box.viewRange()[0][0]
        pages: dict[int, float] = {Qt.Key.Key_Right: _PAGE, Qt.Key.Key_Left: -_PAGE}
        closer: dict[int, float] = dict.fromkeys((Qt.Key.Key_Plus, Qt.Key.Key_Equal), 1 / _ZOOM)
        zooms: dict[int, float] = {**closer, Qt.Key.Key_Minus: _ZOOM}
        if key in pages:
            box.translateBy(x=pages[key] * width)
        elif key in zooms:
            box.scaleBy(x=zooms[key])
        return key in pages or key in zooms

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was read for it is no longer wanted."""
        super().closeEvent(event)
        self.closed.emit()
