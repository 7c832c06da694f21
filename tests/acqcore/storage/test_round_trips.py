"""Any state comes back equal; any sidecar of the reference program keeps all that it holds."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acqcore.model.contrast import LUT_NAMES, ImageContrast
from acqcore.model.header import Calibration, ImageHeader
from acqcore.model.metadata import ExperimentMetadata
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable
from acqcore.model.roi import LineROI, RectROI
from acqcore.model.state import AcqState, Review
from acqcore.storage import sidecar
from acqcore.storage.sidecar import OnDisk, sidecar_path

HEADER = ImageHeader("a.tif", (200, 32), ("Y", "X"), "uint16", Calibration())
CALM = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=20,
)


@contextmanager
def folder() -> Iterator[Path]:
    """A fresh folder for one example."""
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def save(image: Path, state: AcqState, on_disk: OnDisk | None = None) -> OnDisk:
    return sidecar.write(image, HEADER, state, on_disk or OnDisk(), writer="test")


texts = st.text(max_size=8)  # with newlines, quotes, commas, and lone surrogates below
odd_texts = st.sampled_from(
    ["", "a,b", '"', "a\nb", "a\rb", "\r\n", "=1+1", "-2", "007", "1_0", "nan", "True", "ä€𝄞", "'",
     " pad ", "\udce9", "\ud800", "\x00x", "\u2028", "channel"]
)  # fmt: skip
whole = st.integers(-(2**63), 2**63 - 1)
numbers = st.floats() | st.sampled_from([-0.0, 1e-320, math.inf, -math.inf, math.nan, 0.1])
plain_numbers = st.floats(allow_nan=False, allow_infinity=False)

CELLS: dict[str, Any] = {
    "float64": numbers,
    "float32": st.floats(width=32),
    "int64": whole,
    "int16": st.integers(-(2**15), 2**15 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "bool": st.booleans(),
    "str": texts | odd_texts,
}


@st.composite
def tables(draw: st.DrawFn) -> ResultTable:
    rows = draw(st.integers(0, 4))
    names = draw(
        st.lists(
            (texts | odd_texts).filter(lambda name: name not in ("channel", "roi_id")),
            max_size=4,
            unique=True,
        )
    )
    columns = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(CELLS)))
        cells = draw(st.lists(CELLS[kind], min_size=rows, max_size=rows))
        columns[name] = np.array(cells, dtype=kind)
    return ResultTable(columns)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | plain_numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
blocks = st.dictionaries(texts, json_values, max_size=3)
steps = st.floats(1e-9, 1e9)
corners = st.integers(0, 10**6)
provenances = st.builds(
    Provenance,
    parameters=blocks,
    geometry=st.tuples(corners, corners, corners, corners),
    steps=st.tuples(steps, steps),
    time_utc=texts,
    versions=st.dictionaries(texts, texts, max_size=2),
    pixels=blocks,
    note=texts,
)
names_of_analyses = st.sampled_from(
    ["radon_velocity", "diameter", "event", "heart_rate", "sum_intensity", "ours alone"]
)
records = st.builds(
    AnalysisRecord,
    st.builds(AnalysisKey, names_of_analyses, st.integers(0, 2), st.integers(1, 3)),
    blocks,
    blocks,
    st.none() | tables(),
    st.none() | provenances,
).filter(lambda one: one.provenance is not None or (one.table is None and not one.summary))
roi_colors = st.sampled_from(["", "#9D92FF", "#00ff00"])
rects = st.builds(
    lambda i, a, b, c, d, *words: RectROI(i, a, a + b, c, c + d, *words),
    st.integers(-5, 50), corners, st.integers(1, 99), corners, st.integers(1, 99), texts, texts,
    roi_colors,
)  # fmt: skip
lines = st.builds(
    LineROI, st.integers(1, 50), corners, corners, corners, corners, texts, texts, roi_colors
)
contrasts = st.builds(
    ImageContrast,
    st.sampled_from(LUT_NAMES),
    *[st.integers(-5, 70000) | st.floats(-1e30, 1e30)] * 4,
)
states = st.builds(
    AcqState,
    review=st.sampled_from(Review),
    rois=st.lists(rects | lines, max_size=3, unique_by=lambda roi: roi.id).map(tuple),
    next_roi_id=st.integers(51, 99),
    experiment=st.builds(
        ExperimentMetadata,
        species=texts,
        note=texts | odd_texts,
        depth=st.none() | plain_numbers,
        branch_order=st.none() | st.integers(-9, 9),
    ),
    calibration=st.none() | st.builds(Calibration, steps, steps, texts, texts, texts),
    contrasts=st.dictionaries(st.integers(0, 5), contrasts, max_size=3).map(MappingProxyType),
    records=st.lists(records, max_size=4, unique_by=lambda one: one.key).map(tuple),
)


def assert_same_tables(one: AcqState, other: AcqState) -> None:
    """To the last bit and the type, which comparing states does not ask for."""
    for before, after in zip(one.records, other.records, strict=True):
        assert (before.table is None) == (after.table is None)
        if before.table is None or after.table is None:
            continue
        assert before.table.names == after.table.names
        for name in before.table.names:
            expected, found = before.table[name], after.table[name]
            assert expected.dtype.kind == found.dtype.kind
            if expected.dtype.kind == "f":
                assert (
                    np.array_equal(np.signbit(expected), np.signbit(found))
                    or np.isnan(expected).any()
                )
            assert np.array_equal(expected, found, equal_nan=expected.dtype.kind == "f")


@CALM
@given(state=states)
def test_any_state_with_any_table_comes_back_equal(state: AcqState) -> None:
    with folder() as path:
        save(path / "a.tif", state)
        loaded = sidecar.read(path / "a.tif", HEADER)
        assert loaded.problems == ()
        assert loaded.state == state
        assert_same_tables(state, loaded.state)


@CALM
@given(first=states, second=states)
def test_any_state_saved_over_any_other(first: AcqState, second: AcqState) -> None:
    """Nothing of the first comes back, except what only ever grows."""
    with folder() as path:
        on_disk = save(path / "a.tif", first)
        save(path / "a.tif", second, on_disk)
        loaded = sidecar.read(path / "a.tif", HEADER)
        assert loaded.problems == ()
        assert loaded.state == second
        assert_same_tables(second, loaded.state)
        assert not list(path.glob(".cs-*"))


# What the reference program writes, with whatever its successors may add anywhere.
unknown = st.dictionaries(
    st.sampled_from(["x_new", "theirs", "Ω"]), json_values.filter(lambda one: one is not None)
)


@st.composite
def roi_blocks(draw: st.DrawFn, roi_id: int) -> dict[str, Any]:
    top, left = draw(corners), draw(corners)
    rect = {"row_start": top, "row_stop": top + 5, "col_start": left, "col_stop": left + 3}
    line = {"row0": top, "col0": left, "row1": 3, "col1": 4}
    kind = draw(st.sampled_from(["rectroi", "linesegmentroi"]))
    return {
        "roi_id": roi_id,
        "roi_type": kind,
        "version": "1.0",
        "name": draw(texts),
        "note": draw(texts),
        "data": rect if kind == "rectroi" else line,
    }


@st.composite
def record_blocks(draw: st.DrawFn) -> dict[str, Any]:
    names = ["radon_velocity", "diameter", "sum_intensity", "sparks", "from later"]
    block = {
        "analysis_name": draw(st.sampled_from(names)),
        "channel": draw(st.integers(0, 2)),
        "roi_id": draw(st.integers(1, 3)),
    }
    optional = {"detection_params": draw(unknown), "summary": draw(unknown)}
    return draw(unknown) | block | {k: v for k, v in optional.items() if draw(st.booleans())}


@st.composite
def reference_documents(draw: st.DrawFn) -> dict[str, Any]:
    channels = draw(st.sets(st.sampled_from(["0", "1"])))
    experiment = draw(unknown) | {
        "species": draw(texts), "note": draw(texts), "branch_order": draw(st.none() | corners),
        "depth": draw(st.none() | plain_numbers), "_is_dirty": draw(st.booleans()),
    }  # fmt: skip
    document = {
        "version": 2,
        "accepted": draw(st.booleans()),
        "rois": [draw(roi_blocks(i + 1)) for i in range(draw(st.integers(0, 3)))],
        "experiment_metadata": experiment,
        "image_header_metadata": draw(unknown)
        | {"shape": "(200, 32)", "physical_unit_y": 0.5, "physical_label_y": "seconds",
           "physical_unit_x": draw(st.sampled_from([0.25, math.nan])), "physical_label_x": "um"},
        "analysis": draw(
            st.lists(
                record_blocks(),
                max_size=3,
                unique_by=lambda one: (one["analysis_name"], one["channel"], one["roi_id"]),
            )
        ),
    }  # fmt: skip
    if draw(st.booleans()):
        limits = {"value_min": 3, "value_max": 90, "img_min": 0, "img_max": 4095}
        document["image_contrast"] = {
            name: draw(unknown) | limits | {"color_lut": "Green"} for name in channels
        }
    if draw(st.booleans()):
        document["reference_image_metadata"] = draw(blocks)
    return draw(unknown) | document


def contained(part: Any, whole: Any) -> bool:
    """Whether every key and value of a block stands in the other; NaN counts as null."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            key in whole and contained(value, whole[key])
            for key, value in part.items()
            if key != "_is_dirty"
        )
    if isinstance(part, float) and not math.isfinite(part):
        return whole is None
    return part == whole


