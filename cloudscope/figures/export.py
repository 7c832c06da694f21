"""Figures as files: SVG and PDF with real text and lines, PNG with its size in millimetres."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from acqcore import __version__
from acqcore.storage.atomic import write_files
from cloudscope.figures.caption import caption
from cloudscope.figures.content import FigureContent
from cloudscope.figures.painting import paint_figure
from cloudscope.figures.paper import MM, PER_INCH
from cloudscope.figures.recipe import FigureRecipe

_MM_PER_INCH = 25.4
_HUNDREDTHS = 100
CREATOR = f"CloudScope {__version__}"


def write_figure(path: Path, recipe: FigureRecipe, content: FigureContent) -> None:
    """Write a file in the recipe's format, whole or not at all: `SaveFailed`."""
    write_files([(path, figure_bytes(recipe, content))])


def figure_bytes(recipe: FigureRecipe, content: FigureContent) -> bytes:
    """The file; in any thread."""
    return _WRITERS[recipe.format](recipe, content)


def as_svg(recipe: FigureRecipe, content: FigureContent) -> bytes:
    """Text stays text; one unit is a tenth of a point, the page says its millimetres."""
    stored = QByteArray()
    buffer = QBuffer(stored)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    svg = QSvgGenerator()
    svg.setOutputDevice(buffer)
    # Size and resolution are whole numbers to Qt: so a unit is a hundredth of a millimetre
    # here, and the view box brings in ours.
    svg.setResolution(round(_MM_PER_INCH * _HUNDREDTHS))
    width, height = recipe.width_mm, recipe.height_mm
    svg.setSize(QSize(round(width * _HUNDREDTHS), round(height * _HUNDREDTHS)))
    svg.setViewBox(QRectF(0, 0, width * MM, height * MM))
    svg.setTitle(content.name)
    if recipe.embed:
        svg.setDescription(f"{caption(recipe, content)}\n\n{recipe.to_json()}")
    painter = QPainter(svg)
    paint_figure(painter, recipe, content)
    painter.end()
    buffer.close()
    return bytes(stored.data())


def as_pdf(recipe: FigureRecipe, content: FigureContent) -> bytes:
    """One page of exactly the figure's size, with the recipe attached."""
    stored = QByteArray()
    buffer = QBuffer(stored)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pdf = QPdfWriter(buffer)
    pdf.setResolution(round(PER_INCH))
    size = QSizeF(recipe.width_mm, recipe.height_mm)
    exact = QPageSize.SizeMatchPolicy.ExactMatch
    pdf.setPageSize(QPageSize(size, QPageSize.Unit.Millimeter, "", exact))
    pdf.setPageMargins(QMarginsF(0, 0, 0, 0))
    pdf.setTitle(content.name)
    pdf.setCreator(CREATOR)
    if recipe.embed:
        pdf.addFileAttachment("figure.json", recipe.to_json().encode(), "application/json")
        pdf.addFileAttachment("caption.txt", caption(recipe, content).encode(), "text/plain")
    painter = QPainter(pdf)
    paint_figure(painter, recipe, content)
    painter.end()
    buffer.close()
    return _exact_page(bytes(stored.data()), recipe)


def _exact_page(pdf: bytes, recipe: FigureRecipe) -> bytes:
    """Qt rounds a page to whole points; what was painted from its top left corner is exact.

    The box keeps its length in bytes, because the file lists where everything is.
    """
    found = re.search(rb"/MediaBox \[([^]]*)\]", pdf)
    if found is None:
        return pdf
    height = float(found.group(1).split()[3])
    wide, high = (mm / _MM_PER_INCH * 72 for mm in (recipe.width_mm, recipe.height_mm))
    below = height - high
    box = f"0 {below:{'.4f' if below >= 0 else '.3f'}} {wide:.3f} {height:.4f}".encode()
    start, stop = found.span(1)
    room = stop - start
    return pdf[:start] + box.ljust(room) + pdf[stop:] if len(box) <= room else pdf


def as_png(recipe: FigureRecipe, content: FigureContent) -> bytes:
    """Pixels, with the resolution that makes them the figure's size."""
    stored = QByteArray()
    buffer = QBuffer(stored)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image = as_image(recipe, content)
    image.setText("Title", content.name)
    image.setText("Software", CREATOR)
    if recipe.embed:
        image.setText("Description", caption(recipe, content))
        image.setText("Figure", recipe.to_json())
    QImageWriter(buffer, b"PNG").write(image)
    buffer.close()
    return bytes(stored.data())


def as_image(recipe: FigureRecipe, content: FigureContent) -> QImage:
    """The page at the recipe's resolution."""
    per_mm = recipe.dpi / _MM_PER_INCH
    size = QSize(round(recipe.width_mm * per_mm), round(recipe.height_mm * per_mm))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(per_mm * 1000))
    image.setDotsPerMeterY(round(per_mm * 1000))
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    painter.scale(recipe.dpi / PER_INCH, recipe.dpi / PER_INCH)
    paint_figure(painter, recipe, content, smooth=True)
    painter.end()
    return image


_WRITERS: Mapping[str, Callable[[FigureRecipe, FigureContent], bytes]] = {
    "SVG": as_svg,
    "PDF": as_pdf,
    "PNG": as_png,
}
