"""`RoiSet`: the ROIs of one image, shared by all its channels.

A façade over the state: every change makes a new one. Editing a ROI keeps what was
computed on it (it turns stale); deleting a ROI deletes its records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from acqcore.model.roi import (
    ROI,
    ImageBounds,
    LineEndpoints,
    LineROI,
    RectROI,
    RectRoiBounds,
    rect_roi,
)
from acqcore.model.state import AcqState


class RoiSet:
    """ROIs in the order of creation."""

    def __init__(
        self,
        image_bounds: ImageBounds,
        get_state: Callable[[], AcqState],
        set_state: Callable[[AcqState], None],
    ) -> None:
        self.image_bounds = image_bounds
        self._get, self._set = get_state, set_state

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
        ends = endpoints.clamped_to(self.image_bounds)
        number = self._get().next_roi_id
        roi = LineROI(number, ends.row0, ends.col0, ends.row1, ends.col1, name, note)
        self._set(self._get().with_roi(roi))
        return roi

    def edit_rect_roi(
        self,
        roi_id: int,
        *,
        bounds: RectRoiBounds | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> RectROI:
        """Change what is given; ValueError for a missing ROI, TypeError for a line."""
        old = self._required(roi_id)
        if not isinstance(old, RectROI):
            raise TypeError(f"ROI {roi_id} is a line")
        roi = old.with_bounds(bounds, self.image_bounds) if bounds else old
        roi = replace(roi, name=_or(name, old.name), note=_or(note, old.note))
        self._set(self._get().with_roi(roi))
        return roi

    def edit_line_roi(
        self,
        roi_id: int,
        *,
        endpoints: LineEndpoints | None = None,
        name: str | None = None,
        note: str | None = None,
    ) -> LineROI:
        """Change what is given; ValueError for a missing ROI, TypeError for a rectangle."""
        old = self._required(roi_id)
        if not isinstance(old, LineROI):
            raise TypeError(f"ROI {roi_id} is a rectangle")
        roi = old.with_endpoints(endpoints, self.image_bounds) if endpoints else old
        roi = replace(roi, name=_or(name, old.name), note=_or(note, old.note))
        self._set(self._get().with_roi(roi))
        return roi

    def delete(self, roi_id: int) -> None:
        """Remove a ROI and its records; ValueError when there is none."""
        self._set(self._get().without_roi(self._required(roi_id).id))

    def clear(self) -> int:
        """Remove all; gives how many there were. Their numbers are not given again."""
        ids = self.get_roi_ids()
        for roi_id in ids:
            self.delete(roi_id)
        return len(ids)

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
