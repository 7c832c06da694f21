"""Nikon ND2, through the package `nd2`; position 0 of several."""

from __future__ import annotations

import itertools
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders._tiff_axes import AxisPlan, Region, plan_axes
from acqcore.loaders.base import Loader, Refusal
from acqcore.model.header import Calibration, ImageHeader, calibration

if TYPE_CHECKING:
    from nd2 import ND2File
    from nd2.structures import Attributes, ExpLoop, Volume

_LOOPS = {"TimeLoop": "T", "NETimeLoop": "T", "ZStackLoop": "Z", "XYPosLoop": "P"}
_MOST_FRAMES = 10_000_000
_MOST_GROWTH = 200  # a compressed recording shrinks 2 to 20 times
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}:\d{2}:\d{2})\s*([AaPp][Mm])?")


class Nd2Loader(Loader):
    """Read an ND2 frame by frame: a frame holds all channels of one plane."""

    suffixes: ClassVar[tuple[str, ...]] = (".nd2",)
    reads_streams: ClassVar[bool] = True
    magic: ClassVar[tuple[bytes, ...]] = (b"\xda\xce\xbe\n",)

    def _read_header(self) -> ImageHeader:
        with _open_nd2(self._source) as file:
            self._frames = _frames(file, _size(self._source))
            plan, scenes = self._frames.plan, self._frames.positions
            date, time = acquisition_date(file.text_info.get("date", ""))
            return ImageHeader(
                path=str(self.path),
                shape=plan.sizes,
                dims=plan.dims,
                dtype=np.dtype(file.dtype).name,
                calibration=_calibration(file, plan),
                num_scenes=scenes,
                date=date,
                time=time,
                channel_names=_channel_names(file, plan),
                notes=_position_notes(scenes),
            )

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        height, width = self._plane_size()
        return self._read_window(channel, slice(0, height), slice(0, width), z, t)

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        plan = self._frames.plan
        region = plan.region(lines, pixels, channel, z, t)
        with _open_nd2(self._source) as file:
            parts = [
                file.read_frame(number).reshape(plan.shape[-3:])[region[-3:]]
                for number in self._frames.numbers(region[:-3])
            ]
        along = [len(range(part.stop)[part]) for part in region[:-3] if isinstance(part, slice)]
        return np.stack(parts).reshape(*along, *parts[0].shape)


@dataclass(frozen=True, slots=True)
class _Frames:
    """Which frame holds what.

    Attributes:
        loops: Letter and length of each loop around the frames, outermost first.
        plan: Of the loops without the positions, then channel, row and column of a frame.
    """

    loops: tuple[tuple[str, int], ...]
    plan: AxisPlan

    @property
    def positions(self) -> int:
        """Places on the stage that were visited."""
        return math.prod(count for letter, count in self.loops if letter == "P")

    def numbers(self, region: Region) -> Iterator[int]:
        """Frames inside a region of the loops, at position 0."""
        wanted = iter(region)
        bounds = [(0,) if letter == "P" else _indices(next(wanted)) for letter, _ in self.loops]
        for place in itertools.product(*bounds):
            number = 0
            for index, (_, count) in zip(place, self.loops, strict=True):
                number = number * count + index
            yield number


def _indices(part: int | slice) -> range:
    return range(part.start, part.stop) if isinstance(part, slice) else range(part, part + 1)


