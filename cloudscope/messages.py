"""What happened, in sentences: the message bar, the status bar and the list of problems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError, SidecarConflict
from cloudscope.controller import Controller
from cloudscope.saving import Saving
from cloudscope.scene import Scene
from cloudscope.session import Session
from cloudscope.theme import Theme
from cloudscope.views.job_bar import JobBar
from cloudscope.views.message_bar import MessageBar
from cloudscope.views.problems_dialog import show_problems
from cloudscope.wording import recordings


class Messages(QObject):
    """Tells the user; offers what can be done about it.

    Signals:
        listWanted: Show what could not be opened, file by file.
    """

    listWanted = Signal()

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        bar: MessageBar,
        results: JobBar,
        controller: Controller,
        saving: Saving,
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._bar, self._results = window, theme, bar, results
        self._controller, self._saving = controller, saving
        self._told: set[str] = set()

    @property
    def _session(self) -> Session:
        return self._controller.session

    @Slot(object)
    def user_error(self, error: AcqError) -> None:
        """An edit that could not be made."""
        self._bar.show_message("err", str(error))

    @Slot(int, int)
    def opened(self, count: int, refused: int) -> None:
        """After opening: what came and what was left out."""
        self._results.set_result(f"{recordings(count)} opened" if count else "Nothing was opened")
        if not refused:
            return
        if refused == 1:
            self._bar.show_message("warn", self._session.warnings[-1].message)
        else:
            text = f"{refused} files could not be opened."
            self._bar.show_message("warn", text, [("Show List", self.listWanted.emit)])

    @Slot(object, object)
    def run_failed(self, image: AcqImage, error: AcqError) -> None:
        """A run on a recording that is no longer on screen."""
        self._bar.show_message("err", f"{image.name}: {error}")

    @Slot(object)
    def tell_problems(self, scene: Scene) -> None:
        """What was not understood beside a recording, once, when it is first looked at."""
        file_id = scene.selection.file_id
        image = self._session.image(file_id)
        if image is None or not image.problems or file_id in self._told:
            return
        self._told.add(file_id)
        blind = self._session.blind
        rows = [(blind.mask(one.where), blind.mask(one.why)) for one in image.problems]
        text = f"Part of what is stored with {image.name} was not understood; it is kept."
        title = f"What was not understood beside {blind.label(image)}"

        def show() -> None:
            show_problems(self._window, self._theme, title, rows)

        self._bar.show_message("warn", text, [("Show List", show)])

    @Slot(object)
    def image_saved(self, file_id: str) -> None:
        """A file that was not understood was kept: say under which name."""
        image = self._session.image(file_id)
        if image is not None and image.stored.on_disk.kept:
            kept = ", ".join(path.name for path in image.stored.on_disk.kept)
            self._bar.show_message("info", f"The earlier file of {image.name} is kept as {kept}.")

    @Slot(int, int)
    def saved(self, count: int, failed: int) -> None:
        """After saving."""
        if count:
            self._results.set_result(f"Saved {recordings(count)}")

    @Slot(object, object)
    def save_failed(self, image: AcqImage, error: AcqError) -> None:
        """The recording stays unsaved; say why and what can be done."""
        actions: list[tuple[str, Callable[[], None]]] = []
        if isinstance(error, SidecarConflict):
            actions.append(("Reload", lambda: self._reload(image)))
            actions.append(("Overwrite", lambda: self._saving.save([image], overwrite=True)))
        actions.append(("Save a Copy…", lambda: self.save_copy(image)))
        self._bar.show_message("err", str(error), actions[:2])

    def _reload(self, image: AcqImage) -> None:
        """Take the other program's version; undo brings the unsaved edits back."""
        mine = image.state
        image.load_sidecar_json()
        theirs, image.state = image.state, mine
        self._controller.edit(image, theirs, "Reload")
        self._controller.imageChanged.emit(image.file_id)

    def save_copy(self, image: AcqImage) -> None:
        """Ask for a folder and write the results there."""
        title = f"Save Results of {self._session.blind.label(image)} In"
        chosen = QFileDialog.getExistingDirectory(self._window, title)
        if chosen:
            told = f"Results of {image.name} saved in {chosen}"
            self._saving.save_copy(image, Path(chosen), lambda: self._results.set_result(told))
