"""The status bar: jobs and the last result at the left, counts at the right."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.job_bar import JobBar


class StatusLine(QStatusBar):
    """Fixed slots, so that numbers do not dance."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setSizeGripEnabled(False)
        self.jobs = JobBar(theme)
        self.addWidget(self.jobs, 1)
        self._dot, self._unsaved = QLabel(), QLabel()
        self._stale, self._depth, self._zoom = QLabel(), QLabel(), QLabel()
        for label, name in (
            (self._dot, "Unsaved recordings"),
            (self._unsaved, "Unsaved recordings"),
            (self._stale, "Results out of date"),
            (self._depth, "Sample type"),
            (self._zoom, "Zoom"),
        ):
            label.setAccessibleName(name)
            label.setProperty("role", "field" if label is not self._unsaved else "")
            self.addPermanentWidget(label)
        theme.changed.connect(self._recolour)
        self._recolour()
        self.show_counts(0, 0)

    @Slot()
    def _recolour(self) -> None:
        color = self._theme.color("accent").name()
        self._dot.setText(f'<span style="color:{color}">●</span>')

    def show_counts(self, unsaved: int, stale: int) -> None:
        """How much waits to be saved or run again; nothing is shown for none."""
        self._dot.setVisible(unsaved > 0)
        self._unsaved.setText(f"{unsaved} unsaved" if unsaved else "")
        self._stale.setText(f"{stale} out of date" if stale else "")

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Sample type of the selected recording."""
        names = {"uint8": "8 bit", "uint16": "16 bit", "float32": "32 bit float"}
        dtype = scene.header.dtype if scene.header is not None else ""
        self._depth.setText(names.get(dtype, dtype))
        if scene.plane is None:
            self._zoom.setText("")

    def show_zoom(self, fraction: float) -> None:
        """Share of the recording's duration that is in view, as the zoom."""
        self._zoom.setText(f"View {max(fraction, 0.001):.1%}" if fraction < 0.995 else "Full view")
