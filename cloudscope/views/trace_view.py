"""Traces under the image: one plot per curve of the selected channel and ROI."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSplitter, QWidget

from acqcore.model.header import Calibration
from cloudscope.item_models.events_shown import ShownEvents, shown_events
from cloudscope.scene import Scene
from cloudscope.theme import Theme
from cloudscope.views.curve_menu import CurveChoice, CurveMenu, curve_button
from cloudscope.views.event_item import EventBand
from cloudscope.views.event_numbers import live_numbers
from cloudscope.views.marker_item import Marker
from cloudscope.views.readings import ResultReading
from cloudscope.views.time_plot import TimePlot
from cloudscope.views.trace_content import CurveId, curve_offers, trace_contents
from cloudscope.views.trace_pane import TracePane
from cloudscope.views.trace_samples import TraceSamples

SPLITTER = 5
_SYMBOLS = {"velocity": "v", "diameter": "d"}


class TraceView(QSplitter):
    """Stacks the plots; their time axis is the one of the image once it is linked.

    Signals:
        hovered: Line under the mouse as a float, None when the mouse leaves.
        runRequested: The user wants the missing result.
        markerMoved: A `Marker` on its way.
        eventDrawn: (line, line) of an event that was drawn, with the tool for it.
        eventEdited: (id, line, line) of an event that was dragged.
        eventChosen: Id of the event that was clicked, None beside all of them.
        eventDeleteRequested: Del on a trace: delete the selected event.
        curvesChosen: Analysis name and the columns to draw, from the menu of curves.
        earlierDismissed: The trace of the run before is not wanted any more: its curve.
        thresholdMoved, thresholdDropped: Value of the threshold in the hand, and let go.
        escaped: Esc on a trace: leave the tool, then the selection.
    """

    hovered = Signal(object)
    runRequested = Signal()
    markerMoved = Signal(object)
    eventDrawn = Signal(float, float)
    eventEdited = Signal(int, float, float)
    eventChosen = Signal(object)
    eventDeleteRequested = Signal()
    escaped = Signal()
    curvesChosen = Signal(str, tuple)
    earlierDismissed = Signal(object)
    thresholdMoved = Signal(float)
    thresholdDropped = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._theme = theme
        self._panes: dict[CurveId, TracePane] = {}
        self._scene, self._choice = Scene(), dict[str, tuple[str, ...]]()
        self._previewed = ""
        self._threshold: tuple[CurveId | None, float] = (None, 0.0)
        self._remarks: Mapping[CurveId, str] = {}
        self._extras: dict[str, Mapping[CurveId, TraceSamples]] = {}
        self.curve_menu = CurveMenu(self)
        self.curve_menu.aboutToShow.connect(self._offer_curves)
        self.curve_menu.chosen.connect(self.curvesChosen)
        self._curve_button = curve_button(self.curve_menu)  # a splitter would show its children
        self._time_source: TimePlot | None = None
        self._cursor: float | None = None
        self._markers: tuple[Marker, ...] = ()
        self._events = ShownEvents()
        self._selected_event: int | None = None
        self._event_tool = self._events_hidden = False
        self._calibration = Calibration()
        self.setHandleWidth(SPLITTER)
        self.setChildrenCollapsible(False)
        self.show_scene(Scene())

    @property
    def panes(self) -> tuple[TracePane, ...]:
        """The plots from top to bottom."""
        return tuple(self._panes.values())

    @Slot(object)
    def show_scene(self, scene: Scene) -> None:
        """Repaint what differs; the time range and the cursor stay as they are."""
        self._scene = scene
        before = {id_: one.content for id_, one in self._panes.items()}
        contents = trace_contents(scene, before, self._choice, self._previewed)
        self._keep_panes([one.id for one in contents])
        for content in contents:
            pane = self._panes[content.id]
            pane.plot.set_time_step(scene.calibration.step_y, scene.calibration.time_known)
            if scene.plane is not None:
                pane.plot.set_lines(len(scene.plane.pixels))
            pane.show_content(content)
            pane.caption.show_remark(self._remarks.get(content.id, ""))
            for kind, traces in self._extras.items():
                pane.show_extra(kind, traces.get(content.id))
        self.show_threshold(*self._threshold)
        self._calibration = scene.calibration
        self._events = shown_events(scene, self._events)
        self._show_events()

    @Slot(object)
    def set_curves(self, choice: CurveChoice) -> None:
        """Draw these columns of each analysis; of one that is not named, its first curve."""
        self._choice = {name: tuple(columns) for name, columns in choice.items()}
        self.show_scene(self._scene)

    @Slot()
    def _offer_curves(self) -> None:
        self.curve_menu.show_offers(curve_offers(self._scene, self._choice))

    def show_remarks(self, remarks: Mapping[CurveId, str]) -> None:
        """What the captions say about the traces of the run before."""
        self._remarks = remarks
        for id_, pane in self._panes.items():
            pane.caption.show_remark(remarks.get(id_, ""))

    def show_extra(self, kind: str, traces: Mapping[CurveId, TraceSamples]) -> None:
        """A thin line on some of the plots: `BEFORE` or `PREVIEW`; empty takes it away."""
        self._extras[kind] = traces
        for id_, pane in self._panes.items():
            pane.show_extra(kind, traces.get(id_))

    def show_threshold(self, curve: CurveId | None, value: float) -> None:
        """A line to drag on one of the plots, if that one is drawn; None takes it away."""
        self._threshold = curve, value
        for id_, pane in self._panes.items():
            pane.plot.show_threshold(value if id_ == curve else None)

    def preview(self, analysis_name: str) -> None:
        """Give this analysis a plot even before its first run; empty ends that."""
        if analysis_name != self._previewed:
            self._previewed = analysis_name
            self.show_scene(self._scene)

    def link_time(self, plot: TimePlot) -> None:
        """Show the same lines as this plot, now and always."""
        self._time_source = plot
        for pane in self.panes:
            pane.plot.view_box.setXLink(plot.view_box)

    @Slot(object)
    def set_cursor(self, line: float | None) -> None:
        """Mark a moment in every plot."""
        self._cursor = line
        for pane in self.panes:
            pane.plot.set_cursor(line)

    def set_markers(self, markers: tuple[Marker, ...]) -> None:
        """Show A and B in every plot."""
        self._markers = markers
        for pane in self.panes:
            pane.plot.markers.item.set_markers(markers)

    def reading_at(self, line: float) -> ResultReading | None:
        """The row nearest to a line: of the selected analysis, else of the uppermost trace."""
        drawn = [pane.content for pane in self.panes if pane.content.samples is not None]
        chosen = self._scene.selection.analysis_name
        drawn.sort(key=lambda content: content.id[0] != chosen)
        if not drawn:
            return None
        content, shown = drawn[0], drawn[0].shown
        key = _SYMBOLS.get(shown.token, shown.title)
        return ResultReading(key, shown.token, content.value_at(line), content.quality_at(line))

    # --- events ------------------------------------------------------------------------------

    @Slot(object)
    def select_event(self, event_id: int | None) -> None:
        """Make one event stronger than the others, or none."""
        self._selected_event = event_id
        self._show_events()

    @Slot(bool)
    def set_event_tool(self, on: bool) -> None:
        """Whether a drag on an empty stretch draws an event."""
        self._event_tool = on
        self._show_events()

    @Slot(bool)
    def hide_events(self, hidden: bool) -> None:
        """Take the bands away; nothing is deleted."""
        self._events_hidden = hidden
        self._show_events()

    def _show_events(self) -> None:
        for pane in self.panes:
            bands = pane.plot.events
            bands.tool = self._event_tool
            bands.item.set_selected(self._selected_event)
            pane.transients.setVisible(not self._events_hidden)
            bands.show_events(
                self._events, hidden=self._events_hidden or pane.content.samples is None
            )

    @Slot(object)
    def _preview_event(self, band: EventBand | None) -> None:
        """The same drag on every plot, with the numbers of each."""
        for pane in self.panes:
            pane.plot.events.show_preview(band)
            live = live_numbers(band, pane.content, self._calibration) if band is not None else ""
            pane.caption.show_live(live)

    # --- plots -------------------------------------------------------------------------------

    def _keep_panes(self, wanted: list[CurveId]) -> None:
        """Make missing plots, drop the others, and let only the lowest draw the time."""
        if list(self._panes) == wanted:
            return
        self._curve_button.setParent(None)  # its caption may go
        for id_ in [one for one in self._panes if one not in wanted]:
            gone = self._panes.pop(id_)
            gone.hide()
            gone.deleteLater()
        self._panes = {id_: self._panes.get(id_) or self._made() for id_ in wanted}
        for place, pane in enumerate(self.panes):
            self.insertWidget(place, pane)
            pane.set_room(len(wanted), lowest=place == len(wanted) - 1)
            pane.plot.set_time_axis_visible(place == len(wanted) - 1)
        self.panes[0].caption.hold(self._curve_button)

    def _made(self) -> TracePane:
        pane = TracePane(self._theme)
        pane.hovered.connect(self.hovered)
        pane.runRequested.connect(self.runRequested)
        pane.caption.dismiss.clicked.connect(lambda: self.earlierDismissed.emit(pane.content.id))
        plot, bands = pane.plot, pane.plot.events
        plot.thresholdMoved.connect(self.thresholdMoved)
        plot.thresholdDropped.connect(self.thresholdDropped)
        plot.deleteRequested.connect(self.eventDeleteRequested)
        plot.escaped.connect(self.escaped)
        plot.markers.moved.connect(self.markerMoved)
        plot.markers.item.set_markers(self._markers)
        bands.drawn.connect(self.eventDrawn)
        bands.edited.connect(self.eventEdited)
        bands.chosen.connect(self.eventChosen)
        bands.previewed.connect(self._preview_event)
        if self._time_source is not None:
            pane.plot.view_box.setXLink(self._time_source.view_box)
        pane.plot.set_cursor(self._cursor)
        return pane
