"""What a person scored as a file, and the comparison with another person's."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from acqcore.errors import AcqError, Cancelled
from acqcore.model.record import AnalysisKey
from acqcore.storage.atomic import write_files
from cloudscope.jobs import Job
from cloudscope.workbench import Feature, Workbench

if TYPE_CHECKING:
    from acqcore.scorers import Comparison
    from acqcore.scoring import ScoredPlace, Scoring
    from cloudscope.views.scorers_window import ScorersWindow
    from cloudscope.views.scorers_words import PairRow

LANE, _BLOCK = "scorers", "scorer"
_KIND = "Scored events (*.events.json);;JSON (*.json);;All files (*)"
_CALM_MS = 300
"""How long edits pause before both are compared again."""
_AROUND = 1.0
"""What is shown before and after an event, in its own length."""


class Scorers(Feature):
    """Compares all open recordings with a file; nothing of the file is taken over."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.window: ScorersWindow | None = None
        self._other: Path | None = None
        self._job: Job | None = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(_CALM_MS)
        self._due.timeout.connect(self._compare)
        bench.controller.imageChanged.connect(self._news)

    def slots(self) -> Mapping[str, Callable[[], object]]:
        """Both actions."""
        return {"export_scoring": self.ask_who, "compare_scorers": self.ask_for_other}

    def closing(self) -> None:
        """The window goes with the main window."""
        if self.window is not None:
            self.window.close()

    @property
    def scorer(self) -> str:
        """Who scores here, as far as it was told."""
        return str(self.bench.settings.block(_BLOCK).get("name", ""))

    # --- export ------------------------------------------------------------------------------

    def ask_who(self) -> None:
        """The name first, then the file."""
        from cloudscope.views.scorer_dialog import ScorerDialog  # made when it is wanted

        sentence = (
            "Writes the events of all open recordings: accepted and drawn ones. "
            "Another person can compare them with their own."
        )
        dialog = ScorerDialog(self.scorer, sentence, self.bench.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._ask_where(dialog.scorer))
        dialog.open()

    def _ask_where(self, scorer: str) -> None:
        self.bench.settings.set_block(_BLOCK, {"name": scorer})
        stem = "".join(one if one.isalnum() or one in " -_" else "_" for one in scorer)
        start = str(self._folder() / f"{stem}.events.json")
        window = self.bench.window
        chosen, _ = QFileDialog.getSaveFileName(window, "Export Scoring", start, _KIND)
        if chosen:
            self.export(Path(chosen), scorer)

    def export(self, path: Path, scorer: str) -> None:
        """Write in a worker; blinded scorers write no names of recordings."""
        from acqcore.scoring import scoring_of, write_scoring  # not before it is wanted

        target = path if path.suffix else path.with_suffix(".events.json")
        images, names = list(self.bench.session.images), not self.bench.session.blind.on

        def work(job: Job) -> int:
            scoring = scoring_of(images, scorer, names=names)
            if not scoring.places:
                raise AcqError("No events are scored in the open recordings.")
            write_scoring(target, scoring)
            return sum(len(place.events) for place in scoring.places)

        self.bench.jobs.submit(
            LANE,
            work,
            text=f"Writing {target.name}",
            on_done=lambda count: self._tell("ok", f"{count} events written to {target.name}"),
            on_failed=self._failed,
        )

    # --- comparison --------------------------------------------------------------------------

    def ask_for_other(self) -> None:
        """Choose the file of the other scorer."""
        window, start = self.bench.window, str(self._folder())
        title = "Compare With Another Scorer"
        chosen, _ = QFileDialog.getOpenFileName(window, title, start, _KIND)
        if chosen:
            self.compare_with(Path(chosen))

    def compare_with(self, path: Path) -> None:
        """Read, compare, and show the window."""
        self._other = path
        self._compare()

    @Slot()
    def _news(self) -> None:
        """Events may have changed: compare again once nothing changes for a moment."""
        if self.window is not None and self.window.isVisible():
            self._due.start()

    @Slot()
    def _compare(self) -> None:
        from acqcore.agreement import LEAST_OVERLAP
        from acqcore.scorers import compared
        from acqcore.scoring import read_scoring, scoring_of  # not before they are wanted

        other = self._other
        if other is None:
            return
        if self._job is not None:
            self._job.cancel()
        images, scorer = list(self.bench.session.images), self.scorer
        least = self.window.least_overlap if self.window is not None else LEAST_OVERLAP

        def work(job: Job) -> tuple[Scoring, Comparison]:
            theirs = read_scoring(other)
            job.context.progress(0.2)
            mine = scoring_of(images, scorer)
            job.context.progress(0.7)
            return mine, compared(mine, theirs, least)

        self._job = self.bench.jobs.submit(
            LANE, work, on_done=lambda done: self._show(*done), on_failed=self._failed
        )

    def _show(self, mine: Scoring, found: Comparison) -> None:
        if not found.places and (self.window is None or not self.window.isVisible()):
            why = "no recording of that file" if mine.places else "no events"
            self._tell("warn", f"Nothing to compare: {why} is scored here")
            return
        if self.window is None:
            from cloudscope.views.scorers_window import ScorersWindow

            window = self.window = ScorersWindow(self.bench.theme, self.bench.window)
            window.pairChosen.connect(self._go_to)
            window.overlapEdited.connect(self._compare)
            window.exportRequested.connect(self._export_pairs)
        shown = self.window.isVisible()
        self.window.show_comparison(found, self._name)
        if not shown:
            self.window.show()
            self.window.raise_()
            self.window.activateWindow()

    def _name(self, place: ScoredPlace) -> str:
        return self.bench.session.blind.name(place.file_id, place.recording)

    @Slot(object)
    def _go_to(self, row: PairRow) -> None:
        """Show the place of an event in the main window."""
        place, controller = row.place, self.bench.controller
        if self.bench.session.image(place.file_id) is None:
            return
        key = AnalysisKey("event", place.channel, place.roi_id)
        here = controller.selection
        wanted = (place.file_id, place.channel, place.roi_id)
        if (here.file_id, here.channel, here.roi_id) != wanted:
            self.bench.panels.tree.select(place.file_id)
            controller.select(place.file_id, key)
        low, high = row.lines
        margin = max(_AROUND * (high - low), 1.0)
        self._when_shown(place.file_id, low - margin, high + margin, low)

    def _when_shown(self, file_id: str, low: float, high: float, start: float) -> None:
        """The picture of another recording arrives later."""
        scene = self.bench.panels.scene
        if scene.selection.file_id == file_id and not scene.loading:
            view = self.bench.panels.view
            view.kymograph.set_time_range(low, high)
            for part in (view.kymograph, view.trace):
                part.set_cursor(start)
        elif self.bench.controller.selection.file_id == file_id:
            QTimer.singleShot(30, self, lambda: self._when_shown(file_id, low, high, start))

    # --- files -------------------------------------------------------------------------------

    @Slot()
    def _export_pairs(self) -> None:
        from cloudscope.views.scorers_words import pair_cells

        window = self.window
        if window is None or window.comparison is None:
            return
        start = str(self._folder() / "scorers.csv")
        kinds = "Comma-separated values (*.csv)"
        chosen, _ = QFileDialog.getSaveFileName(window, "Export Comparison", start, kinds)
        if not chosen:
            return
        target = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".csv")
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(pair_cells(window.comparison, self._name))
        stored = text.getvalue().encode()
        self.bench.jobs.submit(
            LANE,
            lambda job: write_files([(target, stored)]),
            on_done=lambda _: window.say(f"Written to {target.name}"),
            on_failed=self._failed,
        )

    def _folder(self) -> Path:
        """Where dialogs begin; in blinded mode not where the names are."""
        blind = self.bench.session.blind.on
        return (None if blind else self.bench.settings.last_folder) or Path.home()

    def _failed(self, error: AcqError) -> None:
        if isinstance(error, Cancelled):
            return
        if self.window is not None and self.window.isVisible():
            self.window.say(str(error))
        else:
            self._tell("err", str(error))

    def _tell(self, kind: Literal["ok", "warn", "err"], text: str) -> None:
        self.bench.panels.view.messages.show_message(kind, text)
