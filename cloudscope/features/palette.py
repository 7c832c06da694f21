"""Ctrl+K: everything that the window can do, and all that is open, behind one field."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QSizePolicy, QToolBar, QWidget

from acqcore.analysis import analyses
from cloudscope.action_spec import ActionSpec
from cloudscope.actions import ACTIONS, WHY_NOT, own_key_text
from cloudscope.views.palette import Entry, Palette, PaletteButton
from cloudscope.workbench import Feature, Workbench

_REMEMBERED = 5


class CommandPalette(Feature):
    """Gathers what can be done when it is opened: nothing is listed twice or out of date."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._palette: Palette | None = None
        self._latest: deque[str] = deque(maxlen=_REMEMBERED)
        bar = bench.window.findChild(QToolBar, "tool bar")
        if isinstance(bar, QToolBar):
            self._add_field(bar)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """It is a command itself."""
        return {"palette": self._open}

    def _add_field(self, bar: QToolBar) -> None:
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(room)
        action = self.bench.actions["palette"]
        field = PaletteButton(self.bench.theme, action.shortcut().toString())
        field.clicked.connect(action.trigger)
        bar.addWidget(field)

    def _open(self) -> None:
        if self._palette is None:
            self._palette = Palette(self.bench.theme, self.bench.window)
        commands = self._commands()
        latest = [commands[name] for name in self._latest if not commands[name].why_not]
        others = [entry for entry in commands.values() if entry not in latest]
        self._palette.open([*latest, *others, *self._analyses(), *self._rois(), *self._files()])

    def _commands(self) -> dict[str, Entry]:
        return {spec.id: self._command(spec) for spec in ACTIONS if spec.id != "palette"}

    def _command(self, spec: ActionSpec) -> Entry:
        action = self.bench.actions[spec.id]

        def act() -> None:
            if spec.id in self._latest:
                self._latest.remove(spec.id)
            self._latest.appendleft(spec.id)
            action.trigger()

        why_not = "" if action.isEnabled() else WHY_NOT[spec.needs]
        return Entry(action.text(), spec.menu, act, own_key_text(action), why_not)

    def _analyses(self) -> list[Entry]:
        run = self.bench.actions["run"]
        why_not = "" if run.isEnabled() else WHY_NOT["picture"]

        def act(name: str) -> None:
            self.bench.controller.choose_analysis(name)
            run.trigger()

        return [
            Entry(f"Run {one.title}", "Analysis", lambda name=name: act(name), "", why_not)  # type: ignore[misc]
            for name, one in analyses().items()
        ]

    def _rois(self) -> list[Entry]:
        choose = self.bench.controller.choose_roi
        return [
            Entry(f"ROI {roi.label}", "Go to ROI", lambda number=roi.id: choose(number))  # type: ignore[misc]
            for roi in self.bench.panels.scene.rois
        ]

    def _files(self) -> list[Entry]:
        label = self.bench.session.blind.label
        return [
            Entry(label(image), "Go to recording", lambda one=image.file_id: self._show(one))  # type: ignore[misc]
            for image in self.bench.session.images
        ]

    def _show(self, file_id: str) -> None:
        self.bench.panels.tree.select(file_id)
        self.bench.controller.select(file_id)
