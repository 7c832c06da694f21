"""From the blocks of a CZI to planes of (line, pixel).

Axes that we have no place for (H: the detectors of an Airyscan, V, I, R, B) and the colours
of RGB samples become channels, the channel axis being the slowest of them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._czi_container import Block
from acqcore.loaders.base import Refusal

_KINDS = {
    0: ("uint8", 1), 1: ("uint16", 1), 2: ("float32", 1), 12: ("int32", 1), 13: ("float64", 1),
    3: ("uint8", 3), 4: ("uint16", 3), 8: ("float32", 3), 9: ("uint8", 4),
}  # fmt: skip
"""Pixel type: sample type and samples per pixel."""

_COLOURS = ("Red", "Green", "Blue", "Alpha")
_HARMLESS, _MOST_GROWTH = 1 << 26, 200  # bytes of a plane; how far compressed ones may grow
_EMPTIEST = 1000  # planes claimed per block that is there
_MOST_CHANNELS = 4096


@dataclass(frozen=True, slots=True)
class Source:
    """Where a channel comes from.

    Attributes:
        place: Absolute index along C and every further axis.
        sample: Colour within a pixel, 0 for grey.
        words: What tells it from other channels of the same C: `H 3`, `Green`.
    """

    place: tuple[tuple[str, int], ...]
    sample: int
    words: str

    @property
    def c(self) -> int:
        """Number of the channel in the file's description."""
        return dict(self.place).get("C", 0)


@dataclass(frozen=True, slots=True)
class CziPlan:
    """What each axis of the first scene is to us.

    Attributes:
        blocks: Those of the first scene in full resolution, the uppermost tile last.
        start, length: Extent of each axis, in the coordinates of the file.
        starts, stops: (block, axis) extents, axes in the order of `start`.
        row_axis: `T` in a line scan that is stored line by line, otherwise `Y`.
        dtype: Sample type.
        sources: One per channel.
        num_scenes: Scenes in the file.
        is_complete: Whether there is a block for every plane.
    """

    blocks: tuple[Block, ...]
    start: dict[str, int]
    length: dict[str, int]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    row_axis: str
    dtype: str
    sources: tuple[Source, ...]
    num_scenes: int
    is_complete: bool

    @property
    def sizes(self) -> dict[str, int]:
        """Length by our own letters, in the order T, C, Z, Y, X; axes of length 1 left out."""
        length = {axis: self.length.get(axis, 1) for axis in "TZYX"}
        lengths = {"T": length["T"], "C": len(self.sources), "Z": length["Z"]}
        if self.row_axis == "T":
            lengths["T"] = 1
        kept = {axis: size for axis, size in lengths.items() if size > 1}
        return kept | {"Y": length[self.row_axis], "X": length["X"]}

    def overlapping(self, wanted: dict[str, tuple[int, int]]) -> list[Block]:
        """Blocks that hold any pixel of a region in the coordinates of the file."""
        first = np.array([wanted[axis][0] for axis in self.start])
        stop = np.array([wanted[axis][1] for axis in self.start])
        touched = np.all((self.starts < stop) & (self.stops > first), axis=1)
        return [self.blocks[number] for number in np.flatnonzero(touched)]


def plan_blocks(blocks: Sequence[Block], file_size: int) -> CziPlan:
    """Understand the directory; Refusal when no planes come of it or the numbers are absurd."""
    scenes = sorted({block.scene for block in blocks if block.scene >= 0})
    chosen = _full_size([b for b in blocks if b.scene in {-1, *scenes[:1]}])
    if not chosen:
        raise Refusal("it holds no image")
    chosen.sort(key=lambda block: block.mosaic)
    axes = list(dict.fromkeys(axis for block in chosen for axis in block.axes))
    if "X" not in axes:
        raise Refusal(f"its axes {''.join(axes)} hold no plane of lines and pixels")
    axes += [axis for axis in "Y" if axis not in axes]
    starts, stops = _extents(chosen, axes)
    start = dict(zip(axes, starts.min(axis=0).tolist(), strict=True))
    ends = dict(zip(axes, stops.max(axis=0).tolist(), strict=True))
    length = {axis: ends[axis] - start[axis] for axis in axes}
    row_axis = "T" if length["Y"] == 1 and length.get("T", 1) > 1 else "Y"
    dtype, samples = _sample_type(chosen)
    pixel_bytes = np.dtype(dtype).itemsize * samples
    _check_size(chosen, length, length[row_axis] * length["X"] * pixel_bytes, file_size)
    return CziPlan(
        blocks=tuple(chosen),
        start=start,
        length=length,
        starts=starts,
        stops=stops,
        row_axis=row_axis,
        dtype=dtype,
        sources=_sources(start, length, samples),
        num_scenes=max(len(scenes), 1),
        is_complete=_is_complete(chosen, length),
    )


