"""Bars tell, dialogs ask: with real keys and clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSpinBox, QToolButton

from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.roi import RectROI
from cloudscope.scene import Scene, Selection
from cloudscope.theme import Theme
from cloudscope.views import message_bar
from cloudscope.views.about_dialog import AboutDialog, versions
from cloudscope.views.empty_view import EmptyView, Recent, short_path
from cloudscope.views.head_strip import HeadStrip, long_size, missing_calibration, short_size
from cloudscope.views.job_bar import JobBar, JobLine
from cloudscope.views.labels import ElidedLabel, indent_number, swatch_icon
from cloudscope.views.message_bar import MessageBar
from cloudscope.views.problems_dialog import show_problems
from cloudscope.views.save_prompt_dialog import (
    SaveAnswer,
    SavePromptDialog,
    SaveRow,
    ask_save,
    saving_words,
)
from cloudscope.views.shortcuts_dialog import ShortcutsDialog

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
KEY = Qt.Key


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    # Widgets of this test would otherwise be restyled by the next theme.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def buttons(widget, kind=QPushButton):
    return {one.text() or one.accessibleName(): one for one in widget.findChildren(kind)}


def texts(widget):
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


# --- message bar --------------------------------------------------------------------------


@pytest.fixture
def bar(theme, qtbot):
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    bar.resize(700, 32)
    return bar


def test_bar_is_hidden_until_there_is_something_to_say(bar):
    assert bar.isHidden()
    bar.show_message("warn", "3 files in this folder could not be opened.")
    assert bar.isVisible()
    assert bar.height() == 32
    assert bar.property("kind") == "warn"
    assert bar.accessibleName() == "Warning: 3 files in this folder could not be opened."
    bar.clear()
    assert bar.isHidden()
    assert bar.text == ""


def test_worst_message_comes_first_and_the_others_wait(bar, qtbot):
    bar.show_message("info", "Copied.")
    bar.show_message("err", "Could not save a.")
    bar.show_message("warn", "Odd.")
    assert bar.text == "Could not save a."
    more = buttons(bar)["2 more"]
    assert more.isVisible()
    qtbot.mouseClick(buttons(bar, QToolButton)["Close this message"], Qt.MouseButton.LeftButton)
    assert bar.text == "Odd."


def test_newest_comes_first_among_equals_and_no_sentence_twice(bar):
    for text in ("one", "two", "one"):
        bar.show_message("err", text)
    assert bar.text == "one"
    assert "1 more" in buttons(bar)


@pytest.mark.parametrize(("kind", "stays"), [("info", 0), ("ok", 0), ("warn", 1), ("err", 1)])
def test_good_news_goes_and_bad_news_stays(theme, qtbot, monkeypatch, kind, stays):
    monkeypatch.setattr(message_bar, "SECONDS_SHOWN", 0.03)
    bar = MessageBar(theme)
    qtbot.addWidget(bar)
    bar.show_message(kind, "x")
    qtbot.wait(80)
    assert bar.isVisible() == bool(stays)


def test_action_is_done_once_and_closes_the_message(bar, qtbot):
    done = []
    bar.show_message("err", "Could not save cap04.", [("Save a Copy…", lambda: done.append(1))])
    button = buttons(bar)["Save a Copy…"]
    button.setFocus()
    qtbot.keyClick(button, KEY.Key_Space)
    assert done == [1]
    assert bar.isHidden()


def test_action_may_show_the_next_message(bar, qtbot):
    bar.show_message("err", "first", [("Retry", lambda: bar.show_message("ok", "second"))])
    qtbot.mouseClick(buttons(bar)["Retry"], Qt.MouseButton.LeftButton)
    assert bar.text == "second"
    assert "Retry" not in [one.text() for one in bar.findChildren(QPushButton) if one.isVisible()]


def test_waiting_messages_are_listed_with_their_actions(bar, qtbot):
    done = []
    bar.show_message("err", "worst")
    bar.show_message("warn", "less bad", [("Show List", lambda: done.append(1))])
    qtbot.mouseClick(buttons(bar)["1 more"], Qt.MouseButton.LeftButton)
    popup = bar._list
    assert "less bad" in texts(popup)
    qtbot.mouseClick(buttons(popup)["Show List"], Qt.MouseButton.LeftButton)
    assert done == [1]
    assert bar.text == "worst"
    assert not buttons(bar)["0 more"].isVisible()


def test_long_sentence_is_cut_and_never_wrapped(bar, qtbot):
    bar.resize(300, 32)
    bar.show_message("err", "Could not save " + "a very long name " * 20)
    line = bar.findChild(ElidedLabel)
    assert line.shown_text().endswith("…")
    assert bar.height() == 32
    assert bar.minimumSizeHint().width() < 300


# --- job bar ------------------------------------------------------------------------------


def test_one_job_has_a_bar_and_can_be_stopped(theme, qtbot):
    bar = JobBar(theme)
    qtbot.addWidget(bar)
    bar.resize(600, 26)
    bar.show()
    bar.set_result("Saved 3 recordings")
    assert texts(bar) == ["Saved 3 recordings"]
    bar.set_jobs([JobLine(7, "Velocity batch: 12 of 47 recordings", 0.25)])
    assert texts(bar) == ["Velocity batch: 12 of 47 recordings"]
    with qtbot.waitSignal(bar.cancelRequested) as told:
        cancel = buttons(bar, QToolButton)["Stop: Velocity batch: 12 of 47 recordings"]
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert told.args == [7]
    bar.set_jobs([])
    assert texts(bar) == ["Saved 3 recordings"]


def test_several_jobs_are_a_number_with_a_list(theme, qtbot):
    bar = JobBar(theme)
    qtbot.addWidget(bar)
    bar.resize(600, 26)
    bar.show()
    jobs = [JobLine(n, f"Job {n}", None) for n in range(3)]
    bar.set_jobs(jobs)
    qtbot.mouseClick(buttons(bar)["3 jobs"], Qt.MouseButton.LeftButton)
    popup = bar._list
    assert texts(popup) == ["Job 0", "Job 1", "Job 2"]
    with qtbot.waitSignal(bar.cancelRequested) as told:
        qtbot.mouseClick(buttons(popup, QToolButton)["Stop: Job 1"], Qt.MouseButton.LeftButton)
    assert told.args == [1]
    bar.set_jobs(jobs[:2])
    assert texts(popup) == ["Job 0", "Job 1"]
    bar.set_jobs([])
    assert not popup.isVisible()


# --- head strip ---------------------------------------------------------------------------

STEPS = Calibration(0.001, 0.3, "seconds", "um", "user")
HEADER = ImageHeader(
    "cap04.tif", (2, 30000, 256), ("C", "Y", "X"), "uint16", STEPS, channel_names=("Green", "")
)
SCENE = Scene(
    selection=Selection("cap04.tif", 0, 2),
    name="cap04",
    dirty=True,
    header=HEADER,
    calibration=STEPS,
    rois=(RectROI(1, 0, 9, 0, 9, name="A"), RectROI(2, 0, 9, 0, 9)),
)


@pytest.fixture
def head(theme, qtbot):
    head = HeadStrip(theme)
    qtbot.addWidget(head)
    head.resize(900, 32)
    head.show()
    head.show_scene(SCENE)
    return head


def test_head_names_the_recording(head):
    assert head.height() == 32
    assert "cap04" in texts(head)
    assert "30\u2009000 lines × 256 px · 1 ms · 0.3 µm" in texts(head)
    assert not head._badge.isVisible()
    assert head._dot.isVisible()


def test_head_shortens_the_size_first(head, qtbot):
    head.resize(480, 32)
    assert "30 s · 76.8 µm" in texts(head)
    head.resize(400, 32)
    assert not head._size.isVisible()
    qtbot.waitUntil(lambda: head._name.shown_text() == "cap04")


def test_head_tells_that_the_calibration_is_missing(head):
    head.show_scene(Scene(name="x", header=HEADER, calibration=Calibration()))
    assert head._badge.text() == "Not calibrated"
    assert head._badge.isVisible()
    assert head._badge.height() < 26
    assert missing_calibration(Calibration(step_y=0.1, label_y="seconds")) == "No pixel size"
    assert missing_calibration(Calibration(step_x=0.1, label_x="um")) == "No line time"


def test_sizes_say_only_what_is_known():
    assert short_size(HEADER, Calibration()) == "30\u2009000 lines · 256 px"
    assert long_size(HEADER, Calibration()) == "30\u2009000 lines × 256 px"
    assert short_size(HEADER, Calibration(0.1, 1, "seconds")) == "3\u2009000 s · 256 px"


def test_head_combos_show_and_tell(head, qtbot):
    channel, roi = head._channel, head._roi
    assert [channel.itemText(i) for i in range(2)] == ["1 Green", "2"]
    assert [roi.itemText(i) for i in range(2)] == ["A", "2"]
    assert roi.currentText() == "2"
    channel.setFocus()
    with qtbot.waitSignal(head.channelChosen) as told:
        qtbot.keyClick(channel, KEY.Key_Down)
    assert told.args == [1]
    with qtbot.waitSignal(head.roiChosen) as told:
        qtbot.keyClick(roi, KEY.Key_Up)
    assert told.args == [1]


def test_head_repaints_without_telling(head, qtbot):
    with qtbot.assertNotEmitted(head.channelChosen), qtbot.assertNotEmitted(head.roiChosen):
        head.show_scene(Scene())
        head.show_scene(SCENE)
    assert head._roi.currentData() == 2
    assert head._channel.currentData() == 0


def test_swatches_are_not_tinted_on_a_selected_row(theme):
    icon = swatch_icon(theme.roi_color(1))
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        image = icon.pixmap(QSize(12, 12), mode).toImage()
        assert image.pixelColor(6, 6) == theme.roi_color(1)


# --- save prompt --------------------------------------------------------------------------

ROWS = [
    SaveRow("a", "cap04", "ROI 2 moved, 1 event added"),
    SaveRow("b", "cap02", "Contrast, note"),
    SaveRow("c", "cap07", "Accepted"),
]


@pytest.fixture
def prompt(theme, qtbot):
    dialog = SavePromptDialog(theme, saving_words("before closing"), ROWS)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_prompt_asks_and_counts(prompt):
    assert "Save changes to 3 recordings before closing?" in texts(prompt)
    assert prompt.save_button.text() == "Save 3 Recordings"
    assert prompt.windowModality() is Qt.WindowModality.WindowModal
    prompt.set_ticked("b", False)
    assert prompt.save_button.text() == "Save 2 Recordings"
    prompt.set_ticked("a", False)
    assert prompt.save_button.text() == "Save Recording"
    prompt.set_ticked("c", False)
    assert not prompt.save_button.isEnabled()


def test_prompt_names_a_single_recording(theme, qtbot):
    dialog = SavePromptDialog(theme, saving_words("before closing"), ROWS[:1])
    qtbot.addWidget(dialog)
    dialog.show()
    assert "Save changes to cap04 before closing?" in texts(dialog)


def test_enter_saves_what_is_ticked(prompt, qtbot):
    prompt.set_ticked("b", False)
    qtbot.keyClick(prompt, KEY.Key_Return)
    assert prompt.answer == SaveAnswer("save", ("a", "c"))
    assert not prompt.isVisible()


def test_enter_in_the_list_saves_as_well(prompt, qtbot):
    prompt._list.setFocus()
    qtbot.keyClick(prompt._list, KEY.Key_Return)
    assert prompt.answer.choice == "save"


def test_space_unticks_in_the_list(prompt, qtbot):
    prompt._list.setFocus()
    prompt._list.setCurrentItem(prompt._list.topLevelItem(0))
    qtbot.keyClick(prompt._list, KEY.Key_Space)
    assert prompt.ticked == ("b", "c")


def test_escape_cancels(prompt, qtbot):
    qtbot.keyClick(prompt, KEY.Key_Escape)
    assert prompt.answer == SaveAnswer("cancel")
    assert not prompt.isVisible()


def test_enter_with_nothing_ticked_does_nothing(prompt, qtbot):
    for row in ROWS:
        prompt.set_ticked(row.file_id, False)
    qtbot.keyClick(prompt, KEY.Key_Return)
    assert prompt.isVisible()


def test_discard_is_reached_only_on_purpose(prompt, qtbot):
    prompt.discard_button.setFocus()
    qtbot.keyClick(prompt.discard_button, KEY.Key_Return)
    assert prompt.answer == SaveAnswer("discard", ("a", "b", "c"))


def test_ask_save_waits_for_the_answer(theme, qtbot):
    def press():
        dialog = QApplication.activeModalWidget()
        qtbot.keyClick(dialog, KEY.Key_Return)

    QTimer.singleShot(0, press)
    assert ask_save(None, theme, saving_words("before closing"), ROWS) == SaveAnswer(
        "save", ("a", "b", "c")
    )


def test_closing_the_prompt_is_cancel(theme, qtbot):
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().close())
    assert ask_save(None, theme, saving_words("before closing"), ROWS).choice == "cancel"


def test_prompt_follows_the_theme(prompt, theme):
    theme.set_appearance("dark")
    assert prompt._items[0].foreground(1).color() == theme.color("text2")
    theme.set_appearance("system")


# --- other pages --------------------------------------------------------------------------


def test_problems_can_be_copied_and_do_not_block(theme, qtbot):
    rows = [("a.tif", "the file ends in the middle"), ("b.tif", "no image inside")]
    dialog = show_problems(None, theme, "2 files could not be opened", rows)
    qtbot.addWidget(dialog)
    assert not dialog.isModal()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == "a.tif\tthe file ends in the middle\nb.tif\tno image inside"
    qtbot.keyClick(dialog, KEY.Key_Escape)
    assert not dialog.isVisible()


def test_shortcuts_are_grouped_and_filtered(theme, qtbot):
    rows = [("File", "Save", "Ctrl+S"), ("ROI", "Rectangle", "R"), ("ROI", "No key", "")]
    dialog = ShortcutsDialog(theme, rows)
    qtbot.addWidget(dialog)
    dialog.show()
    assert {"File", "Save", "Ctrl+S", "ROI", "Rectangle", "R"} <= set(texts(dialog))
    assert "No key" not in texts(dialog)
    qtbot.keyClicks(dialog.filter, "ctrl+s")
    assert set(texts(dialog)) == {"File", "Save", "Ctrl+S"}
    qtbot.keyClicks(dialog.filter, "zzz")
    assert texts(dialog) == []


def test_about_can_be_copied(theme, qtbot):
    dialog = AboutDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("CloudScope ")
    assert {"Qt", "Python", "numpy", "System"} <= {name for name, _ in versions()}


def test_empty_view_offers_three_ways(theme, qtbot):
    view = EmptyView(theme)
    qtbot.addWidget(view)
    view.show()
    for button, signal in (
        (view.folder_button, view.openFolderRequested),
        (view.files_button, view.openFilesRequested),
        (view.sample_button, view.sampleRequested),
    ):
        with qtbot.waitSignal(signal):
            button.setFocus()
            qtbot.keyClick(button, KEY.Key_Space)


def test_recent_folders_are_links_unless_they_are_gone(theme, qtbot):
    view = EmptyView(theme)
    qtbot.addWidget(view)
    view.show()
    odd = "/data/caf\udce9"  # a name that is not UTF-8 must come back as it is
    gone = Recent("pilot", "/mnt/pilot", "drive not connected", missing=True)
    view.set_recents([Recent("cohort 3", odd, "47 recordings"), gone])
    qtbot.waitUntil(lambda: "drive not connected" in texts(view))
    assert "pilot" not in buttons(view)
    with qtbot.waitSignal(view.pathChosen) as told:
        qtbot.mouseClick(buttons(view)["cohort 3"], Qt.MouseButton.LeftButton)
    assert told.args == [odd]
    view.set_recents([])
    assert "Recent" not in texts(view)


def test_home_is_a_tilde():
    home = str(Path.home())
    assert short_path(home + "/data") == "~/data"
    assert short_path(home + "sick/data") == home + "sick/data"


def test_drop_says_what_it_would_do(theme, qtbot):
    view = EmptyView(theme)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    view.set_drop("Drop to open 47 recordings", "12 other files will be skipped.")
    assert texts(view) == ["Drop to open 47 recordings", "12 other files will be skipped."]
    assert view.grab().toImage().pixelColor(1, 200) == theme.color("accent")
    view.set_drop(None, "")
    assert view.folder_button.isVisible()
    assert view.grab().toImage().pixelColor(1, 200) == theme.color("canvas")


def test_numbers_in_plain_spin_boxes_can_be_indented(qtbot):
    spin = QSpinBox()
    qtbot.addWidget(spin)
    indent_number(spin)
    assert spin.lineEdit().textMargins().left() == 5
