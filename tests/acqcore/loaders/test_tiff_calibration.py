"""Where the steps of the axes come from, and which source wins."""

import struct

import numpy as np
import pytest
import tifffile

from acqcore.errors import UnreadableFile
from acqcore.loaders import open_loader
from acqcore.loaders._ome_xml import ome_facts

SCAN = np.arange(300 * 38, dtype="uint16").reshape(300, 38)
FRAMES = SCAN.reshape(5, 60, 38)
TEXT = (
    '"X Dimension"\t"38, 0.0 - 10.8 [um], 0.284 [um/pixel]"\n'
    '"Channel Dimension"\t"{channels} [Ch]"\n'
    '"T Dimension"\t"1, 0.000 - 0.600 [s], Interval FreeRun"\n'
    '"Image Size"\t"38 * {lines} [pixel]"\n'
    '"[Channel 1]"\t""\n"Dye Name"\t"EGFP"\n"[Channel 2]"\t""\n"Dye Name"\t"mCherry"\n'
)
IMAGEJ = {"imagej": True, "resolution": (4, 4)}
OME = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}


def written(path, pixels=SCAN, **way):
    tifffile.imwrite(path, pixels, **way)
    return open_loader(path)


def known(loader):
    steps = loader.header.calibration
    return steps.step_y, steps.label_y, steps.step_x, steps.label_x, steps.source


def test_nothing_is_known_of_a_plain_file(tmp_path):
    loader = written(tmp_path / "a.tif")
    assert known(loader) == (1.0, "Pixels", 1.0, "Pixels", "none")
    assert loader.get_image_physical_units() == (1.0, 1.0)


def test_text_file(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT.format(channels=1, lines=300))
    metadata = {"axes": "YX", "finterval": 9.0, "unit": "um"}
    loader = written(tmp_path / "a.tif", **IMAGEJ, metadata=metadata)
    assert known(loader) == (0.002, "seconds", 0.284, "um", "Olympus text file")
    assert loader.get_image_physical_units() == (0.002, 0.284)
    assert loader.header.notes == ()


def test_an_incomplete_text_file_leaves_a_note(tmp_path):
    text = TEXT.format(channels=1, lines=300).replace("T Dimension", "U Dimension")
    (tmp_path / "a.txt").write_text(text)
    loader = written(tmp_path / "a.tif")
    assert known(loader)[-1] == "none"
    assert "duration" in loader.header.notes[0]


def test_a_text_file_of_another_size_leaves_a_note(tmp_path):
    (tmp_path / "a.txt").write_text(TEXT.format(channels=1, lines=600))
    loader = written(tmp_path / "a.tif")
    assert known(loader)[0] == 0.001
    assert "600 × 38" in loader.header.notes[0]


def test_imagej(tmp_path):
    metadata = {"axes": "YX", "finterval": 0.001, "unit": "micron"}
    loader = written(tmp_path / "a.tif", **IMAGEJ, metadata=metadata)
    assert known(loader) == (0.001, "seconds", 0.25, "um", "ImageJ metadata")


def test_imagej_with_a_unit_per_axis(tmp_path):
    metadata = {"axes": "YX", "unit": "nm", "yunit": "msec"}
    loader = written(tmp_path / "a.tif", imagej=True, resolution=(0.01, 0.5), metadata=metadata)
    steps = loader.header.calibration
    assert steps.steps == pytest.approx((0.002, 0.1))
    assert steps.labels == ("seconds", "um")


def test_the_frame_interval_is_no_line_time(tmp_path):
    metadata = {"axes": "TYX", "finterval": 0.5, "unit": "um"}
    loader = written(tmp_path / "a.tif", FRAMES, **IMAGEJ, metadata=metadata)
    assert known(loader) == (0.25, "um", 0.25, "um", "ImageJ metadata")
    lines = written(tmp_path / "b.tif", SCAN[:, None], **IMAGEJ, metadata=metadata)
    assert known(lines) == (0.5, "seconds", 0.25, "um", "ImageJ metadata")


def test_ome(tmp_path):
    metadata = {"axes": "YX", "TimeIncrement": 2.0, "TimeIncrementUnit": "ms", **OME}
    loader = written(tmp_path / "a.ome.tif", ome=True, metadata=metadata)
    assert known(loader) == (0.002, "seconds", 0.5, "um", "OME-XML")
    rows = written(tmp_path / "b.ome.tif", ome=True, metadata={"axes": "YX", **OME})
    assert known(rows) == (1.0, "Pixels", 0.5, "um", "OME-XML")


def test_ome_line_scan_as_frames_of_one_row(tmp_path):
    metadata = {"axes": "TYX", "TimeIncrement": 0.002, **OME}
    loader = written(tmp_path / "a.ome.tif", SCAN[:, None], ome=True, metadata=metadata)
    assert loader.header.dims == ("Y", "X")
    assert known(loader)[:4] == (0.002, "seconds", 0.5, "um")
    frames = written(tmp_path / "b.ome.tif", FRAMES, ome=True, metadata=metadata)
    assert frames.header.dims == ("T", "Y", "X")
    assert known(frames)[:4] == (0.5, "um", 0.5, "um")


