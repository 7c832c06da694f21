"""ROIs that are there already, again: beside themselves, in this recording, in others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QMimeData, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

from acqcore.acq_image import AcqImage
from acqcore.model.roi import ROI, ImageBounds, RectROI, RectRoiBounds, roi_from_dict
from acqcore.roi_templates import with_template
from cloudscope.scene import Scene
from cloudscope.views.roi_geometry import Edge, moved_roi
from cloudscope.wording import recordings
from cloudscope.workbench import Feature, Workbench

MIME = "application/x-cloudscope-rois"
"""JSON: a list of ROIs as the blocks of a sidecar, each with its `color` besides."""


class RoiClipboard(Feature):
    """Duplicate, copy, paste, apply to other recordings, and make as large as it can be."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        for name in ("copy_roi", "paste_roi"):
            # Elsewhere these keys belong to text, tables and lists.
            action = bench.actions[name]
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            bench.panels.view.kymograph.addAction(action)
            bench.panels.rois.addAction(action)
        bench.panels.rois.add_tools([bench.actions["duplicate_roi"]])
        self._is_copied = False
        QGuiApplication.clipboard().dataChanged.connect(self._look)
        QTimer.singleShot(0, self, self._look)  # another window may have copied one

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """What its actions call."""
        return {
            "duplicate_roi": self._duplicate,
            "copy_roi": self._copy,
            "paste_roi": self._paste,
            "apply_rois": self._apply,
            "wide_roi": lambda: self._extend(along_time=True),
            "high_roi": lambda: self._extend(along_time=False),
        }

    @Slot()
    def _look(self) -> None:
        """Ask once per change: the program that has copied may be slow to answer."""
        mime = QGuiApplication.clipboard().mimeData()
        self._is_copied = mime is not None and mime.hasFormat(MIME)
        self.usableChanged.emit()

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """What is on the clipboard, and whom it could be given to."""
        locked = self.bench.panels.view.kymograph.regions.locked_ids
        return {
            "copied_roi": scene.plane is not None and self._is_copied,
            "rois_for_others": bool(scene.rois) and len(self.bench.targets()) > 1,
            "rectangle": isinstance(scene.roi, RectROI) and scene.roi.id not in locked,
        }

    @property
    def _roi(self) -> ROI | None:
        image = self.bench.controller.image
        return image.rois.get(self.bench.controller.selection.roi_id or 0) if image else None

    def _duplicate(self) -> None:
        image, roi = self.bench.controller.image, self._roi
        if image is not None and roi is not None:
            name = f"{roi.name} copy" if roi.name else ""
            copy = _aside(replace(roi, name=name), image.rois.image_bounds)
            self._add(image, [copy], f"Duplicate ROI {roi.label}")

    def _copy(self) -> None:
        roi = self._roi
        if roi is not None:
            QGuiApplication.clipboard().setMimeData(mime_of([roi]))
            self.bench.panels.status.jobs.set_result(f"Copied ROI {roi.label}")

    def _paste(self) -> None:
        image = self.bench.controller.image
        if image is None:
            return
        try:
            copied = rois_in(QGuiApplication.clipboard().mimeData())
        except (ValueError, KeyError, TypeError, AttributeError):
            text = "What was copied is not a ROI that this version understands."
            self.bench.panels.view.messages.show_message("warn", text)
            return
        taken = {roi.geometry for roi in image.state.rois}
        bounds = image.rois.image_bounds
        rois = [_aside(roi, bounds) if roi.geometry in taken else roi for roi in copied]
        self._add(image, rois, "Paste ROI")

    def _add(self, image: AcqImage, rois: Sequence[ROI], text: str) -> None:
        """One undo step; the last one that was added becomes the selected one."""
        state, made = with_template(image.state, rois, image.rois.image_bounds)
        if made.created:
            self.bench.controller.edit(image, state, text)
            self.bench.controller.choose_roi(made.created[-1])
        self._tell(made.faults, len(made.clipped))

    def _apply(self) -> None:
        """A ROI that is there already is not added again."""
        source = self.bench.controller.image
        if source is None:
            return
        edits, faults, clipped = [], list[str](), 0
        for image in self.bench.targets():
            if image is not source:
                there = {(roi.geometry, roi.name) for roi in image.state.rois}
                rois = [one for one in source.state.rois if (one.geometry, one.name) not in there]
                state, made = with_template(image.state, rois, image.rois.image_bounds)
                edits.append((image, state))
                faults += [f"{self.bench.session.blind.label(image)}: {one}" for one in made.faults]
                clipped += len(made.clipped)
        self.bench.controller.edit_many(edits, "Apply ROIs")
        changed = sum(after != image.state for image, after in edits)
        count = recordings(len(edits) - changed)
        self.bench.panels.status.jobs.set_result(f"ROIs applied to {count}")
        self._tell(faults, clipped)

    def _extend(self, *, along_time: bool) -> None:
        """All lines, or all pixels; the other side stays."""
        image, roi = self.bench.controller.image, self._roi
        if image is not None and isinstance(roi, RectROI):
            full, old = RectRoiBounds.from_image_bounds(image.rois.image_bounds), roi.bounds
            time, space = (full, old) if along_time else (old, full)
            bounds = RectRoiBounds(
                time.dim0_start, time.dim0_stop, space.dim1_start, space.dim1_stop
            )
            self.bench.controller.edit_roi(roi.with_bounds(bounds, image.rois.image_bounds))

    def _tell(self, faults: Sequence[str], clipped: int) -> None:
        messages = self.bench.panels.view.messages
        if faults:
            more = f" So it is with {len(faults) - 1} more." if len(faults) > 1 else ""
            messages.show_message("warn", faults[0] + more)
        elif clipped:
            what = "1 ROI was" if clipped == 1 else f"{clipped} ROIs were"
            messages.show_message("info", f"{what} cut to the size of the image.")


def mime_of(rois: Sequence[ROI]) -> QMimeData:
    """For this program, and as a table for any other."""
    mime = QMimeData()
    blocks = [roi.to_dict() | {"color": roi.color} for roi in rois]
    mime.setData(MIME, json.dumps(blocks).encode())
    head = "ROI\tLines or first end\t\tPixels or other end\t\tNote"
    rows = ["\t".join(map(str, (roi.label, *roi.geometry, roi.note))) for roi in rois]
    mime.setText("\n".join([head, *rows]))
    return mime


def rois_in(mime: QMimeData) -> list[ROI]:
    """Read `mime_of`; ValueError, KeyError, TypeError or AttributeError if it is damaged."""
    return [_colored(block) for block in json.loads(bytes(mime.data(MIME).data()))]


def _colored(block: Mapping[str, Any]) -> ROI:
    shared = {key: value for key, value in block.items() if key != "color"}
    return replace(roi_from_dict(shared), color=block.get("color", ""))


def _aside(roi: ROI, plane: ImageBounds) -> ROI:
    """Beside itself, so that both are seen; where there is no room, as it is."""
    step = max((roi.bounds.dim0_stop - roi.bounds.dim0_start) // 10, 1)
    after = moved_roi(roi, Edge.BODY, step, 0, plane)
    before = moved_roi(roi, Edge.BODY, -step, 0, plane)
    return after if after != roi else before
