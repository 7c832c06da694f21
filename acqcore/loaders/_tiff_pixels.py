"""Where the pixels of a TIFF lie, and reading a part of them.

Uncompressed pixels are read with plain file reads, of compressed ones only the strips or
tiles that hold the window are decoded. Nothing is mapped into memory.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource, ByteStream
from acqcore.loaders._tiff_axes import Region
from acqcore.loaders._tiff_guard import check_pages, check_run, check_series, open_tiff
from acqcore.loaders.base import Refusal

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries


# Of lines longer than this, the part that is asked for is read one by one.
_LONG_LINE = 64 << 10
_PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """A series of a TIFF as it lies in the file.

    Attributes:
        shape: Length of each stored axis.
        dtype: numpy type, with the byte order of the file.
        offset: First byte when all pixels follow each other uncompressed, else None.
        pages: Number of each page in the file, None for a missing one; empty with `offset`.
        page_axes: How many of the last axes one page holds; 0 with `offset`.
    """

    source: ByteSource
    shape: tuple[int, ...]
    dtype: str
    offset: int | None
    pages: tuple[int | None, ...] = ()
    page_axes: int = 0

    def read(self, region: Region) -> NDArray[Any]:
        """Read the sliced axes of a region, in the order of storage."""
        if self.offset is None:
            return self._read_pages(region)
        with self.source.open() as file:
            return _read_run(file, self.offset, self.dtype, self.shape, region)

    def _read_pages(self, region: Region) -> NDArray[Any]:
        depth = len(self.shape) - self.page_axes
        outer = [_bounds(part) for part in region[:depth]]
        with open_tiff(self.source) as tif:
            parts = [
                self._read_page(tif, self.pages[_flat(place, self.shape[:depth])], region[depth:])
                for place in itertools.product(*outer)
            ]
        sliced = [
            len(bounds)
            for bounds, part in zip(outer, region[:depth], strict=True)
            if isinstance(part, slice)
        ]
        return np.stack(parts).reshape(*sliced, *parts[0].shape)

    def _read_page(self, tif: TiffFile, number: int | None, region: Region) -> NDArray[Any]:
        shape = self.shape[-self.page_axes :]
        if number is None:
            return np.zeros(shape, self.dtype)[region]
        page = tif.pages[number]
        if page.is_final and any(isinstance(part, slice) for part in region):
            return _read_run(tif.filehandle, page.dataoffsets[0], self.dtype, shape, region)
        if page.keyframe.axes in ("YX", "YXS") and page.shape == shape:
            lines, columns = map(_bounds, region[:2])
            window = _page_window(page, lines, columns)
            kept = tuple(slice(None) if isinstance(part, slice) else 0 for part in region[:2])
            return window[(*kept, *region[2:])]
        pixels: NDArray[Any] = page.asarray()
        return pixels.reshape(shape)[region]


def locate(source: ByteSource, series: TiffPageSeries) -> StoredPixels:
    """Find the pixels of a series; Refusal when they cannot be where the file says."""
    check_series(series)
    shape = tuple(int(length) for length in series.shape)
    tif, offset = series.keyframe.parent, series.dataoffset
    size, dtype = int(tif.filehandle.size), tif.byteorder + series.dtype.char
    if offset is not None:
        check_run(size, offset, math.prod(shape) * series.dtype.itemsize)
        return StoredPixels(source, shape, dtype, int(offset))
    pages = list(series.pages)
    check_pages(size, math.prod(shape), series.keyframe, pages)
    numbers = tuple(None if page is None else int(page.index) for page in pages)
    page_axes = _page_axes(shape, int(series.keyframe.size), len(pages))
    return StoredPixels(source, shape, dtype, None, numbers, page_axes)


def _page_axes(shape: tuple[int, ...], page_size: int, pages: int) -> int:
    for within in range(1, len(shape) + 1):
        if math.prod(shape[-within:]) == page_size and math.prod(shape[:-within]) == pages:
            return within
    raise Refusal(f"its description ({' × '.join(map(str, shape))}) does not match its pixels")


def _read_run(
    file: ByteStream, offset: int, dtype: str, shape: tuple[int, ...], region: Region
) -> NDArray[Any]:
    """The region of uncompressed pixels of that shape, which start at `offset`."""
    depth = next(place for place, part in enumerate(region) if isinstance(part, slice))
    lines, block, inside = _bounds(region[depth]), shape[depth + 1 :], region[depth + 1 :]
    sample = np.dtype(dtype).itemsize
    line = math.prod(block) * sample
    begin = _flat(region[:depth], shape[:depth]) * shape[depth] + lines.start
    columns = _bounds(inside[0]) if block else range(1)
    step = math.prod(block[1:]) * sample
    part = range(columns.start * step, columns.stop * step)
    raw = _read_parts(file, offset + begin * line, len(lines), line, part)
    run = raw.view(dtype).reshape(len(lines), len(columns), *block[1:])
    first = slice(None) if block and isinstance(inside[0], slice) else 0
    return run[(slice(None), first, *inside[1:])]


def _read_parts(
    file: ByteStream, offset: int, lines: int, line: int, part: range
) -> NDArray[np.uint8]:
    """The same bytes of each of some lines, which are `line` bytes apart."""
    raw = np.empty((lines, len(part)), np.uint8)
    file.seek(offset)
    if len(part) == line:
        _fill(file, raw)
    elif line > _LONG_LINE and 2 * len(part) < line:
        for number in range(lines):
            file.seek(offset + number * line + part.start)
            _fill(file, raw[number])
    else:
        at_once = max(_PIECE // line, 1)
        for number in range(0, lines, at_once):
            piece = np.empty((min(at_once, lines - number), line), np.uint8)
            _fill(file, piece)
            raw[number : number + len(piece)] = piece[:, part.start : part.stop]
    return raw


def _fill(file: ByteStream, room: NDArray[np.uint8]) -> None:
    # A memory map would kill the process here if another program had cut the file short.
    if file.readinto(room.reshape(-1).data) < room.size:
        raise Refusal("it ends before its pixels do")


def _page_window(page: TiffPage, lines: range, columns: range) -> NDArray[Any]:
    """Decode only the strips or tiles that hold this window; all samples of each pixel."""
    key = page.keyframe
    height = int(key.tilelength) if key.is_tiled else min(key.rowsperstrip, key.imagelength)
    width = int(key.tilewidth) if key.is_tiled else int(key.imagewidth)
    down, right = _touched(lines, height), _touched(columns, width)
    across = math.ceil(key.imagewidth / width)
    whole = len(down) * len(right) == math.ceil(key.imagelength / height) * across
    if whole or key.imagedepth != 1:
        # The library decodes whole pages in parallel.
        pixels: NDArray[Any] = page.asarray()
        return pixels[lines.start : lines.stop, columns.start : columns.stop]
    corner_line, corner_column = down.start * height, right.start * width
    size = (len(down) * height, len(right) * width, int(key.samplesperpixel))
    block = np.zeros(size, page.dtype)
    for row, column in itertools.product(down, right):
        if page.databytecounts[row * across + column]:
            segment, top, left = _segment(page, row * across + column)
            patch = block[top - corner_line :, left - corner_column :]
            patch = patch[: len(segment), : segment.shape[1]]
            patch[...] = segment[: patch.shape[0], : patch.shape[1]]
    wanted = block[
        lines.start - corner_line : lines.stop - corner_line,
        columns.start - corner_column : columns.stop - corner_column,
    ]
    return wanted.reshape(len(lines), len(columns), *page.shape[2:])


def _touched(asked: range, length: int) -> range:
    """Which pieces of a length hold what is asked for."""
    return range(asked.start // length, math.ceil(asked.stop / length))


def _segment(page: TiffPage, number: int) -> tuple[NDArray[Any], int, int]:
    """One strip or tile (row, column, sample) and the place of its corner in the page."""
    file = page.parent.filehandle
    file.seek(page.dataoffsets[number])
    raw = file.read(page.databytecounts[number])
    key = page.keyframe
    segment, (_, _, top, left, _), _ = key.decode(
        raw, number, jpegtables=page.jpegtables, jpegheader=key.jpegheader
    )
    return segment[0], top, left


def _bounds(part: int | slice) -> range:
    return range(part.start, part.stop) if isinstance(part, slice) else range(part, part + 1)


def _flat(place: Region, shape: tuple[int, ...]) -> int:
    """Number of the element at `place` in the order of storage."""
    flat = 0
    for index, length in zip(place, shape, strict=True):
        assert isinstance(index, int)
        flat = flat * length + index
    return flat
