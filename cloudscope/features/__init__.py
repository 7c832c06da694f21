"""What the window can do beside showing, editing, running and saving: one file each."""

from __future__ import annotations

from cloudscope.features.batch import Batch
from cloudscope.features.blinding import Blinding
from cloudscope.features.compare import Compare
from cloudscope.features.comparison import Comparison
from cloudscope.features.cursors import Cursors
from cloudscope.features.curves import Curves
from cloudscope.features.events import Events
from cloudscope.features.figure import FigureComposer
from cloudscope.features.file_menu import FileMenu
from cloudscope.features.history import History
from cloudscope.features.opened_by_desktop import OpenedByDesktop
from cloudscope.features.overlays import Overlays
from cloudscope.features.palette import CommandPalette
from cloudscope.features.plugin_news import PluginNews
from cloudscope.features.pool import Pool
from cloudscope.features.preferences import Preferences
from cloudscope.features.presets import Presets
from cloudscope.features.preview import Preview
from cloudscope.features.profile import Profile
from cloudscope.features.python_script import PythonScript
from cloudscope.features.recovery import Recovery
from cloudscope.features.reduction import Reduction
from cloudscope.features.results_table import ResultsTable
from cloudscope.features.roi_clipboard import RoiClipboard
from cloudscope.features.roi_lock import RoiLock
from cloudscope.features.selected_files import SelectedFiles
from cloudscope.features.session_restore import SessionRestore
from cloudscope.features.spectrum import Spectrum
from cloudscope.features.threshold import Threshold
from cloudscope.features.watching import Watching
from cloudscope.workbench import Feature

FEATURES: tuple[type[Feature], ...] = (
    Recovery,
    OpenedByDesktop,
    SelectedFiles,
    FileMenu,
    SessionRestore,
    Watching,
    Blinding,
    Events,
    Curves,
    Cursors,
    Overlays,
    Profile,
    Reduction,
    Presets,
    Compare,
    Comparison,
    Preview,
    Threshold,
    ResultsTable,
    Spectrum,
    FigureComposer,
    Batch,
    Pool,
    RoiLock,
    RoiClipboard,
    PythonScript,
    History,
    CommandPalette,
    Preferences,
    PluginNews,
)
"""Made in this order, right after the window."""
