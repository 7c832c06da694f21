"""The batch window, made when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from cloudscope.features._batch_desk import BatchDesk


class Batch(Feature):
    """Opens the desk on which batches are put together and watched."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.desk: BatchDesk | None = None
        bench.leaving.watch(self)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """The action."""
        return {"batch": self.open}

    def open(self) -> None:
        """Show the window as it was left, or with the analysis of the panel."""
        if self.desk is None:
            # Worker processes and their pool load with the first batch.
            from cloudscope.features._batch_desk import BatchDesk

            self.desk = BatchDesk(self.bench)
        self.desk.show()

    def unfinished(self) -> list[str]:
        """A sentence for each batch that runs or waits."""
        return self.desk.unfinished() if self.desk is not None else []

    def break_off(self) -> None:
        """Stop all batches; what is whole stays."""
        if self.desk is not None:
            self.desk.break_off()

    def closing(self) -> None:
        """The window goes with the main window."""
        if self.desk is not None:
            self.desk.close()
