"""Opening and saving many: progress, stops, failures."""

from __future__ import annotations

from pathlib import Path

import pytest

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList, LoadCancelled, LoadErrorType, find_recordings
from acqcore.errors import Cancelled


@pytest.fixture
def folder(make_tiff, tmp_path: Path) -> Path:
    for name in ("a.tif", "b.tif", "c.tif", "d.tif"):
        make_tiff(name, lines=64)
    return tmp_path


@pytest.fixture
def edited(folder: Path) -> AcqImageList:
    images = AcqImageList(folder)
    for image in images:
        image.rois.create_rect_roi()
    return images


def test_report_names_every_file(edited: AcqImageList) -> None:
    second = edited.get_file_by_index(1)
    Path(second.get_sidecar_json_path()).write_text("somebody else's")
    steps = []
    report = edited.save_all(progress_callback=steps.append)
    assert [Path(one).name for one in report.saved] == ["a.tif", "c.tif", "d.tif"]
    assert [one.file_id for one in report.failed] == [second.file_id]
    assert "changed by another program" in report.failed[0].message
    assert not report.cancelled
    assert [step.event for step in steps][:4] == ["saving", "saved", "saving", "failed"]
    assert [step.completed for step in steps] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert {step.total for step in steps} == {4}
    assert Path(second.get_sidecar_json_path()).read_text() == "somebody else's"


def test_a_stop_names_the_file_that_comes_next(edited: AcqImageList) -> None:
    first = edited.get_file_by_index(0)
    steps = []
    report = edited.save_all(
        should_cancel=lambda: not first.is_dirty, progress_callback=steps.append
    )
    assert report.cancelled
    assert report.saved == (first.file_id,)
    assert steps[-1].event == "cancelled"
    assert steps[-1].file_id == edited.get_file_by_index(1).file_id
    assert [image.is_dirty for image in edited] == [False, True, True, True]


def test_a_read_only_folder_fails_and_the_rest_goes_on(edited: AcqImageList, monkeypatch) -> None:
    def full(self: AcqImage, *, overwrite: bool = False) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AcqImage, "save", full)
    report = edited.save_all()
    assert len(report.failed) == 4
    assert all(image.is_dirty for image in edited)


def test_nothing_to_save(folder: Path) -> None:
    images = AcqImageList(folder)
    assert not images.has_dirty_files()
    assert images.save_all().saved == ()
    assert list(images.iter_save_all()) == []


def test_a_stopped_opening_keeps_what_was_open(folder: Path) -> None:
    done = []
    with pytest.raises(LoadCancelled) as stopped:
        AcqImageList.load_safe(
            folder,
            progress_callback=lambda n, total, text: done.append(n),
            should_cancel=lambda: done[-1:] == [2],
        )
    assert isinstance(stopped.value, Cancelled)
    assert [one.name for one in stopped.value.result.acq_image_list] == ["a.tif", "b.tif"]
    assert stopped.value.result.discovered_count == 4


def test_a_search_through_folders_stops_too(folder: Path) -> None:
    with pytest.raises(LoadCancelled) as stopped:
        AcqImageList.load_safe(folder, should_cancel=lambda: True)
    assert len(stopped.value.result.acq_image_list) == 0


def test_warnings_say_what_kind_of_fault(folder: Path) -> None:
    (folder / "b.tif").write_bytes(b"")
    (folder / "notes.docx").write_text("hello")

    def factory(path: Path) -> AcqImage:
        if path.name == "c.tif":
            raise ValueError("not this one")
        return AcqImage(path)

    result = AcqImageList.load_safe(folder, file_factory=factory)
    assert len(result.acq_image_list) == 2
    assert [one.error_type for one in result.warnings] == [LoadErrorType.LOADER_ERROR] * 2
    assert result.warnings[1].message == "not this one"
    (unknown,) = AcqImageList.load_safe(folder / "notes.docx").warnings
    assert unknown.error_type is LoadErrorType.UNSUPPORTED_FILE_TYPE
    (missing,) = AcqImageList.load_safe(folder / "no.tif").warnings
    assert missing.error_type is LoadErrorType.MISSING_FILE


def test_a_choice_of_extensions(folder: Path) -> None:
    (folder / "x.czi").write_bytes(b"")
    every = [one.name for one in find_recordings([folder])]
    assert set(every) >= {"a.tif", "b.tif", "c.tif", "d.tif"}
    chosen = [one.name for one in find_recordings([folder], extensions=["TIF"])]
    assert chosen == ["a.tif", "b.tif", "c.tif", "d.tif"]
    assert len(AcqImageList(folder, extensions=[".tif"])) == 4
    for wrong in ([], ["docx"]):
        with pytest.raises(ValueError, match="choose extensions"):
            list(find_recordings([folder], extensions=wrong))
