"""The command palette: everything that can be done, behind a few letters."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from cloudscope.actions import ACTIONS, WHY_NOT
from cloudscope.fuzzy import fit
from cloudscope.views.palette import Palette, PaletteButton, search

Key, Keys = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def palette(user, window):
    def opened() -> Palette:
        window.view.kymograph.setFocus()
        user.press(Key.Key_K, Keys.ControlModifier)
        return window.findChild(Palette)

    return opened


def entry(palette: Palette, title: str):
    return next(one for one in palette._entries if one.title == title)


def test_a_few_letters_and_enter_do_it(user, window, folder: Path, palette) -> None:
    user.open(folder)
    shown = palette()
    assert shown.isVisible()
    assert shown.field.hasFocus()
    user.type("zoom tool")
    user.press(Key.Key_Return)
    assert not shown.isVisible()
    assert window.view.kymograph.tool == "zoom"
    assert window.view.kymograph.hasFocus()  # the keyboard is back where it was


def test_every_action_is_listed_with_its_key_or_the_reason(user, window, palette) -> None:
    shown = palette()
    specs = {spec.text: spec for spec in ACTIONS}
    listed = {one.title: one for one in shown._entries}
    for text, spec in specs.items():
        if spec.id == "palette":
            continue
        action = window.actions_by_id[spec.id]
        found = listed[action.text()]
        assert bool(found.why_not) != action.isEnabled(), text
        if not action.isEnabled():
            assert found.why_not == WHY_NOT[spec.needs]


def test_what_cannot_be_done_says_why_and_stays(user, window, palette) -> None:
    shown = palette()
    user.type("delete roi")
    assert shown.titles[0] == "Delete ROI"
    assert entry(shown, "Delete ROI").why_not == "no ROI is selected"
    user.press(Key.Key_Return)
    assert shown.isVisible()


def test_escape_closes_and_changes_nothing(user, window, folder: Path, palette) -> None:
    user.open(folder)
    shown, steps = palette(), user.steps
    user.type("add roi")
    user.press(Key.Key_Escape)
    assert not shown.isVisible()
    assert user.steps == steps
    assert window.view.kymograph.hasFocus()


def test_a_click_elsewhere_closes_it(user, window, folder: Path, palette) -> None:
    user.open(folder)
    shown = palette()
    window.tree.tree.setFocus()
    QApplication.processEvents()
    assert not shown.isVisible()


def test_recordings_regions_and_analyses_are_found(user, window, folder: Path, palette) -> None:
    user.open(folder)
    window.controller.add_roi()
    window.controller.add_roi()
    shown = palette()
    user.type("b.tif")
    assert shown.titles[0] == "b.tif"
    user.press(Key.Key_Return)
    user.wait()
    assert user.image.name == "b.tif"
    window.controller.select(str(folder / "a.tif"))
    palette()
    user.type("roi 1")
    assert shown.titles[0] == "ROI 1"
    user.press(Key.Key_Return)
    assert window.controller.selection.roi_id == 1
    palette()
    user.type("run diameter")
    assert shown.titles[0].startswith("Run Diameter")
    user.press(Key.Key_Return)
    user.wait()
    assert [one.record.key.analysis_name for one in window.panels.scene.records] == ["diameter"]


def test_blinded_names_are_not_told(user, window, folder: Path, palette) -> None:
    user.open(folder)
    window.actions_by_id["blind"].trigger()
    shown = palette()
    assert not any(".tif" in one.title for one in shown._entries)


def test_arrows_choose_and_a_click_does(user, window, folder: Path, palette) -> None:
    user.open(folder)
    shown = palette()
    user.type("tool")
    titles = shown.titles
    user.press(Key.Key_Down)
    assert shown.list.currentIndex().row() == 1
    user.press(Key.Key_Up)
    user.press(Key.Key_Up)
    assert shown.list.currentIndex().row() == 0
    row = titles.index("Zoom Tool")
    place = shown.list.visualRect(shown.list.model().index(row, 0)).center()
    user.click(shown.list.viewport(), QPoint(place))
    assert window.view.kymograph.tool == "zoom"


def test_what_was_done_last_comes_first(user, window, folder: Path, palette) -> None:
    user.open(folder)
    palette()
    user.type("next lut")
    user.press(Key.Key_Return)
    assert palette().titles[0] == "Next LUT"


def test_field_in_the_tool_bar_opens_it(user, window, theme) -> None:
    field = window.findChild(PaletteButton)
    assert field.width() == theme.px(220)
    assert "(Ctrl+K)" in field.toolTip()
    assert field.accessibleName()
    user.click(field)
    assert window.findChild(Palette).isVisible()


def test_letters_are_letters_there(user, window, folder: Path, palette) -> None:
    user.open(folder)
    shown = palette()
    for letter in "rzk?":
        user.type(letter)
        assert shown.field.text() == letter
    assert window.view.kymograph.tool == "pan"


@pytest.mark.parametrize(
    ("wanted", "better", "worse"),
    [
        ("roi", "Draw ROI", "Heroic"),
        ("save", "Save", "Save All"),
        ("dr", "Draw ROI", "Add ROI Over Everything, Drawn"),
        ("ar", "Add ROI", "Clear List"),
        ("run rad", "Run Velocity (Radon)", "Run Diameter of a Road"),
    ],
)
def test_better_fits_come_first(wanted: str, better: str, worse: str) -> None:
    first, second = fit(wanted, better), fit(wanted, worse)
    assert first is not None
    assert second is None or first.score > second.score


def test_letters_that_are_not_there_do_not_fit() -> None:
    assert fit("xyz", "Zoom Tool") is None
    assert fit("zoom xyz", "Zoom Tool") is None
    assert fit("", "Zoom Tool") is not None


@pytest.mark.timed
def test_ten_thousand_recordings_keep_up_with_typing() -> None:
    from time import perf_counter

    from cloudscope.views.palette import Entry

    entries = [
        Entry(f"2024-05-14_m{n}_cap{n % 7}.tif", "Go to recording", print) for n in range(10_000)
    ]
    begun = perf_counter()
    assert search(entries, "cap3 m77")
    assert perf_counter() - begun < 0.5
