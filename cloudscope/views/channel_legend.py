"""Names of the blended channels in their colours, in a corner of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from cloudscope.views.overlay import HALO, WHITE, OverlayItem, draw_tag, solid, tag_size

_MARGIN, _GAP = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One channel.

    Attributes:
        color: As `#RRGGBB`, which compares by value.
        selected: The contrast panel and the read-out speak of this one.
    """

    name: str
    color: str
    selected: bool


class ChannelLegend(OverlayItem):
    """Stands in the upper right corner while there is something to name."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self._font = QFont()
        self.setZValue(15)
        self.hide()

    def show_entries(self, entries: Sequence[Entry], font: QFont) -> None:
        """From top to bottom; nothing hides it."""
        if (tuple(entries), font) != (self.entries, self._font):
            self.entries, self._font = tuple(entries), font
            self.update()
        self.setVisible(bool(entries))

    def paint(self, painter: QPainter, option: Any, widget: QWidget | None = None) -> None:
        """Tags under each other, the selected one in a white frame."""
        shown = painter.worldTransform().mapRect(QRectF(self.viewRect()))
        painter.save()
        painter.resetTransform()
        painter.setFont(self._font)
        sizes = [tag_size(self._font, one.name) for one in self.entries]
        left = float(round(shown.right() - _MARGIN - max(width for width, _ in sizes)))
        top = float(round(shown.top() + _MARGIN))
        for entry, (width, height) in zip(self.entries, sizes, strict=True):
            box = QRectF(left, top, width, height)
            painter.fillRect(box.adjusted(-1, -1, 1, 1), HALO)
            draw_tag(painter, left, top, entry.name, QColor(entry.color))
            if entry.selected:
                painter.setPen(solid(WHITE, 2))
                painter.drawRect(box.adjusted(-1, -1, 1, 1))
            top += height + _GAP
        painter.restore()
