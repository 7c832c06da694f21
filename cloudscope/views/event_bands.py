"""Events on a trace: what the mouse does with them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from cloudscope.item_models.events_shown import ShownEvents
from cloudscope.views.event_item import EventBand, EventItem, moved

_CLICK = 3.0  # a press that moves less is a click, in screen pixels
_GRIP = 4.0


class Part(Enum):
    """What of a band is dragged."""

    START = "start"
    END = "end"
    BODY = "body"
    NEXT = "next"  # an event that is not there yet


_SHAPES = {
    Part.START: Qt.CursorShape.SizeHorCursor,
    Part.END: Qt.CursorShape.SizeHorCursor,
    Part.BODY: Qt.CursorShape.SizeAllCursor,
    Part.NEXT: Qt.CursorShape.CrossCursor,
}


@dataclass(frozen=True, slots=True)
class _Drag:
    band: EventBand
    part: Part
    line: float  # where it began


class EventBands(QObject):
    """Bands of one plot, which can be drawn, dragged and chosen; positions are of the scene.

    An edge can be dragged at any time, the middle once the event is selected: elsewhere a
    drag moves the time, as on the rest of the trace. With the tool every drag is for events.

    Signals:
        drawn: (line, line) of an event that was drawn.
        edited: (id, line, line) of one that was dragged; the end that stayed keeps its place.
        chosen: Id of the event that was clicked, None for an empty place.
        previewed: `EventBand` during a drag, None at its end.
        laneChanged: There are words at the foot of the plot now, or none any more.
    """

    drawn = Signal(float, float)
    edited = Signal(int, float, float)
    chosen = Signal(object)
    previewed = Signal(object)
    laneChanged = Signal()

    def __init__(self, box: pg.ViewBox, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.item = EventItem()
        self.tool = False
        self._box = box
        self._shown = ShownEvents()
        self._hidden = False
        self._drag: _Drag | None = None
        self._pressed: QPointF | None = None
        self._is_drag = False
        self._preview: EventBand | None = None

    def show_events(self, shown: ShownEvents, hidden: bool = False) -> None:
        """Take what the scene says; it has the last word."""
        if shown.listed != self._shown.listed or not shown.editable:
            self.cancel()
        self._shown, self._hidden = shown, hidden
        bands, lane = [] if hidden else bands_of(shown), self.item.lane
        self.item.set_bands(bands, stale=bool(shown.stale))
        if self.item.lane != lane:
            self.laneChanged.emit()

    def show_preview(self, band: EventBand | None) -> None:
        """Follow a drag, here or on another plot."""
        self.item.set_preview(band)

    # --- the mouse ---------------------------------------------------------------------------

    def press(self, position: QPointF, button: Qt.MouseButton) -> bool:
        """Whether the drag that may begin here is for events."""
        self.cancel()
        self._pressed, self._is_drag = None, False
        inside = self._box.sceneBoundingRect().contains(position)
        if button is not Qt.MouseButton.LeftButton or not inside:
            return False
        self._pressed = position
        part, band = self._grip_at(position)
        if part is None:
            return False
        line = self._line_at(position)
        self._drag = _Drag(band or EventBand(0, line, line), part, line)
        return True

    def move(self, position: QPointF) -> bool:
        """Go on; False when no event is being dragged."""
        if self._pressed is not None:
            away = position - self._pressed
            self._is_drag = self._is_drag or max(abs(away.x()), abs(away.y())) >= _CLICK
        if self._drag is None:
            return False
        if self._is_drag:
            self._show(self._dragged(self._drag, self._line_at(position)))
        return True

    def release(self, position: QPointF) -> bool:
        """The end of a drag or a click; False when the plot has to be told as well."""
        self.move(position)
        drag, band, pressed = self._drag, self._preview, self._pressed
        self.cancel()
        self._pressed = None
        if pressed is not None and not self._is_drag:
            found = self._band_at(position)
            self.chosen.emit(found.id if found is not None else None)
        elif drag is not None and band is not None and band != drag.band:
            if drag.part is Part.NEXT:
                self.drawn.emit(band.line0, band.line1)
            else:
                self.edited.emit(band.id, band.line0, band.line1)
        return drag is not None

    def cancel(self) -> bool:
        """Leave everything as it was; False when nothing was being dragged."""
        drag, self._drag = self._drag, None
        if drag is not None:
            self._show(None)
        return drag is not None

    def shape_at(self, position: QPointF) -> Qt.CursorShape:
        """What the mouse pointer looks like there."""
        part = self._drag.part if self._drag is not None else self._grip_at(position)[0]
        inside = self._box.sceneBoundingRect().contains(position)
        return _SHAPES[part] if part is not None and inside else Qt.CursorShape.ArrowCursor

    # --- parts -------------------------------------------------------------------------------

    def _show(self, band: EventBand | None) -> None:
        self._preview = band
        self.previewed.emit(band)

    def _line_at(self, position: QPointF) -> float:
        return float(self._box.mapSceneToView(position).x())

    def _across(self, band: EventBand) -> tuple[float, float]:
        """Both ends in pixels of the scene."""
        ends = (QPointF(band.line0, 0), QPointF(band.line1, 0))
        left, right = (self._box.mapViewToScene(end).x() for end in ends)
        return left, right

    def _front_to_back(self) -> list[EventBand]:
        """The selected one, then short before long: else a long one would cover them."""
        chosen = self.item.selected_id
        return sorted(
            self.item.bands, key=lambda one: (one.id != chosen, one.line1 - one.line0, -one.id)
        )

    def _grip_at(self, position: QPointF) -> tuple[Part | None, EventBand | None]:
        """What a drag from there does; (None, None) where it belongs to the plot."""
        if not self._shown.editable or self._hidden:
            return None, None
        for band in self._front_to_back():
            left, right = self._across(band)
            within = min(_GRIP, (right - left) / 3)
            for end, part, sign in ((left, Part.START, 1), (right, Part.END, -1)):
                if -_GRIP <= sign * (position.x() - end) <= within:
                    return part, band
        under = self._band_at(position)
        if under is not None and (self.tool or under.id == self.item.selected_id):
            return Part.BODY, under
        return (Part.NEXT, None) if self.tool else (None, None)

    def _band_at(self, position: QPointF) -> EventBand | None:
        """What a click there means."""
        for band in self._front_to_back():
            left, right = self._across(band)
            if left - _GRIP <= position.x() <= right + _GRIP:
                return band
        return None

    def _dragged(self, drag: _Drag, line: float) -> EventBand:
        """To whole lines, within what was analysed, and never shorter than a line."""
        time, band = self._shown.time, drag.band
        assert time is not None  # else nothing can be taken
        if drag.part is Part.NEXT:
            low, high = sorted((drag.line, line))
            low, high = max(math.floor(low), time.first), min(math.ceil(high), time.last)
            low = min(low, time.last - 1)
            return moved(band, low, max(high, low + 1))
        if drag.part is Part.START:
            start = max(min(round(line), band.line1 - 1), time.first)
            return moved(band, min(start, band.line1), band.line1)
        if drag.part is Part.END:
            end = min(max(round(line), band.line0 + 1), time.last)
            return moved(band, band.line0, max(end, band.line0))
        by = round(line - drag.line)
        by = max(min(by, math.floor(time.last - band.line1)), math.ceil(time.first - band.line0))
        return moved(band, band.line0 + by, band.line1 + by)


def bands_of(shown: ShownEvents) -> list[EventBand]:
    """The bands of all events, none while their place in the recording is not known."""
    if shown.time is None:
        return []
    return [
        EventBand(event.id, *shown.lines(event), event.event_type, event.accepted)
        for event in shown.listed
    ]
