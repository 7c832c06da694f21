"""Reading a region of a CZI from the blocks that touch it.

Uncompressed blocks are read straight from the file, only the lines asked for. For
compressed ones there is czifile, and on Python 3.11 pylibCZIrw.

Line scans keep many lines (a T axis) in one block. libCZI, and so pylibCZIrw, reads the first
line of such a block only and leaves the others empty; so it is never asked for one.
"""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders._czi_container import SEGMENT_HEAD, Block, CziBytes, entry_bytes, open_bytes
from acqcore.loaders._czi_plan import CziPlan, block_type, planes_in
from acqcore.loaders.base import Refusal

Region = dict[str, tuple[int, int]]
"""Start and stop by axis, in the coordinates of the file."""

Decode = Callable[[Block], NDArray[Any]]
"""Gives the pixels of a block, its axes and then the samples in the order red, green, blue."""

_SUBBLOCK = struct.Struct("<iiq")
_CODECS = {1: "JPEG", 2: "LZW", 4: "JPEG XR", 5: "Zstd", 6: "Zstd"}
_NAMES = {0: "Gray8", 1: "Gray16", 2: "Gray32Float", 3: "Bgr24", 4: "Bgr48", 8: "Bgr96Float"}

# Without a handler the warnings of czifile would be printed on the user's terminal.
logging.getLogger("czifile").addHandler(logging.NullHandler())


def check_decodable(plan: CziPlan) -> None:
    """Refusal when blocks are compressed in a way that nothing here can read."""
    packed = [block for block in plan.blocks if block.compression]
    for code in {block.compression for block in packed} - _CODECS.keys():
        raise Refusal(f"its compression (number {code}) is not known")
    if not packed or find_spec("czifile"):
        return
    codec = _CODECS[packed[0].compression]
    if not find_spec("pylibCZIrw"):
        raise Refusal(
            f"its {codec} compression needs the package czifile (Python 3.12 or newer) "
            "or pylibCZIrw (Python 3.11)"
        )
    if any(planes_in(block) > 1 for block in packed):
        raise Refusal(
            f"its {codec} blocks of several lines need the package czifile and Python 3.12 or newer"
        )
    if any(block.pixel_type not in _NAMES for block in packed):
        raise Refusal("its kind of samples needs the package czifile and Python 3.12 or newer")


def read_region(recording: ByteSource, plan: CziPlan, region: Region, sample: int) -> NDArray[Any]:
    """Pixels (line, pixel) of a region that is one thick along all axes but two.

    What no block covers is 0.
    """
    rows, columns = region[plan.row_axis], region["X"]
    pixels = np.zeros((rows[1] - rows[0], columns[1] - columns[0]), plan.dtype)
    blocks = plan.overlapping(region)
    with recording.open() as file, _decoder(recording, blocks) as decode:
        source = open_bytes(file)
        for block in blocks:
            first = dict(zip(block.axes, block.start, strict=True))
            part, above = _block_lines(source, plan, block, region, decode)
            taken = _one_plane(block, part[..., sample], plan.row_axis, region)
            _paste(taken, (above, first["X"]), pixels, (rows[0], columns[0]))
    return pixels


def _block_lines(
    source: CziBytes, plan: CziPlan, block: Block, region: Region, decode: Decode
) -> tuple[NDArray[Any], int]:
    """Pixels of a block, cut to the lines asked for where that spares reading, and the
    coordinate of the first line."""
    axis = block.axes.index(plan.row_axis) if plan.row_axis in block.axes else None
    first = block.start[axis] if axis is not None else 0
    if block.compression:
        _pixel_bytes(source, block)  # the libraries would make room for any length
        return _scaled(decode(block), block.shape), first
    if axis is None or block.stored != block.shape or math.prod(block.shape[:axis]) != 1:
        return _scaled(_raw(source, block, 0, block.stored), block.shape), first
    start = max(region[plan.row_axis][0] - first, 0)
    stop = min(region[plan.row_axis][1] - first, block.shape[axis])
    shape = (*block.shape[:axis], stop - start, *block.shape[axis + 1 :])
    return _raw(source, block, start * math.prod(block.shape[axis + 1 :]), shape), first + start