@CALM
@given(document=reference_documents(), rows=st.lists(numbers, min_size=1, max_size=3))
def test_a_reference_sidecar_keeps_everything(document: dict[str, Any], rows: list[float]) -> None:
    with folder() as path:
        image, file = path / "a.tif", sidecar_path(path / "a.tif")
        file.write_text(json.dumps(document, indent=2, sort_keys=True))
        foreign = path / "a.tif.sparks.csv"
        foreign.write_bytes(
            "".join(["channel,roi_id,t\r\n", *(f"0,1,{v}\r\n" for v in rows)]).encode()
        )
        csv_before = foreign.read_bytes()
        loaded = sidecar.read(image, HEADER)
        assert loaded.problems == ()

        save(image, loaded.state.with_review(Review.UNDECIDED), loaded.on_disk)

        stored = json.loads(file.read_text())
        listed, own = stored.pop("analysis"), stored["cloudscope"]["analysis"]
        for block in document.pop("analysis"):
            assert any(contained(block, one) for one in listed + own)
        document["accepted"] = True
        header = document["image_header_metadata"]
        if math.isnan(header["physical_unit_x"]):  # no step, so its unit is kept apart
            apart = stored["cloudscope"]["kept"]["image_header_metadata"]
            assert apart["physical_label_x"] == header.pop("physical_label_x")
            del header["physical_unit_x"]
        assert stored.pop("rois") == document.pop("rois")
        assert contained(document, stored)
        assert foreign.read_bytes() == csv_before
        again = sidecar.read(image, HEADER)
        assert again.problems == ()
        assert again.state == loaded.state.with_review(Review.UNDECIDED)


