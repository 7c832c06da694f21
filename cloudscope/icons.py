"""Icons drawn from SVG files at the size and in the colour that the moment asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

TokenColor = Callable[[str], QColor]
"""Colour of a token in the palette in force."""


def tinted_svg(path: Path, color: QColor) -> str:
    """The drawing with its one colour replaced."""
    return path.read_text(encoding="utf-8").replace("currentColor", color.name())


def draw_svg(painter: QPainter, path: Path, color: QColor, box: QRect) -> None:
    """Draw centred in `box`, as large as a square in it can be."""
    from PySide6.QtSvg import QSvgRenderer  # not before the first paint

    side = min(box.width(), box.height())
    square = QRect(0, 0, side, side)
    square.moveCenter(box.center())
    renderer = QSvgRenderer(tinted_svg(path, color).encode())
    renderer.render(painter, QRectF(square))


class SvgIconEngine(QIconEngine):
    """Tint one drawing by mode and state; follows the palette without being told.

    `token` forces one colour for every state but disabled. `clones` must live as long as
    the icons: Qt does not take over the engine that `clone` returns, so its Python side
    would be collected under a living icon.
    """

    def __init__(
        self,
        path: Path,
        token_color: TokenColor,
        token: str,
        clones: list[SvgIconEngine],
    ) -> None:
        super().__init__()
        self._path, self._token_color, self._token = path, token_color, token
        self._clones = clones
        self._drawn: dict[tuple[int, int, int], QPixmap] = {}

    def color(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        """Text normally, accent while checked, the faint grey while disabled."""
        if mode is QIcon.Mode.Disabled:
            return self._token_color("text3")
        if self._token:
            return self._token_color(self._token)
        return self._token_color("accent" if state is QIcon.State.On else "text")

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw at the resolution of the painter's device."""
        draw_svg(painter, self._path, self.color(mode, state), rect)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Pixels of the asked size, kept for the next repaint."""
        color = self.color(mode, state)
        key = (size.width(), size.height(), color.rgba())
        if key not in self._drawn:
            self._drawn[key] = svg_pixmap(self._path, color, size)
        return self._drawn[key]

    def clone(self) -> SvgIconEngine:
        """A second engine of the same drawing, for an icon that is about to be changed."""
        twin = SvgIconEngine(self._path, self._token_color, self._token, self._clones)
        self._clones.append(twin)
        return twin


def svg_pixmap(path: Path, color: QColor, size: QSize) -> QPixmap:
    """A tinted drawing on a transparent ground, `size` in device pixels."""
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_svg(painter, path, color, QRect(QPoint(0, 0), size))
    painter.end()
    return pixmap
