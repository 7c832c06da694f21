"""A line scan as Zeiss' ZEN stores it: lines, time stamps, and the overview with the line.

Only what such a file cannot do without, uncompressed, after the published description of
the format (DS_ZISRAW-FileFormat): segments of 32 bytes head, blocks of pixels with a
directory, attachments with another one, and the description in XML.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.synthetic._detector import Counts
from acqcore.synthetic.overview import Overview

_PIXEL_TYPES = {"uint16": 1, "float64": 13}
_FILE_HEAD = 32 + 512
_XML = """<?xml version="1.0"?><ImageDocument><Metadata><Information><Document>
<CreationDate>{date}</CreationDate></Document><Image><Dimensions><Channels>{channels}</Channels>
</Dimensions></Image></Information><Scaling><Items>
<Distance Id="X"><Value>{metres}</Value></Distance>
<Distance Id="Y"><Value>{metres}</Value></Distance></Items></Scaling></Metadata></ImageDocument>"""

_Blocks = Sequence[tuple[str, Mapping[str, int], NDArray[Any]]]
"""Axes of the pixels, the slowest first; where a block lies along others; its pixels."""


def line_scan_czi(
    planes: Sequence[Counts],
    seconds_per_line: float,
    um_per_pixel: float,
    channel_names: Sequence[str] = (),
    overview: Overview | None = None,
    date: str = "2024-05-16T10:30:00",
) -> bytes:
    """Bytes of a file with (line, pixel) per channel; `date` is local time, ISO 8601."""
    blocks = [
        ("TYX", {"T": 0, "C": channel}, plane[:, np.newaxis, :])
        for channel, plane in enumerate(planes)
    ]
    times = np.arange(len(planes[0])) * seconds_per_line
    stamps = struct.pack("<ii", 8 + times.nbytes, len(times)) + times.tobytes()
    attached = {("TimeStamps", "CZTIMS"): stamps}
    if overview is not None:
        picture = _file(
            [("YX", {"C": 0}, overview.pixels)], _description(overview.um_per_pixel, (), date)
        )
        line = _file([("YX", {}, overview.line_um * 1e-6)], "")
        attached |= {("Image", "ZISRAW"): picture, ("Line", "ZISRAW"): line}
    return _file(blocks, _description(um_per_pixel, channel_names, date), attached)


def _description(um_per_pixel: float, names: Sequence[str], date: str) -> str:
    channels = "".join(f'<Channel Id="Channel:{n}" Name="{name}"/>' for n, name in enumerate(names))
    return _XML.format(date=date, channels=channels, metres=um_per_pixel * 1e-6)


def _file(blocks: _Blocks, xml: str, attached: Mapping[tuple[str, str], bytes] = {}) -> bytes:
    out, entries = bytearray(_FILE_HEAD), []
    for axes, places, pixels in blocks:
        entry = _entry(axes, places, pixels, len(out))
        head = (struct.pack("<iiq", 0, 0, pixels.nbytes) + entry).ljust(256, b"\0")
        out += _segment(b"ZISRAWSUBBLOCK", head + np.ascontiguousarray(pixels).tobytes())
        entries.append(entry)
    described = len(out) if xml else 0
    if xml:
        text = xml.encode()
        out += _segment(b"ZISRAWMETADATA", struct.pack("<ii248x", len(text), 0) + text)
    listed = _attach(out, attached)
    directory = len(out)
    out += _segment(b"ZISRAWDIRECTORY", struct.pack("<i124x", len(entries)) + b"".join(entries))
    head = struct.pack("<ii8x32xiqqiq", 1, 0, 0, directory, described, 0, listed)
    out[:_FILE_HEAD] = _segment(b"ZISRAWFILE", head.ljust(512, b"\0"))
    return bytes(out)


def _attach(out: bytearray, attached: Mapping[tuple[str, str], bytes]) -> int:
    """Add attachments, each under its name and kind; where their directory is, 0 for none."""
    entries = []
    for (name, kind), content in attached.items():
        names = kind.encode(), name.encode()
        entry = struct.pack("<2s10xqi16s8s80s", b"A1", len(out), 0, b"", *names)
        head = struct.pack("<i12x", len(content)) + entry + bytes(112)
        out += _segment(b"ZISRAWATTACH", head + content)
        entries.append(entry)
    if not entries:
        return 0
    place = len(out)
    out += _segment(b"ZISRAWATTDIR", struct.pack("<i252x", len(entries)) + b"".join(entries))
    return place


def _segment(name: bytes, content: bytes) -> bytes:
    content += bytes(-len(content) % 32)
    return struct.pack("<16sqq", name, len(content), len(content)) + content


def _entry(axes: str, places: Mapping[str, int], pixels: NDArray[Any], position: int) -> bytes:
    lengths = dict(zip(axes, pixels.shape, strict=True))
    order = [*reversed(axes), *(axis for axis in places if axis not in axes)]
    sizes = b"".join(
        struct.pack(
            "<4siifi", axis.encode(), places.get(axis, 0), lengths.get(axis, 1), 0.0,
            lengths.get(axis, 1),
        )
        for axis in order
    )  # fmt: skip
    kind = _PIXEL_TYPES[pixels.dtype.name]
    return struct.pack("<2siqiiB5xi", b"DV", kind, position, 0, 0, 0, len(order)) + sizes
