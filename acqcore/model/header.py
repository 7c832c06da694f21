"""What a file says about its pixels before any pixel is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

UNCALIBRATED = "Pixels"
"""Label of an axis whose step is not known; the step is then 1."""

STEP_RANGE = "positive number between 1e-12 and 1e12"
"""What a step of an axis must be: products and quotients of two then stay finite."""

_UNIT_NAMES = {
    "micrometer": "um", "micrometre": "um", "micron": "um", "microns": "um",
    "µm": "um", "μm": "um", "\\u00b5m": "um",
    "second": "seconds", "sec": "seconds", "s": "seconds",
}  # fmt: skip


def unit_name(text: str) -> str:
    """The name that CloudScope stores for a unit: `um` and `seconds` where it is one."""
    return _UNIT_NAMES.get(text.strip().lower(), text.strip())


def is_step(step: float) -> bool:
    """Whether a number can be the step of an axis; see `STEP_RANGE`."""
    return 1e-12 <= step <= 1e12


@dataclass(frozen=True, slots=True)
class Calibration:
    """Steps of the two axes of a plane.

    Attributes:
        step_y: Per row; in a kymograph seconds per line. 1 when unknown.
        step_x: Per column; micrometres per pixel. 1 when unknown.
        label_y, label_x: Unit of each step, `seconds` and `um`, or `Pixels`.
        source: Where the steps come from: `Olympus text file`, `user`, `none` ...
    """

    step_y: float = 1.0
    step_x: float = 1.0
    label_y: str = UNCALIBRATED
    label_x: str = UNCALIBRATED
    source: str = "none"

    def __post_init__(self) -> None:
        for step in (self.step_y, self.step_x):
            if not is_step(step):
                raise ValueError(f"a calibration step must be a {STEP_RANGE}, not {step!r}")

    @property
    def time_known(self) -> bool:
        """Whether rows have a duration in seconds."""
        return self.label_y == "seconds"

    @property
    def distance_known(self) -> bool:
        """Whether columns have a size in micrometres."""
        return self.label_x == "um"

    @property
    def steps(self) -> tuple[float, float]:
        """`(step_y, step_x)`."""
        return self.step_y, self.step_x

    @property
    def labels(self) -> tuple[str, str]:
        """`(label_y, label_x)`."""
        return self.label_y, self.label_x


def calibration(
    step_y: object, label_y: str, step_x: object, label_x: str, source: str
) -> Calibration:
    """Build from what a file claims; a step that is no positive number becomes unknown."""
    known_y, known_x = _positive(step_y), _positive(step_x)
    return Calibration(
        known_y or 1.0,
        known_x or 1.0,
        unit_name(label_y) if known_y else UNCALIBRATED,
        unit_name(label_x) if known_x else UNCALIBRATED,
        source if known_y or known_x else "none",
    )


def default_physical_for_dims(
    dims: Sequence[str],
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Steps and labels of axes of which nothing is known: 1 and `Pixels` each."""
    return (1.0,) * len(dims), (UNCALIBRATED,) * len(dims)


def _positive(step: object) -> float | None:
    if isinstance(step, bool) or not isinstance(step, int | float):
        return None
    return float(step) if is_step(step) else None


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Shape, type and calibration of a recording.

    Attributes:
        path: The file, as text.
        shape: Length of each axis, in the order of `dims`.
        dims: One letter per axis of T, C, Z, Y, X; a kymograph is (Y, X) with rows = time.
        dtype: numpy name of the sample type.
        num_scenes: Images in the file; the first one is used.
        calibration: Steps of Y and X and where they come from.
        date, time: `YYYYMMDD` and `HH:MM:SS`, or empty.
        channel_names: One text per channel, or empty.
        notes: Sentences about the file worth showing (a guessed axis, a skipped sibling).
    """

    path: str
    shape: tuple[int, ...]
    dims: tuple[str, ...]
    dtype: str
    calibration: Calibration = Calibration()
    num_scenes: int = 1
    date: str = ""
    time: str = ""
    channel_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.shape) != len(self.dims):
            raise ValueError(f"shape {self.shape} does not match dims {self.dims}")

    @property
    def sizes(self) -> dict[str, int]:
        """Length by axis letter."""
        return dict(zip(self.dims, self.shape, strict=True))

    def size(self, axis: str) -> int:
        """Length of one axis, 1 when the file does not have it."""
        return self.sizes.get(axis, 1)

    @property
    def num_channels(self) -> int:
        """Detector signals in the file."""
        return self.size("C")

    @property
    def has_plane(self) -> bool:
        """Whether there is a (Y, X) plane to show."""
        return "Y" in self.dims and "X" in self.dims

    @property
    def physical_units(self) -> tuple[float, ...]:
        """Step per axis in `dims` order; 1 for other axes than Y and X."""
        return tuple(self._per_axis(self.calibration.steps, 1.0))

    @property
    def physical_units_labels(self) -> tuple[str, ...]:
        """Unit per axis in `dims` order."""
        return tuple(self._per_axis(self.calibration.labels, UNCALIBRATED))

    def _per_axis(self, of_plane: Sequence[Any], other: Any) -> list[Any]:
        by_axis = dict(zip("YX", of_plane, strict=True))
        return [by_axis.get(axis, other) for axis in self.dims]

    def with_coerced_physical_calibration(
        self, units: Sequence[object], labels: Sequence[str], source: str = "user"
    ) -> ImageHeader:
        """The header with steps per axis, in `dims` order, as somebody claims them.

        A step that is missing or no positive number is not known; steps of other axes than
        Y and X are not kept.
        """
        given = dict(zip(self.dims, zip_longest(units, labels), strict=False))
        (step_y, label_y), (step_x, label_x) = (given.get(axis, (None, None)) for axis in "YX")
        steps = calibration(
            step_y, label_y or UNCALIBRATED, step_x, label_x or UNCALIBRATED, source
        )
        return replace(self, calibration=steps)

    def as_dict(self) -> dict[str, Any]:
        """Every value under its name; `dtype` is text."""
        return self.as_json_dict() | {
            "shape": self.shape,
            "dims": self.dims,
            "num_scenes": self.num_scenes,
            "physical_units": self.physical_units,
            "physical_units_labels": self.physical_units_labels,
        }

    def as_json_dict(self) -> dict[str, Any]:
        """What describes the pixels, as JSON values; steps are always finite."""
        return {
            "path": self.path,
            "shape": list(self.shape),
            "dims": list(self.dims),
            "sizes": self.sizes,
            "dtype": self.dtype,
            "num_channels": self.num_channels,
            "physical_units": list(self.physical_units),
            "physical_units_labels": list(self.physical_units_labels),
            "date": self.date,
            "time": self.time,
        }

    def channel_name(self, channel: int) -> str:
        """The name in the file, or a number from 1."""
        if channel < len(self.channel_names) and self.channel_names[channel]:
            return self.channel_names[channel]
        return f"Channel {channel + 1}"
