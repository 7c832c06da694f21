"""ND2: nobody can write one, so most of this needs the real file."""

import hashlib
import json
import random
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from acqcore.errors import UnreadableFile
from acqcore.loaders import is_recording_name, loader_class, open_loader
from acqcore.loaders.nd2 import Nd2Loader, acquisition_date, frame_interval_s

pytest.importorskip("nd2")

FORMATS = Path(__file__).parents[3] / "../shared/data/formats"
CLUSTER = FORMATS / "nd2/cluster.nd2"
real = pytest.mark.skipif(not CLUSTER.is_file(), reason="no real recordings here")


@pytest.fixture(scope="module")
def cluster():
    return open_loader(CLUSTER)


@real
def test_header(cluster):
    header = cluster.header
    assert header.dims == ("T", "Z", "C", "Y", "X")
    assert (header.shape, header.dtype, header.num_scenes) == ((3, 10, 2, 31, 38), "uint16", 1)
    assert header.calibration.steps == pytest.approx((0.16780898323268245,) * 2)
    assert header.calibration.labels == ("um", "um")
    assert header.calibration.source == "ND2 metadata"
    assert header.channel_names == ("5-FAM/pH 9.0", "FM 4-64/2% CHAPS")
    assert (header.date, header.time) == ("20140618", "15:55:27")
    assert header.notes == ()


@real
def test_pixels_are_those_of_the_reference_reader(cluster):
    expected = json.loads((FORMATS / "expected.json").read_text())["nd2/cluster.nd2"]
    stack = np.array(
        [[[cluster.read_plane(c, z, t) for c in range(2)] for z in range(10)] for t in range(3)]
    )
    assert list(stack.shape) == expected["shape"]
    assert (
        hashlib.sha256(stack.astype("<u2").tobytes()).hexdigest()[:32]
        == (expected["sha256_pixels"])
    )
    assert (stack.min(), stack.max()) == (expected["min"], expected["max"])


@real
def test_windows(cluster):
    plane = cluster.read_plane(1, z=4, t=2)
    part = cluster.read_window(1, (5, 20), (-3, 11), z=4, t=2)
    np.testing.assert_array_equal(part, plane[5:20, :11])
    assert not part.flags.writeable
    assert cluster.read_window(0, (9, 9), (0, 5)).shape == (0, 5)
    for bad in ({"channel": 2}, {"channel": 0, "z": 10}, {"channel": 0, "t": 3}):
        with pytest.raises(IndexError):
            cluster.read_plane(**bad)


@real
def test_a_period_of_zero_is_not_the_time_step():
    import nd2

    with nd2.ND2File(CLUSTER) as file:
        assert file.experiment[0].parameters.periodMs == 0
        assert frame_interval_s(file.events()) == pytest.approx(10.6, abs=0.1)


@real
def test_content_wins_over_the_name(tmp_path):
    other = tmp_path / "a.tif"
    other.write_bytes(CLUSTER.read_bytes())
    assert loader_class(other) is Nd2Loader
    assert open_loader(other).header.shape == (3, 10, 2, 31, 38)


@real
def test_a_file_that_shrinks_while_it_is_open(tmp_path):
    path = tmp_path / "a.nd2"
    path.write_bytes(CLUSTER.read_bytes())
    loader = open_loader(path)
    path.write_bytes(CLUSTER.read_bytes()[:300_000])
    with pytest.raises(UnreadableFile):
        loader.read_plane(1, 9, 2)


@real
@pytest.mark.filterwarnings("ignore")
def test_damaged_files_open_or_say_why(tmp_path):
    """Cut or scribbled over, a file is read or refused, never anything else."""
    content, rng = CLUSTER.read_bytes(), random.Random(4)
    for number in range(40):
        broken = bytearray(content)
        if number % 4 == 0:
            del broken[rng.randrange(len(broken)) :]
        for _ in range(30):
            place = rng.randrange(max(len(broken) - 40, 1))
            broken[place : place + 4] = rng.randbytes(4)
        path = tmp_path / f"{number}.nd2"
        path.write_bytes(broken)
        with suppress(UnreadableFile):
            open_loader(path).read_plane(0)


@pytest.mark.parametrize("content", [b"\xda\xce\xbe\n", b"hello", b"\xda\xce\xbe\n" + bytes(9000)])
def test_what_is_no_nd2_is_said_in_one_sentence(tmp_path, content):
    (tmp_path / "a.nd2").write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"^Cannot read a\.nd2: .*\.$"):
        open_loader(tmp_path / "a.nd2")


def test_names():
    assert is_recording_name("a.ND2")
    assert not is_recording_name("a.nd2.json")


def event(index, time_s):
    return {"T Index": index, "Time [s]": time_s}


@pytest.mark.parametrize(
    ("events", "interval"),
    [
        ([event(0, 0.5), event(0, 0.7), event(1, 0.9), event(2, 1.3)], 0.4),
        ([event(0, 1.0), event(4, 3.0)], 0.5),
        ([event(0, 1.0)], None),
        ([{"Time [s]": 1.0}, event(1, float("nan")), event(2, 4.0)], None),
        ([], None),
    ],
)
def test_the_interval_of_events(events, interval):
    assert frame_interval_s(events) == (interval and pytest.approx(interval))


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("18/06/2014  15:55:27", ("20140618", "15:55:27")),
        ("6/18/2014  3:55:27 PM", ("20140618", "15:55:27")),
        ("05/05/2014  12:00:01 AM", ("20140505", "00:00:01")),
        ("05/06/2014  15:55:27", ("", "")),
        ("yesterday", ("", "")),
        ("", ("", "")),
    ],
)
def test_dates_are_taken_only_when_they_are_clear(text, date):
    assert acquisition_date(text) == date
