"""What leaves the pool window: tables as CSV, Parquet and TSV, plots as SVG, PDF and PNG."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from acqcore.errors import SaveFailed
from acqcore.export import guarded
from acqcore.storage.atomic import write_files
from cloudscope.item_models.data_frame import FrameColumn
from cloudscope.theme import Theme
from cloudscope.views.pool_inks import Inks
from cloudscope.views.pool_numbers import PlotNumbers
from cloudscope.views.pool_plot import PoolPlot
from cloudscope.views.pool_rows import PoolTable

if TYPE_CHECKING:
    import pandas as pd

SCREEN_DPI, POINTS_PER_INCH = 96, 72
PICTURES = ("SVG", "PDF", "PNG")
DPI = (300, 600)

Codes = NDArray[np.intp]


# --- tables ----------------------------------------------------------------------------


def write_rows(path: Path, table: PoolTable, rows: Codes) -> None:
    """CSV or, by the suffix, Parquet of some rows with all columns, in stored units.

    In a CSV the second row holds the units; in a Parquet file they are
    `frame.attrs["columns"]`. For a worker; `SaveFailed`.
    """
    frame = table.frame.take(rows)
    if path.suffix.lower() == ".parquet":
        content = _parquet(path, table, frame)
    else:
        texts = frame.select_dtypes("object").columns
        safe = {one: frame[one].map(guarded, na_action="ignore") for one in texts}
        stream = _begun([one.name for one in table.columns], [one.unit for one in table.columns])
        frame.assign(**safe).to_csv(stream, header=False, index=False, lineterminator="\n")
        content = stream.getvalue().encode()
    write_files([(path, content)])


def _parquet(path: Path, table: PoolTable, frame: pd.DataFrame) -> bytes:
    about = {one.name: {"unit": one.unit, "meaning": one.help} for one in table.columns}
    frame.attrs["columns"] = about
    stream = io.BytesIO()
    try:
        frame.to_parquet(stream, engine="pyarrow", index=False)
    except ImportError as error:
        why = "Parquet files need the package pyarrow, which is not installed"
        raise SaveFailed(path, why) from error
    return stream.getvalue()


def write_points(path: Path, numbers: PlotNumbers, names: Sequence[str]) -> None:
    """The numbers behind a plot: one row per point, units as on its axes; `SaveFailed`.

    `names` are the recordings of each row of the table.
    """
    choice = numbers.choice
    heads = [numbers.group_title or "group", numbers.color_title or "color"]
    heads += [numbers.x_title] if numbers.x.size else []
    stream = _begun([*heads, numbers.y_title, "rows", "recordings"])
    writer = csv.writer(stream, lineterminator="\n")
    order = np.argsort(numbers.point_of_row, kind="stable")
    order = order[numbers.point_of_row[order] >= 0]
    starts = np.flatnonzero(np.diff(numbers.point_of_row[order], prepend=-1))
    for point, rows in enumerate(np.split(order, starts[1:])):
        cells: list[Any] = [numbers.groups[numbers.group[point]] if choice.group else ""]
        cells.append(numbers.colors[numbers.color[point]] if choice.color else "")
        cells += [repr(float(numbers.x[point]))] if numbers.x.size else []
        who = "; ".join(dict.fromkeys(names[row] for row in rows))
        cells += [repr(float(numbers.y[point])), len(rows), who]
        writer.writerow(guarded(one) if isinstance(one, str) and at != len(cells) else one
                        for at, one in enumerate(cells))  # fmt: skip
    write_files([(path, stream.getvalue().encode())])


def write_summary(path: Path, summary: pd.DataFrame) -> None:
    """The statistics beside a plot, in stored units; `SaveFailed`."""
    stream = _begun([str(one) for one in summary])
    summary.to_csv(stream, header=False, index=False, lineterminator="\n")
    write_files([(path, stream.getvalue().encode())])


def _begun(*heads: Iterable[str]) -> io.StringIO:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    for head in heads:
        writer.writerow(guarded(one) for one in head)
    return stream


def tsv(columns: Sequence[FrameColumn], rows: Codes) -> str:
    """A table as it is on screen, for a spreadsheet: all digits, units in the first line."""
    heads = [f"{one.title} ({one.unit})" if one.unit else one.title for one in columns]
    lines = ["\t".join(heads)]
    lines += ["\t".join(one.plain(int(row)) for one in columns) for row in rows]
    return "\n".join(lines)


# --- pictures --------------------------------------------------------------------------


def on_paper(theme: Theme, numbers: PlotNumbers, size: QSize) -> PoolPlot:
    """The plot in light colours on white, never shown; on the GUI thread."""
    plot = PoolPlot(Inks.paper(theme), for_paper=True)
    plot.resize(size)
    plot.show_numbers(numbers)
    plot.grab()  # gives it its size without showing it
    plot.settle()
    plot.full_view()
    return plot


def picture(plot: PoolPlot, kind: str, dpi: int = DPI[0]) -> bytes:
    """SVG, PDF or PNG as large as the plot on a screen of 96 dpi; `dpi` of a PNG."""
    kinds = {"SVG": _svg, "PDF": _pdf}
    return kinds[kind](plot) if kind in kinds else _png(plot, dpi)


def _svg(plot: PoolPlot) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QSvgGenerator()
    device.setOutputDevice(buffer)
    device.setSize(plot.size())
    device.setViewBox(QRectF(0, 0, plot.width(), plot.height()))
    device.setResolution(SCREEN_DPI)
    device.setTitle(plot.accessibleName())
    _paint(plot, device)
    return bytes(buffer.data().data())


def _pdf(plot: PoolPlot) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    size = QSizeF(plot.size()) * (POINTS_PER_INCH / SCREEN_DPI)
    page = QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    device.setResolution(SCREEN_DPI)
    device.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    device.setTitle(plot.accessibleName())
    _paint(plot, device)
    return bytes(buffer.data().data())


def _png(plot: PoolPlot, dpi: int) -> bytes:
    scale = dpi / SCREEN_DPI
    image = QImage(plot.size() * scale, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)  # the last row of pixels may be covered in part
    image.setDevicePixelRatio(scale)
    _paint(plot, image)
    image.setDevicePixelRatio(1.0)
    image.setDotsPerMeterX(round(dpi / 0.0254))
    image.setDotsPerMeterY(round(dpi / 0.0254))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(content.data())


def _paint(plot: PoolPlot, device: QPaintDevice) -> None:
    shape = QRectF(0, 0, plot.width(), plot.height())
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(shape, Qt.GlobalColor.white)
    plot.scene().render(painter, shape, plot.mapToScene(plot.rect()).boundingRect())
    painter.end()
