"""Events: drawn and dragged on the traces, found by detectors, reviewed one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDockWidget

from acqcore.analysis.event import (
    EVENT_TYPES,
    Event,
    EventParameters,
    add_event,
    delete_event,
    review_event,
    set_event_type,
    update_event,
)
from acqcore.errors import AcqError
from acqcore.model.record import AnalysisRecord
from cloudscope.item_models.events_shown import EVENT, ShownEvents, shown_events
from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench

Edit = Callable[[AnalysisRecord, AnalysisRecord], AnalysisRecord]
"""A record of events and its velocity give the record as it should be."""


class Events(Feature):
    """Which event is selected, and every edit of events; each is one undo step."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._shown = ShownEvents()
        self._place: tuple[object, ...] = ()
        self._listed: tuple[Event, ...] = ()
        self._selected: int | None = None
        trace, panel = bench.panels.view.trace, bench.panels.events
        trace.eventDrawn.connect(self._draw)
        trace.eventEdited.connect(self._move)
        trace.eventChosen.connect(self.select)
        trace.eventDeleteRequested.connect(self.delete)
        trace.escaped.connect(self._leave)
        panel.eventChosen.connect(self._choose_in_list)
        panel.noteEdited.connect(self._set_note)
        panel.deleteRequested.connect(self.delete)
        panel.findRequested.connect(self._find)
        bench.controller.sceneChanged.connect(self._follow)
        bench.actions["tool_event"].toggled.connect(trace.set_event_tool)
        bench.actions["hide_events"].toggled.connect(trace.hide_events)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its actions call."""
        panel = self.bench.panels.events
        types = {f"event_{kind}": self._type_setter(kind) for kind in EVENT_TYPES}
        return types | {
            "tool_event": self._take_tool,
            "next_event": lambda: self._step(1),
            "previous_event": lambda: self._step(-1),
            "next_unreviewed": self.next_unreviewed,
            "accept_event": lambda: self.review(True),
            "reject_event": lambda: self.review(False),
            "event_note": self._edit_note,
            "delete_event": self.delete,
            "find_events": panel.request_find,
            "hide_events": lambda: None,  # `toggled` tells the traces
            "copy_events": panel.copy,
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there are velocity, events, a selected one, and one without a verdict."""
        # Asked before or after `sceneChanged` has come here: never of an older scene.
        shown = self._shown = shown_events(scene, self._shown)
        return {
            "velocity": shown.parent is not None and not shown.running,
            "events": bool(shown.listed),
            "event": shown.editable and shown.event(self._selected) is not None,
            "unreviewed": bool(shown.unreviewed),
        }

    # --- which one ---------------------------------------------------------------------------

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Another record: nothing is selected. An undo selects the event that it changed."""
        before = self._listed
        self._shown = shown_events(scene, self._shown)
        place = (scene.selection.file_id, self._shown.key)
        if place != self._place:
            self._place = place
            self.select(None)
        else:
            old = {event.id: event for event in before}
            changed = [one for one in self._shown.listed if old.get(one.id) != one]
            gone = self._shown.event(self._selected) is None
            if before and len(changed) == 1:
                self.select(changed[0].id)
            elif gone and self._selected is not None:
                self.select(None)
        self._listed = self._shown.listed

    @Slot(object)
    def select(self, event_id: int | None) -> None:
        """Make an event the one that keys act on."""
        self._selected = event_id
        self.bench.panels.view.trace.select_event(event_id)
        self.bench.panels.events.select(event_id)
        self.usableChanged.emit()

    @Slot(object)
    def _choose_in_list(self, event_id: int) -> None:
        self.select(event_id)
        self._show(event_id)

    def _step(self, by: int) -> None:
        """To the next one in time, from the last to the first."""
        ids = [event.id for event in self._shown.by_time]
        if ids:
            here = ids.index(self._selected) if self._selected in ids else (-1 if by > 0 else 0)
            self._go(ids[(here + by) % len(ids)])

    def next_unreviewed(self) -> None:
        """The next one in time without a verdict, from the last to the first."""
        waiting, here = self._shown.unreviewed, self._shown.event(self._selected)
        if not waiting:
            return
        later = [one for one in waiting if here and (one.x_min, one.id) > (here.x_min, here.id)]
        self._go((later or list(waiting))[0].id)

    def _go(self, event_id: int) -> None:
        self.select(event_id)
        self._show(event_id)

    def _show(self, event_id: int) -> None:
        """Zoom to an event with what lies before and after it."""
        event, time = self._shown.event(event_id), self._shown.time
        if event is not None and time is not None:
            line0, line1 = self._shown.lines(event)
            margin = max(line1 - line0, self._window() / time.step)
            self.bench.panels.view.kymograph.set_time_range(line0 - margin, line1 + margin)

    def _window(self) -> float:
        """How much before and after an event is measured, in the time of events."""
        record = self._shown.record
        ran = record.provenance if record is not None else None
        default = EventParameters().pre_post_win_sec
        return float(ran.parameters.get("pre_post_win_sec", default)) if ran else default

    # --- the tool ----------------------------------------------------------------------------

    def _take_tool(self) -> None:
        """From now on a drag on a trace draws; the image pans."""
        self.bench.panels.view.kymograph.set_tool("pan")
        self.bench.actions["hide_events"].setChecked(False)
        panes = self.bench.panels.view.trace.panes
        if panes:
            panes[0].plot.setFocus()

    @Slot()
    def _leave(self) -> None:
        """Esc: first the tool, then the selection."""
        if self.bench.actions["tool_event"].isChecked():
            self.bench.actions["tool_pan"].trigger()
        else:
            self.select(None)

    # --- edits -------------------------------------------------------------------------------

    def _edit(self, change: Edit, text: str) -> bool:
        """One undo step; False when it could not be done, which the user is told."""
        image, key, parent = self.bench.controller.image, self._shown.key, self._shown.parent
        if image is None or key is None or parent is None or not self._shown.editable:
            return False
        record = image.state.record(key) or AnalysisRecord(key)
        try:
            changed = change(record, parent)
        except AcqError as error:
            self.bench.messages.user_error(error)
            return False
        self.bench.controller.edit(image, image.state.with_record(changed), text)
        return True

    @Slot(float, float)
    def _draw(self, line0: float, line1: float) -> None:
        time = self._shown.time
        if time is None:
            return
        number = max((event.id for event in self._shown.listed), default=0) + 1
        x0, x1 = time.x(line0), time.x(line1)
        if self._edit(lambda record, parent: add_event(record, parent, x0, x1), "Draw event"):
            self.select(number)

    @Slot(int, float, float)
    def _move(self, event_id: int, line0: float, line1: float) -> None:
        """An end that was not dragged keeps its exact time."""
        event, time = self._shown.event(event_id), self._shown.time
        if event is None or time is None:
            return
        old0, old1 = self._shown.lines(event)
        x0 = event.x_min if line0 == old0 else time.x(line0)
        x1 = event.x_max if line1 == old1 else time.x(line1)

        def change(record: AnalysisRecord, parent: AnalysisRecord) -> AnalysisRecord:
            return update_event(record, parent, event_id, x0=x0, x1=x1)

        self._edit(change, f"Move event {event_id}")
        self.select(event_id)

    def _type_setter(self, kind: str) -> Callable[[], None]:
        def set_type() -> None:
            event = self._shown.event(self._selected)
            if event is not None and event.event_type != kind:
                text = f"Mark event {event.id} as {kind}"
                self._edit(lambda record, _: set_event_type(record, event.id, kind), text)

        return set_type

    def review(self, accepted: bool) -> None:
        """Give a verdict and go on with the queue; the same verdict again takes it back."""
        event = self._shown.event(self._selected)
        if event is None:
            return
        verdict = None if event.accepted is accepted else accepted
        text = {True: "Accept event", False: "Reject event", None: "Unmark event"}[verdict]
        done = self._edit(
            lambda record, _: review_event(record, event.id, verdict), f"{text} {event.id}"
        )
        if done and event.accepted is None:
            self.next_unreviewed()

    @Slot(int, str)
    def _set_note(self, event_id: int, note: str) -> None:
        def change(record: AnalysisRecord, parent: AnalysisRecord) -> AnalysisRecord:
            return update_event(record, parent, event_id, note=note)

        self._edit(change, f"Edit note of event {event_id}")

    @Slot()
    def delete(self) -> None:
        """Delete the selected event; the one after it becomes selected."""
        event = self._shown.event(self._selected)
        if event is None:
            return
        ids = [one.id for one in self._shown.by_time]
        place = ids.index(event.id)
        ids.remove(event.id)
        if self._edit(lambda record, _: delete_event(record, event.id), f"Delete event {event.id}"):
            self.select(ids[min(place, len(ids) - 1)] if ids else None)

    @Slot(object)
    def _find(self, detectors: Mapping[str, bool]) -> None:
        """Run the detectors; what a person drew or judged stays."""
        record = self._shown.record
        asked: dict[str, Any] = dict(record.parameters) if record is not None else {}
        self.bench.running.run(EVENT, asked | dict(detectors))

    def _edit_note(self) -> None:
        panel = self.bench.panels.events
        dock = next((one for one in self.bench.panels.docks if one.isAncestorOf(panel)), None)
        if isinstance(dock, QDockWidget):
            dock.show()
            dock.raise_()
        panel.edit_note()
