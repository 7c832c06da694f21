"""The overview and the scanned line that ZEN attaches to a line scan, each a CZI of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders._czi_container import (
    Attachment,
    Container,
    CziBytes,
    attachment_bytes,
    open_bytes,
    read_attachment,
    read_container,
)
from acqcore.loaders._czi_pixels import check_decodable, read_region
from acqcore.loaders._czi_plan import CziPlan, plan_blocks
from acqcore.loaders._czi_xml import CziFacts, czi_facts
from acqcore.loaders.base import FAILURES, Refusal, reading
from acqcore.model.reference import ReferenceImage

_NAME, _KIND = "Image", "ZISRAW"
_MOST_BYTES = 1 << 28
_MOST_CHANNELS, _SMALLEST_SIDE, _FEWEST_POINTS = 16, 32, 100


@dataclass(frozen=True, slots=True)
class Embedded:
    """A CZI inside a CZI, understood but not decoded."""

    attachment: Attachment
    plan: CziPlan
    facts: CziFacts


def find_overview(source: CziBytes, container: Container) -> Embedded | None:
    """The attached overview, when it is a picture; None for anything else or a damaged one."""
    named = [a for a in container.attachments if (a.name, a.kind) == (_NAME, _KIND)]
    found = _understood(source, named[0]) if named else None
    return found if found is not None and _is_picture(found.plan) else None


def find_path(source: CziBytes, container: Container) -> Embedded | None:
    """The attached scan path: two rows of numbers, x and y in metres."""
    for attachment in container.attachments:
        if attachment.kind == _KIND and attachment.name != _NAME:
            found = _understood(source, attachment)
            if found is not None and _is_path(found.plan):
                return found
    return None


def reference_image(recording: ByteSource, overview: Embedded, facts: CziFacts) -> ReferenceImage:
    """Build the overview; its planes are decoded when asked for."""
    step_x = overview.facts.um_per_column or facts.scan_um_per_column
    step_y = overview.facts.um_per_row or facts.scan_um_per_row
    size = overview.plan.length["Y"], overview.plan.length["X"]
    with recording.open() as file:
        source = open_bytes(file)
        line = find_path(source, read_container(source))
    points = _read(recording, line, 0) if line is not None else None
    return ReferenceImage(
        size=size,
        num_channels=len(overview.plan.sources),
        read=_reader(recording, overview),
        step_y=step_y,
        step_x=step_x,
        scan_path=_in_pixels(points, size, step_y, step_x),
        channel_names=overview.facts.channel_names,
    )


def _reader(recording: ByteSource, overview: Embedded) -> Callable[[int], NDArray[Any]]:
    def read(channel: int) -> NDArray[Any]:
        with reading(recording.path):
            return _read(recording, overview, channel)

    return read


def _understood(source: CziBytes, attachment: Attachment) -> Embedded | None:
    """None when damaged: an overview that cannot be shown is no reason to refuse the scan."""
    try:
        part = attachment_bytes(source, attachment)
        container = read_container(part)
        plan = plan_blocks(container.blocks, part.end - part.base)
        check_decodable(plan)
    except Refusal:
        return None
    except FAILURES:
        return None
    return Embedded(attachment, plan, czi_facts(container.xml))


def _is_picture(plan: CziPlan) -> bool:
    sides = plan.length["Y"], plan.length["X"]
    others = [size for axis, size in plan.length.items() if axis in "TZ"]
    return (
        math.prod(others) == 1
        and len(plan.sources) <= _MOST_CHANNELS
        and min(sides) > _SMALLEST_SIDE
    )


def _is_path(plan: CziPlan) -> bool:
    return (
        plan.dtype.startswith("float")
        and plan.length["Y"] == 2
        and plan.length["X"] > _FEWEST_POINTS
        and len(plan.sources) == 1
    )


def _read(recording: ByteSource, embedded: Embedded, channel: int) -> NDArray[Any]:
    plan, chosen = embedded.plan, embedded.plan.sources[channel]
    region = {axis: (start, start + plan.length[axis]) for axis, start in plan.start.items()}
    region |= {axis: (index, index + 1) for axis, index in chosen.place}
    with recording.open() as file:
        content = read_attachment(open_bytes(file), embedded.attachment, _MOST_BYTES)
    inner = ByteSource(recording.path, content)
    return read_region(inner, plan, region, chosen.sample)


def _in_pixels(
    metres: NDArray[Any] | None,
    size: tuple[int, int],
    step_y: float | None,
    step_x: float | None,
) -> NDArray[np.float64] | None:
    """Points in metres from the middle of the picture, as (2, N) x and y in pixels."""
    if metres is None or step_y is None or step_x is None or not np.all(np.isfinite(metres)):
        return None
    height, width = size
    x = metres[0].astype(np.float64) * 1e6 / step_x + width / 2
    y = metres[1].astype(np.float64) * 1e6 / step_y + height / 2
    path = np.stack([x, y])
    path.flags.writeable = False
    return path
