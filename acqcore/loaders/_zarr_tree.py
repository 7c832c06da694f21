"""The small JSON documents of a Zarr hierarchy, in a folder or a zip, read by ourselves.

A folder of a thousand recordings is listed without importing zarr, and what the library
would trust blindly (paths that lead out, codecs that run code) is looked at first.
"""

from __future__ import annotations

import json
import os
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import numpy as np

from acqcore.loaders.base import Refusal

_MOST_JSON = 1 << 25
_FILTERS = {"delta", "fixedscaleoffset", "shuffle", "bitround", "packbits", "quantize", "astype"}
_COMPRESSORS = {"blosc", "zlib", "gzip", "bz2", "lzma", "lz4", "zstd"}
_STEPS = {"bytes", "transpose", "crc32c", "crc32", "adler32", "fletcher32", "sharding_indexed"}
# Others are not merely unknown: some, such as pickle, run code that stands in the file.
_CODECS = _FILTERS | _COMPRESSORS | _STEPS


@dataclass(frozen=True, slots=True)
class StoredArray:
    """One array of the hierarchy.

    Attributes:
        path: Below the root, parts separated by `/`.
        dtype: numpy name.
        chunk_bytes: Of one chunk, or one shard, before compression.
        zarr_format: 2 or 3.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    chunk_bytes: int
    zarr_format: Literal[2, 3]


class ZarrTree(ABC):
    """A Zarr hierarchy on a local disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def read(self, key: str) -> bytes | None:
        """Content of a small file, None when it is not there."""

    @abstractmethod
    def stored_bytes(self, below: str) -> int:
        """What all files below a path take on the disk."""

    @abstractmethod
    def store(self) -> Any:
        """The same hierarchy for zarr, read-only; to be closed."""

    def attributes(self, group: str) -> Mapping[str, Any] | None:
        """Metadata of OME-NGFF of a group; None when there is no such group."""
        node = self.document(joined(group, "zarr.json"))
        if node is not None:
            given = node.get("attributes")
            block = given if isinstance(given, dict) else {}
            ome = block.get("ome")
            return ome if isinstance(ome, dict) else block
        given = self.document(joined(group, ".zattrs"))
        return {} if given is None and self.read(joined(group, ".zgroup")) is not None else given

    def array(self, path: str) -> StoredArray | None:
        """The array at a path, None when there is none; Refusal for what is not read."""
        node = self.document(joined(path, "zarr.json"))
        if node is not None:
            grid = _block(node, "chunk_grid", "configuration")
            _check_codecs(node.get("codecs"), "name")
            return _array(path, node.get("shape"), node.get("data_type"), grid["chunk_shape"], 3)
        node = self.document(joined(path, ".zarray"))
        if node is None:
            return None
        _check_codecs([node.get("compressor"), *(node.get("filters") or ())], "id")
        return _array(path, node.get("shape"), node.get("dtype"), node.get("chunks"), 2)

    def document(self, key: str) -> dict[str, Any] | None:
        """One JSON block; Refusal when it is damaged."""
        content = self.read(key)
        if content is None:
            return None
        try:
            block = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise Refusal(f"its metadata ({key}) is damaged") from None
        if not isinstance(block, dict):
            raise Refusal(f"its metadata ({key}) is damaged")
        return block


class FolderTree(ZarrTree):
    """A hierarchy in a folder."""

    def read(self, key: str) -> bytes | None:
        """Content of a small file, None when it is not there."""
        file = self.path / key
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            return _bounded(stream.read(_MOST_JSON + 1), key)

    def stored_bytes(self, below: str) -> int:
        """What all files below a path take on the disk."""
        walk = os.walk(self.path / below)
        return sum((Path(folder) / name).stat().st_size for folder, _, names in walk
                   for name in names)  # fmt: skip

    def store(self) -> Any:
        """The same hierarchy for zarr, read-only; to be closed."""
        from zarr.storage import LocalStore  # heavy: only when pixels are read

        return LocalStore(self.path, read_only=True)


class ZipTree(ZarrTree):
    """A hierarchy in a zip, either at its top or inside the one folder that it holds."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with zipfile.ZipFile(path) as archive:
            self._sizes = {one.filename: one.compress_size for one in archive.infolist()}
        tops = {name.split("/")[0] for name in self._sizes}
        at_top = bool(tops & {"zarr.json", ".zattrs", ".zgroup"})
        self.inside = "" if at_top or len(tops) != 1 else tops.pop()

    def read(self, key: str) -> bytes | None:
        """Content of a small file, None when it is not there."""
        name = joined(self.inside, key)
        if name not in self._sizes:
            return None
        with zipfile.ZipFile(self.path) as archive, archive.open(name) as stream:
            return _bounded(stream.read(_MOST_JSON + 1), key)

    def stored_bytes(self, below: str) -> int:
        """What all files below a path take on the disk."""
        start = joined(self.inside, below)
        return sum(size for name, size in self._sizes.items() if name.startswith(start))

    def store(self) -> Any:
        """The same hierarchy for zarr, read-only; to be closed."""
        from zarr.storage import ZipStore  # heavy: only when pixels are read

        return ZipStore(self.path, mode="r", read_only=True)


def joined(*parts: str) -> str:
    """A path inside the hierarchy; Refusal for one that leads out of it."""
    path = PurePosixPath(*(part for part in parts if part))
    if path.is_absolute() or ".." in path.parts or "\\" in str(path) or ":" in str(path):
        raise Refusal(f"its metadata names a place outside of it ({path})")
    return "" if str(path) == "." else str(path)


def _bounded(content: bytes, key: str) -> bytes:
    if len(content) > _MOST_JSON:
        raise Refusal(f"its metadata ({key}) is larger than any recording's")
    return content


def _array(
    path: str, shape: Any, dtype: Any, chunks: Any, zarr_format: Literal[2, 3]
) -> StoredArray:
    name = _sample_type(dtype)
    lengths, chunk = _lengths(shape), _lengths(chunks)
    if len(chunk) != len(lengths):
        raise Refusal("its metadata is damaged: chunks and shape do not match")
    chunk_bytes = np.dtype(name).itemsize
    for length in chunk:
        chunk_bytes *= length
    return StoredArray(path, lengths, name, chunk_bytes, zarr_format)


def _sample_type(dtype: Any) -> str:
    try:
        kind = np.dtype(dtype if isinstance(dtype, str) else "V")
    except TypeError:
        kind = np.dtype("V")
    if kind.kind not in "buif":
        raise Refusal(f"its samples ({str(dtype)[:40]}) are of a kind no recording has")
    return kind.name


def _lengths(given: Any) -> tuple[int, ...]:
    whole = isinstance(given, list) and all(type(one) is int and one > 0 for one in given)
    if not whole or not given:
        raise Refusal("its image has no pixels")
    return tuple(given)


def _check_codecs(codecs: Any, key: str) -> None:
    """Refuse codecs that are not known to be harmless, also inside shards."""
    for codec in codecs or ():
        if codec is None:
            continue
        name = codec.get(key) if isinstance(codec, dict) else codec
        if str(name).removeprefix("numcodecs.") not in _CODECS:
            raise Refusal(f"its compression ({str(name)[:40]}) is not known")
        inner = codec.get("configuration") if isinstance(codec, dict) else None
        if isinstance(inner, dict):
            _check_codecs(inner.get("codecs"), key)
            _check_codecs(inner.get("index_codecs"), key)


def _block(node: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        inner = node.get(name)
        if not isinstance(inner, dict):
            raise Refusal(f"its metadata is damaged: {name} is missing")
        node = inner
    return node
