"""Metadata of many recordings in one table: typed, pasted, filled down, read from names."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from cloudscope.features.describing import Describing
from cloudscope.item_models.metadata_grid import NAMES
from cloudscope.item_models.name_pattern import PatternError, compiled, values_in

Key, Keys = Qt.Key, Qt.KeyboardModifier
CONDITION, DEPTH = 1 + NAMES.index("condition"), 1 + NAMES.index("depth")


@pytest.fixture
def dialog(user, window, make_tiff):
    names = [f"2024-05-14_m{number}_{kind}.tif" for number in (3, 7) for kind in ("pre", "post")]
    paths = [make_tiff(name, seed=seed) for seed, name in enumerate(names)]
    user.open(paths[0].parent)
    user.press(Key.Key_M, Keys.ControlModifier)
    feature = next(one for one in window.features if isinstance(one, Describing))
    return feature.dialog


def go_to(dialog, row: int, column: int) -> None:
    dialog.table.setFocus()
    dialog.table.setCurrentIndex(dialog.grid.index(row, column))


def conditions(window) -> list[str]:
    return [image.state.experiment.condition for image in window.session.images]


def test_a_pattern_is_previewed_then_applied_in_one_step(user, window, dialog) -> None:
    assert not dialog.apply.isEnabled()
    dialog.pattern.setFocus()
    user.type("{date}_{note}_{condition}")
    assert dialog.found.text() == "Fits 4 of 4 names"
    assert dialog.told.text() == "12 cells will change"
    assert conditions(window) == [""] * 4
    user.click(dialog.apply)
    assert conditions(window) == ["post", "pre", "post", "pre"]
    assert window.session.images.get_file_by_id(user.image.file_id).state.experiment.note == "m3"
    assert user.steps == 1
    window.actions_by_id["undo"].trigger()
    assert conditions(window) == [""] * 4


def test_paste_from_a_spreadsheet(user, window, dialog) -> None:
    go_to(dialog, 1, CONDITION)
    QGuiApplication.clipboard().setText("base\tlow\nwashout\thigh\n")
    user.press(Key.Key_V, Keys.ControlModifier)
    user.click(dialog.apply)
    assert conditions(window) == ["", "base", "washout", ""]
    found = [image.state.experiment.condition2 for image in window.session.images]
    assert found == ["", "low", "high", ""]


def test_fill_down_and_clear(user, window, dialog) -> None:
    go_to(dialog, 1, CONDITION)
    dialog.grid.setData(dialog.grid.index(1, CONDITION), "drug")
    user.press(Key.Key_D, Keys.ControlModifier)
    assert [dialog.grid.text(row, CONDITION) for row in range(4)] == ["", "drug", "drug", "drug"]
    go_to(dialog, 3, CONDITION)
    user.press(Key.Key_Delete)
    user.click(dialog.apply)
    assert conditions(window) == ["", "drug", "drug", ""]


def test_a_bad_number_says_why_and_nothing_is_applied(user, window, dialog) -> None:
    go_to(dialog, 0, DEPTH)
    QGuiApplication.clipboard().setText("deep")
    user.press(Key.Key_V, Keys.ControlModifier)
    assert dialog.told.text().endswith("deep is not a number")
    assert not dialog.apply.isEnabled()
    QGuiApplication.clipboard().setText("12,5")
    user.press(Key.Key_V, Keys.ControlModifier)
    user.click(dialog.apply)
    assert user.image.state.experiment.depth == 12.5


def test_escape_changes_nothing(user, window, dialog) -> None:
    dialog.pattern.setFocus()
    user.type("{condition}")
    user.press(Key.Key_Escape)
    QApplication.processEvents()
    assert conditions(window) == [""] * 4
    assert user.steps == 0


def test_only_the_selected_ones_and_never_while_blinded(user, window, folder) -> None:
    user.open(folder)
    window.tree.select_many([image.file_id for image in list(window.session.images)[:2]])
    feature = next(one for one in window.features if isinstance(one, Describing))
    window.actions_by_id["metadata_table"].trigger()
    assert feature.dialog.grid.rowCount() == 2
    feature.dialog.reject()
    window.actions_by_id["blind"].trigger()
    assert not window.actions_by_id["metadata_table"].isEnabled()


def test_patterns() -> None:
    fields = ("date", "note", "condition")
    assert values_in(compiled("{date}_*_{note}", fields), "d_x_y_m3.ome.tif") == {
        "date": "d", "note": "y_m3",
    }  # fmt: skip
    assert values_in(compiled("{date}-{note}", fields), "nothing.tif") == {}
    for bad in ("{nobody}", "no field", "{date}{date}"):
        with pytest.raises(PatternError):
            compiled(bad, fields)
