"""What is on screen first: title, menus, tools, empty docks and the empty page, by Qt alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from cloudscope.actions import ACTIONS, make_actions
from cloudscope.docks import (
    add_appearance_menu,
    add_recent_menu,
    fill_menus,
    fill_tool_bar,
    group_tools,
    make_docks,
    make_menus,
    make_tool_bar,
    size_docks,
)
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.views.empty_view import EmptyView

TITLE = "CloudScope"
_STATUS_HEIGHT = 26
"""Of the status line that comes later: nothing moves then."""
DEFAULT_SIZE = QSize(1280, 800)


class Shell(QMainWindow):
    """A window that can be looked at while numpy and plots are still being loaded.

    Signals:
        painted: It is on screen, once.
    """

    painted = Signal()

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.theme, self.settings = theme, settings
        self.setWindowTitle(TITLE)
        self.setMinimumSize(1024, 700)
        self.actions_by_id: dict[str, QAction] = {}  # see `complete`
        self.specs = {spec.id: spec for spec in ACTIONS}
        self._slots: dict[str, Callable[[], object]] = {}
        self._wishes: list[str] = []  # chosen before there was anything to do them
        self._was_painted = False
        self.docks = make_docks(self)
        self.empty = self._made_empty()
        self.setCentralWidget(self.empty)
        self._menus = make_menus(self)
        self.tool_bar = make_tool_bar(self)
        self.statusBar().setFixedHeight(theme.px(_STATUS_HEIGHT))
        size_docks(self, self.docks, theme)
        self._restored = settings.restore_window(self)
        if not self._restored:
            self.resize(DEFAULT_SIZE)

    @property
    def is_furnished(self) -> bool:
        """Whether actions do something."""
        return bool(self._slots)

    def trigger(self, name: str) -> None:
        """Do what an action stands for; what is being typed is finished first."""
        if not self._slots:
            self._wishes.append(name)
            return
        self.finish_typing()
        self._slots[name]()

    def finish_typing(self) -> None:
        """Turn what stands in a field into an edit; here there is none."""

    def recent_paths_in(self, menu: QMenu) -> None:
        """Fill the menu of what was open before; here it stays empty."""

    def size_docks(self) -> None:
        """The sizes that the user has given, or the usual ones: full docks take what they want."""
        if self._restored:
            self.restoreState(QByteArray(self.settings.window_state))
        else:
            size_docks(self, self.docks, self.theme)

    def use_slots(self, slots: dict[str, Callable[[], object]]) -> None:
        """From now on actions do something; what was chosen meanwhile is done now."""
        self._slots = slots
        wishes, self._wishes = self._wishes, []
        for name in wishes:
            self.trigger(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first one is when the rest may come."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def _made_empty(self) -> EmptyView:
        empty = EmptyView(self.theme)
        empty.openFolderRequested.connect(lambda: self.trigger("open_folder"))
        empty.openFilesRequested.connect(lambda: self.trigger("open_files"))
        empty.sampleRequested.connect(lambda: self.trigger("open_demo"))
        return empty

    def complete(self) -> None:
        """Make the actions, and fill tool bar and menus: many drawings, and no first paint."""
        self.actions_by_id = actions = make_actions(self, self.theme, self.trigger)
        fill_tool_bar(self.tool_bar, actions)
        self.tool_bar.repaint()  # now: what comes next takes a while
        menus = self._menus
        fill_menus(menus, actions)
        group_tools(self, actions)
        add_recent_menu(menus["File"], actions["open_demo"], self.recent_paths_in)
        add_appearance_menu(menus["View"], self.theme, self._set_appearance)
        for dock in self.docks.values():
            menus["Window"].addAction(dock.toggleViewAction())

    def limit_delete_key(self, *places: QWidget) -> None:
        """Del deletes a ROI in these; elsewhere it belongs to the text and the tree."""
        delete = self.actions_by_id["delete_roi"]
        delete.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for widget in places:
            widget.addAction(delete)

    def _set_appearance(self, name: str) -> None:
        self.theme.set_appearance(name)
        self.settings.appearance = name
