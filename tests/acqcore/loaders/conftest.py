"""Byte writers for formats that no library here writes, as far as the tests need them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest


class CziBlock(NamedTuple):
    """Pixels with one axis per letter, the slowest first; BGR samples last when `colour`."""

    pixels: np.ndarray
    axes: str = "YX"
    start: Mapping[str, int] = {}
    colour: bool = False
    pyramid: int = 0
    shape: tuple[int, ...] | None = None  # in the recording, when the block is scaled
    packed: bytes | None = None  # the pixels compressed with Zstd


def _segment(name: bytes, content: bytes) -> bytes:
    content += bytes(-len(content) % 32)
    return struct.pack("<16sqq", name, len(content), len(content)) + content


def _entry(block: CziBlock, position: int) -> bytes:
    kinds = {"uint8": 0, "uint16": 1, "float32": 2, "int32": 12, "float64": 13, "complex64": 10}
    kind = {"uint8": 3, "uint16": 4}[block.pixels.dtype.name] if block.colour else None
    kind = kinds[block.pixels.dtype.name] if kind is None else kind
    stored = block.pixels.shape[: len(block.axes)]
    lengths = block.shape or stored
    further = [axis for axis in block.start if axis not in block.axes]
    axes = [
        struct.pack("<4siifi", axis.encode(), block.start.get(axis, 0), length, 0.0, held)
        for axis, length, held in reversed(list(zip(block.axes, lengths, stored, strict=True)))
    ] + [struct.pack("<4siifi", axis.encode(), block.start[axis], 1, 0.0, 1) for axis in further]
    codec = 0 if block.packed is None else 5
    head = struct.pack("<2siqiiB5xi", b"DV", kind, position, 0, codec, block.pyramid, len(axes))
    return head + b"".join(axes)


def czi_bytes(
    blocks: Sequence[CziBlock],
    xml: str = "",
    attachments: Mapping[tuple[str, str], bytes] = {},
) -> bytes:
    """A CZI; attachments by name and kind."""
    out, entries, listed = bytearray(32 + 512), [], []
    for block in blocks:
        entry = _entry(block, len(out))
        raw = block.pixels.tobytes() if block.packed is None else block.packed
        head = (struct.pack("<iiq", 0, 0, len(raw)) + entry).ljust(256, b"\0")
        entries.append(entry)
        out += _segment(b"ZISRAWSUBBLOCK", head + raw)
    description = len(out) if xml else 0
    if xml:
        text = xml.encode()
        out += _segment(b"ZISRAWMETADATA", struct.pack("<ii248x", len(text), 0) + text)
    for (name, kind), raw in attachments.items():
        entry = struct.pack(
            "<2s10xqi16s8s80s", b"A1", len(out), 0, b"", kind.encode(), name.encode()
        )
        listed.append(entry)
        out += _segment(b"ZISRAWATTACH", struct.pack("<i12x", len(raw)) + entry + bytes(112) + raw)
    attached = len(out) if listed else 0
    if listed:
        out += _segment(b"ZISRAWATTDIR", struct.pack("<i252x", len(listed)) + b"".join(listed))
    directory = len(out)
    out += _segment(b"ZISRAWDIRECTORY", struct.pack("<i124x", len(entries)) + b"".join(entries))
    head = struct.pack("<ii8x32xiqqiq", 1, 0, 0, directory, description, 0, attached)
    out[: 32 + 512] = _segment(b"ZISRAWFILE", head.ljust(512, b"\0"))
    return bytes(out)


CZI_XML = """<?xml version="1.0"?><ImageDocument><Metadata>
<Information><Document><CreationDate>2025-03-04T05:06:07.8</CreationDate></Document><Image>
<Dimensions>{time}<Channels>{channels}</Channels></Dimensions></Image></Information>
<Experiment><LineTime>2.44e-7</LineTime>{scanner}</Experiment>
<Scaling><Items><Distance Id="X"><Value>{x}</Value></Distance>
<Distance Id="Y"><Value>{y}</Value></Distance></Items></Scaling></Metadata></ImageDocument>"""


def czi_xml(
    x: object = "2.5e-7", y: object = "5e-7", time: str = "", names: Sequence[str] = (),
    scanner: str = "",
) -> str:  # fmt: skip
    channels = "".join(f'<Channel Id="Channel:{n}" Name="{name}"/>' for n, name in enumerate(names))
    return CZI_XML.format(x=x, y=y, time=time, channels=channels, scanner=scanner)


def _oir_xml(
    guids: Sequence[str], um: float, axes: Sequence[tuple[str, float, int]],
    interval_ms: float, line_roi: Sequence[float] | None,
) -> str:  # fmt: skip
    model = "http://www.olympus.co.jp/hpf/model/"
    channels = "".join(
        f'<commonphase:channel id="{guid}" order="{n}"><commonphase:name>CH{n}</commonphase:name>'
        f"<commonphase:length><commonparam:x>{um}</commonparam:x>"
        f"<commonparam:y>{um}</commonparam:y></commonphase:length></commonphase:channel>"
        for n, guid in enumerate(guids, 1)
    )
    places = "".join(
        f'<commonparam:axis enable="true"><commonparam:axis>{name}</commonparam:axis>'
        f"<commonparam:step>{step}</commonparam:step>"
        f"<commonparam:maxSize>{length}</commonparam:maxSize></commonparam:axis>"
        for name, step, length in axes
    )
    line = '<lsmimage:coordinates x1="{}" y1="{}" x2="{}" y2="{}"/>'.format(*line_roi or "----")
    return (
        f'<?xml version="1.0"?><lsmimage:imageProperties xmlns:lsmimage="{model}lsmimage" '
        f'xmlns:commonparam="{model}commonparam" xmlns:commonphase="{model}commonphase">'
        "<lsmimage:creationDateTime>2025-10-30T11:12:13.5+01:00</lsmimage:creationDateTime>"
        f"{channels}{places}{line if line_roi else ''}"
        "<lsmimage:scannerType>Galvano</lsmimage:scannerType>"
        '<lsmimage:scannerSettings type="Resonant">'
        "<commonparam:seriesInterval>33.3</commonparam:seriesInterval></lsmimage:scannerSettings>"
        '<lsmimage:scannerSettings type="Galvano">'
        f"<commonparam:seriesInterval>{interval_ms}</commonparam:seriesInterval>"
        "</lsmimage:scannerSettings></lsmimage:imageProperties>"
    )


def oir_bytes(
    pixels: np.ndarray,
    *,
    stack: str = "T",
    line_scan: bool = False,
    um: float = 0.274,
    interval_ms: float = 1.142,
    pieces: int = 1,
    reference: np.ndarray | None = None,
    line_roi: Sequence[float] | None = None,
    first_frame: int = 1,
) -> bytes:
    """An OIR of uint16 pixels (frame, channel, row, column), frames along T or Z."""
    frames, channels, rows, columns = pixels.shape
    guids = [f"{n:08d}-aaaa-bbbb-cccc-0123456789ab" for n in range(channels)]
    axes = [("TIMELAPSE", interval_ms, rows)] if line_scan else []
    if frames > 1:
        axes.append(({"T": "TIMELAPSE", "Z": "ZSTACK"}[stack], 2.0, frames))
    out, index = bytearray(96), []

    def block(kind: int, content: bytes) -> None:
        index.append(len(out))
        out.extend(struct.pack("<II", len(content), kind) + content)

    def plane(name: str, part: np.ndarray) -> None:
        block(3, struct.pack("<III", 0, 0, len(name)) + name.encode())
        block(4, part.astype("<u2").tobytes())

    frame = f"<width>{columns}</width><height>{rows}</height><depth>2</depth>"
    for _ in range(frames):
        block(1, f'<?xml version="1.0"?><frameProperties>{frame}</frameProperties>'.encode())
    for guid, part in zip(guids, () if reference is None else reference, strict=False):
        plane(f"REF_LSM0_{guid}_0", part)
    for number in range(frames):
        for guid, picture in zip(guids, pixels[number], strict=True):
            for piece, part in enumerate(np.array_split(picture, pieces)):
                plane(f"{stack.lower()}{number + first_frame:03d}_0_1_{guid}_{piece}", part)
    block(0, _oir_xml(guids, um, axes, interval_ms, line_roi).encode())
    position = len(out)
    out += struct.pack(f"<I{len(index)}Q", 0xFFFFFFFF, *index)
    struct.pack_into("<16sIIII", out, 0, b"OLYMPUSRAWFORMAT", 12, 0, 1, 2)
    struct.pack_into("<QQ", out, 32, len(out), position)
    return bytes(out)


Write = Callable[..., Path]


@pytest.fixture
def write_czi(tmp_path: Path) -> Write:
    """Write a CZI of blocks; `xml` is a text or what `czi_xml` takes."""

    def write(*blocks: CziBlock, name: str = "a.czi", xml: Any = None, **further: Any) -> Path:
        text = xml if isinstance(xml, str) else czi_xml(**(xml or {}))
        path = tmp_path / name
        path.write_bytes(czi_bytes(blocks, text, **further))
        return path

    return write


@pytest.fixture
def czi_block() -> type[CziBlock]:
    return CziBlock


@pytest.fixture
def czi_content() -> Callable[..., bytes]:
    """A CZI in memory, to attach to another one."""
    return czi_bytes


@pytest.fixture
def czi_text() -> Callable[..., str]:
    """The description of such a CZI."""
    return czi_xml


@pytest.fixture
def write_oir(tmp_path: Path) -> Write:
    """Write an OIR of pixels (frame, channel, row, column)."""

    def write(pixels: np.ndarray, name: str = "a.oir", **further: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(oir_bytes(pixels, **further))
        return path

    return write
