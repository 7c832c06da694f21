"""Numbers of many records side by side: typed columns, units, and means of means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis.base import Analysis, Column
from acqcore.errors import CannotPool
from acqcore.model.header import UNCALIBRATED, Calibration
from acqcore.model.record import Provenance

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("animal", "file", "roi", "window")
"""From the outermost to the innermost: windows lie in a ROI, ROIs in a file, files in an animal."""

COUNTS = ("n_animals", "n_files", "n_rois", "n_windows")
STATISTICS = ("mean", "sd", "sem", "median", "min", "max")

_DEEPEST = 6
_NUMBERS = frozenset("biuf")  # numpy's kinds
_CALIBRATED = Calibration(1.0, 1.0, "seconds", "um")
_SUFFIX_UNITS = {
    "_um_per_s": "um/s", "_um": "um", "_ms": "ms", "_sec": "s", "_s": "s", "_hz": "Hz",
    "_bpm": "bpm", "_deg": "deg", "_px": "px",
}  # fmt: skip
_PURE_NUMBERS = {"cv", "count", "n", "fraction", "frac", "snr", "flag", "status"}


# --- cells -----------------------------------------------------------------------------


def printable(text: str) -> str:
    """The text with what is not UTF-8 spelled out: neither CSV, Parquet nor pandas take it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def flattened(values: Mapping[str, Any], prefix: str = "", depth: int = _DEEPEST) -> dict[str, Any]:
    """Nested values as one level of numbers, truths and texts, names joined by `_`.

    A list becomes its length, `<name>_count`, and, if it holds plain values, their text.
    """
    flat: dict[str, Any] = {}
    for name, value in values.items():
        full = printable(f"{prefix}{name}")
        if isinstance(value, Mapping) and depth:
            flat.update(flattened(value, f"{full}_", depth - 1))
        elif isinstance(value, Mapping | list | tuple):
            flat[f"{full}_count"] = len(value)
            nested = any(isinstance(one, Mapping | list | tuple) for one in value)
            if value and not nested and not isinstance(value, Mapping):
                flat[full] = "; ".join(str(one) for one in value)
        else:
            flat[full] = value
    return flat


def column_of(values: Sequence[Any]) -> pd.Series[Any]:
    """One value per row as a typed column; None and NaN are missing.

    Whole numbers with gaps become floats, truths with gaps pandas' `boolean`; what is
    partly text is text.
    """
    import pandas as pd  # heavy: only where tables are made

    known = [value for value in values if not _is_missing(value)]
    kinds = {type(value) for value in known}
    if known and kinds == {bool}:
        full = len(known) == len(values)
        marks = [pd.NA if _is_missing(value) else value for value in values]
        return pd.Series(marks, dtype="bool" if full else "boolean")
    if kinds <= {bool, int, float}:
        if kinds == {int} and len(known) == len(values) and _fits(known):
            return pd.Series(known, dtype="int64")
        return pd.Series([_number(value) for value in values], dtype="float64")
    texts = [np.nan if _is_missing(value) else printable(str(value)) for value in values]
    return pd.Series(texts, dtype="object")


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _fits(values: Iterable[int]) -> bool:
    return all(-(2**63) <= value < 2**63 for value in values)


def _number(value: float | None) -> float:
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.inf if value and value > 0 else -math.inf


def joined(parts: Sequence[NDArray[Any] | None], lengths: Sequence[int]) -> pd.Series[Any]:
    """The same column of many tables, one below the other, filled into one array.

    None stands for a table without this column. Types are joined as in `column_of`; a
    table in which all cells are empty does not decide.
    """
    import pandas as pd

    held = [None if part is None or _is_empty(part) else part for part in parts]
    kinds: set[str] = {part.dtype.kind for part in held if part is not None}
    gaps = any(length and part is None for length, part in zip(lengths, held, strict=True))
    dtype, fill = _type_for(kinds, gaps)
    column = np.full(sum(lengths), fill, dtype)
    start = 0
    for part, length in zip(held, lengths, strict=True):
        if part is not None:
            column[start : start + length] = _texts(part) if kinds - _NUMBERS else part
        start += length
    return pd.Series(column, dtype="boolean" if kinds == {"b"} and gaps else dtype)


def _type_for(kinds: set[str], gaps: bool) -> tuple[str, Any]:
    """Type of a joined column, and what its missing cells hold."""
    if kinds - _NUMBERS or (kinds == {"b"} and gaps):
        return "object", np.nan
    if kinds == {"b"}:
        return "bool", False
    return ("int64", 0) if kinds and kinds <= set("iu") and not gaps else ("float64", np.nan)


def _is_empty(part: NDArray[Any]) -> bool:
    return len(part) == 0 or (part.dtype.kind == "f" and bool(np.isnan(part).all()))


def _texts(part: NDArray[Any]) -> NDArray[Any]:
    """Python texts, each different one made once: a flag repeats in every row."""
    different, place = np.unique(part.astype(str), return_inverse=True)
    texts: NDArray[Any] = np.array([printable(str(one)) for one in different], object)[place]
    if part.dtype.kind == "f":
        texts[np.isnan(part)] = np.nan
    return texts


# --- units -----------------------------------------------------------------------------


def calibration_of_run(
    ran: Provenance | None, now: Calibration, of_file: Calibration
) -> Calibration:
    """The calibration that a run used: its steps, with the units that they had.

    A run remembers steps but no units. Steps that are neither the present ones nor the
    file's are taken as seconds and micrometres, except 1, which stands for unknown.
    """
    if ran is None or ran.steps == now.steps:
        return now
    if ran.steps == of_file.steps:
        return of_file
    step_y, step_x = ran.steps
    label_y = UNCALIBRATED if step_y == 1 else "seconds"
    return Calibration(step_y, step_x, label_y, UNCALIBRATED if step_x == 1 else "um", "earlier")


