"""Name, versions, licence: what a report about the program needs to say."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from acqcore._version import __version__
from cloudscope.resources_path import resource
from cloudscope.theme import Theme
from cloudscope.views.labels import label, push_button

PURPOSE = "Line-scan kymographs: look, measure blood velocity, publish the numbers."
LICENCE = "BSD 3-Clause. Copyright © 2026, the CloudScope authors."
_PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "pandas", "tifffile")


def versions() -> list[tuple[str, str]]:
    """Names and versions of the program and what it runs on."""
    rows = [
        ("CloudScope", __version__),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
    ]
    rows += [(name, _version(name)) for name in _PACKAGES]
    return [*rows, ("System", platform.platform())]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


class AboutDialog(QDialog):
    """Versions and licence, with a button that copies them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About CloudScope")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        picture = QLabel()
        side = theme.px(72)
        picture.setPixmap(QIcon(str(resource("cloudscope.svg"))).pixmap(side, side))
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(label(f"CloudScope {__version__}", "title"))
        words.addWidget(label(PURPOSE))
        words.addWidget(label(LICENCE, "field"))
        words.addSpacing(10)
        words.addLayout(_version_table())
        upper = QHBoxLayout()
        upper.setSpacing(20)
        upper.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        self.copy_button = push_button("Copy", "Copy the versions as text")
        self.close_button = push_button("Close", "Close this page (Esc)")
        self.copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(16)
        column.addLayout(upper)
        column.addLayout(buttons)
        self.close_button.setFocus()

    def _copy(self) -> None:
        text = "\n".join(f"{name} {number}" for name, number in versions())
        QGuiApplication.clipboard().setText(text)


def _version_table() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    for row, (name, number) in enumerate(versions()):
        shown = label(number)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(label(name, "field"), row, 0)
        grid.addWidget(shown, row, 1)
    return grid


def show_about(parent: QWidget | None, theme: Theme) -> AboutDialog:
    """Open the page; it deletes itself when closed."""
    dialog = AboutDialog(theme, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog
