"""Recordings whose truth is known: for tests, and for trying the program out.

Cells sit on one line that slides along the scan line; their position is continuous, so
any speed, whole pixels per line or not, is rendered alike. Every generator takes a seed
and gives the same pixels for the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Counts = NDArray[np.uint16]
Floats = NDArray[np.float64]

_FULL_SCALE = 4095  # of a 12-bit detector
_FINE = 8  # samples per pixel of the line of cells


@dataclass(frozen=True, slots=True)
class RedCells:
    """A kymograph and its truth.

    Attributes:
        pixels: (line, pixel), 12 bits in uint16; cells dark on bright plasma.
        velocity: Pixels per line for every line, positive towards higher columns.
        clean: The same picture in counts, without noise.
    """

    pixels: Counts
    velocity: Floats
    clean: NDArray[np.float32]


def red_cells(
    lines: int,
    pixels: int,
    velocity: ArrayLike,
    *,
    seed: int = 0,
    cell_px: tuple[float, float] = (15.0, 35.0),
    density: float = 0.4,
    edge_px: float = 1.5,
    plasma: float = 2000.0,
    contrast: float = 600.0,
    snr: float = 3.0,
    shot_noise: bool = False,
    stripes: float = 0.0,
    shading: float = 0.0,
    scan_px_per_line: float = np.inf,
) -> RedCells:
    """Red cells in single file.

    Args:
        velocity: Pixels per line, one number or one per line; 0 is a stall.
        cell_px: Shortest and longest cell.
        density: Part of the line that is covered by cells.
        edge_px: Standard deviation of the optics' blur.
        plasma, contrast: Brightness between cells, and how much darker the darkest are.
        snr: Contrast over the standard deviation of the noise at plasma brightness; 0
            for no noise.
        shot_noise: Noise that grows with the root of the brightness, else the same everywhere.
        stripes: Standard deviation, in counts, of a constant offset per column.
        shading: Part of the brightness that is missing at both ends of the line.
        scan_px_per_line: Pixels that the beam would cover in one line time; the cells
            move on while it sweeps. Infinite for a line taken at one instant.
    """
    rng = np.random.default_rng(seed)
    speed = np.array(np.broadcast_to(np.asarray(velocity, float), (lines,)))
    travelled = np.concatenate([[0.0], np.cumsum(speed[:-1])])
    column = np.arange(pixels)
    place = column - travelled[:, None] - speed[:, None] * (column / scan_px_per_line)
    first, last = float(place.min()) - 1, float(place.max()) + 2
    covered = _line_of_cells(first, last, cell_px, density, edge_px, rng)
    clean = plasma - contrast * _between_samples(covered, (place - first) * _FINE)
    clean *= 1 - shading * (2 * column / max(pixels - 1, 1) - 1) ** 2
    clean += stripes * rng.standard_normal(pixels)
    clean = clean.astype(np.float32)
    return RedCells(_recorded(clean, contrast, plasma, snr, shot_noise, rng), speed, clean)


def heart_beat(
    lines: int, mean: float, *, seconds_per_line: float, rate_hz: float = 8.0, depth: float = 0.2
) -> Floats:
    """A speed for every line that beats about its mean, faster to rise than to fall."""
    phase = 2 * np.pi * rate_hz * np.arange(lines) * seconds_per_line
    return np.asarray(mean * (1 + depth * (np.sin(phase) + 0.3 * np.sin(2 * phase))))


def pulsing_vessel(
    lines: int,
    pixels: int,
    diameter_px: ArrayLike,
    *,
    seed: int = 0,
    edge_px: float = 1.5,
    lumen: float = 1800.0,
    background: float = 250.0,
    snr: float = 8.0,
) -> Counts:
    """A bright band, a scan across a vessel; `diameter_px` is one number or one per line."""
    rng = np.random.default_rng(seed)
    half = np.broadcast_to(np.asarray(diameter_px, float), (lines,))[:, None] / 2
    distance = np.abs(np.arange(pixels) - (pixels - 1) / 2)
    inside = 1 / (1 + np.exp(np.clip((distance - half) / (0.6 * edge_px), -60, 60)))
    clean = (background + (lumen - background) * inside).astype(np.float32)
    return _recorded(clean, lumen - background, lumen, snr, True, rng)


def calcium_line(
    lines: int, pixels: int, *, seconds_per_line: float, onsets_s: ArrayLike, seed: int = 0
) -> Counts:
    """A dim line of which the middle third lights up at each onset and decays in 0.4 s."""
    rng = np.random.default_rng(seed)
    since = np.arange(lines)[:, None] * seconds_per_line - np.asarray(onsets_s, float)
    pulse = np.where(since > 0, np.exp(-since / 0.4) - np.exp(-since / 0.05), 0).sum(axis=1)
    place = (np.arange(pixels) / (pixels - 1) - 0.5) / 0.17
    profile = 200 + 60 * np.cos(3 * place)
    clean = profile + 700 * pulse[:, None] * np.exp(-0.5 * place**2)
    return _recorded(clean.astype(np.float32), 700.0, 900.0, 5.0, True, rng)


def _line_of_cells(
    first: float,
    last: float,
    cell_px: tuple[float, float],
    density: float,
    edge_px: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """How much of each fine sample from `first` to `last` a cell covers, 0..1."""
    longest, mean = cell_px[1], (cell_px[0] + cell_px[1]) / 2
    gap = mean * (1 - density) / density
    count = int(1.3 * (last - first + 2 * longest) / (mean + gap)) + 20
    lengths, gaps = rng.uniform(*cell_px, count), rng.exponential(gap, count)
    depths = rng.uniform(0.75, 1.0, count)
    starts = first - longest + np.cumsum(lengths + gaps) - lengths - gaps[0]
    samples = int((last - first) * _FINE) + 2
    # The edges as impulses shared by two samples, blurred, then summed to a profile.
    margin = int(np.ceil(longest + 6 * edge_px + 2)) * _FINE
    slope = np.zeros(samples + 2 * margin)
    for edge, step in ((starts, depths), (starts + lengths, -depths)):
        at = (edge - first) * _FINE + margin
        used = (at >= 0) & (at < len(slope) - 1)
        low = np.floor(at[used]).astype(np.intp)
        part = at[used] - low
        np.add.at(slope, low, step[used] * (1 - part))
        np.add.at(slope, low + 1, step[used] * part)
    reach = int(np.ceil(5 * edge_px * _FINE))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (edge_px * _FINE)) ** 2)
    covered = np.cumsum(np.convolve(slope, bell / bell.sum(), mode="same"))
    return covered[margin : margin + samples].astype(np.float32)


def _between_samples(values: NDArray[np.float32], at: Floats) -> NDArray[np.float32]:
    low = at.astype(np.intp)
    part = (at - low).astype(np.float32)
    between: NDArray[np.float32] = values[low] * (1 - part) + values[low + 1] * part
    return between


def _recorded(
    clean: NDArray[np.float32],
    contrast: float,
    plasma: float,
    snr: float,
    shot_noise: bool,
    rng: np.random.Generator,
) -> Counts:
    """What a 12-bit detector makes of the counts."""
    seen = clean
    if snr:
        noise = rng.standard_normal(clean.shape, np.float32) * np.float32(contrast / snr)
        if shot_noise:
            noise *= np.sqrt(np.maximum(clean, 0) / np.float32(plasma))
        seen = clean + noise
    return np.clip(np.rint(seen), 0, _FULL_SCALE).astype(np.uint16)


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


def _animal(vessel: str, condition: str, second: bool = False) -> dict[str, Any]:
    return {
        "species": "Mouse",
        "sex": "Female" if second else "Male",
        "genotype": "C57BL/6",
        "age": "16 weeks" if second else "14 weeks",
        "region": "Somatosensory cortex",
        "cell_type": vessel,
        "depth": 120.0 if vessel == "Capillary" else 60.0,
        "branch_order": {"Artery": 0, "Capillary": 4}.get(vessel),
        "condition": condition,
        "date": "2024-05-16" if second else "2024-05-14",
    }


DEMO: tuple[DemoRecording, ...] = (
    DemoRecording(
        "2024-05-14_m12_cap01.tif", 8000, 64, 0.25, 0.001, 590.0, 8.1, 0.18,
        metadata=_animal("Capillary", "Control"), rois=((0, 8000, 4, 60),),
    ),
    DemoRecording(
        "2024-05-14_m12_cap02.tif", 8000, 64, 0.25, 0.001, 835.0, 8.6, 0.18,
        metadata=_animal("Capillary", "Hypercapnia"), rois=((0, 8000, 4, 60),),
    ),
    DemoRecording(
        "2024-05-14_m12_art01.tif", 12000, 96, 0.5, 0.0005, 4350.0, 8.1, 0.3,
        metadata=_animal("Artery", "Control"), rois=((0, 12000, 0, 96),),
    ),
    DemoRecording(
        "2024-05-14_m12_art02.tif", 12000, 96, 0.5, 0.0005, 6120.0, 8.6, 0.3,
        metadata=_animal("Artery", "Hypercapnia"), rois=((0, 12000, 0, 96),),
    ),
    DemoRecording(
        "2024-05-16_m15_ven01.tif", 10000, 80, 0.4, 0.001, -1310.0, 7.4, 0.1,
        metadata=_animal("Vein", "Control", second=True), rois=((0, 10000, 0, 80),),
    ),
    DemoRecording(
        "2024-05-16_m15_ven02.tif", 10000, 80, 0.4, 0.001, -1880.0, 7.9, 0.1,
        metadata=_animal("Vein", "Hypercapnia", second=True), rois=((0, 10000, 0, 80),),
    ),
    DemoRecording(
        "2024-05-16_m15_cap01.tif", 8000, 72, 0.25, 0.001, 430.0, 7.4, 0.15, stall_s=(3.1, 4.3),
        channel_names=("Texas Red", "GCaMP6f"),
        metadata=_animal("Capillary", "Control", second=True), rois=((0, 8000, 4, 68),),
    ),
    DemoRecording(
        "2024-05-16_m15_dia01.tif", 6000, 96, 0.4, 0.002, 0.0, 7.4, 0.04, diameter_um=19.3,
        metadata=_animal("Artery", "Control", second=True), rois=((0, 6000, 0, 96),),
    ),
)  # fmt: skip
"""Two animals, two conditions, capillaries, arteries and veins, one scan across a vessel."""


def write_demo(folder: Path) -> list[Path]:
    """Write `DEMO` as TIFFs, each with the text file of an Olympus microscope beside it."""
    import tifffile  # heavy: only where files are written

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for seed, recording in enumerate(DEMO):
        path = folder / recording.filename
        planes = recording.planes(seed)
        axes = "YX" if len(planes) == 1 else "CYX"
        pixels = planes[0] if len(planes) == 1 else np.stack(planes)
        tifffile.imwrite(path, pixels, metadata={"axes": axes}, photometric="minisblack")
        path.with_suffix(".txt").write_bytes(_companion(recording).encode())
        paths.append(path)
    return paths


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
