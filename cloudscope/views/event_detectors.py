"""What to look for, the button that does it, and which events to list."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from cloudscope.item_models.events_shown import ShownEvents
from cloudscope.views.labels import push_button

DETECTORS = {
    "detect_stalls": ("Stalls", "Velocity zero to within its error"),
    "detect_reversals": ("Reversals", "Flow against the prevailing direction"),
    "detect_baseline_changes": ("Baseline", "Lasting rises and falls of the speed"),
    "detect_gaps": ("Gaps", "Stretches without usable velocities"),
}


class EventDetectors(QWidget):
    """Boxes of the detectors, a button, and the filter of the list.

    Signals:
        findRequested: Which detectors to run, by the names of the parameters.
        filtered: Whether only events without a verdict are wanted.
    """

    findRequested = Signal(object)
    filtered = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes = {name: _check_box(*words) for name, words in DETECTORS.items()}
        self.find_button = push_button(
            "Find Events", "Look for events in the velocity (Ctrl+Shift+E)"
        )
        self.unreviewed = _check_box("Unreviewed", "List only events that wait for a verdict")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for place, box in enumerate(self.boxes.values()):
            grid.addWidget(box, place % 2, place // 2)
        grid.addWidget(self.find_button, 2, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.unreviewed, 2, 1)
        grid.setColumnStretch(1, 1)
        self.find_button.clicked.connect(self.request_find)
        self.unreviewed.toggled.connect(self.filtered)

    def show_asked(self, shown: ShownEvents) -> None:
        """Tick what the record was asked for; all detectors where it was never asked."""
        asked = shown.record.parameters if shown.record is not None else {}
        for name, box in self.boxes.items():
            box.setChecked(asked.get(name, True) is True)

    def show_state(self, shown: ShownEvents) -> None:
        """The button works where there is a velocity and nobody is looking yet."""
        self.find_button.setEnabled(shown.parent is not None and not shown.running)
        self.find_button.setText("Finding…" if shown.running else "Find Events")

    @Slot()
    def request_find(self) -> None:
        """Ask for a run of the detectors that are ticked."""
        if self.find_button.isEnabled():
            self.findRequested.emit({name: box.isChecked() for name, box in self.boxes.items()})


def _check_box(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    return box
