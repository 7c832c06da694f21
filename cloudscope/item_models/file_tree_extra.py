"""Columns of the file tree beyond the file list's schema: what a recording is and what is known."""

from __future__ import annotations

from typing import Any

from acqcore.acq_image import AcqImage
from acqcore.model.metadata import experiment_schema
from acqcore.model.schema import FieldSchema, ValueType
from acqcore.model.tree_rows import file_list_schema

_LISTED = frozenset(file_list_schema().field_names())

_OF_FILE = (
    FieldSchema("extra_lines", "Lines", ValueType.INT),
    FieldSchema("extra_pixels", "Pixels", ValueType.INT),
    FieldSchema("extra_seconds", "Duration (s)", ValueType.FLOAT),
    FieldSchema("extra_um", "Scan line (µm)", ValueType.FLOAT),
    FieldSchema("extra_recorded", "Recorded"),
    FieldSchema("extra_reference", "Reference image"),
)
_OF_EXPERIMENT = tuple(one for one in experiment_schema().fields if one.name not in _LISTED)

EXTRA_FIELDS = (*_OF_FILE, *_OF_EXPERIMENT)
"""In the order of the columns; none of them is on screen until the user wants it."""

TELLING_EXTRAS = ("extra_recorded", *(one.name for one in _OF_EXPERIMENT))
"""Those that tell which recording it is, or what was done to it."""


def extra_cells(image: AcqImage) -> dict[str, Any]:
    """Values by name; None where the calibration does not say."""
    header, steps = image.header, image.calibration
    lines, pixels = header.size("Y"), header.size("X")
    known = image.state.experiment.values()
    return {
        "extra_lines": lines,
        "extra_pixels": pixels,
        "extra_seconds": round(lines * steps.step_y, 6) if steps.time_known else None,
        "extra_um": round(pixels * steps.step_x, 6) if steps.distance_known else None,
        "extra_recorded": f"{_day(header.date)} {header.time}".strip(),
        "extra_reference": "Yes" if image.images.has_reference_image else "",
        **{one.name: known[one.name] for one in _OF_EXPERIMENT},
    }


def _day(date: str) -> str:
    """`2024-05-14`, which sorts; anything but eight digits as it is."""
    plain = date.isdigit() and len(date) == 8
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if plain else date
