"""The regions of one recording as rows: name, extent in time and space, results."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap

from acqcore.errors import InvalidROI
from acqcore.model.header import Calibration
from acqcore.model.roi import ROI, RectROI
from cloudscope.theme import Theme

_SWATCH = 12
_DASH, _ARROW = "–", "→"  # a rectangle has a start and a stop, a line goes from end to end
_RANGE = re.compile(r"\s*([\d.,]+)\s*(?:–|→|-|\bto\b|\s)\s*([\d.,]+)\s*")

Index = QModelIndex | QPersistentModelIndex
_Display = Qt.ItemDataRole


@dataclass(frozen=True, slots=True)
class ResultMark:
    """One finished analysis of a ROI.

    Attributes:
        title: Of the analysis.
        stale: Why it is out of date, or empty.
    """

    title: str
    stale: str = ""

    @property
    def letter(self) -> str:
        """Initial of the title, in brackets when out of date."""
        initial = self.title[:1].upper()
        return f"({initial})" if self.stale else initial


class RoiColumn(IntEnum):
    """Columns in order; `TIME` and `DISTANCE` are in units where those are known."""

    NAME = 0
    TIME = 1
    DISTANCE = 2
    LINES = 3
    PIXELS = 4
    RESULTS = 5


def extent(roi: ROI) -> tuple[int, int, int, int]:
    """`(line, line, pixel, pixel)`: start and stop of a rectangle, the two ends of a line."""
    if isinstance(roi, RectROI):
        return roi.line_start, roi.line_stop, roi.pixel_start, roi.pixel_stop
    return roi.line0, roi.line1, roi.pixel0, roi.pixel1


def with_extent(roi: ROI, lines: tuple[int, int], pixels: tuple[int, int]) -> ROI:
    """Same ROI elsewhere, corners of a rectangle sorted; `InvalidROI` when it is empty."""
    if isinstance(roi, RectROI):
        (line_start, line_stop), (pixel_start, pixel_stop) = sorted(lines), sorted(pixels)
        return replace(
            roi,
            line_start=line_start,
            line_stop=line_stop,
            pixel_start=pixel_start,
            pixel_stop=pixel_stop,
        )
    return replace(roi, line0=lines[0], line1=lines[1], pixel0=pixels[0], pixel1=pixels[1])


def decimals_of(step: float) -> int:
    """Decimals that tell positions ten steps apart."""
    return max(1, math.ceil(-math.log10(10 * step)))


class RoiTable(QAbstractTableModel):
    """Rows in the order of creation; an edit is reported, never applied here.

    Signals:
        roiEdited: The ROI as the user wants it.
    """

    roiEdited = Signal(object)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rois: tuple[ROI, ...] = ()
        self._calibration = Calibration()
        self._results: Mapping[int, tuple[ResultMark, ...]] = {}
        theme.changed.connect(self._recolor)

    def show(
        self,
        rois: tuple[ROI, ...],
        calibration: Calibration,
        results: Mapping[int, tuple[ResultMark, ...]],
    ) -> None:
        """Take what the scene says; rows keep their selection while their ids stay."""
        same_rows = [roi.id for roi in rois] == [roi.id for roi in self._rois]
        if not same_rows:
            self.beginResetModel()
        relabelled = calibration.labels != self._calibration.labels
        self._rois, self._calibration, self._results = rois, calibration, results
        if not same_rows:
            self.endResetModel()
        elif rois:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rois) - 1, len(RoiColumn) - 1))
        if relabelled:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(RoiColumn) - 1)

    def roi_at(self, row: int) -> ROI | None:
        """The ROI of a row, None outside the table."""
        return self._rois[row] if 0 <= row < len(self._rois) else None

    def row_of(self, roi_id: int | None) -> int:
        """The row of a ROI, -1 when it is not there."""
        ids = [roi.id for roi in self._rois]
        return ids.index(roi_id) if roi_id in ids else -1

    # --- Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        """A ROI per row."""
        return 0 if parent.isValid() else len(self._rois)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """As many as `RoiColumn` has."""
        return 0 if parent.isValid() else len(RoiColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Display.DisplayRole
    ) -> Any:
        """Titles with the unit in force."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(RoiColumn):
            return None
        if role == _Display.TextAlignmentRole:
            return _alignment(section)
        if role == _Display.ToolTipRole:
            return _HEAD_TIPS[section]
        if role != _Display.DisplayRole:
            return None
        time = "Time (s)" if self._calibration.time_known else "Lines"
        distance = "Dist. (µm)" if self._calibration.distance_known else "Pixels"
        return ("ROI", time, distance, "Lines", "Pixels", "Results")[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All but the results can be edited."""
        shown = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if index.column() == RoiColumn.RESULTS:
            return shown
        return shown | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = _Display.DisplayRole) -> Any:
        """Never raises: Qt asks while it paints."""
        roi = self.roi_at(index.row()) if index.isValid() else None
        if roi is None:
            return None
        if role in (_Display.DisplayRole, _Display.EditRole):
            return self._text(roi, index.column(), editing=role == _Display.EditRole)
        if role == _Display.DecorationRole and index.column() == RoiColumn.NAME:
            return self._swatch(index.row())
        if role == _Display.TextAlignmentRole:
            return _alignment(index.column())
        if role == _Display.ToolTipRole:
            return self._tool_tip(roi, index.column())
        return None

    def setData(self, index: Index, value: Any, role: int = _Display.EditRole) -> bool:
        """Report the edit; False for text that is no name, no range or an empty region."""
        roi = self.roi_at(index.row()) if index.isValid() else None
        if roi is None or role != _Display.EditRole:
            return False
        try:
            edited = self._edited(roi, index.column(), str(value))
        except (ValueError, InvalidROI):
            return False
        if edited != roi:
            self.roiEdited.emit(edited)
        return True

    # --- rows in words -------------------------------------------------------------------

    def _text(self, roi: ROI, column: int, *, editing: bool) -> str:
        if column == RoiColumn.NAME:
            return roi.name if editing else roi.label
        if column == RoiColumn.RESULTS:
            return " ".join(mark.letter for mark in self._results.get(roi.id, ()))
        return self._range(roi, column)

    def _range(self, roi: ROI, column: int) -> str:
        between = _DASH if isinstance(roi, RectROI) else _ARROW
        return between.join(self._ends(roi, column))

    def _step(self, column: int) -> tuple[float, int]:
        """Step of an axis and the decimals of its numbers."""
        steps = self._calibration
        if column == RoiColumn.TIME and steps.time_known:
            return steps.step_y, decimals_of(steps.step_y)
        if column == RoiColumn.DISTANCE and steps.distance_known:
            return steps.step_x, decimals_of(steps.step_x)
        return 1.0, 0

    def _ends(self, roi: ROI, column: int) -> tuple[str, str]:
        step, decimals = self._step(column)
        where = extent(roi)[:2] if column in _ALONG_TIME else extent(roi)[2:]
        return f"{where[0] * step:.{decimals}f}", f"{where[1] * step:.{decimals}f}"

    def _edited(self, roi: ROI, column: int, text: str) -> ROI:
        if column == RoiColumn.NAME:
            return replace(roi, name=text.strip())
        match = _RANGE.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no range")
        step, _ = self._step(column)
        shown = self._ends(roi, column)
        lines, pixels = extent(roi)[:2], extent(roi)[2:]
        now = lines if column in _ALONG_TIME else pixels
        # An end that was not touched keeps its exact place, which its text rounds.
        first, last = (
            place if typed == old else round(float(typed.replace(",", ".")) / step)
            for typed, old, place in zip(match.groups(), shown, now, strict=True)
        )
        if column in _ALONG_TIME:
            return with_extent(roi, (first, last), pixels)
        return with_extent(roi, lines, (first, last))

    def _tool_tip(self, roi: ROI, column: int) -> str:
        if column == RoiColumn.RESULTS:
            return "\n".join(
                f"{mark.title}: out of date. {mark.stale}" if mark.stale else mark.title
                for mark in self._results.get(roi.id, ())
            )
        if column == RoiColumn.NAME:
            return "\n".join(filter(None, (roi.label, roi.note, "Double-click to rename")))
        other = _OTHER_UNIT[RoiColumn(column)]
        title = self.headerData(other, Qt.Orientation.Horizontal)
        return f"{title} {self._range(roi, other)}\nDouble-click to edit"

    def _swatch(self, row: int) -> QIcon:
        color = self._theme.roi_color(row, self._rois[row].color)
        pixmap = QPixmap(_SWATCH, _SWATCH)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        if isinstance(self._rois[row], RectROI):
            painter.fillRect(pixmap.rect(), color)
            painter.setPen(self._theme.color("text"))
            painter.drawRect(QRect(0, 0, _SWATCH - 1, _SWATCH - 1))
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for ink, width in ((self._theme.color("text"), 5.0), (color, 3.0)):
                painter.setPen(QPen(ink, width))
                painter.drawLine(1, _SWATCH - 2, _SWATCH - 2, 1)
        painter.end()
        icon = QIcon(pixmap)
        # Without its own picture a selected row would tint the colour.
        icon.addPixmap(pixmap, QIcon.Mode.Selected)
        return icon

    @Slot()
    def _recolor(self) -> None:
        if self._rois:
            last = self.index(len(self._rois) - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [_Display.DecorationRole])


_HEAD_TIPS = (
    "Colour, and name or number",
    "First and last moment, or the two ends of a line",
    "Distance along the scan line",
    "Scan lines",
    "Pixels along the scan line",
    "Initials of what was measured; in brackets what is out of date",
)
_ALONG_TIME = (RoiColumn.TIME, RoiColumn.LINES)
_OTHER_UNIT = {
    RoiColumn.TIME: RoiColumn.LINES,
    RoiColumn.LINES: RoiColumn.TIME,
    RoiColumn.DISTANCE: RoiColumn.PIXELS,
    RoiColumn.PIXELS: RoiColumn.DISTANCE,
}


def _alignment(column: int) -> int:
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    return int((right if column == RoiColumn.RESULTS else left) | Qt.AlignmentFlag.AlignVCenter)
