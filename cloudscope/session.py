"""What is open: recordings, what could not be opened, and pictures kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList, LoadWarning
from cloudscope.blind import Blind
from cloudscope.scene import Plane

_CACHE_BYTES = 1 << 30


class Session:
    """Open recordings in order; the controllers share it, the views never see it."""

    def __init__(self) -> None:
        self.blind = Blind()
        self.images = AcqImageList()
        self.warnings: list[LoadWarning] = []
        self.roots: list[Path] = []
        self._planes: OrderedDict[tuple[str, int, int, int], Plane] = OrderedDict()

    def reset(self) -> None:
        """Close everything."""
        self.images = AcqImageList()
        self.warnings.clear()
        self.roots.clear()
        self._planes.clear()

    def image(self, file_id: str) -> AcqImage | None:
        """The recording of that id, or None."""
        return self.images.get_file_by_id(file_id)

    def dirty(self) -> tuple[AcqImage, ...]:
        """Recordings with unsaved edits."""
        return self.images.get_dirty_files()

    def plane(self, file_id: str, channel: int, z: int = 0, t: int = 0) -> Plane | None:
        """A picture that is still in memory, or None."""
        plane = self._planes.get((file_id, channel, z, t))
        if plane is not None:
            self._planes.move_to_end(plane.place)
        return plane

    def keep(self, plane: Plane) -> None:
        """Remember a picture; the ones not looked at for longest make room."""
        self._planes[plane.place] = plane
        while len(self._planes) > 1 and self._bytes() > _CACHE_BYTES:
            self._planes.popitem(last=False)

    def forget(self, file_ids: Iterable[str]) -> None:
        """Free the pictures of these recordings."""
        wanted = set(file_ids)
        for place in [place for place in self._planes if place[0] in wanted]:
            del self._planes[place]

    def holds(self, file_id: str) -> bool:
        """Whether a picture of that recording is in memory."""
        return any(place[0] == file_id for place in self._planes)

    def _bytes(self) -> int:
        return sum(3 * plane.pixels.nbytes for plane in self._planes.values())
