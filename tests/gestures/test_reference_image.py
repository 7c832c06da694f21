"""The overview picture: shown when it is wanted, between limits of its own, with the line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from acqcore.errors import UnreadableFile
from acqcore.loaders.czi import CziLoader
from acqcore.synthetic import line_scan_czi, vessel_overview
from cloudscope.features.reference_image import ReferencePicture
from cloudscope.views.reference_panel import ReferencePanel

Key = Qt.Key
SIDE, STEP = 96, 0.5
OVERVIEW = vessel_overview(SIDE, STEP, 20.0)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """300 lines of 40 pixels with an overview of 48 by 48 micrometres."""
    pixels = np.random.default_rng(0).integers(100, 900, (300, 40)).astype(np.uint16)
    path = tmp_path / "scan.czi"
    path.write_bytes(line_scan_czi([pixels], 0.001, 0.5, ("Texas Red",), OVERVIEW))
    return path


@pytest.fixture
def feature(window) -> ReferencePicture:
    return next(one for one in window.features if isinstance(one, ReferencePicture))


def panel_of(user, window, feature: ReferencePicture) -> ReferencePanel:
    window.view.kymograph.setFocus()
    user.press(Key.Key_I)
    user.wait_until(lambda: feature.panel is not None and feature.panel.shows_picture)
    return feature.panel


def test_it_is_made_when_it_is_wanted(user, window, feature, scan) -> None:
    user.open(scan)
    assert feature.dock is None
    panel = panel_of(user, window, feature)
    assert feature.dock.isVisible()
    assert window.actions_by_id["reference"].isChecked()
    np.testing.assert_array_equal(panel.plot.overview.pixels, OVERVIEW.pixels)
    assert panel.caption.text() == "96 × 96 px · 48.0 × 48.0 µm"
    assert panel.plot.bar.length_um == 10
    # The line: from metres about the middle to pixels.
    path = panel.plot.line.path
    np.testing.assert_allclose(path, OVERVIEW.line_um / STEP + SIDE / 2, atol=1e-6)
    assert panel.plot.line.isVisible()
    user.press(Key.Key_I)
    assert not feature.dock.isVisible()
    assert not window.actions_by_id["reference"].isChecked()


def test_a_recording_without_one_says_so(user, window, feature, scan, make_tiff) -> None:
    window.actions_by_id["reference"].trigger()
    assert "Select a recording" in feature.panel.sentence.text()
    user.open(scan, make_tiff("a.tif"))
    first, other = (image.file_id for image in window.session.images)
    window.controller.select(first)
    user.wait_until(lambda: feature.panel.shows_picture)
    window.controller.select(other)
    user.wait()
    assert feature.panel.sentence.text().startswith("No reference image")
    assert feature.panel.sentence.isVisible()
    window.controller.select(first)
    user.wait_until(lambda: feature.panel.shows_picture)


def test_its_contrast_is_its_own(user, window, feature, scan, make_tiff) -> None:
    user.open(scan, make_tiff("a.tif"))
    window.controller.select(window.session.images.get_default_file_id())
    user.wait()
    first, other = (image.file_id for image in window.session.images)
    window.controller.select(first)
    panel = panel_of(user, window, feature)
    kymograph, state = window.view.kymograph.picture.limits, user.image.state
    panel.limits.high.setFocus()
    user.type("1234")
    user.press(Key.Key_Return)
    low, high = panel.plot.picture.limits
    assert high == 1234
    panel.luts.setFocus()
    user.press(Key.Key_Down)
    chosen = panel.luts.currentText()
    assert chosen != "Gray"
    window.controller.select(other)
    user.wait()
    window.controller.select(first)
    user.wait_until(lambda: panel.shows_picture)
    assert panel.plot.picture.limits == (low, 1234)
    assert panel.luts.currentText() == chosen
    user.click(panel.auto)
    assert panel.plot.picture.limits[1] != 1234
    # Nothing of the recording was touched.
    assert window.view.kymograph.picture.limits == kymograph
    assert (user.image.state, user.steps) == (state, 0)


def test_zoom_and_the_place_on_the_line(user, window, feature, scan) -> None:
    user.open(scan)
    panel = panel_of(user, window, feature)
    plot = panel.plot
    whole = plot.box.viewRect()
    assert whole.contains(0, 0)
    assert whole.contains(SIDE, SIDE)
    user.wheel(plot.viewport(), plot.viewport().rect().center(), 5)
    assert plot.box.viewRect().width() < whole.width()
    user.key(plot, Key.Key_Right)
    user.key(plot, Key.Key_Home)
    assert plot.box.viewRect() == whole
    user.key(plot, Key.Key_Plus)
    QTest.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    QApplication.processEvents()
    assert plot.box.viewRect() == whole
    user.hover(user.picture, user.point(150, 10.5))
    assert plot.line.place == pytest.approx(10.5 / 40)
    at = plot.line.point_at(plot.line.place)
    x, y = OVERVIEW.line_um / STEP + SIDE / 2
    assert (at.x(), at.y()) == pytest.approx((np.quantile(x, 10.5 / 40), y[105]), abs=0.5)
    user.click(panel.line)
    assert not plot.line.isVisible()
    assert window.settings.block("reference_image") == {"line": False}


def test_one_that_cannot_be_decoded_says_why(user, window, feature, scan, monkeypatch) -> None:
    def refuse(loader: CziLoader) -> None:
        raise UnreadableFile(loader.path, "its overview is damaged")

    monkeypatch.setattr(CziLoader, "_read_reference_image", refuse)
    user.open(scan)
    window.actions_by_id["reference"].trigger()
    user.wait_until(lambda: "overview is damaged" in feature.panel.sentence.text())
    assert "scan.czi" in feature.panel.sentence.text()
    window.actions_by_id["blind"].trigger()
    assert "scan.czi" not in feature.panel.sentence.text()
    assert "overview is damaged" in feature.panel.sentence.text()
