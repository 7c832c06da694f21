"""Transients as a list for tables and files: onset, peak, kinetics and quality of each."""

from __future__ import annotations

import numpy as np

from acqcore.analysis._intensity_access import FEATURES, event_table
from acqcore.analysis.base import Column
from acqcore.model.record import AnalysisRecord, Columns

_UNITS = {"source": "", "s": "s", "source/s": "1/s", "source*s": "s"}

FOUND_COLUMNS: tuple[Column, ...] = (
    Column("peak_id", "", "Event", "From 1, in order of time."),
    Column("onset_time_sec", "s", "Onset", "From the first line of the ROI."),
    Column("peak_time_sec", "s", "Peak", "From the first line of the ROI."),
    Column("amplitude", "", "Height", "Peak over baseline, of the trace that was searched."),
    *(Column(one.name, _UNITS[one.unit], one.title, f"{one.category}.") for one in FEATURES),
    Column("snr", "", "SNR", "Height over the noise."),
    Column("amplitude_se", "", "SE of the height", "One standard error."),
    Column("onset_refined_sec", "s", "Refined onset", "Between the lines."),
    Column("onset_se_sec", "s", "SE of the onset", "One standard error."),
    Column("fit_amplitude", "", "Fitted height", "Of the fitted course."),
    Column("fit_rise_sec", "s", "Fitted rise", "Time constant."),
    Column("fit_decay_sec", "s", "Fitted decay", "Time constant."),
    Column("flag", "", "Flag", "Why an event is not to be trusted; empty if it is."),
)


def found_peaks(record: AnalysisRecord) -> Columns:
    """`FOUND_COLUMNS` in order of time."""
    table = event_table(record)
    order = np.argsort(table["onset_time_sec"], kind="stable")
    return {column.name: table[column.name][order] for column in FOUND_COLUMNS}