def _full_size(blocks: list[Block]) -> list[Block]:
    """Without copies in lower resolution, some of which are not marked as such."""
    level = [block for block in blocks if not block.is_pyramid]
    whole = [block for block in level if block.stored == block.shape]
    if len(whole) == len(level):
        return level
    known = {_plane_of(block) for block in whole}
    return [b for b in level if b.stored == b.shape or _plane_of(b) not in known]


def _plane_of(block: Block) -> tuple[tuple[str, int], ...]:
    pairs = zip(block.axes, block.start, strict=True)
    return tuple(sorted((axis, start) for axis, start in pairs if axis not in "YX" and start))


def _extents(blocks: list[Block], axes: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts, stops = [], []
    for block in blocks:
        at = dict(zip(block.axes, zip(block.start, block.shape, strict=True), strict=True))
        spans = [at.get(axis, (0, 1)) for axis in axes]
        starts.append([first for first, _ in spans])
        stops.append([first + size for first, size in spans])
    return np.array(starts, np.int64), np.array(stops, np.int64)


def _sample_type(blocks: list[Block]) -> tuple[str, int]:
    kinds = {block.pixel_type for block in blocks}
    unknown = kinds - _KINDS.keys()
    if unknown:
        raise Refusal(f"its samples (pixel type {min(unknown)}) are of a kind no recording has")
    if len({_KINDS[kind][1] for kind in kinds}) > 1:
        raise Refusal("it mixes grey and colour images")
    return str(np.result_type(*(_KINDS[kind][0] for kind in kinds))), _KINDS[min(kinds)][1]


def block_type(block: Block) -> tuple[np.dtype[np.generic], int]:
    """Sample type as stored and samples per pixel."""
    name, samples = _KINDS[block.pixel_type]
    return np.dtype(name).newbyteorder("<"), samples


def planes_in(block: Block) -> int:
    """How many (Y, X) pictures a block holds; in a line scan, lines."""
    sizes = zip(block.axes, block.shape, strict=True)
    return math.prod(size for axis, size in sizes if axis not in "YX")


def _check_size(
    blocks: list[Block], length: dict[str, int], plane_bytes: int, file_size: int
) -> None:
    planes = math.prod(size for axis, size in length.items() if axis not in "YX")
    held = sum(planes_in(block) for block in blocks)
    if planes > _EMPTIEST * held:
        raise Refusal(f"it is damaged: it speaks of {planes:,} planes and holds {held:,}")
    largest = max(math.prod(b.shape) * block_type(b)[0].itemsize for b in blocks)
    for size in (plane_bytes, largest):
        if size > _HARMLESS and size > _MOST_GROWTH * file_size:
            raise Refusal(f"its {file_size / 1e6:.1f} MB cannot hold images of {size / 1e9:.1f} GB")


def _sources(start: dict[str, int], length: dict[str, int], samples: int) -> tuple[Source, ...]:
    further = [axis for axis in length if axis not in "TZYXC" and length[axis] > 1]
    fixed = [(axis, start[axis]) for axis in length if axis not in "TZYXC" and length[axis] == 1]
    split = ["C", *further] if "C" in length else further
    if math.prod(length[axis] for axis in split) > _MOST_CHANNELS:
        raise Refusal("it has too many channels")
    spans = [range(start[axis], start[axis] + length[axis]) for axis in split]
    sources = []
    for place in itertools.product(*spans):
        pairs = dict(zip(split, place, strict=True))
        words = [f"{axis} {pairs[axis] - start[axis] + 1}" for axis in further]
        for sample in range(samples):
            colour = [_COLOURS[sample]] if samples > 1 else []
            sources.append(Source((*pairs.items(), *fixed), sample, " ".join(words + colour)))
    return tuple(sources)


def _is_complete(blocks: list[Block], length: dict[str, int]) -> bool:
    """Whether the planes of the blocks, tiles counted once, are all planes."""
    planes = {_plane_of(block): block for block in blocks}.values()
    wanted = math.prod(size for axis, size in length.items() if axis not in "YX")
    return sum(planes_in(block) for block in planes) >= wanted
