"""Blinded mode: recordings go by numbers in random order, so that nobody judges by a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from random import SystemRandom

from acqcore.acq_image import AcqImage

HIDDEN = "Blinded"
"""What stands in the place of a metadata value, a folder and a path."""

_SPARE = 99
"""Numbers up to this, or ten times as many, are drawn for recordings that come later."""
_SHORTEST = 3
"""Folder names with fewer letters occur in any sentence."""


class Blind:
    """Gives every recording a number that stays the same until the program ends.

    Attributes:
        on: Whether names are hidden.
    """

    def __init__(self) -> None:
        self.on = False
        self._numbers: dict[str, int] = {}
        self._folders: set[str] = set()
        self._random = SystemRandom()

    def hide(self, file_ids: Iterable[str]) -> None:
        """Hide names; the recordings that are open already get numbers without gaps."""
        fresh = [one for one in file_ids if one not in self._numbers]
        first = max(self._numbers.values(), default=0) + 1
        numbers = list(range(first, first + len(fresh)))
        self._random.shuffle(numbers)
        for file_id, number in zip(fresh, numbers, strict=True):
            self._take(file_id, number)
        self.on = True

    def learn(self, paths: Iterable[Path]) -> None:
        """Names of what is being opened are names, too."""
        self._folders.update(path.name for path in paths if len(path.name) >= _SHORTEST)

    def show(self) -> None:
        """Show names again; the numbers are kept for the next time."""
        self.on = False

    def number(self, file_id: str) -> int:
        """Its number; one that comes while names are hidden must not tell when it came."""
        if file_id not in self._numbers:
            most = _SPARE
            while 2 * len(self._numbers) >= most:
                most = 10 * most + 9
            taken = set(self._numbers.values())
            self._take(file_id, self._random.choice([*set(range(1, most + 1)) - taken]))
        return self._numbers[file_id]

    def _take(self, file_id: str, number: int) -> None:
        self._numbers[file_id] = number
        folders = Path(file_id).parts[1:-1][-2:]
        self._folders.update(name for name in folders if len(name) >= _SHORTEST)

    def label(self, image: AcqImage) -> str:
        """How a recording is called on screen, in tables and in exports."""
        return self.name(image.file_id, image.name)

    def name(self, file_id: str, name: str) -> str:
        """The same for a recording that may not be open."""
        return f"File {self.number(file_id)}" if self.on else name

    def mask(self, text: str) -> str:
        """A sentence without names of recordings and of the folders that they lie in."""
        if not self.on or not text:
            return text
        for file_id, number in self._numbers.items():
            name = Path(file_id).name
            if name in text:
                text = text.replace(file_id, f"File {number}")
                text = _replaced(name, f"File {number}", text)
        for folder in self._folders:
            if folder in text:
                text = _replaced(folder, HIDDEN, text)
        return text


def _replaced(name: str, other: str, text: str) -> str:
    """Whole words only: a.tif is no part of data.tif."""
    return re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", lambda found: other, text)
