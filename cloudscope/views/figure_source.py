"""Where a figure gets its pixels and results from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from acqcore.model.contrast import ImageContrast
from cloudscope.scene import Scene


@dataclass(frozen=True, slots=True, eq=False)
class FigureSource:
    """The recording behind a figure.

    Attributes:
        name: As it may be told: of a blinded recording not the file's.
        read_plane: (line, pixel) of a channel; may take a while.
        contrast: Of a channel; None when it was never shown.
    """

    scene: Scene
    name: str
    read_plane: Callable[[int], NDArray[Any]]
    contrast: Callable[[int], ImageContrast | None]
