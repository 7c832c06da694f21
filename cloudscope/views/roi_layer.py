"""All regions of the recording on screen, and which of them the keyboard acts on."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF

from acqcore.model.roi import ROI, RectROI
from cloudscope.theme import Theme
from cloudscope.views.roi_geometry import Edge
from cloudscope.views.roi_item import RoiItem


class RoiLayer:
    """Items by ROI number.

    Attributes:
        selected_id: The region that panels show, by the scene.
        focused_id: The region that arrow keys move, or None. Unlike the selection it is
            nobody's business but the view's.
        locked_ids: Regions that neither mouse nor arrow keys move.
        is_shown: Whether the regions are drawn; those that are not cannot be taken.
        names_shown: Whether their labels are drawn.
    """

    def __init__(self, plot: pg.PlotItem, theme: Theme) -> None:
        self._plot, self._theme = plot, theme
        self._items: dict[int, RoiItem] = {}
        self.selected_id: int | None = None
        self.focused_id: int | None = None
        self.locked_ids: frozenset[int] = frozenset()
        self.is_shown = self.names_shown = True

    @property
    def items(self) -> list[RoiItem]:
        """In the order of creation."""
        return list(self._items.values())

    def place(self, rois: Sequence[ROI], selected_id: int | None) -> None:
        """Make the items agree with the scene: it has the last word."""
        self.selected_id = selected_id
        wanted = {roi.id: roi for roi in rois}
        for roi_id in [one for one in self._items if one not in wanted]:
            self._plot.removeItem(self._items.pop(roi_id))
        for roi in rois:
            if roi.id not in self._items:
                self._items[roi.id] = RoiItem(roi, self._theme.roi_color(0))
                self._plot.addItem(self._items[roi.id], ignoreBounds=True)
            self._items[roi.id].place(roi)
        self._items = {roi_id: self._items[roi_id] for roi_id in wanted}
        if self.focused_id not in self._items:
            self.focused_id = None
        self.recolor()

    def recolor(self) -> None:
        """Chosen colours or those by the order of creation, handles on the selected one."""
        for index, (roi_id, item) in enumerate(self._items.items()):
            color, font = self._theme.roi_color(index, item.roi.color), self._theme.font("small")
            font.setBold(True)
            locked = roi_id in self.locked_ids
            item.set_look(
                color, font, selected=roi_id == self.selected_id, locked=locked,
                named=self.names_shown,
            )  # fmt: skip
            item.set_focused(roi_id == self.focused_id)
            item.setVisible(self.is_shown)

    def lock(self, roi_ids: frozenset[int]) -> None:
        """Keep mouse and arrow keys from moving these, and no others."""
        if roi_ids != self.locked_ids:
            self.locked_ids = roi_ids
            self.recolor()

    def show(self, *, rois: bool, names: bool) -> None:
        """Draw them, with their names or without."""
        self.is_shown, self.names_shown = rois, names
        self.focus(self.focused_id if rois else None)

    def focus(self, roi_id: int | None) -> None:
        """Let arrow keys act on a region, or on none."""
        self.focused_id = roi_id if roi_id in self._items else None
        self.recolor()

    def next_id(self, forward: bool) -> int | None:
        """The region after (or before) the focused one; None past the last."""
        if not self.is_shown:
            return None
        ids = list(self._items) if forward else list(self._items)[::-1]
        place = ids.index(self.focused_id) + 1 if self.focused_id is not None else 0
        return ids[place] if place < len(ids) else None

    @property
    def focused(self) -> RoiItem | None:
        """The item that arrow keys act on."""
        return self._items.get(self.focused_id) if self.focused_id is not None else None

    # --- under the mouse ---------------------------------------------------------------------

    def grip_at(self, position: QPointF) -> tuple[RoiItem, Edge] | None:
        """What a drag from there moves; the focused region can be taken anywhere inside.

        Elsewhere the inside belongs to the picture: a region that covers everything must
        not be in the way of panning.
        """
        for item in self._front_to_back():
            edges = item.edges_at(position)
            if edges is not None:
                return item, edges
        focused = self.focused
        if focused is not None and focused.contains_scene(position) and focused.is_editable:
            return focused, Edge.BODY
        return None

    def item_at(self, position: QPointF) -> RoiItem | None:
        """The smallest region that a click there can mean."""
        items = self.items if self.is_shown else []
        hit = [item for item in items if item.contains_scene(position)]
        return min(hit, key=_area, default=None)

    def hover(self, item: RoiItem | None) -> None:
        """Thicken one outline and no other."""
        for one in self._items.values():
            one.set_hovered(one is item)

    def _front_to_back(self) -> list[RoiItem]:
        """The selected one is on top, then the latest."""
        latest_first = self.items[::-1] if self.is_shown else []
        return sorted(latest_first, key=lambda item: item.roi.id != self.selected_id)


def _area(item: RoiItem) -> int:
    one, other, low, high = item.roi.geometry
    return abs(other - one) * abs(high - low) if isinstance(item.roi, RectROI) else 0
