"""The small pieces that every panel is made of: labels, rules, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHelpEvent,
    QIcon,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPushButton,
    QToolButton,
    QToolTip,
    QWidget,
)

from cloudscope.theme import Theme

if TYPE_CHECKING:  # an empty window has none of these
    from PySide6.QtWidgets import QAbstractSpinBox, QProgressBar


def label(text: str, role: str = "", parent: QWidget | None = None) -> QLabel:
    """Plain text in one of the roles of the style sheet: `section`, `field`, `small` ..."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def rule() -> QFrame:
    """A thin line between two groups."""
    line = QFrame()
    line.setObjectName("rule")
    return line


def push_button(text: str, tip: str, kind: str = "") -> QPushButton:
    """A command; `kind` is `primary`, `quiet` or empty."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    if kind:
        button.setProperty("kind", kind)
    return button


def tool_button(theme: Theme, icon: str, tip: str, size: int = 16) -> QToolButton:
    """A flat button with an icon only; the tip is its accessible name as well."""
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setIconSize(QSize(theme.px(size), theme.px(size)))
    button.setFixedSize(theme.px(size) + 8, theme.px(size) + 8)
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(" (")[0])
    return button


def indent_number(spin_box: QAbstractSpinBox) -> None:
    """Start the number where other fields start theirs.

    A style sheet's padding does not reach the line edit inside a spin box.
    """
    spin_box.lineEdit().setTextMargins(5, 0, 0, 0)


def restyle(widget: QWidget) -> None:
    """Make the style sheet look again at a property that has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def dot_pixmap(theme: Theme, size: int = 8) -> QPixmap:
    """The round mark of something unsaved."""
    pixmap = _blank(size)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(QRectF(0, 0, size, size))
    return pixmap


def swatch_icon(color: QColor, size: int = 12) -> QIcon:
    """A square in the colour of a ROI or channel, the same on a selected row."""
    pixmap = _blank(size)
    with QPainter(pixmap) as painter:
        painter.setPen(QColor(0, 0, 0, 186))
        painter.setBrush(color)
        painter.drawRect(QRectF(0.5, 0.5, size - 1, size - 1))
    icon = QIcon(pixmap)
    # Without its own picture a selected or disabled one would be tinted by the style.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon


def _blank(size: int) -> QPixmap:
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


class ElidedLabel(QLabel):
    """One line that shortens itself to the room it has and tells the rest in its tip."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        """Room for an ellipsis."""
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self.text()) + 1
        return QSize(width + margins.left() + margins.right(), super().sizeHint().height())

    def shown_text(self) -> str:
        """What fits."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def event(self, event: QEvent) -> bool:
        """Tell the whole text where it does not fit, and the tool tip elsewhere."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            hidden = self.shown_text() != self.text()
            QToolTip.showText(event.globalPos(), self.text() if hidden else self.toolTip(), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        painter = QPainter(self)
        self.drawFrame(painter)  # with the ground that a style sheet may give it
        # Not by QStyle.drawItemText, which says the same: that class takes long to load.
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment().value, self.shown_text())
        painter.end()


def show_progress(bar: QProgressBar, value: int) -> None:
    """Set a bar without its habit of repainting at once, which drags the whole window along."""
    bar.setUpdatesEnabled(False)
    bar.setValue(value)
    bar.setUpdatesEnabled(True)
