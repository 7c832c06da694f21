"""What the command line can ask of the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from acqcore import __version__

_USAGE = """\
cloudscope [PATH...] [options]          open recordings in the window
cloudscope info PATH...                 say what files hold
cloudscope formats                      list what can be opened
cloudscope analyses                     list the analyses and their parameters
cloudscope analyze PATH... --analysis NAME   measure without a window
cloudscope batch FOLDER... --analysis NAME   measure many recordings and save
cloudscope figure RECIPE -o FILE        draw a stored figure again
cloudscope bench accuracy|speed         measure how accurate and how fast it is here"""


_LARGEST = 32_767
"""Pixels; Qt draws no larger window."""


class WindowOptions:
    """Nothing special, unless words say so; no dataclass, as that takes longer to load than this.

    Attributes:
        size: Width and height, such as `1280x800`; empty for what was remembered.
        quit_after: Milliseconds after which the window closes, None for never.
        appearance: `system`, `light`, `dark`, or None for what the user chose.
    """

    paths: Sequence[Path] = ()
    demo: bool = False
    screenshot: Path | None = None
    size: str = ""
    quit_after: int | None = None
    appearance: str | None = None
    reset_settings: bool = False
    new_window: bool = False
    install_desktop: bool = False


def parsed(words: list[str]) -> WindowOptions:
    """What the words say; ends the program with a usage text where they make no sense."""
    import argparse  # slow to load; most starts have no words

    parser = argparse.ArgumentParser("cloudscope", usage=_USAGE)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--demo", action="store_true", help="open synthetic sample recordings")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture at the end")
    parser.add_argument(
        "--size", type=size, metavar="WxH", help="size of the window, such as 1280x800"
    )
    parser.add_argument("--quit-after", type=int, metavar="MS", help="close after milliseconds")
    parser.add_argument("--appearance", choices=("system", "light", "dark"), help="colours")
    parser.add_argument("--reset-settings", action="store_true", help="forget all settings first")
    parser.add_argument("--new-window", action="store_true", help="do not hand paths over")
    parser.add_argument(
        "--install-desktop", action="store_true", help="add an entry to the desktop's menu"
    )
    parser.add_argument("--version", action="version", version=f"CloudScope {__version__}")
    return parser.parse_args(words, WindowOptions())


def size(text: str) -> str:
    """The words of a size that a window may have; ValueError for others."""
    width, _, height = text.lower().partition("x")
    if not all(0 < int(side) <= _LARGEST for side in (width, height)):
        raise ValueError(text)
    return text
