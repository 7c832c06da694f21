"""Folders, manifests, bad files, and saving many."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from acqcore.acq_image_list import AcqImageList, LoadWarning, find_recordings, read_manifest
from acqcore.errors import Cancelled


@pytest.fixture
def folder(make_tiff, tmp_path: Path) -> Path:
    for name in ("b.tif", "A.tif", "deep/c.tif", "deep/er/d.tif", ".hidden.tif", "._a.tif"):
        make_tiff(name, lines=64)
    (tmp_path / "notes.md").write_text("no recording")
    return tmp_path


def names(found) -> list[str]:
    return [one.name for one in found if isinstance(one, Path)]


def test_order_depth_and_hidden_files(folder: Path) -> None:
    assert names(find_recordings([folder])) == ["A.tif", "b.tif", "c.tif", "d.tif"]
    assert names(find_recordings([folder], 1)) == ["A.tif", "b.tif"]
    assert names(find_recordings([folder], 2)) == ["A.tif", "b.tif", "c.tif"]
    with pytest.raises(ValueError, match="starts at 1"):
        list(find_recordings([folder], 0))


def test_links_that_lead_in_a_circle(folder: Path) -> None:
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    assert names(find_recordings([folder], 9)) == ["A.tif", "b.tif", "c.tif", "d.tif"]


def test_a_mixture_is_opened_once_each(folder: Path) -> None:
    found = find_recordings([folder / "b.tif", folder, folder / "notes.md"])
    assert names(found) == ["b.tif", "A.tif", "c.tif", "d.tif", "notes.md"]


def test_cancel_at_once(folder: Path) -> None:
    with pytest.raises(Cancelled):
        list(find_recordings([folder], should_cancel=lambda: True))


def test_bad_files_are_warnings_and_the_rest_opens(folder: Path) -> None:
    (folder / "empty.tif").write_bytes(b"")
    (folder / "text.tif").write_text("hello there")
    (folder / "folder.tif").mkdir()
    os.mkfifo(folder / "pipe.tif")
    calls = []
    result = AcqImageList.load_safe(folder, progress_callback=lambda *call: calls.append(call))
    assert [image.name for image in result.acq_image_list] == ["A.tif", "b.tif", "c.tif", "d.tif"]
    assert len(result.warnings) == 4
    for warning in result.warnings:
        assert Path(warning.path).name in warning.message
        assert warning.message.endswith(".")
    assert [call[0] for call in calls] == list(range(9))
    assert calls[-1][1] == 8


def test_strict_list_raises(folder: Path) -> None:
    (folder / "empty.tif").write_bytes(b"")
    with pytest.raises(Exception, match=r"empty\.tif"):
        AcqImageList(folder)


def test_missing_and_unknown(tmp_path: Path) -> None:
    assert AcqImageList.load_safe(tmp_path / "no").warnings
    assert AcqImageList.load_safe(tmp_path, kind="zip").warnings


def test_access(folder: Path) -> None:
    images = AcqImageList(folder)
    first = images.get_file_by_index(0)
    assert images.get_file_by_id(first.file_id) is first
    assert images.has_file_id(first.file_id)
    assert images.get_default_selection() == (first.file_id, 0, None)
    assert len(images.get_tree_rows()) == len(images.get_schema_rows()) == len(images) == 4
    with pytest.raises(IndexError):
        images.get_file_by_index(99)


def test_save_all_goes_on_after_a_failure(folder: Path) -> None:
    images = AcqImageList(folder)
    for image in images:
        image.rois.create_rect_roi()
    broken = images.get_file_by_index(1)
    Path(broken.get_sidecar_json_path()).write_text("somebody else's")
    failed = images.save_all().failed
    assert [one.file_id for one in failed] == [broken.file_id]
    assert [image.is_dirty for image in images] == [False, True, False, False]


def test_save_all_can_be_stopped(folder: Path) -> None:
    images = AcqImageList(folder)
    for image in images:
        image.rois.create_rect_roi()
    first = images.get_file_by_index(0)
    steps = [step.event for step in images.iter_save_all(lambda: not first.is_dirty)]
    assert steps == ["saving", "saved", "cancelled"]


def test_manifest(folder: Path) -> None:
    csv = folder / "list.csv"
    csv.write_text("rel_path\nb.tif\n\nA.tif\nb.tif\n/etc/passwd\n../x.tif\nno.tif\n")
    found = list(read_manifest(csv))
    assert names(found) == ["b.tif", "A.tif"]
    faults = [one for one in found if isinstance(one, LoadWarning)]
    assert [one.row_index for one in faults] == [4, 5, 6, 7]
    assert len(AcqImageList.load_safe(csv).acq_image_list) == 2


def test_names_that_are_not_utf8(make_tiff, tmp_path: Path) -> None:
    path = make_tiff("plain.tif", lines=64)
    strange = tmp_path / os.fsdecode(b"caf\xe9.tif")
    path.rename(strange)
    images = AcqImageList(tmp_path)
    image = images.get_file_by_index(0)
    image.rois.create_rect_roi()
    image.save()
    assert len(AcqImageList(tmp_path).get_file_by_index(0).rois) == 1
