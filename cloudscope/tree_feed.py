"""Keeps the rows of the file tree equal to the recordings they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Slot

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import LoadWarning
from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import analysis_row
from cloudscope.blind import HIDDEN
from cloudscope.item_models.file_tree_entry import RowMarks
from cloudscope.item_models.file_tree_extra import TELLING_EXTRAS, extra_cells
from cloudscope.running import stale_records
from cloudscope.session import Session
from cloudscope.views.file_tree_view import FileTreePanel

TELLING = ("path", "parent", "grandparent", "condition", "genotype", *TELLING_EXTRAS)
"""Columns that tell which recording it is, or what was done to it."""


class TreeFeed(QObject):
    """Rows come from `get_tree_rows`; marks say what a row cannot."""

    def __init__(self, session: Session, panel: FileTreePanel) -> None:
        super().__init__(panel)
        self._session, self._panel = session, panel
        self.stale_counts: dict[str, int] = {}

    @Slot()
    def reset(self) -> None:
        """Everything was closed."""
        self.stale_counts.clear()
        self._panel.model.reset()
        self._panel.set_count(0)

    @Slot(object)
    def add(self, image: AcqImage) -> None:
        """One more recording."""
        self._panel.model.add_file(self._rows(image), self._marks(image))
        self._panel.set_count(len(self._session.images))

    @Slot(object)
    def refuse(self, warning: LoadWarning) -> None:
        """A file that could not be opened is a row with the reason."""
        if warning.path:
            blind, path = self._session.blind, Path(warning.path)
            shown, place = {"name": path.name, "path": str(path)}, 0
            if blind.on:
                shown = {"name": blind.name(str(path), path.name), "path": HIDDEN}
                place = blind.number(str(path))
            self._panel.model.add_problem(path, blind.mask(warning.message), shown, place)

    @Slot(object)
    def update(self, file_id: str) -> None:
        """A recording was edited or saved."""
        image = self._session.image(file_id)
        if image is not None:
            self._panel.model.update_file(file_id, self._rows(image), self._marks(image))

    @Slot()
    def say_again(self) -> None:
        """Names are hidden now, or shown again; sorting and filtering go by what is shown."""
        for image in self._session.images:
            self.update(image.file_id)
        for warning in self._session.warnings:
            self.refuse(warning)
        self._panel.model.rearrange()
        self._panel.columns.refit()

    def _rows(self, image: AcqImage) -> list[dict[str, Any]]:
        file, *analyses = image.get_tree_rows()
        file |= extra_cells(image)
        if self._session.blind.on:
            file = file | dict.fromkeys(TELLING, HIDDEN)
            file["name"] = self._session.blind.label(image)
        return [file, *analyses]

    def _marks(self, image: AcqImage) -> RowMarks:
        stale = {
            _row_id(image, one.key): self._reason(image, one.key) for one in stale_records(image)
        }
        self.stale_counts[image.file_id] = len(stale)
        blind = self._session.blind
        return RowMarks(
            dirty=image.is_dirty,
            problem=blind.mask(str(image.problems[0])) if image.problems else "",
            review=image.state.review,
            stale=stale,
            roi_names={roi.id: roi.name for roi in image.rois if roi.name},
            reason=blind.mask(image.state.review_reason),
            blinded=blind.on,
            place=blind.number(image.file_id) if blind.on else 0,
        )

    @staticmethod
    def _reason(image: AcqImage, key: AnalysisKey) -> str:
        return image.analysis_set.stale_reason(key)


def _row_id(image: AcqImage, key: AnalysisKey) -> str:
    return str(analysis_row(image.file_id, key)["tree_row_id"])
