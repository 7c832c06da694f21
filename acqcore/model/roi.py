"""Regions of interest: whole lines and pixels, half-open, shared by all channels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, ClassVar

from numpy.typing import NDArray

from acqcore.errors import InvalidROI

ROI_VERSION = "1.0"
"""Text under `version` in a stored ROI; no other was ever written."""

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


class RoiType(Enum):
    """Kind of a ROI; the text is what a sidecar stores, read in any case."""

    RECTROI = "rectroi"
    LINESEGMENTROI = "linesegmentroi"

    @classmethod
    def _missing_(cls, value: object) -> RoiType | None:
        text = value.lower() if isinstance(value, str) else None
        return next((kind for kind in cls if kind.value == text), None)


@dataclass(frozen=True, slots=True)
class ImageBounds:
    """Size of a plane: `height` rows (scan lines), `width` columns (pixels)."""

    width: int
    height: int
    num_slices: int = 1

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0 or self.num_slices <= 0:
            raise ValueError("an image has at least one row, one column and one slice")

    @classmethod
    def of_plane(cls, plane: NDArray[Any]) -> ImageBounds:
        """Size of an array (row, column); ValueError for any other number of axes."""
        if plane.ndim != 2:
            raise ValueError(f"a plane has two axes, not {plane.ndim}")
        return cls(width=plane.shape[1], height=plane.shape[0])


@dataclass(frozen=True, slots=True)
class RectRoiBounds:
    """Rows `dim0_start:dim0_stop` (time) and columns `dim1_start:dim1_stop` (space)."""

    dim0_start: int
    dim0_stop: int
    dim1_start: int
    dim1_stop: int

    @classmethod
    def from_image_bounds(cls, image: ImageBounds) -> RectRoiBounds:
        """The whole plane."""
        return cls(0, image.height, 0, image.width)

    def clamped_to(self, image: ImageBounds) -> RectRoiBounds:
        """The part inside the plane, corners in ascending order; it may be empty."""
        rows = sorted(min(max(v, 0), image.height) for v in (self.dim0_start, self.dim0_stop))
        columns = sorted(min(max(v, 0), image.width) for v in (self.dim1_start, self.dim1_stop))
        return RectRoiBounds(*rows, *columns)


@dataclass(frozen=True, slots=True)
class LineEndpoints:
    """Two ends of a line, in rows and columns."""

    row0: int
    col0: int
    row1: int
    col1: int

    def clamped_to(self, image: ImageBounds) -> LineEndpoints:
        """Both ends on the nearest pixel of the plane."""
        rows = [min(max(v, 0), image.height - 1) for v in (self.row0, self.row1)]
        columns = [min(max(v, 0), image.width - 1) for v in (self.col0, self.col1)]
        return LineEndpoints(rows[0], columns[0], rows[1], columns[1])


@dataclass(frozen=True, slots=True)
class RectROI:
    """A half-open rectangle, so its extent is always `stop - start`.

    Attributes:
        id: Number unique within one image; never reused after a delete.
        line_start: First scan line, in lines.
        line_stop: One past the last scan line, in lines.
        pixel_start: First sample along the scan line, in pixels.
        pixel_stop: One past the last sample, in pixels.
        color: `#RRGGBB`, or empty for the colour of its place in the order of creation.
    """

    id: int
    line_start: int
    line_stop: int
    pixel_start: int
    pixel_stop: int
    name: str = ""
    note: str = ""
    color: str = ""

    version: ClassVar = ROI_VERSION

    def __post_init__(self) -> None:
        _check_color(self.color)
        if self.line_stop <= self.line_start or self.pixel_stop <= self.pixel_start:
            raise InvalidROI(f"ROI {self.id} encloses no pixels of the image.")

    @property
    def roi_id(self) -> int:
        """Same as `id`."""
        return self.id

    @property
    def label(self) -> str:
        """The name or, without one, the number."""
        return self.name or str(self.id)

    @property
    def bounds(self) -> RectRoiBounds:
        """Rows and columns."""
        return RectRoiBounds(self.line_start, self.line_stop, self.pixel_start, self.pixel_stop)

    @property
    def geometry(self) -> tuple[int, ...]:
        """What an analysis depends on: `(line_start, line_stop, pixel_start, pixel_stop)`."""
        return self.line_start, self.line_stop, self.pixel_start, self.pixel_stop

    def with_bounds(self, bounds: RectRoiBounds, image: ImageBounds) -> RectROI:
        """Same ROI elsewhere, clipped to the plane; `InvalidROI` when nothing is left."""
        inside = bounds.clamped_to(image)
        return replace(
            self,
            line_start=inside.dim0_start,
            line_stop=inside.dim0_stop,
            pixel_start=inside.dim1_start,
            pixel_stop=inside.dim1_stop,
        )

    def clipped(self, image: ImageBounds) -> RectROI:
        """The part inside the plane; `InvalidROI` when there is none."""
        return self.with_bounds(self.bounds, image)

    def get_time_bounds(self, steps: Sequence[float] | None) -> tuple[float, float] | None:
        """First line and end in seconds, given `(step_y, ...)`; None without steps."""
        return (self.line_start * steps[0], self.line_stop * steps[0]) if steps else None

    @property
    def roi_type(self) -> RoiType:
        """What a sidecar calls it."""
        return RoiType.RECTROI

    def clamp_to_bounds(self, image: ImageBounds) -> RectROI:
        """Same as `clipped`."""
        return self.clipped(image)

    def clamp_to_image(self, plane: NDArray[Any]) -> RectROI:
        """`clipped` to an array (row, column); ValueError for any other number of axes."""
        return self.clipped(ImageBounds.of_plane(plane))

    def to_dict(self) -> dict[str, Any]:
        """The block of a sidecar: exactly the keys that the reference program accepts."""
        return _block(self, _RECT_KEYS)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> RectROI:
        """Read `to_dict`; ValueError for other keys, another version or another kind."""
        return cls(*_stored_values(stored, RoiType.RECTROI, _RECT_KEYS))


@dataclass(frozen=True, slots=True)
class LineROI:
    """A straight line between two pixels, ends included; `color` as that of a rectangle."""

    id: int
    line0: int
    pixel0: int
    line1: int
    pixel1: int
    name: str = ""
    note: str = ""
    color: str = ""

    version: ClassVar = ROI_VERSION

    def __post_init__(self) -> None:
        _check_color(self.color)

    @property
    def roi_id(self) -> int:
        """Same as `id`."""
        return self.id

    @property
    def label(self) -> str:
        """The name or, without one, the number."""
        return self.name or str(self.id)

    @property
    def endpoints(self) -> LineEndpoints:
        """Both ends in rows and columns."""
        return LineEndpoints(self.line0, self.pixel0, self.line1, self.pixel1)

    @property
    def bounds(self) -> RectRoiBounds:
        """The smallest rectangle that holds both ends."""
        lines, pixels = sorted((self.line0, self.line1)), sorted((self.pixel0, self.pixel1))
        return RectRoiBounds(lines[0], lines[1] + 1, pixels[0], pixels[1] + 1)

    @property
    def geometry(self) -> tuple[int, ...]:
        """`(line0, pixel0, line1, pixel1)`."""
        return self.line0, self.pixel0, self.line1, self.pixel1

    def with_endpoints(self, ends: LineEndpoints, image: ImageBounds) -> LineROI:
        """Same ROI elsewhere, both ends on the plane."""
        on = ends.clamped_to(image)
        return replace(self, line0=on.row0, pixel0=on.col0, line1=on.row1, pixel1=on.col1)

    def clipped(self, image: ImageBounds) -> LineROI:
        """Both ends on the nearest pixel of the plane."""
        return self.with_endpoints(self.endpoints, image)

    @property
    def roi_type(self) -> RoiType:
        """What a sidecar calls it."""
        return RoiType.LINESEGMENTROI

    def clamp_to_bounds(self, image: ImageBounds) -> LineROI:
        """Same as `clipped`."""
        return self.clipped(image)

    def clamp_to_image(self, plane: NDArray[Any]) -> LineROI:
        """`clipped` to an array (row, column); ValueError for any other number of axes."""
        return self.clipped(ImageBounds.of_plane(plane))

    def to_dict(self) -> dict[str, Any]:
        """The block of a sidecar: exactly the keys that the reference program accepts."""
        return _block(self, _LINE_KEYS)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> LineROI:
        """Read `to_dict`; ValueError for other keys, another version or another kind."""
        return cls(*_stored_values(stored, RoiType.LINESEGMENTROI, _LINE_KEYS))


ROI = RectROI | LineROI


def rect_roi(id: int, bounds: RectRoiBounds, image: ImageBounds, name: str = "") -> RectROI:
    """A rectangle clipped to the plane; `InvalidROI` when it lies outside."""
    inside = bounds.clamped_to(image)
    return RectROI(
        id, inside.dim0_start, inside.dim0_stop, inside.dim1_start, inside.dim1_stop, name
    )


def line_roi(id: int, ends: LineEndpoints, image: ImageBounds, name: str = "") -> LineROI:
    """A line with both ends on the nearest pixel of the plane."""
    on = ends.clamped_to(image)
    return LineROI(id, on.row0, on.col0, on.row1, on.col1, name)


def clamp_rect_bounds_to_image(bounds: RectRoiBounds, image: ImageBounds) -> RectRoiBounds:
    """Same as `bounds.clamped_to(image)`."""
    return bounds.clamped_to(image)


def clamp_line_endpoints_to_image(ends: LineEndpoints, image: ImageBounds) -> LineEndpoints:
    """Same as `ends.clamped_to(image)`."""
    return ends.clamped_to(image)


def roi_from_dict(stored: Mapping[str, Any]) -> ROI:
    """Read a stored ROI of either kind; ValueError for anything but its exact keys."""
    if RoiType(stored.get("roi_type")) is RoiType.RECTROI:
        return RectROI.from_dict(stored)
    return LineROI.from_dict(stored)


_KEYS = {"roi_id", "roi_type", "version", "name", "note", "data"}
_RECT_KEYS = ("row_start", "row_stop", "col_start", "col_stop")
_LINE_KEYS = ("row0", "col0", "row1", "col1")


def _block(roi: ROI, corners: tuple[str, ...]) -> dict[str, Any]:
    return {
        "roi_id": roi.id,
        "roi_type": roi.roi_type.value,
        "version": ROI_VERSION,
        "name": roi.name,
        "note": roi.note,
        "data": dict(zip(corners, roi.geometry, strict=True)),
    }


def _stored_values(stored: Mapping[str, Any], kind: RoiType, corners: tuple[str, ...]) -> list[Any]:
    """Constructor arguments of a ROI, in order."""
    if RoiType(stored.get("roi_type")) is not kind:
        raise ValueError(f"this ROI is a {stored['roi_type']}, not a {kind.value}")
    places = stored.get("data")
    if set(stored) != _KEYS or not isinstance(places, Mapping) or set(places) != set(corners):
        raise ValueError(f"a stored ROI has exactly the keys {sorted(_KEYS)}")
    if stored["version"] != ROI_VERSION:
        raise ValueError(f"version {stored['version']!r} of a ROI is not known")
    numbers = [_whole(one) for one in (stored["roi_id"], *(places[name] for name in corners))]
    return [*numbers, str(stored["name"]), str(stored["note"])]


def _check_color(color: str) -> None:
    if color and not _COLOR.fullmatch(color):
        raise ValueError(f"a colour is #RRGGBB, not {color!r}")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)
