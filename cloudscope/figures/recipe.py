"""What a figure looks like, as one frozen value: stored as JSON, it draws the same again."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from acqcore.errors import AcqError

VERSION = 1
FORMATS = ("SVG", "PDF", "PNG")
RESOLUTIONS = (300, 600, 1200)
FONTS = ("Sans serif", "Serif")
LETTERS = ("a", "A", "")
SCALES = ("bars", "axes")
WIDTHS_MM = HEIGHTS_MM = (20.0, 500.0)
TEXT_PT, LINE_PT, PARTS = (4.0, 24.0), (0.25, 4.0), (1, 20)

Range = tuple[float, float]


class UnreadableRecipe(AcqError):
    """The file is no recipe of a figure, or one of a later version."""


@dataclass(frozen=True, slots=True)
class CurveSource:
    """One curve of one result of the recording."""

    analysis_name: str
    column: str
    channel: int
    roi_id: int


@dataclass(frozen=True, slots=True)
class ImagePanel:
    """A part of one channel, or of several whose colours are added.

    Attributes:
        parts: Height relative to the other panels.
        also: Further channels of a composite.
        lut: Empty for the one on screen.
        limits: Raw values of both ends of the LUT; None for those on screen.
        scale: `bars` on the picture, or `axes` beside it.
        time_bar, distance_bar: Seconds and micrometres (lines and pixels where the recording
            is not calibrated); 0 for a round length that fits.
        overlays, streaks, events, sparks: Whether edges, streak angles and so on, which
            analyses found in this channel, are drawn.
    """

    shown: bool = True
    parts: int = 4
    channel: int = 0
    lut: str = ""
    limits: Range | None = None
    scale: str = "bars"
    time_bar: float = 0.0
    distance_bar: float = 0.0
    lut_bar: bool = False
    outlines: bool = True
    overlays: bool = False
    streaks: bool = False
    events: bool = False
    sparks: bool = False
    also: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check(self.scale in SCALES, "scale")
        every = (self.channel, *self.also)
        _check(min(every) >= 0 and len(set(every)) == len(every), "channel")
        _check(all(0 <= bar < math.inf for bar in (self.time_bar, self.distance_bar)), "scale bar")
        _check_part(self.parts, self.limits)


@dataclass(frozen=True, slots=True)
class TracePanel:
    """Curves of one quantity over time.

    Attributes:
        parts: Height relative to the other panels.
        band: Whether the 95 % interval of each curve is drawn.
        limits: Ends of the value axis in shown units; None for what the curves need.
    """

    shown: bool = True
    parts: int = 3
    curves: tuple[CurveSource, ...] = ()
    band: bool = True
    events: bool = True
    limits: Range | None = None

    def __post_init__(self) -> None:
        _check_part(self.parts, self.limits)


Panel = ImagePanel | TracePanel
_KINDS: Mapping[str, type[ImagePanel] | type[TracePanel]] = {
    "image": ImagePanel,
    "traces": TracePanel,
}


@dataclass(frozen=True, slots=True)
class FigureRecipe:
    """A page with panels on one time axis.

    Attributes:
        recording: Name of the file that it was made for.
        lines: First line and the one after the last.
        text_pt, line_pt: Size of the text and width of the curves, in points on paper.
        letters: `a` or `A` count the panels that way; empty for none.
        time_from_zero: Whether the time axis starts at 0 or tells the time in the recording.
        panels: From top to bottom.
        dpi: Of a PNG; vector files keep no more detail than it can show.
        embed: Whether the recipe and the caption are written into the file.
    """

    recording: str = ""
    lines: tuple[int, int] = (0, 1)
    width_mm: float = 85.0
    height_mm: float = 80.0
    font: str = FONTS[0]
    text_pt: float = 7.0
    line_pt: float = 0.75
    letters: str = LETTERS[0]
    time_from_zero: bool = True
    panels: tuple[Panel, ...] = ()
    format: str = FORMATS[0]
    dpi: int = 600
    embed: bool = True

    def __post_init__(self) -> None:
        _check(0 <= self.lines[0] < self.lines[1], "time range")
        for name, limits in (
            ("width_mm", WIDTHS_MM), ("height_mm", HEIGHTS_MM), ("text_pt", TEXT_PT),
            ("line_pt", LINE_PT),
        ):  # fmt: skip
            _check(limits[0] <= asdict(self)[name] <= limits[1], name)
        _check(self.font in FONTS, "font")
        _check(self.letters in LETTERS, "letters")
        _check(self.format in FORMATS, "format")
        _check(72 <= self.dpi <= 2400, "resolution")

    @property
    def shown(self) -> tuple[tuple[int, Panel], ...]:
        """The panels on the page with their places in `panels`."""
        return tuple((i, panel) for i, panel in enumerate(self.panels) if panel.shown)

    def letter(self, index: int) -> str:
        """What stands beside a panel; empty for one that is not on the page."""
        places = [i for i, _ in self.shown]
        if not self.letters or index not in places:
            return ""
        return chr(ord(self.letters) + places.index(index) % 26)

    def with_panel(self, index: int, panel: Panel) -> FigureRecipe:
        """Another panel in that place."""
        panels = (*self.panels[:index], panel, *self.panels[index + 1 :])
        return replace(self, panels=panels)

    def moved(self, index: int, by: int) -> FigureRecipe:
        """A panel further down (1) or up (-1); the same at the ends."""
        other = index + by
        if not 0 <= other < len(self.panels):
            return self
        return self.with_panel(index, self.panels[other]).with_panel(other, self.panels[index])

    def without(self, index: int) -> FigureRecipe:
        """One panel less."""
        return replace(self, panels=self.panels[:index] + self.panels[index + 1 :])

    def styled_like(self, other: FigureRecipe) -> FigureRecipe:
        """The same content with the page of another one."""
        kept = {name: getter(other) for name, getter in _STYLE.items()}
        return replace(self, **kept)

    def to_json(self) -> str:
        """Text that `from_json` reads."""
        stored = asdict(self)
        for panel, block in zip(self.panels, stored["panels"], strict=True):
            block["kind"] = "image" if isinstance(panel, ImagePanel) else "traces"
        return json.dumps({"cloudscope_figure": VERSION} | stored, indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> FigureRecipe:
        """Read `to_json`; `UnreadableRecipe` for anything else. Missing values are defaults."""
        try:
            stored = json.loads(text)
            version = stored["cloudscope_figure"]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableRecipe("This file holds no recipe of a figure.") from error
        if version != VERSION:
            raise UnreadableRecipe("This recipe was made by a later version of CloudScope.")
        try:
            return cls(**_values(cls, stored))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise UnreadableRecipe(f"This recipe cannot be used: {error}.") from error


def read_recipe(path: Path) -> FigureRecipe:
    """The recipe in a file; `UnreadableRecipe` when there is none."""
    try:
        return FigureRecipe.from_json(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableRecipe(f"Cannot read {path.name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableRecipe("This file holds no recipe of a figure.") from error


_STYLE: Mapping[str, Callable[[FigureRecipe], Any]] = {
    "width_mm": lambda one: one.width_mm,
    "height_mm": lambda one: one.height_mm,
    "font": lambda one: one.font,
    "text_pt": lambda one: one.text_pt,
    "line_pt": lambda one: one.line_pt,
    "letters": lambda one: one.letters,
    "time_from_zero": lambda one: one.time_from_zero,
    "format": lambda one: one.format,
    "dpi": lambda one: one.dpi,
    "embed": lambda one: one.embed,
}


def _check(good: bool, what: str) -> None:
    if not good:
        raise ValueError(f"its {what.replace('_', ' ')} is out of range")


def _check_part(parts: int, limits: Range | None) -> None:
    _check(PARTS[0] <= parts <= PARTS[1], "panel height")
    if limits is not None:
        low, high = limits
        _check(-math.inf < low < high < math.inf, "limits")


def _values(cls: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What a stored block says about the fields of a class, in their types."""
    special: dict[str, Callable[[Any], Any]] = {
        "lines": lambda ends: (_typed(ends[0], 0), _typed(ends[1], 0)),
        "limits": lambda ends: ends and (_typed(ends[0], 0.0), _typed(ends[1], 0.0)),
        "also": lambda numbers: tuple(_typed(one, 0) for one in numbers),
        "curves": lambda blocks: tuple(_curve(block) for block in blocks),
        "panels": lambda blocks: tuple(_panel(block) for block in blocks),
    }
    found = {}
    for field in fields(cls):
        if field.name in stored:
            value = stored[field.name]
            read = special.get(field.name)
            found[field.name] = read(value) if read else _typed(value, field.default)
    return found


def _typed(value: Any, like: Any) -> Any:
    """The value in the type of its default; TypeError when it is of another one."""
    if isinstance(like, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(like):
        raise TypeError(f"{value!r} is not of the right kind")
    return value


def _panel(block: Mapping[str, Any]) -> Panel:
    kind = _KINDS[block["kind"]]
    made: Panel = kind(**_values(kind, block))
    return made


def _curve(block: Mapping[str, Any]) -> CurveSource:
    names = _typed(block["analysis_name"], ""), _typed(block["column"], "")
    return CurveSource(*names, _typed(block["channel"], 0), _typed(block["roi_id"], 0))
