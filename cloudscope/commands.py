"""What the actions of menus and tool bar do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu

from acqcore.discovery import is_folder, is_there
from acqcore.loaders import supported_suffixes
from cloudscope.controller import Controller
from cloudscope.demo import sample_folder
from cloudscope.jobs import Jobs
from cloudscope.leaving import Leaving
from cloudscope.messages import Messages
from cloudscope.opening import Opening
from cloudscope.panels import Panels
from cloudscope.running import Running
from cloudscope.saving import Saving
from cloudscope.settings import Settings
from cloudscope.theme import Theme
from cloudscope.views.about_dialog import show_about
from cloudscope.views.empty_view import EmptyView, Recent, short_path
from cloudscope.views.file_tree_view import FileTreePanel

_ZOOM_STEP = 1.5


class Commands(QObject):
    """Slots by action id; every one is short because it hands the work on."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        settings: Settings,
        jobs: Jobs,
        controller: Controller,
        opening: Opening,
        saving: Saving,
        running: Running,
        leaving: Leaving,
        messages: Messages,
        folders: Mapping[str, Path],
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._settings, self._jobs = window, theme, settings, jobs
        self._controller, self._opening, self._saving = controller, opening, saving
        self._running, self._leaving, self._messages = running, leaving, messages
        self._folders = folders

    def slots(self, panels: Panels) -> dict[str, Callable[[], object]]:
        """What each action calls."""
        return self._file_slots() | self._view_slots(panels) | self._edit_slots(panels)

    def _file_slots(self) -> dict[str, Callable[[], object]]:
        controller = self._controller
        return {
            "open_files": self.open_files,
            "open_folder": self.open_folder,
            "open_demo": self.open_demo,
            "rescan": self.rescan,
            "save": self.save,
            "save_all": lambda: self._saving.save(controller.session.dirty()),
            "save_copy": self.save_copy,
            "close": self._window.close,
            "quit": self._window.close,
            "logs": lambda: _open_folder(self._folders["logs"]),
            "about": lambda: show_about(self._window, self._theme),
        }

    def _edit_slots(self, panels: Panels) -> dict[str, Callable[[], object]]:
        tree, kymograph, analysis = panels.tree, panels.view.kymograph, panels.analysis
        controller, undo = self._controller, self._controller.undo_stack
        return {
            "undo": undo.undo,
            "redo": undo.redo,
            "find": tree.focus_filter,
            "tool_pan": lambda: kymograph.set_tool("pan"),
            "tool_zoom": lambda: kymograph.set_tool("zoom"),
            "tool_roi": lambda: kymograph.set_tool("roi"),
            "tool_line": lambda: kymograph.set_tool("line"),
            "full_roi": controller.add_roi,
            "fit_roi": kymograph.fit_roi,
            "delete_roi": lambda: controller.delete_roi(controller.selection.roi_id or 0),
            "run": analysis.request_run,
            "stop": self._running.stop,
        }

    def _view_slots(self, panels: Panels) -> dict[str, Callable[[], object]]:
        tree, kymograph, contrast = panels.tree, panels.view.kymograph, panels.contrast
        return {
            "full_view": kymograph.fit,
            "zoom_in": lambda: kymograph.zoom(_ZOOM_STEP, 1.0),
            "zoom_out": lambda: kymograph.zoom(1 / _ZOOM_STEP, 1.0),
            "next_file": lambda: self._step(tree, 1),
            "previous_file": lambda: self._step(tree, -1),
            "next_pane": lambda: panels.go_round(1),
            "previous_pane": lambda: panels.go_round(-1),
            "larger": lambda: self._scale_text(1.1),
            "smaller": lambda: self._scale_text(1 / 1.1),
            "full_screen": self._full_screen,
            "auto_contrast": contrast.set_auto,
            "full_contrast": contrast.set_full,
            "next_lut": contrast.next_lut,
        }

    # Opening

    def open_files(self) -> None:
        """Ask for recordings."""
        patterns = " ".join(f"*{suffix}" for suffix in supported_suffixes())
        kinds = f"Recordings ({patterns});;Lists of recordings (*.csv);;All files (*)"
        start = str(self._start_folder())
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Open Recordings", start, kinds)
        if chosen:
            self.open_paths([Path(name) for name in chosen])

    def open_folder(self) -> None:
        """Ask for a folder."""
        start = str(self._start_folder())
        chosen = QFileDialog.getExistingDirectory(self._window, "Open Folder", start)
        if chosen:
            self.open_paths([Path(chosen)])

    def _start_folder(self) -> Path:
        """Where a file dialog begins; in blinded mode not where the names are."""
        blinded = self._controller.session.blind.on
        return (None if blinded else self._settings.last_folder) or Path.home()

    def open_demo(self) -> None:
        """Make the sample folder if needed, then open it."""
        cache = self._folders["cache"]
        self._jobs.submit(
            "open",
            lambda job: sample_folder(cache, job.context.progress),
            text="Making sample recordings",
            on_done=lambda folder: self.open_paths([folder], remember=False),
            on_failed=self._messages.user_error,
        )

    def open_paths(
        self, paths: Sequence[Path], *, add: bool = False, remember: bool = True
    ) -> None:
        """Open these, after asking for unsaved edits that would be closed."""
        if remember:
            for path in paths:
                self._settings.add_recent(path)
            self._settings.last_folder = paths[0] if is_folder(paths[0]) else paths[0].parent

        def start() -> None:
            self._opening.open(paths, self._settings.folder_depth, add=add)

        if add:
            start()
        else:
            self._leaving.then("opening something else", start)

    def show_recents(self, empty: EmptyView) -> None:
        """What was opened before; whether it is there is found out off the GUI thread."""
        paths = [] if self._controller.session.blind.on else self._settings.recent_paths
        self._jobs.submit(
            "recent", lambda job: [_recent(path) for path in paths], on_done=empty.set_recents
        )

    def fill_recent_menu(self, menu: QMenu) -> None:
        """The same list in the File menu, made when the menu opens."""
        menu.clear()
        blinded = self._controller.session.blind.on
        for number, path in enumerate(self._settings.recent_paths, start=1):
            action = menu.addAction(f"Recent {number}" if blinded else short_path(str(path)))
            action.triggered.connect(lambda checked=False, path=path: self.open_paths([path]))
        menu.addSeparator()
        clear = menu.addAction("Clear List")
        clear.setEnabled(bool(self._settings.recent_paths))
        clear.triggered.connect(self._settings.clear_recent)

    def rescan(self) -> None:
        """Look for recordings that came since; what is open stays as it is."""
        roots = list(dict.fromkeys(self._controller.session.roots))
        self._controller.session.roots.clear()
        self.open_paths(roots, add=True, remember=False)

    # Saving

    def save(self) -> None:
        """Save the selected recording."""
        image = self._controller.image
        if image is not None and image.is_dirty:
            self._saving.save([image])

    def save_copy(self) -> None:
        """Write the results of the selected recording elsewhere."""
        if self._controller.image is not None:
            self._messages.save_copy(self._controller.image)

    # View

    def _step(self, tree: FileTreePanel, by: int) -> None:
        ids = tree.model.visible_file_ids()
        here = self._controller.selection.file_id
        if ids:
            place = ids.index(here) + by if here in ids else 0
            target = ids[min(max(place, 0), len(ids) - 1)]
            tree.select(target)
            self._controller.select(target)

    def _scale_text(self, factor: float) -> None:
        self._theme.set_text_scale(self._theme.text_scale * factor)
        self._settings.text_scale = self._theme.text_scale

    def _full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _recent(path: Path) -> Recent:
    """In a worker: a disk that sleeps or a share that is gone may take its time."""
    there = is_there(path)
    kind = ("folder" if is_folder(path) else "file") if there else "not there now"
    return Recent(path.name or str(path), str(path), kind, not there)
