"""Paint the events of one plot: bands from top to bottom, each with its glyph and word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform
from PySide6.QtWidgets import QWidget

from cloudscope.item_models.event_glyphs import draw_glyph
from cloudscope.item_models.events_shown import EVENT_TOKENS
from cloudscope.theme import Theme

_FILL_LIGHT, _FILL_DARK = 0.12, 0.16
_STRONGER, _FAINTER = 2.2, 0.4
_HATCH = 0.28
_FAINT_EDGE = 0.5
_GLYPH, _GAP, _PAD = 8.0, 4.0, 5.0


@dataclass(frozen=True, slots=True)
class EventBand:
    """One event on a plot.

    Attributes:
        id: Its number; 0 while it is being drawn.
        line0, line1: Its ends in lines of the recording, ascending.
        kind: Its type.
        accepted: The verdict; None while it waits for one.
    """

    id: int
    line0: float
    line1: float
    kind: str = "user"
    accepted: bool | None = True

    @property
    def words(self) -> str:
        """Its type, and what a person thinks of it where that matters."""
        word = self.kind.capitalize()
        if self.accepted is None:
            return f"{word} ?"
        return word if self.accepted else f"{word}, rejected"


class EventItem(pg.GraphicsObject):
    """Bands below the trace. Selected ones are stronger, rejected ones faint, hatched and
    dashed ones out of date."""

    def __init__(self) -> None:
        super().__init__()
        self.bands: tuple[EventBand, ...] = ()
        self.selected_id: int | None = None
        self._preview: EventBand | None = None
        self._stale = False
        self._colors: dict[str, QColor] = {}
        self._font, self._fill = QFont(), _FILL_LIGHT
        self.setZValue(-5)  # over the grid, under the trace

    def set_bands(self, bands: Sequence[EventBand], *, stale: bool = False) -> None:
        """Show these."""
        if (tuple(bands), stale) != (self.bands, self._stale):
            self.bands, self._stale = tuple(bands), stale
            self.update()

    def set_selected(self, event_id: int | None) -> None:
        """Make one stronger, or none."""
        if event_id != self.selected_id:
            self.selected_id = event_id
            self.update()

    def set_preview(self, band: EventBand | None) -> None:
        """Show a band that is being dragged, in the place of the one with its number."""
        self._preview = band
        self.update()

    def recolor(self, theme: Theme) -> None:
        """Colours of the types, and the font of the words."""
        self._colors = {kind: theme.color(token) for kind, token in EVENT_TOKENS.items()}
        self._fill = _FILL_DARK if theme.is_dark else _FILL_LIGHT
        self._font = theme.font("small")
        self.update()

    @property
    def lane(self) -> float:
        """Screen pixels at the foot of the plot that the words take; 0 without events."""
        return QFontMetricsF(self._font).height() + 2 * _GAP if self.bands else 0.0

    @property
    def shown(self) -> tuple[EventBand, ...]:
        """What is drawn: the selected one last, so that it is on top."""
        preview = self._preview
        bands = [one for one in self.bands if preview is None or one.id != preview.id]
        chosen = preview.id if preview is not None else self.selected_id
        bands += [preview] if preview is not None else []
        return tuple(sorted(bands, key=lambda band: band.id == chosen))

    def boundingRect(self) -> QRectF:
        """All that is in view."""
        return QRectF(self.viewRect())

    def viewTransformChanged(self) -> None:
        """The bounding rectangle is the view."""
        super().viewTransformChanged()  # forgets the view rectangle that it keeps
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """In screen pixels: lines are sharp and words are not stretched."""
        if not self.shown:
            return
        to_screen = painter.worldTransform()
        view = to_screen.mapRect(self.viewRect())
        painter.save()
        painter.resetTransform()
        placed = list(self._placed(to_screen, view))
        for band, rect in placed:
            self._paint_band(painter, band, rect)
        self._paint_words(painter, placed, view)
        painter.restore()

    def _placed(self, to_screen: QTransform, view: QRectF) -> Iterator[tuple[EventBand, QRectF]]:
        """Bands in view with their places on the screen."""
        for band in self.shown:
            left = float(round(to_screen.map(QPointF(band.line0, 0)).x()))
            right = float(round(to_screen.map(QPointF(band.line1, 0)).x()))
            if right >= view.left() and left <= view.right():
                # Far ends would be too long for the painter.
                left, right = max(left, view.left() - 9), min(right, view.right() + 9)
                width = max(right - left, 1)
                yield band, QRectF(left, view.top(), width, view.height())

    def _is_chosen(self, band: EventBand) -> bool:
        if self._preview is not None:
            return band is self._preview
        return band.id == self.selected_id

    def _paint_band(self, painter: QPainter, band: EventBand, rect: QRectF) -> None:
        color, chosen = self._colors[band.kind], self._is_chosen(band)
        rejected = band.accepted is False
        strength = (_STRONGER if chosen else 1.0) * (_FAINTER if rejected else 1.0)
        painter.fillRect(rect, _with_alpha(color, self._fill * strength))
        if self._stale:
            hatch = QBrush(_with_alpha(color, _HATCH), Qt.BrushStyle.BDiagPattern)
            painter.fillRect(rect, hatch)
        edge = QPen(_with_alpha(color, _FAINT_EDGE if rejected else 1.0), 2 if chosen else 1)
        if self._stale:
            edge.setStyle(Qt.PenStyle.DashLine)
        elif rejected:
            edge.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(edge)
        for x in (rect.left() + 0.5, rect.right() + 0.5):
            painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))

    def _paint_words(
        self, painter: QPainter, placed: Sequence[tuple[EventBand, QRectF]], view: QRectF
    ) -> None:
        """Glyph and word at the foot of a band; where it is narrow, the glyph alone.

        What would lie on another label is left out, never that of the chosen one.
        """
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        taken: list[QRectF] = []
        for band, rect in reversed(placed):
            inside = rect.intersected(view)
            long = _GLYPH + _GAP + metrics.horizontalAdvance(band.words)
            fits = long + 2 * _PAD <= inside.width()
            room = QRectF(0, 0, long if fits else _GLYPH, metrics.height())
            room.moveCenter(inside.center())
            room.moveBottom(view.bottom() - _GAP)
            if fits:
                room.moveLeft(inside.left() + _PAD)
            if any(one.intersects(room) for one in taken):
                continue
            taken.append(room)
            self._paint_label(painter, band, room, band.words if fits else "")

    def _paint_label(self, painter: QPainter, band: EventBand, room: QRectF, words: str) -> None:
        color = _with_alpha(self._colors[band.kind], 0.6 if band.accepted is False else 1.0)
        box = QRectF(room.left(), room.center().y() - _GLYPH / 2, _GLYPH, _GLYPH)
        draw_glyph(painter, band.kind, box, color)
        painter.setPen(color)
        text = room.adjusted(_GLYPH + _GAP, 0, 2, 0)
        painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def moved(band: EventBand, line0: float, line1: float) -> EventBand:
    """The same event elsewhere."""
    return replace(band, line0=line0, line1=line1)


def _with_alpha(color: QColor, alpha: float) -> QColor:
    faded = QColor(color)
    faded.setAlphaF(min(alpha, 1.0))
    return faded
