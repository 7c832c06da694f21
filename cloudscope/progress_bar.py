"""A bar that counts files on a terminal; silent where nobody is looking."""

from __future__ import annotations

import time
from collections import Counter
from typing import TextIO

_WIDTH = 24
_REDRAW_S = 0.1


class ProgressBar:
    """`[########--------]  80/200  ok 78  failed 2  1:05 left`, redrawn in its own line."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self._stream, self._total = stream, total
        self._shown = stream.isatty()
        self._counts: Counter[str] = Counter()
        self._began = time.monotonic()
        self._next, self._length = 0.0, 0

    def count(self, outcome: str) -> None:
        """One more file has ended."""
        self._counts[outcome] += 1
        now = time.monotonic()
        if self._shown and (now >= self._next or self._done == self._total):
            self._next = now + _REDRAW_S
            self._draw(self.text(now - self._began))

    def clear(self) -> None:
        """Make room for a line of text."""
        if self._shown and self._length:
            self._stream.write("\r" + " " * self._length + "\r")
            self._stream.flush()
            self._length = 0

    @property
    def _done(self) -> int:
        return sum(self._counts.values())

    def text(self, seconds: float) -> str:
        """The line after so many seconds."""
        done, total = self._done, max(self._total, 1)
        full = _WIDTH * done // total
        parts = [f"[{'#' * full}{'-' * (_WIDTH - full)}]", f"{done}/{self._total}"]
        parts += [f"{name.replace('_', ' ')} {count}" for name, count in self._counts.items()]
        if 0 < done < total:
            left = round(seconds / done * (total - done))
            parts.append(f"{left // 60}:{left % 60:02} left")
        return "  ".join(parts)

    def _draw(self, text: str) -> None:
        self._stream.write("\r" + text.ljust(self._length))
        self._stream.flush()
        self._length = len(text)
