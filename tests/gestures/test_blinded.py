"""Blinded mode: nothing on screen tells which recording is judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from acqcore.model.metadata import EXPERIMENT
from cloudscope.blind import Blind

Key, Keys = Qt.Key, Qt.KeyboardModifier
NAMES = ("wt-ctrl", "ko-hyp", "secret-lab", "hypoxia", "knockout")
BLIND = Keys.ControlModifier | Keys.ShiftModifier


@pytest.fixture
def telling(make_tiff) -> Path:
    """Recordings whose names, folder and metadata tell everything."""
    for seed, name in enumerate(("wt-ctrl", "ko-hyp", "ko-hyp2")):
        path = make_tiff(f"secret-lab/{name}.tif", seed=seed)
    (path.parent / "ko-hyp-broken.tif").write_bytes(b"no picture")
    return path.parent


@pytest.fixture(autouse=True)
def opened(user, window, telling: Path) -> None:
    user.open(telling)
    window.panels.docks[3].raise_()  # the Metadata panel
    for image in window.session.images:
        patch = {"condition": "hypoxia", "genotype": "knockout", "depth": 30.0}
        image.apply_metadata_patch(EXPERIMENT, patch)
    window.controller.set_review(user.image.state.review.next)
    window.feed.say_again()


def said(window) -> str:
    """Every text that the window shows, speaks or tells under the mouse."""
    texts = [window.windowTitle()]
    for widget in filter(QWidget.isVisible, window.findChildren(QWidget)):
        texts += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | QLineEdit | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QLineEdit):
            texts.append(widget.placeholderText())
        if isinstance(widget, QPlainTextEdit):
            texts.append(widget.toPlainText())
    for action in window.findChildren(QAction):
        texts += [action.text(), action.toolTip()]
    return "\n".join([*texts, *cells(window)]).lower()


def cells(window) -> list[str]:
    model, role = window.tree.model, Qt.ItemDataRole
    return [
        str(model.index(row, column).data(kind) or "")
        for row in range(model.rowCount())
        for column in range(model.columnCount())
        for kind in (role.DisplayRole, role.ToolTipRole, role.AccessibleTextRole, role.UserRole)
    ]


def leaks(window) -> list[str]:
    text = said(window)
    return [name for name in NAMES if name in text]


def shown(window) -> list[str]:
    model = window.tree.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_no_name_is_left_on_screen(user, window) -> None:
    assert set(leaks(window)) >= {"wt-ctrl", "ko-hyp", "hypoxia"}
    user.press(Key.Key_B, BLIND)
    assert leaks(window) == []
    assert {"File 1", "File 2", "File 3"} < set(shown(window))
    assert window.windowTitle().startswith("File ")
    assert window.view.head._name.text().startswith("File ")
    assert window.view.head._size.isHidden()
    assert "in File " in window.actions_by_id["undo"].text()
    user.press(Key.Key_B, BLIND)
    assert "wt-ctrl" in leaks(window)
    assert shown(window)[:1] == ["ko-hyp"]


def test_metadata_is_hidden_and_cannot_be_edited(user, window) -> None:
    user.press(Key.Key_B, BLIND)
    form = window.panels.metadata._experiment
    for name in ("condition", "depth"):
        line = form.editor(name).lineEdit()
        assert (line.text(), line.placeholderText()) == ("", "Blinded")
        assert not form.editor(name).isEnabled()
    user.press(Key.Key_B, BLIND)
    assert form.editor("condition").currentText() == "hypoxia"
    assert form.editor("condition").isEnabled()
    assert user.image.state.experiment.condition == "hypoxia"


def test_numbers_stay_and_rows_stand_in_their_order(user, window) -> None:
    user.press(Key.Key_B, BLIND)
    numbers = {image.file_id: window.session.blind.label(image) for image in window.session.images}

    def in_order() -> bool:
        numbers = [int(name.removeprefix("File ")) for name in shown(window)]
        return numbers == sorted(numbers)

    user.wait_until(in_order)
    for _ in range(2):
        user.press(Key.Key_B, BLIND)
    assert numbers == {
        image.file_id: window.session.blind.label(image) for image in window.session.images
    }


def test_messages_jobs_and_undo_say_numbers(user, window, telling) -> None:
    user.press(Key.Key_B, BLIND)
    window.panels.analysis.request_run()
    bar = window.panels.status.jobs
    assert "of File " in bar._one._text.text()
    user.wait()
    window.saving.save([user.image])
    assert "Saving File " in bar._one._text.text()
    user.wait()
    window.view.messages.show_message("err", f"Cannot read wt-ctrl.tif in {telling}.")
    assert "wt-ctrl" not in window.view.messages.text
    assert "secret-lab" not in window.view.messages.text
    assert leaks(window) == []


def test_what_is_opened_meanwhile_is_hidden_too(user, window, telling, make_tiff) -> None:
    user.press(Key.Key_B, BLIND)
    make_tiff("secret-lab/ko-hyp9.tif")
    user.press(Key.Key_F5)
    user.wait()
    assert len(window.session.images) == 4
    assert leaks(window) == []


def test_the_file_itself_is_out_of_reach(user, window) -> None:
    user.press(Key.Key_B, BLIND)
    for name in ("reveal", "open_with", "copy_path"):
        assert not window.actions_by_id[name].isEnabled()
    model = window.tree.model
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    assert "wt-ctrl" not in window.tree.table_text()
    window.tree.filter.setText("wt-ctrl")
    assert model.rowCount() == 0


def test_recents_and_pickers(user, window, telling, monkeypatch) -> None:
    user.press(Key.Key_B, BLIND)
    menu = QMenu()
    window.commands.fill_recent_menu(menu)
    assert menu.actions()[0].text() == "Recent 1"
    asked: list[str] = []

    def picked(parent, title, start) -> str:
        asked.append(start)
        return ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", picked)
    window.commands.open_folder()
    assert "secret-lab" not in asked[0]
    menu.deleteLater()


def test_it_outlives_a_restart(user, window) -> None:
    user.press(Key.Key_B, BLIND)
    assert window.settings.blinded
    user.press(Key.Key_B, BLIND)
    assert not window.settings.blinded


def test_the_tool_tip_of_a_row(user, window) -> None:
    user.press(Key.Key_B, BLIND)
    tip = window.tree.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("Blinded")
    user.hover(window.tree.tree.viewport(), QPoint(20, 10))
    QApplication.processEvents()


def test_numbers_that_come_later_do_not_tell_the_order() -> None:
    blind = Blind()
    blind.hide(())
    numbers = [blind.number(f"/lab/{at:03}.tif") for at in range(40)]
    assert len(set(numbers)) == 40
    assert numbers != sorted(numbers)
    assert blind.number("/lab/000.tif") == numbers[0]


def test_words_are_masked_whole() -> None:
    blind = Blind()
    blind.hide(["/lab/day one/a.tif", "/lab/day one/data.tif"])
    sentence = blind.mask("Cannot read data.tif: a.tif is there, as /lab/day one/a.tif.")
    assert ".tif" not in sentence
    assert "day one" not in sentence
    assert sentence.count("File ") == 3
    blind.show()
    assert blind.mask("a.tif") == "a.tif"
