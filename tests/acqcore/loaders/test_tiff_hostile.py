"""TIFF files that lie: one sentence, in bounded time and memory."""

import struct
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acqcore.errors import UnreadableFile
from acqcore.loaders import open_loader
from acqcore.loaders.base import reason

PIXELS = np.arange(50 * 100, dtype="<u2").tobytes()
DEFLATE = 8


def tiff(width=50, height=100, pixels=PIXELS, compression=1, bits=16, then=0, pages=1):
    """A TIFF written by hand, so that any number in it can be wrong."""
    numbers = {
        256: width, 257: height, 258: bits, 259: compression, 262: 1, 273: 8, 277: 1,
        278: height, 279: len(pixels),
    }  # fmt: skip
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, number) for tag, number in numbers.items())
    page = struct.pack("<H", len(numbers)) + tags
    first, length = 8 + len(pixels), len(page) + 4
    links = [first + length * number for number in range(1, pages)] + [then]
    chain = b"".join(page + struct.pack("<I", link) for link in links)
    return b"II*\0" + struct.pack("<I", first) + pixels + chain


def refused(tmp_path, content):
    """The sentence with which the header is refused."""
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        open_loader(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def unreadable(tmp_path, content):
    """The sentence with which the header or else the pixels are refused."""
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        open_loader(path).read_plane(0)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_writer_of_this_file_is_right(tmp_path):
    (tmp_path / "x.tif").write_bytes(tiff())
    plane = open_loader(tmp_path / "x.tif").read_plane(0)
    assert plane.tobytes() == PIXELS


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"II*\0", "cut short"),
        (b"II*\0\x08\0\0\0", "no image"),
        (b"II*\0\0\0\0\0" + PIXELS, "no image"),
        (b"II*\0\xff\xff\xff\x7f" + PIXELS, "no image"),
        (b"II+\0\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f" + PIXELS, "no image"),
        (tiff(width=0), "no pixels"),
        (tiff(height=0), "no pixels"),
        (tiff(width=2**31, height=2**31), "bytes are missing"),
        (tiff(width=200_000, height=100_000), "bytes are missing"),
        (tiff(height=1000), "bytes are missing"),
        (tiff(then=8 + len(PIXELS)), "circle"),
        (tiff(pages=60, then=8 + len(PIXELS) + 114), "circle"),
        (tiff(pages=60_000), "50,000 pages"),
        (tiff(compression=40_000), "40000"),
        (tiff(bits=77), "77 bits"),
        (tiff(200_000, 100_000, zlib.compress(PIXELS), DEFLATE), "would grow"),
    ],
)
def test_the_header_is_enough(tmp_path, content, why):
    assert why in refused(tmp_path, content)


@pytest.mark.parametrize("way", [{}, {"rowsperstrip": 9, "compression": "zlib"}])
@pytest.mark.parametrize("share", [0.0005, 0.01, 0.5, 0.99, 0.999])
def test_a_file_cut_anywhere(tmp_path, way, share):
    scan = np.random.default_rng(1).integers(0, 4096, (300, 38), "uint16")
    tifffile.imwrite(tmp_path / "a.tif", scan, metadata={"axes": "YX"}, **way)
    raw = (tmp_path / "a.tif").read_bytes()
    unreadable(tmp_path, raw[: int(len(raw) * share)])


@pytest.mark.parametrize("at", [5, 100, -3])
def test_damaged_compressed_pixels(tmp_path, at):
    damaged = bytearray(zlib.compress(PIXELS))
    damaged[at] ^= 0xFF
    content = tiff(pixels=bytes(damaged), compression=DEFLATE)
    assert "damaged" in unreadable(tmp_path, content)


@pytest.fixture(scope="module")
def bomb():
    """64 MB of zeros in 64 kB."""
    return zlib.compress(bytes(1 << 26), 9)


def test_a_decompression_bomb_behind_a_small_image(tmp_path, bomb):
    padded = bomb + bytes(100_000)
    assert "more compressed bytes" in refused(tmp_path, tiff(pixels=padded, compression=DEFLATE))
    unreadable(tmp_path, tiff(512, 512, bomb, DEFLATE))


def test_a_decompression_bomb_that_admits_it(tmp_path, bomb):
    assert "would grow" in refused(tmp_path, tiff(32_768, 65_536, bomb, DEFLATE))


def test_complex_samples(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.ones((9, 9), "complex64"))
    assert "complex64" in refused(tmp_path, (tmp_path / "a.tif").read_bytes())


def test_a_file_cut_after_it_was_opened(tmp_path):
    path = tmp_path / "a.tif"
    for way in ({}, {"rowsperstrip": 9, "compression": "zlib"}):
        tifffile.imwrite(path, np.ones((300, 38), "uint16"), **way)
        loader = open_loader(path)
        path.write_bytes(path.read_bytes()[:300])
        with pytest.raises(UnreadableFile):
            loader.read_plane(0)


SEEDS = {
    "plain": {"metadata": None},
    "deflate": {"compression": "zlib", "rowsperstrip": 7},
    "tiles": {"compression": "lzw", "tile": (16, 16)},
    "ome": {"ome": True},
    "imagej": {"imagej": True},
    "big": {"bigtiff": True},
}


@pytest.fixture(scope="module", params=SEEDS.values(), ids=SEEDS)
def seed(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("seed") / "a.tif"
    pixels = np.arange(3 * 50 * 40, dtype="uint16").reshape(3, 50, 40)
    tifffile.imwrite(path, pixels, photometric="minisblack", **request.param)
    return path


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_random_damage_gives_pixels_or_a_sentence(seed, damage):
    raw = bytearray(seed.read_bytes())
    metadata = [*range(min(len(raw), 700)), *range(max(len(raw) - 700, 0), len(raw))]
    for where, byte in damage:
        raw[metadata[int(where * (len(metadata) - 1))]] = byte
    path = seed.with_name("damaged.tif")
    path.write_bytes(raw)
    try:
        loader = open_loader(path)
        plane = loader.read_plane(0)
    except UnreadableFile:
        return
    assert plane.shape == (loader.header.size("Y"), loader.header.size("X"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError("8 EiB"), "memory"),
        (PermissionError(13, "Permission denied"), "permission"),
        (KeyError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package"), "imagecodecs"),
        (ImportError("could not import name 'jetraw_decode' from 'imagecodecs'"), "jetraw"),
        (ImportError("No module named 'oirfile'"), "oirfile"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (ValueError("failed to read 9 bytes, got 3"), "ends before"),
        (ValueError("corrupted\n tag"), "corrupted tag"),
        (IndexError("tuple index out of range"), "damaged"),
        (ValueError(), "damaged"),
    ],
)
def test_sentences(error, words):
    assert words in reason(error)
    assert "\n" not in reason(error)
