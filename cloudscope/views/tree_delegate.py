"""How a row of the file tree is painted: text, signs, badge; and the signs of its header.

The tree and its style sheet paint the ground of a row, the delegate what stands on it.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cloudscope.item_models.file_tree_cells import NAME, STALE_ROLE, STATE, STATE_ROLE, VERDICT
from cloudscope.theme import Theme

Index = QModelIndex | QPersistentModelIndex

ROW, PADDING, SIGN, DOT = 24, 4, 16, 8
BADGE = "Out of date"
_BADGE_HEIGHT, _BADGE_ICON, _BADGE_MARGIN = 18, 14, 5
_VERDICTS = {Qt.CheckState.Checked: ("accept", "ok"), Qt.CheckState.Unchecked: ("reject", "err")}
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class TreeDelegate(QStyledItemDelegate):
    """Paints the cells of a recording, and an analysis across all columns."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One height for all rows; the width is for fitting a column to its contents."""
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        width = QFontMetrics(option.font).horizontalAdvance(text) + 2 * PADDING
        return QSize(width, self._theme.px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell of a recording; those of an analysis stay empty, see `paint_analysis`."""
        if index.parent().isValid():
            return
        state = index.data(STATE_ROLE) if index.column() == STATE else ""
        verdict = index.data(Qt.ItemDataRole.CheckStateRole)
        if state == "unsaved":
            paint_dot(painter, option.rect, self._theme, "accent")
        elif state == "problem":
            paint_sign(painter, option.rect, self._theme, "warning", "warn")
        elif verdict in _VERDICTS:
            paint_sign(painter, option.rect, self._theme, *_VERDICTS[verdict])
        else:
            self._paint_text(painter, option, index)

    def paint_analysis(self, painter: QPainter, row: QRect, index: Index) -> None:
        """Name of an analysis from the left, its badge at the right end of `row`."""
        painter.save()
        text = row.adjusted(PADDING, 0, -PADDING, 0)
        if index.data(STALE_ROLE):
            badge = self._badge_rect(row)
            self._paint_badge(painter, badge)
            text.setRight(badge.left() - PADDING)
        painter.setFont(self._theme.font())
        painter.setPen(self._theme.color("text"))
        said = index.data(Qt.ItemDataRole.DisplayRole) or ""
        elided = painter.fontMetrics().elidedText(said, Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, _MIDDLE, elided)
        painter.restore()

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        first = index.column() == NAME
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(self._theme.color("text" if first or selected else "text2"))
        left = PADDING if first or index.column() == STATE else PADDING + 2
        rect = option.rect.adjusted(left, 0, -PADDING, 0)
        # The end of a name tells recordings apart, so its middle goes.
        mode = Qt.TextElideMode.ElideMiddle if first else Qt.TextElideMode.ElideRight
        text = index.data(Qt.ItemDataRole.DisplayRole) or ""
        elided = painter.fontMetrics().elidedText(text, mode, rect.width())
        side = index.data(Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(rect, int(_MIDDLE) | int(side), elided)
        painter.restore()

    def _badge_rect(self, row: QRect) -> QRect:
        theme = self._theme
        text = QFontMetrics(theme.font("small")).horizontalAdvance(BADGE)
        box = QRect(0, 0, text + theme.px(_BADGE_ICON) + 3 * PADDING, theme.px(_BADGE_HEIGHT))
        box.moveCenter(row.center())
        box.moveRight(row.right() - _BADGE_MARGIN)
        return box

    def _paint_badge(self, painter: QPainter, box: QRect) -> None:
        theme, side = self._theme, self._theme.px(_BADGE_ICON)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("warn_bg"))
        painter.drawRoundedRect(QRectF(box), 3, 3)
        sign = QRect(box.left() + PADDING, box.top(), side, box.height())
        paint_sign(painter, sign, theme, "stale", "warn", _BADGE_ICON)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("warn"))
        painter.drawText(box.adjusted(side + 2 * PADDING - 1, 0, 0, 0), _MIDDLE, BADGE)


class TreeHeader(QHeaderView):
    """Shows the two narrow columns by their signs."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorClearable(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setMinimumSectionSize(theme.px(20))

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        """The section, then its sign unless the sort arrow stands there."""
        painter.save()
        super().paintSection(painter, rect, column)
        painter.restore()
        if self.sortIndicatorSection() == column:
            return
        if column == STATE:
            paint_dot(painter, rect, self._theme, "text2")
        elif column == VERDICT:
            paint_sign(painter, rect, self._theme, "accept", "text2")


def paint_dot(painter: QPainter, cell: QRect, theme: Theme, token: str) -> None:
    """The sign for unsaved changes, centred."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(token))
    side = theme.px(DOT)
    box = QRectF(0, 0, side, side)
    box.moveCenter(QRectF(cell).center())
    painter.drawEllipse(box)
    painter.restore()


def paint_sign(
    painter: QPainter, cell: QRect, theme: Theme, icon: str, token: str, side: int = SIGN
) -> None:
    """A drawing in one colour, centred."""
    box = QRect(0, 0, theme.px(side), theme.px(side))
    box.moveCenter(cell.center())
    painter.drawPixmap(box.topLeft(), theme.pixmap(icon, theme.px(side), token))