def test_ome_names_channels(tmp_path):
    metadata = {"axes": "CYX", "Channel": {"Name": ["red", "green"]}}
    loader = written(tmp_path / "a.ome.tif", FRAMES[:2], ome=True, metadata=metadata)
    assert loader.header.channel_names == ("red", "green")


@pytest.mark.parametrize(
    ("resolution", "unit", "step"),
    [
        ((25_000, 25_000), "centimeter", 0.4),
        ((10_160, 10_160), "inch", 2.5),
        ((10_000, 10_000), "centimeter", None),
        ((72, 72), "inch", None),
        ((300, 300), "inch", None),
        (((0, 1000), (0, 1000)), "centimeter", None),
        ((4, 4), None, None),
    ],
)
def test_resolution_tags_only_where_a_microscope_could_have_them(tmp_path, resolution, unit, step):
    loader = written(tmp_path / "a.tif", resolution=resolution, resolutionunit=unit)
    source = "none" if step is None else "resolution tags"
    label = "Pixels" if step is None else "um"
    assert known(loader) == (1.0, "Pixels", pytest.approx(step or 1.0), label, source)


def test_a_resolution_of_x_over_zero_is_unknown(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, SCAN, resolution=(25_000, 25_000), resolutionunit="centimeter")
    raw = path.read_bytes()
    path.write_bytes(raw.replace(struct.pack("<II", 25_000, 1), struct.pack("<II", 25_000, 0)))
    assert known(open_loader(path))[-1] == "none"


def test_each_axis_has_its_own_source(tmp_path):
    metadata = {"axes": "YX", "finterval": 0.001}
    way = {"resolution": (25_000, 25_000), "resolutionunit": "centimeter"}
    loader = written(tmp_path / "a.tif", imagej=True, metadata=metadata, **way)
    assert known(loader)[0] == 0.001
    assert known(loader)[2:] == (0.4, "um", "ImageJ metadata and resolution tags")


@pytest.mark.parametrize("xml", ["", "<OME", "<OME/>", "<!DOCTYPE a><OME/>", "\0", "<a/>"])
def test_ome_xml_without_facts(xml):
    assert ome_facts(xml).planes == 1
    assert ome_facts(xml).um_per_column is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("size_t", "entry"),
    [
        (999_999_999, '<TiffData IFD="0" PlaneCount="5"/>'),
        (5, '<TiffData IFD="0" PlaneCount="999999999"/>'),
        (5, f'<TiffData IFD="{"9" * 5000}"/>'),
    ],
)
def test_ome_xml_that_claims_too_much_is_refused(tmp_path, size_t, entry):
    xml = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" '
        f'SizeX="38" SizeY="60" SizeZ="1" SizeC="1" SizeT="{size_t}">'
        f'<Channel ID="Channel:0:0"/>{entry}</Pixels></Image></OME>'
    )
    tifffile.imwrite(tmp_path / "a.ome.tif", FRAMES, description=xml, metadata=None)
    with pytest.raises(UnreadableFile, match=r"speaks of .* planes"):
        open_loader(tmp_path / "a.ome.tif")


def split_files(folder, text="", count=2):
    if text:
        (folder / "a.txt").write_text(text)
    files = [folder / f"a_C00{number}T001.tif" for number in range(1, count + 1)]
    for number, file in enumerate(files):
        tifffile.imwrite(file, SCAN + number)
    return files


def test_split_channels_are_one_recording(tmp_path):
    files = split_files(tmp_path, TEXT.format(channels=2, lines=300))
    for file in files:
        loader = open_loader(file)
        assert (loader.header.dims, loader.header.shape) == (("C", "Y", "X"), (2, 300, 38))
        assert loader.files == tuple(files)
        assert loader.header.channel_names == ("EGFP", "mCherry")
        assert loader.header.physical_units == (1.0, 0.002, 0.284)
        assert loader.header.physical_units_labels == ("Pixels", "seconds", "um")
        np.testing.assert_array_equal(loader.read_plane(1), SCAN + 1)
        np.testing.assert_array_equal(loader.read_window(0, (1, 4), (2, 5)), SCAN[1:4, 2:5])
        with pytest.raises(IndexError):
            loader.read_plane(2)


def test_split_channels_without_a_text_file(tmp_path):
    loader = open_loader(split_files(tmp_path)[0])
    assert loader.num_channels == 2
    assert loader.header.channel_names == ()


def test_a_channel_whose_sibling_is_missing_opens_alone(tmp_path):
    for file in split_files(tmp_path, TEXT.format(channels=3, lines=300)):
        loader = open_loader(file)
        assert loader.header.dims == ("Y", "X")
        assert "3 channels" in loader.header.notes[0]
    assert loader.header.channel_names == ("mCherry",)


def test_split_channels_of_different_size_are_refused(tmp_path):
    files = split_files(tmp_path)
    tifffile.imwrite(files[1], SCAN[:-1])
    with pytest.raises(UnreadableFile, match="another size"):
        open_loader(files[0])
