"""The few facts that matter in the OME-XML of a TIFF."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from xml.etree import ElementTree

from acqcore.loaders._units import micrometres, seconds

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class OmeFacts:
    """What the first image of the XML says.

    Attributes:
        um_per_column, um_per_row: PhysicalSizeX and PhysicalSizeY, or None.
        seconds_per_step: TimeIncrement, or None.
        channel_names: As in the file; unnamed channels are empty.
        planes: How many planes the XML claims, or the most that one entry claims.
        names_other_files: Whether parts of the recording lie in other files.
        date, time: `YYYYMMDD` and `HH:MM:SS`, or empty.
    """

    um_per_column: float | None = None
    um_per_row: float | None = None
    seconds_per_step: float | None = None
    channel_names: tuple[str, ...] = ()
    planes: int = 1
    names_other_files: bool = False
    date: str = ""
    time: str = ""


def ome_facts(xml: str) -> OmeFacts:
    """Parse; no facts when the XML is damaged or tries to define entities."""
    # Entity definitions have no place here and can expand without end.
    if "<!ENTITY" in xml or "<!DOCTYPE" in xml:
        return OmeFacts()
    try:
        root = ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):
        return OmeFacts()
    image = root.find("{*}Image")
    pixels = image.find("{*}Pixels") if image is not None else None
    if image is None or pixels is None:
        return OmeFacts()
    date = _DATE.search(image.findtext("{*}AcquisitionDate", ""))
    attributes = pixels.attrib
    files = {uuid.get("FileName") for uuid in root.iter() if uuid.tag.endswith("}UUID")}
    return OmeFacts(
        um_per_column=_size(attributes, "X"),
        um_per_row=_size(attributes, "Y"),
        seconds_per_step=seconds(
            attributes.get("TimeIncrement"), attributes.get("TimeIncrementUnit", "s")
        ),
        channel_names=tuple(c.get("Name", "") for c in pixels.findall("{*}Channel")),
        planes=_planes(root),
        names_other_files=len(files) > 1,
        date="".join(date.group(1, 2, 3)) if date else "",
        time=date[4] if date else "",
    )


def _size(attributes: dict[str, str], axis: str) -> float | None:
    name = f"PhysicalSize{axis}"
    return micrometres(attributes.get(name), attributes.get(f"{name}Unit", "µm"))


def _planes(root: ElementTree.Element) -> int:
    claims = [1]
    for element in root.iter():
        if element.tag.endswith("}Pixels"):
            claims.append(prod(_whole(element.get(f"Size{axis}")) for axis in "CZT"))
        elif element.tag.endswith("}TiffData"):
            claims.extend(_whole(element.get(name)) for name in ("PlaneCount", "NumPlanes", "IFD"))
    return max(claims)


def _whole(text: str | None) -> int:
    return int(text[:12]) if text and text.isascii() and text.isdigit() else 1
