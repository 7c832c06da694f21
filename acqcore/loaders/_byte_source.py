"""Where the bytes of a recording are: in a file, or in memory under the name of a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class ByteSource:
    """Opened anew for each read, so that no file stays open in between.

    Attributes:
        path: The file, or only its name when there is `content`.
        content: All bytes of a recording that came as a stream.
    """

    path: Path
    content: bytes | None = field(default=None, repr=False)

    def open(self) -> BinaryIO:
        """A stream at its beginning; closing it is the caller's."""
        return self.path.open("rb") if self.content is None else BytesIO(self.content)


def whole_stream(stream: BinaryIO) -> bytes:
    """All bytes of a stream, wherever it stands; TypeError for a stream of text."""
    if stream.seekable():
        stream.seek(0)
    content = stream.read()
    if not isinstance(content, bytes | bytearray):
        raise TypeError("the stream gives text; open it in binary mode")
    return bytes(content)
