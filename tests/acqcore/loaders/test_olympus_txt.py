"""The text file beside an Olympus TIFF: what is read, and that no text breaks it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acqcore.loaders._olympus_txt import (
    IncompleteText,
    channel_number,
    parse,
    read_companion,
    split_group,
)

LINE_SCAN = (
    '"[General]"\t""\r\n"Name"\t"a.oir"\r\n"Date"\t"07/22/2025 12:13:14.620 PM"\r\n'
    '"[Dimensions]"\t""\r\n'
    '"X Dimension"\t"19, 0.0 - 8.549 [um], 0.450 [um/pixel]"\r\n'
    '"Channel Dimension"\t"2 [Ch]"\r\n'
    '"T Dimension"\t"1, 0.000 - 34.019 [s], Interval FreeRun"\r\n'
    '"[Image]"\t""\r\n"Primary Dimensions"\t"X * T"\r\n"Image Size"\t"19 * 30000 [pixel]"\r\n'
    '"Image Size(Unit Converted)"\t"8.549 [um] * 34020.000 [ms]"\r\n'
    '"[Reference Image]"\t""\r\n"Image Size"\t"512 * 512 [pixel]"\r\n'
    '"[Channel 1]"\t""\r\n"Channel Name"\t"RNDD2"\r\n"Dye Name"\t"EGFP"\r\n'
    '"[Channel 2]"\t""\r\n"Channel Name"\t"RNDD3"\r\n'
)


def without(key: str) -> str:
    return "".join(line for line in LINE_SCAN.splitlines(True) if not line.startswith(f'"{key}"'))


def test_every_number_of_a_complete_text():
    text = parse(LINE_SCAN)
    assert (text.um_per_pixel, text.label_y) == (0.450, "seconds")
    assert text.step_y == 34.019 / 30000
    assert (text.pixels, text.lines, text.channels) == (19, 30000, 2)
    assert text.channel_names == ("EGFP", "RNDD3")
    assert (text.date, text.time) == ("20250722", "12:13:14")


@pytest.mark.parametrize(
    ("key", "word"),
    [("X Dimension", "pixel size"), ("T Dimension", "duration"), ("Image Size", "image size")],
)
def test_a_missing_number_is_named(key, word):
    with pytest.raises(IncompleteText, match=word):
        parse(without(key), "a.txt")


@pytest.mark.parametrize(
    "damage",
    [
        ("0.450 [um/pixel]", "0.000 [um/pixel]"),
        ("34.019 [s]", "0.000 [s]"),
        ("34.019 [s]", "1e999 [s]"),
        ("34.019 [s]", "34.019 [parsec]"),
        ("19 * 30000", "19 * 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_missing(damage):
    with pytest.raises(IncompleteText):
        parse(LINE_SCAN.replace(*damage))


def test_rows_of_a_frame_are_no_scan_lines():
    frame = LINE_SCAN.replace("X * T", "X * Y")
    with pytest.raises(IncompleteText, match="size of a row"):
        parse(frame)
    text = parse(frame + '"[Dimensions]"\t""\n"Y Dimension"\t"9, 0.0 - 9 [um], 0.500 [um/pixel]"\n')
    assert (text.step_y, text.label_y) == (0.5, "um")


@pytest.mark.parametrize(
    ("written", "date", "time"),
    [
        ("07/22/2025 01:02:03 PM", "20250722", "13:02:03"),
        ("07/22/2025 12:02:03.5 AM", "20250722", "00:02:03"),
        ("7/2/2025 15:02:03.1", "20250702", "15:02:03"),
        ("07/22/2025 15:02:03 PM", "20250722", "15:02:03"),
        ("yesterday", "", ""),
    ],
)
def test_dates(written, date, time):
    text = parse(LINE_SCAN.replace("07/22/2025 12:13:14.620 PM", written))
    assert (text.date, text.time) == (date, time)


def test_another_kind_of_text_is_no_companion(tmp_path):
    (tmp_path / "a.txt").write_text("Notes: the X Dimension looked odd today\n")
    assert read_companion(tmp_path / "a.tif") is None
    assert read_companion(tmp_path / "b.tif") is None


def test_undecodable_bytes_harm_only_their_own_line(tmp_path):
    raw = LINE_SCAN.replace("RNDD3", "\u00b5").encode("cp1252")
    (tmp_path / "a.txt").write_bytes(raw)
    assert read_companion(tmp_path / "a.tif").um_per_pixel == 0.450
    (tmp_path / "a.txt").write_bytes(LINE_SCAN.encode("utf-16"))
    assert read_companion(tmp_path / "a.tif").lines == 30000


def test_split_files_share_one_text(tmp_path):
    (tmp_path / "a.txt").write_text(LINE_SCAN)
    files = [tmp_path / f"a_C00{n}T001.tif" for n in (1, 2)]
    files[0].write_bytes(b"x")
    assert split_group(files[0]) == (files[0],)
    files[1].write_bytes(b"x")
    assert split_group(files[0]) == split_group(files[1]) == tuple(files)
    third = tmp_path / "a_C003T001.tif"
    third.write_bytes(b"x")
    assert split_group(third) == (third,)
    assert read_companion(files[1]).channels == 2
    assert [channel_number(path) for path in (*files, tmp_path / "a.tif")] == [1, 2, 0]


pieces = st.one_of(
    st.text(max_size=20),
    st.sampled_from(LINE_SCAN.splitlines(True)),
    st.sampled_from(['"', "\t", " * ", " - ", "[um/pixel]", "[s]", "1e999", "-1", "٣", "\n"]),
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_no_text_breaks_the_parser(text):
    try:
        found = parse(text)
    except IncompleteText:
        return
    assert found is None or (found.um_per_pixel > 0 and 0 < found.step_y < math.inf)
