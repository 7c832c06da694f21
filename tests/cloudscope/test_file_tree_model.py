"""The file tree's model: Qt's rules, natural order, filter, and rows that stay put."""

from __future__ import annotations

import os
import random
import unicodedata
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from acqcore.model.metadata import experiment_schema
from acqcore.model.record import AnalysisKey
from acqcore.model.tree_rows import analysis_row, file_list_schema, file_row
from cloudscope.item_models import file_tree_entry
from cloudscope.item_models.file_tree import FileTreeModel, RowMarks

Role = Qt.ItemDataRole
SPEED = AnalysisKey("speed", 0, 1)
WIDTH = AnalysisKey("width", 0, 1)
PULSE = AnalysisKey("pulse", 0, 2)


def rows_of(name, *keys, condition="Ctrl", parent="day1", genotype="WT", path=""):
    file_id = path or f"/data/{parent}/{name}"
    values = {
        "name": name,
        "saved": True,
        "path": file_id,
        "parent": parent,
        "grandparent": "data",
        "condition": condition,
        "genotype": genotype,
        "num_channels": 1,
        "num_rois": 1,
        "accept": True,
    }
    return [file_row(file_id, values), *(analysis_row(file_id, key) for key in keys)]


def id_of(rows):
    return rows[0]["tree_row_id"]


def filled(*rows, **marks):
    model = FileTreeModel()
    model.add_files([(one, RowMarks(**marks)) for one in rows])
    return model


def names(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def children(model, row=0):
    parent = model.index(row, 0)
    return [model.index(at, 0, parent).data() for at in range(model.rowCount(parent))]


def cell(model, row, field, role=Role.DisplayRole):
    return model.index(row, model.column_of(field)).data(role)


@pytest.fixture(autouse=True)
def two_analyses(monkeypatch):
    known = {
        "speed": SimpleNamespace(title="Velocity (Radon)"),
        "width": SimpleNamespace(title="Diameter"),
    }
    monkeypatch.setattr(file_tree_entry, "analyses", lambda: known)


def test_it_keeps_to_the_rules_of_qt_whatever_happens(qtmodeltester, qtlog):
    model = filled(rows_of("cap1.tif", SPEED, WIDTH), rows_of("cap2.tif"))
    qtmodeltester.check(model, force_py=False)
    say = QAbstractItemModelTester.FailureReportingMode.Warning
    watching = QAbstractItemModelTester(model, say)
    at_random = random.Random(7)
    keys = [SPEED, WIDTH, PULSE]

    for step in range(120):
        ids = list(model._entries)
        some = rows_of(
            f"cap{at_random.randrange(12)}.tif",
            *at_random.sample(keys, at_random.randrange(4)),
            condition=at_random.choice(["Ctrl", "Hyp"]),
        )
        match at_random.randrange(8):
            case 0 if ids:
                model.remove_file(at_random.choice(ids))
            case 1:
                model.sort(at_random.randrange(-1, 6), Qt.SortOrder.DescendingOrder)
            case 2:
                model.set_filter(at_random.choice(["", "hyp", "1 c", "nothing"]))
            case 3:
                model.add_problem(f"/data/bad{at_random.randrange(3)}.tif", "It is truncated.")
            case 4 if step % 20 == 0:
                model.reset()
            case _:
                model.add_file(some, RowMarks(dirty=bool(step % 2)))

    assert [record.message for record in qtlog.records] == []
    assert watching.model() is model
    shown = [model.index(row, 0) for row in range(model.rowCount())]
    assert [model.index_of(model.file_id_of(index)) for index in shown] == shown


def test_columns_come_from_the_schema_with_the_review_in_front():
    columns = [field.name for field in FileTreeModel().columns]

    assert columns[:5] == ["name", "saved", "accept", "condition", "num_rois"]
    assert set(file_list_schema().field_names()) < set(columns)
    assert set(experiment_schema().field_names()) < set(columns)
    assert len(columns) == len(set(columns))


def test_names_sort_like_a_person_would():
    model = filled(*map(rows_of, ("cap10.tif", "Cap2.tif", "cap2 b.tif", "art1.tif")))

    model.sort(0, Qt.SortOrder.AscendingOrder)
    assert names(model) == ["art1", "Cap2", "cap2 b", "cap10"]
    model.sort(0, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["cap10", "cap2 b", "Cap2", "art1"]
    model.sort(-1)
    assert names(model) == ["cap10", "Cap2", "cap2 b", "art1"]


def test_any_column_sorts_even_where_values_are_missing():
    model = filled(
        rows_of("a.tif", condition="Hyp"), rows_of("b.tif", condition=None), rows_of("c.tif")
    )
    model.add_problem("/data/d.tif", "It is truncated.")

    for column in range(model.columnCount()):
        model.sort(column, Qt.SortOrder.AscendingOrder)
    model.sort(model.column_of("condition"))
    assert names(model)[:2] == ["c", "a"]


def test_a_sorted_tree_takes_further_files_in_their_place():
    model = filled(rows_of("cap1.tif"), rows_of("cap9.tif"))
    model.sort(0)

    model.add_files([(rows_of(f"cap{n}.tif"), RowMarks()) for n in (5, 20, 3)])

    assert names(model) == ["cap1", "cap3", "cap5", "cap9", "cap20"]
    assert [model.index_of(f"/data/day1/cap{n}.tif").row() for n in (1, 5, 20)] == [0, 2, 4]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 3),
        ("CAP", 2),
        ("cap hyp", 1),
        ("hyp cap", 1),
        ("day2", 1),
        ("ko", 1),
        (unicodedata.normalize("NFD", "Müller"), 1),
        ("zebra", 0),
    ],
)
def test_every_word_of_the_filter_must_occur_somewhere(text, expected):
    model = filled(
        rows_of("cap1.tif", condition="Hyp"),
        rows_of("cap2.tif", parent="day2", genotype="KO"),
        rows_of(unicodedata.normalize("NFC", "MÜLLER.tif")),
    )

    model.set_filter(text)

    assert model.rowCount() == len(model.visible_file_ids()) == expected
    assert model.count == 3


