"""The dry run: which recordings an order means, and what would become of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import LoadWarning, PathKind, find_recordings, read_manifest
from acqcore.batch import preview, preview_open
from cloudscope.item_models.batch_table import BatchRow, Mark
from cloudscope.jobs import Job
from cloudscope.views.batch_order import BatchOrder
from cloudscope.views.batch_words import REJECTED, UNSAVED, row_of

Find = Callable[[str], AcqImage | None]


@dataclass(frozen=True, slots=True)
class Listed:
    """All recordings of an order, before any of them was looked at."""

    rows: tuple[BatchRow, ...]


def look(job: Job, order: BatchOrder, open_ids: Sequence[str], depth: int, find: Find) -> None:
    """In a worker: deliver `Listed`, then a `BatchRow` per recording."""
    rows = _listed(job, order, open_ids, depth)
    job.deliver(Listed(rows))
    for row in rows:
        if job.is_cancelled():
            return
        if row.mark is Mark.UNKNOWN:
            job.deliver(_looked_at(row.path, order, find(row.path)))


def _listed(
    job: Job, order: BatchOrder, open_ids: Sequence[str], depth: int
) -> tuple[BatchRow, ...]:
    if order.place is None:
        return tuple(BatchRow(one) for one in open_ids)
    rows: dict[str, BatchRow] = {}
    for one in _recordings(order.place, depth, job):
        if isinstance(one, LoadWarning):
            path = one.path or str(order.place)
            rows[path] = BatchRow(path, Mark.FAILED, one.message.removesuffix("."))
        else:
            path = str(one.resolve())
            rows.setdefault(path, BatchRow(path))
    return tuple(rows.values())


def _recordings(place: Path, depth: int, job: Job) -> Iterator[Path | LoadWarning]:
    if place.is_file() and PathKind.of(place) is PathKind.CSV:
        return read_manifest(place)
    return find_recordings([place], depth, job.is_cancelled)


def _looked_at(path: str, order: BatchOrder, image: AcqImage | None) -> BatchRow:
    if image is not None and order.place is None and order.skips_rejected and not image.accepted:
        return BatchRow(path, Mark.SKIPPED, REJECTED)
    if image is not None and not order.job.save:
        return row_of(preview_open(order.job, image))
    if image is not None and image.is_dirty:
        return BatchRow(path, Mark.SKIPPED, UNSAVED)
    return row_of(next(preview(order.job, [path])))
