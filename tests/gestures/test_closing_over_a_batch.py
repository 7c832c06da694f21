"""A batch that runs is not broken off by accident, and not waited for when it is stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from acqcore.acq_image import AcqImage
from cloudscope.features.batch import Batch
from cloudscope.views.batch_words import Phase
from cloudscope.views.save_prompt_dialog import SavePromptDialog
from cloudscope.views.stop_prompt_dialog import StopPromptDialog

AT_ONCE_S = 0.5
MANY = 16


@pytest.fixture
def batch(user, window, make_tiff) -> Batch:
    """One that runs, and a while longer than the test; started with the mouse."""
    first = make_tiff("a.tif", lines=12_000, pixels=64)
    for number in range(1, MANY):
        shutil.copy(first, first.with_name(f"{number}.tif"))
    user.open(first.parent)
    feature = next(one for one in window.features if isinstance(one, Batch))
    window.trigger("batch")
    assert feature.desk is not None
    feature.desk.window.settings.workers.setValue(1)
    feature.desk.draft.look_now()
    user.wait()
    user.click(feature.desk.window.foot.run_button)
    user.wait_until(lambda: feature.desk.runs[0].phase is Phase.RUNNING)
    return feature


def close_and_answer(window, press) -> list[str]:
    """Close; gives the questions. `press` answers each."""
    shown: list[str] = []
    is_over: list[bool] = []

    def look() -> None:
        if is_over:
            return
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, StopPromptDialog | SavePromptDialog):
            titles = [one for one in dialog.findChildren(QLabel) if one.property("role") == "title"]
            shown.append(titles[0].text())
            press(dialog)
        QTimer.singleShot(10, look)

    QTimer.singleShot(10, look)
    window.close()
    is_over.append(True)
    return shown


def test_escape_lets_it_run_on_and_edits_are_asked_for_after_it(window, batch: Batch) -> None:
    asked = close_and_answer(window, lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    assert asked == ["Stop the batch before closing?"]
    assert window.isVisible()
    assert batch.desk.runs[0].phase is Phase.RUNNING

    window.controller.add_roi()
    asked = close_and_answer(
        window,
        lambda dialog: (
            dialog.stop_button.click() if isinstance(dialog, StopPromptDialog) else dialog.reject()
        ),
    )
    assert asked[0] == "Stop the batch before closing?"
    assert asked[1:] == [f"Save changes to {window.controller.image.name} before closing?"]
    assert window.isVisible()
    assert batch.desk.runs[0].phase in (Phase.STOPPING, Phase.ENDED)


def test_stop_closes_at_once(window, batch: Batch, tmp_path: Path) -> None:
    start = perf_counter()
    close_and_answer(window, lambda dialog: dialog.stop_button.click())
    assert not window.isVisible()
    assert perf_counter() - start < 3 * AT_ONCE_S  # to hear it, and to answer
    saved = [one for one in tmp_path.glob("*.tif") if AcqImage(one).state.records]
    assert len(saved) < MANY
    assert {one.suffix for one in tmp_path.iterdir()} <= {".tif", ".txt", ".json", ".csv"}


def test_starting_processes_do_not_hold_up_closing(user, window, folder: Path) -> None:
    user.open(folder)
    feature = next(one for one in window.features if isinstance(one, Batch))
    window.trigger("batch")
    feature.desk.window.settings.workers.setValue(2)
    feature.desk.draft.look_now()
    user.wait()
    user.click(feature.desk.window.foot.run_button)
    user.wait_until(lambda: feature.desk.runs[0].phase is Phase.RUNNING)
    start = perf_counter()
    window.discard_and_close()
    assert perf_counter() - start < AT_ONCE_S
