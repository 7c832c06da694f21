"""Whether a TIFF can be what it says: asked before any pixel is read, in about a millisecond.

Finds pages without end, pixels behind the end of the file, codecs that are missing and
compressed data that would grow without bound.
"""

from __future__ import annotations

import logging
import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import SEEK_END
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders.base import Refusal

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage, TiffPageSeries

MAX_PAGES = 50_000
_UNCOMPRESSED = 1
_MOST_TAGS = 4096
_MOST_GROWTH = 200  # a compressed recording shrinks 2 to 20 times
_HARMLESS = 1 << 30  # bytes that are decoded without asking how far they grow
_SLACK = 1 << 16  # bytes of tables that a tiny compressed strip may carry

# Without a handler the warnings of tifffile would be printed on the user's terminal.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class _Layout(NamedTuple):
    """How a page list is written: struct codes of tag count and link, bytes of one tag."""

    tag_count: str
    link: str
    tag_bytes: int
    first_link: int


_LAYOUTS = {
    b"II*\0": _Layout("<H", "<I", 12, 4),
    b"MM\0*": _Layout(">H", ">I", 12, 4),
    b"II+\0": _Layout("<Q", "<Q", 20, 8),
    b"MM\0+": _Layout(">Q", ">Q", 20, 8),
}
MAGIC = tuple(_LAYOUTS)


@contextmanager
def open_tiff(source: ByteSource) -> Iterator[TiffFile]:
    """Open a TIFF whose list of pages ends; never opens another file than this one."""
    from tifffile import TiffFile  # heavy: only when a TIFF is read

    flags = {"is_mmstack": False, "is_ndtiff": False, "is_ndpi": False}
    name = source.path.name
    # STK files hold 0/0 where a distance is not known.
    with source.open() as file, np.errstate(all="ignore"):
        _check_page_list(file)
        file.seek(0)
        with TiffFile(file, name=name, _multifile=False, **flags) as tif:
            if not tif.pages:
                raise Refusal("it holds no image; perhaps it is cut short")
            yield tif


def check_series(series: TiffPageSeries) -> None:
    """Refuse what has no samples that an analysis could use, or no decoder here."""
    if not math.prod(series.shape) or not series.keyframe.size:
        raise Refusal("its image has no pixels")
    if series.keyframe.dtype is None or series.dtype.kind not in "buif":
        bits = series.keyframe.bitspersample
        raise Refusal(f"its samples ({series.dtype}, {bits} bits) are of a kind no recording has")
    if series.transform is not None or series.is_multifile:
        raise Refusal("its pixels are stored in a way that only its own program reads")
    if series.keyframe.compression != _UNCOMPRESSED:
        _check_codec(series.keyframe)


def check_run(size: int, offset: int, length: int) -> None:
    """Refuse uncompressed pixels that reach behind the end of the file."""
    missing = offset + length - size
    if missing > 0:
        raise _cut_short(missing)


def check_pages(size: int, samples: int, key: TiffPage, pages: Sequence[TiffPage | None]) -> None:
    """Refuse pages whose strips are not all there, or would grow beyond measure."""
    held = sum(_bytes_of_page(page, key, size) for page in pages if page is not None)
    wanted = samples * key.bitspersample // 8
    if wanted > _HARMLESS and wanted > held * _MOST_GROWTH:
        raise Refusal(
            f"its {held / 1e6:.1f} MB would grow to {wanted / 1e9:.1f} GB, which no recording does"
        )


def _check_page_list(file: BinaryIO) -> None:
    """Refuse what is no TIFF, and a list of pages without an end.

    The library follows the list to its end, whatever is asked of it.
    """
    head = file.read(16)
    layout = _LAYOUTS.get(head[:4])
    if layout is None:
        raise Refusal("it is not a TIFF file")
    offset = struct.unpack_from(layout.link, head, layout.first_link)[0]
    seen: set[int] = set()
    size = file.seek(0, SEEK_END)
    while 0 < offset < size:
        if offset in seen:
            raise Refusal("it is damaged: its list of pages runs in a circle")
        if len(seen) == MAX_PAGES:
            raise Refusal(f"it has more than {MAX_PAGES:,} pages")
        seen.add(offset)
        offset = _next_page(file, offset, layout)


def _next_page(file: BinaryIO, offset: int, layout: _Layout) -> int:
    """Where the next page is described; 0 at the end, also at a broken one."""
    file.seek(offset)
    count = _unpacked(layout.tag_count, file.read(struct.calcsize(layout.tag_count)))
    if not 0 < count <= _MOST_TAGS:
        return 0
    file.seek(count * layout.tag_bytes, 1)
    return _unpacked(layout.link, file.read(struct.calcsize(layout.link)))


def _unpacked(code: str, raw: bytes) -> int:
    return int(struct.unpack(code, raw)[0]) if len(raw) == struct.calcsize(code) else 0


def _bytes_of_page(page: TiffPage, key: TiffPage, size: int) -> int:
    offsets, counts = page.dataoffsets, page.databytecounts
    if key.is_contiguous:
        missing = offsets[0] + key.nbytes - size if offsets else key.nbytes
        if missing > 0:
            raise _cut_short(missing)
        return int(key.nbytes)
    segments = math.prod(key.chunked)
    if len(offsets) < segments or len(counts) < segments:
        raise Refusal("it is damaged: parts of its pixels are not in the file")
    end = max((o + c for o, c in zip(offsets, counts, strict=False) if c), default=0)
    if end > size:
        raise _cut_short(end - size)
    if max(counts) > 2 * _segment_bytes(key) + _SLACK:
        raise Refusal("it is damaged: it holds far more compressed bytes than its size allows")
    return int(sum(counts))


def _segment_bytes(key: TiffPage) -> int:
    return int(math.prod(key.chunks) * key.bitspersample // 8)


def _check_codec(key: TiffPage) -> None:
    from tifffile import COMPRESSION, TIFF  # heavy: only when a TIFF is read

    try:
        name = COMPRESSION(key.compression).name
    except ValueError:
        raise Refusal(f"its compression (number {key.compression}) is not known") from None
    try:
        TIFF.DECOMPRESSORS[key.compression]
    except KeyError as error:
        why = "needs the package imagecodecs" if "imagecodecs" in str(error) else "is not known"
        raise Refusal(f"its compression {name} {why}") from error


def _cut_short(missing: int) -> Refusal:
    return Refusal(f"it ends before its pixels do: {missing:,} bytes are missing")
