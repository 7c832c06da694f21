"""Recordings compared: pinned from the list, on one time axis, two of them in turn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from acqcore.model.contrast import ImageContrast
from acqcore.model.roi import RectRoiBounds
from cloudscope.features.compare import LANE, Compare
from cloudscope.views.compare_window import CompareWindow

Key = Qt.Key


@pytest.fixture
def feature(window) -> Compare:
    return next(one for one in window.features if isinstance(one, Compare))


@pytest.fixture
def five(make_tiff, user):
    """Recordings a to e; b is longer."""
    for seed, name in enumerate("abcde"):
        make_tiff(f"{name}.tif", lines=800 if name == "b" else 400, seed=seed)
    user.open(make_tiff("a.tif").parent)


def chosen(window, *names: str) -> None:
    """Select rows of the list and show the first."""
    ids = [one.file_id for one in window.session.images if one.name[0] in names]
    window.controller.select(ids[0])
    window.tree.select_many(ids)
    QApplication.processEvents()


def compared(user, window, feature: Compare, *names: str) -> CompareWindow:
    chosen(window, *names)
    window.actions_by_id["compare"].trigger()
    user.wait()
    return feature.window


def shown(opened: CompareWindow) -> list[str]:
    return [tile.pinned.name for tile in opened.tiles if tile.isVisible()]


def time_range(tile) -> list[float]:
    return tile.plot.view_box.viewRange()[0]


def test_selected_recordings_under_each_other(user, window, feature, five) -> None:
    assert feature.window is None  # nothing is made before it is wanted
    opened = compared(user, window, feature, "a", "b")
    assert opened.isVisible()
    assert shown(opened) == ["a.tif", "b.tif"]
    assert [tile.plot.isVisible() for tile in opened.tiles[:2]] == [True, True]
    assert opened.in_seconds
    assert time_range(opened.tiles[0]) == pytest.approx([0, 1.6])  # of the longer one


def test_time_is_linked_in_seconds_until_it_is_unlinked(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b")
    first, second = opened.tiles[:2]
    user.wheel(first.plot.viewport(), first.plot.viewport().rect().center(), 3)
    assert time_range(first)[1] - time_range(first)[0] < 1.2
    assert time_range(second) == pytest.approx(time_range(first), abs=1e-6)
    user.key(opened, Key.Key_T)
    assert not opened.link.isChecked()
    before = time_range(second)
    user.wheel(first.plot.viewport(), first.plot.viewport().rect().center(), 3)
    assert time_range(second) == before
    user.key(opened, Key.Key_Home)
    assert time_range(second) == pytest.approx([0, 1.6])


def test_space_blinks_between_two(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b", "c")
    assert [tile.mark.isVisible() for tile in opened.tiles[:3]] == [True, True, False]
    assert [tile.mark.text() for tile in opened.tiles[:2]] == ["Blink 1", "Blink 2"]
    user.key(opened, Key.Key_Space)
    assert shown(opened) == ["a.tif"]
    assert opened.message.text().startswith("Space shows the other one")
    place = time_range(opened.tiles[0])
    user.key(opened, Key.Key_Space)
    assert shown(opened) == ["b.tif"]
    assert time_range(opened.tiles[1]) == pytest.approx(place)
    user.key(opened, Key.Key_Space)
    assert shown(opened) == ["a.tif"]
    user.key(opened, Key.Key_Escape)
    assert shown(opened) == ["a.tif", "b.tif", "c.tif"]
    assert opened.message.text() == ""
    user.click(opened.tiles[2].plot.viewport())
    assert [tile.mark.isVisible() for tile in opened.tiles[:3]] == [True, False, True]
    user.key(opened, Key.Key_Space)
    user.key(opened, Key.Key_Space)
    assert shown(opened) in (["a.tif"], ["c.tif"])
    user.key(opened, Key.Key_Escape)
    user.key(opened, Key.Key_Escape)
    assert not opened.isVisible()


def test_shared_contrast_encloses_both(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b")
    one, other = (tile.pinned for tile in opened.tiles[:2])
    narrow = ImageContrast("Gray", 400, 500, 0, 900)
    window.controller.edit_contrast(narrow)
    assert opened.tiles[0].plot.image.limits == (400, 500)  # follows the edit
    assert opened.tiles[1].plot.image.limits != (400, 500)
    user.key(opened, Key.Key_S)
    both = opened.tiles[0].plot.image.limits
    assert both == opened.tiles[1].plot.image.limits
    assert both[0] <= min(400, other.contrast.value_min)
    assert both[1] >= max(500, other.contrast.value_max)
    assert one.plane is not None


def test_four_at_most_and_taking_out(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b", "c", "d", "e")
    assert shown(opened) == ["a.tif", "b.tif", "c.tif", "d.tif"]
    assert "Four recordings" in opened.message.text()
    assert not opened.pin.isEnabled()
    user.click(opened.tiles[1].remove)
    assert shown(opened) == ["a.tif", "c.tif", "d.tif"]
    chosen(window, "e")
    user.click(opened.pin)
    user.wait()
    assert shown(opened) == ["a.tif", "c.tif", "d.tif", "e.tif"]


def test_velocities_in_one_plot(user, window, feature, five) -> None:
    chosen(window, "a")
    user.wait()
    window.controller.add_roi(RectRoiBounds(0, 400, 0, 32))
    window.actions_by_id["run"].trigger()
    user.wait_until(lambda: any(one.has_result for one in user.image.state.records), 20_000)
    opened = compared(user, window, feature, "a", "b")
    assert opened.trace.isVisible()
    assert opened.trace.drawn == (user.image.file_id,)
    low, high = opened.trace.view_box.viewRange()[1]
    assert np.isfinite((low, high)).all()
    window.controller.delete_roi(user.image.rois.get_roi_ids()[0])
    user.wait()
    assert not opened.trace.isVisible()


def point_at(plot, share: float) -> float:
    """Move the mouse there; gives the moment that is under it.

    Sent, because the offscreen platform moves its mouse in the main window only.
    """
    box = plot.view_box
    (start, stop), _ = box.viewRange()
    middle = box.sceneBoundingRect().center().y()
    scene = QPointF(box.mapViewToScene(QPointF(start + share * (stop - start), 0)).x(), middle)
    at, none = QPointF(plot.mapFromScene(scene)), Qt.MouseButton.NoButton
    place, keys = plot.viewport().mapToGlobal(at), Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, at, place, none, none, keys)
    QApplication.sendEvent(plot.viewport(), move)
    return float(box.mapSceneToView(plot.mapToScene(at.toPoint())).x())


def test_a_hover_marks_the_moment_everywhere(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b", "c")

    def marked() -> list[float | None]:
        return [tile.plot.cursor.place[0] for tile in opened.tiles[:3]]

    for tile, share in zip(opened.tiles[:3], (0.2, 0.5, 0.9), strict=True):
        moment = point_at(tile.plot, share)
        assert moment == pytest.approx(1.6 * share, abs=0.01)  # seconds of the longest one
        assert marked() == [moment] * 3
        assert opened.trace.cursor.value() == moment
    QApplication.sendEvent(opened.tiles[2].plot, QEvent(QEvent.Type.Leave))
    assert marked() == [None] * 3
    opened.trace.hovered.emit(0.3)
    assert marked() == [0.3] * 3


def test_closing_stops_reading_and_forgets(user, window, feature, five) -> None:
    held = window.jobs.submit(LANE, lambda job: wait_for(job))
    chosen(window, "a", "b", "c")
    window.actions_by_id["compare"].trigger()
    QApplication.processEvents()
    waiting = [one for one in window.jobs.active if one is not held and not one.text]
    assert opened_sentences(feature) >= 1
    feature.window.close()
    assert waiting
    assert all(one.is_cancelled() for one in waiting if one is not held)
    held.cancel()
    user.wait()
    assert feature.window.pinned == ()


def test_blinded_names_and_a_closed_folder(user, window, feature, five) -> None:
    opened = compared(user, window, feature, "a", "b")
    window.actions_by_id["blind"].trigger()
    QApplication.processEvents()
    assert all(".tif" not in name for name in shown(opened))
    window.opening.reset.emit()
    QApplication.processEvents()
    assert opened.pinned == ()


def test_one_that_cannot_be_read_says_so(user, window, feature, five, tmp_path) -> None:
    (tmp_path / "c.tif").write_bytes((tmp_path / "c.tif").read_bytes()[:300])
    opened = compared(user, window, feature, "a", "c")
    assert "Cannot read c.tif" in opened.tiles[1].sentence.text()
    assert opened.tiles[1].sentence.isVisible()
    assert opened.tiles[0].plot.isVisible()


def opened_sentences(feature: Compare) -> int:
    return sum(tile.sentence.isVisible() for tile in feature.window.tiles)


def wait_for(job) -> None:
    from time import monotonic, sleep

    end = monotonic() + 10
    while not job.is_cancelled() and monotonic() < end:
        sleep(0.005)
