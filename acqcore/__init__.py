"""acqcore: line-scan recordings, what was added to them, and what is measured on them.

The public names of the package. It never imports Qt; importing it reads no file and
loads nothing: each name brings its module with it when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from acqcore._version import __version__

if TYPE_CHECKING:
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

_MODULES = {
    "acq_image": ("AcqImage",),
    "acq_image_list": ("AcqImageList",),
    "errors": ("AcqError",),
    "model.contrast": ("ImageContrast", "contrast_clip_min_max"),
    "model.record": ("AnalysisKey",),
    "model.roi": ("ImageBounds", "LineEndpoints", "LineROI", "RectROI", "RectRoiBounds"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load the module of a public name, so that a window can be there before numpy is."""
    if name not in _HOMES:
        raise AttributeError(f"module 'acqcore' has no attribute {name!r}")
    return vars(import_module(f"acqcore.{_HOMES[name]}"))[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