class _PlainReads:
    """A file that the library cannot map into memory, and that says when it ends too early.

    A mapped file that another program cuts short would end the process, and the library
    gives zeros for pixels that are not there.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, os.SEEK_END)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self._stream.read()
        # Asked first: a damaged length must not reserve memory for bytes that are not there.
        content = self._stream.read(size) if size <= self.size - self._stream.tell() else b""
        if len(content) < size:
            raise EOFError
        return content

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def close(self) -> None:
        self._stream.close()

    @property
    def closed(self) -> bool:
        return self._stream.closed


@contextmanager
def _open_nd2(source: ByteSource) -> Iterator[ND2File]:
    from nd2 import ND2File  # heavy: only when an ND2 is read

    try:
        with source.open() as stream, ND2File(_PlainReads(stream)) as file:
            yield file
    except ValueError as error:  # its text speaks of chunks and positions
        raise Refusal("it is damaged or cut short") from error


def _size(source: ByteSource) -> int:
    with source.open() as stream:
        return stream.seek(0, os.SEEK_END)


def _frames(file: ND2File, file_size: int) -> _Frames:
    attributes, loops = file.attributes, _loops(file.experiment)
    _check_size(attributes, math.prod(count for _, count in loops), file_size)
    outer = [(letter, count) for letter, count in loops if letter != "P"]
    frame = [
        ("C", attributes.componentCount), ("Y", attributes.heightPx), ("X", attributes.widthPx or 0)
    ]  # fmt: skip
    letters = "".join(letter for letter, _ in (*outer, *frame))
    return _Frames(loops, plan_axes(letters, tuple(count for _, count in (*outer, *frame))))


def _loops(experiment: Sequence[ExpLoop]) -> tuple[tuple[str, int], ...]:
    return tuple((_LOOPS.get(loop.type, "U"), int(loop.count)) for loop in experiment)


def _check_size(attributes: Attributes, frames: int, file_size: int) -> None:
    """Refuse colours, empty images and sizes that the file cannot hold."""
    if attributes.componentCount // (attributes.channelCount or 1) in (3, 4):
        raise Refusal("it is an RGB picture, not a recording")
    samples = attributes.heightPx * (attributes.widthPx or 0) * attributes.componentCount
    if samples <= 0 or frames <= 0:
        raise Refusal("its image has no pixels")
    held = file_size * (_MOST_GROWTH if attributes.compressionType else 1)
    if samples * attributes.bitsPerComponentInMemory // 8 > held or frames > _MOST_FRAMES:
        raise Refusal("it is damaged: its frames cannot be as large or as many as it says")


def _calibration(file: ND2File, plan: AxisPlan) -> Calibration:
    channels = file.metadata.channels or []
    volume = channels[0].volume if channels else None
    step_x = _voxel_um(volume, 0)
    if plan.row_axis == "T":
        return calibration(_line_time_s(file), "seconds", step_x, "um", "ND2 metadata")
    return calibration(_voxel_um(volume, 1), "um", step_x, "um", "ND2 metadata")


def _voxel_um(volume: Volume | None, axis: int) -> float | None:
    if volume is None or not volume.axesCalibrated[axis]:
        return None
    is_distance = volume.axesInterpretation[axis] == "distance"
    return float(volume.axesCalibration[axis]) if is_distance else None


def _line_time_s(file: ND2File) -> float | None:
    """Seconds from one frame of the time loop to the next."""
    for loop in file.experiment:
        if loop.type == "TimeLoop" and loop.parameters.periodMs > 0:
            return float(loop.parameters.periodMs) / 1000
    return None if file.is_legacy else frame_interval_s(file.events())


def frame_interval_s(events: Sequence[Mapping[str, Any]]) -> float | None:
    """Mean seconds between time points, by the first event of each; None when not told.

    A recording "as fast as possible" has no nominal period; only its events know one.
    """
    starts: dict[int, float] = {}
    for event in events:
        index, time_s = event.get("T Index"), event.get("Time [s]")
        if isinstance(index, int) and isinstance(time_s, float) and math.isfinite(time_s):
            starts.setdefault(index, time_s)
    if len(starts) < 2:
        return None
    first, last = min(starts), max(starts)
    return (starts[last] - starts[first]) / (last - first)


def _channel_names(file: ND2File, plan: AxisPlan) -> tuple[str, ...]:
    names = tuple(str(one.channel.name) for one in file.metadata.channels or ())
    count = plan.sizes[plan.dims.index("C")] if "C" in plan.dims else 1
    return names if len(names) == count else ()


def acquisition_date(text: str) -> tuple[str, str]:
    """`YYYYMMDD` and `HH:MM:SS`; empty where day and month cannot be told apart."""
    found = _DATE.search(text)
    if found is None:
        return "", ""
    one, two = int(found[1]), int(found[2])
    day, month = (one, two) if one > 12 else (two, one)
    if (day <= 12 and one != two) or not (1 <= month <= 12 and 1 <= day <= 31):
        return "", ""
    hours, _, rest = found[4].partition(":")
    hour = int(hours)
    if found[5]:
        hour = hour % 12 + (12 if found[5].lower() == "pm" else 0)
    return f"{found[3]}{month:02}{day:02}", f"{hour:02}:{rest}"


def _position_notes(positions: int) -> tuple[str, ...]:
    if positions == 1:
        return ()
    return (f"The file holds {positions} positions; the first one is shown.",)
