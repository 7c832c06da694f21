"""What the window can do beside showing, editing, running and saving: one file each."""

from __future__ import annotations

from cloudscope.features.curves import Curves
from cloudscope.features.events import Events
from cloudscope.features.figure import FigureComposer
from cloudscope.features.file_menu import FileMenu
from cloudscope.features.selected_files import SelectedFiles
from cloudscope.features.session_restore import SessionRestore
from cloudscope.features.watching import Watching
from cloudscope.workbench import Feature

FEATURES: tuple[type[Feature], ...] = (SelectedFiles, FileMenu, SessionRestore, Watching, Events, Curves, FigureComposer)
"""Made in this order, right after the window."""
