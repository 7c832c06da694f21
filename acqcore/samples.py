"""The sample recordings: two animals, two conditions, several vessels, known velocities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from acqcore.synthetic import (
    Counts,
    Floats,
    calcium_line,
    heart_beat,
    line_scan_czi,
    pulsing_vessel,
    red_cells,
    vessel_overview,
)


@dataclass(frozen=True, slots=True)
class DemoRecording:
    """One file of the demonstration folder, and what is true about it.

    Attributes:
        speed_um_per_s: Mean, positive towards higher columns; 0 for a scan across a vessel.
        heart_rate_hz, pulse: Of the speed (or of the diameter), and its relative depth.
        stall_s: Start and end of a stop of the cells, in seconds, or None.
        diameter_um: Of the vessel that is crossed, or 0.
        channel_names: One per channel; the second one shows calcium.
        metadata: Fields of `ExperimentMetadata`.
        rois: (line_start, line_stop, pixel_start, pixel_stop) worth analysing.
    """

    filename: str
    lines: int
    pixels: int
    um_per_pixel: float
    seconds_per_line: float
    speed_um_per_s: float
    heart_rate_hz: float = 8.0
    pulse: float = 0.2
    stall_s: tuple[float, float] | None = None
    diameter_um: float = 0.0
    channel_names: tuple[str, ...] = ("Texas Red",)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    rois: tuple[tuple[int, int, int, int], ...] = ()

    def velocity_um_per_s(self) -> Floats:
        """The true velocity at every line."""
        speed = self._beating(self.speed_um_per_s)
        if self.stall_s is not None:
            start, stop = (round(t / self.seconds_per_line) for t in self.stall_s)
            speed[start:stop] = 0
        return speed

    def planes(self, seed: int) -> list[Counts]:
        """Pixels per channel, (line, pixel)."""
        if self.diameter_um:
            diameter = self._beating(self.diameter_um) / self.um_per_pixel
            return [pulsing_vessel(self.lines, self.pixels, diameter, seed=seed)]
        slope = self.velocity_um_per_s() * self.seconds_per_line / self.um_per_pixel
        cells = red_cells(
            self.lines,
            self.pixels,
            slope,
            seed=seed,
            cell_px=(4.0 / self.um_per_pixel, 9.0 / self.um_per_pixel),
            edge_px=0.45 / self.um_per_pixel,
            plasma=1500,
            contrast=900,
            shot_noise=True,
            stripes=25,
            shading=0.25,
        )
        if len(self.channel_names) == 1:
            return [cells.pixels]
        onsets = np.arange(1.0, self.lines * self.seconds_per_line, 1.7)
        step = self.seconds_per_line
        glow = calcium_line(self.lines, self.pixels, seconds_per_line=step, onsets_s=onsets)
        return [cells.pixels, glow]

    def _beating(self, mean: float) -> Floats:
        step = self.seconds_per_line
        return heart_beat(
            self.lines, mean, seconds_per_line=step, rate_hz=self.heart_rate_hz, depth=self.pulse
        )


def _about(vessel: str, condition: str, *, second: bool = False) -> dict[str, Any]:
    """Metadata as a lab would fill them in."""
    return {
        "species": "Mouse",
        "sex": "Female" if second else "Male",
        "genotype": "WT",
        "age": "16 weeks" if second else "14 weeks",
        "region": "Somatosensory cortex",
        "cell_type": vessel,
        "depth": 120.0 if vessel == "Capillary" else 60.0,
        "branch_order": {"Arteriole": 0, "Capillary": 4}.get(vessel),
        "condition": condition,
        "date": "2024-05-16" if second else "2024-05-14",
    }


DEMO: tuple[DemoRecording, ...] = (
    DemoRecording(
        "2024-05-14_m12_cap01.tif", 3000, 200, 0.3, 0.001, 473.0, 6.1, 0.25,
        metadata=_about("Capillary", "Ctrl"),
        rois=((60, 2940, 24, 184), (1700, 2400, 60, 140)),
    ),
    DemoRecording(
        "2024-05-14_m12_cap02.tif", 3000, 200, 0.3, 0.001, 688.0, 6.8, 0.22,
        metadata=_about("Capillary", "Hyp"), rois=((0, 3000, 20, 180),),
    ),
    DemoRecording(
        "2024-05-14_m12_pen01.tif", 6000, 128, 0.5, 0.0004, 3930.0, 6.1, 0.3,
        metadata=_about("Arteriole", "Ctrl"), rois=((0, 6000, 8, 120),),
    ),
    DemoRecording(
        "2024-05-14_m12_pen02.tif", 6000, 128, 0.5, 0.0004, 5470.0, 6.8, 0.3,
        metadata=_about("Arteriole", "Hyp"), rois=((0, 6000, 8, 120),),
    ),
    DemoRecording(
        "2024-05-16_m15_cap01.tif", 4000, 200, 0.3, 0.001, 391.0, 5.7, 0.2, stall_s=(1.6, 2.2),
        channel_names=("Texas Red", "GCaMP6f"),
        metadata=_about("Capillary", "Ctrl", second=True), rois=((0, 4000, 20, 180),),
    ),
    DemoRecording(
        "2024-05-16_m15_dia01.tif", 4000, 96, 0.4, 0.001, 0.0, 5.7, 0.04, diameter_um=19.3,
        metadata=_about("Arteriole", "Ctrl", second=True), rois=((0, 4000, 0, 96),),
    ),
    DemoRecording(
        "2024-05-16_m15_ven01.tif", 5000, 160, 0.4, 0.0008, -1310.0, 5.7, 0.1,
        metadata=_about("Vein", "Ctrl", second=True), rois=((0, 5000, 10, 150),),
    ),
    DemoRecording(
        "2024-05-16_m15_ven02.czi", 5000, 160, 0.4, 0.0008, -1880.0, 6.4, 0.1,
        metadata=_about("Vein", "Hyp", second=True), rois=((0, 5000, 10, 150),),
    ),
)  # fmt: skip
"""Capillaries, arterioles and veins, and one scan across a vessel; one has two channels, and one,
a CZI, a reference image with the scanned line."""


def write_demo(folder: Path) -> list[Path]:
    """Write `DEMO`: TIFFs with the text file of an Olympus microscope beside them, and a CZI."""
    import tifffile  # heavy: only where files are written

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed, recording in enumerate(DEMO):
        path = folder / recording.filename
        planes = recording.planes(seed)
        paths.append(path)
        if path.suffix == ".czi":
            path.write_bytes(_czi(recording, planes))
            continue
        axes = "YX" if len(planes) == 1 else "CYX"
        pixels = planes[0] if len(planes) == 1 else np.stack(planes)
        tifffile.imwrite(path, pixels, metadata={"axes": axes}, photometric="minisblack")
        path.with_suffix(".txt").write_bytes(_companion(recording).encode())
    return paths


def _czi(recording: DemoRecording, planes: list[Counts]) -> bytes:
    """With the overview that was taken before, in which the line runs along the vessel."""
    return line_scan_czi(
        planes,
        recording.seconds_per_line,
        recording.um_per_pixel,
        recording.channel_names,
        vessel_overview(line_um=recording.pixels * recording.um_per_pixel),
        f"{recording.metadata['date']}T10:30:00",
    )


def _companion(recording: DemoRecording) -> str:
    width_um = recording.pixels * recording.um_per_pixel
    duration_s = recording.lines * recording.seconds_per_line
    year, month, day = str(recording.metadata["date"]).split("-")
    rows = [
        ("[General]", ""),
        ("Name", recording.filename),
        ("Scan Mode", "XT"),
        ("Date", f"{month}/{day}/{year} 10:30:00.000 AM"),
        ("[Dimensions]", ""),
        (
            "X Dimension",
            f"{recording.pixels}, 0.0 - {width_um:.3f} [um], "
            f"{recording.um_per_pixel:.3f} [um/pixel]",
        ),
        ("Channel Dimension", f"{len(recording.channel_names)} [Ch]"),
        ("T Dimension", f"1, 0.000 - {duration_s:.3f} [s], Interval FreeRun"),
        ("[Image]", ""),
        ("Primary Dimensions", "X * T"),
        ("Image Size", f"{recording.pixels} * {recording.lines} [pixel]"),
        ("Image Size(Unit Converted)", f"{width_um:.3f} [um] * {1000 * duration_s:.3f} [ms]"),
    ]
    for number, name in enumerate(recording.channel_names, start=1):
        rows += [(f"[Channel {number}]", ""), ("Channel Name", f"CH{number}"), ("Dye Name", name)]
        rows.append(("Bits/Pixel", "12 [bits]"))
    return "".join(f'"{key}"\t"{value}"\r\n' for key, value in rows)
