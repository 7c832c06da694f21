"""Which curves are drawn: chosen from a menu, remembered for the next start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, Slot

from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench


class Curves(Feature):
    """Keeps the choice of every analysis."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._choice = _checked(bench.settings.block("curves"))
        self._trace = bench.panels.view.trace
        self._trace.curvesChosen.connect(self._choose)
        self._trace.set_curves(self._choice)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """The menu, for the keyboard."""
        return {"curves": self._open_menu}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Without a result there is nothing to choose."""
        return {"result": any(one.record.has_result for one in scene.records)}

    @Slot(str, tuple)
    def _choose(self, analysis_name: str, columns: tuple[str, ...]) -> None:
        self._choice = {**self._choice, analysis_name: columns}
        self.bench.settings.set_block("curves", self._choice)
        self._trace.set_curves(self._choice)

    def _open_menu(self) -> None:
        trace = self._trace
        self._trace.curve_menu.popup(trace.mapToGlobal(QPoint(trace.width() // 2, 0)))


def _checked(stored: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Columns by analysis; anything else in a foreign settings file is left out."""
    return {
        name: tuple(one for one in columns if isinstance(one, str))
        for name, columns in stored.items()
        if isinstance(columns, list)
    }
