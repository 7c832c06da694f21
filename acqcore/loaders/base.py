"""What a loader is: header at once, pixels when asked for, nothing kept open.

A subclass gives `suffixes`, `magic`, `_read_header` and `_read_plane`; a format that can
read a part of a plane overrides `_read_window` too. The public methods check what they
are asked, and turn whatever a decoding library throws into `UnreadableFile`.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from acqcore.errors import UnreadableFile
from acqcore.loaders._byte_source import ByteSource
from acqcore.model.header import ImageHeader
from acqcore.model.reference import ReferenceImage
from acqcore.model.roi import ImageBounds, RectRoiBounds

FAILURES: tuple[type[Exception], ...] = (
    OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError,
    ArithmeticError, MemoryError, EOFError, ImportError, SyntaxError, struct.error, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
"""What decoding libraries throw at a damaged file; a damaged XML part is a SyntaxError."""


_Looks = tuple[int, int, int]
"""Size, date and number of a file: another file, or one that was written, has others."""


class Refusal(Exception):
    """One sentence why a file is not read; becomes `UnreadableFile` at the loader's door."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn every failure inside into `UnreadableFile` with one plain sentence."""
    try:
        yield
    except Refusal as refusal:
        raise UnreadableFile(path, str(refusal)) from refusal
    except FAILURES as error:
        raise UnreadableFile(path, reason(error)) from error


def reason(error: Exception) -> str:
    """Say in a few plain words what an exception of a decoding library means."""
    text = " ".join(str(error.args[0] if error.args else "").split())[:160]
    match error:
        case OSError():
            return _system_reason(error)
        case ImportError() | KeyError() if "imagecodecs" in text:
            return f"its compression needs the package imagecodecs ({text})"
        case ImportError():
            return f"a package is missing ({text})"
        case MemoryError():
            return "there is not enough memory for its pixels"
        case EOFError() | struct.error():
            return "it is damaged or cut short"
        case zlib.error() | lzma.LZMAError() | RuntimeError():
            return f"its compressed pixels are damaged ({text})"
        case ValueError() if text.startswith("failed to read"):
            return "it ends before its pixels do"
        case ValueError() if text:
            return f"its content is damaged ({text})"
    # The text of the others speaks of the library's insides; it stays in the traceback.
    return "its content is damaged"


def _system_reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, PermissionError):
        return "you have no permission to read it"
    return f"the system reports: {error.strerror or error}"


