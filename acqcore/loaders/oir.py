"""OIR of Olympus' FluoView: frames, stacks, time series and line scans."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders._oir_blocks import MAGIC, OirBlocks, Piece, Place, read_blocks, read_run
from acqcore.loaders.base import Loader, Refusal, reading
from acqcore.model.header import Calibration, ImageHeader, calibration
from acqcore.model.reference import ReferenceImage

if TYPE_CHECKING:
    from oirfile import OirFile

_OLDEST = (2026, 7, 28)  # older ones divide the pixel size by the number of pixels
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})")
_INTERVAL = re.compile(r"seriesInterval>\s*([0-9.eE+-]+)\s*<")
_SLOWEST_LINE_MS = 30.0  # longer intervals in the description are those of frames
_HARMLESS, _MOST_GROWTH = 1 << 26, 8

# Without a handler the warnings of oirfile would be printed on the user's terminal.
logging.getLogger("oirfile").addHandler(logging.NullHandler())


class OirLoader(Loader):
    """Read an OIR; what it holds is understood by oirfile, which needs Python 3.12.

    In a line scan rows are time. Several wavelengths (lambda scans) and the colours of RGB
    pictures are channels, the channel being the slower index.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".oir",)
    magic: ClassVar[tuple[bytes, ...]] = (MAGIC,)
    reads_streams: ClassVar[bool] = True

    @property
    def files(self) -> tuple[Path, ...]:
        """The file and those that continue it."""
        return tuple(self._blocks.files)

    def _read_header(self) -> ImageHeader:
        self._blocks = read_blocks(self._source)
        with _open_oir(self._source) as oir:
            sizes, self._dtype = dict(oir.sizes), np.dtype(oir.dtype)
            rows = "T" if oir.is_linescan else "Y"
            self._overview = _overview(oir, self._source, self._blocks)
            steps = _calibration(oir, rows)
            names = {channel.id: channel.name for channel in oir.channels}
            date = _DATE.search(oir.datetime or "")
        self._lines, self._pixels = sizes[rows], sizes["X"]
        self._channels = _channels(self._blocks, tuple(names))
        lengths = {
            "T": 1 if rows == "T" else sizes.get("T", 1),
            "C": len(self._channels),
            "Z": sizes.get("Z", 1),
        }
        shape = {axis: n for axis, n in lengths.items() if n > 1}
        shape |= {"Y": self._lines, "X": self._pixels}
        notes = self._check(math.prod(lengths.values()))
        return ImageHeader(
            path=str(self.path),
            shape=tuple(shape.values()),
            dims=tuple(shape),
            dtype=self._dtype.name,
            calibration=steps,
            date="".join(date.group(1, 2, 3)) if date else "",
            time=date[4] if date else "",
            channel_names=_channel_names(self._channels, names),
            notes=notes,
        )

    def _check(self, planes: int) -> tuple[str, ...]:
        """Refuse sizes that the bytes cannot fill; say what is missing."""
        wanted = self._lines * self._pixels * self._dtype.itemsize
        held = [sum(piece.length for piece in pieces) for pieces in self._blocks.planes.values()]
        if not wanted:
            raise Refusal("its image has no pixels")
        if wanted > _HARMLESS and wanted > _MOST_GROWTH * max(held):
            raise Refusal("it is damaged: its images are far larger than their pixels")
        if planes > 1000 * len(held):
            raise Refusal(f"it is damaged: it speaks of {planes:,} planes and holds {len(held):,}")
        if min(held) < wanted or len(held) < planes:
            return ("The end of the recording is missing and is shown as zero.",)
        return ()

    @property
    def has_reference_image(self) -> bool:
        """Whether an overview is in the file, known without decoding it."""
        return self._overview is not None

    def _read_reference_image(self) -> ReferenceImage | None:
        return self._overview

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        return self._read_window(channel, slice(0, self._lines), slice(0, self._pixels), z, t)

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        name, wavelength = self._channels[channel]
        pieces = self._blocks.planes.get(Place(t, wavelength, z, name), [])
        line_bytes = self._pixels * self._dtype.itemsize
        raw = read_run(pieces, lines.start * line_bytes, (lines.stop - lines.start) * line_bytes)
        return np.frombuffer(raw, self._dtype).reshape(-1, self._pixels)[:, pixels].copy()


