"""The table of actions: menus, tool bar, shortcuts and their documentation come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from cloudscope.action_spec import ActionSpec, Key
from cloudscope.image_actions import IMAGE_ACTIONS
from cloudscope.theme import Theme

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open_files", "File", "Open Files…", "Open recordings", "file-open", (Key.Open,)),
    ActionSpec(
        "open_folder", "File", "Open Folder…", "Open a folder of recordings", "folder-open",
        ("Ctrl+Shift+O",),
    ),
    ActionSpec("open_demo", "File", "Open Sample Data", "Open synthetic sample recordings"),
    ActionSpec(
        "reopen_session", "File", "Reopen Last Session",
        "Open what was open before, where you left off", "", ("Ctrl+Shift+T",), "last_session",
    ),
    ActionSpec(
        "rescan", "File", "Reload Folder", "Look for new recordings again", "", ("F5",), "files"
    ),
    ActionSpec(
        "watch", "File", "Watch Folder", "Add recordings as soon as they are complete", "",
        ("Ctrl+Shift+W",), "place", checkable=True,
    ),
    ActionSpec(
        "follow_newest", "File", "Follow Newest Recording",
        "Show each recording that comes into the watched folder", needs="place",
        checkable=True,
    ),
    ActionSpec(
        "save", "File", "Save", "Save the selected recording", "save", (Key.Save,), "unsaved_here",
        separator_before=True,
    ),
    ActionSpec(
        "save_all", "File", "Save All", "Save all recordings with changes", "save-all",
        ("Ctrl+Shift+S",), "unsaved",
    ),
    ActionSpec(
        "save_copy", "File", "Save a Copy of the Results…",
        "Write sidecar and tables into another folder", needs="recording",
    ),
    ActionSpec(
        "reveal", "File", "Reveal in File Manager", "Show the selected recordings as files",
        needs="named", separator_before=True,
    ),
    ActionSpec(
        "open_with", "File", "Open With Default Program",
        "Open the selected recordings with the program that the system has for them",
        needs="named",
    ),
    ActionSpec(
        "unload", "File", "Unload Data", "Free the memory of the selected recordings' pictures",
        needs="recording",
    ),
    ActionSpec(
        "problems", "File", "Show Files That Could Not Be Opened",
        "List the files that were left out, with the reasons", needs="problems",
        separator_before=True,
    ),
    ActionSpec("figure", "File", "Figure…", "Compose a figure for print of what is shown", "figure",
               ("Ctrl+Shift+F",), "picture", separator_before=True),
    ActionSpec("close", "File", "Close Window", "Close the window", "", ("Ctrl+W",),
               separator_before=True),
    ActionSpec("quit", "File", "Quit", "End CloudScope", "", ("Ctrl+Q",)),
    ActionSpec("undo", "Edit", "Undo", "Undo the last edit", "undo", (Key.Undo,), "undo"),
    ActionSpec("redo", "Edit", "Redo", "Redo the undone edit", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"),
               "redo"),
    ActionSpec("history", "Edit", "Undo History", "List all edits and go back to any of them", "",
               ("Ctrl+Alt+Z",)),
    ActionSpec("palette", "Edit", "Command Palette…", "Find a command, a recording or a ROI",
               "search", ("Ctrl+K",), separator_before=True),
    ActionSpec(
        "find", "Edit", "Find Recording", "Filter the list of recordings", "search", (Key.Find,),
        "files", separator_before=True,
    ),
    ActionSpec(
        "copy_table", "Edit", "Copy Table", "Copy the rows and columns of the list as text",
        needs="files",
    ),
    ActionSpec(
        "copy_path", "Edit", "Copy Path", "Copy where the selected recordings are", "",
        ("Ctrl+Alt+C",), "named",
    ),
    ActionSpec("copy_python", "Edit", "Copy as Python",
               "Copy a script that repeats the results of the selected recordings", "copy",
               ("Ctrl+Shift+C",), "named"),
    ActionSpec("copy_session_python", "Edit", "Copy Session as Python",
               "Copy a script that repeats the results of all open recordings", "copy",
               needs="all_named"),
    ActionSpec("settings", "Edit", "Settings…", "Change look, opening and pictures", "settings",
               ("Ctrl+,",), separator_before=True),
    ActionSpec(
        "accept", "Edit", "Accept Recording", "Mark the recording as accepted", "accept",
        ("Shift+A",), "recording", separator_before=True,
    ),
    ActionSpec(
        "reject", "Edit", "Reject Recording", "Mark the recording as rejected", "reject",
        ("Shift+X",), "recording",
    ),
    ActionSpec(
        "verdict", "Edit", "Verdict With a Reason…", "Accept or reject, and say why", "",
        ("Ctrl+Shift+A",), "recording",
    ),
    ActionSpec("full_view", "View", "Full View", "Show the whole recording", "fit", ("Home",),
               "picture"),
    ActionSpec("zoom_in", "View", "Zoom In on Time", "Zoom in on time", "zoom",
               (Key.ZoomIn, "Ctrl+="), "picture"),
    ActionSpec("zoom_out", "View", "Zoom Out of Time", "Zoom out of time", "", (Key.ZoomOut,),
               "picture"),
    ActionSpec("curves", "View", "Choose Curves…", "Choose which curves are drawn", "", ("T",),
               "result"),
    ActionSpec("next_file", "View", "Next Recording", "Go to the next recording", "",
               ("Shift+Down",), "files", separator_before=True),
    ActionSpec("previous_file", "View", "Previous Recording", "Go to the previous recording", "",
               ("Shift+Up",), "files"),
    ActionSpec("next_pane", "View", "Next Pane", "Go to list, image, trace and panels in turn", "",
               ("F6",)),
    ActionSpec("previous_pane", "View", "Previous Pane", "Go round the panes backwards", "",
               ("Shift+F6",)),
    ActionSpec(
        "blind", "View", "Blinded Mode", "Hide names and metadata of all recordings", "",
        ("Ctrl+Shift+B",), checkable=True, separator_before=True,
    ),
    ActionSpec("larger", "View", "Larger Text", "Make all text larger", "", ("Ctrl+Shift++",),
               separator_before=True),
    ActionSpec("smaller", "View", "Smaller Text", "Make all text smaller", "", ("Ctrl+Shift+-",)),
    ActionSpec("full_screen", "View", "Full Screen", "Use the whole screen", "", ("F11",),
               checkable=True),
    *IMAGE_ACTIONS,
    ActionSpec("tool_roi", "ROI", "Draw ROI", "Draw a rectangle ROI", "roi-rect", ("R",), "picture",
               checkable=True),
    ActionSpec("full_roi", "ROI", "Add ROI Over Everything", "Add a ROI over the whole recording",
               "", ("Shift+R",), "picture"),
    ActionSpec("fit_roi", "ROI", "Fit View to ROI", "Show the selected ROI as large as possible",
               "fit", ("F",), "roi"),
    ActionSpec("duplicate_roi", "ROI", "Duplicate ROI", "Add another ROI of the same place", "copy",
               ("Ctrl+D",), "roi", separator_before=True),
    ActionSpec("copy_roi", "ROI", "Copy ROI", "Copy the selected ROI", "copy", (Key.Copy,), "roi"),
    ActionSpec("paste_roi", "ROI", "Paste ROI", "Add the copied ROI to this recording", "",
               (Key.Paste,), "copied_roi"),
    ActionSpec("apply_rois", "ROI", "Apply ROIs to Selected Recordings",
               "Add the ROIs of this recording to the others that are selected", "",
               ("Ctrl+Shift+V",), "rois_for_others"),
    ActionSpec("wide_roi", "ROI", "Full Width", "Make the ROI as long as the recording", "",
               ("W",), "rectangle", separator_before=True),
    ActionSpec("high_roi", "ROI", "Full Height", "Make the ROI as wide as the scan line", "",
               ("H",), "rectangle"),
    ActionSpec("lock_roi", "ROI", "Lock ROI", "Keep mouse and arrow keys from moving the ROI",
               "lock", ("Ctrl+L",), "roi", checkable=True),
    ActionSpec("delete_roi", "ROI", "Delete ROI", "Delete the selected ROI and its results",
               "delete", ("Del",), "roi", separator_before=True),
    ActionSpec("run", "Analysis", "Run Analysis", "Run the analysis on the selected ROI", "run",
               ("Ctrl+R",), "picture"),
    ActionSpec("rerun", "Analysis", "Rerun Out of Date Results",
               "Run every result of this recording that is out of date again", "stale",
               ("Ctrl+Shift+R",), "stale"),
    ActionSpec(
        "run_selected", "Analysis", "Run on Selected Recordings",
        "Run the analysis on every selected recording", "", ("Ctrl+Alt+R",), "several",
    ),
    ActionSpec("batch", "Analysis", "Batch…", "Measure many recordings in one go", "batch",
               ("Ctrl+B",)),
    ActionSpec("pool", "Analysis", "Pool…", "Put the results of all recordings together", "pool",
               ("Ctrl+Alt+P",)),
    ActionSpec("stop", "Analysis", "Stop", "Stop the running analysis", "stop", ("Ctrl+.",), "job"),
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
    ActionSpec("compare", "Window", "Compare Recordings",
               "Show the selected recordings under each other", "compare", ("Ctrl+Shift+K",),
               "recording"),
    ActionSpec("results", "Window", "Results", "Show the rows of the selected result", "",
               ("Ctrl+T",), checkable=True),
    ActionSpec("spectrum", "Window", "Spectrum", "Show the spectrum behind the heart rate", "",
               ("Ctrl+Alt+H",), checkable=True),
    ActionSpec("profile", "Window", "Line Profile",
               "Show the intensity along the scan line at the cursor", "profile", ("P",),
               checkable=True),
    ActionSpec("shortcuts", "Help", "Keyboard Shortcuts", "List all shortcuts", "", ("F1", "?")),
    ActionSpec("logs", "Help", "Open Log Folder", "Show the folder with the log files"),
    ActionSpec("about", "Help", "About CloudScope", "Versions and licence", "info",
               separator_before=True),
)  # fmt: skip

TOOL_BAR: tuple[tuple[str, ...], ...] = (
    ("open_folder", "open_files", "save", "save_all"),
    ("undo", "redo"),
    ("tool_pan", "tool_zoom", "tool_roi", "tool_slope", "markers", "tool_event", "full_view"),
    ("auto_contrast",),
    ("run", "stop", "batch", "pool"),
    ("figure",),
    ("accept", "reject"),
)

WHY_NOT: Mapping[str, str] = {
    "files": "no folder is open",
    "recording": "no recording is selected",
    "last_session": "nothing was open before",
    "result": "this recording has no result",
    "place": "nothing is open",
    "several": "fewer than two recordings are selected",
    "named": "no recording is selected, or its name is hidden",
    "all_named": "nothing is open, or names are hidden",
    "picture": "no picture is shown",
    "roi": "no ROI is selected",
    "rectangle": "no rectangle ROI is selected, or it is locked",
    "copied_roi": "no ROI was copied, or no picture is shown",
    "rois_for_others": "there is no ROI, or no other recording is selected",
    "velocity": "the ROI has no velocity yet",
    "events": "the ROI has no events",
    "event": "no event is selected",
    "unreviewed": "every event has a verdict",
    "marker": "no marker was placed",
    "slope": "nothing was measured: place two markers, or draw along a streak",
    "unsaved_here": "the recording has no unsaved changes",
    "unsaved": "nothing is unsaved",
    "undo": "nothing to undo",
    "redo": "nothing to redo",
    "stale": "no result is out of date",
    "problems": "every file could be opened",
    "job": "nothing is running",
}
"""What to say when an action cannot be used, by what it needs."""


def shortcut_text(spec: ActionSpec) -> str:
    """Its first shortcut in words, or an empty text."""
    return QKeySequence(spec.keys[0]).toString() if spec.keys else ""


def make_actions(
    parent: QObject, theme: Theme, trigger: Callable[[str], object]
) -> dict[str, QAction]:
    """One QAction per row of the table; `trigger` gets the id of the one that was chosen."""
    return {spec.id: _action(spec, parent, theme, trigger) for spec in ACTIONS}


def _action(
    spec: ActionSpec, parent: QObject, theme: Theme, trigger: Callable[[str], object]
) -> QAction:
    action = QAction(spec.text, parent)
    action.setObjectName(spec.id)
    # Once each: where a standard key is also spelled out, Qt would call it ambiguous.
    keys = dict.fromkeys(QKeySequence(key).toString() for key in spec.keys)
    action.setShortcuts([QKeySequence(text) for text in keys])
    action.setCheckable(spec.checkable)
    if spec.icon:
        action.setIcon(theme.icon(spec.icon))
    roles = {"about": QAction.MenuRole.AboutRole, "quit": QAction.MenuRole.QuitRole}
    action.setMenuRole(roles.get(spec.id, QAction.MenuRole.NoRole))
    action.triggered.connect(lambda: trigger(spec.id))
    enable(action, spec, True)
    return action


def enable(action: QAction, spec: ActionSpec, usable: bool) -> None:
    """Switch an action and say in its tool tip why it is off."""
    action.setEnabled(usable)
    key = shortcut_text(spec)
    tip = f"{spec.tip} ({key})" if key else spec.tip
    if not usable:
        tip = f"{tip}: {WHY_NOT[spec.needs]}"
    action.setToolTip(tip)
    action.setStatusTip("")
