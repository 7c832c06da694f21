"""The row contract of the file tree: one row per file, one per analysis below it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acqcore.model.record import AnalysisKey
from acqcore.model.schema import SchemaDefinition, ValueType, described, schema_of

TREE_ROW_ID = "tree_row_id"
HIERARCHY_PATH = "hierarchy_path"
TREE_ROW_TYPE = "tree_row_type"
ANALYSIS_NAME = "analysis_name"
CHANNEL = "channel"
ROI_ID = "roi_id"
FILE_ROW = "file"
ANALYSIS_ROW = "analysis"


@dataclass(frozen=True, slots=True)
class FileListRow:
    """Columns of the file list, in order."""

    name: str = described("", group="File", editable=False)
    saved: bool = described(True, group="File", editable=False)
    path: str = described(
        "", value_type=ValueType.PATH, group="File", editable=False, visible=False
    )
    parent: str = described("", group="File", editable=False)
    grandparent: str = described("", group="File", editable=False)
    condition: str = described("", group="Experiment", editable=False, visible=False)
    genotype: str = described("", group="Experiment", editable=False, visible=False)
    num_channels: int = described(1, title="Channels", group="Image", editable=False)
    num_rois: int = described(0, title="ROIs", group="ROI", editable=False)
    accept: bool = described(True, group="File", editable=False)


def file_list_schema() -> SchemaDefinition:
    """Schema of the file list."""
    return schema_of(FileListRow, "acq_file_list")


def file_row(file_id: str, schema_row: Mapping[str, Any]) -> dict[str, Any]:
    """The tree row of a file: identity, then the file list's columns."""
    identity: dict[str, Any] = {
        TREE_ROW_ID: file_id,
        HIERARCHY_PATH: [file_id],
        TREE_ROW_TYPE: FILE_ROW,
        ANALYSIS_NAME: None,
        CHANNEL: None,
        ROI_ID: None,
    }
    return identity | dict(schema_row)


def analysis_row(file_id: str, key: AnalysisKey) -> dict[str, Any]:
    """The tree row of an analysis; three columns of the file list are reused for display."""
    row_id = f"{file_id}::analysis::{key.analysis_name}::ch_{key.channel}::roi_{key.roi_id}"
    identity: dict[str, Any] = {
        TREE_ROW_ID: row_id,
        HIERARCHY_PATH: [file_id, row_id],
        TREE_ROW_TYPE: ANALYSIS_ROW,
        ANALYSIS_NAME: key.analysis_name,
        CHANNEL: key.channel,
        ROI_ID: key.roi_id,
    }
    blank: dict[str, Any] = dict.fromkeys(file_list_schema().field_names())
    shown = {"name": key.analysis_name, "num_channels": key.channel, "num_rois": key.roi_id}
    return identity | blank | shown
