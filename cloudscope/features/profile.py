"""The line profile at the cursor: a dock under the plots, made when first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDockWidget

from cloudscope.docks import add_lower_dock
from cloudscope.scene import Scene
from cloudscope.views.profile_panel_content import profile_at
from cloudscope.views.readings import Hover
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.views.profile_panel import ProfilePanel

_HEIGHT = 210
_BLOCK, _COUNT = "profile", "lines"


class Profile(Feature):
    """Follows the mouse on picture and traces while it is open."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.dock: QDockWidget | None = None
        self.panel: ProfilePanel | None = None
        stored = bench.settings.block(_BLOCK).get(_COUNT)
        self._count = stored if isinstance(stored, int) and 0 < stored < 1000 else 0
        self._pointed: tuple[float, float | None] | None = None
        self._scene = Scene()
        bench.panels.view.kymograph.hovered.connect(self._point)
        bench.panels.view.trace.hovered.connect(self._point_at_moment)
        bench.controller.sceneChanged.connect(self._follow)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Show or hide."""
        return {"profile": self.toggle}

    def toggle(self) -> None:
        """Show the dock or hide it."""
        if self.dock is not None and not self.dock.isHidden():
            self.dock.hide()
            return
        if self.dock is None:
            self.dock = self._made()
        self.dock.show()
        self.dock.raise_()
        self._show()

    def _made(self) -> QDockWidget:
        # Its plot is made only for those who look at it.
        from cloudscope.views.profile_panel import ProfilePanel

        bench = self.bench
        self.panel = ProfilePanel(bench.theme)
        self.panel.count.setValue(self._count)
        self.panel.countChosen.connect(self._choose_count)
        dock = add_lower_dock(bench.window, "Line Profile", self.panel, bench.theme.px(_HEIGHT))
        action = bench.actions["profile"]
        dock.visibilityChanged.connect(lambda: action.setChecked(not dock.isHidden()))
        return dock

    @Slot(int)
    def _choose_count(self, count: int) -> None:
        self._count = count
        self.bench.settings.set_block(_BLOCK, {_COUNT: count})
        self._show()

    @Slot(object)
    def _point(self, hover: Hover | None) -> None:
        if hover is not None:  # the cursor stays when the mouse leaves
            self._pointed = hover.line, hover.pixel + 0.5
            self._show()

    @Slot(object)
    def _point_at_moment(self, line: float | None) -> None:
        if line is not None:
            self._pointed = line, None
            self._show()

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        before, self._scene = self._scene, scene
        if scene.selection.file_id != before.selection.file_id:
            self._pointed = None
        self._show()

    def _show(self) -> None:
        """Only for those who see it: it happens at every step of the mouse."""
        panel = self.panel
        if panel is None or self.dock is None or self.dock.isHidden():
            return
        scene = self._scene
        profile = profile_at(scene, self._pointed[0], self._count) if self._pointed else None
        if profile is None or self._pointed is None:
            panel.clear()
        else:
            panel.show_profile(profile, scene.calibration, self._pointed[1])
