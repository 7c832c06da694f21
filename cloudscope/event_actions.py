"""The Events menu: draw, find, go through, judge, and compare with another person."""

from __future__ import annotations

from cloudscope.action_spec import ActionSpec

EVENT_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("tool_event", "Events", "Draw Event", "Drag on a trace to draw an event", "event",
               ("E",), "velocity", checkable=True),
    ActionSpec("find_events", "Events", "Find Events", "Look for events in the velocity", "",
               ("Ctrl+Shift+E",), "velocity"),
    ActionSpec("hide_events", "Events", "Hide Events", "Take the events off the traces", "",
               ("Ctrl+E",), "picture", checkable=True),
    ActionSpec("next_event", "Events", "Next Event", "Go to the next event", "", ("J",), "events",
               separator_before=True),
    ActionSpec("previous_event", "Events", "Previous Event", "Go to the previous event", "", ("K",),
               "events"),
    ActionSpec("next_unreviewed", "Events", "Next Unreviewed",
               "Go to the next event without a verdict", "event-next", ("U",), "unreviewed"),
    ActionSpec("accept_event", "Events", "Accept Event", "Accept the event and go on", "accept",
               ("Y",), "event", separator_before=True),
    ActionSpec("reject_event", "Events", "Reject Event", "Reject the event and go on", "reject",
               ("X",), "event"),
    ActionSpec("event_user", "Events", "Mark as User Event", "Make it a user event", "", ("1",),
               "event", separator_before=True),
    ActionSpec("event_rise", "Events", "Mark as Rise", "Make it a rise", "", ("2",), "event"),
    ActionSpec("event_fall", "Events", "Mark as Fall", "Make it a fall", "", ("3",), "event"),
    ActionSpec("event_transient", "Events", "Mark as Transient", "Make it a transient", "", ("4",),
               "event"),
    ActionSpec("event_note", "Events", "Edit Event Note", "Write a note about the event", "",
               ("Shift+E",), "event", separator_before=True),
    ActionSpec("delete_event", "Events", "Delete Event", "Delete the event", "delete",
               ("Shift+Del",), "event"),
    ActionSpec("copy_events", "Events", "Copy Event Table",
               "Copy the table of events for a spreadsheet", "copy", needs="events"),
    ActionSpec("export_scoring", "Events", "Export Scoring…",
               "Write who has marked which events into a small file", "", needs="files",
               separator_before=True),
    ActionSpec("compare_scorers", "Events", "Compare With Another Scorer…",
               "Tell how far the events of two people agree", "compare", needs="files"),
)  # fmt: skip
