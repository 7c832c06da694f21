"""One save at a time in a folder, among all programs that ask.

The lock is the system's advisory lock on the folder itself: it leaves no file behind
and ends with the process that holds it.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE_S = 0.01

if sys.platform == "win32":  # folders cannot be opened there, so they cannot be locked

    @contextmanager
    def folder_lock(folder: Path, wait_s: float = 10.0) -> Iterator[None]:
        """Nothing to hold: two saves are told apart by the comparison of contents alone."""
        yield

else:
    import fcntl

    @contextmanager
    def folder_lock(folder: Path, wait_s: float = 10.0) -> Iterator[None]:
        """Hold the folder; OSError when it is not there, TimeoutError when others keep it."""
        try:
            handle = os.open(folder, os.O_RDONLY)
        except PermissionError:  # a folder that may be written to but not listed
            yield
            return
        try:
            _wait_for(handle, time.monotonic() + wait_s)
            yield
        finally:
            os.close(handle)

    def _wait_for(handle: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    return  # some network shares have no locks
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program is saving in this folder")
            time.sleep(_PAUSE_S)
