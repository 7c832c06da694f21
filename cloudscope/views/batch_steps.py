"""Which analyses a batch runs: a list of steps, and the parameters of the chosen one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from acqcore.analysis import analyses, analysis
from acqcore.batch import Step
from acqcore.model.header import Calibration
from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button
from cloudscope.views.parameter_form import ParameterForm

_ROWS = 3
_NAME = Qt.ItemDataRole.UserRole


class BatchSteps(QWidget):
    """Each analysis at most once; the batch sorts them by what needs what.

    `form` with its title is placed by the owner: it may be long.

    Signals:
        edited: Other analyses or other parameters, by the user's hand.
    """

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: dict[str, dict[str, Any]] = {}
        self._calibration = Calibration()
        self.list, self.form = QListWidget(), ParameterForm(theme)
        self.form_title = label("", "section")
        self.list.setProperty("kind", "framed")
        self.list.setAccessibleName("Analyses of the batch")
        self.list.setToolTip("Choose an analysis to see its parameters (Del removes it)")
        self.add_button = push_button("Add", "Add an analysis to the batch")
        self.remove_button = push_button("Remove", "Take the chosen analysis out (Del)", "quiet")
        self._menu = QMenu(self)
        self.add_button.setMenu(self._menu)
        self._lay_out()
        self.list.currentItemChanged.connect(self._show_chosen)
        self.remove_button.clicked.connect(self.remove_chosen)
        self.form.edited.connect(self._take_values)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("Analyses", "section"))
        column.addWidget(self.list)
        column.addLayout(buttons)
        self.list.setFixedHeight(_ROWS * self._theme.px(25) + 2)

    # --- steps -------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        """Names and parameters, in the order in which they were added."""
        return tuple((name, dict(values)) for name, values in self._values.items())

    def show_steps(self, steps: Sequence[Step], chosen: str = "") -> None:
        """Show these; parameters that are not named have their defaults."""
        self._values = {name: _complete(name, values) for name, values in steps}
        self._fill(chosen)

    def set_calibration(self, calibration: Calibration) -> None:
        """The units in which lengths and times are typed."""
        if calibration.steps != self._calibration.steps:
            self._calibration = calibration
            self._show_chosen()

    def add(self, name: str, values: Mapping[str, Any] | None = None) -> None:
        """One more analysis, and what it needs first if that is not there."""
        for parent in analysis(name).depends_on:
            if parent not in self._values:
                self._values[parent] = _complete(parent, {})
        self._values[name] = _complete(name, values or {})
        self._fill(name)
        self.edited.emit()

    @Slot()
    def remove_chosen(self) -> None:
        """Take the chosen analysis out; the last one stays."""
        chosen = self._chosen()
        if len(self._values) > 1 and chosen:
            del self._values[chosen]
            self._fill("")
            self.edited.emit()

    def commit(self) -> bool:
        """Finish typing; False while something typed is not valid."""
        fine = self.form.commit()
        if fine and self._chosen():
            self._values[self._chosen()] = self.form.values()
        return fine

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    def _fill(self, chosen: str) -> None:
        before = chosen or self._chosen()
        self.list.blockSignals(True)
        self.list.clear()
        for name in self._values:
            item = QListWidgetItem(analysis(name).title)
            item.setData(_NAME, name)
            self.list.addItem(item)
        names = list(self._values)
        self.list.setCurrentRow(names.index(before) if before in names else 0)
        self.list.blockSignals(False)
        self.remove_button.setEnabled(len(names) > 1)
        self._menu.clear()
        for name, one in analyses().items():
            if name not in self._values:
                self._menu.addAction(one.title, partial(self.add, name))
        self.add_button.setEnabled(not self._menu.isEmpty())
        self._show_chosen()

    @Slot()
    def _show_chosen(self) -> None:
        name = self._chosen()
        if name:
            self.form_title.setText(f"Parameters of {analysis(name).title}")
            self.form.show_analysis(analysis(name), self._calibration)
            self.form.show_values(self._values[name], None)

    @Slot()
    def _take_values(self) -> None:
        if self._chosen():
            self._values[self._chosen()] = self.form.values()
            self.edited.emit()


def _complete(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    fields = analysis(name).schema().fields
    return {one.name: values.get(one.name, one.default) for one in fields}
