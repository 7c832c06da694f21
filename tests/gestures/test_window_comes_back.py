"""The next start has the window as it was left, from its first paint on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from cloudscope.main_window import MainWindow
from cloudscope.settings import Settings


def test_docks_keep_the_width_that_they_were_given(user, window, theme, qtbot, tmp_path) -> None:
    window.resizeDocks([window.docks["Files"]], [350], Qt.Orientation.Horizontal)
    QApplication.processEvents()
    widths = [window.docks[title].width() for title in ("Files", "Contrast")]
    assert widths[0] == 350
    window.close()

    settings = Settings(window.settings.path)
    again = MainWindow(theme, settings, {"cache": tmp_path / "c", "logs": tmp_path / "l"})
    again.show()
    heights = again.tool_bar.height(), again.statusBar().height()
    assert [again.docks[title].width() for title in ("Files", "Contrast")] == widths
    again.furnish()
    user.wait_until(lambda: not again.jobs.active)
    assert [again.docks[title].width() for title in ("Files", "Contrast")] == widths
    assert (again.tool_bar.height(), again.statusBar().height()) == heights
    again.discard_and_close()
    again.deleteLater()
