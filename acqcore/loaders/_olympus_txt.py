"""The text file that Olympus FluoView writes beside each exported TIFF.

Lines are `"Key"<tab>"value"` under headings such as `"[Image]"`. The line time is the
duration of the recording over its number of lines: the file holds nothing finer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from acqcore.loaders._units import micrometres, seconds

_LONGEST = 1 << 20  # bytes; real files have about 1,500
_LINE = re.compile(r'^\s*"([^"]*)"\s+"(.*)"\s*$')
_HEADING = re.compile(r"^\[(.+)\]$")
_STEP = re.compile(r"([\d.eE+-]+)\s*\[(\w+)/pixel\]")
_DURATION = re.compile(r"-\s*([\d.eE+]+)\s*\[(\w+)\]")
_SIZE = re.compile(r"(\d{1,9})\s*\*\s*(\d{1,9})")
_COUNT = re.compile(r"\d{1,4}")
_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\.\d*)?\s*([AP]M)?", re.IGNORECASE
)
_SPLIT = re.compile(r"^(?P<stem>.*)_C(?P<number>\d{3})(?P<rest>T.*)$")


class IncompleteText(ValueError):
    """The text file lacks a number; `str` is a sentence for the notes of the header."""


@dataclass(frozen=True, slots=True)
class OlympusText:
    """What a complete text file says.

    Attributes:
        um_per_pixel: Along the scan line, as printed (three decimals).
        step_y: Seconds per line of a line scan, um per row of any other image.
        label_y: `seconds` or `um`.
        pixels, lines: Size of the image that it describes.
        channels: Detector signals of the recording, one file each.
        channel_names: Dye, or else detector, of each channel.
        date, time: `YYYYMMDD` and `HH:MM:SS`, or empty.
    """

    um_per_pixel: float
    step_y: float
    label_y: str
    pixels: int
    lines: int
    channels: int = 1
    channel_names: tuple[str, ...] = ()
    date: str = ""
    time: str = ""


def read_companion(path: Path) -> OlympusText | None:
    """The text file of an image; None without one, IncompleteText when it lacks a number."""
    for candidate in _companions(path):
        if candidate.is_file():
            return read_text(candidate)
    return None


def read_text(path: Path) -> OlympusText | None:
    """One text file; None for another kind of text, IncompleteText when it lacks a number."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LONGEST)
    except OSError as error:
        raise IncompleteText(f"{path.name} cannot be read.") from error
    return parse(_decoded(raw), path.name)


def split_group(path: Path) -> tuple[Path, ...]:
    """The files of one recording, one per channel in order; only `path` when it stands alone.

    Files are one recording when none of the channels that the text file counts is missing.
    Without a count the numbering decides.
    """
    alone = (path,)
    match = _SPLIT.match(path.name)
    if match is None or not channel_number(path):
        return alone
    count = _expected_channels(path)
    members: list[Path] = []
    while count is None or len(members) < count:
        name = f"{match['stem']}_C{len(members) + 1:03d}{match['rest']}"
        if not path.with_name(name).is_file():
            break
        members.append(path.with_name(name))
    complete = len(members) > 1 and (count is None or len(members) == count)
    return tuple(members) if complete and path in members else alone


def channel_number(path: Path) -> int:
    """Which channel a split file holds, from 1; 0 for any other name."""
    match = _SPLIT.match(path.name)
    return int(match["number"]) if match else 0


def parse(text: str, name: str = "The text file") -> OlympusText | None:
    """Read the text; None when it is not Olympus, IncompleteText when it lacks a number."""
    general, channels = _sections(text)
    if not {"X Dimension", "T Dimension", "Image Size"} & general.keys():
        return None
    size = _SIZE.search(general.get("Image Size", ""))
    step_x = _step(general.get("X Dimension", ""))
    if size is None or int(size[1]) < 1 or int(size[2]) < 1:
        raise IncompleteText(f"{name} does not give the image size, so it is not used.")
    if step_x is None:
        raise IncompleteText(f"{name} does not give the pixel size, so it is not used.")
    step_y, label_y = _rows(general, int(size[2]), name)
    date, time = _date(general.get("Date", ""))
    count = _COUNT.search(general.get("Channel Dimension", ""))
    return OlympusText(
        um_per_pixel=step_x,
        step_y=step_y,
        label_y=label_y,
        pixels=int(size[1]),
        lines=int(size[2]),
        channels=max(int(count[0]), 1) if count else 1,
        channel_names=tuple(c.get("Dye Name") or c.get("Channel Name", "") for c in channels),
        date=date,
        time=time,
    )


def _companions(path: Path) -> tuple[Path, ...]:
    own = path.with_suffix(".txt")
    match = _SPLIT.match(path.name)
    return (path.with_name(f"{match['stem']}.txt"), own) if match else (own,)


def _expected_channels(path: Path) -> int | None:
    try:
        text = read_companion(path)
    except IncompleteText:
        return None
    return text.channels if text else None


def _decoded(raw: bytes) -> str:
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")


def _sections(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Keys outside the channel sections, first value wins; one dictionary per channel."""
    general: dict[str, str] = {}
    channels: list[dict[str, str]] = []
    section = general
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        heading = _HEADING.match(match[1])
        if heading and heading[1].startswith("Channel "):
            section = {}
            channels.append(section)
        elif heading:
            section = general
        else:
            # First wins: "Image Size" comes again for the reference image.
            section.setdefault(match[1], match[2].strip())
    return general, channels


def _rows(general: dict[str, str], lines: int, name: str) -> tuple[float, str]:
    order = [axis.strip() for axis in general.get("Primary Dimensions", "X * T").split("*")]
    if len(order) > 1 and order[1] != "T":
        step = _step(general.get("Y Dimension", ""))
        if step is None:
            raise IncompleteText(f"{name} does not give the size of a row, so it is not used.")
        return step, "um"
    match = _DURATION.search(general.get("T Dimension", ""))
    duration = seconds(match[1], match[2]) if match else None
    if duration is None:
        raise IncompleteText(f"{name} does not give the duration, so it is not used.")
    return duration / lines, "seconds"


def _step(value: str) -> float | None:
    match = _STEP.search(value)
    return micrometres(match[1], match[2]) if match else None


def _date(value: str) -> tuple[str, str]:
    # Not strptime: its %p knows no AM or PM in many locales, and Qt sets the user's.
    match = _DATE.search(value)
    if match is None:
        return "", ""
    month, day, year, hour, minute, second = (int(match[group]) for group in range(1, 7))
    half = (match[7] or "").upper()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "PM" else 0)
    return f"{year:04d}{month:02d}{day:02d}", f"{hour:02d}:{minute:02d}:{second:02d}"
