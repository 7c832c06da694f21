"""`AcqState`: everything that a sidecar stores, as one frozen value.

Every edit makes a new one, so "unsaved" is `state != saved_state`, undo is an older
state, and a worker thread holds a value that cannot change under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any

from acqcore.model.contrast import ImageContrast
from acqcore.model.header import Calibration
from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.record import AnalysisKey, AnalysisRecord, stale_reason
from acqcore.model.roi import ROI


class Review(Enum):
    """The scientist's verdict on a recording."""

    UNDECIDED = "undecided"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def next(self) -> Review:
        """What a click on the mark turns it into."""
        order = list(Review)
        return order[(order.index(self) + 1) % len(order)]


@dataclass(frozen=True, slots=True)
class AcqState:
    """ROIs, metadata, contrast and records of one image.

    Attributes:
        review: Rejected recordings are left out of pooled numbers.
        rois: In the order of creation.
        next_roi_id: Never goes down, so a deleted ROI's number is not given again.
        calibration: Set by the user; None while the file's own is in force.
        contrasts: By channel; only what the user chose.
        records: In the order of creation.
        review_reason: Why it was accepted or rejected, in the scientist's words.
    """

    review: Review = Review.UNDECIDED
    rois: tuple[ROI, ...] = ()
    next_roi_id: int = 1
    experiment: ExperimentMetadata = field(default_factory=ExperimentMetadata)
    calibration: Calibration | None = None
    contrasts: Mapping[int, ImageContrast] = field(default_factory=lambda: MappingProxyType({}))
    records: tuple[AnalysisRecord, ...] = ()
    review_reason: str = ""

    @property
    def accepted(self) -> bool:
        """False only for a rejected recording."""
        return self.review is not Review.REJECTED

    def roi(self, roi_id: int) -> ROI | None:
        """The ROI of that number, or None."""
        return next((roi for roi in self.rois if roi.id == roi_id), None)

    def record(self, key: AnalysisKey) -> AnalysisRecord | None:
        """The record of that key, or None."""
        return next((one for one in self.records if one.key == key), None)

    def stale_reason(self, record: AnalysisRecord, file_calibration: Calibration) -> str:
        """Why a record is out of date, or an empty text."""
        roi = self.roi(record.key.roi_id)
        steps = (self.calibration or file_calibration).steps
        why = stale_reason(record, roi.geometry if roi else None, steps)
        return why or self._newer_parent(record)

    def _newer_parent(self, record: AnalysisRecord) -> str:
        """Which result that a record was computed from is no longer the same, or empty."""
        measured_on = record.provenance.parents if record.provenance else {}
        for name, fingerprint in measured_on.items():
            parent = self.record(AnalysisKey(name, record.key.channel, record.key.roi_id))
            words = name.replace("_", " ")
            if parent is None or parent.provenance is None:
                return f"The {words} result was deleted since this run"
            if parent.provenance.fingerprint != fingerprint:
                return f"The {words} result changed since this run"
        return ""

    def with_review(self, review: Review, reason: str = "") -> AcqState:
        """Accept, reject or undecide; an open verdict has no reason."""
        given = reason if review is not Review.UNDECIDED else ""
        return replace(self, review=review, review_reason=given)

    def with_roi(self, roi: ROI) -> AcqState:
        """Add a ROI, or put it in the place of the one with its number."""
        if self.roi(roi.id) is None:
            rois = (*self.rois, roi)
        else:
            rois = tuple(roi if old.id == roi.id else old for old in self.rois)
        return replace(self, rois=rois, next_roi_id=max(self.next_roi_id, roi.id + 1))

    def without_roi(self, roi_id: int) -> AcqState:
        """Delete a ROI and every record that was computed on it."""
        return replace(
            self,
            rois=tuple(roi for roi in self.rois if roi.id != roi_id),
            records=tuple(one for one in self.records if one.key.roi_id != roi_id),
        )

    def with_experiment(self, patch: Mapping[str, Any]) -> AcqState:
        """Change experiment metadata; see `ExperimentMetadata.patched` for errors."""
        return replace(self, experiment=self.experiment.patched(patch))

    def with_calibration(self, steps: Calibration | None) -> AcqState:
        """Overrule the file's calibration, or go back to it with None."""
        return replace(self, calibration=steps)

    def with_contrast(self, channel: int, contrast: ImageContrast) -> AcqState:
        """Show a channel differently."""
        return replace(self, contrasts=MappingProxyType(dict(self.contrasts) | {channel: contrast}))

    def with_record(self, record: AnalysisRecord) -> AcqState:
        """Add a record, or put it in the place of the one with its key."""
        if self.record(record.key) is None:
            return replace(self, records=(*self.records, record))
        records = tuple(record if old.key == record.key else old for old in self.records)
        return replace(self, records=records)

    def without_record(self, key: AnalysisKey) -> AcqState:
        """Delete one record."""
        return replace(self, records=tuple(one for one in self.records if one.key != key))

    def without_tables(self, keys: Iterable[AnalysisKey]) -> AcqState:
        """Keep these records but not their rows."""
        bare = set(keys)
        records = (replace(one, table=None) if one.key in bare else one for one in self.records)
        return replace(self, records=tuple(records))
