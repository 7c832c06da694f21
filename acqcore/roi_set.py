"""`RoiSet`: the ROIs of one image, shared by all its channels.

A façade over the state: every change makes a new one. Editing a ROI keeps what was
computed on it (it turns stale); deleting a ROI deletes its records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from acqcore.model.roi import (
    ROI,
    ImageBounds,
    LineEndpoints,
    LineROI,
    RectROI,
    RectRoiBounds,
    line_roi,
    rect_roi,
    roi_from_dict,
)
from acqcore.model.state import AcqState


class RoiSet:
    """ROIs in the order of creation.

    `RoiSet(image_bounds)` alone holds its own; those of an image read and replace its state.
    """

    def __init__(
        self,
        image_bounds: ImageBounds,
        get_state: Callable[[], AcqState] | None = None,
        set_state: Callable[[AcqState], None] | None = None,
        get_saved: Callable[[], AcqState] = AcqState,
    ) -> None:
        self.image_bounds = image_bounds
        self._own = AcqState()
        self._get = get_state or (lambda: self._own)
        self._set = set_state or self._keep
        self._saved = get_saved

    def _keep(self, state: AcqState) -> None:
        self._own = state

    @property
    def is_dirty(self) -> bool:
        """Whether the ROIs differ from the saved ones; an edit that was undone does not count."""
        return self._get().rois != self._saved().rois

    def create_rect_roi(
        self, bounds: RectRoiBounds | None = None, name: str = "", note: str = ""
    ) -> RectROI:
        """Add a rectangle, the whole plane by default; `InvalidROI` outside the plane."""
        whole = RectRoiBounds.from_image_bounds(self.image_bounds)
        roi = rect_roi(self._get().next_roi_id, bounds or whole, self.image_bounds, name)
        roi = replace(roi, note=note)
        self._set(self._get().with_roi(roi))
        return roi

    def create_line_roi(self, endpoints: LineEndpoints, name: str = "", note: str = "") -> LineROI:
        """Add a line, its ends moved onto the plane."""
        roi = line_roi(self._get().next_roi_id, endpoints, self.image_bounds, name)
        roi = replace(roi, note=note)
        self._set(self._get().with_roi(roi))
        return roi

    def edit_rect_roi(
        self,
        roi_id: int,
        *,
        bounds: RectRoiBounds | None = None,
        name: str | None = None,
        note: str | None = None,
        color: str | None = None,
    ) -> RectROI:
        """Change what is given; TypeError for a line.

        ValueError for a missing ROI and for a colour that is not `#RRGGBB` or empty.
        """
        old = self._required(roi_id)
        if not isinstance(old, RectROI):
            raise TypeError(f"ROI {roi_id} is a line")
        roi = old.with_bounds(bounds, self.image_bounds) if bounds else old
        roi = replace(
            roi,
            name=_or(name, old.name),
            note=_or(note, old.note),
            color=_or(color, old.color),
        )
        self._set(self._get().with_roi(roi))
        return roi

    def edit_line_roi(
        self,
        roi_id: int,
        *,
        endpoints: LineEndpoints | None = None,
        name: str | None = None,
        note: str | None = None,
        color: str | None = None,
    ) -> LineROI:
        """Change what is given; TypeError for a rectangle.

        ValueError for a missing ROI and for a colour that is not `#RRGGBB` or empty.
        """
        old = self._required(roi_id)
        if not isinstance(old, LineROI):
            raise TypeError(f"ROI {roi_id} is a rectangle")
        roi = old.with_endpoints(endpoints, self.image_bounds) if endpoints else old
        roi = replace(
            roi,
            name=_or(name, old.name),
            note=_or(note, old.note),
            color=_or(color, old.color),
        )
        self._set(self._get().with_roi(roi))
        return roi

    def delete(self, roi_id: int) -> None:
        """Remove a ROI and its records; ValueError when there is none."""
        self._set(self._get().without_roi(self._required(roi_id).id))

    def clear(self) -> int:
        """Remove all and their records, in one edit; gives how many there were.

        Their numbers are not given again.
        """
        return self._replace_all(())

    def to_list(self) -> list[dict[str, Any]]:
        """All as the blocks of a sidecar, in the order of creation."""
        return [roi.to_dict() for roi in self._get().rois]

    def from_list(self, stored: Iterable[Mapping[str, Any]]) -> RoiSet:
        """Put these in the place of all there are, clipped to the plane, in one edit.

        ValueError for a block that is not understood or a number that occurs twice,
        `InvalidROI` (one too) for a region outside; then nothing has changed. Records of
        numbers that are gone are deleted.
        """
        rois = tuple(roi_from_dict(block).clipped(self.image_bounds) for block in stored)
        if len({roi.id for roi in rois}) != len(rois):
            raise ValueError("a ROI number occurs twice")
        self._replace_all(rois)
        return self

    def _replace_all(self, rois: tuple[ROI, ...]) -> int:
        state, old = self._get(), self._get().rois
        for roi in old:
            if roi.id not in {one.id for one in rois}:
                state = state.without_roi(roi.id)
        # Emptied, not edited one by one: the order is the one given.
        state = replace(state, rois=())
        for roi in rois:
            state = state.with_roi(roi)
        self._set(state)
        return len(old)

    def get(self, roi_id: int) -> ROI | None:
        """The ROI of that number, or None."""
        return self._get().roi(roi_id)

    def has_roi(self, roi_id: int) -> bool:
        """Whether there is a ROI of that number."""
        return self.get(roi_id) is not None

    def get_roi_ids(self) -> list[int]:
        """Numbers in the order of creation."""
        return [roi.id for roi in self._get().rois]

    @property
    def num_rois(self) -> int:
        """How many there are."""
        return len(self._get().rois)

    def as_list(self) -> list[ROI]:
        """All, in the order of creation."""
        return list(self._get().rois)

    def __iter__(self) -> Iterator[ROI]:
        return iter(self._get().rois)

    def __len__(self) -> int:
        return self.num_rois

    def _required(self, roi_id: int) -> ROI:
        roi = self.get(roi_id)
        if roi is None:
            raise ValueError(f"there is no ROI {roi_id}")
        return roi


def _or(given: str | None, old: str) -> str:
    return old if given is None else given
