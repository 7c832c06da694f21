"""Transients on an intensity trace: where each begins, peaks, and how wide it is half-way up."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from acqcore.model.record import AnalysisRecord
from cloudscope.theme import Theme
from cloudscope.views.trace_content import TraceContent

_ANALYSIS = "sum_intensity"
_DOT, _TRIANGLE = 6.0, 7.0


@dataclass(frozen=True, slots=True)
class Transient:
    """One event in lines of the recording and values of its trace.

    Attributes:
        onset, peak: Line and value.
        width: First line, last line and value half-way up; None where it was not reached.
        trusted: Whether its quality has no flag.
    """

    onset: tuple[float, float]
    peak: tuple[float, float]
    width: tuple[float, float, float] | None = None
    trusted: bool = True


class TransientMarks(pg.GraphicsObject):
    """A triangle at the onset, a dot at the peak (hollow when flagged), a bar for the width."""

    def __init__(self) -> None:
        super().__init__()
        self.transients: tuple[Transient, ...] = ()
        self._places = np.empty((0, 4))  # see `_places_of`
        self._record: AnalysisRecord | None = None
        self._color, self._canvas = QColor(), QColor()
        self.setZValue(3)  # over trace and lone point

    def show_content(self, content: TraceContent, theme: Theme) -> None:
        """Those of the trace on which they were found; none on any other."""
        found = content.record if content.samples is not None else None
        if found is not None and content.id != (_ANALYSIS, found.summary.get("detection_source")):
            found = None
        if found is not self._record:
            self._record = found
            self.transients = tuple(_transients(found)) if found is not None else ()
            self._places = _places_of(self.transients)
        self.recolor(theme)

    def recolor(self, theme: Theme) -> None:
        """Ink that stands out from the trace."""
        self._color, self._canvas = theme.color("text"), theme.color("canvas")
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is in view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view."""
        super().viewTransformChanged()  # forgets the view rectangle that it keeps
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """In screen pixels; what lies beside the view is left out."""
        to_screen = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._color, 1.2))
        for one in self.in_view(to_screen.m11()):
            if one.width is not None:
                first, last, value = one.width
                ends = to_screen.map(QPointF(first, value)), to_screen.map(QPointF(last, value))
                painter.drawLine(QLineF(*ends))
            painter.setBrush(self._color if one.trusted else self._canvas)
            painter.drawEllipse(to_screen.map(QPointF(*one.peak)), _DOT / 2, _DOT / 2)
            painter.drawPolygon(_triangle(to_screen.map(QPointF(*one.onset))))
        painter.restore()

    def in_view(self, pixels_per_line: float) -> list[Transient]:
        """Where dots would cover each other, the highest of each place stands for all."""
        view = QRectF(self.viewRect())
        first, last, peak, value = self._places.T
        seen = np.flatnonzero((first <= view.right()) & (last >= view.left()))
        if len(seen) * _DOT > view.width() * pixels_per_line:
            place = np.floor(peak[seen] * pixels_per_line / _DOT)
            order = np.lexsort((value[seen], place))
            is_highest = np.diff(place[order], append=np.inf) > 0
            seen = np.sort(seen[order[is_highest]])
        return [self.transients[one] for one in seen]


def _places_of(transients: Sequence[Transient]) -> NDArray[np.float64]:
    """First and last line of each, line and value of its peak."""
    rows = [
        (one.onset[0], max(one.width[1] if one.width else one.peak[0], one.peak[0]), *one.peak)
        for one in transients
    ]
    return np.array(rows, float).reshape(-1, 4)


def _triangle(at: QPointF) -> QPolygonF:
    """Below the point, its tip on it."""
    half = _TRIANGLE / 2
    base = at + QPointF(0, _TRIANGLE)
    return QPolygonF([at, base + QPointF(half, 0), base - QPointF(half, 0)])


def _transients(record: AnalysisRecord) -> Iterator[Transient]:
    """From the summary; an event that another program left incomplete is left out."""
    ran, events = record.provenance, record.summary.get("peak_events")
    start = float(ran.geometry[0]) if ran is not None and ran.geometry else 0.0
    quality = record.summary.get("event_quality")
    told = quality if isinstance(quality, list | tuple) else ()
    flags = {one.get("peak_id"): one.get("flag") for one in told if isinstance(one, Mapping)}
    for one in events if isinstance(events, list | tuple) else ():
        if not isinstance(one, Mapping):
            continue
        onset, peak = _place(one.get("onset"), start), _place(one.get("peak"), start)
        if onset is not None and peak is not None:
            width = _width(one.get("level_crossings"), start)
            yield Transient(onset, peak, width, not flags.get(one.get("peak_id")))


def _place(block: object, start: float) -> tuple[float, float] | None:
    if not isinstance(block, Mapping):
        return None
    line, value = _number(block.get("index")), _number(block.get("value"))
    return (start + line, value) if line is not None and value is not None else None


def _width(levels: object, start: float) -> tuple[float, float, float] | None:
    """Of the level half-way up."""
    for one in levels if isinstance(levels, list | tuple) else ():
        if isinstance(one, Mapping) and one.get("fraction") == 0.5:
            found = [_number(one.get(name)) for name in ("left_index", "right_index", "value")]
            left, right, value = found
            if left is not None and right is not None and value is not None:
                return start + left, start + right, value
    return None


def _number(value: object) -> float | None:
    plain = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if plain else None  # type: ignore[arg-type]
