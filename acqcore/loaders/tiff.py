"""TIFF: plain, BigTIFF, ImageJ, OME-TIFF, Zeiss LSM, Olympus exports, Prairie View scans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._byte_source import ByteSource
from acqcore.loaders._olympus_txt import (
    IncompleteText,
    OlympusText,
    channel_number,
    read_companion,
    split_group,
)
from acqcore.loaders._ome_xml import OmeFacts, ome_facts
from acqcore.loaders._prairie_xml import channel_files, frame_of, scan_of_reference
from acqcore.loaders._tiff_axes import AxisPlan, plan_axes
from acqcore.loaders._tiff_calibration import (
    Claim,
    Evidence,
    claims_of,
    imagej_channel_names,
    settle,
)
from acqcore.loaders._tiff_guard import MAGIC, MAX_PAGES, open_tiff
from acqcore.loaders._tiff_pixels import StoredPixels, locate
from acqcore.loaders.base import Loader, Refusal, reading
from acqcore.model.header import ImageHeader

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

_COLOURS = (2, 5, 6, 8)  # photometric tag: RGB, CMYK, YCbCr, CIELab
_PALETTE = 3
_INTERLEAVED = 1


class TiffLoader(Loader):
    """Read the first series of a TIFF.

    Olympus exports and Prairie View line scans of several channels, one file each, are one
    recording: opening any of the files gives all channels.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".tif", ".tiff", ".lsm")
    magic: ClassVar[tuple[bytes, ...]] = MAGIC
    reads_streams: ClassVar[bool] = True

    @classmethod
    def hidden_behind(cls, path: Path) -> Path | None:
        """The first channel's file, for a file of a later channel of the same recording.

        Also for a reference picture of Prairie View.
        """
        first = _channel_files(path)[0]
        return scan_of_reference(path) if first == path else first

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the recording, in the order of the channels when they are split."""
        return self._files

    def _read_header(self) -> ImageHeader:
        self._files = (self.path,) if self.in_memory else _channel_files(self.path)
        split = len(self._files) > 1
        sources = [ByteSource(file) for file in self._files] if split else [self._source]
        images = [_read_image(source, split) for source in sources]
        if split:
            _check_alike(self._files, images)
        # Of 10,000 recordings only what finds the pixels is kept.
        self._stored = [(image.pixels, image.plan) for image in images]
        image = images[0]
        text, notes = (None, ()) if self.in_memory else _companion(self.path)
        dims, sizes = image.plan.dims, image.plan.sizes
        if split:
            dims, sizes = ("C", "Y", "X"), (len(self._files), *sizes[-2:])
        channels = sizes[dims.index("C")] if "C" in dims else 1
        beside = [_claim(text)] if text else []
        return ImageHeader(
            path=str(self.path),
            shape=sizes,
            dims=dims,
            dtype=image.dtype,
            calibration=settle([*beside, *image.claims]),
            num_scenes=image.num_scenes,
            date=text.date if text else image.ome.date,
            time=text.time if text else image.ome.time,
            channel_names=_channel_names(self.path, channels, split, text, image),
            notes=(*notes, *image.notes, *_mismatches(self.path, channels, text, image)),
        )

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        height, width = self._plane_size()
        return self._read_window(channel, slice(0, height), slice(0, width), z, t)

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        stored, plan = self._stored[channel if len(self._files) > 1 else 0]
        window = stored.read(plan.region(lines, pixels, channel, z, t))
        return window.T if plan.is_transposed else window


@dataclass(frozen=True, slots=True)
class _Image:
    """One file as found: where its pixels are and what it says about them."""

    pixels: StoredPixels
    plan: AxisPlan
    claims: tuple[Claim, ...]
    channel_names: tuple[str, ...]
    ome: OmeFacts
    num_scenes: int
    notes: tuple[str, ...]

    @property
    def dtype(self) -> str:
        # Bits become bytes of 0 and 1, which every analysis can compute with.
        name = np.dtype(self.pixels.dtype).name
        return "uint8" if name == "bool" else name


def _channel_files(path: Path) -> tuple[Path, ...]:
    files = split_group(path)
    return files if len(files) > 1 else channel_files(path)


def _read_image(source: ByteSource, split: bool) -> _Image:
    frame = None if source.in_memory else frame_of(source.path)
    named = frame.names_of(source.path, split) if frame else ()
    with reading(source.path), open_tiff(source) as tif:
        ome = ome_facts(tif.ome_metadata or "") if tif.is_ome else OmeFacts()
        if ome.planes > MAX_PAGES:
            raise Refusal(f"its OME-XML speaks of {ome.planes:,} planes")
        scenes = [series for series in tif.series if not series.keyframe.is_reduced]
        if not scenes:
            raise Refusal("it holds nothing but a thumbnail")
        series = scenes[0]
        pixels = locate(source, series)
        plan = _plan(series)
        return _Image(
            pixels=pixels,
            plan=plan,
            claims=tuple(claims_of(Evidence(tif, plan, ome, frame))),
            channel_names=ome.channel_names or named or imagej_channel_names(tif),
            ome=ome,
            num_scenes=len(scenes),
            notes=(*plan.notes, *_notes(tif, series, ome, split)),
        )


def _plan(series: TiffPageSeries) -> AxisPlan:
    key = series.keyframe
    if "S" in series.axes and key.photometric in _COLOURS and key.planarconfig == _INTERLEAVED:
        raise Refusal(
            "it is an RGB picture, not a recording; open the original, or save each colour "
            "as a grey image"
        )
    return plan_axes(series.axes, tuple(int(length) for length in series.shape))


def _notes(tif: TiffFile, series: TiffPageSeries, ome: OmeFacts, split: bool) -> list[str]:
    notes = []
    if series.keyframe.photometric == _PALETTE and not (tif.is_imagej or tif.is_lsm):
        notes.append("The pixels are numbers of a colour table, not intensities.")
    if ome.names_other_files and not split:
        notes.append("The recording goes on in other files, which are not read.")
    if not split and any(page is None for page in series.pages):
        notes.append("Some planes are missing from the file and are shown as zero.")
    return notes


def _check_alike(files: tuple[Path, ...], images: list[_Image]) -> None:
    first = images[0]
    for file, image in zip(files, images, strict=True):
        # An OME-TIFF speaks of all channels, though it holds only its own.
        flat = image.plan.dims == ("Y", "X") or (
            image.plan.dims == ("C", "Y", "X") and image.plan.sizes[0] == len(files)
        )
        same = image.plan.sizes[-2:] == first.plan.sizes[-2:] and image.dtype == first.dtype
        if not (flat and same):
            raise Refusal(f"the file of another channel, {file.name}, is of another size or kind")


def _companion(path: Path) -> tuple[OlympusText | None, tuple[str, ...]]:
    try:
        return read_companion(path), ()
    except IncompleteText as incomplete:
        return None, (str(incomplete),)


def _claim(text: OlympusText) -> Claim:
    return Claim("Olympus text file", text.step_y, text.label_y, text.um_per_pixel)


def _channel_names(
    path: Path, channels: int, split: bool, text: OlympusText | None, image: _Image
) -> tuple[str, ...]:
    """Names where there is one per channel; never names that may belong to another one."""
    number = channel_number(path)
    if text is not None and number and not split:
        return text.channel_names[number - 1 : number]
    for names in (text.channel_names if text else (), image.channel_names):
        if any(names) and len(names) == channels:
            return names
    return ()


def _mismatches(
    path: Path, channels: int, text: OlympusText | None, image: _Image
) -> tuple[str, ...]:
    if text is None:
        return ()
    notes = []
    lines, pixels = image.plan.sizes[-2:]
    if (text.lines, text.pixels) != (lines, pixels):
        notes.append(
            f"The Olympus text file describes {text.lines} × {text.pixels} pixels, "
            f"the image has {lines} × {pixels}."
        )
    if text.channels > channels and channel_number(path):
        notes.append(f"Of the {text.channels} channels recorded, only this file was found whole.")
    return tuple(notes)
