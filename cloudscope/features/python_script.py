"""Copy as Python: the numbers on screen, repeatable without the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QGuiApplication

from acqcore.acq_image import AcqImage
from cloudscope.scene import Scene
from cloudscope.script_text import python_script
from cloudscope.wording import recordings
from cloudscope.workbench import Feature


class PythonScript(Feature):
    """Puts a script on the clipboard; in blinded mode it would tell the names."""

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """The selected recordings, or all."""
        return {
            "copy_python": lambda: self._copy(self.bench.targets()),
            "copy_session_python": lambda: self._copy(tuple(self.bench.session.images)),
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """Whether there is a recording whose name may be told."""
        session = self.bench.session
        return {"all_named": len(session.images) > 0 and not session.blind.on}

    def _copy(self, images: Sequence[AcqImage]) -> None:
        QGuiApplication.clipboard().setText(python_script(images))
        runs = sum(record.has_result for image in images for record in image.state.records)
        what = "1 result" if runs == 1 else f"{runs} results"
        text = f"Copied a script for {recordings(len(images))} and {what}"
        self.bench.panels.status.jobs.set_result(text)
