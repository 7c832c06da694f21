"""OME-Zarr (OME-NGFF 0.4 and 0.5): a folder, or the same in a zip, is one recording."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acqcore.loaders._ngff import NgffImage, read_image
from acqcore.loaders._tiff_axes import AxisPlan, plan_axes
from acqcore.loaders._zarr_tree import FolderTree, ZarrTree, ZipTree, joined
from acqcore.loaders.base import Loader, Refusal
from acqcore.model.header import Calibration, ImageHeader, calibration

_SOURCE = "OME-Zarr metadata"
_HARMLESS = 1 << 30  # bytes that are read without asking where they come from
_MOST_GROWTH = 200  # a compressed recording shrinks 2 to 20 times


class OmeZarrLoader(Loader):
    """Read the finest level of the first image of a hierarchy, only the chunks asked for."""

    suffixes: ClassVar[tuple[str, ...]] = (".ome.zarr", ".zarr")
    is_folder: ClassVar[bool] = True

    def _tree(self) -> ZarrTree:
        return FolderTree(self.path)

    def _read_header(self) -> ImageHeader:
        self._hierarchy = self._tree()
        self._image = read_image(self._hierarchy)
        image, array = self._image, self._image.array
        self._plan = plan_axes(_letters(image), array.shape)
        channels = dict(zip(self._plan.dims, self._plan.sizes, strict=True)).get("C", 1)
        named = len(image.channel_names) == channels and any(image.channel_names)
        return ImageHeader(
            path=str(self.path),
            shape=self._plan.sizes,
            dims=self._plan.dims,
            # Bits become bytes of 0 and 1, which every analysis can compute with.
            dtype="uint8" if array.dtype == "bool" else array.dtype,
            calibration=_calibration(image, self._plan),
            num_scenes=image.scenes,
            channel_names=image.channel_names if named else (),
            notes=(*image.notes, *self._plan.notes),
        )

    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        height, width = self._plane_size()
        return self._read_window(channel, slice(0, height), slice(0, width), z, t)

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        import zarr  # heavy: only when pixels are read

        # What other writers got slightly wrong is nothing that the user could mend.
        warnings.filterwarnings("ignore", module=r"zarr\.")
        array, tree = self._image.array, self._hierarchy
        region = self._plan.region(lines, pixels, channel, z, t)
        self._check_growth((lines.stop - lines.start) * (pixels.stop - pixels.start))
        inside = tree.inside if isinstance(tree, ZipTree) else ""
        with tree.store() as store:
            stored = zarr.open_array(
                store, path=joined(inside, array.path), mode="r", zarr_format=array.zarr_format
            )
            if stored.shape != array.shape:
                raise Refusal("another program changed its size")
            window = np.asarray(stored[region])
        return window.T if self._plan.is_transposed else window

    def _check_growth(self, samples: int) -> None:
        """Refuse few bytes that claim to be a lot of pixels, or one chunk without end."""
        array = self._image.array
        wanted = max(samples * np.dtype(array.dtype).itemsize, array.chunk_bytes)
        if wanted <= _HARMLESS:
            return
        held = self._hierarchy.stored_bytes(array.path)
        if wanted > held * _MOST_GROWTH:
            raise Refusal(
                f"its {held / 1e6:.1f} MB would grow to {wanted / 1e9:.1f} GB, "
                "which no recording does"
            )


class OmeZarrZipLoader(OmeZarrLoader):
    """Read a hierarchy that was packed into one zip."""

    suffixes: ClassVar[tuple[str, ...]] = (".ome.zarr.zip", ".zarr.zip")
    is_folder: ClassVar[bool] = False

    def _tree(self) -> ZarrTree:
        return ZipTree(self.path)

    def _read_header(self) -> ImageHeader:
        with _unpacking():
            return super()._read_header()

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        with _unpacking():
            return super()._read_window(channel, lines, pixels, z, t)


@contextmanager
def _unpacking() -> Iterator[None]:
    try:
        yield
    except zipfile.BadZipFile:
        raise Refusal("it is not a zip file, or it is cut short") from None


def _letters(image: NgffImage) -> str:
    """One letter per axis; the single row that makes a time series of lines valid is dropped."""
    letters = "".join(axis.letter for axis in image.axes)
    lengths = dict(zip(letters, image.array.shape, strict=True))
    is_line_scan = lengths.get("T", 1) > 1 and lengths.get("Y") == 1
    return letters.replace("Y", "-") if is_line_scan else letters


def _calibration(image: NgffImage, plan: AxisPlan) -> Calibration:
    """Steps of rows and columns; a plane of one line of a time series is a line scan too."""
    time, row, column = image.axis("T"), image.axis(plan.row_axis), image.axis(plan.column_axis)
    step_x = column.um if column else None
    one_line = plan.row_axis == "Y" and plan.sizes[-2] == 1 and "T" not in plan.dims
    if time is not None and (plan.row_axis == "T" or one_line):
        return calibration(time.seconds, "seconds", step_x, "um", _SOURCE)
    if row is None:
        return calibration(None, "um", step_x, "um", _SOURCE)
    if row.um is None and row.seconds is not None:
        return calibration(row.seconds, "seconds", step_x, "um", _SOURCE)
    return calibration(row.um, "um", step_x, "um", _SOURCE)
