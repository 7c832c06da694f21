"""The few facts that matter in the description (XML) of a CZI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from acqcore.loaders._units import micrometres, seconds

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})")
_CHANNELS = ("Metadata/Information/Image/Dimensions/Channels/Channel",
             "Metadata/DisplaySetting/Channels/Channel")  # fmt: skip
_NO_DATE = "0001"  # the year that ZEN writes for "unknown"


@dataclass(frozen=True, slots=True)
class CziFacts:
    """What the description says.

    Attributes:
        um_per_column, um_per_row: Pixel size of the images; None when missing or 0.
        scan_um_per_column, scan_um_per_row: Pixel size in the settings of the scanner.
        seconds_per_step: Interval between time points as recorded, or None. Not `LineTime`,
            which is shorter than a pixel, nor the `TimeSpan` of the settings, which names
            minutes and means seconds.
        channel_names: As in the file, in the order of C; unnamed channels are empty.
        date, time: `YYYYMMDD` and `HH:MM:SS`, or empty.
        is_damaged: Whether there is a description that cannot be read.
    """

    um_per_column: float | None = None
    um_per_row: float | None = None
    scan_um_per_column: float | None = None
    scan_um_per_row: float | None = None
    seconds_per_step: float | None = None
    channel_names: tuple[str, ...] = ()
    date: str = ""
    time: str = ""
    is_damaged: bool = False


def czi_facts(xml: str) -> CziFacts:
    """Parse; no facts when there is no XML or it is damaged."""
    if not xml:
        return CziFacts()
    # Entity definitions have no place here and can expand without end.
    if "<!ENTITY" in xml or "<!DOCTYPE" in xml:
        return CziFacts(is_damaged=True)
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):
        return CziFacts(is_damaged=True)
    distances = {
        distance.get("Id"): micrometres(distance.findtext("Value"), "m")
        for distance in root.iterfind("Metadata/Scaling/Items/Distance")
    }
    date, time = _date(root)
    return CziFacts(
        um_per_column=distances.get("X"),
        um_per_row=distances.get("Y"),
        scan_um_per_column=micrometres(root.findtext(".//ScalingX"), "m"),
        scan_um_per_row=micrometres(root.findtext(".//ScalingY"), "m"),
        seconds_per_step=_increment(root),
        channel_names=_channel_names(root),
        date=date,
        time=time,
    )


def _increment(root: ElementTree.Element) -> float | None:
    positions = root.find("Metadata/Information/Image/Dimensions/T/Positions")
    if positions is None:
        return None
    step = seconds(positions.findtext("Interval/Increment"), "s")
    return step or _mean_step(positions.findtext("List/Offsets") or "")


def _mean_step(offsets: str) -> float | None:
    words = offsets.split()
    try:
        return seconds((float(words[-1]) - float(words[0])) / (len(words) - 1), "s")
    except (ValueError, IndexError, ZeroDivisionError):
        return None


def _channel_names(root: ElementTree.Element) -> tuple[str, ...]:
    """Names of the image; what is unnamed there is looked up in the display settings.

    Display settings are found by the channel's id, or by position when their number agrees
    and the id there means nothing.
    """
    image, shown = (list(root.iterfind(path)) for path in _CHANNELS)
    by_id = {channel.get("Id"): channel.get("Name", "") for channel in shown}
    same = len(image) == len(shown)
    places = enumerate(image or shown)
    return tuple(_first(_name_claims(channel, by_id, shown[n] if same else None))
                 for n, channel in places)  # fmt: skip


def _name_claims(
    channel: ElementTree.Element, by_id: dict[str | None, str], beside: ElementTree.Element | None
) -> Iterator[str]:
    yield channel.get("Name", "")
    yield by_id.get(channel.get("Id"), "")
    if beside is not None:
        yield beside.get("Name", "")


def _first(claims: Iterator[str]) -> str:
    return next((claim.strip() for claim in claims if claim.strip()), "")


def _date(root: ElementTree.Element) -> tuple[str, str]:
    information = "Metadata/Information"
    for place in ("Image/AcquisitionDateAndTime", "Document/CreationDate"):
        found = _DATE.search(root.findtext(f"{information}/{place}") or "")
        if found and found[1] != _NO_DATE:
            return "".join(found.group(1, 2, 3)), found[4]
    return "", ""
