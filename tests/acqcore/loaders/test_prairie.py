"""Line scans of Prairie View: an OME-TIFF per channel and an XML file."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile

from acqcore.acq_image_list import find_recordings
from acqcore.loaders import hidden_behind, open_loader
from acqcore.loaders._prairie_xml import parse

REAL = Path(__file__).parents[3] / "../shared/data/formats/tiff_prairie_ome/LineScan-619"
SCAN = "LineScan-01"
PIXELS = np.random.default_rng(5).integers(0, 4000, (2, 40, 12)).astype("uint16")

OME = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2012-06"
UUID="urn:uuid:1"><Image ID="Image:1"><AcquisitionDate>2017-06-09T16:25:07</AcquisitionDate>
<Pixels DimensionOrder="XYZCT" ID="Pixels:1" PhysicalSizeX="0.25" PhysicalSizeY="0.25" SizeC="2"
SizeT="1" SizeX="12" SizeY="40" SizeZ="1" Type="uint16"><Channel ID="Channel:1:0" Name="Ch1" />
<Channel ID="Channel:1:1" Name="Ch2" />
<TiffData FirstC="0" IFD="0" PlaneCount="1"><UUID FileName="{0}">urn:uuid:1</UUID></TiffData>
<TiffData FirstC="1" IFD="0" PlaneCount="1"><UUID FileName="{1}">urn:uuid:2</UUID></TiffData>
</Pixels></Image></OME>"""
BINARY_ONLY = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2012-06"
UUID="urn:uuid:2"><BinaryOnly MetadataFile="{0}" UUID="urn:uuid:1" /></OME>"""
FRAME = '<PVStateValue key="scanLinePeriod" value="0.00125" />'
XML = """\ufeff<?xml version="1.0" encoding="utf-8"?><PVScan version="5.3.64.400"><PVStateShard>
<PVStateValue key="micronsPerPixel"><IndexedValue index="XAxis" value="0.2501" />
<IndexedValue index="YAxis" value="0.2502" /></PVStateValue>
<PVStateValue key="scanLinePeriod" value="0.5" /></PVStateShard>
<Sequence type="{kind}"><PVStateShard /><Frame index="1">
<File channel="1" channelName="red" filename="{0}" /><File channel="2" channelName="green"
filename="{1}" /><PVStateShard>{frame}</PVStateShard></Frame></Sequence></PVScan>"""


def names() -> tuple[str, str]:
    first, second = (f"{SCAN}_Cycle00001_Ch{number}_000001.ome.tif" for number in (1, 2))
    return first, second


def write_scan(
    folder: Path, frame: str = FRAME, kind: str = "Linescan", ome: str = OME
) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, plane, text in zip(names(), PIXELS, (ome, BINARY_ONLY), strict=True):
        tifffile.imwrite(folder / name, plane, description=text.format(*names()), metadata=None)
    (folder / f"{SCAN}.xml").write_text(XML.format(*names(), frame=frame, kind=kind), "utf-8")
    return [folder / name for name in names()]


def test_the_files_of_a_scan_are_one_recording(tmp_path):
    files = write_scan(tmp_path)
    assert list(find_recordings([tmp_path])) == files[:1]
    assert hidden_behind(files[0]) is None
    assert hidden_behind(files[1]) == files[0]
    for file in files:
        loader = open_loader(file)
        header = loader.header
        assert (header.dims, header.shape) == (("C", "Y", "X"), (2, 40, 12))
        assert header.calibration.steps == (0.00125, 0.25)
        assert header.calibration.labels == ("seconds", "um")
        assert header.calibration.source == "Prairie View XML and OME-XML"
        assert header.channel_names == ("Ch1", "Ch2")
        assert header.notes == ()
        assert (header.date, header.time) == ("20170609", "16:25:07")
        assert loader.files == tuple(files)
        for channel in (0, 1):
            np.testing.assert_array_equal(loader.read_plane(channel), PIXELS[channel])
            np.testing.assert_array_equal(
                loader.read_window(channel, (3, 9), (2, 5)), PIXELS[channel, 3:9, 2:5]
            )


def test_a_part_stands_alone_when_another_is_missing(tmp_path):
    files = write_scan(tmp_path)
    files[0].unlink()
    assert list(find_recordings([tmp_path])) == files[1:]
    loader = open_loader(files[1])
    assert (loader.header.dims, loader.header.channel_names) == (("Y", "X"), ("green",))
    assert loader.header.calibration.steps == (0.00125, 0.2501)
    assert loader.header.calibration.source == "Prairie View XML"
    np.testing.assert_array_equal(loader.read_plane(0), PIXELS[1])


def test_the_line_period_of_the_source_picture_is_not_used(tmp_path):
    files = write_scan(tmp_path, frame="")
    calibration = open_loader(files[0]).header.calibration
    assert calibration.labels == ("Pixels", "um")


def test_the_older_spelling(tmp_path):
    keys = '<Key key="scanlinePeriod" value="0.002" /><Key key="micronsPerPixel_XAxis" value="3" />'
    frame = parse(XML.format(*names(), frame=keys, kind="LineScan").encode())[names()[0]]
    assert (frame.line_period_s, frame.um_per_column, frame.um_per_row) == (0.002, 3.0, 0.2502)


def test_frames_of_a_series_are_no_line_scan(tmp_path):
    files = write_scan(tmp_path, kind="TSeries Timed Element", ome=BINARY_ONLY)
    assert hidden_behind(files[1]) is None
    header = open_loader(files[1]).header
    assert header.calibration.steps == (0.2502, 0.2501)
    assert header.calibration.labels == ("um", "um")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"<PVScan>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><PVScan/>",
        b"<PVScan><Sequence type='Linescan'><Frame><File filename='../a.tif'/></Frame>",
        b"<a>" * 5000,
        b"<?xml version='1.0' encoding='no-such'?><PVScan/>",
    ],
)
def test_a_damaged_xml_is_no_xml(tmp_path, content):
    files = write_scan(tmp_path)
    (tmp_path / f"{SCAN}.xml").write_bytes(content)
    assert hidden_behind(files[1]) is None
    assert open_loader(files[1]).header.calibration.source == "none"


def test_what_stands_before_the_damage_counts():
    whole = XML.format(*names(), frame=FRAME, kind="Linescan").encode()
    frames = parse(whole[: whole.index(b"</Sequence>")])
    assert list(frames) == list(names())


def test_an_xml_that_changes_is_read_again(tmp_path):
    files = write_scan(tmp_path)
    assert open_loader(files[1]).header.calibration.step_y == 0.00125
    write_scan(tmp_path, frame=FRAME.replace("0.00125", "0.000625"))
    assert open_loader(files[1]).header.calibration.step_y == 0.000625


def test_reference_pictures_are_not_listed(tmp_path):
    files = write_scan(tmp_path)
    references = tmp_path / "References"
    references.mkdir()
    picture = references / f"{SCAN}-Cycle00002-Ch1-16bit-Reference.tif"
    other = references / "mine.tif"
    for file in (picture, other):
        tifffile.imwrite(file, PIXELS[0])
    assert list(find_recordings([tmp_path])) == [files[0], other]
    (tmp_path / f"{SCAN}.xml").unlink()
    assert hidden_behind(picture) is None


@pytest.mark.skipif(not REAL.is_dir(), reason="no real recordings here")
def test_a_real_scan(tmp_path):
    found = list(find_recordings([REAL]))
    assert [path.name[-22:] for path in found] == ["001_Ch1_000001.ome.tif"]
    for file in sorted(REAL.glob("*.ome.tif")):
        loader = open_loader(file)
        assert (loader.header.dims, loader.header.shape) == (("C", "Y", "X"), (2, 1000, 255))
        assert loader.get_image_physical_units() == (0.00206355468314815, 0.294118)
        assert loader.header.channel_names == ("Ch1", "Ch2")
        planes = b"".join(loader.read_plane(channel).tobytes() for channel in (0, 1))
        assert hashlib.sha256(planes).hexdigest()[:32] == "40e33b559557b68d509f1a09512be04b"
    alone = shutil.copy(sorted(REAL.glob("*Ch2*.tif"))[0], tmp_path)
    assert open_loader(Path(alone)).header.dims == ("Y", "X")
