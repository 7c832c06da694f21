"""What the pool window writes, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRect, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from acqcore.errors import AcqError, Cancelled
from acqcore.storage.atomic import write_files
from cloudscope.views.pool_export import DPI, on_paper, picture, write_points, write_rows
from cloudscope.views.pool_export import write_summary as write_summary_file
from cloudscope.views.pool_numbers import Keep
from cloudscope.views.pool_rows import ANIMAL_RULES, Wish, kinds_for
from cloudscope.views.pool_window import PoolWindow
from cloudscope.workbench import Workbench

BLOCK, LANE = "pool", "save"
_CSV, _PARQUET = "Comma-separated values (*.csv)", "Parquet (*.parquet)"
_PICTURES = {
    "SVG (*.svg)": ("svg", 0), "PDF (*.pdf)": ("pdf", 0),
    **{f"PNG, {dpi} dpi (*.png)": ("png", dpi) for dpi in DPI},
}  # fmt: skip
_KINDS = {
    "points": (_CSV,), "summary": (_CSV,), "shown": (_CSV, _PARQUET), "all": (_CSV, _PARQUET),
    "plot": tuple(_PICTURES),
}  # fmt: skip
_TITLES = {
    "points": "Export Numbers Behind the Plot", "summary": "Export Summary",
    "shown": "Export Shown Rows", "all": "Export All Rows", "plot": "Export Plot",
}  # fmt: skip


class PoolFiles(QObject):
    """Asks where, and writes off the GUI thread."""

    def __init__(self, bench: Workbench, window: PoolWindow) -> None:
        super().__init__(window)
        self._bench, self._window = bench, window

    # --- export ----------------------------------------------------------------------------------

    @Slot(str)
    def ask(self, what: str) -> None:
        """Ask where to write one of `pool_foot.EXPORTS`."""
        window, kinds = self._window, _KINDS[what]
        why = self._why_not(what)
        if why:
            window.say("warn", why)
            return
        ending = "svg" if what == "plot" else "csv"
        folder = self._bench.settings.last_folder or Path.home()
        start = str(folder / f"pool {what}.{ending}")
        chosen, kind = QFileDialog.getSaveFileName(window, _TITLES[what], start, ";;".join(kinds))
        if chosen:
            self.export(what, Path(chosen), _PICTURES.get(kind, ("", DPI[0]))[1] or DPI[0])

    def _why_not(self, what: str) -> str:
        window = self._window
        if what in ("points", "plot") and window.plots.numbers is None:
            return "There is no plot to export"
        if what == "summary" and window.summary.frame is None:
            return "There is no summary to export"
        return "There are no rows to export" if window.table is None else ""

    def export(self, what: str, path: Path, dpi: int = DPI[0]) -> None:
        """Write; what the name ends with decides the format, and the dialog asked to replace."""
        ending = path.suffix.lower()
        allowed = {"plot": (".svg", ".pdf", ".png"), "shown": (".csv", ".parquet")}
        allowed["all"] = allowed["shown"]
        endings = allowed.get(what, (".csv",))
        target = path if ending in endings else path.with_name(f"{path.name}{endings[0]}")
        work = self._work(what, target, dpi)
        if work is not None:
            self._bench.jobs.submit(
                LANE, lambda job: work(), text=f"Exporting {target.name}",
                on_done=lambda _: self._window.say("ok", f"Exported {target.name}"),
                on_failed=self._failed,
            )  # fmt: skip

    def _work(self, what: str, path: Path, dpi: int) -> Callable[[], None] | None:
        """What a worker does; pictures are drawn here, as widgets are."""
        window, table, numbers = self._window, self._window.table, self._window.plots.numbers
        summary, rows = window.summary.frame, window.rows
        if what == "summary" and summary is not None:
            return lambda: write_summary_file(path, summary)
        if table is None:
            return None
        if what in ("shown", "all"):
            wanted = rows if what == "shown" else np.arange(len(table))
            return lambda: write_rows(path, table, wanted)
        if numbers is None:
            return None
        if what == "points":
            names = table.frame["name"].tolist()
            return lambda: write_points(path, numbers, names)
        plot = on_paper(self._bench.theme, numbers, window.plots.plot_size)
        content = picture(plot, path.suffix[1:].upper(), dpi)
        plot.close()
        plot.deleteLater()
        return lambda: write_files([(path, content)])

    def _failed(self, error: AcqError) -> None:
        if not isinstance(error, Cancelled):
            self._window.say("err", str(error))

    # --- what is remembered -----------------------------------------------------------------------

    @Slot()
    def remember(self) -> None:
        """Geometry, rows, filters, columns and plots, for the next time."""
        window = self._window
        at, wish, keep = window.geometry(), window.rows_form.wish, window.rows_form.keep
        self._bench.settings.set_block(
            BLOCK,
            {
                "geometry": [at.x(), at.y(), at.width(), at.height()],
                "wish": [wish.analysis, wish.rows, wish.animal, wish.pattern],
                "keep": [keep.accepted_only, keep.rejected, keep.stale, keep.flagged],
                "splitter": window.splitter.sizes(),
                **window.remembered(),
            },
        )

    def restore(self) -> None:
        """Take what is usable of what was remembered."""
        window, stored = self._window, self._bench.settings.block(BLOCK)
        at = _listed(stored, "geometry", int, 4)
        if at and QGuiApplication.screenAt(QRect(*at).center()) is not None:
            window.setGeometry(QRect(*at))
        sizes = _listed(stored, "splitter", int, 2)
        if sizes:
            window.splitter.setSizes(sizes)
        words = _listed(stored, "wish", str, 4)
        wish = Wish(*words) if words else Wish()
        if wish.rows not in kinds_for(wish.analysis) or wish.animal not in ANIMAL_RULES:
            wish = Wish()
        columns = stored.get("columns")
        if isinstance(columns, dict):
            window.pane.want_columns(
                {str(name): tuple(map(str, one)) for name, one in columns.items() if one}
            )
        window.plots.restore(stored)
        window.restore(wish, Keep(*(_listed(stored, "keep", bool, 4) or ())))


def _listed(stored: dict[str, Any], name: str, kind: type, count: int) -> list[Any]:
    """A list of so many values of one type, or an empty one."""
    values = stored.get(name)
    if not isinstance(values, list) or len(values) != count:
        return []
    return values if all(type(one) is kind for one in values) else []
