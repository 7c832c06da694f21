"""OME-NGFF: which array of a hierarchy is the image, and what its axes mean.

Written for versions 0.4 and 0.5 of https://ngff.openmicroscopy.org; what older versions
left unsaid has one meaning and is understood too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from acqcore.loaders._units import micrometres, seconds
from acqcore.loaders._zarr_tree import StoredArray, ZarrTree, joined
from acqcore.loaders.base import Refusal

_BEFORE_AXES = "tczyx"  # the only order until version 0.2
_MOST_SERIES, _MOST_LEVELS = 10_000, 64
_SYMBOLS = {"nanosecond": "ns", "microsecond": "us", "picometer": "pm"}


@dataclass(frozen=True, slots=True)
class NgffAxis:
    """One axis of the array.

    Attributes:
        letter: T, C, Z, Y or X.
        step: Of the finest level, in `unit`; None when it is not told.
        unit: As in the file, or empty.
    """

    letter: str
    step: float | None
    unit: str

    @property
    def um(self) -> float | None:
        """The step in um, None when it is no length."""
        return micrometres(self.step, _SYMBOLS.get(self.unit, self.unit))

    @property
    def seconds(self) -> float | None:
        """The step in seconds, None when it is no duration."""
        return seconds(self.step, _SYMBOLS.get(self.unit, self.unit))


@dataclass(frozen=True, slots=True)
class NgffImage:
    """The finest level of one image.

    Attributes:
        axes: In the order of the array.
        channel_names: Labels of the display settings, or empty.
        scenes: Images in the hierarchy.
        notes: Sentences about what was left out or guessed.
    """

    array: StoredArray
    axes: tuple[NgffAxis, ...]
    channel_names: tuple[str, ...]
    scenes: int
    notes: tuple[str, ...]

    def axis(self, letter: str) -> NgffAxis | None:
        """The axis of that letter, or None."""
        return next((one for one in self.axes if one.letter == letter), None)


@dataclass(frozen=True, slots=True)
class _Place:
    group: str
    scenes: int = 1
    notes: tuple[str, ...] = ()


def read_image(tree: ZarrTree) -> NgffImage:
    """Find the first image; Refusal with a sentence when there is none to read."""
    place = _find(tree)
    attributes = tree.attributes(place.group) or {}
    scale = _first(attributes.get("multiscales"), "it names no image (its multiscales are empty)")
    paths = [_path(level) for level in _blocks(scale.get("datasets"))[:_MOST_LEVELS]]
    if not paths:
        raise Refusal("its image names no pixels (its datasets are empty)")
    levels = [_level(tree, place.group, path) for path in paths]
    notes = _check_alike(levels)
    return NgffImage(
        array=levels[0],
        axes=_axes(scale, len(levels[0].shape)),
        channel_names=_channel_names(attributes),
        scenes=place.scenes,
        notes=(*place.notes, *notes),
    )


def _find(tree: ZarrTree) -> _Place:
    attributes = tree.attributes("")
    if attributes is None:
        raise Refusal("it is not a Zarr folder, or its metadata is missing")
    if "multiscales" in attributes:
        return _Place("")
    if "plate" in attributes:
        return _in_plate(tree, attributes["plate"])
    if "well" in attributes:
        return _in_well(tree, "")
    if "bioformats2raw.layout" in attributes:
        return _in_series(tree)
    raise Refusal("it holds no OME-NGFF image (multiscales are missing)")


def _in_plate(tree: ZarrTree, plate: Any) -> _Place:
    wells = _blocks(plate.get("wells") if isinstance(plate, dict) else None)
    if not wells:
        raise Refusal("it is a plate without wells")
    group = _in_well(tree, _path(wells[0])).group
    note = f"It is a plate of {len(wells)} wells; only its first field ({group}) is shown."
    return _Place(group, len(wells), (note,))


def _in_well(tree: ZarrTree, group: str) -> _Place:
    well = (tree.attributes(group) or {}).get("well")
    fields = _blocks(well.get("images") if isinstance(well, dict) else None)
    if not fields:
        raise Refusal(f"its well {group} has no images")
    return _Place(joined(group, _path(fields[0])), len(fields))


def _in_series(tree: ZarrTree) -> _Place:
    """What bioformats2raw writes: series are listed in `OME` or simply numbered."""
    listed = (tree.attributes("OME") or {}).get("series")
    if isinstance(listed, list) and listed:
        groups = [joined(str(name)) for name in listed]
        return _Place(groups[0], len(groups))
    count = 0
    while count < _MOST_SERIES and tree.attributes(str(count)) is not None:
        count += 1
    if not count:
        raise Refusal("it holds no series")
    return _Place("0", count)


def _level(tree: ZarrTree, group: str, path: str) -> StoredArray:
    array = tree.array(joined(group, path))
    if array is None:
        raise Refusal(f"its array {path} is missing")
    return array


def _check_alike(levels: list[StoredArray]) -> tuple[str, ...]:
    finest = levels[0]
    if any(len(level.shape) != len(finest.shape) for level in levels):
        raise Refusal("it is damaged: its levels have different numbers of axes")
    if any(level.dtype != finest.dtype for level in levels):
        return ("Its coarser levels are of another sample type; only the finest one is used.",)
    return ()


def _axes(scale: Mapping[str, Any], count: int) -> tuple[NgffAxis, ...]:
    given = scale.get("axes")
    if given is None and count == len(_BEFORE_AXES):
        given = list(_BEFORE_AXES)
    if not isinstance(given, list) or len(given) != count:
        raise Refusal(f"it does not name each of its {count} axes")
    blocks = [one if isinstance(one, dict) else {"name": one} for one in given]
    steps = _steps(scale, count)
    return tuple(
        NgffAxis(letter, step, str(block.get("unit") or ""))
        for letter, step, block in zip(_letters(blocks), steps, blocks, strict=True)
    )


def _letters(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    kinds = {"time": "T", "channel": "C"}
    letters = [
        kinds.get(str(block.get("type")), str(block.get("name", "")).upper()) for block in blocks
    ]
    for letter, block in zip(letters, blocks, strict=True):
        if letter not in tuple("TCZYX") or letters.count(letter) > 1:
            raise Refusal(f"its axis {str(block.get('name'))[:40]!r} is not understood")
    return letters


def _steps(scale: Mapping[str, Any], count: int) -> list[float | None]:
    """Scale of the finest level times that of all levels; None where it is not told."""
    found = _scales(_blocks(scale.get("datasets"))[0]) + _scales(scale)
    steps: list[float | None] = [None] * count
    for factors in found:
        if len(factors) != count:
            raise Refusal(f"its scale has {len(factors)} numbers for {count} axes")
        for place, factor in enumerate(factors):
            if isinstance(factor, bool) or not isinstance(factor, int | float):
                raise Refusal(f"its scale {str(factor)[:40]} is not a number")
            steps[place] = (steps[place] or 1.0) * factor
    return steps


def _scales(block: Mapping[str, Any]) -> list[list[Any]]:
    listed = [one.get("scale") for one in _blocks(block.get("coordinateTransformations"))
              if one.get("type") == "scale"]  # fmt: skip
    return [one for one in listed if isinstance(one, list)]


def _channel_names(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    omero = attributes.get("omero")
    channels = _blocks(omero.get("channels") if isinstance(omero, dict) else None)
    return tuple(str(one.get("label") or "") for one in channels)


def _first(given: Any, otherwise: str) -> Mapping[str, Any]:
    blocks = _blocks(given)
    if not blocks:
        raise Refusal(otherwise)
    return blocks[0]


def _path(block: Mapping[str, Any]) -> str:
    path = block.get("path")
    if not isinstance(path, str) or not path:
        raise Refusal("its metadata is damaged: a path is missing")
    return path


def _blocks(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
