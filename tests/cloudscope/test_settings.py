"""Settings come back as they were, and rubbish gives defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from cloudscope import settings as settings_module
from cloudscope.settings import MAX_RECENT, Settings

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
DEFAULTS = {
    "appearance": "system",
    "text_scale": 1.0,
    "recent_paths": [],
    "last_folder": None,
    "folder_depth": 4,
    "auto_contrast_percentiles": (1.0, 99.5),
    "default_lut": "Gray",
    "window_geometry": None,
    "window_state": b"",
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cloudscope.ini"


def read(settings):
    return {name: getattr(settings, name) for name in DEFAULTS}


def again(settings):
    """What another start would find."""
    settings.sync()
    return Settings(settings.path)


def test_defaults(path):
    assert read(Settings(path)) == DEFAULTS


def test_without_a_path_they_lie_in_the_configuration_folder():
    assert Settings().path.name == "cloudscope.ini"
    assert Settings().path.parent.name == "CloudScope"


def test_values_come_back(path, tmp_path):
    one = Settings(path)
    one.appearance, one.text_scale, one.folder_depth = "dark", 1.25, 7
    one.auto_contrast_percentiles, one.default_lut = (99.0, 2.0), "Viridis"
    one.last_folder = tmp_path
    other = again(one)
    assert other.appearance == "dark"
    assert other.text_scale == 1.25
    assert other.folder_depth == 7
    assert other.auto_contrast_percentiles == (2.0, 99.0)
    assert other.default_lut == "Viridis"
    assert other.last_folder == tmp_path
    other.reset()
    assert read(again(other)) == DEFAULTS


def test_recent_paths_are_ten_newest_first_without_doubles(path):
    one = Settings(path)
    for n in range(12):
        one.add_recent(Path(f"/data/{n}"))
    one.add_recent(Path("/data/5"))
    recent = again(one).recent_paths
    assert len(recent) == MAX_RECENT
    assert recent[:3] == [Path("/data/5"), Path("/data/11"), Path("/data/10")]
    assert recent.count(Path("/data/5")) == 1
    one.clear_recent()
    assert again(one).recent_paths == []


def test_names_that_qt_cannot_hold_survive(path):
    odd = Path('/data/caf\udce9, 50 %; "x"')
    one = Settings(path)
    one.add_recent(odd)
    assert again(one).recent_paths == [odd]


def test_a_last_folder_that_is_gone_is_not_offered(path, tmp_path):
    one = Settings(path)
    one.last_folder = tmp_path / "gone"
    assert one.last_folder is None


@pytest.mark.parametrize(
    ("key", "rubbish"),
    [
        ("look/appearance", "purple"),
        ("look/appearance", ["light", "dark"]),
        ("look/text_scale", "large"),
        ("look/text_scale", "nan"),
        ("look/text_scale", 50),
        ("files/recent", "not json"),
        ("files/recent", '{"a": 1}'),
        ("files/recent", "[1, null]"),
        ("files/last_folder", "[]"),
        ("files/folder_depth", -3),
        ("files/folder_depth", "many"),
        ("contrast/low_percentile", 99.9),
        ("contrast/high_percentile", "inf"),
        ("contrast/lut", "Nonsense"),
        ("window/geometry", "[1, 2]"),
        ("window/geometry", '[1, 2, "3", 4]'),
        ("window/geometry", "[0, 0, -5, -5]"),
        ("window/state", "%%%"),
        ("window/state", "ä"),
        ("version", "new"),
    ],
)
def test_rubbish_gives_defaults(path, key, rubbish):
    store = QSettings(str(path), QSettings.Format.IniFormat)
    store.setValue(key, rubbish)
    store.sync()
    assert read(Settings(path)) == DEFAULTS


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe" * 500, b"{json: no}", b"[look\nappear"])
def test_a_damaged_file_gives_defaults_and_can_be_written(path, content):
    path.write_bytes(content)
    one = Settings(path)
    assert read(one) == DEFAULTS
    one.appearance = "dark"
    assert one.appearance == "dark"


def test_a_newer_file_is_read_as_far_as_it_goes_and_keeps_its_version(path):
    store = QSettings(str(path), QSettings.Format.IniFormat)
    store.setValue("version", 99)
    store.setValue("look/appearance", "dark")
    store.sync()
    assert Settings(path).appearance == "dark"
    assert int(QSettings(str(path), QSettings.Format.IniFormat).value("version")) == 99


def test_an_older_file_is_brought_up_to_date(path, monkeypatch):
    store = QSettings(str(path), QSettings.Format.IniFormat)
    store.setValue("version", 1)
    store.setValue("theme", "dark")
    store.sync()
    monkeypatch.setattr(settings_module, "VERSION", 2)
    step = {1: lambda store: store.setValue("look/appearance", store.value("theme"))}
    monkeypatch.setattr(settings_module, "_MIGRATIONS", step)
    assert Settings(path).appearance == "dark"


# --- window -------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot):
    return make_window(qtbot)


def make_window(qtbot):
    window = QMainWindow()
    dock = QDockWidget("Files", window)
    dock.setObjectName("files")
    window.dock = dock
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    qtbot.addWidget(window)
    return window


def test_window_comes_back_where_it_was(path, window, qtbot):
    window.setGeometry(30, 40, 500, 400)
    window.show()
    window.dock.hide()
    one = Settings(path)
    one.remember_window(window)
    other = make_window(qtbot)
    assert again(one).restore_window(other)
    other.show()
    assert other.geometry() == QRect(30, 40, 500, 400)
    assert other.dock.isHidden()


def test_a_maximised_window_remembers_its_normal_size(path, window, qtbot):
    window.setGeometry(30, 40, 500, 400)
    window.show()
    window.showMaximized()
    one = Settings(path)
    one.remember_window(window)
    assert one.window_geometry.size() == QRect(30, 40, 500, 400).size()
    other = make_window(qtbot)
    one.restore_window(other)
    other.show()
    assert other.isMaximized()


def test_a_window_never_opens_on_a_screen_that_is_gone(path, window):
    one = Settings(path)
    window.setGeometry(9000, 9000, 500, 400)
    one.remember_window(window)
    window.setGeometry(10, 10, 300, 200)
    assert not one.restore_window(window)
    assert window.geometry() == QRect(10, 10, 300, 200)


def test_a_first_start_changes_nothing(path, window):
    assert not Settings(path).restore_window(window)


def test_a_session_that_did_not_end_is_not_reopened(tmp_path):
    path = tmp_path / "settings.ini"
    first = Settings(path)
    first.last_session = {"paths": ["/data/\udcff"]}
    first.begin_session()
    assert first.may_reopen
    second = Settings(path)
    second.begin_session()
    assert second.last_session == {"paths": ["/data/\udcff"]}
    assert not second.may_reopen
    second.end_session()
    second.sync()
    third = Settings(path)
    third.begin_session()
    assert third.may_reopen
    third.reopen_last = False
    assert not third.may_reopen


@pytest.mark.parametrize("damage", ["{", "7", '["a"]', "null", ""])
def test_a_damaged_session_is_none(tmp_path, damage):
    settings = Settings(tmp_path / "settings.ini")
    settings._store.setValue("session/last", damage)
    settings._store.setValue("session/reopen", damage)
    settings._store.setValue("session/blinded", damage)
    assert settings.last_session == {}
    assert settings.reopen_last
    assert not settings.blinded