def summary_column(method: Analysis[Any] | None, name: str) -> Column:
    """What a summary number is: the table column that its name starts with tells the unit."""
    if method is None:
        return Column(name, "", name)
    help_text = f"Summary of {method.title}."
    begun = [one for one in method.columns if f"{name}_".startswith(f"{one.name}_")]
    if name.rpartition("_")[2] in _PURE_NUMBERS or name.startswith("num_"):
        unit = ""
    elif begun:
        unit = max(begun, key=lambda one: len(one.name)).unit
    else:
        unit = next((u for suffix, u in _SUFFIX_UNITS.items() if name.endswith(suffix)), "")
    return Column(name, unit, name, help_text)


def unit_in(method: Analysis[Any] | None, column: Column, steps: Calibration) -> str:
    """Unit of a column in a recording of that calibration."""
    return column.unit if method is None else method.unit_of(column, steps)


def unit_varies(method: Analysis[Any] | None, column: Column) -> bool:
    """Whether the unit depends on the calibration, so that rows need to say theirs."""
    return unit_in(method, column, Calibration()) != unit_in(method, column, _CALIBRATED)


def stated_unit(column: Column, units: set[str]) -> Column:
    """The column with the unit that all rows share, or a pointer to the column that tells."""
    if len(units) == 1:
        return replace(column, unit=next(iter(units)))
    return replace(column, unit=f"see {column.name}_unit") if units else column


# --- means of means --------------------------------------------------------------------


def nested_summary(
    values: pd.DataFrame, by: Sequence[str], unit: str, nest: Sequence[str]
) -> pd.DataFrame:
    """Statistics over the units of one level, for each group.

    `values` has one row per value: the columns of `by`, `_animal` (missing where not
    known), `_file`, `_roi`, `_value` and `_windows` (how many windows the value is from).
    Values are averaged to ROIs, these to files, these to animals, as far as `nest` names
    the level, up to `unit`; mean, sample standard deviation, its standard error, median
    and extremes are those of the units.
    """
    known = values[np.isfinite(values["_value"])].assign(_all=0)
    keys = list(dict.fromkeys(by)) or ["_all"]
    means = known
    for level in _averaged(unit, nest):
        within = [*keys, *_inside(level)]
        means = means.groupby(within, dropna=False)["_value"].mean().reset_index()
    groups = means.groupby(keys, dropna=False)["_value"]
    table = groups.agg(mean="mean", sd="std", median="median", min="min", max="max")
    table["sem"] = table["sd"] / np.sqrt(groups.count())
    table = table.join(_counted(known, keys))
    ordered: pd.DataFrame = table[[*COUNTS, *STATISTICS]].reset_index()
    return ordered if by else ordered.drop(columns="_all")


def _averaged(unit: str, nest: Sequence[str]) -> list[str]:
    """Levels to average to, from the inside out, ending with `unit`."""
    inner = LEVELS[LEVELS.index(unit) : -1]
    return [level for level in reversed(inner) if level in nest or level == unit]


def _inside(level: str) -> list[str]:
    """What tells the units of one level apart."""
    names = ["_animal", "_file", "_roi"]
    return names[: LEVELS.index(level) + 1]


def _counted(known: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """How many animals, files, ROIs and windows each group has; missing where not known."""
    import pandas as pd

    rois = known.groupby(["_file", "_roi"], dropna=False).ngroup()
    groups = known.assign(_roi=rois, _unknown=known["_animal"].isna()).groupby(keys, dropna=False)
    counts = pd.DataFrame(
        {
            "n_animals": groups["_animal"].nunique().astype("Int64"),
            "n_files": groups["_file"].nunique().astype("Int64"),
            "n_rois": groups["_roi"].nunique().astype("Int64"),
            "n_windows": groups["_windows"].agg(lambda one: one.sum(skipna=False)),
        }
    )
    counts["n_windows"] = counts["n_windows"].astype("Float64").astype("Int64")
    counts.loc[groups["_unknown"].any(), "n_animals"] = pd.NA
    return counts


# --- what may enter one average --------------------------------------------------------


def check_channels(values: pd.DataFrame, value: str) -> None:
    """`CannotPool` if a ROI has the number in several channels: these may be different dyes."""
    known = values[values["_value"].notna()]
    channels = known.groupby(["_file", "_roi"])["channel"].nunique()
    if (channels > 1).any():
        raise CannotPool(
            f"Some ROIs have {value} in several channels: choose one with `channel`, "
            "or group by channel."
        )


def check_animals(values: pd.DataFrame) -> None:
    """`CannotPool` if it is not known which animal a number is from."""
    unknown = values[values["_value"].notna() & values["_animal"].isna()]
    if len(unknown):
        raise CannotPool(
            f"The animal of {unknown['name'].iloc[0]} is not known: make the pool with a rule "
            "(`animal`), or ask for unit='file'."
        )


def one_unit(values: pd.DataFrame, value: str) -> str:
    """The unit that all numbers share; `CannotPool` if um/s would be averaged with px/line."""
    units = sorted(values.loc[values["_value"].notna(), "_unit"].unique().tolist())
    if len(units) > 1:
        raise CannotPool(
            f"{value} is in {' and in '.join(units)}: leave recordings without a calibration "
            f"out, or group by {value}_unit."
        )
    return str(units[0]) if units else ""
