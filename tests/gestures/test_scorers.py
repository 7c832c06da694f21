"""Two people score the same recordings: one writes a file, the other compares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from acqcore.analysis.event import add_events
from acqcore.model.record import AnalysisKey, AnalysisRecord
from cloudscope.features.scorers import Scorers
from cloudscope.views.scorer_dialog import ScorerDialog

Key, Keys = Qt.Key, Qt.KeyboardModifier
EVENT, VELOCITY = AnalysisKey("event", 0, 1), AnalysisKey("radon_velocity", 0, 1)
STEP = 0.002
MINE = [(50, 90, "rise"), (150, 200, "fall"), (300, 340, "transient")]
THEIRS = [(52, 91, "rise"), (150, 198, "transient"), (220, 240, "user")]


@pytest.fixture
def feature(window) -> Scorers:
    return next(one for one in window.features if isinstance(one, Scorers))


@pytest.fixture
def scored(user, window, folder: Path) -> Path:
    """a.tif and b.tif of the folder with velocities; events are marked in a.tif."""
    user.open(folder)
    for image in tuple(window.session.images)[:2]:
        roi = image.rois.create_rect_roi(None)
        image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id)
        image.analysis_set.run_analysis(VELOCITY)
    mark(window, 0, MINE)
    return folder


def mark(window, place: int, spans) -> None:
    image = tuple(window.session.images)[place]
    given = [(low * STEP, high * STEP, kind) for low, high, kind in spans]
    record = add_events(AnalysisRecord(EVENT), image.state.record(VELOCITY), given)
    window.controller.edit(image, image.state.with_record(record), "Seed")
    QApplication.processEvents()


def export(user, window, monkeypatch, path: Path, scorer: str) -> None:
    """From the menu through both dialogs."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    window.actions_by_id["export_scoring"].trigger()
    dialog = window.findChild(ScorerDialog)
    dialog.line.setFocus()
    user.type(scorer)
    user.press(Key.Key_Return)
    user.wait()


@pytest.fixture
def theirs(user, window, monkeypatch, scored: Path, tmp_path: Path) -> Path:
    """The file of CD, who marked both recordings; on screen are the events of AB."""
    path = tmp_path / "cd.events.json"
    mark(window, 0, THEIRS)
    mark(window, 1, [(10, 30, "rise")])
    export(user, window, monkeypatch, path, "CD")
    for _ in range(2):
        window.actions_by_id["undo"].trigger()
    window.settings.set_block("scorer", {"name": "AB"})
    return path


@pytest.fixture
def compared(user, window, feature, monkeypatch, theirs: Path):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(theirs), ""))
    window.actions_by_id["compare_scorers"].trigger()
    user.wait_until(lambda: feature.window is not None and feature.window.isVisible())
    return feature.window


def cell(window, row: int, column: int) -> str:
    return window.rows.index(row, column).data()


