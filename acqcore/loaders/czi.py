"""CZI of Zeiss' ZEN: frames, stacks, time series, and line scans stored line by line."""

from __future__ import annotations

import math
import struct
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._czi_container import (
    MAGIC,
    SEGMENT_HEAD,
    Container,
    CziBytes,
    open_bytes,
    read_attachment,
    read_container,
)
from acqcore.loaders._czi_pixels import check_decodable, read_region
from acqcore.loaders._czi_plan import CziPlan, block_type, plan_blocks
from acqcore.loaders._czi_reference import find_overview, reference_image
from acqcore.loaders._czi_xml import CziFacts, czi_facts
from acqcore.loaders.base import Loader, Refusal
from acqcore.model.header import Calibration, ImageHeader, calibration
from acqcore.model.reference import ReferenceImage

_LEAST_HEAD = SEGMENT_HEAD + 256  # bytes before the pixels of a block
_MOST_STAMPS = 1 << 28  # bytes
# No galvanometer scans a line faster, so such stamps are in days, not in seconds.
_FASTEST_LINE_S = 2e-5
_UNEVEN = 0.05  # share by which the middle step may differ from the mean one


class CziLoader(Loader):
    """Read the first scene of a CZI in full resolution.

    A recording with a T axis and one row per time is a line scan: T becomes Y. The detectors
    of an Airyscan (axis H), other axes that have no place here, and the colours of RGB
    pixels are channels.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".czi",)
    magic: ClassVar[tuple[bytes, ...]] = (MAGIC,)
    reads_streams: ClassVar[bool] = True

    def _read_header(self) -> ImageHeader:
        with self._source.open() as file:
            source = open_bytes(file)
            container = read_container(source)
            self._facts = czi_facts(container.xml)
            self._plan = plan = plan_blocks(container.blocks, source.end)
            check_decodable(plan)
            _check_blocks(plan, source)
            stamps = _time_stamps(source, container) if plan.row_axis == "T" else None
            self._overview = find_overview(source, container)
        return ImageHeader(
            path=str(self.path),
            shape=tuple(plan.sizes.values()),
            dims=tuple(plan.sizes),
            dtype=plan.dtype,
            calibration=_calibration(plan, self._facts, stamps),
            num_scenes=plan.num_scenes,
            date=self._facts.date,
            time=self._facts.time,
            channel_names=_channel_names(plan, self._facts),
            notes=_notes(plan, self._facts),
        )

    @property
    def has_reference_image(self) -> bool:
        """Whether an overview is attached, known without decoding it."""
        return self._overview is not None

    def _read_reference_image(self) -> ReferenceImage | None:
        if self._overview is None:
            return None
        return reference_image(self._source, self._overview, self._facts)

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        height, width = self._plane_size()
        return self._read_window(channel, slice(0, height), slice(0, width), z, t)

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        plan = self._plan
        chosen = plan.sources[channel]
        spans = {"Z": (z, z + 1), "T": (t, t + 1)}
        spans |= {plan.row_axis: (lines.start, lines.stop), "X": (pixels.start, pixels.stop)}
        region = {
            axis: (start + spans[axis][0], start + spans[axis][1]) if axis in spans
            else (start, start + 1)
            for axis, start in plan.start.items()
        }  # fmt: skip
        region |= {axis: (index, index + 1) for axis, index in chosen.place}
        return read_region(self._source, plan, region, chosen.sample)


def _check_blocks(plan: CziPlan, source: CziBytes) -> None:
    """Refuse blocks that reach behind the end of the file, without reading them."""
    for block in plan.blocks:
        dtype, samples = block_type(block)
        pixels = 0 if block.compression else math.prod(block.stored) * dtype.itemsize * samples
        end = block.position + _LEAST_HEAD + pixels
        if block.position < 0 or end > source.end:
            raise Refusal(f"it ends before its pixels do: {end - source.end:,} bytes are missing")


def _time_stamps(source: CziBytes, container: Container) -> NDArray[np.float64] | None:
    """Time of each line in seconds; None when there are no stamps or they are damaged."""
    found = next((a for a in container.attachments if a.kind == "CZTIMS"), None)
    if found is None:
        return None
    raw = read_attachment(source, found, _MOST_STAMPS)
    if len(raw) < 8:
        return None
    (count,) = struct.unpack_from("<4xi", raw)
    return np.frombuffer(raw, "<f8", count, 8) if 0 <= count <= (len(raw) - 8) // 8 else None


def _line_period(stamps: NDArray[np.float64] | None, lines: int) -> float | None:
    """Mean distance of the time stamps, when there is one per line and they are even."""
    if stamps is None or len(stamps) != lines or lines < 2 or not np.all(np.isfinite(stamps)):
        return None
    mean = float(stamps[-1] - stamps[0]) / (lines - 1)
    middle = float(np.median(np.diff(stamps)))
    return mean if mean >= _FASTEST_LINE_S and abs(middle - mean) <= _UNEVEN * mean else None


def _calibration(plan: CziPlan, facts: CziFacts, stamps: NDArray[np.float64] | None) -> Calibration:
    if plan.row_axis == "Y":
        return calibration(facts.um_per_row, "um", facts.um_per_column, "um", "CZI scaling")
    period, source = _line_period(stamps, plan.length["T"]), "CZI time stamps"
    if period is None:
        period, source = facts.seconds_per_step, "CZI time interval"
    if period is not None and period < _FASTEST_LINE_S:
        period = None
    names = [source] * (period is not None) + ["CZI scaling"] * (facts.um_per_column is not None)
    return calibration(period, "seconds", facts.um_per_column, "um", " and ".join(names))


def _channel_names(plan: CziPlan, facts: CziFacts) -> tuple[str, ...]:
    names = []
    for chosen in plan.sources:
        known = chosen.c < len(facts.channel_names)
        name = facts.channel_names[chosen.c] if known else ""
        if chosen.words and not name:
            name = f"Channel {chosen.c - plan.start.get('C', 0) + 1}"
        names.append(f"{name} {chosen.words}".strip())
    return tuple(names) if any(names) else ()


def _notes(plan: CziPlan, facts: CziFacts) -> tuple[str, ...]:
    notes = []
    further = [axis for axis in plan.length if axis not in "TCZYX" and plan.length[axis] > 1]
    notes += [f"Its {plan.length[axis]} places along {axis} are channels." for axis in further]
    if plan.sources[-1].sample:
        notes.append("It is a colour picture; its colours are channels.")
    if not plan.is_complete:
        notes.append("Some planes are missing from the file and are shown as zero.")
    if facts.is_damaged:
        notes.append("Its description (XML) is damaged, so its calibration is not known.")
    return tuple(notes)
