"""The ROI menu: regions drawn, given on, made to measure, and how they look."""

from __future__ import annotations

from cloudscope.action_spec import ActionSpec, Key

ROI_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("tool_roi", "ROI", "Draw ROI", "Draw a rectangle ROI", "roi-rect", ("R", "N"),
               "picture", checkable=True),
    ActionSpec("tool_line", "ROI", "New Line", "Draw a line ROI", "roi-line", ("Shift+N",),
               "picture", checkable=True),
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
    ActionSpec("next_roi_color", "ROI", "Next ROI Colour",
               "Draw the ROI in the next colour; after the last, by its place in the list", "",
               ("O",), "roi"),
    ActionSpec("delete_roi", "ROI", "Delete ROI", "Delete the selected ROI and its results",
               "delete", ("Del",), "roi", separator_before=True),
    ActionSpec("show_rois", "ROI", "Show ROIs", "Draw the ROIs on the picture", "", ("Ctrl+5",),
               "picture", checkable=True, separator_before=True),
    ActionSpec("show_roi_names", "ROI", "Show ROI Names", "Write their names beside the ROIs", "",
               ("Ctrl+6",), "picture", checkable=True),
)  # fmt: skip

ROI_KEYS: tuple[tuple[str, str, str], ...] = (
    ("Selected ROI on the image", "Go to the next ROI", "Tab"),
    ("Selected ROI on the image", "Leave it", "Esc"),
    ("Selected ROI on the image", "Move by 1 line or pixel", "Arrows"),
    ("Selected ROI on the image", "Move by 10", "Shift+Arrows"),
    ("Selected ROI on the image", "Move right or upper side, or other end", "Alt+Arrows"),
    ("Selected ROI on the image", "Move left or lower side, or first end", "Ctrl+Alt+Arrows"),
    ("Selected ROI on the image", "Bring start or stop to the cursor", "[  ]"),
    ("Selected ROI on the image", "Bring lower or upper side to the cursor", "{  }"),
)
"""Keys of the picture that are no commands: group, what they do, key."""
