"""The table of actions: menus, tool bar, shortcuts and their documentation come from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from cloudscope.action_spec import ActionSpec, Key
from cloudscope.event_actions import EVENT_ACTIONS
from cloudscope.file_actions import (
    CONTRAST_ACTIONS,
    DESCRIBE_ACTIONS,
    EXPORT_ACTIONS,
    LAYOUT_ACTIONS,
    VERIFY_ACTIONS,
    WATCH_ACTIONS,
)
from cloudscope.image_actions import IMAGE_ACTIONS
from cloudscope.roi_actions import ROI_ACTIONS
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
    *WATCH_ACTIONS,
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
        "problems", "File", "Load Report…",
        "List what could not be opened or is not complete, and mend it", needs="problems",
        separator_before=True,
    ),
    *EXPORT_ACTIONS,
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
    *DESCRIBE_ACTIONS,
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
    *LAYOUT_ACTIONS,
    ActionSpec("full_screen", "View", "Full Screen", "Use the whole screen", "", ("F11",),
               checkable=True),
    *IMAGE_ACTIONS,
    *CONTRAST_ACTIONS,
    *ROI_ACTIONS,
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
    *VERIFY_ACTIONS,
    ActionSpec("stop", "Analysis", "Stop", "Stop the running analysis", "stop", ("Ctrl+.",), "job"),
    *EVENT_ACTIONS,
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
    ActionSpec("reference", "Window", "Reference Image",
               "Show the overview picture with the scanned line", "reference", ("I",),
               checkable=True),
    ActionSpec("shortcuts", "Help", "Keyboard Shortcuts", "List all shortcuts", "", ("F1", "?")),
    ActionSpec("change_keys", "Help", "Change Keys…", "Give commands other shortcuts"),
    ActionSpec("logs", "Help", "Open Log Folder", "Show the folder with the log files"),
    ActionSpec("about", "Help", "About CloudScope", "Versions and licence", "info",
               separator_before=True),
)  # fmt: skip

TOOL_BAR: tuple[tuple[str, ...], ...] = (
    ("open_folder", "open_files", "save", "save_all"),
    ("undo", "redo"),
    (
        "tool_pan",
        "tool_zoom",
        "tool_roi",
        "tool_line",
        "tool_slope",
        "markers",
        "tool_event",
        "full_view",
    ),
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
    "named_results": "no result is selected, or names are hidden",
    "all_results": "there is no result, or names are hidden",
    "visible": "nothing is open, or metadata is hidden",
    "verifiable": "no result is selected that was computed here",
    "contrast_others": "no other recording is selected",
    "contrast_alike": "no other recording has the condition of this one",
    "contrast_all": "no other recording is open",
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
    "channels": "this recording has no other channel",
    "planes": "this recording is a single plane",
    "z_planes": "this recording is no stack",
    "frames": "this recording is no series of pictures",
    "marker": "no marker was placed",
    "slope": "nothing was measured: place two markers, or draw along a streak",
    "unsaved_here": "the recording has no unsaved changes",
    "unsaved": "nothing is unsaved",
    "undo": "nothing to undo",
    "redo": "nothing to redo",
    "stale": "no result is out of date",
    "problems": "every file could be opened and is calibrated",
    "job": "nothing is running",
}
"""What to say when an action cannot be used, by what it needs."""


def shortcut_text(spec: ActionSpec) -> str:
    """Its first shortcut in words, or an empty text."""
    return QKeySequence(spec.keys[0]).toString() if spec.keys else ""


def usual_keys(spec: ActionSpec) -> tuple[str, ...]:
    """Its shortcuts as portable texts.

    Once each: where a standard key is also spelled out, Qt would call it ambiguous.
    """
    return tuple(dict.fromkeys(QKeySequence(key).toString() for key in spec.keys))


def own_key_text(action: QAction) -> str:
    """The first of the shortcuts that are in force, or an empty text."""
    return action.shortcut().toString()


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
    action.setShortcuts([QKeySequence(text) for text in usual_keys(spec)])
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
    key = own_key_text(action)
    tip = f"{spec.tip} ({key})" if key else spec.tip
    if not usable:
        tip = f"{tip}: {WHY_NOT[spec.needs]}"
    action.setToolTip(tip)
    action.setStatusTip("")
