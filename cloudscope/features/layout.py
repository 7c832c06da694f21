"""What stands where: traces and panels put away, the share of the picture, all as at first."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QDockWidget

from cloudscope.docks import DOCKS, TABBED, size_docks
from cloudscope.views.recording_view import IMAGE_SHARE, TRACE_SHARE
from cloudscope.workbench import Feature, Workbench

_BLOCK = "layout"


class Layout(Feature):
    """Remembers between starts what the window's own state does not know."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._hidden: list[QDockWidget] = []
        stored = bench.settings.block(_BLOCK)
        shares = stored.get("shares")
        if isinstance(shares, list) and len(shares) == 2 and all(_is_share(s) for s in shares):
            bench.panels.view.splitter.setSizes(shares)
        shown = stored.get("traces") is not False
        bench.actions["show_traces"].setChecked(shown)
        self._apply_traces(shown)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Two switches, and back to the usual."""
        return {
            "show_traces": self._show_traces,
            "hide_panels": self._hide_panels,
            "reset_layout": self._reset,
        }

    def closing(self) -> None:
        """What was put away to look at the picture comes back with the next start."""
        self._bring_back()
        stored: dict[str, object] = {"traces": self.bench.actions["show_traces"].isChecked()}
        if stored["traces"]:  # of a hidden part nobody knows how large it was
            stored["shares"] = self.bench.panels.view.splitter.sizes()
        self.bench.settings.set_block(_BLOCK, stored)

    def _show_traces(self) -> None:
        self._apply_traces(self.bench.actions["show_traces"].isChecked())

    def _apply_traces(self, shown: bool) -> None:
        view = self.bench.panels.view
        view.trace.setVisible(shown)
        view.kymograph.set_time_axis_visible(not shown)  # it stands under the trace otherwise

    def _hide_panels(self) -> None:
        """Only the picture and its traces; the same docks come back."""
        if not self.bench.actions["hide_panels"].isChecked():
            self._bring_back()
            return
        docks = self.bench.window.findChildren(QDockWidget)
        self._hidden = [dock for dock in docks if not dock.isHidden() and not dock.isFloating()]
        for dock in self._hidden:
            dock.hide()

    def _bring_back(self) -> None:
        for dock in self._hidden:
            dock.show()
        self._hidden = []
        self.bench.actions["hide_panels"].setChecked(False)

    def _reset(self) -> None:
        """Every usual dock in its place, docked and in the usual size; the others are closed."""
        self._bring_back()
        window, panels = self.bench.window, self.bench.panels
        usual = dict(zip(DOCKS, panels.docks, strict=True))
        for dock in window.findChildren(QDockWidget):
            dock.setFloating(False)
            dock.setVisible(dock in panels.docks)
        for title, dock in usual.items():
            window.addDockWidget(DOCKS[title], dock)
        for title in TABBED[1:]:
            window.tabifyDockWidget(usual[TABBED[0]], usual[title])
        usual[TABBED[0]].raise_()
        window.show()
        size_docks(window, usual, self.bench.theme)
        self.bench.actions["show_traces"].setChecked(True)
        self._apply_traces(True)
        panels.view.splitter.setSizes([IMAGE_SHARE * 10, TRACE_SHARE * 10])


def _is_share(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 100_000
