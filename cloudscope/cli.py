"""The command line: each command has its own file, and only the window imports Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cloudscope.cli_analyses import list_analyses
from cloudscope.cli_analyze import analyze
from cloudscope.cli_batch import batch
from cloudscope.cli_bench import bench
from cloudscope.cli_info import info
from cloudscope.cli_window import window

COMMANDS: Mapping[str, Callable[[list[str]], int]] = {
    "info": info,
    "analyses": list_analyses,
    "analyze": analyze,
    "batch": batch,
    "bench": bench,
}
"""Each takes the words that follow its name and gives the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code: 0 well, 1 a file failed, 2 cannot be done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A file that happens to be called "info" is opened when it is there.
    if words and words[0] in COMMANDS and not Path(words[0]).exists():
        return _piped(COMMANDS[words[0]], words[1:])
    return window(words)


def _piped(command: Callable[[list[str]], int], words: list[str]) -> int:
    """Run a command whose reader may go away, as `head` does."""
    try:
        code = command(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered has nowhere to go; the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code
