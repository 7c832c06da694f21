"""The grip of one contrast limit: a line over the histogram with a small block to grab."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cloudscope.theme import Theme
from cloudscope.views.own_keys import OwnKeys

HIT_WIDTH = 17
_GRIP_WIDTH, _GRIP_HEIGHT = 7, 18
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}


class LimitHandle(QWidget):
    """Moves with the mouse and the arrow keys; its parent decides where it may stand.

    Signals:
        dragged: Wanted centre, in pixels of the parent.
        stepped: Steps wanted by the keyboard; Shift counts ten.
        released: The gesture has ended.
    """

    dragged = Signal(float)
    stepped = Signal(int)
    released = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grab_offset: float | None = None
        self._stepping = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAccessibleName(name)
        OwnKeys(self, lambda event: event.key() in _STEPS)
        self.setToolTip(f"Drag the {name.lower()} (Left, Right; Shift for ten)")

    @property
    def is_moving(self) -> bool:
        """Whether a gesture is under way."""
        return self._grab_offset is not None or self._stepping

    def centre_at(self, x: float, height: int) -> None:
        """Stand with the line at `x` of the parent."""
        self.setGeometry(round(x) - HIT_WIDTH // 2, 0, HIT_WIDTH, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Grab where the mouse is, without a jump."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._grab_offset = event.position().x() - HIT_WIDTH / 2
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ask to follow the mouse."""
        if self._grab_offset is not None:
            self.dragged.emit(self.mapToParent(event.position()).x() - self._grab_offset)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of the drag."""
        if self._grab_offset is not None:
            self._grab_offset = None
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys step."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._stepping = True
        ten = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.stepped.emit(step * (10 if ten else 1))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """A held key is one gesture."""
        super().keyReleaseEvent(event)
        if self._stepping and not event.isAutoRepeat():
            self._stepping = False
            self.released.emit()

    def focusOutEvent(self, event: object) -> None:
        """A key released elsewhere would leave the gesture open."""
        if self._stepping:
            self._stepping = False
            self.released.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line and block; the block is outlined while it has the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, middle = self._theme.color("accent"), HIT_WIDTH / 2
        painter.fillRect(QRectF(middle - 0.75, 1, 1.5, self.height() - 2), accent)
        grip = QRectF(0, 0, _GRIP_WIDTH, _GRIP_HEIGHT)
        grip.moveCenter(QRectF(self.rect()).center())
        painter.setBrush(accent)
        token, width = ("text", 2) if self.hasFocus() else ("accent", 1)
        painter.setPen(QPen(self._theme.color(token), width))
        painter.drawRoundedRect(grip, 1.5, 1.5)
