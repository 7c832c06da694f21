"""Code that is not ours to vouch for: a plug-in, or one of ten thousand files."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Attempt:
    """`with Attempt() as attempt: ...` goes on after whatever is raised inside.

    Only where one fault must not end the work on everything else, and where it is told:
    a batch reports the file, the registry reports the plug-in.

    Attributes:
        error: What was raised, or None.
    """

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        # A plug-in that calls `sys.exit` must not end the program; Ctrl-C still does.
        if isinstance(error, Exception | SystemExit):
            self.error = error
            return True
        return False
