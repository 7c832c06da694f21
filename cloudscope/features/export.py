"""The Export menu: results, pixels and lists for other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, Cancelled
from cloudscope.features._exports import (
    PER_RECORDING,
    Kind,
    Order,
    Written,
    analysis_names,
    in_folder,
    rows_kind,
    stem,
    write_all,
    write_collection,
    write_list,
    write_pool,
    write_random_list,
)
from cloudscope.jobs import Work
from cloudscope.scene import Scene
from cloudscope.workbench import Feature

_CSV = "Comma-separated values (*.csv)"
_NOT_BELOW = "The list must stand in the folder of the recordings or above it."


class Export(Feature):
    """Asks for one file, or for a folder where there will be several; writes in a worker."""

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Pixels and rows of the selected recordings, pool and lists of all."""
        each = {
            name: lambda kind=kind: self._export(kind.title, self._each(kind))
            for name, kind in PER_RECORDING.items()
        }
        return each | {
            "export_rows": lambda: self._export("Export Rows as CSV", self._rows()),
            "export_collection": self._export_collection,
            "export_pool": self._export_pool,
            "export_list": lambda: self._export_list("recordings", write_list),
            "export_random": lambda: self._export_list("randomised", write_random_list),
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Names would be told by every file."""
        named, images = not self.bench.session.blind.on, self.bench.targets()
        there = self.bench.session.images if named else ()
        return {
            "named_results": named and any(analysis_names(image) for image in images),
            "all_results": any(image.state.records for image in there),
        }

    # --- one file per recording -------------------------------------------------------------

    def _each(self, kind: Kind) -> list[tuple[AcqImage, Kind]]:
        return [(image, kind) for image in self.bench.targets()]

    def _rows(self) -> list[tuple[AcqImage, Kind]]:
        images = self.bench.targets()
        return [(image, rows_kind(name)) for image in images for name in analysis_names(image)]

    def _export(self, title: str, wanted: Sequence[tuple[AcqImage, Kind]]) -> None:
        if not wanted:
            return
        image, kind = wanted[0]
        if len(wanted) == 1:
            path = self._ask_file(title, f"{stem(image)}{kind.ending}", kind.pattern)
            suffix = Path(kind.ending).suffix
            orders: list[Order] = [(image, _ending(path, suffix), kind.write)] if path else []
        else:
            folder = self._ask_folder(title)
            orders = _orders(wanted, folder) if folder else []
        if orders:
            place = orders[0][1] if len(orders) == 1 else orders[0][1].parent
            self._submit(place, lambda job: write_all(orders, job.context))

    # --- all of them ------------------------------------------------------------------------

    def _export_pool(self) -> None:
        images = tuple(self.bench.session.images)
        path = self._ask_file("Export Pool", "pool.csv", _CSV)
        if path:
            target = _ending(path, ".csv")
            self._submit(target, lambda job: write_pool(images, target))

    def _export_list(self, name: str, write: Callable[[Sequence[AcqImage], Path], Written]) -> None:
        """The recordings that the filter shows, in the order on screen."""
        shown = (self.bench.session.image(one) for one in self._shown_ids())
        images = [image for image in shown if image is not None]
        path = self._ask_file("Export List of Recordings", f"{name}.csv", _CSV)
        if not path:
            return
        target = _ending(path, ".csv")
        below = target.parent.resolve()
        if all(Path(image.path).resolve().is_relative_to(below) for image in images):
            self._submit(target, lambda job: write(images, target))
        else:
            self._say("err", _NOT_BELOW)

    def _shown_ids(self) -> list[str]:
        return self.bench.panels.tree.model.visible_file_ids()

    def _export_collection(self) -> None:
        images = self.bench.targets()
        path = self._ask_file("Export Collection", "collection", "Folder (*)")
        if path:
            self._submit(path, lambda job: write_collection(images, path, job.context))

    # --- asking, writing, telling -----------------------------------------------------------

    def _ask_file(self, title: str, name: str, pattern: str) -> Path | None:
        start = str((self.bench.settings.last_folder or Path.home()) / name)
        chosen, _ = QFileDialog.getSaveFileName(self.bench.window, title, start, pattern)
        return Path(chosen) if chosen else None

    def _ask_folder(self, title: str) -> Path | None:
        start = str(self.bench.settings.last_folder or Path.home())
        chosen = QFileDialog.getExistingDirectory(self.bench.window, title, start)
        return Path(chosen) if chosen else None

    def _submit(self, place: Path, work: Work) -> None:
        self.bench.jobs.submit(
            "save", work, text=f"Exporting {place.name}",
            on_done=lambda written: self._tell(place, written), on_failed=self._failed,
        )  # fmt: skip

    def _tell(self, place: Path, written: Written) -> None:
        if written.failed:
            more = f" and {len(written.failed) - 1} more" if len(written.failed) > 1 else ""
            self._say("err", f"{written.failed[0]}{more}")
        elif written.count == 1:
            self._say("ok", f"Written: {place.name}")
        else:
            self._say("ok", f"{written.count} files written to {place.name}")

    def _failed(self, error: AcqError) -> None:
        if not isinstance(error, Cancelled):
            self._say("err", str(error))

    def _say(self, level: Literal["ok", "err"], text: str) -> None:
        self.bench.panels.view.messages.show_message(level, text)


def _ending(path: Path, suffix: str) -> Path:
    """With the ending that tells the format, whatever was typed."""
    right = path.suffix.lower() == suffix or {path.suffix.lower(), suffix} == {".tiff", ".tif"}
    return path if right else path.with_name(f"{path.name}{suffix}")


def _orders(wanted: Sequence[tuple[AcqImage, Kind]], folder: Path) -> list[Order]:
    """Files of one kind get names that differ; other kinds differ by their ending."""
    by_ending: dict[str, list[tuple[AcqImage, Kind]]] = {}
    for image, kind in wanted:
        by_ending.setdefault(kind.ending, []).append((image, kind))
    return [
        order
        for group in by_ending.values()
        for order in in_folder([image for image, _ in group], group[0][1], folder)
    ]
