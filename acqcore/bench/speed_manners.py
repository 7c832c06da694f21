"""How soon a run stops when asked to, and how much memory it needs beside the recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from acqcore.bench.measuring import Say, is_there
from acqcore.bench.tables import Check, Row, Table, at_most
from acqcore.bench.timing import analysis_work, flashes, longest_deafness, peak_memory
from acqcore.run import warm_up
from acqcore.synthetic import pulsing_vessel, red_cells

_DEAF_MS, _MEMORY_MB = 100.0, 200.0


def manners_tables(quick: bool, say: Say) -> list[Table]:
    """How soon a stop is heard, and what a run needs beside the recording."""
    warm_up()
    rows = []
    for name, pixels, asked in _recordings(quick):
        say(f"manners: {name} of {pixels.shape[0]} x {pixels.shape[1]}")
        work = analysis_work(name, pixels, **asked)
        deaf_ms, memory_mb = 1000 * longest_deafness(work), peak_memory(work) / 1e6
        what = ", ".join(f"{key} {value}" for key, value in asked.items())
        checks: tuple[Check, ...] = (
            at_most("stop heard", deaf_ms, _DEAF_MS, "ms"),
            at_most("memory", memory_mb, _MEMORY_MB, "MB"),
        )
        cells = (name, what, *pixels.shape, pixels.nbytes / 1e6, deaf_ms, memory_mb)
        rows.append(Row(cells, checks))
    columns = (
        "analysis", "parameters", "lines", "px", "recording MB", "stop heard ms", "memory MB",
    )  # fmt: skip
    notes = (
        "Stop heard: the longest processor time between two moments at which the run asks "
        "whether to stop. Memory: what Python and numpy hold at the worst moment, over the "
        "recording.",
    )
    return [Table("speed_manners", "Stops and memory", columns, tuple(rows), notes)]


def _recordings(quick: bool) -> Sequence[tuple[str, NDArray[Any], Mapping[str, Any]]]:
    if quick:
        return [("radon_velocity", red_cells(3_000, 26, 2.3).pixels, {"window_width": 64})]
    long, square = red_cells(120_000, 64, 2.3).pixels, red_cells(12_000, 512, 2.3).pixels
    band = pulsing_vessel(60_000, 128, 40.0)
    listed: list[tuple[str, NDArray[Any], Mapping[str, Any]]] = []
    usual = ((long, 16), (long, 64), (square, 64))
    for estimator, places in (("unbiased", (*usual, (square, 256))), ("classic", usual)):
        for pixels, window in places:
            asked = {"estimator": estimator, "window_width": window}
            listed.append(("radon_velocity", pixels, asked))
    listed += [("lspiv_velocity", pixels, {"window_width": 64}) for pixels in (long, square)]
    for method in ("threshold_width", "gradient_edges", "fwhm"):
        listed.append(("diameter", band, {"diameter_method": method}))
    for method in ("derivative_threshold", "matched_filter"):
        listed.append(("sum_intensity", flashes(60_000), {"detection_method": method}))
    return [one for one in listed if is_there(one[0])]
