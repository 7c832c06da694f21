"""Summary of a table of diameters, and columns that another program's tables lack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from acqcore.model.record import Columns

WHOLE_PIXELS = (
    "The program that wrote these diameters took them between whole pixels, so they are about "
    "one pixel short and have no error bar."
)


def diameter_summary(table: Columns, with_flagged: bool) -> dict[str, Any]:
    """Numbers of the filtered diameter of unflagged (or of all) rows, and counts of faults.

    None where there is no number; the standard deviation is the population's.
    """
    trusted = table["flag"] == ""
    counted = trusted | with_flagged
    used = table["diameter_um_filt"][counted & np.isfinite(table["diameter_um_filt"])]
    error = table["diameter_se_um"][counted & np.isfinite(table["diameter_se_um"])]
    mean = float(used.mean()) if len(used) else None
    rows = len(table["flag"])
    return {
        "num_rows": rows,
        "diameter_um_mean": mean,
        "diameter_um_median": float(np.median(used)) if len(used) else None,
        "diameter_um_cv": float(used.std()) / mean if mean else None,
        "qc_score_mean": float(table["qc_score"].mean()) if rows else None,
        "num_qc_edge_violations": int(np.count_nonzero(table["qc_edge_violation"])),
        "num_qc_diameter_violations": int(np.count_nonzero(table["qc_diameter_violation"])),
        "num_qc_center_violations": int(np.count_nonzero(table["qc_center_violation"])),
        "diameter_se_um_median": float(np.median(error)) if len(error) else None,
        "num_flagged": int(np.count_nonzero(~trusted)),
    }


def mended_diameters(
    table: Columns, summary: Mapping[str, Any]
) -> tuple[Columns, Mapping[str, Any], str]:
    """The table with the columns that all our tables have; no number changes."""
    if "flag" in table or "diameter_um" not in table:
        return table, summary, ""
    missing = ~np.isfinite(np.asarray(table["diameter_um"], np.float64))
    added = {
        "diameter_se_um": np.full(len(missing), np.nan),
        "flag": np.where(missing, "missing_edge", ""),
    }
    return dict(table) | added, summary, WHOLE_PIXELS
