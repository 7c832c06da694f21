"""Contrast: previews while a gesture lasts, one edit at its end."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from acqcore.model.contrast import LUT_NAMES, contrast_from_plane
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.roi import RectROI
from acqcore.pyramid import Pyramid, envelope
from cloudscope.scene import Plane, Scene, Selection
from cloudscope.theme import Theme
from cloudscope.views.contrast_panel import REGION, VISIBLE, WHOLE, ContrastPanel
from cloudscope.views.histogram_source import SAMPLE, clipped_share, count, sample, shown_range

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def panel(theme, qtbot):
    panel = ContrastPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(280, 226)
    panel.show()
    panel.previews, panel.edits = [], []
    panel.levelsPreviewed.connect(lambda low, high: panel.previews.append((low, high)))
    panel.contrastEdited.connect(panel.edits.append)
    panel.show_scene(whole_numbers())
    return panel


def pixels():
    """Half dark (about 100), half bright (about 900)."""
    noise = np.random.default_rng(0).normal(0, 20, (1000, 40))
    levels = np.where(np.arange(1000)[:, None] < 500, 100, 900)
    return (levels + noise).astype(np.uint16)


def scene(plane, **changes):
    header = ImageHeader("a.tif", plane.shape, ("Y", "X"), str(plane.dtype), Calibration())
    shown = Plane("a.tif", 0, plane, Pyramid.build(plane), envelope(plane))
    given = {
        "selection": Selection("a.tif", 0, 1),
        "header": header,
        "plane": shown,
        "contrast": contrast_from_plane(plane, "Gray", 1.0, 99.5),
        "rois": (RectROI(1, 0, 400, 0, 40),),
    }
    return Scene(**(given | changes))


def whole_numbers(**changes):
    return scene(pixels(), **changes)


def fractions(**changes):
    plane = np.random.default_rng(1).random((500, 30)).astype(np.float32)
    return scene(plane, **changes)


def drag(qtbot, handle, distance):
    """Press, move in steps and release, as a hand does."""
    middle = handle.rect().center()
    qtbot.mousePress(handle, LEFT, pos=middle)
    step = 5 if distance > 0 else -5
    for _ in range(abs(distance) // 5):
        qtbot.mouseMove(handle, handle.rect().center() + QPoint(step, 0))
    qtbot.mouseRelease(handle, LEFT, pos=handle.rect().center())


# --- numbers --------------------------------------------------------------------------------


def test_a_sample_is_small_and_even():
    plane = np.arange(3_000_000, dtype=np.uint32).reshape(3000, 1000)
    values = sample(plane)
    assert values.size <= SAMPLE
    assert values.mean() == pytest.approx(plane.mean(), rel=0.02)
    assert sample(plane, (10, 20, 5, 8)).size == 30
    assert sample(plane[:50], (500, 600, 0, 10)).size == 50_000


@pytest.mark.timed
def test_a_big_recording_does_not_stall():
    plane = np.zeros((60_000, 512), dtype=np.uint16)
    began = time.perf_counter()
    counted = count(sample(plane))
    shown_range(sample(plane), (0, 1))
    assert time.perf_counter() - began < 0.1  # about 8 ms here
    assert counted.counts.sum() <= SAMPLE


def test_whole_numbers_get_bins_of_whole_width():
    counted = count(np.array([3, 3, 4, 9], dtype=np.uint8))
    assert (counted.first, counted.last) == (3, 10)
    assert list(counted.counts) == [2, 1, 0, 0, 0, 0, 1]


def test_hot_pixels_do_not_squeeze_the_histogram():
    values = np.append(np.random.default_rng(0).normal(500, 50, 100_000), [60_000.0])
    assert shown_range(values, (400, 600))[1] < 1000
    assert shown_range(values, (400, 60_000))[1] > 60_000


def test_clipped_share():
    assert clipped_share(np.arange(100), 4, 98) == pytest.approx(0.07)
    assert clipped_share(np.zeros(0), 0, 1) == 0


# --- gestures -------------------------------------------------------------------------------


def test_a_drag_previews_often_and_edits_once(panel, qtbot):
    before = panel._scene.contrast
    drag(qtbot, panel._histogram.low_handle, 60)
    assert len(panel.previews) > 5
    assert len(panel.edits) == 1
    low, high = panel.previews[-1]
    assert panel.edits[0] == before.with_limits(low, high)
    assert low > before.value_min
    assert high == before.value_max
    assert low == int(low)


def test_the_scene_has_the_last_word(panel, qtbot):
    drag(qtbot, panel._histogram.low_handle, 60)
    assert panel._histogram.limits[0] == panel._scene.contrast.value_min


def test_a_click_on_a_handle_edits_nothing(panel, qtbot):
    qtbot.mouseClick(panel._histogram.high_handle, LEFT)
    assert panel.edits == []
    assert panel.previews == []


def test_handles_never_cross(panel, qtbot):
    drag(qtbot, panel._histogram.low_handle, 300)
    low, high = panel.previews[-1]
    assert low == high - 1


def test_a_scene_does_not_disturb_a_drag(panel, qtbot):
    handle = panel._histogram.low_handle
    qtbot.mousePress(handle, LEFT, pos=handle.rect().center())
    qtbot.mouseMove(handle, handle.rect().center() + QPoint(30, 0))
    moved = panel._histogram.limits
    panel.show_scene(replace(panel._scene, dirty=True))
    assert panel._histogram.limits == moved
    qtbot.mouseRelease(handle, LEFT, pos=handle.rect().center())
    assert len(panel.edits) == 1


def test_arrow_keys_step_by_one_and_ten(panel, qtbot):
    high = panel._scene.contrast.value_max
    handle = panel._histogram.high_handle
    handle.setFocus()
    qtbot.keyClick(handle, KEY.Key_Left)
    assert panel.edits[-1].value_max == high - 1
    qtbot.keyClick(handle, KEY.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.edits[-1].value_max == high + 10


def test_typing_previews_and_enter_edits(panel, qtbot):
    field = panel._limits.low
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), "20")
    assert [low for low, _ in panel.previews] == [2, 20]
    assert panel.edits == []
    qtbot.keyClick(field.lineEdit(), KEY.Key_Return)
    assert [edit.value_min for edit in panel.edits] == [20]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("many", "Enter a number"),
        ("12.5", "Enter a whole number"),
        ("60000", "Enter the lower limit first"),
    ],
)
def test_what_is_no_limit_is_said_and_not_edited(panel, qtbot, text, sentence):
    field = panel._limits.low
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), text)
    assert panel._limits.fault == sentence
    assert field.property("state") == "error"
    panel.previews.clear()
    qtbot.keyClick(field.lineEdit(), KEY.Key_Return)
    assert panel.edits == []
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), "30")
    assert panel._limits.fault == ""
    assert field.property("state") == ""


def test_passing_through_the_fields_edits_nothing(panel, qtbot):
    panel.show_scene(fractions())
    for field in (panel._limits.low, panel._limits.high):
        field.setFocus()
        qtbot.keyClick(field.lineEdit(), KEY.Key_Return)
    assert panel.edits == []


def test_fractions_stay_fractions(panel, qtbot):
    panel.show_scene(fractions())
    field = panel._limits.high
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field.lineEdit(), "0.625")
    qtbot.keyClick(field.lineEdit(), KEY.Key_Return)
    assert panel.edits[-1].value_max == 0.625


def test_auto_follows_the_histogram(panel, qtbot):
    panel.percentiles = (0.0, 100.0)
    panel._source.setCurrentText(REGION)
    panel._source.activated.emit(panel._source.currentIndex())
    qtbot.mouseClick(panel._auto, LEFT)
    assert panel.edits[-1].value_max < 300  # the ROI lies in the dark half


def test_full_is_the_true_extent(panel, qtbot):
    qtbot.mouseClick(panel._full, LEFT)
    assert panel.edits[-1].value_min == pixels().min()
    assert panel.edits[-1].value_max == pixels().max()


def test_auto_again_is_no_edit(panel):
    auto = contrast_from_plane(panel._values.reshape(-1, 1), "Gray", 1.0, 99.5)
    same = panel._scene.contrast.with_limits(auto.value_min, auto.value_max)
    panel.show_scene(replace(panel._scene, contrast=same))
    panel.set_auto()
    assert panel.edits == []


def test_lut_choice(panel):
    index = panel._lut.findData("inverted_grays")
    assert panel._lut.itemText(index) == "Gray inverted"
    panel._lut.setCurrentIndex(index)
    panel._lut.activated.emit(index)
    assert panel.edits[-1].color_lut == "inverted_grays"


def test_luts_stand_in_groups(panel):
    names = [panel._lut.itemData(i) for i in range(panel._lut.count())]
    assert [name for name in names if name in LUT_NAMES] == list(LUT_NAMES)
    caption = panel._lut.findText("Not even in brightness")
    assert not panel._lut.model().item(caption).isEnabled()
    assert names[caption + 1] == "Hot"


def test_next_lut_goes_round(panel):
    panel.next_lut()
    assert panel.edits[-1].color_lut == LUT_NAMES[1]
    last = panel._scene.contrast.with_lut(LUT_NAMES[-1])
    panel.show_scene(replace(panel._scene, contrast=last))
    panel.next_lut()
    assert panel.edits[-1].color_lut == LUT_NAMES[0]


# --- what the histogram counts ----------------------------------------------------------------


def test_visible_part_follows_when_the_view_rests(panel, qtbot):
    assert panel._source.currentText() == VISIBLE
    assert panel._values.max() > 800
    panel.set_visible(-3.2, 400.0, 0.0, 40.0)
    assert panel._values.max() > 800  # not at once
    qtbot.waitUntil(lambda: panel._values.max() < 300, timeout=1000)


def test_whole_recording_does_not_follow_the_view(panel, qtbot):
    panel._source.setCurrentText(WHOLE)
    panel.set_visible(0.0, 400.0, 0.0, 40.0)
    qtbot.wait(150)
    assert panel._values.max() > 800


def test_clipped_pixels_are_told(panel):
    contrast = panel._scene.contrast.with_limits(100, 2000)
    panel.show_scene(replace(panel._scene, contrast=contrast))
    assert panel._histogram._note.endswith(" % clipped")
    panel.show_scene(replace(panel._scene, contrast=contrast.with_limits(0, 2000)))
    assert panel._histogram._note == ""


def test_nothing_selected(panel):
    panel.show_scene(Scene())
    assert panel.currentIndex() == 0


def test_numbers_stay_while_the_next_picture_loads(panel, qtbot):
    shown = panel._histogram.limits
    loading = replace(panel._scene, plane=None, contrast=None, loading=True)
    panel.show_scene(loading)
    assert panel._controls.isEnabled()
    assert panel._histogram.limits == shown
    drag(qtbot, panel._histogram.low_handle, 20)
    assert panel.edits == []
    panel.show_scene(replace(loading, loading=False, failure="Cannot read a.tif"))
    assert not panel._controls.isEnabled()
    assert panel._histogram.low_handle.isHidden()


def test_both_themes_paint(panel, theme):
    for appearance in ("dark", "light"):
        theme.set_appearance(appearance)
        picture = panel._histogram.grab().toImage()
        middle = panel._histogram.low_handle.geometry().center()
        assert picture.pixelColor(middle) == theme.color("accent")
        assert picture.pixelColor(3, 60) == theme.color("base")
