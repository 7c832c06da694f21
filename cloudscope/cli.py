"""The command line: each command has its own file, loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

COMMANDS: Mapping[str, str] = {
    "info": "cloudscope.cli_info:info",
    "formats": "cloudscope.cli_info:formats",
    "analyses": "cloudscope.cli_analyses:list_analyses",
    "analyze": "cloudscope.cli_analyze:analyze",
    "batch": "cloudscope.cli_batch:batch",
    "figure": "cloudscope.cli_figure:figure",
    "bench": "cloudscope.cli_bench:bench",
}
"""Each takes the words that follow its name and gives the exit code; only the window, which
has no name, and `figure` import Qt, and the window alone must not wait for numpy."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit code: 0 well, 1 a file failed, 2 cannot be done."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A file that happens to be called "info" is opened when it is there.
    if words and words[0] in COMMANDS and not Path(words[0]).exists():
        return _piped(command(words[0]), words[1:])
    window: Callable[[list[str]], int] = _loaded("cloudscope.cli_window:window")
    return window(words)


def command(name: str) -> Callable[[list[str]], int]:
    """What a name of `COMMANDS` stands for."""
    return _loaded(COMMANDS[name])


def _loaded(place: str) -> Callable[[list[str]], int]:
    module, _, name = place.partition(":")
    function: Callable[[list[str]], int] = vars(import_module(module))[name]
    return function


def _piped(function: Callable[[list[str]], int], words: list[str]) -> int:
    """Run a command whose reader may go away, as `head` does."""
    try:
        code = function(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered has nowhere to go; the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code
