"""Where the pixels of an OIR file lie, so that a window is read without all the rest.

An OIR starts with 96 bytes (magic, at byte 32 its length and the position of an index), then
come blocks of a length, a kind and content; the index lists their positions. A block that
names a plane is followed by one with its pixels. Long recordings go on in files beside it
that are called as it is, without the suffix and with `_00001`, `_00002` ...
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders.base import Refusal

MAGIC = b"OLYMPUSRAWFORMAT"

_HEAD_BYTES = 96
_NAME, _PIXELS = 3, 4
_END_OF_INDEX = 0xFFFFFFFF
_LONGEST_NAME = 1 << 12
_MOST_FILES = 10_000
_PLANE = re.compile(r"^(?P<places>.*?)(?:_\d+_\d+)?_(?P<channel>[0-9a-fA-F-]+)_\d+$")
_PLACE = re.compile(r"([tlz])(\d+)")
_REFERENCE = re.compile(r"^REF_[^_]*_(?P<channel>.+)_\d+$")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plane belongs; the numbers start at 0."""

    t: int
    wavelength: int
    z: int
    channel: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of pixel bytes; a plane is one or several, in order."""

    source: ByteSource
    offset: int
    length: int


@dataclass(slots=True)
class OirBlocks:
    """All pixels of a recording.

    Attributes:
        planes: Pieces by place.
        reference: Pieces of the overview by channel.
        files: The file and those that continue it.
    """

    planes: dict[Place, list[Piece]] = field(default_factory=dict)
    reference: dict[str, list[Piece]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)


def read_blocks(recording: ByteSource) -> OirBlocks:
    """Read the index; Refusal when the file is damaged or cut short."""
    found = OirBlocks()
    _read_file(recording, found)
    if not recording.in_memory:
        for number in range(1, _MOST_FILES):
            beside = recording.path.with_name(f"{recording.path.stem}_{number:05d}")
            if not beside.is_file():
                break
            _read_file(ByteSource(beside), found)
    if not found.planes:
        raise Refusal("it holds no image")
    return _counted_from_zero(found)


def _read_file(source: ByteSource, found: OirBlocks) -> None:
    found.files.append(source.path)
    with source.open() as file:
        size = file.seek(0, 2)
        places = _index(file, size)
        name = None
        for place in places:
            if place + 8 > size:
                raise _cut_short()
            file.seek(place)
            length, kind = struct.unpack("<II", file.read(8))
            if kind == _NAME:
                name = _plane_name(file)
            elif kind == _PIXELS and name is not None:
                if place + 8 + length > size:
                    raise _cut_short()
                _add(found, name, Piece(source, place + 8, length))
                name = None


def _index(file: BinaryIO, size: int) -> list[int]:
    """Positions of the blocks."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or not head.startswith(MAGIC):
        raise Refusal("it is not an OIR file")
    end, index = struct.unpack_from("<QQ", head, 32)
    if end > size:
        raise Refusal(f"it ends before its pixels do: {end - size:,} bytes are missing")
    if not _HEAD_BYTES <= index < end:
        raise Refusal("it is damaged: its index is not in the file")
    file.seek(index)
    raw = file.read(end - index)
    if len(raw) < 4 or struct.unpack_from("<I", raw)[0] != _END_OF_INDEX:
        raise Refusal("it is damaged: its index cannot be read")
    count = (len(raw) - 4) // 8
    places = struct.unpack_from(f"<{count}Q", raw, 4)
    # What follows the last position is no index any more.
    stop = next((n for n, place in enumerate(places) if not 0 < place <= end), count)
    return list(places[:stop])


def _plane_name(file: BinaryIO) -> str | None:
    raw = file.read(12)
    length = struct.unpack_from("<I", raw, 8)[0] if len(raw) == 12 else 0
    if not 0 < length <= _LONGEST_NAME:
        return None
    return file.read(length).decode("latin-1")


def _add(found: OirBlocks, name: str, piece: Piece) -> None:
    overview = _REFERENCE.match(name)
    if overview:
        found.reference.setdefault(overview["channel"], []).append(piece)
        return
    plane = _PLANE.match(name)
    if plane is None:
        return
    at = {letter: int(number) for letter, number in _PLACE.findall(plane["places"])}
    place = Place(at.get("t", 0), at.get("l", 0), at.get("z", 0), plane["channel"])
    found.planes.setdefault(place, []).append(piece)


def _counted_from_zero(found: OirBlocks) -> OirBlocks:
    """A file that continues another one may start at a later number when opened alone."""
    t = min(place.t for place in found.planes)
    wavelength = min(place.wavelength for place in found.planes)
    z = min(place.z for place in found.planes)
    found.planes = {
        Place(p.t - t, p.wavelength - wavelength, p.z - z, p.channel): pieces
        for p, pieces in found.planes.items()
    }
    return found


def read_run(pieces: list[Piece], start: int, length: int) -> bytes:
    """Bytes `start` to `start + length` of the pieces joined; zeros behind their end."""
    parts, place = [], 0
    for piece in pieces:
        first = max(start - place, 0)
        stop = min(start + length - place, piece.length)
        if first < stop:
            parts.append(_read_piece(piece, first, stop - first))
        place += piece.length
    joined = b"".join(parts)
    return joined + bytes(length - len(joined))


def _read_piece(piece: Piece, start: int, length: int) -> bytes:
    with piece.source.open() as file:
        file.seek(piece.offset + start)
        raw = file.read(length)
    if len(raw) < length:
        raise _cut_short()
    return raw


def _cut_short() -> Refusal:
    return Refusal("it ends before its pixels do")