@contextmanager
def _open_oir(source: ByteSource) -> Iterator[OirFile]:
    if find_spec("oirfile") is None:
        raise Refusal("OIR files need the package oirfile and Python 3.12 or newer")
    from oirfile import OirFile, __version__  # heavy: only when an OIR is read

    if tuple(int(part) for part in re.findall(r"\d+", __version__)[:3]) < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise Refusal(f"OIR files need the package oirfile {oldest} or newer, not {__version__}")
    if source.in_memory:
        with source.open() as file, OirFile(file) as oir:
            yield oir
    else:
        with OirFile(source.path) as oir:  # by name, so that it finds the files that continue it
            yield oir


def _calibration(oir: OirFile, rows: str) -> Calibration:
    step_x = oir.coord_scales.get("X")
    if rows == "Y":
        return calibration(oir.coord_scales.get("Y"), "um", step_x, "um", "OIR description")
    period = oir.coord_scales.get("T") or _shortest_interval(oir)
    return calibration(period, "seconds", step_x, "um", "OIR description")


def _shortest_interval(oir: OirFile) -> float | None:
    """Seconds per line from the settings of any scanner, where the library finds none."""
    from oirfile import METADATA  # heavy: only when an OIR is read

    documents = oir.xml_metadata.get(METADATA.LSMIMAGE, [])
    found = [float(text) for document in documents for text in _INTERVAL.findall(document)]
    lines = [ms for ms in found if 0 < ms < _SLOWEST_LINE_MS]
    return min(lines) / 1000 if lines else None


def _channels(blocks: OirBlocks, known: tuple[str, ...]) -> list[tuple[str, int]]:
    """Identity and wavelength number of each of our channels."""
    held = {place.channel for place in blocks.planes}
    ordered = [name for name in known if name in held]
    ordered += sorted(held - set(ordered))
    wavelengths = max(place.wavelength for place in blocks.planes) + 1
    return [(name, wavelength) for name in ordered for wavelength in range(wavelengths)]


def _channel_names(channels: list[tuple[str, int]], names: dict[str, str]) -> tuple[str, ...]:
    several = any(wavelength for _, wavelength in channels)
    texts = [
        f"{names.get(name, '')} λ {wavelength + 1}".strip() if several else names.get(name, "")
        for name, wavelength in channels
    ]
    return tuple(texts) if any(texts) else ()


def _overview(oir: OirFile, source: ByteSource, blocks: OirBlocks) -> ReferenceImage | None:
    overview = oir.reference
    if overview is None or not blocks.reference:
        return None
    known = [channel.id for channel in oir.channels if channel.id in blocks.reference]
    order = known + sorted(blocks.reference.keys() - set(known))
    names = {channel.id: channel.name for channel in oir.channels}
    size, dtype = (overview.sizes["Y"], overview.sizes["X"]), np.dtype(overview.dtype)
    line = overview.line_roi
    ends = None if line is None else np.array([line[0::2], line[1::2]], np.float64)
    if ends is not None:
        ends.flags.writeable = False
    return ReferenceImage(
        size=size,
        num_channels=len(order),
        read=_reader(source.path, [blocks.reference[name] for name in order], size, dtype),
        step_y=_positive(overview.coord_scales.get("Y")),
        step_x=_positive(overview.coord_scales.get("X")),
        scan_path=ends,
        line_roi=line,
        channel_names=tuple(names.get(name, "") for name in order),
    )


def _positive(step: float | None) -> float | None:
    return step if step is not None and math.isfinite(step) and step > 0 else None


def _reader(
    path: Path, channels: list[list[Piece]], size: tuple[int, int], dtype: np.dtype[Any]
) -> Callable[[int], NDArray[Any]]:
    def read(channel: int) -> NDArray[Any]:
        with reading(path):
            raw = read_run(channels[channel], 0, math.prod(size) * dtype.itemsize)
            return np.frombuffer(raw, dtype).reshape(size)

    return read
