"""One table over all records of many recordings, and summaries that know what lies in what.

Windows of one ROI are not independent measurements, nor are the ROIs of one file or the
files of one animal: `Pool.summary` averages upwards to the level that is asked for and
says how many animals, files, ROIs and windows stand behind each number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from acqcore._pooled import (
    AnimalRule,
    LeftOut,
    Member,
    Table,
    members,
    record_table,
    row_table,
    why_not,
)
from acqcore._summaries import (
    LEVELS,
    check_animals,
    check_channels,
    nested_summary,
    one_unit,
)
from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.base import Column
from acqcore.errors import CannotPool, SaveFailed
from acqcore.export import guarded
from acqcore.storage.atomic import write_files

if TYPE_CHECKING:
    import pandas as pd


class Pool:
    """All finished records of some recordings, as they were when the pool was made.

    Making it reads no table. Edits made later do not show: make another one.

    Attributes:
        left_out: Finished records that are rejected or out of date, with the reason.
        without_rows: Records that are in the pool but whose table could not be read.
    """

    def __init__(
        self,
        images: Iterable[AcqImage],
        *,
        include_stale: bool = False,
        include_rejected: bool = False,
        animal: AnimalRule | None = None,
    ) -> None:
        """Look at each image once; the same file given twice counts once.

        `animal` says which files are of one animal: the name of a column of the file
        (`"parent"`, `"note"` ...), a pattern that is searched in the file name (its first
        group counts), or a function of the image. Nothing found: the animal is unknown.
        """
        taken: list[Member] = []
        left_out: list[LeftOut] = []
        distinct: dict[str, AcqImage] = {}
        for image in images:
            distinct.setdefault(image.file_id, image)
        self._file_ids = tuple(distinct)
        for image in distinct.values():
            for member in members(image, animal):
                why = why_not(
                    member, include_stale=include_stale, include_rejected=include_rejected
                )
                if why:
                    left_out.append(LeftOut(image.file_id, member.record.key, why))
                else:
                    taken.append(member)
        self._members, self.left_out = tuple(taken), tuple(left_out)
        self.without_rows = tuple(
            LeftOut(one.file["file_id"], one.record.key, "Its table could not be read")
            for one in taken
            if one.record.table is None and one.method and one.method.columns
        )

    def __len__(self) -> int:
        """Number of records."""
        return len(self._members)

    @property
    def analysis_names(self) -> tuple[str, ...]:
        """Names of the analyses that have a record here, sorted."""
        return tuple(sorted({one.name for one in self._members}))

    def records(self) -> pd.DataFrame:
        """One row per file, analysis, channel and ROI, in the order of files and of creation.

        After the columns of file, ROI, calibration and run stand parameters (`param_...`)
        and summary numbers; a number whose unit depends on the calibration is followed by
        a column `..._unit`. Cells of other analyses are missing.
        """
        return record_table(self._members)[0]

    def rows(self, analysis_name: str, beside: Sequence[str] | None = None) -> pd.DataFrame:
        """All table rows of one analysis, one table below the other.

        `beside` names columns of `records` to repeat in each row; by default identity,
        metadata, channel and ROI. Reads the CSVs of all records now: `SidecarError` names
        the first that is damaged (`AcqImage.unreadable_tables` lists them, `drop_tables`
        goes on without); see also `without_rows`. Works for analyses that this program
        does not know.
        """
        return self._rows(analysis_name, beside)[0]

    def columns(self, analysis_name: str = "") -> tuple[Column, ...]:
        """The data dictionary of `records` or, with a name, of `rows`: units and meaning."""
        return self._table(analysis_name)[1]

    def summary(
        self,
        value: str,
        by: str | Sequence[str] = ("condition",),
        unit: str = "animal",
        *,
        nest: Sequence[str] = LEVELS,
        analysis: str = "",
        channel: int | None = None,
        flagged: bool = False,
    ) -> pd.DataFrame:
        """Statistics of one number per group; each `unit` counts once.

        `value` is a summary number (`velocity_mean`) or a column of a table (`velocity`);
        `by` names columns of `records`. Values are averaged from windows to ROIs to files
        to animals, through the levels that `nest` names, up to `unit`: one of `LEVELS`.
        sd is the sample's, sem = sd / sqrt(number of units). Windows overlap and are not
        independent: ask for `unit="window"` only to describe, never to test.

        The counts `n_animals`, `n_files`, `n_rois` and `n_windows` are of what went in and are
        missing where not known. Windows with a flag are left out unless `flagged`.
        `CannotPool`: units or channels differ, an animal is not known, no such number.
        """
        keys = (by,) if isinstance(by, str) else tuple(by)
        for level in (unit, *nest):
            if level not in LEVELS:
                raise CannotPool(f"There is no level {level!r}: it is one of {', '.join(LEVELS)}.")
        frame = self._values(value, keys, unit, analysis, flagged)
        if channel is not None:
            frame = frame[frame["channel"] == channel]
        elif "channel" not in keys:
            check_channels(frame, value)
        if unit == "animal":
            check_animals(frame)
        table = nested_summary(frame, keys, unit, nest)
        told = f"{value}_unit"
        shared = table[told] if told in keys else one_unit(frame, value)
        at = len(keys)
        for name, cell in (("value", value), ("value_unit", shared), ("per", unit)):
            table.insert(at, name, cell)
            at += 1
        return table

    def to_csv(
        self,
        path: str | Path,
        analysis_name: str = "",
        *,
        units_row: bool = True,
        overwrite: bool = False,
    ) -> None:
        """Write `records` or, with a name, `rows`; UTF-8, missing cells empty.

        Units stand in a second header row or, without `units_row`, in
        `<path>.dictionary.csv` with title and meaning of each column. A text that a
        spreadsheet would run as a formula gets an apostrophe in front. `SaveFailed`.
        """
        target = self._target(Path(path), ".csv", overwrite)
        frame, columns = self._table(analysis_name)
        files = [(target, _csv(frame, columns, units_row))]
        if not units_row:
            beside = target.with_name(f"{target.name}.dictionary.csv")
            self._target(beside, ".csv", overwrite)
            files.append((beside, _dictionary(columns)))
        write_files(files)

    def to_parquet(
        self, path: str | Path, analysis_name: str = "", *, overwrite: bool = False
    ) -> None:
        """Write `records` or `rows`; units and meanings come back as `frame.attrs["columns"]`.

        `SaveFailed` also when pyarrow is not installed.
        """
        target = self._target(Path(path), ".parquet", overwrite)
        frame, columns = self._table(analysis_name)
        about = {one.name: {"unit": one.unit, "meaning": one.help} for one in columns}
        frame.attrs["columns"] = about
        stream = io.BytesIO()
        try:
            frame.to_parquet(stream, engine="pyarrow", index=False)
        except ImportError as error:
            why = "Parquet files need the package pyarrow, which is not installed"
            raise SaveFailed(target, why) from error
        write_files([(target, stream.getvalue())])

    def _target(self, path: Path, suffix: str, overwrite: bool) -> Path:
        """The path to write to: never a file of a recording, nor one that is there unasked."""
        if not path.name.lower().endswith(suffix):
            raise SaveFailed(path, f"its name must end in {suffix}")
        if any(str(path.resolve()).startswith(f"{file}.") for file in self._file_ids):
            raise SaveFailed(path, "it would be taken for results of the recording beside it")
        if path.exists() and not overwrite:
            raise SaveFailed(path, "there is something of that name already")
        return path

    def _table(self, analysis_name: str) -> Table:
        return self._rows(analysis_name) if analysis_name else record_table(self._members)

    def _rows(self, analysis_name: str, beside: Sequence[str] | None = None) -> Table:
        mine = [one for one in self._members if one.name == analysis_name]
        if not mine and analysis_name not in analyses():
            listed = ", ".join(self.analysis_names) or "none"
            raise CannotPool(f"There is no record of {analysis_name!r}; there are: {listed}.")
        return row_table(analysis_name, mine, beside)

    def _values(
        self, value: str, keys: Sequence[str], unit: str, analysis: str, flagged: bool
    ) -> pd.DataFrame:
        """One row per number that may enter a summary, ready for `nested_summary`."""
        name, in_table = self._holder(value, unit, analysis)
        frame, columns = record_table([one for one in self._members if one.name == name])
        if in_table:
            identity = ("file_id", "name", "animal", "channel", "roi_id")
            beside = [*identity, *(key for key in keys if key in frame and key not in identity)]
            frame, columns = self._rows(name, beside)
            if not flagged:
                frame = _without_flagged(frame, name, value)
            windows: Any = 1
        else:
            windows = _windows_behind(frame)
        for key in keys:
            if key not in frame:
                raise CannotPool(f"There is no column {key!r} to group by.")
        if frame[value].dtype.kind not in "biuf":
            raise CannotPool(f"{value} is not a number.")
        fixed = next(one.unit for one in columns if one.name == value)
        return frame.assign(
            _value=_finite(frame[value]),
            _unit=frame.get(f"{value}_unit", fixed),
            _windows=windows,
            _animal=frame["animal"].where(frame["animal"] != ""),
            _file=frame["file_id"],
            _roi=frame["roi_id"],
        )

    def _holder(self, value: str, unit: str, analysis: str) -> tuple[str, bool]:
        """The analysis that has a number of this name, and whether it is a column of its table.

        Tables are read for this only when no summary and no known table has the name.
        """
        asked = [one for one in self._members if analysis in ("", one.name)]
        found: set[str] = set()
        if unit != "window":
            found = {one.name for one in asked if value in one.summary()}
        in_table = not found
        found = found or {one.name for one in asked if value in one.declared_columns()}
        found = found or {one.name for one in asked if value in one.table_columns()}
        if len(found) == 1:
            return found.pop(), in_table
        if found:
            listed = " and ".join(sorted(found))
            raise CannotPool(f"{value} is in {listed}: say which with `analysis`.")
        out = f" ({len(self.left_out)} are left out)" if self.left_out else ""
        raise CannotPool(f"No finished record{out} has {value!r} of each {unit}.")


# --- what enters a summary -------------------------------------------------------------


def _without_flagged(frame: pd.DataFrame, analysis_name: str, value: str) -> pd.DataFrame:
    """Leave out the rows of a curve that the analysis itself does not trust."""
    method = analyses().get(analysis_name)
    for curve in method.curves if method else ():
        if curve.flag in frame and value in (curve.y, curve.error):
            marks = frame[curve.flag]
            frame = frame[marks.isna() | (marks == "")]
    return frame


def _finite(values: pd.Series[Any]) -> pd.Series[Any]:
    numbers = values.astype("Float64").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _windows_behind(frame: pd.DataFrame) -> pd.Series[Any] | float:
    """Windows that a record's numbers are from; missing where the record does not count them."""
    if "num_windows" not in frame:
        return np.nan
    windows = frame["num_windows"]
    return windows - frame["num_flagged"].fillna(0) if "num_flagged" in frame else windows


# --- files -----------------------------------------------------------------------------


def _csv(frame: pd.DataFrame, columns: Sequence[Column], units_row: bool) -> bytes:
    stream = io.StringIO(newline="")
    head = csv.writer(stream, lineterminator="\n")
    head.writerow(guarded(column.name) for column in columns)
    if units_row:
        head.writerow(guarded(column.unit) for column in columns)
    texts = frame.select_dtypes("object").columns
    safe = frame.assign(**{name: frame[name].map(guarded, na_action="ignore") for name in texts})
    safe.to_csv(stream, header=False, index=False, lineterminator="\n")
    return stream.getvalue().encode()


def _dictionary(columns: Sequence[Column]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("column", "unit", "title", "meaning"))
    for one in columns:
        writer.writerow(map(guarded, (one.name, one.unit, one.title, one.help)))
    return stream.getvalue().encode()
