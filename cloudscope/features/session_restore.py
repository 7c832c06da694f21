"""Where the user left off: folder, filter, unfolded rows, recording and zoom come back.

What is remembered comes from a file that anybody may have changed: each value is checked
when it is used, and one that makes no sense is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.model.record import AnalysisKey
from cloudscope.scene import Scene
from cloudscope.workbench import Feature, Workbench

MOST_UNFOLDED = 500
"""Rows that are remembered as unfolded; the settings file stays small."""


class SessionRestore(Feature):
    """Remembers when the window closes, and brings back when it is asked to.

    Column order, widths and sort are those of the file list and come back with it.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._wanted: dict[str, Any] = {}
        self._first = ""  # the recording that was shown for want of the right one
        bench.opening.opened.connect(self._opened)
        bench.opening.finished.connect(self._finished)
        bench.controller.sceneChanged.connect(self._follow)
        bench.settings.begin_session()

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Also for those who do not want it at every start."""
        return {"reopen_session": self.reopen}

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is anything to go back to."""
        return {"last_session": bool(_paths(self.bench.settings.last_session))}

    # --- remembering --------------------------------------------------------------------

    def closing(self) -> None:
        """Remember; an empty window forgets nothing."""
        bench = self.bench
        if bench.session.roots:
            bench.settings.last_session = self._now()
        bench.settings.end_session()

    def _now(self) -> dict[str, Any]:
        tree, where = self.bench.panels.tree, self.bench.controller.selection
        return {
            "paths": [str(path) for path in dict.fromkeys(self.bench.session.roots)],
            "filter": tree.filter.text(),
            "states": sorted(tree.states.states),
            "unfolded": tree.unfolded_file_ids()[:MOST_UNFOLDED],
            "recording": where.file_id,
            "channel": where.channel,
            "roi": where.roi_id,
            "analysis": where.analysis_name,
            "visible": list(self.bench.panels.view.kymograph.visible),
        }

    # --- bringing back ------------------------------------------------------------------

    def reopen(self) -> None:
        """Open what was open, then go to where the user was."""
        wanted = self.bench.settings.last_session
        paths = _paths(wanted)
        if not paths:
            return
        self._wanted = wanted
        self.bench.commands.open_paths(paths, remember=False)
        self.bench.panels.tree.filter.setText(_text(wanted.get("filter")))
        self.bench.panels.tree.states.set_states(frozenset(_texts(wanted.get("states"))))
        self.bench.panels.tree.unfold(_texts(wanted.get("unfolded")))

    @Slot(object)
    def _opened(self, image: AcqImage) -> None:
        """The recording has come; one that the user has chosen meanwhile stays."""
        if not self._wanted:
            return
        shown = self.bench.controller.selection.file_id
        self._first = self._first or shown
        if shown not in ("", self._first):
            self._wanted = {}
        elif image.file_id == self._wanted.get("recording"):
            self._go_to(image)

    def _go_to(self, image: AcqImage) -> None:
        wanted, controller = self._wanted, self.bench.controller
        self.bench.panels.tree.select(image.file_id)
        name, channel, roi = (wanted.get(one) for one in ("analysis", "channel", "roi"))
        if not isinstance(channel, int) or not 0 <= channel < image.header.num_channels:
            channel = 0
        roi_id = roi if isinstance(roi, int) and image.rois.has_roi(roi) else 0
        controller.select(image.file_id, AnalysisKey(_text(name), channel, roi_id))

    @Slot()
    def _finished(self) -> None:
        """What did not come is not there any more."""
        self._first = ""
        if self.bench.controller.selection.file_id != self._wanted.get("recording"):
            self._wanted = {}

    @Slot(object)
    def _follow(self, scene: Scene) -> None:
        """Zoom once the picture is there and painted."""
        file_id = self._wanted.get("recording")
        if file_id and scene.plane is not None and scene.selection.file_id == file_id:
            visible, self._wanted = self._wanted.get("visible"), {}
            QTimer.singleShot(0, self, lambda: self._zoom(visible))

    def _zoom(self, visible: object) -> None:
        if not isinstance(visible, list) or len(visible) != 4:
            return
        if all(isinstance(one, int | float) and isfinite(one) for one in visible):
            lines, pixels = visible[:2], visible[2:]
            if lines[0] < lines[1] and pixels[0] < pixels[1]:
                box = self.bench.panels.view.kymograph.view_box
                box.setRange(xRange=lines, yRange=pixels, padding=0)


def _paths(remembered: Mapping[str, Any]) -> list[Path]:
    return [Path(one) for one in _texts(remembered.get("paths")) if one and "\0" not in one]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
