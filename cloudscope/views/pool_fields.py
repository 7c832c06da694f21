"""Fields of the pool window: named, and filled without telling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QGridLayout,
    QLabel,
    QTableView,
    QWidget,
)

from cloudscope.theme import Theme
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import label

LABEL_WIDTH = 78


def rows_of_fields(
    width: int, fields: Iterable[QWidget], unnamed: Iterable[QWidget] = ()
) -> tuple[QGridLayout, dict[QWidget, QLabel]]:
    """Labels at the left, as their accessible names say, and the label of each field."""
    grid, labels = QGridLayout(), dict[QWidget, QLabel]()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, width)
    grid.setColumnStretch(1, 1)
    without = set(unnamed)
    for row, field in enumerate(fields):
        labels[field] = label("" if field in without else field.accessibleName(), "field")
        grid.addWidget(labels[field], row, 0)
        grid.addWidget(field, row, 1)
    return grid, labels


def combo(name: str, tip: str) -> FocusedCombo:
    """A choice."""
    made = FocusedCombo()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    return made


def check(text: str, tip: str) -> QCheckBox:
    """A switch."""
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box


def fill(chooser: FocusedCombo, offered: Iterable[tuple[Any, str]], chosen: Any = None) -> None:
    """Offer other values; the chosen one stays, or else the first one is."""
    rows = list(offered)
    with QSignalBlocker(chooser):
        there = [(chooser.itemData(at), chooser.itemText(at)) for at in range(chooser.count())]
        if there != rows:
            chooser.clear()
            for value, text in rows:
                chooser.addItem(text, value)
        chooser.setCurrentIndex(max(chooser.findData(chosen), 0))


def choose(chooser: FocusedCombo, value: Any) -> None:
    """Show a value; one that is not offered leaves the field empty."""
    with QSignalBlocker(chooser):
        chooser.setCurrentIndex(chooser.findData(value))


def table_view(theme: Theme, model: QAbstractItemModel, name: str) -> QTableView:
    """Rows in the look of the program; the end of a long text tells recordings apart."""
    view = QTableView()
    view.setModel(model)
    view.setProperty("kind", "framed")
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setCornerButtonEnabled(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(theme.px(24))
    view.horizontalHeader().setHighlightSections(False)
    return view
