"""The left side of the batch window: what is run, where, and what happens to the results."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from acqcore.batch import BatchJob, RoiKind, RoiRule
from cloudscope.theme import Theme
from cloudscope.views.batch_order import BatchOrder, Existing, Scope, existing_of, roi_text
from cloudscope.views.batch_steps import BatchSteps
from cloudscope.views.combo import FocusedCombo
from cloudscope.views.labels import indent_number, label, push_button

_SCOPES = {
    Scope.SELECTED: "Selected, {}",
    Scope.VISIBLE: "In the list, {}",
    Scope.OPEN: "All open, {}",
    Scope.PLACE: "A folder or a CSV list",
}
_ROIS = {
    RoiKind.FULL: "Whole recording",
    RoiKind.EXISTING: "The ROI of this number",
    RoiKind.ALL: "Every rectangle",
    RoiKind.BOUNDS: "The same rectangle",
}
_EXISTING = {
    Existing.KEEP: "Keep",
    Existing.UPDATE: "Replace if out of date",
    Existing.REPLACE: "Replace",
}
_MOST_ROIS, _MOST_WORKERS = 9999, 256


class BatchSettings(QScrollArea):
    """A form for one `BatchOrder`.

    Signals:
        edited: Something else is ordered now.
        folderWanted, listWanted: Ask for the place.
    """

    edited = Signal()
    folderWanted = Signal()
    listWanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._place = theme, Path()
        self._channel_names: Mapping[int, str] = {}
        self.steps = BatchSteps(theme)
        self.scope, self.channel = _combo("Recordings"), _combo("Channel")
        self.roi, self.existing = _combo("ROI"), _combo("Existing results")
        self.roi_number, self.roi_box = QSpinBox(), QLineEdit()
        self.place = QLineEdit()
        self.folder_button = push_button("Folder…", "Choose a folder of recordings", "quiet")
        self.list_button = push_button("List…", "Choose a CSV list of recordings", "quiet")
        self.skip_rejected = QCheckBox("Leave out rejected recordings")
        self.save = QCheckBox("Save each recording when done")
        self.workers = QSpinBox()
        self._name_all()
        self._lay_out()
        self._connect()
        self._show_what_applies()

    def _name_all(self) -> None:
        for box, texts in ((self.roi, _ROIS), (self.existing, _EXISTING)):
            for value, text in texts.items():
                box.addItem(text, value)
        self.set_counts({})
        self.set_channels(1, {})
        for spin, name, tip, most in (
            (self.roi_number, "Number of the ROI", "The number that the ROI has in each recording",
             _MOST_ROIS),
            (self.workers, "Processes", "Measure so many recordings side by side",
             _MOST_WORKERS),
        ):  # fmt: skip
            spin.setRange(1, most)
            spin.setAccessibleName(name)
            spin.setToolTip(tip)
            indent_number(spin)
        self.roi_box.setAccessibleName("Lines and pixels of the rectangle")
        self.roi_box.setToolTip("First and last line, first and last pixel: 0:400,10:60")
        self.place.setReadOnly(True)
        self.place.setAccessibleName("Folder or list")
        self.place.setToolTip("The folder or the list that is measured")
        self.place.setPlaceholderText("Nothing chosen yet")
        self.skip_rejected.setToolTip("Do not measure open recordings that are rejected")
        self.save.setToolTip("Without this the results are unsaved edits that can be undone")

    def _lay_out(self) -> None:
        self._inner = inner = QWidget()
        inner.setObjectName("scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(16)
        column.addWidget(self.steps)
        self._grids = (self._where(), self._after())
        for grid in self._grids:
            column.addLayout(grid)
        parameters = QVBoxLayout()
        parameters.setSpacing(6)
        parameters.addWidget(self.steps.form_title)
        parameters.addWidget(self.steps.form)
        column.addLayout(parameters)
        column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inner)

    def _where(self) -> QGridLayout:
        grid = _grid("Where")
        browse = QHBoxLayout()
        browse.setSpacing(4)
        browse.addWidget(self.folder_button)
        browse.addWidget(self.list_button)
        browse.addStretch(1)
        _row(grid, "Recordings", self.scope)
        grid.addWidget(self.place, grid.rowCount(), 1)
        grid.addLayout(browse, grid.rowCount(), 1)
        grid.addWidget(self.skip_rejected, grid.rowCount(), 0, 1, 2)
        _row(grid, "Channel", self.channel)
        _row(grid, "ROI", self.roi)
        grid.addWidget(self.roi_number, grid.rowCount(), 1)
        grid.addWidget(self.roi_box, grid.rowCount(), 1)
        return grid

    def _after(self) -> QGridLayout:
        grid = _grid("Results")
        _row(grid, "Existing", self.existing)
        grid.addWidget(self.save, grid.rowCount(), 0, 1, 2)
        _row(grid, "Processes", self.workers)
        return grid

    def _connect(self) -> None:
        for box in (self.scope, self.channel, self.roi, self.existing):
            box.activated.connect(self._follow_edit)
        for spin in (self.roi_number, self.workers):
            spin.valueChanged.connect(self._follow_edit)
        for check in (self.skip_rejected, self.save):
            check.toggled.connect(self._follow_edit)
        self.roi_box.editingFinished.connect(self._follow_edit)
        self.steps.edited.connect(self.edited)
        self.steps.form.labelsFitted.connect(self._fit_labels)
        self.folder_button.clicked.connect(self.folderWanted)
        self.list_button.clicked.connect(self.listWanted)

    @Slot()
    def _follow_edit(self) -> None:
        self._show_what_applies()
        self.edited.emit()

    @Slot(int)
    def _fit_labels(self, width: int) -> None:
        """One label column for all groups."""
        for grid in self._grids:
            grid.setColumnMinimumWidth(0, width)

    def _show_what_applies(self) -> None:
        elsewhere = self.scope.currentData() is Scope.PLACE
        for one in (self.place, self.folder_button, self.list_button):
            one.setVisible(elsewhere)
        self.skip_rejected.setVisible(not elsewhere)
        self.save.setEnabled(not elsewhere)  # edits need a recording that is open
        self.roi_number.setVisible(self._roi_kind is RoiKind.EXISTING)
        self.roi_box.setVisible(self._roi_kind is RoiKind.BOUNDS)
        self.workers.setEnabled(elsewhere or self.save.isChecked())

    # --- what there is to choose from ----------------------------------------------------------

    def set_counts(self, counts: Mapping[Scope, int]) -> None:
        """How many recordings each scope means now."""
        chosen = self.scope.currentIndex()
        with QSignalBlocker(self.scope):
            self.scope.clear()
            for scope, text in _SCOPES.items():
                self.scope.addItem(text.format(counts.get(scope, 0)), scope)
            self.scope.setCurrentIndex(max(chosen, 0))

    def set_channels(self, count: int, names: Mapping[int, str]) -> None:
        """Channels from 1, as everywhere on screen; a batch may ask for more than are open."""
        self._channel_names = names
        chosen = self.channel.currentIndex()
        with QSignalBlocker(self.channel):
            self.channel.clear()
            for one in range(max(count, chosen + 1, 1)):
                self.channel.addItem(f"{one + 1} {names.get(one, '')}".strip(), one)
            self.channel.setCurrentIndex(max(chosen, 0))

    def set_place(self, place: Path) -> None:
        """A folder or a list was chosen."""
        self._place = place
        self.place.setText(str(place))
        self.scope.setCurrentIndex(self.scope.findData(Scope.PLACE))
        self._follow_edit()

    def set_editable(self, editable: bool) -> None:
        """Whether the order can be changed, or only read."""
        self._inner.setEnabled(editable)

    # --- the order ---------------------------------------------------------------------------

    def order(self) -> BatchOrder:
        """What is ordered; ValueError with a sentence when it cannot be."""
        scope = self.scope.currentData()
        if scope is Scope.PLACE and self._place == Path():
            raise ValueError("Choose a folder or a list of recordings")
        existing, elsewhere = self.existing.currentData(), scope is Scope.PLACE
        saves = elsewhere or self.save.isChecked()
        job = BatchJob(
            self.steps.steps,
            self.channel.currentData(),
            self._rule(),
            save=saves,
            replace=existing is not Existing.KEEP,
            resume=existing is Existing.UPDATE,
        )
        place = self._place if elsewhere else None
        workers = self.workers.value() if saves else 1
        return BatchOrder(job, scope, place, self.skip_rejected.isChecked(), workers)

    @property
    def _roi_kind(self) -> RoiKind:
        return RoiKind(self.roi.currentData())  # Qt gives a plain text back

    def _rule(self) -> RoiRule:
        kind = self._roi_kind
        if kind is RoiKind.EXISTING:
            return RoiRule.existing(self.roi_number.value())
        if kind is not RoiKind.BOUNDS:
            return RoiRule(kind)
        rule = RoiRule()
        with suppress(ValueError):  # told below
            rule = RoiRule.parse(self.roi_box.text().strip())
        box = rule.bounds
        if box is None or box.dim0_stop <= box.dim0_start or box.dim1_stop <= box.dim1_start:
            raise ValueError("Write the rectangle as lines and pixels: 0:400,10:60")
        return rule

    def show_order(self, order: BatchOrder, chosen: str = "") -> None:
        """Show an order without telling."""
        widgets = (self.scope, self.channel, self.roi, self.existing, self.roi_number,
                   self.roi_box, self.skip_rejected, self.save, self.workers)  # fmt: skip
        blockers = [QSignalBlocker(one) for one in widgets]
        job = order.job
        self.steps.show_steps(job.steps, chosen)
        self.scope.setCurrentIndex(self.scope.findData(order.scope))
        self._place = order.place or self._place
        self.place.setText("" if self._place == Path() else str(self._place))
        self.set_channels(max(self.channel.count(), job.channel + 1), self._channel_names)
        self.channel.setCurrentIndex(job.channel)
        self.roi.setCurrentIndex(self.roi.findData(job.roi.kind))
        if job.roi.kind is RoiKind.EXISTING:
            self.roi_number.setValue(job.roi.roi_id or 1)
        if job.roi.kind is RoiKind.BOUNDS:
            self.roi_box.setText(roi_text(job.roi))
        self.existing.setCurrentIndex(self.existing.findData(existing_of(job)))
        self.skip_rejected.setChecked(order.skips_rejected)
        self.save.setChecked(job.save)
        self.workers.setValue(order.workers)
        del blockers
        self._show_what_applies()


def _combo(name: str) -> FocusedCombo:
    box = FocusedCombo()
    box.setAccessibleName(name)
    box.setToolTip({
        "Recordings": "Choose which recordings are measured",
        "Channel": "Choose the channel",
        "ROI": "Choose where each recording is measured",
        "Existing results": "Choose what happens to results that are there",
    }[name])  # fmt: skip
    return box


def _grid(title: str) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    grid.addWidget(label(title, "section"), 0, 0, 1, 2)
    return grid


def _row(grid: QGridLayout, text: str, field: QWidget) -> None:
    name = label(text, "field")
    name.setBuddy(field)
    line = grid.rowCount()
    grid.addWidget(name, line, 0)
    grid.addWidget(field, line, 1)
