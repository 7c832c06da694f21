"""Lists of a result: rows, single events, and stretches that are not to be trusted."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from acqcore.acq_image import AcqImage
from acqcore.analysis import analyses
from acqcore.analysis.event import add_events, review_event
from acqcore.errors import SaveFailed
from acqcore.export import export_csv
from acqcore.found import FLAGGED, FOUND, ROWS, list_columns, listing, listings
from acqcore.model.record import AnalysisKey, AnalysisRecord, Provenance, ResultTable

EVENT, VELOCITY = AnalysisKey("event", 0, 1), AnalysisKey("radon_velocity", 0, 1)
RADON = analyses()["radon_velocity"]


def test_every_analysis_has_lists_and_their_columns_fit() -> None:
    for analysis in analyses().values():
        offered = listings(analysis)
        assert offered, analysis.name
        assert (FOUND in offered) == bool(analysis.found_title)
        for kind in offered:
            empty = listing(AnalysisRecord(AnalysisKey(analysis.name, 0, 1)), analysis, kind)
            assert len(empty.spans) == 0
            assert list_columns(analysis, kind)
    assert listings(analyses()["event"]) == {FOUND: "Events"}
    assert listings(analyses()["sum_intensity"])[FOUND] == "Peaks"
    assert listings(RADON) == {ROWS: "Rows", FLAGGED: "Quality"}


def velocity(flags: list[str]) -> AnalysisRecord:
    rows = {
        "time_s": 0.1 * np.arange(1, len(flags) + 1),
        "velocity": np.ones(len(flags)),
        "flag": np.array(flags, "U12"),
    }
    return AnalysisRecord(VELOCITY, {}, {}, ResultTable(rows), Provenance({}, (), (0.001, 0.25)))


def test_stretches_of_one_flag() -> None:
    flags = ["blank", "", "low_snr", "low_snr", "blank", "", "", "low_snr"]
    found = listing(velocity(flags), RADON, FLAGGED)
    assert found.values["flag"].tolist() == ["blank", "low_snr", "blank", "low_snr"]
    assert found.values["rows"].tolist() == [1, 2, 1, 1]
    np.testing.assert_allclose(found.spans, [[0.1, 0.1], [0.3, 0.4], [0.5, 0.5], [0.8, 0.8]])
    assert [column.name for column in found.columns] == list(found.values)
    for good in ([], ["", ""]):
        assert len(listing(velocity(good), RADON, FLAGGED).spans) == 0
    whole = listing(velocity(["blank"] * 5), RADON, FLAGGED)
    assert whole.values["rows"].tolist() == [5]


@pytest.fixture
def image(make_tiff) -> AcqImage:
    found = AcqImage(make_tiff("a.tif"))
    found.rois.create_rect_roi(None)
    for name in ("radon_velocity", "sum_intensity"):
        key = found.analysis_set.create(name, channel=0, roi_id=1)
        found.analysis_set.run_analysis(key.key)
    parent = found.state.record(VELOCITY)
    record = add_events(AnalysisRecord(EVENT), parent, [(0.5, 0.4, "fall"), (0.1, 0.2, "rise")])
    found._replace(found.state.with_record(review_event(record, 1, False)))
    return found


def test_events_in_order_of_time(image: AcqImage) -> None:
    analysis = analyses()["event"]
    found = listing(image.state.record(EVENT), analysis, FOUND)
    assert [column.name for column in found.columns] == list(found.values)
    assert found.values["id"].tolist() == [2, 1]
    assert found.values["accepted"].tolist() == ["accepted", "rejected"]
    assert found.values["detector"].tolist() == ["drawn", "drawn"]
    np.testing.assert_allclose(found.spans, [[0.1, 0.2], [0.4, 0.5]])
    assert found.values["event_n"].min() > 0
    units = {one.name: analysis.unit_of(one, image.calibration) for one in found.columns}
    assert units["event_mean"] == "um/s"


def test_peaks_have_their_columns(image: AcqImage) -> None:
    analysis = analyses()["sum_intensity"]
    record = image.state.record(AnalysisKey("sum_intensity", 0, 1))
    found = listing(record, analysis, FOUND)
    assert [column.name for column in found.columns] == list(found.values)
    assert len(found.spans) == record.summary["num_peaks"]


def test_lists_as_csv(image: AcqImage, tmp_path: Path) -> None:
    target = tmp_path / "events.csv"
    export_csv(image, target, analysis_name="event", listed=FOUND)
    head, units, *rows = csv.reader(target.read_text().splitlines())
    assert head[:5] == ["file", "channel", "roi_id", "out_of_date", "id"]
    assert units[head.index("event_mean")] == "um/s"
    assert [row[head.index("event_type")] for row in rows] == ["rise", "fall"]
    export_csv(image, tmp_path / "quality.csv", analysis_name="radon_velocity", listed=FLAGGED)
    with pytest.raises(SaveFailed):
        export_csv(image, tmp_path / "x.csv", analysis_name="diameter", listed=FLAGGED)
