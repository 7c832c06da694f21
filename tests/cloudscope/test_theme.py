"""Colours that can be read, icons that follow, a switch that is live."""

from __future__ import annotations

import gc
import json
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFontInfo, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cloudscope.resources_path import resource, writable
from cloudscope.theme import Theme
from cloudscope.views.labels import restyle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen

TOKENS = json.loads(resource("tokens.json").read_text(encoding="utf-8"))
SURFACES = ("window", "panel", "base", "canvas")
BARS = ("info_bg", "ok_bg", "warn_bg", "err_bg")
READABLE = [
    *[("text", on) for on in (*SURFACES, *BARS, "sel", "sel_off", "hover", "press")],
    *[("text2", on) for on in (*SURFACES, "sel", "sel_off")],
    *[("accent", on) for on in (*SURFACES, *BARS)],
    *[(kind, on) for kind in ("ok", "warn", "err") for on in ("base", "panel", f"{kind}_bg")],
    *[(kind, "canvas") for kind in ("velocity", "diameter", "intensity", "rate")],
    *[(kind, "canvas") for kind in ("ev_user", "ev_rise", "ev_fall", "ev_trans")],
    ("on_accent", "accent"),
    ("on_accent", "accent_h"),
]
OUTLINES = [("border", "base"), ("border", "panel"), ("accent", "sel")]


@pytest.fixture
def theme(qapp, tmp_path):
    theme = Theme(qapp, tmp_path / "cache")
    theme.set_appearance("light")
    yield theme
    theme.set_text_scale(1.0)
    theme.set_appearance("system")
    # Widgets of this test would otherwise be restyled by the next theme.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: str, other: str) -> float:
    """Contrast by the formula of WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize(("token", "on"), READABLE)
def test_text_can_be_read(palette, token, on):
    assert ratio(TOKENS[palette][token], TOKENS[palette][on]) >= 4.5


@pytest.mark.parametrize("palette", ["light", "dark"])
@pytest.mark.parametrize(("token", "on"), OUTLINES)
def test_outlines_can_be_seen(palette, token, on):
    assert ratio(TOKENS[palette][token], TOKENS[palette][on]) >= 3


def test_roi_colours_stand_out_from_their_black_halo():
    assert min(ratio(color, "#000000") for color in TOKENS["roi"]) >= 5.6


def test_both_palettes_have_the_same_tokens():
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_style_sheet_uses_no_colour_of_its_own():
    assert not re.findall(
        r":[^;]*(#[0-9a-fA-F]{3,8}\b|rgb)", resource("style.qss").read_text(encoding="utf-8")
    )


def test_style_sheet_names_only_icons_that_are_written(theme, qapp, tmp_path):
    named = set(re.findall(r'url\("([^"]+)"\)', qapp.styleSheet()))
    assert named
    assert all(Path(one).is_file() for one in named)
    assert all(str(tmp_path) in one for one in named)
    assert "$" not in qapp.styleSheet()


def test_switch_is_live(theme, qtbot, qapp):
    button, label = QPushButton("Auto"), QLabel("x")
    for widget in (button, label):
        qtbot.addWidget(widget)
        widget.show()
    with qtbot.waitSignal(theme.changed):
        theme.set_appearance("dark")
    assert theme.is_dark
    assert theme.appearance == "dark"
    assert qapp.palette().color(QPalette.ColorRole.Base) == QColor(TOKENS["dark"]["base"])
    assert label.palette().color(QPalette.ColorRole.WindowText) == QColor(TOKENS["dark"]["text"])
    assert button.grab().toImage().pixelColor(6, 6) == QColor(TOKENS["dark"]["base"])


def test_same_appearance_again_tells_nobody(theme, qtbot):
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_appearance("light")


def test_system_is_light_where_the_platform_does_not_say(theme):
    theme.set_appearance("dark")
    theme.set_appearance("system")
    assert not theme.is_dark


def test_unknown_appearance_is_refused(theme):
    with pytest.raises(ValueError, match="appearance"):
        theme.set_appearance("purple")


def test_unknown_names_are_refused_where_they_are_asked_for(theme):
    with pytest.raises(KeyError):
        theme.color("colour")
    with pytest.raises(KeyError):
        theme.icon("run", "colour")
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-drawing")


def test_colours_are_copies(theme):
    theme.color("text").setRed(99)
    assert theme.color("text") == QColor(TOKENS["light"]["text"])


def test_roi_colours_go_round(theme):
    assert theme.roi_color(0) == theme.roi_color(6) == QColor("#FFB000")
    assert theme.channel_color(5) == theme.channel_color(1)


def main_color(pixmap: QPixmap) -> QColor:
    """The most opaque pixel's colour."""
    image = pixmap.toImage()
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    color = max((image.pixelColor(x, y) for x, y in points), key=QColor.alpha)
    return QColor(color.rgb())


