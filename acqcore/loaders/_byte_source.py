"""Where the bytes of a recording are: in a file, or in memory under the name of a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path

ByteStream = BufferedReader | BytesIO


@dataclass(frozen=True, slots=True)
class ByteSource:
    """Opened anew for each read, so that no file stays open in between.

    Attributes:
        path: The file, or only its name when there is `content`.
        content: All bytes of a recording that came as a stream.
    """

    path: Path
    content: bytes | None = field(default=None, repr=False)

    @property
    def in_memory(self) -> bool:
        """Whether there is no file."""
        return self.content is not None

    def open(self) -> ByteStream:
        """A stream at its beginning; closing it is the caller's."""
        return self.path.open("rb") if self.content is None else BytesIO(self.content)
