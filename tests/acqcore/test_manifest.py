"""Manifests: written, shuffled, sampled, blinded, and read with their faults."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from acqcore.acq_image_list import AcqImageList, LoadErrorType, PathKind
from acqcore.errors import SidecarError
from acqcore.manifest import (
    BlindedOrder,
    randomized_master,
    read_master,
    sampled,
    write_master,
)

FILES = [(f"{group}/{n}.tif", group) for n in range(8) for group in ("young", "old")]


@pytest.fixture
def images(make_tiff, tmp_path: Path) -> AcqImageList:
    for name in ("b.tif", "a,1.tif", "deep/c é.tif"):
        make_tiff(name, lines=64)
    return AcqImageList(tmp_path)


def names(images: AcqImageList) -> list[str]:
    return [image.name for image in images]


def test_written_manifest_opens_as_the_same_list(images: AcqImageList, tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    images.to_manifest_csv(manifest)
    assert manifest.read_text().splitlines()[0] == "_rel_path"
    assert "deep/c é.tif" in manifest.read_text()
    assert names(AcqImageList(manifest)) == names(images)
    elsewhere = tmp_path / "deep" / "other.csv"
    with pytest.raises(ValueError, match="subpath"):
        images.to_manifest_csv(elsewhere)
    images.to_manifest_csv(elsewhere, root=tmp_path)
    assert len(AcqImageList(elsewhere, root_path=tmp_path)) == 3


def test_names_that_are_not_utf8_come_back(make_tiff, tmp_path: Path) -> None:
    strange = tmp_path / os.fsdecode(b"caf\xe9, 1.tif")
    make_tiff("plain.tif", lines=64).rename(strange)
    AcqImageList(tmp_path).to_manifest_csv(tmp_path / "list.csv")
    assert names(AcqImageList(tmp_path / "list.csv")) == [strange.name]


def test_every_fault_has_its_row_and_its_kind(images: AcqImageList, tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("no recording")
    rows = ["b.tif", '""', "/etc/passwd", "../x.tif", "b.tif", "no.tif", "notes.docx"]
    manifest = tmp_path / "list.csv"
    manifest.write_text("\n".join(["_rel_path", *rows]) + "\n")
    result = AcqImageList.load_safe(manifest)
    assert names(result.acq_image_list) == ["b.tif"]
    assert [one.row_index for one in result.warnings] == [3, 4, 5, 6, 7, 8]
    of_csv = LoadErrorType.CSV_ERROR
    last = [LoadErrorType.MISSING_FILE, LoadErrorType.UNSUPPORTED_FILE_TYPE]
    assert [one.error_type for one in result.warnings] == [of_csv] * 4 + last
    assert [one.rel_path for one in result.warnings][-2:] == ["no.tif", "notes.docx"]
    with pytest.raises(ValueError, match="row 3: the path is blank"):
        AcqImageList(manifest, path_kind=PathKind.CSV)


def test_a_csv_without_paths(tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text("name\na.tif\n")
    (warning,) = AcqImageList.load_safe(manifest).warnings
    assert warning.error_type is LoadErrorType.CSV_ERROR


def test_the_order_depends_on_the_seed_alone() -> None:
    master = randomized_master(FILES, 7)
    again = randomized_master(FILES[::-1], 7)
    assert [row.rel_path for row in again] == [row.rel_path for row in master]
    assert randomized_master(FILES, 8) != master
    assert [row.group for row in master] == ["old"] * 8 + ["young"] * 8
    assert [row.random_order for row in master] == [*range(1, 9)] * 2
    assert all(FILES[row.source_index] == (row.rel_path, row.group) for row in master)
    with pytest.raises(ValueError, match="no group"):
        randomized_master([*FILES, ("x.tif", " ")], 7)


def test_the_order_is_the_same_on_every_computer() -> None:
    master = randomized_master([(f"{n}.tif", "g") for n in range(6)], 1)
    assert [row.source_index for row in master] == [2, 3, 5, 0, 4, 1]


def test_samples_are_balanced_or_refused() -> None:
    master = randomized_master(FILES[:-2] + FILES[-1:], 7)  # 7 young, 8 old
    four = sampled(master, 4)
    assert [row.group for row in four] == ["old"] * 4 + ["young"] * 4
    assert [row.random_order for row in four] == [1, 2, 3, 4] * 2
    with pytest.raises(ValueError, match="fewer than 8 recordings in young"):
        sampled(master, 8)
    assert len(sampled(master, 8, allow_unbalanced=True)) == 15
    with pytest.raises(ValueError, match="at least one"):
        sampled(master, 0)


def test_master_of_a_list(images: AcqImageList, tmp_path: Path) -> None:
    path = tmp_path / "master.csv"
    with pytest.raises(ValueError, match="no group"):
        images.to_randomized_master_csv(path, group_field="condition", seed=1)
    assert not path.exists()
    for image, condition in zip(images, ("saline", "drug", "drug"), strict=True):
        image.apply_metadata_patch("experiment_metadata", {"condition": condition})
    rows = images.to_randomized_master_csv(path, group_field="condition", seed=1)
    assert read_master(path) == rows
    with path.open(newline="", encoding="utf-8") as stream:
        columns = ["_rel_path", "_group", "_random_order", "_source_index"]
        assert csv.DictReader(stream).fieldnames == columns
    assert len(AcqImageList(path)) == 3
    sample = tmp_path / "sample.csv"
    write_master(sample, sampled(rows, 1))
    assert len(AcqImageList(sample)) == 2
    for field in ("num_rois", "depth", "path", "weather"):
        with pytest.raises(ValueError, match="cannot be grouped"):
            images.to_randomized_master_csv(path, group_field=field, seed=1)
    accepted = images.to_randomized_master_csv(path, group_field="accept", seed=1)
    assert {row.group for row in accepted} == {"True"}


def test_a_master_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "master.csv"
    path.write_text("_rel_path\na.tif\n")
    with pytest.raises(SidecarError, match="not a randomised master"):
        read_master(path)


def test_blinded_labels_are_stable(images: AcqImageList) -> None:
    order = images.get_blinded_order(seed=3)
    assert sorted(order.labels.values()) == ["File 1", "File 2", "File 3"]
    assert images.get_blinded_order(seed=3) == order
    ids = [image.file_id for image in images]
    assert BlindedOrder().extended(ids[::-1], 3) == order
    assert [order.label(file_id) for file_id in order.file_ids()] == ["File 1", "File 2", "File 3"]
    longer = order.extended([*ids, "z", "y"], 4)
    assert all(longer.label(one) == order.label(one) for one in ids)
    assert {longer.label("y"), longer.label("z")} == {"File 4", "File 5"}


@pytest.mark.parametrize("row", ["x" * 300 + ".tif", "nul\0.tif"], ids=["too long", "nul"])
def test_a_name_that_no_disk_holds_is_a_row_with_a_warning(make_tiff, tmp_path, row) -> None:
    make_tiff("good.tif", lines=64)
    (tmp_path / "list.csv").write_text(f"rel_path\n{row}\ngood.tif\n")
    result = AcqImageList.load_safe(tmp_path / "list.csv")
    assert [one.name for one in result.acq_image_list] == ["good.tif"]
    assert [one.row_index for one in result.warnings] == [2]