def test_a_stored_calibration_that_is_not_used_is_kept(tmp_path: Path) -> None:
    theirs = {"physical_unit_y": 0.5, "physical_unit_x": 0.25}
    labels = {"physical_label_y": "seconds", "physical_label_x": "um"}
    document = {
        "version": 2, "accepted": True, "rois": [], "experiment_metadata": {}, "analysis": [],
        "image_header_metadata": theirs | labels,
    }  # fmt: skip
    image = tmp_path / "a.tif"
    sidecar_path(image).write_text(json.dumps(document))
    header = replace(HEADER, calibration=Calibration(0.001, 0.3, "seconds", "um", "TIFF"))
    loaded = sidecar.read(image, header)
    assert loaded.state.calibration is None
    sidecar.write(image, header, loaded.state, loaded.on_disk, writer="test")
    stored = json.loads(sidecar_path(image).read_text())
    assert stored["image_header_metadata"]["physical_unit_x"] == 0.3
    assert stored["cloudscope"]["kept"]["image_header_metadata"] == theirs | labels


def test_a_contrast_that_was_undone_does_not_come_back(tmp_path: Path) -> None:
    image, chosen = tmp_path / "a.tif", ImageContrast("Gray", 0.25, 0.5, 0.0, 1.0)
    on_disk = save(image, AcqState().with_contrast(0, chosen))
    save(image, AcqState(), on_disk)
    assert sidecar.read(image, HEADER).state == AcqState()


