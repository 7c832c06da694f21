"""Markers A and B on picture and traces, the line along a streak, and what they measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication

from cloudscope.scene import Scene
from cloudscope.views.marker_item import Marker
from cloudscope.views.quantities import decimals_for, number
from cloudscope.views.readings import Hover
from cloudscope.views.slope_item import Ends
from cloudscope.views.slope_reading import Slope
from cloudscope.workbench import Feature, Workbench

A, B = "A", "B"
_THIRDS = {A: 1 / 3, B: 2 / 3}


class Cursors(Feature):
    """Nothing of it is stored: markers and line go with the recording.

    Attributes:
        markers: By name, as they are on screen.
        slope: What the read-out says: of the line or of the markers, whichever moved last.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.markers: dict[str, Marker] = {}
        self.slope: Slope | None = None
        self._could = (False, False)
        self._last = ""
        self._pointed: tuple[float, float | None] | None = None
        self._scene = Scene()
        self._view = bench.panels.view
        mouse = self._view.kymograph.mouse
        mouse.markers.moved.connect(self.place)
        mouse.slopeMoved.connect(self._measure_line)
        self._view.trace.markerMoved.connect(self.place)
        self._view.kymograph.hovered.connect(self._point)
        self._view.trace.hovered.connect(self._point_at_moment)
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its actions call."""
        return {
            "tool_slope": lambda: self._view.kymograph.set_tool("slope"),
            "markers": self.toggle,
            "marker_a": lambda: self._place_at_cursor(A),
            "marker_b": lambda: self._place_at_cursor(B),
            "marker_back": lambda: self._nudge(-1, 0),
            "marker_forward": lambda: self._nudge(1, 0),
            "marker_up": lambda: self._nudge(0, 1),
            "marker_down": lambda: self._nudge(0, -1),
            "copy_slope": self.copy,
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is something to move and to copy."""
        return {"marker": bool(self.markers), "slope": self.slope is not None}

    # --- markers -----------------------------------------------------------------------------

    def toggle(self) -> None:
        """Two markers in what is in view; or none."""
        if self.markers:
            self._show({})
            return
        line0, line1, pixel0, pixel1 = self._view.kymograph.visible
        middle = (pixel0 + pixel1) / 2
        for name, part in _THIRDS.items():
            self.place(Marker(name, line0 + part * (line1 - line0), middle))
        self._last = A

    @Slot(object)
    def place(self, marker: Marker) -> None:
        """Put a marker on a whole line and the middle of a pixel, inside the recording."""
        plane = self._scene.plane
        if plane is None:
            return
        lines, pixels = plane.pixels.shape
        line, pixel = float(min(max(int(marker.line), 0), lines - 1)), marker.pixel
        if pixel is not None:
            pixel = min(max(int(pixel), 0), pixels - 1) + 0.5
        self._last = marker.name
        self._show({**self.markers, marker.name: Marker(marker.name, line, pixel)})

    def _place_at_cursor(self, name: str) -> None:
        line0, line1, pixel0, pixel1 = self._view.kymograph.visible
        line, pixel = self._pointed or ((line0 + line1) / 2, (pixel0 + pixel1) / 2)
        self.place(Marker(name, line, pixel))

    def _nudge(self, lines: int, pixels: int) -> None:
        """By one sample, or by what one pixel of the screen stands for."""
        marker = self.markers.get(self._last)
        if marker is None:
            return
        across, up = self._view.kymograph.view_box.viewPixelSize()
        line = marker.line + lines * max(round(across), 1)
        pixel = marker.pixel
        if pixels:
            pixel0, pixel1 = self._view.kymograph.visible[2:]
            middle = (pixel0 + pixel1) / 2
            pixel = (middle if pixel is None else pixel) + pixels * max(round(up), 1)
        self.place(replace(marker, line=line, pixel=pixel))

    def _show(self, markers: dict[str, Marker]) -> None:
        self.markers = dict(sorted(markers.items()))
        shown = tuple(self.markers.values())
        self._view.kymograph.mouse.markers.item.set_markers(shown)
        self._view.trace.set_markers(shown)
        self.bench.actions["markers"].setChecked(bool(shown))
        self._measure_markers()

    # --- numbers -----------------------------------------------------------------------------

    def _measure_markers(self) -> None:
        steps = self._scene.calibration
        first, second = self.markers.get(A), self.markers.get(B)
        slope = None
        if first is not None and second is not None:
            both = first.pixel is not None and second.pixel is not None
            pixels = (second.pixel or 0.0) - (first.pixel or 0.0) if both else None
            slope = Slope(second.line - first.line, pixels, steps)
        decimals = decimals_for(steps.step_y) if steps.time_known else 0
        unit = "s" if steps.time_known else "lines"
        step = steps.step_y if steps.time_known else 1.0
        self._view.readout.show_moments(
            {
                name: f"{number(one.line * step, decimals)} {unit}"
                for name, one in self.markers.items()
            }
        )
        self._say(slope)

    @Slot(object)
    def _measure_line(self, ends: Ends | None) -> None:
        if ends is None:
            self._measure_markers()
            return
        (line0, pixel0), (line1, pixel1) = sorted(ends)
        slope = Slope(line1 - line0, pixel1 - pixel0, self._scene.calibration)
        self._view.kymograph.mouse.slope.show_text(slope.label)
        self._say(slope)

    def _say(self, slope: Slope | None) -> None:
        self.slope = slope
        self._view.readout.show_slope(slope)
        could = slope is not None, bool(self.markers)
        if could != self._could:  # once, not for every step of a drag
            self._could = could
            self.usableChanged.emit()

    def copy(self) -> None:
        """To the clipboard, for a spreadsheet."""
        if self.slope is not None:
            QGuiApplication.clipboard().setText(self.slope.table)

    # --- what is on screen -------------------------------------------------------------------

    @Slot(object)
    def _point(self, hover: Hover | None) -> None:
        if hover is not None:  # the cursor stays when the mouse leaves
            self._pointed = hover.line, hover.pixel + 0.5

    @Slot(object)
    def _point_at_moment(self, line: float | None) -> None:
        if line is not None:
            self._pointed = line, None

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Another recording has nothing at the same places; another calibration, other numbers."""
        slope, before = self._view.kymograph.mouse.slope, self._scene.selection
        self._scene = scene
        if scene.selection.file_id != before.file_id:
            self._pointed = None
            slope.show_line(None)
            self._show({})
        elif slope.ends is not None and self.slope is not None:
            self._measure_line(slope.ends)
        else:
            self._measure_markers()
