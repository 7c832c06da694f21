"""Where the pixels of a TIFF lie, and reading a part of them.

Uncompressed pixels in one run are read with plain file reads, only the lines asked for.
A memory map would kill the process if another program cut the file short meanwhile.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._tiff_axes import Region
from acqcore.loaders._tiff_guard import check_pages, check_run, check_series, open_tiff
from acqcore.loaders.base import Refusal

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """A series of a TIFF as it lies in the file.

    Attributes:
        shape: Length of each stored axis.
        dtype: numpy type, with the byte order of the file where there is an `offset`.
        offset: First byte when all pixels follow each other uncompressed, else None.
        pages: Number of each page in the file, None for a missing one; empty with `offset`.
        page_axes: How many of the last axes one page holds; 0 with `offset`.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: str
    offset: int | None
    pages: tuple[int | None, ...] = ()
    page_axes: int = 0

    def read(self, region: Region) -> NDArray[Any]:
        """Read the sliced axes of a region, in the order of storage."""
        if self.offset is None:
            return self._read_pages(region)
        return self._read_run(region, self.offset)

    def _read_run(self, region: Region, offset: int) -> NDArray[Any]:
        depth = next(place for place, part in enumerate(region) if isinstance(part, slice))
        lines, block = _bounds(region[depth]), self.shape[depth + 1 :]
        dtype = np.dtype(self.dtype)
        line_bytes = math.prod(block) * dtype.itemsize
        skipped = _flat(region[:depth], self.shape[:depth]) * self.shape[depth] + lines.start
        with self.path.open("rb") as file:
            file.seek(offset + skipped * line_bytes)
            raw = file.read(len(lines) * line_bytes)
        if len(raw) < len(lines) * line_bytes:
            raise Refusal("it ends before its pixels do")
        run = np.frombuffer(raw, dtype).reshape(len(lines), *block)
        return run[(slice(None), *region[depth + 1 :])]

    def _read_pages(self, region: Region) -> NDArray[Any]:
        depth = len(self.shape) - self.page_axes
        outer = [_bounds(part) for part in region[:depth]]
        with open_tiff(self.path) as tif:
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
        page, lines = tif.pages[number], region[0]
        if isinstance(lines, slice) and page.keyframe.axes in ("YX", "YXS") and page.shape == shape:
            return _page_lines(page, _bounds(lines))[(slice(None), *region[1:])]
        pixels: NDArray[Any] = page.asarray()
        return pixels.reshape(shape)[region]


def locate(path: Path, series: TiffPageSeries) -> StoredPixels:
    """Find the pixels of a series; Refusal when they cannot be where the file says."""
    check_series(series)
    shape = tuple(int(length) for length in series.shape)
    offset = series.dataoffset
    if offset is not None:
        check_run(path, offset, math.prod(shape) * series.dtype.itemsize)
        ordered = series.keyframe.parent.byteorder + series.dtype.char
        return StoredPixels(path, shape, ordered, int(offset))
    pages = list(series.pages)
    check_pages(path, math.prod(shape), series.keyframe, pages)
    numbers = tuple(None if page is None else int(page.index) for page in pages)
    page_axes = _page_axes(shape, int(series.keyframe.size), len(pages))
    return StoredPixels(path, shape, series.dtype.str, None, numbers, page_axes)


def _page_axes(shape: tuple[int, ...], page_size: int, pages: int) -> int:
    for within in range(1, len(shape) + 1):
        if math.prod(shape[-within:]) == page_size and math.prod(shape[:-within]) == pages:
            return within
    raise Refusal(f"its description ({' × '.join(map(str, shape))}) does not match its pixels")


def _page_lines(page: TiffPage, lines: range) -> NDArray[Any]:
    """Decode only the strips or tiles that hold these lines; all samples of each pixel."""
    key = page.keyframe
    height = int(key.tilelength) if key.is_tiled else min(key.rowsperstrip, key.imagelength)
    first, last = lines.start // height, math.ceil(lines.stop / height)
    whole = last - first == math.ceil(key.imagelength / height)
    if whole or key.is_contiguous or key.imagedepth != 1:
        # The library decodes whole pages in parallel.
        pixels: NDArray[Any] = page.asarray()
        return pixels[lines.start : lines.stop]
    across = math.ceil(key.imagewidth / key.tilewidth) if key.is_tiled else 1
    block = np.zeros(((last - first) * height, key.imagewidth, key.samplesperpixel), page.dtype)
    for number in range(first * across, last * across):
        if page.databytecounts[number]:
            segment, top, left = _segment(page, number)
            top -= first * height
            patch = block[top : top + len(segment), left : left + segment.shape[1]]
            patch[...] = segment[: patch.shape[0], : patch.shape[1]]
    wanted = block[lines.start - first * height : lines.stop - first * height]
    return wanted.reshape(len(lines), *page.shape[1:])


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
