"""From the axes that a file declares to planes of (line, pixel)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from acqcore.loaders.base import Refusal

Region = tuple[int | slice, ...]
"""An index or a slice of step 1 per stored axis."""

_KNOWN = "TCZYX"
_UNNAMED = "IQ"  # "some sequence": tifffile's letters for pages nobody explains
_DROPPED = "-"
_FREE = "ZCT"  # in which order unnamed axes get a meaning: 3 axes are ZYX, 4 are CZYX


@dataclass(frozen=True, slots=True)
class AxisPlan:
    """What each stored axis is to us.

    Attributes:
        stored: One letter per axis in the order of storage: T, C, Z, Y, X, or `-` for a
            dropped axis of length 1.
        shape: Length of each stored axis.
        row_axis, column_axis: What the file itself calls our Y and X.
        notes: Sentences about what was guessed.
    """

    stored: str
    shape: tuple[int, ...]
    row_axis: str
    column_axis: str
    notes: tuple[str, ...] = ()

    @property
    def dims(self) -> tuple[str, ...]:
        """The axes to show: others in the order of the file, then Y and X."""
        others = [axis for axis in self.stored if axis not in "YX" + _DROPPED]
        return (*others, "Y", "X")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Length of each axis of `dims`."""
        return tuple(self.shape[self.stored.index(axis)] for axis in self.dims)

    @property
    def is_transposed(self) -> bool:
        """Whether the file stores pixels before lines."""
        return self.stored.index("X") < self.stored.index("Y")

    @property
    def rows_are_time(self) -> bool:
        """Whether rows may be scan lines: not so in a stack of frames or slices."""
        stacked = {"T", "Z"} & set(self.dims)
        return self.row_axis not in "YZ" or (self.row_axis == "Y" and not stacked)

    def region(self, lines: slice, pixels: slice, channel: int, z: int, t: int) -> Region:
        """What to read of the stored array for one window."""
        wanted: dict[str, int | slice] = {
            "Y": lines, "X": pixels, "C": channel, "Z": z, "T": t, _DROPPED: 0,
        }  # fmt: skip
        return tuple(wanted[axis] for axis in self.stored)


# The recordings of a folder are mostly of a few shapes.
@lru_cache(maxsize=64)
def plan_axes(axes: str, shape: tuple[int, ...]) -> AxisPlan:
    """Give every axis a meaning; Refusal for axes that cannot be planes.

    A time x position series (`TX`, `TCX`, `TYX` with one row ...) becomes rows of scan lines.
    """
    lengths = list(shape)
    letters = _without_singles(list(axes.upper()), lengths)
    row, column = _plane(letters, lengths)
    row_axis, column_axis = letters[row], letters[column]
    letters[row], letters[column] = "Y", "X"
    notes = _name_the_rest(letters, lengths, {row, column})
    return AxisPlan("".join(letters), tuple(lengths), row_axis, column_axis, notes)


def _without_singles(letters: list[str], lengths: list[int]) -> list[str]:
    """Letters with the axes of length 1 dropped, as long as a plane is left."""
    kept = [
        axis if length > 1 or axis in "YX" else _DROPPED
        for axis, length in zip(letters, lengths, strict=True)
    ]
    missing = 2 - (len(kept) - kept.count(_DROPPED))
    for place in range(len(kept) - 1, -1, -1):
        if missing > 0 and kept[place] == _DROPPED:
            kept[place] = letters[place]
            missing -= 1
    if "T" in kept:
        _drop_flat_space(kept, lengths)
    return kept


def _drop_flat_space(kept: list[str], lengths: list[int]) -> None:
    """Drop the one-row Y (or one-column X) of a line scan kept as frames over time."""
    space = [place for place, axis in enumerate(kept) if axis in "YX"]
    flat = [place for place in space if lengths[place] == 1]
    if len(space) == 2 and len(flat) == 1 and lengths[kept.index("T")] > 1:
        kept[flat[0]] = _DROPPED


def _plane(letters: list[str], lengths: list[int]) -> tuple[int, int]:
    """Places of rows and columns."""
    places = [place for place, axis in enumerate(letters) if axis != _DROPPED]
    space = [place for place in places if letters[place] in "YX"]
    if len(space) == 2:
        return letters.index("Y"), letters.index("X")
    if len(space) == 1 and "T" in letters:
        return letters.index("T"), space[0]
    if len(places) == 2:
        return places[0], places[1]
    raise Refusal(f"its axes {''.join(letters)} hold no plane of lines and pixels")


def _name_the_rest(letters: list[str], lengths: list[int], plane: set[int]) -> tuple[str, ...]:
    """Rename the other axes in place; notes say what was guessed."""
    notes = []
    for place in range(len(letters) - 1, -1, -1):
        axis = letters[place]
        if place in plane or axis == _DROPPED or (axis in _KNOWN and letters.count(axis) == 1):
            continue
        free = ["C"] if axis == "S" else [name for name in _FREE if axis in _UNNAMED]
        free = [name for name in free if name not in letters]
        if not free:
            raise Refusal(f"its axis {axis} of length {lengths[place]} is not understood")
        letters[place] = free[0]
        if axis in _UNNAMED:
            kind = {"Z": "slices", "C": "channels", "T": "time points"}[free[0]]
            notes.append(
                f"The file does not say what its {lengths[place]} images are; "
                f"they are taken as {kind}."
            )
    return tuple(notes)
