"""Pixels with their calibration in files that other programs read: TIFF and OME-Zarr."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from acqcore._export_target import checked_target, placed
from acqcore._version import __version__
from acqcore.acq_image import AcqImage
from acqcore.errors import SaveFailed

WRITER = f"CloudScope {__version__}"

_IMAGEJ_TYPES = ("uint8", "uint16", "float32")
_OME_TYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64")
_IMAGEJ_MOST = (1 << 32) - (1 << 22)  # bytes; ImageJ knows no BigTIFF
_CHUNK_BYTES = 1 << 20
_DOCUMENTS = ("zarr.json", ".zarray", ".zgroup", ".zattrs")
_NGFF_VERSIONS: Mapping[str, Literal[2, 3]] = {"0.4": 2, "0.5": 3}


@dataclass(frozen=True, slots=True)
class _Stack:
    """What is exported of a recording: chosen channels of all its planes.

    Attributes:
        lengths: Of T, Z, C, Y and X, in that order.
    """

    image: AcqImage
    channels: tuple[int, ...]

    @classmethod
    def of(cls, image: AcqImage, channel: int | None = None) -> _Stack:
        if not image.header.has_plane:
            raise ValueError(f"{image.name} has no plane of rows and columns")
        everything = tuple(range(image.header.num_channels))
        if channel is not None and channel not in everything:
            raise IndexError(f"{image.name} has {len(everything)} channels, not {channel}")
        return cls(image, everything if channel is None else (channel,))

    @property
    def lengths(self) -> dict[str, int]:
        size = self.image.header.size
        return {
            "T": size("T"), "Z": size("Z"), "C": len(self.channels), "Y": size("Y"), "X": size("X")
        }  # fmt: skip

    @property
    def is_line_scan(self) -> bool:
        """Whether rows are scan lines: no other axis is time, and rows are no lengths."""
        frames = self.lengths["T"] * self.lengths["Z"]
        return frames == 1 and self.image.calibration.label_y != "um"

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Names that stand in the file, one per exported channel; empty without any."""
        known = self.image.header.channel_names
        names = tuple(printable(known[c]) if c < len(known) else "" for c in self.channels)
        return names if any(names) else ()

    def places(self) -> Iterator[tuple[int, int, int]]:
        """(t, z, channel) of each plane, channels fastest."""
        return itertools.product(range(self.lengths["T"]), range(self.lengths["Z"]), self.channels)

    def planes(self) -> Iterator[NDArray[Any]]:
        """Each plane, read when it is asked for."""
        for t, z, channel in self.places():
            yield self.image.images.read_plane(channel, z, t)

    def facts(self) -> dict[str, Any]:
        """What a reader of the exported file should know about its origin."""
        experiment = self.image.state.experiment.values()
        filled = {name: value for name, value in experiment.items() if value not in ("", None)}
        return {"writer": WRITER, "source": printable(self.image.name), "experiment": filled}


