"""While an experiment runs: what comes into the watched folder is measured at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import RectROI
from acqcore.roi_templates import with_template
from cloudscope.workbench import Feature, Workbench


class AutoAnalysis(Feature):
    """The analysis, parameters and regions of the recording on screen, for each arrival.

    Nothing is saved, and a recording that has regions of its own keeps them.
    """

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        bench.opening.opened.connect(self._arrived)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """A switch; it works as long as the folder is watched."""
        return {"analyse_arrivals": lambda: None}

    @Slot(object)
    def _arrived(self, image: AcqImage) -> None:
        on = all(self.bench.actions[name].isChecked() for name in ("watch", "analyse_arrivals"))
        if on and not self.bench.opening.busy:
            QTimer.singleShot(0, self, lambda: self._measure(image))  # once it is in the list

    def _measure(self, image: AcqImage) -> None:
        shown = self.bench.controller.image
        is_open = self.bench.session.image(image.file_id) is image
        if shown is None or shown is image or not is_open:
            return
        name = self.bench.controller.selection.analysis_name
        name = name if name in analyses() else next(iter(analyses()))
        if not image.state.rois:
            regions = [roi for roi in shown.state.rois if isinstance(roi, RectROI)]
            after, _ = with_template(image.state, regions, image.rois.image_bounds)
            self.bench.controller.edit(image, after, "Add ROIs to a new recording")
        channel = self.bench.controller.selection.channel
        channel = min(channel, max(image.header.num_channels - 1, 0))
        parameters = self.bench.panels.analysis.parameters
        for roi in image.state.rois:
            if isinstance(roi, RectROI):
                key = AnalysisKey(name, channel, roi.id)
                self.bench.running.start_with_parents(image, key, parameters)
