"""The threshold of the intensity's events as a line on its trace, to be dragged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Slot

from cloudscope.scene import Scene
from cloudscope.views.trace_content import CurveId
from cloudscope.workbench import Feature, Workbench

_ANALYSIS, _SLOPE, _SLOPE_OF = "sum_intensity", "d_df_f_signal", "df_f_signal"
_UNKNOWN_LINE_S = 0.001  # what the analysis takes a line for where its duration is not known
_DECIMALS = 6


class Threshold(Feature):
    """A drag sets the parameter, as if it had been typed; the preview then follows."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._form = bench.panels.analysis.form
        self._trace = bench.panels.view.trace
        self._form.edited.connect(self._show)
        bench.controller.sceneChanged.connect(self._show_later)
        self._trace.thresholdMoved.connect(self._moved)
        self._trace.thresholdDropped.connect(self._dropped)

    @Slot(object)
    def _show_later(self, scene: Scene) -> None:
        """The form follows a scene in its own time."""
        if scene.selection.analysis_name == _ANALYSIS:
            QTimer.singleShot(0, self, self._show)
        else:
            self._trace.show_threshold(None, 0.0)

    @Slot()
    def _show(self) -> None:
        where = self.bench.panels.scene.selection
        curve, name = threshold_place(self._form.values())
        if where.analysis_name != _ANALYSIS or not name:
            self._trace.show_threshold(None, 0.0)
        else:
            self._trace.show_threshold(curve, self._form.values()[name] * self._scale(name))

    def _scale(self, name: str) -> float:
        """Value on the curve per value of the parameter."""
        known = self.bench.panels.scene.calibration.time_known
        slope = name == "derivative_threshold_per_sec"
        sign = -1 if self._form.values().get("polarity") == "negative" else 1
        return sign * (_UNKNOWN_LINE_S if slope and not known else 1.0)

    @Slot(float)
    def _moved(self, value: float) -> None:
        self._set(value)

    @Slot(float)
    def _dropped(self, value: float) -> None:
        self._set(value)
        self._show()

    def _set(self, value: float) -> None:
        _, name = threshold_place(self._form.values())
        if name:
            self._form.set_value(name, round(value / self._scale(name), _DECIMALS))


def threshold_place(values: Mapping[str, Any]) -> tuple[CurveId | None, str]:
    """The curve that the threshold is compared with, and the parameter; or None and empty."""
    method, source = values.get("detection_method"), values.get("detection_source", "")
    if method == "absolute_threshold":
        return (_ANALYSIS, source), "absolute_threshold"
    if method == "derivative_threshold" and source == _SLOPE_OF:
        return (_ANALYSIS, _SLOPE), "derivative_threshold_per_sec"
    return None, ""
