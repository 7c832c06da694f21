"""What the window can do beside showing, editing, running and saving: one file each."""

from __future__ import annotations

from cloudscope.features.auto_analysis import AutoAnalysis
from cloudscope.features.batch import Batch
from cloudscope.features.blinding import Blinding
from cloudscope.features.compare import Compare
from cloudscope.features.comparison import Comparison
from cloudscope.features.composite import Composite
from cloudscope.features.contrast_copy import ContrastCopy
from cloudscope.features.cursors import Cursors
from cloudscope.features.curves import Curves
from cloudscope.features.describing import Describing
from cloudscope.features.drop_preview import DropPreview
from cloudscope.features.events import Events
from cloudscope.features.export import Export
from cloudscope.features.figure import FigureComposer
from cloudscope.features.file_menu import FileMenu
from cloudscope.features.history import History
from cloudscope.features.keys import Keys
from cloudscope.features.layout import Layout
from cloudscope.features.load_report import LoadReporting
from cloudscope.features.opened_by_desktop import OpenedByDesktop
from cloudscope.features.overlays import Overlays
from cloudscope.features.palette import CommandPalette
from cloudscope.features.planes import Planes
from cloudscope.features.plugin_news import PluginNews
from cloudscope.features.pool import Pool
from cloudscope.features.preferences import Preferences
from cloudscope.features.presets import Presets
from cloudscope.features.preview import Preview
from cloudscope.features.profile import Profile
from cloudscope.features.python_script import PythonScript
from cloudscope.features.recovery import Recovery
from cloudscope.features.reduction import Reduction
from cloudscope.features.reference_image import ReferencePicture
from cloudscope.features.results_table import ResultsTable
from cloudscope.features.roi_clipboard import RoiClipboard
from cloudscope.features.roi_deletion import RoiDeletion
from cloudscope.features.roi_lock import RoiLock
from cloudscope.features.roi_look import RoiLook
from cloudscope.features.scorers import Scorers
from cloudscope.features.selected_files import SelectedFiles
from cloudscope.features.session_restore import SessionRestore
from cloudscope.features.spectrum import Spectrum
from cloudscope.features.threshold import Threshold
from cloudscope.features.verifying import Verifying
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
    Scorers,
    Curves,
    Cursors,
    Overlays,
    Profile,
    Reduction,
    Planes,
    Composite,
    ReferencePicture,
    Presets,
    Compare,
    Comparison,
    Preview,
    Threshold,
    ResultsTable,
    Spectrum,
    FigureComposer,
    Export,
    Describing,
    DropPreview,
    Layout,
    AutoAnalysis,
    Keys,
    LoadReporting,
    Verifying,
    ContrastCopy,
    Batch,
    Pool,
    RoiLock,
    RoiLook,
    RoiDeletion,
    RoiClipboard,
    PythonScript,
    History,
    CommandPalette,
    Preferences,
    PluginNews,
)
"""Made in this order, right after the window."""
