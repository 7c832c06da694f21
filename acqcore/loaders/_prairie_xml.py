"""The XML file that Prairie View writes beside the images of a scan.

Settings stand at three levels: scan, sequence and frame; an inner one replaces an outer
one. Only the line period is never taken from outside the frame: there it is the one of
the picture in which the line was drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from acqcore.loaders._units import micrometres, seconds

_LONGEST = 32 << 20  # bytes; a line scan has 30 kB, a series of 10,000 frames about 10 MB
_IMAGE = re.compile(r"^(?P<scan>.+)_Cycle\d+_(?:.*_)?Ch\d+_\d+(?:\.ome)?\.tiff?$", re.IGNORECASE)
_REFERENCE = re.compile(r"^(?P<scan>.+)-Cycle\d+-.*-Reference\.tiff?$", re.IGNORECASE)

Settings = dict[str, str]


@dataclass(frozen=True, slots=True)
class PrairieFrame:
    """One frame of a scan; in a line scan, one recording.

    Attributes:
        files: Names of its images, one per channel.
        is_line_scan: Whether rows are scan lines.
        line_period_s: Seconds per line, or None.
        um_per_column, um_per_row: Size of a pixel, or None.
    """

    files: tuple[str, ...]
    channel_names: tuple[str, ...]
    is_line_scan: bool
    line_period_s: float | None = None
    um_per_column: float | None = None
    um_per_row: float | None = None

    def names_of(self, file: Path, all_channels: bool) -> tuple[str, ...]:
        """Names of all channels, or only of the one in this file."""
        if all_channels:
            return self.channel_names
        pairs = zip(self.files, self.channel_names, strict=True)
        return tuple(channel for name, channel in pairs if name == file.name)


def frame_of(path: Path) -> PrairieFrame | None:
    """The frame that an image belongs to; None without an XML file that lists it."""
    match = _IMAGE.match(path.name)
    return _frames_beside(path.with_name(f"{match['scan']}.xml")).get(path.name) if match else None


def channel_files(path: Path) -> tuple[Path, ...]:
    """The images of one line scan, one per channel; only `path` when any is missing."""
    frame = frame_of(path)
    if frame is None or not frame.is_line_scan:
        return (path,)
    files = tuple(path.with_name(name) for name in frame.files)
    return files if all(file.is_file() for file in files) else (path,)


def scan_of_reference(path: Path) -> Path | None:
    """The recording that a reference picture belongs to, where both are in their places."""
    match = _REFERENCE.match(path.name) if path.parent.name == "References" else None
    if match is None:
        return None
    folder = path.parent.parent
    frames = _frames_beside(folder / f"{match['scan']}.xml").values()
    files = (folder / name for frame in frames if frame.is_line_scan for name in frame.files)
    return next((file for file in files if file.is_file()), None)


def parse(xml: bytes) -> dict[str, PrairieFrame]:
    """Frames by the name of each of their files; those before the damage in a damaged file."""
    # Entity definitions have no place here and can expand without end.
    if b"<!ENTITY" in xml or b"<!DOCTYPE" in xml:
        return {}
    found: dict[str, PrairieFrame] = {}
    scan: Settings = {}
    sequence: Settings = {}
    sequence_type, path = "", list[str]()
    try:
        for event, element in ElementTree.iterparse(BytesIO(xml), ("start", "end")):
            if event == "start":
                path.append(element.tag)
                if element.tag == "Sequence":
                    sequence, sequence_type = {}, element.get("type", "")
                continue
            path.pop()
            if element.tag == "PVStateShard" and path[-1:] != ["Frame"]:
                (sequence if "Sequence" in path else scan).update(_settings(element))
            elif element.tag == "Frame":
                frame = _frame(element, scan | sequence, sequence_type)
                found.update(dict.fromkeys(frame.files, frame))
                element.clear()
    except (ElementTree.ParseError, ValueError, LookupError):
        pass  # what was read before is whole
    return found


def _frames_beside(xml: Path) -> dict[str, PrairieFrame]:
    try:
        status = xml.stat()
        return _frames(xml, status.st_mtime_ns, status.st_size)
    except OSError:
        return {}


# Asked for each of the images of a scan, which may be thousands.
@lru_cache(maxsize=4)
def _frames(xml: Path, mtime_ns: int, size: int) -> dict[str, PrairieFrame]:
    if size > _LONGEST or not xml.is_file():
        return {}
    return parse(xml.read_bytes())


def _frame(element: ElementTree.Element, outside: Settings, sequence_type: str) -> PrairieFrame:
    own: Settings = {}
    for shard in element.iter("PVStateShard"):
        own.update(_settings(shard))
    everything = outside | own
    # A name with a folder in it would lead to a file of something else.
    named = [
        (name, file.get("channelName", ""))
        for file in element.iter("File")
        if (name := file.get("filename", "")) and Path(name).name == name
    ]
    return PrairieFrame(
        files=tuple(name for name, _ in named),
        channel_names=tuple(channel for _, channel in named),
        is_line_scan="linescan" in sequence_type.lower(),
        line_period_s=seconds(own.get("scanlineperiod"), "s"),
        um_per_column=micrometres(everything.get("micronsperpixel_xaxis"), "um"),
        um_per_row=micrometres(everything.get("micronsperpixel_yaxis"), "um"),
    )


def _settings(shard: ElementTree.Element) -> Settings:
    """Values by key in lower case; those of an axis as `key_axis`.

    Before version 5 the elements were called otherwise and an axis was part of the key.
    """
    values: Settings = {}
    for element in shard:
        key = element.get("key", "").lower()
        if element.get("value") is not None:
            values[key] = element.get("value", "")
        for part in element.iter("IndexedValue"):
            values[f"{key}_{part.get('index', '').lower()}"] = part.get("value", "")
    return values