def test_icon_follows_mode_state_and_palette(theme):
    icon = theme.icon("stop")
    size = QSize(32, 32)

    def shown(mode=QIcon.Mode.Normal, state=QIcon.State.Off):
        return main_color(icon.pixmap(size, mode, state))

    light = TOKENS["light"]
    assert shown() == QColor(light["text"])
    assert shown(QIcon.Mode.Selected) == QColor(light["text"])
    assert shown(QIcon.Mode.Disabled) == QColor(light["text3"])
    assert shown(state=QIcon.State.On) == QColor(light["accent"])
    theme.set_appearance("dark")
    assert shown() == QColor(TOKENS["dark"]["text"])


def test_icon_in_one_colour(theme):
    icon = theme.icon("stop", "err")
    shown = icon.pixmap(QSize(32, 32), QIcon.Mode.Normal, QIcon.State.On)
    assert main_color(shown) == QColor(TOKENS["light"]["err"])


def test_icon_is_sharp_at_any_scale(theme):
    for scale in (1.0, 1.25, 2.0):
        pixmap = theme.icon("pan").pixmap(QSize(20, 20), scale)
        assert pixmap.width() == round(20 * scale)
        assert pixmap.devicePixelRatio() == pytest.approx(scale)


def test_changed_copy_of_an_icon_outlives_the_engine(theme, qtbot):
    """Changing a shared icon clones its engine; the clone must not be collected."""
    first = theme.icon("run")
    second = QIcon(first)
    second.addPixmap(QPixmap(8, 8))
    del first
    gc.collect()
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(second)
    button.grab()
    assert not second.isNull()


def test_pixmap_has_the_colour_of_its_token(theme):
    assert main_color(theme.pixmap("stop", 32, "warn")) == QColor(TOKENS["light"]["warn"])
    theme.set_appearance("dark")
    assert main_color(theme.pixmap("stop", 32, "warn")) == QColor(TOKENS["dark"]["warn"])


def test_every_icon_can_be_drawn(theme):
    names = [path.stem for path in resource("icons").glob("*.svg")]
    assert len(names) >= 30
    for name in names:
        assert main_color(theme.pixmap(name, 32)).isValid()


def test_text_size_moves_fonts_and_controls(theme, qtbot):
    label, button = QLabel("x"), QPushButton("x")
    label.setProperty("role", "small")
    for widget in (label, button):
        qtbot.addWidget(widget)
        widget.show()
    base = QFontInfo(theme.font()).pixelSize()
    assert button.height() == 24
    theme.set_text_scale(1.5)
    assert QFontInfo(theme.font()).pixelSize() == round(base * 1.5)
    assert QFontInfo(label.font()).pixelSize() == round(base * 1.5) - 1
    assert button.sizeHint().height() == theme.px(22) + 2
    theme.set_text_scale(100)
    assert theme.text_scale == 2.0


def test_fonts_for_painters(theme):
    base = theme.font().pixelSize()
    assert theme.font("small").pixelSize() == base - 1
    assert theme.font("title").pixelSize() == base + 4
    assert theme.font("strong").weight() > theme.font().weight()
    assert [tag.toString() for tag in theme.font().featureTags()] == [b"tnum"]


def test_controls_are_as_high_as_drawn(theme, qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    widgets = [QPushButton("x"), QLineEdit(), QComboBox(), QSpinBox()]
    for widget in widgets:
        column.addWidget(widget)
    page.show()
    assert [widget.height() for widget in widgets] == [24] * 4
    for widget in widgets:
        widget.setProperty("state", "error")
        restyle(widget)
    column.activate()
    assert [widget.height() for widget in widgets] == [24] * 4


def test_a_cache_that_cannot_be_written_is_no_obstacle(qapp, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    theme = Theme(qapp, tmp_path / "file" / "cache")
    assert theme.color("text").isValid()
    assert writable(tmp_path / "file" / "cache") != tmp_path / "file" / "cache"


def test_a_second_start_leaves_the_cache_as_it_is(theme, qapp, tmp_path):
    folder = tmp_path / "cache" / "light"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert before
    Theme(qapp, tmp_path / "cache")
    assert before == {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_application_icon_is_there(qapp):
    assert QIcon(str(resource("cloudscope.svg"))).pixmap(64, 64).width() == 64
    assert QPixmap(str(resource("cloudscope.png"))).size() == QSize(256, 256)
