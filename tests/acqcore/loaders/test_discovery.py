"""Which loader opens which file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.acq_image import AcqImage
from acqcore.acq_image_list import AcqImageList, LoadErrorType, find_recordings
from acqcore.errors import UnreadableFile, UnsupportedFormat
from acqcore.loaders import (
    hidden_behind,
    is_recording_name,
    loader_class,
    loaders,
    open_loader,
    supported_suffixes,
)
from acqcore.loaders.tiff import TiffLoader


def test_the_suffixes_are_lower_case_and_found():
    assert TiffLoader in loaders()
    assert {".tif", ".tiff"} <= set(supported_suffixes())
    assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in supported_suffixes())


@pytest.mark.parametrize("name", ["a.tif", "a.TIFF", "b.c.ome.tif", "a.lsm"])
def test_recording_names(name):
    assert is_recording_name(name)


@pytest.mark.parametrize("name", ["._a.tif", ".a.tif", "a.tif.json", "a.txt", "tif", ""])
def test_other_names(name):
    assert not is_recording_name(name)


def test_content_wins_over_the_suffix(tmp_path):
    for name in ("a.tif", "a.dat", "noSuffix"):
        tifffile.imwrite(tmp_path / name, np.zeros((4, 5), "uint8"))
        assert loader_class(tmp_path / name) is TiffLoader


def test_unknown_files_are_not_supported(tmp_path):
    (tmp_path / "a.xyz").write_text("hello")
    for path in (tmp_path / "a.xyz", tmp_path / "missing.xyz", tmp_path):
        with pytest.raises(UnsupportedFormat):
            open_loader(path)
        with pytest.raises(ValueError, match="not supported"):
            open_loader(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_text("hello"), "not a TIFF"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: None, "no such file"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
)
def test_what_is_no_tiff_is_said_in_one_sentence(tmp_path, make, why):
    path = tmp_path / "x.tif"
    make(path)
    with pytest.raises(UnreadableFile, match=why) as caught:
        open_loader(path)
    assert str(caught.value).startswith("Cannot read x.tif: ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.timeout(20)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_named_pipe_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "x.tif")
    with pytest.raises(UnreadableFile, match="regular file"):
        open_loader(tmp_path / "x.tif")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse the name")
def test_a_name_that_is_no_utf8(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.tif"))
    tifffile.imwrite(path, np.arange(20, dtype="uint16").reshape(4, 5))
    assert open_loader(path).read_plane(0)[3, 4] == 19
    path.write_bytes(b"hello")
    with pytest.raises(UnreadableFile):
        open_loader(path)


def test_only_later_channels_hide(tmp_path):
    names = ["a_C001T001.tif", "a_C002T001.tif", "b_C002T001.tif", "c.tif"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    first = tmp_path / names[0]
    assert [hidden_behind(tmp_path / name) for name in names] == [None, first, None, None]
    assert TiffLoader.is_split_sibling(tmp_path / names[1])
    assert hidden_behind(tmp_path / "a.txt") is None


def test_finding_loaders_imports_no_format_library():
    code = (
        "import sys; from acqcore.loaders import loaders; loaders();"
        "sys.exit(bool({'tifffile', 'imagecodecs', 'pandas', 'scipy'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.parametrize("name", ["x" * 300 + ".tif", "x" * 300, "x" * 300 + "_C001T001.tif"])
def test_a_name_that_no_disk_holds_is_a_warning(tmp_path, name: str) -> None:
    result = AcqImageList.load_safe(tmp_path / name)
    assert [one.error_type for one in result.warnings] == [LoadErrorType.MISSING_FILE]
    assert list(find_recordings([tmp_path / name])) == [tmp_path / name]
    with pytest.raises((UnreadableFile, UnsupportedFormat)):
        AcqImage(tmp_path / name)


def test_where_nobody_may_look(tmp_path) -> None:
    """As another user: the superuser may look anywhere."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "a.tif").write_bytes(b"II*\0")
    for parent in tmp_path.parents:
        if "pytest" in parent.name and parent.stat().st_uid == os.geteuid():
            parent.chmod(0o755)
    closed.chmod(0)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            told = AcqImageList.load_safe(closed / "a.tif").warnings
            found = list(find_recordings([closed / "a.tif"]))
            code = 0 if len(told) == 1 and found == [closed / "a.tif"] else 2
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    closed.chmod(0o755)
    assert status == 0
