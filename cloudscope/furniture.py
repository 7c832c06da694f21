"""All that fills the window: made after its first paint, because numpy and plots load slowly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow

from cloudscope.commands import Commands
from cloudscope.controller import Controller
from cloudscope.features import FEATURES
from cloudscope.jobs import Jobs
from cloudscope.leaving import Leaving
from cloudscope.messages import Messages
from cloudscope.opening import Opening
from cloudscope.panels import Panels
from cloudscope.running import Running
from cloudscope.saving import Saving
from cloudscope.session import Session
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.tree_feed import TreeFeed
from cloudscope.views.drop import DropTarget
from cloudscope.views.empty_view import EmptyView
from cloudscope.workbench import Workbench


class Furniture:
    """Controllers and views, each made once; `MainWindow` connects them."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        settings: Settings,
        folders: Mapping[str, Path],
        actions: Mapping[str, QAction],
        docks: Mapping[str, QDockWidget],
        empty: EmptyView,
    ) -> None:
        self.session, self.jobs = Session(), Jobs(window)
        self.controller = Controller(self.session, self.jobs, settings, window)
        self.opening = Opening(self.session, self.jobs, window)
        self.saving = Saving(self.jobs, window)
        self.running = Running(self.controller, self.jobs, window)
        self.panels = Panels(window, theme, docks, empty, actions)
        self.drop = DropTarget(window)
        self.feed = TreeFeed(self.session, self.panels.tree)
        self.leaving = Leaving(window, theme, self.session, self.saving, self.panels.commit)
        bar, results = self.panels.view.messages, self.panels.status.jobs
        self.messages = Messages(window, theme, bar, results, self.controller, self.saving)
        self.commands = Commands(
            window, theme, settings, self.jobs, self.controller, self.opening, self.saving,
            self.running, self.leaving, self.messages, folders,
        )  # fmt: skip
        self.bench = Workbench(
            window, theme, settings, folders, actions, self.session, self.jobs, self.controller,
            self.opening, self.saving, self.running, self.panels, self.leaving, self.messages,
            self.commands, self.feed,
        )  # fmt: skip
        self.features = tuple(feature(self.bench) for feature in FEATURES)

    def slots(self) -> dict[str, Callable[[], object]]:
        """What each action calls."""
        slots = self.commands.slots(self.panels)
        for feature in self.features:
            slots.update(feature.slots())
        return slots
