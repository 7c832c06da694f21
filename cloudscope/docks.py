"""Docks, menus and tool bar: what stands where in the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QDockWidget,
    QMainWindow,
    QMenu,
    QScrollArea,
    QTabWidget,
    QToolBar,
    QWidget,
)

from cloudscope.actions import ACTIONS, TOOL_BAR
from cloudscope.theme import APPEARANCES, Theme

MENUS = ("File", "Edit", "View", "Image", "ROI", "Analysis", "Events", "Window", "Help")
TREE_MENU = (
    ("accept", "reject", "verdict"),
    ("run", "run_selected", "rerun"),
    ("save", "save_copy", "unload"),
    ("reveal", "open_with", "copy_path", "copy_table"),
)
IMAGE_MENU = (
    ("full_view", "fit_roi"),
    ("marker_a", "marker_b", "markers", "copy_slope"),
    ("tool_roi", "tool_line", "full_roi"),
    ("duplicate_roi", "copy_roi", "paste_roi", "lock_roi", "next_roi_color", "delete_roi"),
    ("show_rois", "show_roi_names", "copy_picture"),
    ("auto_contrast", "full_contrast", "composite"),
    ("run", "rerun"),
)
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
TABBED = ("Analysis", "Metadata", "ROIs", "Events")
DOCKS = {"Files": LEFT, "Contrast": RIGHT, **dict.fromkeys(TABBED, RIGHT)}
FILES_WIDTH, RIGHT_WIDTH = 280, 280
TOOL_BAR_HEIGHT = 42
CONTRAST_HEIGHT, TABS_HEIGHT = 250, 460


class PanelScroll(QScrollArea):
    """Scrolls a panel up and down; its dock is never narrower than the panel needs."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it scrolls to what has the focus
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(panel)
        self._panel = panel

    def minimumSizeHint(self) -> QSize:
        """As wide as the panel and the bar beside it."""
        bar = self.verticalScrollBar().sizeHint().width()
        width = self._panel.minimumSizeHint().width() + bar
        return QSize(width, super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The panel may need another width now."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def make_docks(window: QMainWindow) -> dict[str, QDockWidget]:
    """Docks by title, in reading order, still empty; three of the right ones share their place."""
    docks = {title: _dock(window, title, area) for title, area in DOCKS.items()}
    tab_docks(window, [docks[title] for title in TABBED])
    window.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
    window.setDockOptions(window.dockOptions() & ~QMainWindow.DockOption.AnimatedDocks)
    window.setCorner(Qt.Corner.BottomLeftCorner, LEFT)
    window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
    return docks


def _dock(window: QMainWindow, title: str, area: Qt.DockWidgetArea) -> QDockWidget:
    dock = QDockWidget(title, window)
    dock.setObjectName(f"dock {title}")
    dock.setAccessibleName(title)
    dock.setWidget(QWidget())
    window.addDockWidget(area, dock)
    return dock


def add_lower_dock(window: QMainWindow, title: str, panel: QWidget, height: int) -> QDockWidget:
    """A dock under the plots, made when it is first wanted; all of them share one place."""
    area = Qt.DockWidgetArea.BottomDockWidgetArea
    others = [one for one in window.findChildren(QDockWidget) if window.dockWidgetArea(one) == area]
    dock = QDockWidget(title, window)
    dock.setObjectName(f"dock {title}")
    dock.setAccessibleName(title)
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dock.setWidget(panel)
    window.addDockWidget(area, dock)
    if not window.restoreDockWidget(dock) and others:
        window.tabifyDockWidget(others[0], dock)
    height = min(height, window.height() // 4)  # on a small screen the picture comes first
    window.resizeDocks([dock], [height], Qt.Orientation.Vertical)
    return dock


def add_dock_below(
    window: QMainWindow, above: QDockWidget, title: str, panel: QWidget, height: int
) -> QDockWidget:
    """A dock under another one, made when it is first wanted."""
    dock = QDockWidget(title, window)
    dock.setObjectName(f"dock {title}")
    dock.setAccessibleName(title)
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    dock.setWidget(panel)
    room = above.height()
    window.addDockWidget(LEFT, dock)
    if window.restoreDockWidget(dock) or above.isFloating() or not above.isVisible():
        return dock
    window.splitDockWidget(above, dock, Qt.Orientation.Vertical)
    height = min(height, room * 3 // 5)
    heights = [room - height, height]
    window.resizeDocks([above, dock], heights, Qt.Orientation.Vertical)
    return dock


def fill_dock(dock: QDockWidget, panel: QWidget, *, scroll: bool) -> None:
    """Put a panel in; `scroll` for one that may be taller than the window."""
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # a plain QWidget has no ground
    placeholder = dock.widget()
    dock.setWidget(PanelScroll(panel) if scroll else panel)
    placeholder.deleteLater()


def size_docks(window: QMainWindow, docks: Mapping[str, QDockWidget], theme: Theme) -> None:
    """The usual widths and heights."""
    first, second, third = (docks[title] for title in ("Files", "Contrast", TABBED[0]))
    widths = [theme.px(FILES_WIDTH), theme.px(RIGHT_WIDTH)]
    window.resizeDocks([first, second], widths, Qt.Orientation.Horizontal)
    heights = [CONTRAST_HEIGHT, TABS_HEIGHT]
    window.resizeDocks([second, third], heights, Qt.Orientation.Vertical)


def tab_docks(window: QMainWindow, docks: Sequence[QDockWidget]) -> None:
    """Put docks on top of each other; the tab is then their title."""
    first = docks[0]
    for dock in docks[1:]:
        window.tabifyDockWidget(first, dock)
    for dock in docks:
        dock.setTitleBarWidget(QWidget(dock))
    first.raise_()


def make_menus(window: QMainWindow) -> dict[str, QMenu]:
    """The menu bar; gives the menus, still empty, by title."""
    bar = window.menuBar()
    return {title: bar.addMenu(title) for title in MENUS}


def fill_menus(menus: dict[str, QMenu], actions: Mapping[str, QAction]) -> None:
    """Put the table of actions in; `A ▸ B` becomes a menu in a menu, and is added to `menus`."""
    for spec in ACTIONS:
        above, mark, title = spec.menu.partition(" ▸ ")
        if mark and spec.menu not in menus:
            menus[spec.menu] = menus[above].addMenu(title)
        if spec.separator_before:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(actions[spec.id])
    for menu in menus.values():
        menu.setToolTipsVisible(True)


def make_tool_bar(window: QMainWindow) -> QToolBar:
    """The tool bar, still empty but as high as it will be."""
    bar = QToolBar("Tools", window)
    bar.setObjectName("tool bar")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    bar.setMinimumHeight(TOOL_BAR_HEIGHT)
    window.addToolBar(bar)
    return bar


def fill_tool_bar(bar: QToolBar, actions: Mapping[str, QAction]) -> None:
    """Put the tools in, in groups."""
    for place, group in enumerate(TOOL_BAR):
        if place:
            bar.addSeparator()
        for name in group:
            bar.addAction(actions[name])
    for name in (one for group in TOOL_BAR for one in group):
        button = bar.widgetForAction(actions[name])
        button.setAccessibleName(actions[name].text())


def group_tools(window: QMainWindow, actions: Mapping[str, QAction]) -> None:
    """Of the tools one is chosen."""
    group = QActionGroup(window)
    for name in ("tool_pan", "tool_zoom", "tool_roi", "tool_line", "tool_slope", "tool_event"):
        group.addAction(actions[name])
    actions["tool_pan"].setChecked(True)


def add_recent_menu(menu: QMenu, before: QAction, fill: Callable[[QMenu], None]) -> None:
    """A submenu that is filled each time it opens."""
    sub = QMenu("Open Recent", menu)
    sub.aboutToShow.connect(lambda: fill(sub))
    menu.insertMenu(before, sub)


def add_appearance_menu(menu: QMenu, theme: Theme, choose: Callable[[str], None]) -> None:
    """System, light or dark; applies at once."""
    sub = menu.addMenu("Appearance")
    group = QActionGroup(sub)
    for name in APPEARANCES:
        action = sub.addAction(name.capitalize())
        action.setCheckable(True)
        action.setChecked(theme.appearance == name)
        action.triggered.connect(lambda checked=False, name=name: choose(name))
        group.addAction(action)
    sub.aboutToShow.connect(  # it has other switches, too
        lambda: group.actions()[APPEARANCES.index(theme.appearance)].setChecked(True)
    )


def context_menu(
    window: QMainWindow, actions: Mapping[str, QAction], groups: Sequence[Sequence[str]]
) -> QMenu:
    """Commands for what is under the mouse; the menu goes when it is closed."""
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for group in groups:
        for name in group:
            menu.addAction(actions[name])
        menu.addSeparator()
    return menu
