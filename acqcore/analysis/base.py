"""What an analysis is: parameters, columns, curves and `run` in one file.

Form, menu entry, JSON, CSV, plot, tree row, command line and contract tests follow
from the class attributes; nothing else names an analysis.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from numpy.typing import NDArray

from acqcore.errors import Cancelled, InvalidParameter
from acqcore.model.header import Calibration
from acqcore.model.record import AnalysisRecord, Columns
from acqcore.model.schema import SchemaDefinition, parse, schema_of

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class RunContext:
    """How a run reports its progress and learns that it is no longer wanted.

    Attributes:
        on_progress: Called with a fraction 0..1 and a short text.
        is_cancelled: Asked often, from the thread that runs.
    """

    on_progress: Callable[[float, str], None] = lambda fraction, text: None
    is_cancelled: Callable[[], bool] = lambda: False

    def progress(self, fraction: float, text: str = "") -> None:
        """Report, and stop here with `Cancelled` if the user asked for it."""
        if self.is_cancelled():
            raise Cancelled("The run was stopped.")
        self.on_progress(fraction, text)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that a run may look at.

    Attributes:
        pixels: Crop of one channel, (line, pixel), dtype of the file, not to be written.
        calibration: Steps of the two axes.
        line_start, pixel_start: Corner of the crop in the whole plane.
        parents: Finished records of the analyses named in `depends_on`, same channel and ROI.
        previous: What this analysis had on the same channel and ROI before, or None: a
            run that keeps what a person drew, such as events, finds it there.
    """

    pixels: NDArray[Any]
    calibration: Calibration
    line_start: int = 0
    pixel_start: int = 0
    parents: Mapping[str, AnalysisRecord] = field(default_factory=dict)
    previous: AnalysisRecord | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a run gives: columns of equal length in declared order, and a few numbers."""

    table: Columns
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the result table.

    Attributes:
        unit: Unit of a calibrated recording; `""` for a pure number.
        help: One sentence for the documentation and the table's tool tip.
    """

    name: str
    unit: str
    title: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """One trace over time.

    Attributes:
        x, y: Column names; `x` is in seconds from the first line of the ROI (lines when the
            recording is not calibrated).
        error: Column of one standard error, drawn as a band, or empty.
        flag: Column whose non-empty text marks a rejected point, or empty.
        quantity: `velocity`, `diameter` or `intensity`: decides colour and scale.
        title: What the axis is called.
    """

    x: str
    y: str
    error: str = ""
    flag: str = ""
    quantity: str = "velocity"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Overlay:
    """A trace to draw over the picture.

    Attributes:
        x, y: Column names: time and distance from the corner of the ROI.
        color: A colour name of the reference program, a hint for scripts.
    """

    trace_id: str
    x: str
    y: str
    color: str
    title: str


class Analysis(ABC, Generic[P]):
    """A method that turns a crop into a table; holds no state."""

    name: ClassVar[str]
    title: ClassVar[str]
    Parameters: ClassVar[type]
    columns: ClassVar[tuple[Column, ...]] = ()
    curves: ClassVar[tuple[Curve, ...]] = ()
    overlays: ClassVar[tuple[Overlay, ...]] = ()
    depends_on: ClassVar[tuple[str, ...]] = ()
    version: ClassVar[int] = 1
    place: ClassVar[int] = 100
    """Where it stands in menus and lists: lower comes first, then by name."""
    unstated_parameters: ClassVar[Mapping[str, Any]] = {}
    """What the reference program's records leave unsaid, because it had no choice."""
    found_title: ClassVar[str] = ""
    """What `found` lists, such as "Events"; empty where a run finds no single things."""
    found_columns: ClassVar[tuple[Column, ...]] = ()
    found_span: ClassVar[tuple[str, str]] = ("", "")
    """Columns of `found` with start and end, in seconds from the first line of the ROI."""
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    @abstractmethod
    def run(self, inputs: Inputs, parameters: P, context: RunContext) -> Result:
        """Compute; raises `CannotRun`, `InvalidParameter` or `Cancelled`."""

    def found(self, record: AnalysisRecord) -> Columns:
        """The single things that a finished run found: `found_columns`, in time order."""
        return {}

    @classmethod
    def schema(cls) -> SchemaDefinition:
        """The form of the parameters."""
        return schema_of(cls.Parameters, cls.name, cls.version)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Any:
        """Checked parameters with defaults for what is missing.

        KeyError for an unknown name, TypeError for a wrong type, `InvalidParameter`
        (a ValueError) for a value out of range.
        """
        try:
            return parse(cls.Parameters, values)
        except ValueError as error:
            raise InvalidParameter(str(error)) from error

    def unit_of(self, column: Column, calibration: Calibration) -> str:
        """Unit of a column for this recording: lines and px where it is not calibrated."""
        unit = column.unit
        if not calibration.distance_known or not calibration.time_known:
            unit = unit.replace("um/s", "px/line")
        if not calibration.distance_known:
            unit = unit.replace("um", "px")
        return unit if calibration.time_known or unit != "s" else "lines"

    @classmethod
    def mended(
        cls, table: Columns, summary: Mapping[str, Any], calibration: Calibration
    ) -> tuple[Columns, Mapping[str, Any], str]:
        """Numbers of another program, put right, with a sentence if anything changed."""
        return table, summary, ""
