"""A figure for print: opened on what is shown, changed, exported, stored, made again."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from acqcore.acq_image import AcqImage
from acqcore.analysis.event import add_events, review_event
from acqcore.model.record import AnalysisKey, AnalysisRecord
from acqcore.model.roi import RectRoiBounds
from cloudscope.cli import main
from cloudscope.features.figure import FigureComposer
from cloudscope.figures.recipe import FigureRecipe, ImagePanel, TracePanel
from cloudscope.theme import Theme
from cloudscope.views.figure_content import offered_curves

Key, Keys = Qt.Key, Qt.KeyboardModifier
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def measured(make_tiff_in, tmp_path_factory) -> Path:
    """Two ROIs with velocities in a recording of 1200 lines, saved; measured once for all."""
    folder = tmp_path_factory.mktemp("measured")
    image = AcqImage(make_tiff_in(folder, "a.tif", lines=1200, pixels=64))
    for bounds in (RectRoiBounds(0, 1200, 4, 60), RectRoiBounds(300, 900, 10, 50)):
        roi = image.rois.create_rect_roi(bounds)
        one = image.analysis_set.create("radon_velocity", channel=0, roi_id=roi.id)
        image.analysis_set.run_analysis(one.key)
    image.save()
    return folder


@pytest.fixture
def analysed(user, window, measured: Path, tmp_path: Path) -> None:
    """A copy of it, open."""
    shutil.copytree(measured, tmp_path, dirs_exist_ok=True)
    user.open(tmp_path / "a.tif")
    window.controller.select(user.image.file_id, AnalysisKey("radon_velocity", 0, 1))
    user.wait()


@pytest.fixture
def figure(user, window, analysed):
    """The composer, open and filled."""
    window.view.kymograph.set_time_range(200, 800)
    window.actions_by_id["figure"].trigger()
    user.wait()
    return composer(window).window


def composer(window) -> FigureComposer:
    return next(one for one in window.features if isinstance(one, FigureComposer))


def choose(user, field, words: str) -> None:
    """Pick from a combo box as its list does."""
    field.setCurrentIndex(field.findText(words))
    field.activated.emit(field.currentIndex())
    user.wait()


def number(user, field, value: str) -> None:
    field.setFocus()
    field.selectAll()
    user.type(value)
    user.press(Key.Key_Return)
    user.wait()


def exported(user, figure, monkeypatch, path: Path) -> Path:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    user.click(figure.export_button)
    user.wait()
    return path


def assert_same_figure(one: str, other: str) -> None:
    """But for the last digits of outlined letters, which depend on what Qt has drawn before."""
    number = re.compile(r"\d+(?:\.\d+)?")
    assert number.sub("#", one) == number.sub("#", other)
    places = [[float(value) for value in number.findall(text)] for text in (one, other)]
    np.testing.assert_allclose(*places, atol=0.1)


def test_it_opens_by_its_key_on_what_is_shown(user, window, analysed) -> None:
    window.view.kymograph.set_time_range(200, 800)
    user.key(window, Key.Key_F, Keys.ControlModifier | Keys.ShiftModifier)
    user.wait()
    figure = composer(window).window
    assert figure is not None
    assert figure.isVisible()
    first, last = figure.recipe.lines
    assert (first, last) == pytest.approx((200, 800), abs=1)
    assert [type(one) for one in figure.recipe.panels] == [ImagePanel, TracePanel]
    assert figure.content.panels[0].lines == (first, last)
    assert figure.content.panels[1].title == "Velocity (mm/s)"
    assert "85 × 80 mm" in figure.desk.words.text()
    assert not figure.image_form.also.isVisible()  # there is one channel


def test_it_is_off_without_a_picture(window) -> None:
    assert not window.actions_by_id["figure"].isEnabled()
    assert composer(window).window is None


def test_the_page_is_white_in_the_dark_too(user, figure, theme: Theme) -> None:
    theme.set_appearance("dark")
    try:
        user.wait()
        shot = figure.desk.sheet.grab().toImage()
        assert shot.pixelColor(6, shot.height() - 6).name() == "#ffffff"
        ground = figure.grab().toImage().pixelColor(4, 4)
        assert ground == theme.color("window")
    finally:
        theme.set_appearance("light")


def test_width_by_preset_and_by_number(user, figure) -> None:
    choose(user, figure.page_form.size_choice, "Double column")
    assert figure.recipe.width_mm == 170
    choose(user, figure.page_form.size_choice, "Nature, single column")
    assert figure.recipe.width_mm == 89
    number(user, figure.page_form.width_mm, "100")
    assert figure.recipe.width_mm == 100
    assert figure.page_form.size_choice.currentText() == "Custom"
    assert figure.desk.words.text().startswith("100 × 80 mm")
    sheet = figure.desk.sheet
    assert sheet.width() / sheet.height() == pytest.approx(100 / 80, rel=0.01)


def test_export_svg_pdf_and_png(user, figure, monkeypatch, tmp_path: Path) -> None:
    choose(user, figure.page_form.size_choice, "Double column")
    svg = exported(user, figure, monkeypatch, tmp_path / "f.svg").read_bytes()
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("170mm", "80mm")
    words = {"".join(one.itertext()).strip() for one in root.iter(f"{SVG}text")}
    assert {"a", "b", "Time (s)", "Velocity (mm/s)", "1", "2"} <= words
    pdf = exported(user, figure, monkeypatch, tmp_path / "f.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[([^]]*)\]", pdf)
    assert box is not None
    assert float(box.group(1).split()[2]) / 72 * 25.4 == pytest.approx(170, abs=0.01)
    png = exported(user, figure, monkeypatch, tmp_path / "f.png")
    image = QImage(str(png))
    assert image.width() == round(170 / 25.4 * 600)
    assert image.dotsPerMeterX() == pytest.approx(600 / 0.0254, abs=1)
    assert figure.message.text() == "Exported f.png"


def test_a_name_without_ending_gets_one(user, figure, monkeypatch, tmp_path: Path) -> None:
    choose(user, figure.file_form.format, "PDF (editable text)")
    exported(user, figure, monkeypatch, tmp_path / "Fig. 1")
    assert (tmp_path / "Fig. 1.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_that_is_not_there_gets_a_sentence(
    user, figure, monkeypatch, tmp_path: Path
) -> None:
    exported(user, figure, monkeypatch, tmp_path / "gone" / "f.svg")
    assert figure.message.text().startswith("Could not save f.svg")


def test_the_picture_in_the_file_has_the_pixels_of_the_recording(
    user, figure, monkeypatch, tmp_path: Path
) -> None:
    from base64 import b64decode

    text = exported(user, figure, monkeypatch, tmp_path / "f.svg").read_text("utf-8")
    found = re.search(r"data:image/png;base64,([^\"]+)", text)
    assert found is not None
    image = QImage.fromData(b64decode(found.group(1)))
    first, last = figure.recipe.lines
    assert (image.width(), image.height()) == (last - first, 64)
    plane = user.image.images.read_plane(0)
    bright = np.unravel_index(plane[first:last].argmax(), (last - first, 64))
    assert image.pixelColor(int(bright[0]), 63 - int(bright[1])).lightness() > 240


def test_a_recipe_is_stored_and_makes_the_same_figure(
    user, figure, monkeypatch, tmp_path: Path
) -> None:
    choose(user, figure.page_form.letters, "A, B, C")
    figure.image_form.lut_bar.click()
    user.wait()
    before = figure.recipe
    one = exported(user, figure, monkeypatch, tmp_path / "one.svg").read_text("utf-8")
    path = tmp_path / "recipe.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    user.click(figure.save_button)
    user.wait()
    assert json.loads(path.read_text())["recording"] == "a.tif"
    choose(user, figure.page_form.size_choice, "Double column")
    user.click(figure.panels.remove)
    user.wait()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(path), ""))
    user.click(figure.open_button)
    user.wait()
    assert figure.recipe == before
    two = exported(user, figure, monkeypatch, tmp_path / "two.svg").read_text("utf-8")
    assert_same_figure(two, one)


def test_a_recipe_of_a_longer_recording_ends_with_this_one(
    user, figure, monkeypatch, tmp_path: Path
) -> None:
    path = tmp_path / "recipe.json"
    other = replace(figure.recipe, lines=(400, 9000), recording="long.tif")
    path.write_text(other.to_json())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(path), ""))
    user.click(figure.open_button)
    user.wait()
    assert figure.recipe.lines == (400, 1200)
    assert figure.content.panels[0].lines == (400, 1200)


def test_a_channel_that_is_not_there_gets_a_sentence(user, figure) -> None:
    figure.edit(figure.recipe.with_panel(0, ImagePanel(channel=3)))
    user.wait()
    assert figure.message.text() == "The recording has no channel 4."


def test_blinded_figures_do_not_tell_the_name(
    user, window, figure, monkeypatch, tmp_path: Path
) -> None:
    window.actions_by_id["blind"].trigger()
    user.wait()
    assert "a.tif" not in figure.caption.toPlainText() + figure.windowTitle()
    asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: asked.append(a) or ("", ""))
    user.click(figure.export_button)
    assert "a figure" not in asked[0][2]
    text = exported(user, figure, monkeypatch, tmp_path / "f.svg").read_text("utf-8")
    assert "a.tif" not in text


def test_a_recording_without_calibration_and_with_two_channels(
    user, window, two_channels: Path
) -> None:
    user.open(two_channels)
    window.actions_by_id["figure"].trigger()
    user.wait()
    figure = composer(window).window
    choose(user, figure.image_form.channel, "Channel 2")
    assert figure.content.panels[0].channel == "Channel 2"
    assert "100 lines and 5 px" in figure.caption.toPlainText()
    assert figure.page_form.stop.value() == 400


def test_channels_are_blended(user, window, two_channels: Path) -> None:
    user.open(two_channels)
    window.actions_by_id["figure"].trigger()
    user.wait()
    figure = composer(window).window
    (box,) = figure.image_form.also.boxes.values()
    assert box.text() == "Add Channel 2"
    user.click(box, QPoint(8, box.height() // 2))
    user.wait()
    one = figure.content.panels[0]
    assert [shade.lut for shade in one.shades] == ["green", "magenta"]
    assert one.colors.shape == (*one.index.shape, 3)
    assert one.colors[..., 2].max() > 200  # of the second channel alone
    assert "composite of Channel 1 (green" in figure.caption.toPlainText()
    assert json.loads(figure.recipe.to_json())["panels"][0]["also"] == [1]
    choose(user, figure.image_form.lut, "Gray")  # chosen for this figure: it stays
    assert [shade.lut for shade in figure.content.panels[0].shades] == ["Gray", "magenta"]
    choose(user, figure.image_form.channel, "Channel 2")
    assert figure.recipe.panels[0].also == ()


def test_results_are_drawn_on_the_picture(user, window, figure) -> None:
    image = user.image
    parent = image.state.record(AnalysisKey("radon_velocity", 0, 1))
    key = AnalysisKey("event", 0, 1)
    record = add_events(AnalysisRecord(key), parent, [(0.6, 0.8, "rise"), (1.0, 1.2)])
    record = review_event(record, 2, False)
    window.controller.edit(image, image.state.with_record(record), "Seed")
    form = figure.image_form
    for check in (form.streaks, form.events):
        user.click(check, QPoint(8, check.height() // 2))
    user.wait()
    one = figure.content.panels[0]
    assert [streaks.box for streaks in one.streaks] == [(0, 1200, 4, 60), (300, 900, 10, 50)]
    ((mark),) = one.marks  # the rejected one is not told
    assert mark.kind == "rise"
    assert mark.box == pytest.approx((300, 400, 4, 60))
    said = figure.caption.toPlainText()
    assert "measured streak angles (Velocity (Radon))" in said
    assert "strips: events (▲ rise)" in said
    for check in (form.streaks, form.events):
        user.click(check, QPoint(8, check.height() // 2))
    user.wait()
    assert figure.content.panels[0].streaks == figure.content.panels[0].marks == ()


def test_the_command_line_draws_the_same_figure(
    user, window, figure, monkeypatch, tmp_path: Path, capsys
) -> None:
    window.saving.save([user.image])
    figure.image_form.streaks.click()
    user.wait()
    by_hand = exported(user, figure, monkeypatch, tmp_path / "hand.svg").read_text("utf-8")
    recipe = tmp_path / "recipe.json"
    recipe.write_text(figure.recipe.to_json(), "utf-8")
    recording = Path(user.image.path)
    out = tmp_path / "again.svg"
    assert main(["figure", str(recipe), str(recording), "-o", str(out), "--caption"]) == 0
    assert_same_figure(out.read_text("utf-8"), by_hand)
    assert capsys.readouterr().out.strip() == figure.caption.toPlainText()
    assert main(["figure", str(recipe), str(tmp_path / "no.tif"), "-o", str(out)]) == 1
    assert "no.tif" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["figure", str(recipe), "-o", str(tmp_path / "out.gif")])


def test_a_damaged_recipe_changes_nothing(user, figure, monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text("{}")
    before = figure.recipe
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(path), ""))
    user.click(figure.open_button)
    user.wait()
    assert figure.recipe == before
    assert figure.message.text() == "This file holds no recipe of a figure."


def test_the_style_comes_back_with_the_next_figure(user, window, figure) -> None:
    number(user, figure.page_form.text_pt, "9")
    user.press(Key.Key_Escape)
    assert not figure.isVisible()
    stored = FigureRecipe.from_json(window.settings.block("figure")["recipe"])
    assert stored.text_pt == 9
    window.view.kymograph.set_time_range(100, 300)
    window.actions_by_id["figure"].trigger()
    user.wait()
    assert figure.recipe.text_pt == 9
    assert figure.recipe.lines == pytest.approx((100, 300), abs=1)


def test_the_caption_tells_and_copies(user, figure) -> None:
    said = figure.caption.toPlainText()
    for part in ("a.tif", "ROI 1", "Velocity (Radon)", "n = ", "0.25 µm per pixel", "CloudScope"):
        assert part in said
    user.click(figure.copy_caption)
    assert QGuiApplication.clipboard().text() == said


def test_the_figure_is_copied_as_pixels_and_vectors(user, figure) -> None:
    user.click(figure.copy_button)
    user.wait()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage()
    assert b"<svg" in mime.data("image/svg+xml").data()
    assert mime.data("application/pdf").data().startswith(b"%PDF")


def test_panels_are_hidden_moved_added_and_removed(user, figure) -> None:
    figure.panels.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    user.wait()
    assert [index for index, _ in figure.recipe.shown] == [0]
    figure.panels.list.item(1).setCheckState(Qt.CheckState.Checked)
    user.wait()
    user.click(figure.panels.down)
    user.wait()
    assert [type(one) for one in figure.recipe.panels] == [TracePanel, ImagePanel]
    user.click(figure.panels.add_traces)
    user.wait()
    added = figure.recipe.panels[2]
    assert [one.roi_id for one in added.curves] == [2]  # the curve that was not there yet
    assert figure.panels.list.item(2).text() == "c   Velocity, ROI 2"
    user.click(figure.panels.remove)
    user.wait()
    assert len(figure.recipe.panels) == 2


def test_a_click_on_the_page_chooses_a_panel(user, figure) -> None:
    sheet = figure.desk.sheet
    user.click(sheet, sheet.panel_rect(1).center())
    assert figure.panels.chosen == 1
    assert figure.trace_form.isVisible()
    assert not figure.image_form.isVisible()
    user.click(sheet, sheet.panel_rect(0).center())
    assert figure.image_form.isVisible()


def test_several_curves_share_a_panel_and_get_a_key(user, figure) -> None:
    figure.panels.choose(1)
    figure.trace_form.curves.item(1).setCheckState(Qt.CheckState.Checked)
    user.wait()
    assert [line.label for line in figure.content.panels[1].lines] == ["ROI 1", "ROI 2"]
    assert len({line.color for line in figure.content.panels[1].lines}) == 2


def test_options_of_the_picture(user, figure) -> None:
    choose(user, figure.image_form.lut, "Viridis")
    assert figure.content.panels[0].lut == "Viridis"
    figure.image_form.as_on_screen.click()
    user.wait()
    number(user, figure.image_form.high, "600")
    assert figure.content.panels[0].limits[1] == 600
    choose(user, figure.image_form.scale, "Axes")
    assert not figure.image_form.time_bar.isEnabled()
    figure.image_form.outlines.click()
    user.wait()
    assert figure.content.panels[0].outlines == ()


def test_the_time_range_by_number_and_from_the_view(user, window, figure) -> None:
    number(user, figure.page_form.start, "1.0")
    assert figure.recipe.lines[0] == 500
    window.view.kymograph.set_time_range(600, 700)
    user.click(figure.page_form.in_view)
    user.wait()
    assert figure.recipe.lines == pytest.approx((600, 700), abs=1)


def test_a_new_result_arrives_in_the_open_figure(user, window, figure) -> None:
    before = figure.content.panels[0].limits
    window.panels.contrast.set_full()
    user.wait()
    assert figure.content.panels[0].limits != before
    assert len(offered_curves(figure.scene)) == 2


def test_zoom(user, figure) -> None:
    user.click(figure.true_button)
    assert figure.desk.zoom == 1
    per_mm = figure.logicalDpiX() / 25.4
    assert figure.desk.sheet.width() == pytest.approx(85 * per_mm, abs=3)
    user.wheel(figure.desk.viewport(), QPoint(50, 50), 1, Keys.ControlModifier)
    assert figure.desk.zoom == pytest.approx(1.25)
    user.click(figure.fit_button)
    assert figure.desk.zoom > 1.25


def test_every_control_has_a_name_and_a_tip(figure) -> None:
    from PySide6.QtGui import QAccessible
    from PySide6.QtWidgets import (
        QAbstractButton,
        QAbstractSpinBox,
        QComboBox,
        QListWidget,
        QPlainTextEdit,
    )

    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QListWidget, QPlainTextEdit)
    ours = list(figure.findChildren(kinds[0]))
    for kind in kinds[1:]:
        ours += figure.findChildren(kind)
    for one in ours:
        if one.objectName().startswith("qt_") or one.parent() is None:
            continue
        if one.focusPolicy() is Qt.FocusPolicy.NoFocus:
            continue
        face = QAccessible.queryAccessibleInterface(one)
        assert face.text(QAccessible.Text.Name), one
        assert one.toolTip(), (one, face.text(QAccessible.Text.Name))


def test_nothing_is_written_into_the_recording(user, window, figure) -> None:
    steps = user.steps
    choose(user, figure.page_form.size_choice, "Double column")
    QApplication.processEvents()
    assert user.steps == steps