class Loader(ABC):
    """One recording on disk.

    `Loader(path)` reads the header only and raises `UnreadableFile` for anything wrong.

    Attributes:
        suffixes: Lower case with the dot; the longest match among all loaders wins.
        magic: Any of these starts the file; empty when the format has no such mark.
        is_folder: Whether a recording of this format is a folder.
        reads_streams: Whether `from_stream` works; such a loader reads from `_source` alone.
        in_memory: Whether there is no file, so nothing lies beside it either.
        path: As given; in memory it is only a name.
    """

    suffixes: ClassVar[tuple[str, ...]]
    magic: ClassVar[tuple[bytes, ...]] = ()
    is_folder: ClassVar[bool] = False
    reads_streams: ClassVar[bool] = False
    in_memory: bool = False

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = Path(path)
        self._source = ByteSource(self.path, content)
        self.in_memory = content is not None
        with reading(self.path):
            if content is None:
                _check_kind(self.path, self.is_folder)
            elif not self.reads_streams:
                raise Refusal("files of this format are read from a disk, not from a stream")
            elif not content:
                raise Refusal("the file is empty")
            self._header = self._read_header()
            self._looks = self._looks_now()

    @classmethod
    def from_stream(cls, stream: BinaryIO, filename: str) -> Self:
        """Read a recording from a stream of bytes, which is kept in memory as a whole.

        The stream stays open. Files beside `filename` are never looked at.
        """
        return cls(Path(filename), whole_stream(stream, filename))

    @classmethod
    def hidden_behind(cls, path: Path) -> Path | None:
        """The file that stands for this one in lists, when it is only a part of a recording."""
        return None

    @classmethod
    def is_split_sibling(cls, path: Path) -> bool:
        """Whether a list leaves this file out because another one stands for it."""
        return cls.hidden_behind(path) is not None

    @abstractmethod
    def _read_header(self) -> ImageHeader:
        """Read what is known before any pixel, in bounded time and memory."""

    @abstractmethod
    def _read_plane(self, channel: int, z: int, t: int) -> NDArray[Any]:
        """Read one plane; the indices are in range."""

    def _read_window(
        self, channel: int, lines: slice, pixels: slice, z: int, t: int
    ) -> NDArray[Any]:
        """Read part of a plane; start and stop are in range and enclose pixels."""
        # Copied: a view would keep the whole plane alive behind a small window.
        return self._read_plane(channel, z, t)[lines, pixels].copy()

    @property
    def header(self) -> ImageHeader:
        """Shape, type and calibration."""
        return self._header

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the recording, one per channel where channels are split."""
        return (self.path,)

    @property
    def has_reference_image(self) -> bool:
        """Whether the file holds an overview picture; known without decoding it."""
        return False

    @property
    def reference_image(self) -> ReferenceImage | None:
        """The overview with the scanned line, or None; its planes are read when asked for."""
        with reading(self.path):
            self._check_unchanged()
            return self._read_reference_image()

    def _read_reference_image(self) -> ReferenceImage | None:
        """Build the overview, not its pixels."""
        return None

    @property
    def num_channels(self) -> int:
        """Detector signals."""
        return self.header.num_channels

    @property
    def channel_indices(self) -> tuple[int, ...]:
        """0, 1, ... one per channel."""
        return tuple(range(self.num_channels))

    @property
    def default_channel(self) -> int | None:
        """The first channel; None when there is no plane to show."""
        return 0 if self.header.has_plane and self.num_channels else None

    def get_image_physical_units(self) -> tuple[float, float]:
        """`(step_y, step_x)`, in a kymograph seconds per line and um per pixel."""
        self._plane_size()
        return self.header.calibration.steps

    def read_plane(self, channel: int, z: int = 0, t: int = 0) -> NDArray[Any]:
        """Read one plane, (line, pixel), in the sample type of the file, not to be written.

        IndexError for an index out of range, ValueError for a file without a Y/X plane.
        """
        size = self._plane_size()
        self._check_indices(channel, z, t)
        with reading(self.path):
            self._check_unchanged()
            return _frozen(self._read_plane(channel, z, t), size, self.header.dtype)

    def read_window(
        self,
        channel: int,
        lines: tuple[int, int],
        pixels: tuple[int, int],
        z: int = 0,
        t: int = 0,
    ) -> NDArray[Any]:
        """Read lines and pixels `start:stop` of a plane, clamped to it; it may be empty."""
        height, width = self._plane_size()
        self._check_indices(channel, z, t)
        rows, columns = _clamped(lines, height), _clamped(pixels, width)
        size = rows.stop - rows.start, columns.stop - columns.start
        with reading(self.path):
            self._check_unchanged()
            part = (
                self._read_window(channel, rows, columns, z, t)
                if all(size)
                else np.empty(size, self.header.dtype)
            )
            return _frozen(part, size, self.header.dtype)

    def get_slice_data(self, channel: int, z: int = 0, t: int = 0) -> NDArray[Any]:
        """Same as `read_plane`."""
        return self.read_plane(channel, z, t)

    def get_roi_rect_image(
        self, channel: int, bounds: RectRoiBounds, *, z: int = 0, t: int = 0
    ) -> NDArray[Any]:
        """Read the part of a plane inside `bounds`, clamped to the plane."""
        height, width = self._plane_size()
        inside = bounds.clamped_to(ImageBounds(width, height))
        return self.read_window(
            channel,
            (inside.dim0_start, inside.dim0_stop),
            (inside.dim1_start, inside.dim1_stop),
            z,
            t,
        )

    def _looks_now(self) -> tuple[_Looks, ...]:
        """How the files look; nothing where there is none, or a folder of many."""
        if self.in_memory or self.is_folder:
            return ()
        return tuple(_looks(file.stat()) for file in self.files)

    def _check_unchanged(self) -> None:
        """Find the pixels again in files that were written since; Refusal for another recording.

        Where they lie is known from opening: in another file there is something else.
        """
        if self.in_memory or self._looks_now() == self._looks:
            return
        if self._read_header() != self._header:
            raise Refusal(
                "another recording was put in its place since it was opened; open it again"
            )
        self._looks = self._looks_now()

    def _plane_size(self) -> tuple[int, int]:
        if not self.header.has_plane:
            raise ValueError(f"{self.path.name} has no Y/X plane, only {self.header.dims}")
        return self.header.size("Y"), self.header.size("X")

    def _check_indices(self, channel: int, z: int, t: int) -> None:
        for axis, index in (("C", channel), ("Z", z), ("T", t)):
            if not 0 <= index < self.header.size(axis):
                raise IndexError(
                    f"{self.path.name} has {self.header.size(axis)} along {axis}, not {index}"
                )


def whole_stream(stream: BinaryIO, filename: str) -> bytes:
    """All bytes of a stream, wherever it stands; TypeError for a stream of text."""
    with reading(Path(filename)):
        if stream.seekable():
            stream.seek(0)
        content = stream.read()
    if not isinstance(content, bytes | bytearray):
        raise TypeError(f"the stream of {filename} gives text; open it in binary mode")
    return bytes(content)


def _check_kind(path: Path, is_folder: bool) -> None:
    # Asked before anything is opened: opening a named pipe would wait for ever.
    status = path.stat()
    if stat.S_ISDIR(status.st_mode) != is_folder:
        raise Refusal("it is not a folder" if is_folder else "it is a folder, not an image file")
    if not is_folder and not stat.S_ISREG(status.st_mode):
        raise Refusal("it is not a regular file")
    if not is_folder and status.st_size == 0:
        raise Refusal("the file is empty")


def _looks(status: os.stat_result) -> _Looks:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _clamped(ends: tuple[int, int], length: int) -> slice:
    start, stop = (min(max(int(end), 0), length) for end in ends)
    return slice(start, max(start, stop))


def _frozen(pixels: NDArray[Any], size: tuple[int, int], dtype: str) -> NDArray[Any]:
    if pixels.shape != size:
        raise Refusal(f"its planes are {pixels.shape}, the header says {size}")
    plain = np.ascontiguousarray(pixels, dtype)
    plain.flags.writeable = False
    return plain
