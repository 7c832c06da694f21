"""What the features of the window work with, and what a feature is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from acqcore.acq_image import AcqImage
from cloudscope.commands import Commands
from cloudscope.controller import Controller
from cloudscope.jobs import Jobs
from cloudscope.leaving import Leaving
from cloudscope.messages import Messages
from cloudscope.opening import Opening
from cloudscope.panels import Panels
from cloudscope.running import Running
from cloudscope.saving import Saving
from cloudscope.scene import Scene
from cloudscope.session import Session
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.tree_feed import TreeFeed


@dataclass(frozen=True, slots=True, eq=False)
class Workbench:
    """The parts of the window, made and connected.

    Attributes:
        folders: Where caches and logs go: `cache`, `logs`.
        actions: By id of `cloudscope.actions.ACTIONS`.
    """

    window: QMainWindow
    theme: Theme
    settings: Settings
    folders: Mapping[str, Path]
    actions: Mapping[str, QAction]
    session: Session
    jobs: Jobs
    controller: Controller
    opening: Opening
    saving: Saving
    running: Running
    panels: Panels
    leaving: Leaving
    messages: Messages
    commands: Commands
    feed: TreeFeed

    def targets(self) -> tuple[AcqImage, ...]:
        """What a command is meant for: the recordings selected in the tree, in its order.

        The one on screen alone, when it is not among them; none, when none is on screen.
        """
        shown = self.controller.image
        if shown is None:
            return ()
        chosen = self.panels.tree.selected_file_ids()
        found = [self.session.image(one) for one in chosen]
        images = tuple(image for image in found if image is not None)
        return images if shown in images else (shown,)


class Feature(QObject):
    """One thing that the window can do beside showing, editing, running and saving.

    It knows the parts of the window, and neither the window's code nor other features.

    Signals:
        usableChanged: Ask `usable` again, though neither scene nor history has changed.
    """

    usableChanged = Signal()

    def __init__(self, bench: Workbench) -> None:
        """Connect to what it follows; make heavy widgets only when they are first wanted."""
        super().__init__(bench.window)
        self.bench = bench

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its actions call, by action id."""
        return {}

    def closing(self) -> None:
        """The window closes now, nothing unsaved is lost: remember what must come back."""

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is what its actions need, by the names in their `needs`."""
        return {}
