"""What the files of one recording held when they were last read or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acqcore.model.record import AnalysisKey, ResultTable
from acqcore.model.state import AcqState
from acqcore.storage.atomic import FileStamp
from acqcore.storage.document import OURS
from acqcore.storage.problems import Problem, mapping, text, whole
from acqcore.storage.tables import CsvFile, Layout, Place


def sidecar_path(image: Path) -> Path:
    """`<full file name>.json`, beside the recording."""
    return image.with_name(f"{image.name}.json")


def csv_path(image: Path, analysis_name: str) -> Path:
    """`<full file name>.<analysis>.csv`, beside the recording."""
    return image.with_name(AnalysisKey(analysis_name, 0, 0).csv_filename(image.name))


@dataclass(frozen=True, slots=True)
class OnDisk:
    """What a sidecar held when it was last read or written.

    Attributes:
        stamp: Of the JSON; None when there was none.
        document: Its content; empty when it could not be parsed.
        unreadable: The JSON as a whole was not understood: the first save keeps it aside.
        tables: As loaded or written, to see which CSV has to be written again.
        csv_files: By name of the analysis, those that were read or written.
        kept: Copies that the last write made of files it did not understand.
    """

    stamp: FileStamp | None = None
    document: Mapping[str, Any] = field(default_factory=dict)
    unreadable: bool = False
    tables: Mapping[AnalysisKey, ResultTable] = field(default_factory=dict)
    csv_files: Mapping[str, CsvFile] = field(default_factory=dict)
    kept: tuple[Path, ...] = ()

    @property
    def listed(self) -> Mapping[str, Any]:
        """What the document says of CSV files, by name of the analysis."""
        own = self.document.get(OURS)
        listed = own.get("csv_files") if isinstance(own, Mapping) else None
        return listed if isinstance(listed, Mapping) else {}

    def places(self, analysis_name: str) -> set[Place]:
        """Channels and ROIs whose rows were loaded from the CSV of an analysis."""
        keys = (key for key in self.tables if key.analysis_name == analysis_name)
        return {(key.channel, key.roi_id) for key in keys}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sidecar as read.

    Attributes:
        foreign: Keys of records that another program computed.
    """

    state: AcqState = field(default_factory=AcqState)
    on_disk: OnDisk = OnDisk()
    problems: tuple[Problem, ...] = ()
    foreign: frozenset[AnalysisKey] = frozenset()


def csv_block(csv: CsvFile) -> dict[str, Any]:
    """What the document says of a CSV that it is saved with."""
    stamp = csv.stamp or FileStamp.of(csv.content)
    block: dict[str, Any] = {"name": csv.path.name, "size": stamp.size, "sha256": stamp.sha256}
    if not csv.ours:
        block["written_by_others"] = True
    if csv.text_columns:
        block["text_columns"] = sorted(csv.text_columns)
    if csv.layouts:
        block["tables"] = [
            {"channel": channel, "roi_id": roi_id, "columns": [list(one) for one in columns]}
            for (channel, roi_id), columns in csv.layouts.items()
        ]
    return block


def csv_file(path: Path, block: object) -> CsvFile:
    """The reverse; a damaged block says nothing, so that its CSV is read as a stranger's."""
    try:
        stamp, layouts = stamped(block)
    except (TypeError, ValueError, KeyError, OverflowError):
        return CsvFile(path, None)
    texts, ours = mapping(block).get("text_columns"), "written_by_others" not in mapping(block)
    names = frozenset(map(str, texts)) if isinstance(texts, list) else frozenset[str]()
    return CsvFile(path, stamp, layouts, names, ours)


def stamped(block: object) -> tuple[FileStamp, dict[Place, Layout]]:
    """What a block says of a CSV; TypeError, ValueError, KeyError, OverflowError if damaged."""
    told = mapping(block)
    layouts = {
        (whole(one["channel"]), whole(one["roi_id"])): tuple(
            (text(name), text(kind)) for name, kind in one["columns"]
        )
        for one in told.get("tables", [])
    }
    return FileStamp(whole(told["size"]), text(told["sha256"])), layouts
