"""What the panels of a figure show: arrays ready to be painted, and what a caption tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from acqcore.model.header import Calibration

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
SPARK = "spark"


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A ROI on the picture.

    Attributes:
        geometry: (line, line, pixel, pixel) bounds of a rectangle, or the two (line, pixel)
            ends of a line.
        color: `#RRGGBB`.
    """

    geometry: tuple[int, ...]
    is_line: bool
    label: str
    color: str


@dataclass(frozen=True, slots=True, eq=False)
class Polyline:
    """What an analysis drew over the picture, in lines and pixels; NaN breaks it."""

    x: Floats
    y: Floats
    title: str
    color: str


@dataclass(frozen=True, slots=True, eq=False)
class StreakAngles:
    """Measured slopes of one ROI.

    Attributes:
        lines: Middle of each window, ascending.
        slopes: Pixels per line; may be infinite.
        box: (line, line, pixel, pixel) where it was measured.
    """

    lines: Floats
    slopes: Floats
    box: Box
    title: str


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """An event or a spark on the picture.

    Attributes:
        box: (line, line, pixel, pixel); an event is as wide as its ROI.
        kind: One of `rise`, `fall` ..., or `spark`.
    """

    box: Box
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """How one channel is coloured: 256 colours, and the raw values at both ends of them."""

    table: NDArray[np.uint8]
    limits: tuple[float, float]
    channel: str
    lut: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One image panel.

    Attributes:
        index: (row, column) places in `table`; the first row is the highest pixel, columns
            are lines.
        table: (256, 3) red, green, blue.
        lines: What the columns span.
        pixels: What the rows span, from 0.
        limits: Raw values at both ends of the table.
        reduced: (lines, pixels) whose mean is one picture element at the recipe's resolution;
            a preview may be coarser.
        colors: (row, column, 3) of a composite, which stand in the place of `index`.
        added: The further channels of a composite.
        stale: Why results that are drawn are out of date, each reason once.
    """

    index: NDArray[np.uint8]
    table: NDArray[np.uint8]
    lines: tuple[int, int]
    pixels: int
    limits: tuple[float, float]
    channel: str
    lut: str
    reduced: tuple[int, int] = (1, 1)
    outlines: tuple[Outline, ...] = ()
    overlays: tuple[Polyline, ...] = ()
    streaks: tuple[StreakAngles, ...] = ()
    marks: tuple[Mark, ...] = ()
    colors: NDArray[np.uint8] | None = None
    added: tuple[Shade, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def shades(self) -> tuple[Shade, ...]:
        """Of all channels in it, the panel's own first."""
        return Shade(self.table, self.limits, self.channel, self.lut), *self.added


@dataclass(frozen=True, slots=True, eq=False)
class TraceLine:
    """One curve.

    Attributes:
        x: Lines of the whole recording, ascending.
        y: Shown units; NaN breaks it.
        band_x, low, high: The 95 % interval.
        label: For the legend.
        method: Analysis and parameters, for the caption.
        windows, rejected: Points in the time range, and those of them left out.
        stale: Why the result is out of date, or empty.
    """

    x: Floats
    y: Floats
    band_x: Floats
    low: Floats
    high: Floats
    label: str
    color: str
    method: str = ""
    windows: int = 0
    rejected: int = 0
    stale: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EventBand:
    """A stretch with a meaning: lines of the recording and one of `rise`, `fall` ..."""

    start: float
    stop: float
    kind: str


@dataclass(frozen=True, slots=True, eq=False)
class TracePlot:
    """One trace panel.

    Attributes:
        title: Of the value axis, unit included.
        sentence: Why there is nothing to draw, or empty.
    """

    title: str
    lines: tuple[TraceLine, ...] = ()
    events: tuple[EventBand, ...] = ()
    sentence: str = ""


PanelContent = Picture | TracePlot


@dataclass(frozen=True, slots=True, eq=False)
class FigureContent:
    """All panels of a recipe, in its order.

    Attributes:
        name: Of the recording, as it may be told.
        panels: None for a panel that is not on the page.
        fault: Why a panel could not be filled, or empty.
    """

    name: str = ""
    calibration: Calibration = field(default_factory=Calibration)
    panels: tuple[PanelContent | None, ...] = ()
    fault: str = ""
