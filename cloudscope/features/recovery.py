"""Unsaved edits outlive a crash: kept aside every few seconds, offered at the next start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer, Slot

from acqcore.acq_image import AcqImage
from acqcore.errors import AcqError
from acqcore.model.state import AcqState
from cloudscope.recovery import Journal, Kept, discard
from cloudscope.views.save_prompt_dialog import RESTORING, SaveRow, ask_save
from cloudscope.wording import changes
from cloudscope.workbench import Feature, Workbench

INTERVAL_MS = 2000


class Recovery(Feature):
    """Writes off the GUI thread; a copy that cannot be written is tried again later."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._kept: dict[str, AcqState] = {}
        self._wanted: dict[Path, Kept] = {}
        self._busy = False
        self._journal: Journal | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.keep)
        bench.opening.opened.connect(self._opened)
        app = QCoreApplication.instance()
        assert app is not None
        app.aboutToQuit.connect(self._end)
        bench.jobs.submit(
            "journal",
            lambda job: _begin(bench.folders["logs"].parent / "recovery"),
            on_done=self._begun,
        )

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """No command: it works by itself."""
        return {}

    def _begun(self, result: tuple[Journal | None, list[Kept]]) -> None:
        self._journal, left = result
        if self._journal is not None:
            self._timer.start()
        if left:
            count = f"{len(left)} recordings" if len(left) > 1 else left[0].path.name
            self.bench.panels.view.messages.show_message(
                "warn",
                f"CloudScope ended unexpectedly; unsaved changes to {count} were kept.",
                [("Restore…", lambda: self._ask(left))],
            )

    def _ask(self, left: list[Kept]) -> None:
        rows = [SaveRow(str(n), one.path.name, f"{one.when}: {one.changes}") for n, one in
                enumerate(left)]  # fmt: skip
        answer = ask_save(self.bench.window, self.bench.theme, RESTORING, rows)
        if answer.choice == "discard":
            self.bench.jobs.submit("journal", lambda job: discard(left))
        elif answer.choice == "save":
            chosen = [left[int(number)] for number in answer.file_ids]
            self._wanted = {one.path: one for one in chosen}
            for image in list(self.bench.session.images):
                self._opened(image)
            if self._wanted:
                depth = self.bench.settings.folder_depth
                self.bench.opening.open(list(self._wanted), depth, add=True)

    @Slot(object)
    def _opened(self, image: AcqImage) -> None:
        """Bring its edits back if they are wanted."""
        one = self._wanted.pop(Path(image.path), None)
        if one is not None:
            self.bench.jobs.submit(
                "journal",
                lambda job: one.state(image.header),
                text=f"Restoring {image.name}",
                on_done=lambda state: self._restore(image, one, state),
            )

    def _restore(self, image: AcqImage, one: Kept, state: AcqState) -> None:
        self.bench.controller.edit(image, state, "Restore unsaved changes")
        self.bench.jobs.submit("journal", lambda job: discard([one]))

    # Keeping

    @Slot()
    def keep(self) -> None:
        """Copy what is unsaved and not yet kept; forget what is saved."""
        if self._journal is None or self._busy:
            return
        dirty = {one.file_id: one for one in self.bench.session.dirty()}
        saved = [file_id for file_id in self._kept if file_id not in dirty]
        fresh = [
            (one, one.state, changes(one.stored.state, one.state))
            for one in dirty.values()
            if self._kept.get(one.file_id) is not one.state
        ]
        if not fresh and not saved:
            return
        self._busy, journal = True, self._journal
        for file_id in saved:
            del self._kept[file_id]
        self._kept |= {image.file_id: state for image, state, _ in fresh}
        self.bench.jobs.submit(
            "journal",
            lambda job: _write(journal, saved, fresh),
            on_done=self._written,
        )

    def _written(self, failed: list[str]) -> None:
        self._busy = False
        for file_id in failed:
            self._kept.pop(file_id, None)

    @Slot()
    def _end(self) -> None:
        """The program ends in the usual way: what is unsaved now was given up."""
        self._timer.stop()
        if self._journal is not None:
            self._journal.close()
            self._journal = None


def _begin(home: Path) -> tuple[Journal | None, list[Kept]]:
    """In a worker; without a place to write to there is no journal."""
    try:
        journal = Journal(home)
    except OSError:
        return None, []
    return journal, journal.left_behind()


def _write(
    journal: Journal, saved: list[str], fresh: list[tuple[AcqImage, AcqState, str]]
) -> list[str]:
    """In a worker; gives the ids of those that could not be written."""
    failed = []
    for file_id in saved:
        journal.drop(file_id)
    for image, state, text in fresh:
        try:
            journal.keep(image, state, text)
        except (OSError, AcqError):
            failed.append(image.file_id)
    return failed
