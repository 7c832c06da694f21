"""The dock with the rows of the selected result, made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDockWidget, QFileDialog

from acqcore.errors import AcqError
from acqcore.export import export_csv
from acqcore.found import FLAGGED, FOUND, ROWS
from cloudscope.docks import add_lower_dock
from cloudscope.scene import Scene
from cloudscope.views.results_panel import ResultsPanel
from cloudscope.workbench import Feature, Workbench

_HEIGHT = 230
_BLOCK = "results_dock"
_ENDINGS = {FOUND: "events", FLAGGED: "quality"}


class ResultsTable(Feature):
    """Rows beside plots: a row moves their cursor, a jump brings it into view."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dock: QDockWidget | None = None
        self.panel: ResultsPanel | None = None
        bench.controller.sceneChanged.connect(self._show_scene)
        if bench.settings.block(_BLOCK).get("shown") is True:
            self._open()

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Show or hide."""
        return {"results": self.toggle}

    def closing(self) -> None:
        """Open again next time if it is open now."""
        shown = self.dock is not None and not self.dock.isHidden()
        self.bench.settings.set_block(_BLOCK, {"shown": shown})

    def toggle(self) -> None:
        """Show the dock, with the keyboard in its table, or hide it."""
        if self.dock is not None and not self.dock.isHidden():
            self.dock.hide()
            return
        self._open()
        if self.panel is not None:
            self.panel.table.setFocus()

    def _open(self) -> None:
        if self.dock is None:
            self.dock = self._made()
        self.dock.show()
        self.dock.raise_()
        self._show_scene(self.bench.panels.scene)

    def _made(self) -> QDockWidget:
        bench = self.bench
        self.panel = panel = ResultsPanel(bench.theme)
        dock = add_lower_dock(bench.window, "Results", panel, bench.theme.px(_HEIGHT))
        action = bench.actions["results"]
        dock.visibilityChanged.connect(lambda: action.setChecked(not dock.isHidden()))
        view = bench.panels.view
        panel.lineChosen.connect(view.kymograph.set_cursor)
        panel.lineChosen.connect(view.trace.set_cursor)
        panel.lineChosen.connect(self._bring_into_view)
        panel.zoomRequested.connect(view.kymograph.set_time_range)
        panel.exportRequested.connect(self._ask_where)
        return dock

    @Slot(object)
    def _show_scene(self, scene: Scene) -> None:
        if self.dock is not None and self.panel is not None and not self.dock.isHidden():
            self.panel.show_scene(scene)

    @Slot(float)
    def _bring_into_view(self, line: float) -> None:
        """Move the time, as little as a row that is out of sight needs."""
        kymograph = self.bench.panels.view.kymograph
        low, high = kymograph.visible[:2]
        if not low <= line <= high:
            half = (high - low) / 2
            kymograph.set_time_range(line - half, line + half)

    # --- export ------------------------------------------------------------------------------

    @Slot(str, str)
    def _ask_where(self, analysis_name: str, kind: str) -> None:
        image = self.bench.controller.image
        if image is None:
            return
        stem = self.bench.panels.scene.name.rpartition(".")[0] or self.bench.panels.scene.name
        folder = self.bench.settings.last_folder or Path.home()
        start = str(folder / f"{stem}.{analysis_name}.{_ENDINGS.get(kind, kind)}.csv")
        title, kinds = "Export Rows as CSV", "Comma-separated values (*.csv)"
        chosen, _ = QFileDialog.getSaveFileName(self.bench.window, title, start, kinds)
        if chosen:
            self.export(analysis_name, Path(chosen), kind)

    def export(self, analysis_name: str, path: Path, kind: str = ROWS) -> None:
        """Write in a worker; the dialog has asked about replacing a file."""
        image = self.bench.controller.image
        if image is None:
            return
        target = path if path.suffix else path.with_suffix(".csv")
        self.bench.jobs.submit(
            "save",
            lambda job: export_csv(
                image, target, analysis_name=analysis_name, listed=kind, overwrite=True
            ),
            text=f"Exporting {target.name}",
            on_done=lambda _: self._say(f"Rows written to {target.name}"),
            on_failed=self._failed,
        )

    def _say(self, text: str) -> None:
        self.bench.panels.view.messages.show_message("ok", text)

    def _failed(self, error: AcqError) -> None:
        self.bench.panels.view.messages.show_message("err", str(error))
