"""The contrast of the recording on screen, given to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from acqcore.acq_image import AcqImage
from cloudscope.scene import Scene
from cloudscope.wording import recordings
from cloudscope.workbench import Feature


class ContrastCopy(Feature):
    """Limits and colour map of the channel on screen, for the same channel elsewhere."""

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """To the selected ones, to those of one condition, to all."""
        return {
            "contrast_selected": lambda: self._give(self.bench.targets()),
            "contrast_condition": lambda: self._give(self._of_condition()),
            "contrast_all": lambda: self._give(self.bench.session.images),
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is somebody to give it to."""
        there = scene.contrast is not None
        return {
            "contrast_others": there and len(self.bench.targets()) > 1,
            "contrast_alike": there and len(self._of_condition()) > 1,
            "contrast_all": there and len(self.bench.session.images) > 1,
        }

    def _of_condition(self) -> list[AcqImage]:
        """Recordings of the condition that the one on screen has; none when it has none."""
        shown = self.bench.controller.image
        condition = shown.state.experiment.condition if shown is not None else ""
        images = self.bench.session.images
        return [one for one in images if condition and one.state.experiment.condition == condition]

    def _give(self, images: Iterable[AcqImage]) -> None:
        shown, channel = self.bench.controller.image, self.bench.controller.selection.channel
        contrast = shown.get_image_contrast(channel) if shown is not None else None
        if contrast is None:
            return
        edits = [
            (image, image.state.with_contrast(channel, contrast))
            for image in images
            if channel < max(image.header.num_channels, 1)
        ]
        self.bench.controller.edit_many(edits, "Contrast")
        count = sum(image is not shown for image, _ in edits)
        self.bench.panels.status.jobs.set_result(f"Contrast copied to {recordings(count)}")