def test_filter_and_sort_keep_hold_of_rows():
    model = filled(rows_of("a.tif", SPEED), rows_of("b.tif", WIDTH, SPEED), rows_of("c.tif"))
    file_b = QPersistentModelIndex(model.index(1, 3))
    below_b = QPersistentModelIndex(model.index(1, 0, model.index(1, 0)))
    file_a = QPersistentModelIndex(model.index(0, 0))

    model.sort(0, Qt.SortOrder.DescendingOrder)
    assert (file_a.row(), file_b.row(), file_b.column()) == (2, 1, 3)
    assert below_b.data() == "Velocity · 1"
    model.set_filter("b.tif")
    assert not file_a.isValid()
    assert file_b.row() == 0
    assert below_b.parent() == model.index_of("/data/day1/b.tif")


def test_a_changed_recording_replaces_only_what_differs(qtbot):
    rows = rows_of("a.tif", SPEED, WIDTH)
    model = filled(rows, rows_of("b.tif"))
    kept = QPersistentModelIndex(model.index(1, 0, model.index(0, 0)))
    heard = []
    model.rowsInserted.connect(lambda parent, first, last: heard.append(("in", first, last)))
    model.rowsRemoved.connect(lambda parent, first, last: heard.append(("out", first, last)))

    model.update_file(id_of(rows), rows_of("a.tif", WIDTH, PULSE), RowMarks())

    assert heard == [("out", 0, 0), ("in", 1, 1)]
    assert children(model) == ["Diameter · 1", "pulse · 2"]
    assert (kept.row(), kept.data()) == (0, "Diameter · 1")


