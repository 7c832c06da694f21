"""A form made from a schema, edited with real keys."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from acqcore.model.metadata import experiment_schema, header_schema
from acqcore.model.schema import FieldSchema, ValueType, described, schema_of
from cloudscope.theme import Theme
from cloudscope.views.form import Form
from cloudscope.views.form_fields import NoteEdit, ShownText, TextEdit, choice_text
from cloudscope.views.form_numbers import NumberCombo, NumberSpin, read_number, stepped

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # offscreen
KEY = Qt.Key


@dataclass(frozen=True)
class Knobs:
    estimator: str = described("unbiased", choices=("unbiased", "classic"), help="Which method.")
    window: int = described(
        64, unit="lines", minimum=8, maximum=512, multiple_of=4, suggestions=(16, 32, 64, 128)
    )
    step: int = described(16, unit="lines", minimum=4, maximum=512, multiple_of=4)
    angle: float = described(0.25, unit="°", minimum=0.01, applies_when=("estimator", ("classic",)))
    reject: float | None = described(None, optional=float, unit="mm/s", group="Afterwards")
    stripes: bool = described(True, title="Subtract static stripes", group="Afterwards")
    secret: int = described(7, visible=False)


@pytest.fixture
def theme(qapp, tmp_path):
    yield Theme(qapp, tmp_path)
    # Widgets of this test would otherwise be restyled by the next theme.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def form(theme, qtbot):
    return shown(Form(schema_of(Knobs), theme), qtbot)


@pytest.fixture
def metadata(theme, qtbot):
    return shown(Form(experiment_schema(), theme), qtbot)


def shown(form, qtbot):
    qtbot.addWidget(form)
    form.resize(280, 500)
    form.show()
    form.edits = []
    form.valueEdited.connect(lambda name, value: form.edits.append((name, value)))
    return form


def line_of(editor) -> QLineEdit:
    return editor.lineEdit()


def type_into(form, qtbot, name, text, end=KEY.Key_Return):
    editor = form.editor(name)
    editor.setFocus(Qt.FocusReason.TabFocusReason)
    line_of(editor).selectAll()
    qtbot.keyClicks(editor, text)
    if end:
        qtbot.keyClick(editor, end)


def wheel_over(widget):
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def test_starts_with_the_defaults(form):
    assert form.values() == {
        "estimator": "unbiased",
        "window": 64,
        "step": 16,
        "angle": 0.25,
        "reject": None,
        "stripes": True,
        "secret": 7,
    }


def test_enter_and_focus_out_are_one_edit(form, qtbot):
    type_into(form, qtbot, "step", "32")
    form.editor("window").setFocus()
    assert form.edits == [("step", 32)]
    assert form.values()["step"] == 32


def test_leaving_by_tab_is_an_edit(form, qtbot):
    type_into(form, qtbot, "step", "32", end=KEY.Key_Tab)
    assert form.edits == [("step", 32)]


def test_same_value_is_no_edit(form, qtbot):
    type_into(form, qtbot, "step", "16")
    type_into(form, qtbot, "step", "16.0")
    type_into(form, qtbot, "step", " 16 lines")
    assert form.edits == []
    assert line_of(form.editor("step")).text() == "16"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("900", "Enter a number from 4 to 512"),
        ("-4", "Enter a number from 4 to 512"),
        ("17", "Enter a multiple of 4"),
        ("16.5", "Enter a whole number"),
        ("many", "Enter a number"),
        ("nan", "Enter a number"),
        ("inf", "Enter a number"),
        ("1e999", "Enter a number"),
        ("", "Enter a number"),
    ],
)
def test_wrong_number_is_told_and_changes_nothing(form, qtbot, typed, sentence):
    if typed:
        type_into(form, qtbot, "step", typed)
    else:
        line_of(form.editor("step")).clear()
        qtbot.keyClick(form.editor("step"), KEY.Key_Return)
    assert form.fault("step") == sentence
    assert form.editor("step").property("state") == "error"
    assert form.values()["step"] == 16
    assert form.edits == []
    type_into(form, qtbot, "step", "20")
    assert form.fault("step") == ""
    assert form.edits == [("step", 20)]


def test_wrong_field_is_no_higher_than_a_right_one(form, qtbot):
    before = form.editor("step").height()
    type_into(form, qtbot, "step", "900")
    form.layout().activate()
    assert form.editor("step").height() == before == 24


def test_escape_brings_the_last_good_value_back(form, qtbot):
    type_into(form, qtbot, "step", "900")
    qtbot.keyClick(form.editor("step"), KEY.Key_Escape)
    assert line_of(form.editor("step")).text() == "16"
    assert form.fault("step") == ""


def test_arrows_step_on_the_grid_and_stop_at_the_ends(form, qtbot):
    form.set_values({"step": 505})
    form.editor("step").setFocus()
    for _ in range(4):
        qtbot.keyClick(form.editor("step"), KEY.Key_Up)
    assert form.edits == [("step", 508), ("step", 512)]
    qtbot.keyClick(form.editor("step"), KEY.Key_Down)
    assert form.edits[-1] == ("step", 508)


def test_optional_number_may_be_blank(form, qtbot):
    type_into(form, qtbot, "reject", "2,5")
    type_into(form, qtbot, "reject", "-1")
    line_of(form.editor("reject")).clear()
    qtbot.keyClick(form.editor("reject"), KEY.Key_Return)
    assert form.edits == [("reject", 2.5), ("reject", -1.0), ("reject", None)]


def test_number_with_suggestions_takes_others_as_well(form, qtbot):
    editor = form.editor("window")
    assert isinstance(editor, NumberCombo)
    assert [editor.itemText(i) for i in range(editor.count())] == ["16", "32", "64", "128"]
    type_into(form, qtbot, "window", "12")  # a completer would make 128 of it
    assert form.edits == [("window", 12)]
    qtbot.keyClick(editor, KEY.Key_Down)
    assert form.edits[-1] == ("window", 16)


def test_choice_is_made_by_key_and_shows_what_applies(form, qtbot):
    assert not form.editor("angle").isVisible()
    form.editor("estimator").setFocus()
    qtbot.keyClick(form.editor("estimator"), KEY.Key_Down)
    assert form.edits == [("estimator", "classic")]
    assert form.editor("angle").isVisible()
    assert form.editor("estimator").currentText() == "Classic"


def test_check_box_is_an_edit_at_once(form, qtbot):
    form.editor("stripes").setFocus()
    qtbot.keyClick(form.editor("stripes"), KEY.Key_Space)
    assert form.edits == [("stripes", False)]


@pytest.mark.parametrize("name", ["estimator", "window", "step"])
def test_wheel_passes_over_what_has_no_focus(form, qtbot, name):
    form.editor("stripes").setFocus()
    event = wheel_over(form.editor(name))
    assert not event.isAccepted()
    assert form.edits == []
    form.editor(name).setFocus()
    wheel_over(form.editor(name))
    assert len(form.edits) <= 1  # a list at its end has nowhere to go


def test_set_values_shows_and_tells_nobody(form):
    form.set_values({"estimator": "classic", "step": 40, "reject": 1.5, "secret": 8})
    assert form.edits == []
    assert form.values()["secret"] == 8
    assert line_of(form.editor("step")).text() == "40"
    assert form.editor("angle").isVisible()


def test_set_values_refuses_a_name_that_is_no_field(form):
    with pytest.raises(KeyError):
        form.set_values({"stepp": 3})


def test_text_in_work_survives_a_repaint_with_the_same_value(form, qtbot):
    type_into(form, qtbot, "step", "3", end=None)
    form.set_values({"step": 16, "window": 32})
    assert line_of(form.editor("step")).text() == "3"
    form.set_values({"step": 20})
    assert line_of(form.editor("step")).text() == "20"


def test_commit_finishes_what_is_being_typed(form, qtbot):
    type_into(form, qtbot, "step", "32", end=None)
    assert form.edits == []
    form.commit()
    assert form.edits == [("step", 32)]


def test_changed_fields_have_a_dot(form, theme):
    def accent_pixels():
        image = form.grab().toImage()
        accent = theme.color("accent").rgb()
        return sum(image.pixel(x, y) == accent for x in range(110) for y in range(image.height()))

    form.editor("stripes").setEnabled(False)
    before = accent_pixels()
    form.set_changed({"step"})
    assert accent_pixels() > before + 15
    form.set_changed(set())
    assert accent_pixels() == before


def test_fields_can_be_switched_off(form):
    form.set_enabled_fields(False)
    assert not form.editor("step").isEnabled()
    form.set_enabled_fields(True, ["step"])
    assert form.editor("step").isEnabled()
    assert not form.editor("window").isEnabled()


def test_everything_has_a_name_and_can_be_reached_by_tab(form, qtbot):
    for name in ("estimator", "window", "step", "reject", "stripes"):
        assert form.editor(name).accessibleName()
    assert form.editor("window").accessibleName() == "Window (lines)"
    assert form.editor("estimator").toolTip() == "Which method."
    form.editor("estimator").setFocus()
    order = []
    for _ in range(5):
        order.append(next(n for n in form.values() if n != "secret" and form.editor(n).hasFocus()))
        qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Tab)
    assert order == ["estimator", "window", "step", "reject", "stripes"]


def test_units_can_be_those_of_an_uncalibrated_recording(theme, qtbot):
    form = Form(schema_of(Knobs), theme, units={"reject": "px/line"})
    qtbot.addWidget(form)
    assert form.editor("reject").accessibleName() == "Reject (px/line)"


def test_text_field_offers_what_was_used_before(metadata, qtbot):
    metadata.set_suggestions("species", ["Mouse", "Rat"])
    editor = metadata.editor("species")
    assert isinstance(editor, TextEdit)
    assert editor.property("bare") is False
    type_into(metadata, qtbot, "species", "Zebrafish ")
    qtbot.keyClick(editor, KEY.Key_Down)
    assert metadata.edits == [("species", "Zebrafish"), ("species", "Mouse")]
    with pytest.raises(ValueError, match="no suggestions"):
        metadata.set_suggestions("note", [])


def test_typing_is_not_added_to_the_suggestions(metadata, qtbot):
    metadata.set_suggestions("species", ["Mouse"])
    type_into(metadata, qtbot, "species", "Rat")
    assert metadata.editor("species").count() == 1


def test_completed_text_is_taken_as_typed(metadata, qtbot):
    metadata.set_suggestions("species", ["Mouse", "Rat"])
    type_into(metadata, qtbot, "species", "mou")
    assert metadata.edits == [("species", "mou")]


def test_note_has_lines_and_ends_with_ctrl_enter_or_focus(metadata, qtbot):
    note = metadata.editor("note")
    assert isinstance(note, NoteEdit)
    note.setFocus()
    qtbot.keyClicks(note, "dim")
    qtbot.keyClick(note, KEY.Key_Return)
    qtbot.keyClicks(note, "edge")
    assert metadata.edits == []
    qtbot.keyClick(note, KEY.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert metadata.edits == [("note", "dim\nedge")]
    qtbot.keyClicks(note, "!")
    metadata.editor("species").setFocus()
    assert len(metadata.edits) == 2


def test_read_only_fields_are_shown_and_can_be_selected(theme, qtbot):
    form = Form(header_schema(), theme)
    qtbot.addWidget(form)
    form.set_values({"shape": "(30000, 256)", "date": "", "physical_unit_y": 0.001})
    shape = form.editor("shape")
    assert isinstance(shape, ShownText)
    assert shape.text() == "(30000, 256)"
    assert shape.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert form.editor("date").text() == "–"
    form.set_enabled_fields(True)
    assert form.values()["shape"] == "(30000, 256)"


def test_groups_stand_under_captions(form):
    texts = [label.text() for label in form.findChildren(type(form._captions["Afterwards"]))]
    assert texts.count("Afterwards") == 1


def test_theme_switch_keeps_the_form(form, theme, qtbot):
    type_into(form, qtbot, "step", "900")
    theme.set_appearance("dark")
    theme.set_text_scale(1.4)
    assert form.fault("step")
    form.grab()
    theme.set_text_scale(1.0)
    theme.set_appearance("light")


FLOAT = FieldSchema("x", "X", ValueType.FLOAT, default_value=1.0, editable=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), ("1,5", 1.5), ("1e-3", 0.001), ("2 °", 2.0), (" 3 ", 3.0), ("\u22124", -4.0)],
)
def test_numbers_as_people_type_them(text, value):
    assert read_number(text, FLOAT, "°") == value


@pytest.mark.parametrize(
    ("now", "steps", "after"), [(0.25, 1, 0.26), (2.0, -1, 1.9), (0.0, 1, 0.1), (None, 1, 0.1)]
)
def test_a_step_is_a_tenth_of_the_leading_digit(now, steps, after):
    assert stepped(FLOAT, now, steps) == pytest.approx(after)


def test_stored_words_are_shown_as_words():
    assert choice_text("dark_vessel") == "Dark vessel"
    assert choice_text("dF/F0") == "dF/F0"


def test_unknown_choice_leaves_the_field_empty(form):
    form.set_values({"estimator": "newer"})
    assert isinstance(form.editor("estimator"), QComboBox)
    assert form.editor("estimator").currentText() == ""
    assert form.edits == []


def test_spin_box_shows_its_unit(theme, qtbot):
    field = FieldSchema("n", "N", ValueType.INT, default_value=1, editable=True)
    pictures = []
    for unit in ("", "lines"):
        spin = NumberSpin(field, unit)
        qtbot.addWidget(spin)
        spin.show_value(5)
        spin.resize(120, 24)
        pictures.append(spin.grab().toImage())
    assert pictures[0] != pictures[1]


def test_form_fits_a_narrow_panel_even_with_large_text(theme, qtbot):
    theme.set_text_scale(1.5)
    for schema in (header_schema(), experiment_schema(), schema_of(Knobs)):
        form = Form(schema, theme)
        qtbot.addWidget(form)
        assert form.minimumSizeHint().width() <= 280
    theme.set_text_scale(1.0)
