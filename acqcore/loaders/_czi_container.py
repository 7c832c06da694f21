"""What lies where in a CZI file: pixel blocks, description and attachments.

Nothing is decoded and nothing is searched for: the three directories of the file are read,
and every position is compared with the end of the file. The layout is that of Zeiss'
ZISRAW specification: segments of a 32-byte head (name, allocated bytes, used bytes) and
content, integers little-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from acqcore.loaders.base import Refusal

MAGIC = b"ZISRAWFILE"
SEGMENT_HEAD = 32

_SEGMENT = struct.Struct("<16sqq")
_FILE = struct.Struct("<16x32x4xqq4xq")  # positions of directory, description, attachments
_ENTRY = struct.Struct("<2siq4xiB5xi")
_AXIS = struct.Struct("<4sii4xi")
_ATTACHMENT = struct.Struct("<2x10xq4x16x8s80s")
_DIRECTORY_TEXT, _XML_TEXT = 128, 256  # bytes before the entries, before the text
_MOST_AXES = 40
_LONGEST_XML = 1 << 26


@dataclass(frozen=True, slots=True)
class Block:
    """Where one block of pixels belongs.

    Attributes:
        axes: A letter per axis in the order of storage, the slowest first.
        start, shape: Place in the recording and length of each axis.
        stored: Length of each axis as stored; differs from `shape` in a scaled block.
        pixel_type, compression: Numbers of the specification.
        position: Of its segment, from the start of the file.
        scene: -1 when the file has no scenes.
        mosaic: Tiles of a higher number lie on top.
        is_pyramid: Whether it is a smaller copy for quick viewing.
    """

    axes: tuple[str, ...]
    start: tuple[int, ...]
    shape: tuple[int, ...]
    stored: tuple[int, ...]
    pixel_type: int
    compression: int
    position: int
    scene: int
    mosaic: int
    is_pyramid: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the file: its name, its kind (`CZTIMS`, `ZISRAW` ...) and its segment."""

    name: str
    kind: str
    position: int


@dataclass(frozen=True, slots=True)
class Container:
    """The three directories of a CZI; `xml` is empty when there is none."""

    blocks: tuple[Block, ...]
    xml: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class CziBytes:
    """A CZI in an open file, either all of it or a part of it (an attachment).

    Attributes:
        base: Where it starts.
        end: One past its last byte.
    """

    file: BinaryIO
    base: int
    end: int

    def read(self, position: int, length: int) -> bytes:
        """Exactly these bytes; Refusal when the file ends before them."""
        if position < 0 or length < 0 or self.base + position + length > self.end:
            raise Refusal("it is damaged or cut short: parts of it lie behind its end")
        self.file.seek(self.base + position)
        raw = self.file.read(length)
        if len(raw) < length:
            raise Refusal("it ends before its pixels do")
        return raw

    def segment(self, position: int, name: bytes) -> bytes:
        """Content of a segment of that name."""
        found, allocated, used = _SEGMENT.unpack(self.read(position, SEGMENT_HEAD))
        if found.rstrip(b"\0") != name:
            raise Refusal(f"it is damaged: its {name.decode()} part is not where it should be")
        return self.read(position + SEGMENT_HEAD, used or allocated)


def open_bytes(file: BinaryIO) -> CziBytes:
    """The whole of an open file."""
    return CziBytes(file, 0, file.seek(0, 2))


def read_container(source: CziBytes) -> Container:
    """Read the directories; Refusal when the file is damaged or was never finished."""
    if source.read(0, len(MAGIC)) != MAGIC:
        raise Refusal("it is not a CZI file")
    head = source.read(SEGMENT_HEAD, _FILE.size)
    directory, description, attachments = _FILE.unpack(head)
    if directory <= 0:
        raise Refusal("its list of images is missing; perhaps the recording was interrupted")
    return Container(
        tuple(_blocks(source.segment(directory, b"ZISRAWDIRECTORY"))),
        _xml(source, description) if description > 0 else "",
        tuple(_attachments(source, attachments)) if attachments > 0 else (),
    )


def read_attachment(source: CziBytes, attachment: Attachment, most: int) -> bytes:
    """Content of an attachment of no more than `most` bytes."""
    part = attachment_bytes(source, attachment)
    if part.end - part.base > most:
        raise Refusal(f"its attachment {attachment.name} is far too large")
    return part.read(0, part.end - part.base)


def attachment_bytes(source: CziBytes, attachment: Attachment) -> CziBytes:
    """Where the content of an attachment lies."""
    content = attachment.position + SEGMENT_HEAD
    (length,) = struct.unpack("<i", source.read(content, 4))
    start = source.base + content + 256
    if length < 0 or start + length > source.end:
        raise Refusal(f"its attachment {attachment.name} is cut short")
    return CziBytes(source.file, start, start + length)


def entry_bytes(entry: bytes) -> int:
    """Bytes of a directory entry, given at least its first 32."""
    return _ENTRY.size + _AXIS.size * int(_ENTRY.unpack_from(entry)[5])


def _blocks(directory: bytes) -> list[Block]:
    (count,) = struct.unpack_from("<i", directory)
    blocks, place = [], _DIRECTORY_TEXT
    for _ in range(count):
        kind, pixel_type, position, compression, pyramid, axes = _ENTRY.unpack_from(
            directory, place
        )
        if kind != b"DV" or not 0 < axes <= _MOST_AXES:
            raise Refusal("it is damaged: its list of images makes no sense")
        place += _ENTRY.size
        after = place + axes * _AXIS.size
        letters = [_AXIS.unpack_from(directory, at) for at in range(place, after, _AXIS.size)]
        blocks.append(_block(letters, pixel_type, compression, position, pyramid != 0))
        place = after
    return blocks


def _block(
    letters: list[tuple[bytes, int, int, int]],
    pixel_type: int,
    compression: int,
    position: int,
    is_pyramid: bool,
) -> Block:
    scene = mosaic = -1
    axes: list[tuple[str, int, int, int]] = []
    for name, start, length, stored in reversed(letters):
        letter = name.rstrip(b"\0").decode("latin-1")
        if letter == "M":
            mosaic = start
        elif letter == "S":
            scene = start
        elif length < 1 or stored < 0:
            raise Refusal("it is damaged: the size of a block makes no sense")
        else:
            axes.append((letter, start, length, stored or length))
    names, starts, shape, stored_shape = zip(*axes, strict=True) if axes else ((), (), (), ())
    return Block(
        names, starts, shape, stored_shape, pixel_type, compression, position, scene, mosaic,
        is_pyramid,
    )  # fmt: skip


def _xml(source: CziBytes, position: int) -> str:
    content = source.segment(position, b"ZISRAWMETADATA")
    (length,) = struct.unpack_from("<i", content)
    if not 0 <= length <= _LONGEST_XML:
        return ""
    return content[_XML_TEXT : _XML_TEXT + length].decode("utf-8", errors="replace").strip("\0 ")


def _attachments(source: CziBytes, position: int) -> list[Attachment]:
    content = source.segment(position, b"ZISRAWATTDIR")
    (count,) = struct.unpack_from("<i", content)
    found = []
    for number in range(count):
        where, kind, name = _ATTACHMENT.unpack_from(content, 256 + 128 * number)
        found.append(Attachment(_text(name), _text(kind), where))
    return found


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", errors="replace")