def printable(text: str) -> str:
    """A text that any file format can hold: undecodable bytes and control characters spelled."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in plain)


def export_tiff(
    image: AcqImage, path: str | Path, *, channel: int | None = None, overwrite: bool = False
) -> None:
    """Write one or all channels as a TIFF with the calibration in force.

    An ImageJ hyperstack where its sample types and 4 GB allow it, else an OME-TIFF. One
    plane at a time is in memory. `SaveFailed` when nothing could be written, IndexError
    for a channel that is not there; never touches the recording.
    """
    from tifffile import imwrite  # heavy: only where a TIFF is written

    stack = _Stack.of(image, channel)
    target = checked_target(image, path, (".tif", ".tiff"), overwrite=overwrite)
    axes = [axis for axis, length in stack.lengths.items() if length > 1 or axis in "YX"]
    shape, dtype = tuple(stack.lengths[axis] for axis in axes), image.header.dtype
    size = prod(shape) * np.dtype(dtype).itemsize
    how: dict[str, Any] = {"shape": shape, "dtype": dtype, "software": WRITER}
    if dtype in _IMAGEJ_TYPES and size < _IMAGEJ_MOST:
        how |= {"imagej": True} | _imagej(stack, "".join(axes))
    elif dtype in _OME_TYPES:
        how |= {"ome": True, "bigtiff": size >= _IMAGEJ_MOST, "photometric": "minisblack"}
        how["metadata"] = _ome(stack, "".join(axes))
    else:
        raise SaveFailed(target, f"TIFF has no place for samples of type {dtype}; use OME-Zarr")
    with placed(target, overwrite=overwrite) as part:
        imwrite(part, stack.planes(), **how)


def _imagej(stack: _Stack, axes: str) -> dict[str, Any]:
    """ImageJ knows a unit per axis, so its y axis shows seconds."""
    steps = stack.image.calibration
    metadata: dict[str, Any] = {"axes": axes, "Info": _info(stack), "unit": _ascii(steps.label_x)}
    if steps.label_y != steps.label_x:
        metadata["yunit"] = "s" if steps.time_known else _ascii(steps.label_y)
    if stack.channel_names:
        planes = stack.lengths["T"] * stack.lengths["Z"]
        metadata["Labels"] = list(stack.channel_names) * planes
    return {"metadata": metadata, "resolution": (1 / steps.step_x, 1 / steps.step_y)}


def _ome(stack: _Stack, axes: str) -> dict[str, Any]:
    steps = stack.image.calibration
    metadata: dict[str, Any] = {"axes": axes, "Description": _info(stack)}
    if steps.distance_known:
        metadata |= {"PhysicalSizeX": steps.step_x, "PhysicalSizeXUnit": "µm"}
    if steps.label_y == "um":
        metadata |= {"PhysicalSizeY": steps.step_y, "PhysicalSizeYUnit": "µm"}
    if steps.time_known:
        metadata |= {"TimeIncrement": steps.step_y, "TimeIncrementUnit": "s"}
    if stack.channel_names:
        metadata["Channel"] = {"Name": list(stack.channel_names)}
    return metadata


def _info(stack: _Stack) -> str:
    facts = stack.facts()
    lines = {"Exported by": facts["writer"], "Source": facts["source"]} | facts["experiment"]
    return "\n".join(f"{name} = {printable(str(value))}" for name, value in lines.items())


def _ascii(unit: str) -> str:
    return "pixel" if unit == "Pixels" else unit.encode("ascii", "replace").decode()


def export_ome_zarr(
    image: AcqImage, path: str | Path, *, version: str = "0.5", overwrite: bool = False
) -> None:
    """Write the recording as an OME-Zarr folder, of OME-NGFF version 0.5 or 0.4.

    A kymograph becomes (t, c, y = 1, x), since the format wants two axes of space; one
    channel is written without c. One chunk at a time is in memory. Errors as of
    `export_tiff`, ValueError for another version.
    """
    if version not in _NGFF_VERSIONS:
        raise ValueError(f"version must be one of {', '.join(_NGFF_VERSIONS)}, not {version!r}")
    stack = _Stack.of(image)
    target = checked_target(image, path, (".zarr",), overwrite=overwrite)
    with placed(target, overwrite=overwrite) as part:
        _write_zarr(stack, part, version)


def _write_zarr(stack: _Stack, folder: Path, version: str) -> None:
    import zarr  # heavy: only where a hierarchy is written
    from zarr.storage import MemoryStore

    axes = _ngff_axes(stack)
    names = "".join(axis["name"] for axis in axes)
    lengths = _ngff_lengths(stack)
    shape = tuple(lengths[name] for name in names)
    zarr_format = _NGFF_VERSIONS[version]
    # zarr only encodes; the files are written here. Its own writers go on in other threads
    # after one has failed, and would make the folder again that a failure has removed.
    held: dict[str, Any] = {}
    group = zarr.open_group(MemoryStore(held), mode="w", zarr_format=zarr_format)
    array = group.create_array(
        "0",
        shape=shape,
        dtype=stack.image.header.dtype,
        chunks=_chunks(stack, names),
        dimension_names=list(names) if zarr_format == 3 else None,
        # Version 0.4 wants chunks in nested folders.
        chunk_key_encoding={"name": "default" if zarr_format == 3 else "v2", "separator": "/"},
    )
    lines = array.chunks[names.index("t" if stack.is_line_scan else "y")]
    for place, start in itertools.product(stack.places(), range(0, stack.lengths["Y"], lines)):
        _write_lines(stack, array, names, place, (start, start + lines))
        _move_to_disk(held, [key for key in held if not key.endswith(_DOCUMENTS)], folder)
    ours = {"cloudscope": stack.facts()}
    ngff = _ngff(stack, axes, version)
    group.update_attributes(ngff | ours if version == "0.4" else {"ome": ngff} | ours)
    _move_to_disk(held, list(held), folder)


def _move_to_disk(held: dict[str, Any], keys: Sequence[str], folder: Path) -> None:
    for key in keys:
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(held.pop(key).to_bytes())


def _write_lines(
    stack: _Stack, array: Any, names: str, place: tuple[int, int, int], lines: tuple[int, int]
) -> None:
    t, z, channel = place
    pixels = stack.image.images.read_window(channel, lines, (0, stack.lengths["X"]), z, t)
    rows = slice(lines[0], lines[0] + len(pixels))
    where: dict[str, int | slice] = {
        "t": t, "z": z, "c": stack.channels.index(channel), "y": rows, "x": slice(None)
    }  # fmt: skip
    if stack.is_line_scan:
        where |= {"t": rows, "y": 0}
    array[tuple(where[name] for name in names)] = pixels


def _ngff_lengths(stack: _Stack) -> dict[str, int]:
    lengths = {axis.lower(): length for axis, length in stack.lengths.items()}
    return lengths | {"t": lengths["y"], "y": 1} if stack.is_line_scan else lengths


def _ngff_axes(stack: _Stack) -> list[dict[str, str]]:
    """Axes in the order that the format wants: time, channel, space."""
    steps, lengths = stack.image.calibration, stack.lengths
    axes: list[dict[str, str]] = []
    if stack.is_line_scan:
        axes.append({"name": "t", "type": "time"})
        axes[0] |= {"unit": "second"} if steps.time_known else {}
    elif lengths["T"] > 1:
        axes.append({"name": "t", "type": "time"})
    if lengths["C"] > 1:
        axes.append({"name": "c", "type": "channel"})
    if lengths["Z"] > 1:
        axes.append({"name": "z", "type": "space"})
    row_unit = {"um": "micrometer", "seconds": "second"}.get(steps.label_y)
    known_row = row_unit is not None and not stack.is_line_scan
    axes.append({"name": "y", "type": "space"} | ({"unit": str(row_unit)} if known_row else {}))
    axes.append({"name": "x", "type": "space"})
    axes[-1] |= {"unit": "micrometer"} if steps.distance_known else {}
    return axes


def _ngff(stack: _Stack, axes: list[dict[str, str]], version: str) -> dict[str, Any]:
    steps = stack.image.calibration
    by_name = {"x": steps.step_x, "t" if stack.is_line_scan else "y": steps.step_y}
    scale = [by_name.get(axis["name"], 1.0) for axis in axes]
    transforms = [{"type": "scale", "scale": scale}]
    image: dict[str, Any] = {
        "name": printable(stack.image.name),
        "axes": axes,
        "datasets": [{"path": "0", "coordinateTransformations": transforms}],
    }
    if version == "0.5":
        return {"version": version, "multiscales": [image]} | _omero(stack)
    return {"multiscales": [image | {"version": version}]} | _omero(stack)


def _omero(stack: _Stack) -> dict[str, Any]:
    """How to show the channels; only where they have names, which stand nowhere else."""
    if not stack.channel_names:
        return {}
    low, high = _range(stack.image.header.dtype)
    window = {"min": low, "max": high, "start": low, "end": high}
    channels = [
        {"label": name, "color": "FFFFFF", "window": window, "active": True}
        for name in stack.channel_names
    ]
    return {"omero": {"channels": channels}}


def _range(dtype: str) -> tuple[float, float]:
    kind = np.dtype(dtype)
    return (0.0, 1.0) if kind.kind == "f" else (np.iinfo(kind).min, np.iinfo(kind).max)


def _chunks(stack: _Stack, names: str) -> tuple[int, ...]:
    """About a megabyte of whole lines, so that a stretch of time is one read."""
    lengths, itemsize = _ngff_lengths(stack), np.dtype(stack.image.header.dtype).itemsize
    across = min(lengths["x"], _CHUNK_BYTES // itemsize)
    along = "t" if stack.is_line_scan else "y"
    lines = max(1, min(lengths[along], _CHUNK_BYTES // (across * itemsize)))
    return tuple({"x": across, along: lines}.get(name, 1) for name in names)