def test_the_file_of_a_scorer(user, window, scored, monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "ab.events.json"
    export(user, window, monkeypatch, path, "AB")
    stored = json.loads(path.read_text())
    assert stored["scorer"] == "AB"
    (place,) = stored["places"]
    assert place["recording"] == "a.tif"
    assert [one["kind"] for one in place["events"]] == ["rise", "fall", "transient"]
    assert "3 events written to ab.events.json" in window.view.messages.text
    assert window.settings.block("scorer") == {"name": "AB"}
    window.actions_by_id["blind"].trigger()
    export(user, window, monkeypatch, path, "AB")
    assert "a.tif" not in path.read_text()  # a blinded scorer writes no names


def test_a_name_is_needed_and_nothing_scored_is_no_file(
    user, window, folder, monkeypatch, tmp_path: Path
) -> None:
    user.open(folder)
    window.actions_by_id["export_scoring"].trigger()
    dialog = window.findChild(ScorerDialog)
    assert not dialog.go.isEnabled()
    user.press(Key.Key_Escape)
    path = tmp_path / "x.json"
    next(one for one in window.features if isinstance(one, Scorers)).export(path, "AB")
    user.wait()
    assert not path.exists()
    assert "No events are scored" in window.view.messages.text


def test_how_far_two_agree_and_where_not(user, window, compared) -> None:
    assert compared.title.text() == "AB and CD"
    assert compared.summary.text() == "1 place scored by both · 1 by CD only"
    kappa, found, kinds = compared.cards
    assert 0.3 < float(kappa.value.text().split(" ± ")[0]) < 0.7
    assert found.value.text().startswith("0.67 ±")  # 2 * 2 of 3 and 3
    assert found.detail.text() == "2 of 3 (AB) and 3 (CD)"
    assert "2 events that both have" in kinds.detail.text()
    assert compared.table.item(2, 3).text() == "0.076"  # a rise to both, for 38 lines
    compared.counted.setCurrentIndex(1)
    assert compared.table.item(2, 3).text() == "1"
    assert compared.table.item(3, 5).text() == "1"  # a fall to AB, a transient to CD
    assert compared.table.item(0, 2).text() == "1"
    assert compared.listed.text() == "Where they differ: 3 of 4 events"
    assert [cell(compared, row, 4) for row in range(3)] == ["Fall", "None", "Transient"]
    assert [cell(compared, row, 5) for row in range(3)] == ["Transient", "User", "None"]
    images = tuple(window.session.images)
    window.controller.select(images[2].file_id)
    user.wait()
    rect = compared.list.visualRect(compared.rows.index(1, 0))
    user.click(compared.list.viewport(), rect.center())
    user.wait_until(lambda: window.controller.selection.file_id == images[0].file_id)
    user.wait_until(lambda: user.visible[:2] == pytest.approx((200, 260), abs=2))
    user.key(compared.list, Key.Key_Down)
    user.wait_until(lambda: user.visible[0] == pytest.approx(260, abs=2))
    compared.every.click()
    assert compared.rows.rowCount() == 4


def test_it_follows_edits_and_the_overlap(user, window, compared) -> None:
    mark(window, 0, [*MINE, (221, 239, "user")])
    user.wait_until(lambda: "of 4 (AB)" in compared.cards[1].detail.text())
    assert compared.listed.text() == "Where they differ: 2 of 4 events"
    compared.overlap.setFocus()
    compared.overlap.selectAll()
    user.type("99")
    user.press(Key.Key_Tab)
    user.wait_until(lambda: compared.cards[1].detail.text().startswith("0 of 4"))


def test_copy_and_export(user, window, compared, monkeypatch, tmp_path: Path) -> None:
    user.click(compared.copy_button)
    said = QApplication.clipboard().text()
    assert said.startswith("First scorer\tAB\nSecond scorer\tCD\n")
    assert "Positive agreement\t0.666667" in said
    assert "a.tif\t0\t1\t0.3\t0.1\tFall\tTransient\tno" in said
    target = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(target), ""))
    user.click(compared.export_button)
    user.wait_until(lambda: compared.message.text() == "Written to out.csv")
    lines = target.read_text().splitlines()
    assert lines[0] == "Recording,Channel,ROI,Start (s),Length (s),AB,CD,Agree"
    assert len(lines) == 5
    window.actions_by_id["blind"].trigger()  # names stay hidden
    compared.close()
    window.actions_by_id["compare_scorers"].trigger()
    user.wait_until(compared.isVisible)
    assert cell(compared, 0, 0).startswith("File ")
    image = next(iter(window.session.images))
    assert image.state.record(EVENT).summary["num_events"] == 3  # nothing was taken over


def test_another_file_and_another_recording_get_a_sentence(
    user, window, feature, scored, theirs, tmp_path: Path
) -> None:
    feature.compare_with(tmp_path / "gone.json")
    user.wait_until(lambda: "Cannot read gone.json" in window.view.messages.text)
    window.view.messages.clear()
    stored = json.loads(theirs.read_text())
    for place in stored["places"]:
        place["identity"] = "another"
    theirs.write_text(json.dumps(stored))
    feature.compare_with(theirs)
    user.wait_until(lambda: "Nothing to compare" in window.view.messages.text)
    assert feature.window is None
