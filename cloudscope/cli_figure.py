"""`cloudscope figure`: draw a stored recipe again, of its own recording or of others."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from acqcore import AcqImage
from acqcore.errors import AcqError
from acqcore.pyramid import Pyramid, envelope
from cloudscope.figures.caption import caption
from cloudscope.figures.export import write_figure
from cloudscope.figures.recipe import FORMATS, FigureRecipe, read_recipe
from cloudscope.scene import Plane, Selection, compose
from cloudscope.views.figure_content import gather
from cloudscope.views.figure_source import FigureSource


def figure(words: list[str]) -> int:
    """Write one figure; gives the exit code."""
    parser = argparse.ArgumentParser(
        "cloudscope figure", description="Draw a figure again from its recipe."
    )
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="as saved in the composer")
    parser.add_argument(
        "recording", type=Path, nargs="?", metavar="RECORDING",
        help="the file to draw (default: the recipe's own, in the folder of the recipe)",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE",
                        help="ends with .svg, .pdf or .png")  # fmt: skip
    parser.add_argument("--caption", action="store_true", help="print the caption")
    options = parser.parse_args(words)
    wanted = options.output.suffix[1:].upper()
    if wanted not in FORMATS:
        parser.error(f"{options.output.name} ends with none of .svg, .pdf and .png")
    app = _application()
    try:
        recipe = replace(read_recipe(options.recipe), format=wanted)
        recording = options.recording or options.recipe.parent / recipe.recording
        if not recording.is_file() and not recording.is_dir():
            raise AcqError(f"There is no recording {recording}")
        told = draw(recipe, AcqImage(recording), options.output)
    except (AcqError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        del app  # fonts need it until here
    if options.caption:
        print(told)
    return 0


def draw(recipe: FigureRecipe, image: AcqImage, path: Path) -> str:
    """Write the figure and give its caption; AcqError when the recording cannot fill it."""
    recipe = replace(recipe, recording=image.name)
    pixels = image.images.read_plane(0)
    plane = Plane(image.file_id, 0, pixels, Pyramid.build(pixels), envelope(pixels))
    source = FigureSource(
        compose(image, Selection(image.file_id), plane),
        image.name,
        lambda channel: pixels if channel == 0 else image.images.read_plane(channel),
        image.get_image_contrast,
    )
    content = gather(source, recipe, recipe.dpi)
    if content.fault:
        raise AcqError(content.fault)
    write_figure(path, recipe, content)
    return caption(recipe, content)


def _application() -> QGuiApplication:
    """Qt's fonts need one; no window is shown, so no screen is needed."""
    there = QGuiApplication.instance()
    if isinstance(there, QGuiApplication):
        return there
    if sys.platform.startswith("linux"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QGuiApplication(sys.argv[:1])
