"""The status bar: jobs and the last result at the left, counts at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.job_bar import JobBar
from cloudscope.views.labels import dot_pixmap

_MARGIN, _BETWEEN, _DOT_GAP = 10, 16, 5


class StatusLine(QStatusBar):
    """Fixed slots, so that numbers do not dance."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizeGripEnabled(False)
        self.jobs = JobBar(theme)
        self.jobs.set_result("Ready")
        self.addWidget(self.jobs, 1)
        self._dot, self._unsaved = QLabel(), QLabel()
        self._stale, self._depth, self._zoom = QLabel(), QLabel(), QLabel()
        slots = QWidget()
        row = QHBoxLayout(slots)
        row.setContentsMargins(_BETWEEN, 0, _MARGIN, 0)
        row.setSpacing(0)
        for label, name, gap in (
            (self._dot, "Unsaved recordings", _DOT_GAP),
            (self._unsaved, "Unsaved recordings", _BETWEEN),
            (self._stale, "Results out of date", _BETWEEN),
            (self._depth, "Sample type", _BETWEEN),
            (self._zoom, "Part of the recording that is in view", 0),
        ):
            label.setAccessibleName(name)
            label.setToolTip(name)
            label.setProperty("role", "field" if label is not self._unsaved else "")
            label.setContentsMargins(0, 0, gap, 0)
            row.addWidget(label)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addPermanentWidget(slots)
        theme.changed.connect(self._recolour)
        self._recolour()
        self.show_counts(0, 0)

    @Slot()
    def _recolour(self) -> None:
        self._dot.setPixmap(dot_pixmap(self._theme))
        self._zoom.ensurePolished()
        widest = self._zoom.fontMetrics().horizontalAdvance(_in_view(0.088))
        self._zoom.setMinimumWidth(widest)

    def show_counts(self, unsaved: int, stale: int) -> None:
        """How much waits to be saved or run again; nothing is shown for none."""
        self._dot.setVisible(unsaved > 0)
        self._unsaved.setVisible(unsaved > 0)
        self._stale.setVisible(stale > 0)
        self._unsaved.setText(f"{unsaved} unsaved" if unsaved else "")
        self._stale.setText(f"{stale} out of date" if stale else "")

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Sample type of the selected recording."""
        names = {"uint8": "8 bit", "uint16": "16 bit", "float32": "32 bit float"}
        dtype = scene.header.dtype if scene.header is not None else ""
        self._depth.setText(names.get(dtype, dtype))
        self._zoom.setVisible(scene.plane is not None)

    def show_zoom(self, fraction: float) -> None:
        """Share of the recording's duration that is in view."""
        self._zoom.setText(_in_view(fraction))


def _in_view(fraction: float) -> str:
    if fraction >= 0.995:
        return "Full view"
    percent = 100 * max(fraction, 0.001)
    return f"View {percent:.0f} %" if percent >= 10 else f"View {percent:.1f} %"
