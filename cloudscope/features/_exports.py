"""What each export writes; runs in a worker and never touches a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom

from acqcore.acq_image import AcqImage
from acqcore.analysis.base import RunContext
from acqcore.errors import AcqError, Cancelled
from acqcore.export import export_csv, export_ome_zarr, export_provenance, export_tiff
from acqcore.manifest import randomized_master, rel_path, write_manifest, write_master
from acqcore.pool import Pool

Write = Callable[[AcqImage, Path], None]
"""Writes one recording to a path; the dialog has asked about replacing a file."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file per recording, or per result.

    Attributes:
        title: Of the dialog.
        ending: After the recording's name without its own ending.
        pattern: For the dialog's list of kinds.
    """

    title: str
    ending: str
    pattern: str
    write: Write


def stem(image: AcqImage) -> str:
    """Its name without the ending, also of `a.ome.zarr`."""
    bare = image.name
    for ending in (".zip", ".zarr", ".ome"):
        bare = bare.removesuffix(ending)
    return Path(bare).stem if bare == image.name else bare


def _tiff(image: AcqImage, path: Path) -> None:
    export_tiff(image, path, overwrite=True)


def _zarr(image: AcqImage, path: Path) -> None:
    export_ome_zarr(image, path, overwrite=True)


def _provenance(image: AcqImage, path: Path) -> None:
    export_provenance(image, path, overwrite=True)


PER_RECORDING = {
    "export_tiff": Kind("Export Pixels as TIFF", ".export.tif", "TIFF (*.tif *.tiff)", _tiff),
    "export_zarr": Kind(
        "Export Pixels as OME-Zarr", ".export.ome.zarr", "OME-Zarr (*.zarr)", _zarr
    ),
    "export_provenance": Kind(
        "Export Provenance", ".provenance.json", "JSON (*.json)", _provenance
    ),
}  # fmt: skip


def rows_kind(analysis_name: str) -> Kind:
    """The rows of one analysis, of all ROIs and channels."""

    def write(image: AcqImage, path: Path) -> None:
        export_csv(image, path, analysis_name=analysis_name, overwrite=True)

    pattern = "Comma-separated values (*.csv)"
    return Kind("Export Rows as CSV", f".{analysis_name}.rows.csv", pattern, write)


def analysis_names(image: AcqImage) -> tuple[str, ...]:
    """Analyses with rows, in the order of creation."""
    with_rows = (one for one in image.state.records if one.table is not None)
    return tuple(dict.fromkeys(one.key.analysis_name for one in with_rows))


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it: how many files, and the sentences of those that failed."""

    count: int
    failed: tuple[str, ...] = ()


Order = tuple[AcqImage, Path, Write]


def write_all(orders: Sequence[Order], context: RunContext) -> Written:
    """One file after the other; one that fails does not stop the rest."""
    failed: list[str] = []
    for done, (image, path, write) in enumerate(orders):
        context.progress(done / len(orders), f"{done + 1} of {len(orders)}")
        try:
            write(image, path)
        except Cancelled:
            raise
        except AcqError as error:
            failed.append(str(error))
    return Written(len(orders) - len(failed), tuple(failed))


def in_folder(images: Sequence[AcqImage], kind: Kind, folder: Path) -> list[Order]:
    """One order per recording; recordings of one name from several folders get a number."""
    taken: set[str] = set()
    orders: list[Order] = []
    for image in images:
        name = next(one for one in _names(stem(image)) if one.casefold() not in taken)
        taken.add(name.casefold())
        orders.append((image, folder / f"{name}{kind.ending}", kind.write))
    return orders


def _names(first: str) -> Iterator[str]:
    yield first
    number = 2
    while True:
        yield f"{first} {number}"
        number += 1


def write_pool(images: Sequence[AcqImage], path: Path) -> Written:
    """One row per result that is neither rejected nor out of date."""
    Pool(images).to_csv(path, overwrite=True)
    return Written(1)


def write_list(images: Sequence[AcqImage], path: Path) -> Written:
    """A list in this order; ValueError for a recording that is not below the list's folder."""
    write_manifest(path, [rel_path(image.path, path.parent) for image in images])
    return Written(1)


def write_random_list(images: Sequence[AcqImage], path: Path) -> Written:
    """In random order within each condition; the file names order and group of each."""
    files = [
        (rel_path(image.path, path.parent), image.state.experiment.condition or "no condition")
        for image in images
    ]
    write_master(path, randomized_master(files, SystemRandom().randrange(2**32)))
    return Written(1)


def write_collection(images: Sequence[AcqImage], folder: Path, context: RunContext) -> Written:
    """Pixels as OME-Zarr, each with its sidecar and tables, and a list that opens them all.

    What is there already is replaced only where an earlier collection wrote it.
    """

    def write(image: AcqImage, path: Path) -> None:
        export_ome_zarr(image, path, overwrite=True)
        copy = AcqImage(path)
        copy.state = image.state
        copy.save(overwrite=True)

    kind = Kind("", ".ome.zarr", "", write)
    folder.mkdir(exist_ok=True)
    orders = in_folder(images, kind, folder)
    written = write_all(orders, context)
    there = [path for _, path, _ in orders if path.exists()]
    write_manifest(folder / "recordings.csv", [path.name for path in there])
    return written
