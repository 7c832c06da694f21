"""Reading one plane of a recording off the GUI thread, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass

from acqcore.acq_image import AcqImage
from acqcore.pyramid import Pyramid, envelope
from cloudscope.jobs import Job
from cloudscope.scene import Plane
from cloudscope.settings import Settings


@dataclass(frozen=True, slots=True)
class FirstContrast:
    """What a channel without a contrast gets: a colour map, and limits from percentiles."""

    lut: str
    low: float
    high: float

    @classmethod
    def from_settings(cls, settings: Settings) -> FirstContrast:
        """As the user wants it; asked for on the GUI thread."""
        return cls(settings.default_lut, *settings.auto_contrast_percentiles)


def read_picture(
    job: Job, image: AcqImage, channel: int, z: int, t: int, first: FirstContrast
) -> Plane:
    """Pixels, display levels and envelope of one plane; the channel has a contrast then.

    `UnreadableFile` when it cannot be read, `Cancelled` when it is no longer wanted.
    """
    pixels = image.images.read_plane(channel, z, t)
    job.context.progress(0.5)
    image.ensure_image_contrast_from_plane(
        channel,
        pixels,
        default_color_lut=first.lut,
        percentile_low=first.low,
        percentile_high=first.high,
    )
    job.context.progress(0.7)
    pyramid = Pyramid.build(pixels, should_stop=job.is_cancelled)
    return Plane(image.file_id, channel, pixels, pyramid, envelope(pixels), z, t)