def test_tables_of_one_analysis_may_differ_in_columns(tmp_path: Path) -> None:
    ran = Provenance({}, (0, 9, 0, 9), (1.0, 1.0))
    old = ResultTable({"t": np.arange(2), "x": np.array(["", "b"])})
    later = ResultTable(
        {"x": np.array([1.5]), "flag": np.array([True]), "t": np.array([2**63 - 1])}
    )
    none = AnalysisRecord(AnalysisKey("diameter", 0, 3))
    state = AcqState(
        rois=tuple(RectROI(number, 0, 9, 0, 9) for number in (1, 2, 3)),
        next_roi_id=4,
        records=(
            AnalysisRecord(AnalysisKey("diameter", 0, 1), {}, {}, old, ran),
            AnalysisRecord(AnalysisKey("diameter", 0, 2), {}, {}, later, ran),
            none,
        ),
    )
    save(tmp_path / "a.tif", state)
    loaded = sidecar.read(tmp_path / "a.tif", HEADER).state
    assert loaded == state
    assert_same_tables(state, loaded)


def test_a_text_longer_than_csv_readers_like(tmp_path: Path) -> None:
    table = ResultTable({"note": np.array(["x" * 200_000])})
    ran = Provenance({}, (0, 9, 0, 9), (1.0, 1.0))
    state = AcqState(records=(AnalysisRecord(AnalysisKey("event", 0, 1), {}, {}, table, ran),))
    save(tmp_path / "a.tif", state)
    assert sidecar.read(tmp_path / "a.tif", HEADER).state.records == state.records


def test_rows_that_were_replaced_are_there_for_undo(tmp_path: Path) -> None:
    """Tables are read late; a save that removes their file reads them first."""
    image, ran = tmp_path / "a.tif", Provenance({}, (0, 9, 0, 9), (1.0, 1.0))
    for after in ("deleted", "run again"):
        first = AnalysisRecord(
            AnalysisKey("diameter", 0, 1), {}, {}, ResultTable({"t": np.arange(5.0)}), ran
        )
        sidecar_path(image).unlink(missing_ok=True)
        (tmp_path / "a.tif.diameter.csv").unlink(missing_ok=True)
        save(image, AcqState(records=(first,)))
        opened = sidecar.read(image, HEADER)
        other = replace(first, table=ResultTable({"t": np.arange(9.0)}))
        edited = (
            opened.state.without_record(first.key)
            if after == "deleted"
            else opened.state.with_record(other)
        )
        on_disk = save(image, edited, opened.on_disk)
        save(image, opened.state, on_disk)  # undone
        back = sidecar.read(image, HEADER).state.records[0].table
        assert back is not None
        np.testing.assert_array_equal(back["t"], np.arange(5.0))


def test_a_csv_of_another_program_is_not_deleted_with_its_record(tmp_path: Path) -> None:
    """Not even after saves that listed it."""
    image, theirs = tmp_path / "a.tif", tmp_path / "a.tif.sparks.csv"
    theirs.write_text("channel,roi_id,t\n0,1,0.5\n")
    records = [{"analysis_name": "sparks", "channel": 0, "roi_id": roi_id} for roi_id in (1, 2)]
    sidecar_path(image).write_text(
        json.dumps({"version": 2, "accepted": True, "rois": [], "analysis": records})
    )
    loaded = sidecar.read(image, HEADER)
    save(image, loaded.state, loaded.on_disk)
    again = sidecar.read(image, HEADER)
    assert again.state == loaded.state
    save(image, replace(again.state, records=()), again.on_disk)
    assert theirs.read_text() == "channel,roi_id,t\n0,1,0.5\n"
