"""Nothing unsaved is lost: one question before closing, quitting or opening something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEventLoop, QObject
from PySide6.QtWidgets import QWidget

from cloudscope.saving import Saving
from cloudscope.session import Session
from cloudscope.theme import Theme
from cloudscope.views.save_prompt_dialog import SaveAnswer, SaveRow, ask_save, saving_words
from cloudscope.views.stop_prompt_dialog import ask_stop
from cloudscope.wording import changes


class LongWork(Protocol):
    """What ends with the window, and took too long to be broken off without a question."""

    def unfinished(self) -> list[str]:
        """A sentence for each that still runs."""

    def break_off(self) -> None:
        """Stop all of them."""


class Leaving(QObject):
    """Asks once, saves if wanted, and goes on only when nothing was lost."""

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        session: Session,
        saving: Saving,
        finish_typing: Callable[[], None],
    ) -> None:
        """`finish_typing` turns what stands in a field unfinished into an edit."""
        super().__init__(window)
        self._window, self._theme, self._finish_typing = window, theme, finish_typing
        self._session, self._saving = session, saving
        self._asking = False
        self._watched: list[LongWork] = []

    def watch(self, work: LongWork) -> None:
        """From now on the window does not close over this without a question."""
        self._watched.append(work)

    def then(self, reason: str, proceed: Callable[[], None], *, is_end: bool = False) -> None:
        """Call `proceed` once no unsaved edit is at stake, now or after saving.

        `reason` completes "Save changes to 3 recordings before ...". Cancel and a failed
        save do nothing: the window stays as it is and the edits stay unsaved. `is_end`: long
        work ends with it, too.
        """
        if self._asking:
            return
        if is_end and not self._may_break_off(reason):
            return
        self._finish_typing()
        if not self._session.dirty():
            proceed()
            return
        answer = self._ask(reason)
        if answer.choice == "discard":
            proceed()
        elif answer.choice == "save":
            chosen = [one for one in self._session.dirty() if one.file_id in answer.file_ids]
            self._saving.save(chosen, lambda all_saved: proceed() if all_saved else None)

    def now(self, reason: str) -> bool:
        """The same questions when the answer must not wait, as when the session ends."""
        done = [False]
        loop = QEventLoop()
        self._saving.finished.connect(loop.quit)
        self.then(reason, lambda: done.__setitem__(0, True), is_end=True)
        if not done[0] and self._saving.busy:
            loop.exec()
        self._saving.finished.disconnect(loop.quit)
        return done[0]

    def _may_break_off(self, reason: str) -> bool:
        sentences = [sentence for work in self._watched for sentence in work.unfinished()]
        self._asking = True
        try:
            if sentences and not ask_stop(self._window, self._theme, f"before {reason}", sentences):
                return False
        finally:
            self._asking = False
        for work in self._watched:
            work.break_off()
        return True

    def _ask(self, reason: str) -> SaveAnswer:
        blind = self._session.blind
        rows = [
            SaveRow(image.file_id, blind.label(image), changes(image.stored.state, image.state))
            for image in self._session.dirty()
        ]
        self._asking = True
        try:
            return ask_save(self._window, self._theme, saving_words(f"before {reason}"), rows)
        finally:
            self._asking = False
