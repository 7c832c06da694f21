"""What is wrong with a row: its text, and a score that counts it all."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from acqcore.analysis._diameter_profiles import Mask
from acqcore.analysis._windows import Floats


@dataclass(frozen=True, slots=True)
class Faults:
    """One entry per row and fault.

    Attributes:
        blank: No number, or the same everywhere.
        low_contrast: Not brighter than noise; there is no diameter then.
        missing_left, missing_right: The wall is not inside the ROI.
        wrong_order: The right wall would lie left of the left one.
        weak: An edge that noise may have made.
        saturated: Half of the bright pixels are at the detector's limit.
        double: Two peaks, so that the width is that of one or of both.
        edge_jump, diameter_jump, center_jump: Too far from the last accepted row.
    """

    blank: Mask
    low_contrast: Mask
    missing_left: Mask
    missing_right: Mask
    wrong_order: Mask
    weak: Mask
    saturated: Mask
    double: Mask
    edge_jump: Mask
    diameter_jump: Mask
    center_jump: Mask

    @classmethod
    def none(cls, count: int) -> Faults:
        """Rows without fault, to be filled in."""
        return cls(*(np.zeros(count, bool) for _ in fields(cls)))

    @property
    def missing(self) -> Mask:
        """A wall is not inside the ROI."""
        return self.missing_left | self.missing_right

    @property
    def of_edges(self) -> Mask:
        """Any fault of an edge."""
        return self.blank | self.missing | self.wrong_order | self.weak | self.edge_jump


def blank_profiles(ordered: Floats) -> Mask:
    """Rows without two different numbers; each row sorted, NaN last."""
    count = np.isfinite(ordered).sum(axis=1)
    highest = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0)]
    return np.asarray(~(highest > ordered[:, 0]))


def scores(faults: Faults) -> Floats:
    """1 without a fault, less a part for each, not below 0."""
    score = 1 - 0.55 * (faults.low_contrast | faults.blank)
    for part, fault in (
        (0.25, faults.missing_left | faults.blank),
        (0.25, faults.missing_right | faults.blank),
        (0.35, faults.wrong_order),
        (0.2, faults.weak),
        (0.1, faults.saturated),
        (0.15, faults.double),
    ):
        score = score - part * fault
    return np.asarray(np.clip(score, 0.0, 1.0))


def flag_texts(faults: Faults) -> NDArray[np.str_]:
    """The gravest fault of every row, or an empty text."""
    jumped = faults.edge_jump | faults.diameter_jump | faults.center_jump
    texts = {
        "blank": faults.blank,
        "low_contrast": faults.low_contrast,
        "wrong_order": faults.wrong_order,
        "missing_edge": faults.missing,
        "jump": jumped,
        "saturated": faults.saturated,
        "weak_edge": faults.weak,
        "double_peak": faults.double,
    }
    return np.asarray(np.select(list(texts.values()), list(texts), ""), "U12")
