"""The statistics below the plots: each group with what its n is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QVBoxLayout, QWidget

from acqcore._summaries import COUNTS, STATISTICS
from cloudscope.item_models.data_frame import DataFrameModel, FrameColumn, frame_column
from cloudscope.theme import Theme
from cloudscope.views.labels import ElidedLabel, label
from cloudscope.views.pool_export import tsv
from cloudscope.views.pool_fields import table_view
from cloudscope.views.quantities import shown_unit

if TYPE_CHECKING:
    import pandas as pd

_TITLES = {
    "n_animals": "Animals", "n_files": "Recordings", "n_rois": "ROIs", "n_windows": "Windows",
    "mean": "Mean", "sd": "SD", "sem": "SEM", "median": "Median", "min": "Minimum",
    "max": "Maximum",
}  # fmt: skip
_HELP = {
    "n_animals": "How many animals the numbers are from; empty where they are not known.",
    "n_windows": "How many windows the numbers are from; empty where they are not counted.",
    "sd": "Standard deviation of a sample.",
    "sem": "SD over the square root of the number of points.",
}
_HIDDEN = ("value", "unit", "per")


class PoolSummary(QWidget):
    """A small table, or a sentence about why there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.frame: pd.DataFrame | None = None
        self.model = DataFrameModel(self)
        self.sentence = label("", "warnText")
        self.sentence.setWordWrap(True)
        self._caption = ElidedLabel("Summary", "section")
        self.view = table_view(theme, self.model, "Summary of the groups")
        self.view.horizontalHeader().setSectionsClickable(False)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._caption)
        column.addWidget(self.sentence)
        column.addWidget(self.view, 1)
        self.show_summary(None, "")

    def show_summary(self, summary: pd.DataFrame | None, title: str, sentence: str = "") -> None:
        """Statistics of `title`, or why there are none."""
        self.frame = summary
        columns = _columns(summary) if summary is not None else []
        self.model.show(columns, np.arange(0 if summary is None else len(summary)))
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self._caption.setText(f"Summary: {title}" if title and columns else "Summary")
        metrics = self.view.fontMetrics()
        for place, column in enumerate(columns):
            texts = [column.title, column.unit]
            texts += [column.text(row) for row in range(min(len(self.model.rows), 40))]
            width = max(metrics.horizontalAdvance(text) for text in texts) + self._theme.px(20)
            self.view.setColumnWidth(place, min(width, self._theme.px(180)))

    def copy(self) -> None:
        """Into a spreadsheet."""
        QGuiApplication.clipboard().setText(tsv(self.model.columns, self.model.rows))


def _columns(summary: pd.DataFrame) -> list[FrameColumn]:
    stored = str(summary["unit"].iloc[0]) if len(summary) else ""
    unit, factor = shown_unit(stored)
    columns = []
    for name in summary:
        if name in _HIDDEN:
            continue
        title, measured = _TITLES.get(str(name), ""), name in STATISTICS
        if not title:
            title = str(name).replace("_", " ").capitalize()
        series = summary[name]
        group = name not in (*COUNTS, *STATISTICS)
        series = series.astype(str) if group else series
        columns.append(
            frame_column(
                series, title, unit if measured else "", _HELP.get(str(name), ""),
                factor if measured else 1.0,
            )
        )  # fmt: skip
    return columns
