"""What a right click on recordings offers beside judging and running: the file itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from cloudscope.features._reveal import reveal_files
from cloudscope.scene import Scene
from cloudscope.wording import recordings
from cloudscope.workbench import Feature

MOST_AT_ONCE = 10
"""More programs than this are not started by one command."""


class FileMenu(Feature):
    """Reveal, open elsewhere, free memory, copy."""

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """All of them mean every selected recording."""
        return {
            "reveal": self._reveal,
            "open_with": self._open_with,
            "unload": self._unload,
            "copy_table": self._copy_table,
            "copy_path": self._copy_path,
        }

    def usable(self, scene: Scene) -> Mapping[str, bool]:
        """A file would tell its name."""
        return {"named": bool(scene.selection.file_id) and not self.bench.session.blind.on}

    def _paths(self) -> list[Path]:
        return [Path(image.path) for image in self.bench.targets()]

    def _reveal(self) -> None:
        reveal_files(self._paths())

    def _open_with(self) -> None:
        paths = self._paths()
        for path in paths[:MOST_AT_ONCE]:
            QDesktopServices.openUrl(QUrl(path.as_uri()))
        if len(paths) > MOST_AT_ONCE:
            text = f"The first {MOST_AT_ONCE} of {recordings(len(paths))} were opened."
            self.bench.panels.view.messages.show_message("info", text)

    def _unload(self) -> None:
        """The one on screen is read again, so that it shows what the file holds now."""
        images, session = self.bench.targets(), self.bench.session
        count = sum(session.holds(image.file_id) for image in images)
        session.forget(image.file_id for image in images)
        if self.bench.controller.image in images:
            self.bench.controller.retry()
        self.bench.panels.status.jobs.set_result(f"Unloaded {recordings(count)}")

    def _copy_table(self) -> None:
        tree = self.bench.panels.tree
        QGuiApplication.clipboard().setText(tree.table_text())
        count = len(tree.model.visible_file_ids())
        self.bench.panels.status.jobs.set_result(f"Copied the table of {recordings(count)}")

    def _copy_path(self) -> None:
        paths = self._paths()
        QGuiApplication.clipboard().setText("\n".join(map(str, paths)))
        text = "Copied the path" if len(paths) == 1 else f"Copied {len(paths)} paths"
        self.bench.panels.status.jobs.set_result(text)
