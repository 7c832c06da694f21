"""acqcore: line-scan recordings, what was added to them, and what is measured on them.

The public names of the package. It never imports Qt; importing it reads no file and
loads neither pandas, scipy nor a file reader.
"""

from __future__ import annotations

from acqcore._version import __version__
from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList
from acqcore.errors import AcqError
from acqcore.model.contrast import ImageContrast, contrast_clip_min_max
from acqcore.model.record import AnalysisKey
from acqcore.model.roi import ImageBounds, LineEndpoints, LineROI, RectROI, RectRoiBounds

__all__ = [
    "AcqError",
    "AcqImage",
    "AcqImageList",
    "AnalysisKey",
    "ImageBounds",
    "ImageContrast",
    "LineEndpoints",
    "LineROI",
    "RectROI",
    "RectRoiBounds",
    "__version__",
    "contrast_clip_min_max",
]
