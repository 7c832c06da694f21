"""Exports, and commands for many recordings at once."""

from __future__ import annotations

from cloudscope.action_spec import ActionSpec

EXPORT = "File ▸ Export"

EXPORT_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("export_rows", EXPORT, "Results as CSV…",
               "Write the rows of all results of the selected recordings", needs="named_results"),
    ActionSpec("export_pool", EXPORT, "Pool as CSV…",
               "Write one row per result of all open recordings", needs="all_results"),
    ActionSpec("export_provenance", EXPORT, "Provenance as JSON…",
               "Write where each result of the selected recordings is from",
               needs="named_results"),
    ActionSpec("export_tiff", EXPORT, "Pixels as TIFF…",
               "Write the selected recordings as calibrated TIFF files", needs="named",
               separator_before=True),
    ActionSpec("export_zarr", EXPORT, "Pixels as OME-Zarr…",
               "Write the selected recordings as OME-Zarr", needs="named"),
    ActionSpec("export_collection", EXPORT, "Collection…",
               "Write pixels, regions and results of the selected recordings as one folder",
               needs="named"),
    ActionSpec("export_list", EXPORT, "List of Recordings…",
               "Write a list that opens the recordings shown in the tree, in their order",
               needs="all_named", separator_before=True),
    ActionSpec("export_random", EXPORT, "Randomised List…",
               "Write a list of the recordings in random order within each condition",
               needs="all_named"),
)  # fmt: skip

DESCRIBE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("metadata_table", "Edit", "Describe Recordings…",
               "Fill in the metadata of many recordings as a table", "", ("Ctrl+M",), "visible",
               separator_before=True),
)  # fmt: skip

VERIFY_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("verify", "Analysis", "Verify Results",
               "Compute the results again and compare, without changing them", "",
               ("Ctrl+Alt+V",), "verifiable"),
)  # fmt: skip

CONTRAST_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("contrast_selected", "Image ▸ Copy Contrast To", "Selected Recordings",
               "Show the selected recordings with these limits and colours", "",
               ("Ctrl+Shift+L",), "contrast_others"),
    ActionSpec("contrast_condition", "Image ▸ Copy Contrast To", "Recordings of This Condition",
               "Show the recordings of the same condition with these limits and colours",
               needs="contrast_alike"),
    ActionSpec("contrast_all", "Image ▸ Copy Contrast To", "All Recordings",
               "Show all open recordings with these limits and colours", needs="contrast_all"),
)  # fmt: skip

WATCH_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("analyse_arrivals", "File", "Analyse New Recordings",
               "Give what comes into the watched folder the regions and the analysis on screen",
               needs="place", checkable=True),
)  # fmt: skip

LAYOUT_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("show_traces", "View", "Show Traces", "Show the traces under the picture", "",
               ("Ctrl+J",), checkable=True, separator_before=True),
    ActionSpec("hide_panels", "View", "Hide Panels", "Leave only the picture and its traces", "",
               ("Shift+F11",), checkable=True),
    ActionSpec("reset_layout", "View", "Reset Layout", "Put all panels where they were at first"),
)  # fmt: skip
