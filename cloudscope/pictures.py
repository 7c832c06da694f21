"""Reading one plane of a recording off the GUI thread, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from acqcore.acq_image import AcqImage
from acqcore.errors import UnreadableFile
from acqcore.model.contrast import contrast_clip_min_max
from acqcore.pyramid import Pyramid, envelope
from cloudscope.jobs import Job
from cloudscope.scene import Plane
from cloudscope.settings import Settings

_ENOUGH = 1_000_000
"""Pixels that tell the limits of a plane."""


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
    if channel not in image.images.channel_indices:  # a record may name one that is not there
        raise UnreadableFile(Path(image.path), f"it has no channel {channel}")
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
    limits = _limits_of(pixels, first) if max(map(image.header.size, "ZT")) > 1 else None
    return Plane(image.file_id, channel, pixels, pyramid, envelope(pixels), z, t, limits)


def _limits_of(pixels: NDArray[Any], first: FirstContrast) -> tuple[float, float]:
    """Of every n-th line, where there are many pixels: nobody sees the difference."""
    step = max(pixels.size // _ENOUGH, 1)
    return contrast_clip_min_max(pixels[:: min(step, len(pixels))], first.low, first.high)