def _raw(source: CziBytes, block: Block, skipped: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Uncompressed pixels after the first `skipped` ones."""
    dtype, samples = block_type(block)
    start, size = _pixel_bytes(source, block)
    pixel = dtype.itemsize * samples
    if size < (skipped + math.prod(shape)) * pixel:
        raise Refusal("it is damaged: a block holds fewer pixels than it should")
    raw = source.read(start + skipped * pixel, math.prod(shape) * pixel)
    pixels = np.frombuffer(raw, dtype).reshape(*shape, samples)
    return pixels if samples == 1 else pixels[..., [2, 1, 0, 3][:samples]]


def _pixel_bytes(source: CziBytes, block: Block) -> tuple[int, int]:
    """Where the pixels of a block start, and their bytes; Refusal when they are not all there."""
    content = block.position + SEGMENT_HEAD
    head = source.read(content, _SUBBLOCK.size + 32)
    metadata, _, size = _SUBBLOCK.unpack_from(head)
    entry = entry_bytes(head[_SUBBLOCK.size :])
    start = content + max(256, _SUBBLOCK.size + entry) + metadata
    if min(metadata, entry, size) < 0 or source.base + start + size > source.end:
        raise Refusal("it is damaged or cut short: a block reaches behind its end")
    return start, size


def _scaled(pixels: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Repeat or leave out pixels until a block has its size in the recording."""
    for axis, length in enumerate(shape):
        held = pixels.shape[axis]
        if held != length:
            pixels = np.take(pixels, np.arange(length) * held // length, axis=axis)
    return pixels


def _one_plane(block: Block, part: NDArray[Any], row_axis: str, region: Region) -> NDArray[Any]:
    """(line, pixel) of a block; all other axes at the place asked for."""
    index = tuple(
        slice(None) if axis in (row_axis, "X") else region[axis][0] - start
        for axis, start in zip(block.axes, block.start, strict=True)
    )
    kept = [axis for axis in block.axes if axis in (row_axis, "X")]
    plane = part[index]
    if len(kept) == 1:
        return plane[np.newaxis]
    return plane if kept[-1] == "X" else plane.T


def _paste(
    tile: NDArray[Any], corner: tuple[int, int], onto: NDArray[Any], origin: tuple[int, int]
) -> None:
    """Copy the part of a tile that overlaps a picture; both corners in the same coordinates."""
    here, there = [], []
    for axis in range(2):
        offset = corner[axis] - origin[axis]
        start = max(offset, 0)
        stop = min(offset + tile.shape[axis], onto.shape[axis])
        here.append(slice(start, max(start, stop)))
        there.append(slice(start - offset, max(start, stop) - offset))
    onto[tuple(here)] = tile[tuple(there)]


def _decoder(recording: ByteSource, blocks: list[Block]) -> AbstractContextManager[Decode]:
    if not any(block.compression for block in blocks):
        return _nothing()
    return _by_czifile(recording) if find_spec("czifile") else _by_libczi(recording)


@contextmanager
def _nothing() -> Iterator[Decode]:
    def decode(block: Block) -> NDArray[Any]:
        raise AssertionError(f"the block at {block.position} is not compressed")

    yield decode


@contextmanager
def _by_czifile(recording: ByteSource) -> Iterator[Decode]:
    from czifile import CziFile, CziSegment  # heavy: only when a compressed CZI is read

    with recording.open() as file, CziFile(file) as czi:

        def decode(block: Block) -> NDArray[Any]:
            pixels = np.asarray(CziSegment(czi, block.position).data().data())
            if pixels.ndim != len(block.shape) + 1:
                raise Refusal("it is damaged: a block is not what the list of images says")
            return pixels

        yield decode


@contextmanager
def _by_libczi(recording: ByteSource) -> Iterator[Decode]:
    from pylibCZIrw.czi import open_czi  # heavy: only when a compressed CZI is read

    with _on_disk(recording) as path, open_czi(str(path)) as czi:

        def decode(block: Block) -> NDArray[Any]:
            first = dict(zip(block.axes, block.start, strict=True))
            size = dict(zip(block.axes, block.shape, strict=True))
            pixels: NDArray[Any] = czi.read(
                roi=(first["X"], first.get("Y", 0), size["X"], size.get("Y", 1)),
                plane={axis: start for axis, start in first.items() if axis not in "YX"},
                scene=block.scene if block.scene >= 0 else None,
                pixel_type=_NAMES[block.pixel_type],
            )
            samples = pixels.shape[-1]
            ordered = pixels if samples == 1 else pixels[..., [2, 1, 0]]
            order = [axis for axis in block.axes if axis in "YX"]
            if order == ["X", "Y"]:
                ordered = ordered.swapaxes(0, 1)
            return ordered.reshape(*block.shape, samples)

        yield decode


@contextmanager
def _on_disk(recording: ByteSource) -> Iterator[Path]:
    """The file, or a copy of what is in memory: libCZI opens files only."""
    if recording.content is None:
        yield recording.path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "memory.czi"
        copy.write_bytes(recording.content)
        yield copy
