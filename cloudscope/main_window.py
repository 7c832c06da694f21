"""The main window: what fills its shell, and the one list of connections."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMenu

from cloudscope.actions import enable
from cloudscope.docks import IMAGE_MENU, TREE_MENU, context_menu
from cloudscope.settings import Settings
from cloudscope.shell import TITLE, Shell
from cloudscope.theme import Theme

if TYPE_CHECKING:
    from cloudscope.furniture import Furniture
    from cloudscope.scene import Scene


class MainWindow(Shell):
    """Views and controllers meet here and nowhere else."""

    def __init__(self, theme: Theme, settings: Settings, folders: Mapping[str, Path]) -> None:
        """`folders` names where caches and logs go: `cache`, `logs`."""
        super().__init__(theme, settings)
        self._folders = folders
        self._may_close = self._in_close_event = False
        self._counts_due = QTimer(self)  # once for an edit of a thousand recordings
        self._counts_due.setSingleShot(True)
        self._counts_due.timeout.connect(self._show_counts)

    def furnish(self) -> None:
        """Make controllers and views, and connect them."""
        # Numpy and pyqtgraph load with it: never before the first paint.
        from cloudscope.furniture import Furniture
        from cloudscope.scene import Scene

        self.complete()
        made: Furniture = Furniture(
            self, self.theme, self.settings, self._folders, self.actions_by_id, self.docks,
            self.empty,
        )  # fmt: skip
        self.session, self.jobs, self.controller = made.session, made.jobs, made.controller
        self.opening, self.saving, self.running = made.opening, made.saving, made.running
        self.panels, self.feed, self.features = made.panels, made.feed, made.features
        self.leaving, self.messages, self.commands = made.leaving, made.messages, made.commands
        self.view, self.tree = self.panels.view, self.panels.tree
        self.drop = made.drop
        QTimer.singleShot(0, self.size_docks)  # once the full docks are laid out
        self._connect()
        self.limit_delete_key(self.view, self.panels.rois)
        self._show_scene(Scene())
        self.commands.show_recents(self.empty)
        self.tree.columns.restore(QByteArray(self.settings.file_columns))
        self.use_slots(made.slots())

    def finish_typing(self) -> None:
        """Turn what stands in a field into an edit."""
        self.panels.commit()

    def recent_paths_in(self, menu: QMenu) -> None:
        """What was open before."""
        if self.is_furnished:
            self.commands.fill_recent_menu(menu)

    def _connect(self) -> None:
        """Gestures to the controllers, scenes and news back to the views."""
        controller, view, panels = self.controller, self.view, self.panels
        self.tree.recordingChosen.connect(controller.select)
        self.tree.reviewCycled.connect(controller.cycle_review)
        self.tree.contextMenuRequested.connect(self._show_tree_menu)
        view.head.channelChosen.connect(controller.choose_channel)
        view.head.roiChosen.connect(controller.choose_roi)
        view.kymograph.roiEdited.connect(controller.edit_roi)
        view.kymograph.roiNudged.connect(controller.edit_roi)
        view.kymograph.roiDrawn.connect(controller.add_roi)
        view.kymograph.roiSelected.connect(controller.choose_roi)
        view.kymograph.roiDeleteRequested.connect(controller.delete_roi)
        view.kymograph.retryRequested.connect(controller.retry)
        view.kymograph.contextMenuRequested.connect(self._show_image_menu)
        view.kymograph.viewChanged.connect(self._view_changed)
        view.kymograph.toolChanged.connect(self._tool_changed)
        view.trace.runRequested.connect(panels.analysis.request_run)
        panels.contrast.levelsPreviewed.connect(view.kymograph.preview_levels)
        panels.contrast.contrastEdited.connect(controller.edit_contrast)
        panels.rois.roiEdited.connect(controller.edit_roi)
        panels.rois.roiSelected.connect(controller.choose_roi)
        panels.rois.roiDeleteRequested.connect(controller.delete_roi)
        panels.rois.drawRequested.connect(self.actions_by_id["tool_roi"].trigger)
        panels.rois.lineRequested.connect(self.actions_by_id["tool_line"].trigger)
        panels.rois.fullRequested.connect(controller.add_roi)
        panels.analysis.runRequested.connect(self.running.run)
        panels.analysis.stopRequested.connect(self.running.stop)
        panels.analysis.rerunStaleRequested.connect(self.running.rerun_stale)
        panels.analysis.analysisChosen.connect(controller.choose_analysis)
        panels.analysis.roiChosen.connect(controller.choose_roi)
        panels.metadata.patchEdited.connect(controller.patch_metadata)
        panels.metadata.patchEdited.connect(
            lambda section, patch: panels.suggest(self.session.images, patch)
        )
        self.drop.entered.connect(view.show_drop)
        self.drop.left.connect(view.hide_drop)
        self.drop.dropped.connect(lambda paths, add: self.commands.open_paths(paths, add=add))
        view.empty.pathChosen.connect(lambda path: self.commands.open_paths([Path(path)]))
        panels.status.jobs.cancelRequested.connect(self.jobs.cancel)

        controller.sceneChanged.connect(self._show_scene)
        controller.sceneChanged.connect(self.messages.tell_problems)
        controller.imageChanged.connect(self.feed.update)
        controller.imageChanged.connect(self._counts_due.start)
        controller.recordingSelected.connect(self.tree.select)
        controller.undo_stack.indexChanged.connect(self._enable_actions)
        for feature in self.features:
            feature.usableChanged.connect(self._enable_actions)
        self.opening.reset.connect(self.feed.reset)
        self.opening.reset.connect(controller.clear)
        self.opening.reset.connect(self.running.stop_all)
        self.opening.opened.connect(self.feed.add)
        self.opening.opened.connect(self._first_recording)
        self.opening.refused.connect(self.feed.refuse)
        self.opening.finished.connect(self.messages.opened)
        self.opening.finished.connect(self._show_counts)
        self.opening.finished.connect(self._suggest)
        self.opening.finished.connect(self.running.prepare)
        self.saving.imageSaved.connect(self.feed.update)
        self.saving.imageSaved.connect(self.messages.image_saved)
        self.saving.saveFailed.connect(self.messages.save_failed)
        self.saving.finished.connect(self.messages.saved)
        self.saving.finished.connect(controller.refresh)
        self.saving.finished.connect(self._show_counts)
        self.running.progressed.connect(panels.analysis.show_progress)
        self.running.failed.connect(panels.analysis.show_failure)
        self.running.failedElsewhere.connect(self.messages.run_failed)
        self.jobs.changed.connect(self._show_jobs)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._enable_actions)  # in a field there may be text to save

    @Slot(object)
    def _show_scene(self, scene: Scene) -> None:
        self.panels.show_scene(scene)
        self.setWindowTitle(f"{scene.name}[*] — {TITLE}" if scene.name else f"{TITLE}[*]")
        self._enable_actions()
        self._show_counts()

    @Slot()
    def _suggest(self) -> None:
        self.panels.suggest(self.session.images)

    @Slot()
    def _enable_actions(self) -> None:
        scene, undo = self.panels.scene, self.controller.undo_stack
        typing = self.panels.is_typing  # a command finishes it first
        there = {
            "": True,
            "files": len(self.session.images) > 0,
            "recording": bool(scene.selection.file_id),
            "picture": scene.plane is not None,
            "roi": scene.roi is not None,
            "unsaved_here": scene.dirty or typing,
            "unsaved": typing or bool(self.session.dirty()),
            "undo": undo.canUndo(),
            "redo": undo.canRedo(),
            "stale": any(one.stale for one in scene.records),
            "problems": bool(self.session.warnings),
            "job": bool(scene.running),
        }
        for feature in self.features:
            there.update(feature.usable(scene))
        for name, action in self.actions_by_id.items():
            enable(action, self.specs[name], there[self.specs[name].needs])
        self.actions_by_id["undo"].setText(f"Undo {undo.undoText()}".strip())
        self.actions_by_id["redo"].setText(f"Redo {undo.redoText()}".strip())

    @Slot()
    def _show_counts(self) -> None:
        unsaved = len(self.session.dirty())
        self.panels.status.show_counts(unsaved, sum(self.feed.stale_counts.values()))
        self.setWindowModified(unsaved > 0)

    @Slot()
    def _show_jobs(self) -> None:
        shown = [(one.id, one.text, one.fraction) for one in self.jobs.active if one.text]
        self.panels.show_jobs(shown)

    @Slot(object)
    def _view_changed(self, shown: tuple[float, float, float, float]) -> None:
        self.panels.contrast.set_visible(*shown)
        header = self.panels.scene.header
        lines = header.size("Y") if header is not None else 1
        self.panels.status.show_zoom((shown[1] - shown[0]) / max(lines, 1))

    @Slot(object, object)
    def _show_tree_menu(self, at: QPoint, file_id: str) -> None:
        """Commands for the recording under the mouse: one of the selected, or it becomes that."""
        if file_id and file_id not in self.tree.selected_file_ids():
            self.tree.select(file_id)
            self.controller.select(file_id)
        menu = context_menu(self, self.actions_by_id, TREE_MENU)
        menu.addAction("Expand All", self.tree.expand_all)
        menu.addAction("Collapse All", self.tree.collapse_all)
        menu.popup(at)

    @Slot(object)
    def _show_image_menu(self, at: QPoint) -> None:
        context_menu(self, self.actions_by_id, IMAGE_MENU).popup(at)

    @Slot(str)
    def _tool_changed(self, name: str) -> None:
        self.actions_by_id[f"tool_{name}"].setChecked(True)

    @Slot(object)
    def _first_recording(self, image: object) -> None:
        """Show the first recording of a folder as soon as it is there."""
        if not self.controller.selection.file_id:
            first = self.session.images.get_default_file_id() or ""
            self.tree.select(first)
            self.tree.tree.expand(self.tree.model.index_of(first))
            self.controller.select(first)

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only when nothing unsaved is lost; any error keeps the window open."""
        if not self.is_furnished:
            event.accept()
            return
        event.ignore()
        self._in_close_event = True
        if not self._may_close:
            self.leaving.then("closing", self._allow_close, is_end=True)
        self._in_close_event = False
        if self._may_close:
            for feature in self.features:
                feature.closing()
            self.settings.remember_window(self)
            self.settings.file_columns = bytes(self.tree.columns.saved().data())
            self.jobs.shut_down()
            self._may_close = False
            event.accept()

    def discard_and_close(self) -> None:
        """Close without a question: for runs that nobody watches."""
        self._may_close = True
        self.close()

    def _allow_close(self) -> None:
        """Nothing is at stake: close now, or go on closing when a save came between."""
        self._may_close = True
        if not self._in_close_event:
            self.close()
