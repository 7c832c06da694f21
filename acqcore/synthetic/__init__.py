"""Recordings whose truth is known, seeded: the same seed gives the same pixels."""

from acqcore.synthetic._detector import Counts, Floats
from acqcore.synthetic.calcium import (
    CalciumSparks,
    CalciumTransients,
    Spark,
    Wave,
    calcium_line,
    calcium_sparks,
    calcium_transients,
)
from acqcore.synthetic.czi_file import line_scan_czi
from acqcore.synthetic.flow import FlowTrace, flow_trace
from acqcore.synthetic.heart import PulseTrace, heart_beat, pulse_trace
from acqcore.synthetic.overview import Overview, vessel_overview
from acqcore.synthetic.published import PublishedPicture, drew_picture, kim_ramp
from acqcore.synthetic.red_cells import RedCells, red_cells, speed_course
from acqcore.synthetic.vessel import Vessel, pulsing_vessel, vessel

__all__ = [
    "CalciumSparks",
    "CalciumTransients",
    "Counts",
    "Floats",
    "FlowTrace",
    "Overview",
    "PublishedPicture",
    "PulseTrace",
    "RedCells",
    "Spark",
    "Vessel",
    "Wave",
    "calcium_line",
    "calcium_sparks",
    "calcium_transients",
    "drew_picture",
    "flow_trace",
    "heart_beat",
    "kim_ramp",
    "line_scan_czi",
    "pulse_trace",
    "pulsing_vessel",
    "red_cells",
    "speed_course",
    "vessel",
    "vessel_overview",
]
