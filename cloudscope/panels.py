"""All views of the window and where they stand; one scene for all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

from acqcore.acq_image_list import AcqImageList
from acqcore.model.metadata import experiment_schema
from acqcore.model.schema import ValueType
from cloudscope.docks import fill_dock
from cloudscope.scene import Scene, warm_up_scene
from cloudscope.theme import Theme
from cloudscope.views.analysis_panel import AnalysisPanel
from cloudscope.views.contrast_panel import ContrastPanel
from cloudscope.views.empty_view import EmptyView
from cloudscope.views.events_panel import EventsPanel
from cloudscope.views.file_tree_view import FileTreePanel
from cloudscope.views.job_bar import JobLine
from cloudscope.views.metadata_panel import MetadataPanel
from cloudscope.views.pane_focus import go_round
from cloudscope.views.recording_view import RecordingView
from cloudscope.views.roi_panel import RoiPanel
from cloudscope.views.status_line import StatusLine


class Panels(QObject):
    """Makes the views, places them, and hands each scene on."""

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        docks: Mapping[str, QDockWidget],
        empty: EmptyView,
        actions: Mapping[str, QAction],
    ) -> None:
        super().__init__(window)
        self._window, self._theme = window, theme
        self.scene = Scene()
        self.view = RecordingView(theme, empty)
        self.tree, self.contrast = FileTreePanel(theme), ContrastPanel(theme)
        self.analysis, self.metadata = AnalysisPanel(theme), MetadataPanel(theme)
        self.rois, self.status = RoiPanel(theme), StatusLine(theme)
        self.events = EventsPanel(theme, actions)
        self._text_size = theme.px(100)
        self.docks = tuple(docks.values())
        self._place(docks)
        theme.changed.connect(self._follow_text_size)
        self._docks_due = QTimer(self)
        self._docks_due.setSingleShot(True)
        self._docks_due.timeout.connect(self.show_docks)
        # Made now, forms, plots and icons do not hold up the first recording.
        QTimer.singleShot(0, self._warm_up)

    def _place(self, docks: Mapping[str, QDockWidget]) -> None:
        # In reading order, which Tab follows.
        fill_dock(docks["Files"], self.tree, scroll=False)
        self._window.setCentralWidget(self.view)
        fill_dock(docks["Contrast"], self.contrast, scroll=False)
        fill_dock(docks["Analysis"], self.analysis, scroll=True)
        fill_dock(docks["Metadata"], self.metadata, scroll=True)
        fill_dock(docks["ROIs"], self.rois, scroll=True)
        fill_dock(docks["Events"], self.events, scroll=False)
        self._window.setStatusBar(self.status)

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """The picture at once; of another one the docks in the next turn: no turn is long."""
        old, self.scene = self.scene, scene
        self.view.show_scene(scene)
        if scene.plane is old.plane and scene.selection.file_id == old.selection.file_id:
            self.show_docks()  # an edit: the next key may build on it
        else:
            self._docks_due.start()

    @Slot()
    def show_docks(self) -> None:
        """Bring the docks up to date with the picture."""
        self._docks_due.stop()
        for part in (
            self.contrast,
            self.analysis,
            self.metadata,
            self.rois,
            self.events,
            self.status,
        ):
            part.show_scene(self.scene)

    def show_jobs(self, jobs: Iterable[tuple[int, str, float | None]]) -> None:
        """What runs now: number, text and fraction of each."""
        self.status.jobs.set_jobs([JobLine(*job) for job in jobs])

    @property
    def is_typing(self) -> bool:
        """Whether the keyboard is in a field, whose text may not be an edit yet."""
        focus = QApplication.focusWidget()
        fields = (self.contrast, self.metadata, self.rois, self.events)
        return focus is not None and any(one.isAncestorOf(focus) for one in fields)

    @Slot()
    def commit(self) -> None:
        """Finish what is being typed: before saving, closing and anything from a menu."""
        for panel in (self.contrast, self.metadata, self.rois, self.events):
            panel.commit()

    def go_round(self, by: int) -> None:
        """Put the keyboard into the next pane (1) or the one before (-1)."""
        view = self.view
        docks = (self.contrast, self.analysis, self.metadata, self.rois, self.events)
        panes = (self.tree.tree, view.empty, view.kymograph, view.trace, *docks)
        go_round(panes, by)

    def suggest(self, images: AcqImageList, names: Collection[str] = ()) -> None:
        """Offer the metadata of other recordings, in the named fields or in all."""
        for field in experiment_schema().fields:
            if names and field.name not in names:
                continue
            if field.value_type is ValueType.STR and field.name != "note":
                values = images.get_unique_metadata_values(field.name)
                self.metadata.set_suggestions(field.name, values)

    @Slot()
    def _follow_text_size(self) -> None:
        """Forms keep their room when the text grows."""
        old, self._text_size = self._text_size, self._theme.px(100)
        sides = self.docks[:2]
        docks = [dock for dock in sides if dock.isVisible() and not dock.isFloating()]
        if old != self._text_size:
            widths = [round(dock.width() * self._text_size / old) for dock in docks]
            self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    @Slot()
    def _warm_up(self) -> None:
        if not self.scene.selection.file_id:
            self._window.setUpdatesEnabled(False)
            for scene in (warm_up_scene(), Scene()):
                self.show_scene(scene)
                self.show_docks()
                self.view.grab()
            self._window.setUpdatesEnabled(True)