def test_an_undo_may_put_analyses_into_another_order():
    rows = rows_of("a.tif", SPEED, WIDTH)
    model = filled(rows)

    model.update_file(id_of(rows), rows_of("a.tif", PULSE, WIDTH, SPEED), RowMarks())

    assert children(model) == ["pulse · 2", "Diameter · 1", "Velocity · 1"]


def test_an_edit_moves_no_row_and_hides_none():
    rows = rows_of("a.tif", condition="Ctrl")
    model = filled(rows, rows_of("b.tif", condition="Ctrl"), rows_of("c.tif", condition="Hyp"))
    model.set_filter("ctrl")
    model.sort(model.column_of("condition"))

    model.update_file(id_of(rows), rows_of("a.tif", condition="Zero"), RowMarks())
    assert names(model) == ["a", "b"]
    assert cell(model, 0, "condition") == "Zero"
    model.update_file("/data/day1/c.tif", rows_of("c.tif", condition="Ctrl"), RowMarks())
    assert names(model) == ["b", "c"]


def test_a_hidden_recording_can_change_and_go():
    rows = rows_of("b.tif", SPEED)
    model = filled(rows_of("a.tif"), rows)
    model.set_filter("a.tif")

    model.update_file(id_of(rows), rows_of("b.tif", WIDTH, PULSE), RowMarks())
    assert not model.index_of(id_of(rows)).isValid()
    model.set_filter("")
    assert children(model, 1) == ["Diameter · 1", "pulse · 2"]
    model.set_filter("a.tif")
    model.remove_file(id_of(rows))
    model.set_filter("")
    assert names(model) == ["a"]
    with pytest.raises(KeyError):
        model.update_file(id_of(rows), rows, RowMarks())


def test_an_unreadable_file_is_a_row_but_no_recording():
    model = filled(rows_of("a.tif"))
    model.add_problem("/data/day1/bad.tif", "Cannot read bad.tif: it is truncated.")
    index = model.index_of("/data/day1/bad.tif")

    assert index.data() == "bad"
    assert "truncated" in index.data(Role.ToolTipRole)
    assert index.flags() == Qt.ItemFlag.ItemIsEnabled
    assert cell(model, 1, "accept", Role.CheckStateRole) is None
    assert (model.count, model.visible_file_ids()) == (1, ["/data/day1/a.tif"])
    assert model.is_unreadable(index)
    model.add_file(rows_of("bad.tif"), RowMarks())  # it was repaired, the folder read again
    assert (model.count, model.is_unreadable(index)) == (2, False)


def test_a_name_that_is_not_utf8_is_shown_and_never_read_back():
    path = os.fsdecode(b"/data/day1/caf\xe9 1.tif")
    model = filled(rows_of(os.path.basename(path), SPEED, path=path))
    half = rows_of("b.tif", condition="\ud800 half a character")
    model.add_file(half, RowMarks())

    assert names(model) == ["caf\N{REPLACEMENT CHARACTER} 1", "b"]
    assert model.visible_file_ids()[0] == path
    assert model.file_id_of(model.index(0, 0, model.index(0, 0))) == path
    assert cell(model, 1, "condition").endswith("half a character")
    assert "caf\N{REPLACEMENT CHARACTER}" in cell(model, 0, "name", Role.ToolTipRole)


def test_data_answers_any_question():
    model = filled(rows_of("a.tif", SPEED))
    child = model.index(0, 0, model.index(0, 0))
    gone = model.index_of("/data/day1/a.tif")
    model.remove_file("/data/day1/a.tif")

    for index in (QModelIndex(), child, gone):
        for role in range(270):
            assert model.data(index, role) is None
        assert model.row_of(index) == {}
        assert model.file_id_of(index) == ""
        assert not model.is_unreadable(index)
    assert model.headerData(99, Qt.Orientation.Horizontal) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_the_last_of_two_rows_for_one_file_counts():
    model = filled(rows_of("a.tif", SPEED), rows_of("a.tif", WIDTH))

    assert (names(model), children(model)) == (["a"], ["Diameter · 1"])
    model.reset()
    assert model.is_empty
