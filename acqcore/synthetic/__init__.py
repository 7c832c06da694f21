"""Recordings whose truth is known, seeded: the same seed gives the same pixels."""

from acqcore.synthetic._detector import Counts, Floats
from acqcore.synthetic.calcium import calcium_line
from acqcore.synthetic.heart import heart_beat
from acqcore.synthetic.red_cells import RedCells, red_cells
from acqcore.synthetic.vessel import pulsing_vessel

__all__ = [
    "Counts",
    "Floats",
    "RedCells",
    "calcium_line",
    "heart_beat",
    "pulsing_vessel",
    "red_cells",
]
