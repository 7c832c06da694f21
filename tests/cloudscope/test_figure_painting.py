"""A recipe and its content on paper: sizes, text, curves within their frame, JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from acqcore.model.header import Calibration
from cloudscope.figures.caption import caption
from cloudscope.figures.content import (
    SPARK,
    EventBand,
    FigureContent,
    Mark,
    Outline,
    Picture,
    Polyline,
    Shade,
    StreakAngles,
    TraceLine,
    TracePlot,
)
from cloudscope.figures.export import as_image, as_pdf, as_png, as_svg
from cloudscope.figures.layout import arranged
from cloudscope.figures.nice import (
    bar_length,
    distance_text,
    round_down,
    round_up,
    tick_texts,
    ticks,
    time_text,
)
from cloudscope.figures.paint_results import streak_lines
from cloudscope.figures.paper import MM, lettering
from cloudscope.figures.place import Place
from cloudscope.figures.recipe import (
    CurveSource,
    FigureRecipe,
    ImagePanel,
    TracePanel,
    UnreadableRecipe,
)
from cloudscope.figures.traces import band_within, value_limits, within

STEPS = Calibration(0.001, 0.25, "seconds", "um", "test")
SVG = "{http://www.w3.org/2000/svg}"


def gray() -> np.ndarray:
    return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def picture(lines: int = 1000, pixels: int = 80, **more) -> Picture:
    index = np.random.default_rng(0).integers(0, 256, (pixels, lines)).astype(np.uint8)
    return Picture(index, gray(), (0, lines), pixels, (100, 900), "Texas Red", "Gray", **more)


def curve(lines: int = 1000, label: str = "ROI 1", color: str = "#B9470E") -> TraceLine:
    x = np.arange(0.0, lines, 4)
    y = 0.5 + 0.2 * np.sin(x / 40)
    return TraceLine(x, y, x, y - 0.05, y + 0.05, label, color, "Radon", x.size, 3)


def recipe(**more) -> FigureRecipe:
    panels = (ImagePanel(), TracePanel(curves=(CurveSource("a", "b", 0, 1),)))
    return replace(FigureRecipe("a.tif", (0, 1000), panels=panels), **more)


def content(*panels) -> FigureContent:
    made = panels or (picture(), TracePlot("Velocity (mm/s)", (curve(),)))
    return FigureContent("a.tif", STEPS, tuple(made))


def texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(one.itertext()).strip() for one in root.iter(f"{SVG}text")]


# --- numbers -------------------------------------------------


@pytest.mark.parametrize(
    ("least", "up", "down"), [(0.3, 0.5, 0.2), (1, 1, 1), (7, 10, 5), (0.0021, 0.005, 0.002)]
)
def test_round_numbers(least: float, up: float, down: float) -> None:
    assert round_up(least) == pytest.approx(up)
    assert round_down(least) == pytest.approx(down)


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0.0, 2.0, 5) == pytest.approx([0, 0.5, 1, 1.5, 2])
    assert tick_texts(ticks(-0.4, 0.4, 4)) == ["−0.4", "−0.2", "0.0", "0.2", "0.4"]
    assert ticks(1.0, 1.0, 5) == ticks(float("nan"), 1.0, 5) == []


def test_bars_fit_and_read_well() -> None:
    assert bar_length(0, 2.0) == pytest.approx(0.5)
    assert bar_length(0.4, 2.0) == 0.4
    assert bar_length(5.0, 2.0) == pytest.approx(0.5)  # longer than the picture
    assert time_text(0.4, True) == "400 ms"
    assert time_text(2, True) == "2 s"
    assert time_text(0.0002, True) == "200 µs"
    assert time_text(200, False) == "200 lines"
    assert distance_text(20, True) == "20 µm"
    assert distance_text(20, False) == "20 px"


# --- curves -------------------------------------------------


def test_a_curve_is_cut_where_it_leaves_the_frame() -> None:
    x, y = np.array([0.0, 10, 20, 30]), np.array([0.0, 10, 0, np.nan])
    (rise, fall) = within(x, y, (2, 40), (0, 5))
    np.testing.assert_allclose(rise, ([2, 5], [2, 5]))
    np.testing.assert_allclose(fall, ([15, 20], [5, 0]))


def test_a_curve_that_crosses_the_whole_frame_keeps_both_crossings() -> None:
    (part,) = within(np.array([0.0, 10]), np.array([-10.0, 10]), (0, 10), (-5, 5))
    np.testing.assert_allclose(part, ([2.5, 7.5], [-5, 5]))


def test_gaps_stay_gaps() -> None:
    y = np.array([1, 1, np.nan, 1, 1.0])
    assert [part[0].tolist() for part in within(np.arange(5.0), y, (0, 4), (0, 2))] == [
        [0, 1], [3, 4],
    ]  # fmt: skip


def test_the_band_is_flat_at_the_edge() -> None:
    line = curve(100)
    for _, low, high in band_within(line, (10, 90), (0.45, 0.6)):
        assert low.min() >= 0.45
        assert high.max() <= 0.6


def test_limits_hold_every_point_and_near_zero() -> None:
    low, high = value_limits(TracePlot("", (curve(),)))
    assert 0 == low < 0.7 < high < 0.9
    assert value_limits(TracePlot("")) == (0, 1)


# --- the page -------------------------------------------------


def test_all_panels_share_their_edges(qapp) -> None:
    asked = recipe(panels=(ImagePanel(lut_bar=True), ImagePanel(scale="axes"), TracePanel()))
    shown = content(picture(), picture(), TracePlot("Velocity (mm/s)", (curve(),)))
    page = arranged(asked, shown, lettering(asked))
    assert {(one.plot.left(), one.plot.right()) for one in page.frames} == {
        (page.frames[0].plot.left(), page.frames[0].plot.right())
    }
    assert page.time_frame == 2
    bottoms = [one.plot.bottom() for one in page.frames]
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] < page.page.height()


def test_heights_follow_the_parts(qapp) -> None:
    asked = recipe(panels=(ImagePanel(parts=6), TracePanel(parts=2)))
    first, second = arranged(asked, content(), lettering(asked)).frames
    assert first.plot.height() == pytest.approx(3 * second.plot.height())


def test_a_tiny_page_is_painted_all_the_same(qapp) -> None:
    assert as_svg(recipe(width_mm=20.0, height_mm=20.0, text_pt=24.0), content())


def test_hidden_panels_leave_room_and_letters(qapp) -> None:
    first, second = recipe().panels
    asked = recipe(panels=(replace(first, shown=False), second))
    page = arranged(asked, content(None, content().panels[1]), lettering(asked))
    assert [one.index for one in page.frames] == [1]
    assert asked.letter(0) == ""
    assert asked.letter(1) == "a"


def test_svg_has_its_size_and_its_text(qapp) -> None:
    svg = as_svg(recipe(width_mm=89.0, height_mm=61.5, letters="A"), content())
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("89mm", "61.5mm")
    box = [float(one) for one in root.get("viewBox", "").split()]
    assert box == pytest.approx([0, 0, 89 * MM, 61.5 * MM], rel=1e-4)
    said = texts(svg)
    assert {"A", "B", "Velocity (mm/s)", "Time (s)", "200 ms", "5 µm", "0.0", "1.0"} <= set(said)
    sizes = {float(one) for one in re.findall(r'<text[^>]*font-size="([\d.]+)"', svg.decode())}
    assert sizes == {70, 80}  # tenths of a point; the letters are a point larger
    assert len(list(root.iter(f"{SVG}image"))) == 1


@pytest.mark.parametrize("size", [(85.0, 80.0), (170.0, 61.5), (20.0, 20.0), (499.9, 352.7)])
def test_pdf_has_its_size_fonts_and_recipe(qapp, size: tuple[float, float]) -> None:
    pdf = as_pdf(recipe(width_mm=size[0], height_mm=size[1]), content())
    box = re.search(rb"/MediaBox \[([-\d. ]+)\]", pdf)
    assert box is not None
    left, bottom, right, top = (float(one) / 72 * 25.4 for one in box.group(1).split())
    assert (right - left, top - bottom) == pytest.approx(size, abs=0.001)
    start = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    assert pdf[start:].startswith(b"xref")  # nothing moved
    assert b"/FontFile" in pdf
    assert "figure.json".encode("utf-16-be") in pdf


@pytest.mark.parametrize("dpi", [300, 600])
def test_png_has_its_size_and_resolution(qapp, dpi: int) -> None:
    image = QImage.fromData(as_png(recipe(dpi=dpi), content()), "PNG")
    assert image.width() == round(85 / 25.4 * dpi)
    assert image.dotsPerMeterX() == pytest.approx(dpi / 0.0254, abs=1)
    assert FigureRecipe.from_json(image.text("Figure")) == recipe(dpi=dpi)
    assert image.pixelColor(2, 2).name() == "#ffffff"


def test_nothing_is_embedded_where_it_is_not_wanted(qapp) -> None:
    svg = as_svg(recipe(embed=False), content())
    assert b"cloudscope_figure" not in svg
    assert "figure.json".encode("utf-16-be") not in as_pdf(recipe(embed=False), content())


def test_one_unit_is_the_same_on_every_device(qapp) -> None:
    """What lies in the middle of the plot in pixels is where the SVG has it."""
    asked = recipe(dpi=254, letters="")
    flat = replace(picture(), index=np.zeros((80, 1000), np.uint8))
    shown = content(flat, TracePlot("Velocity (mm/s)"))
    plot = arranged(asked, shown, lettering(asked)).frames[0].plot
    image = as_image(asked, shown)
    left, top = (round(one / MM * 10) for one in (plot.left(), plot.top()))
    assert image.pixelColor(left + 3, top + 3).name() == "#000000"
    assert image.pixelColor(left - 3, top + 3).name() == "#ffffff"


def test_a_picture_stands_upright(qapp) -> None:
    """The first row is the highest pixel; columns are lines."""
    index = np.zeros((80, 1000), np.uint8)
    index[0, :] = 255
    asked = recipe(panels=(ImagePanel(scale="axes"),), letters="")
    shown = content(replace(picture(), index=index))
    plot = arranged(asked, shown, lettering(asked)).frames[0].plot
    image, scale = as_image(asked, shown), 600 / 720
    at = round(plot.center().x() * scale), round((plot.top() + plot.height() / 160) * scale)
    assert image.pixelColor(*at).lightness() > 200


def test_marks_and_keys(qapp) -> None:
    outlines = (
        Outline((100, 500, 10, 60), False, "vessel", "#FFB000"),
        Outline((900, 2000, 10, 60), False, "beyond", "#4CC3FF"),
        Outline((3000, 4000, 0, 9), False, "elsewhere", "#4CC3FF"),
        Outline((50, 5, 700, 70), True, "line", "#FFFFFF"),
    )
    edge = Polyline(np.arange(1000.0), np.full(1000, 30.0), "Left edge", "#00E5FF")
    events = (EventBand(100, 200, "rise"), EventBand(-50, 20, "user"), EventBand(5e3, 6e3, "fall"))
    shown = content(
        picture(outlines=outlines, overlays=(edge,)),
        TracePlot("Velocity (mm/s)", (curve(), curve(label="ROI 2")), events),
    )
    asked = recipe(panels=(ImagePanel(overlays=True, lut_bar=True), recipe().panels[1]))
    said = texts(as_svg(asked, shown))
    assert {"vessel", "beyond", "line", "ROI 1", "ROI 2", "rise", "marked", "100", "900"} <= set(
        said
    )
    assert "elsewhere" not in said


def test_long_recordings_give_small_files(qapp) -> None:
    """30,000 lines: what comes in is reduced to the resolution, and written briefly."""
    x = np.linspace(0, 30_000, 2 * 2008)
    y = 0.5 + 0.2 * np.random.default_rng(0).standard_normal(x.size)
    line = TraceLine(x, y, x[::2], y[::2] - 0.1, y[::2] + 0.1, "ROI 1", "#B9470E")
    asked = recipe(lines=(0, 30_000), panels=(recipe().panels[1],))
    svg = as_svg(asked, content(TracePlot("Velocity (mm/s)", (line,))))
    assert len(svg) < 300_000


# --- words -------------------------------------------------


def test_the_caption_tells_what_was_done() -> None:
    said = caption(recipe(), content())
    assert said.startswith("a.tif, 0 s to 1 s. (a) Kymograph, Texas Red (Gray, 100 to 900)")
    assert "scale bars: 200 ms and 5 µm" in said
    assert "(b) Velocity, ROI 1: Radon, n = 247 windows (3 more were rejected)" in said
    assert "95 % interval" in said
    assert "0.25 µm per pixel, 1 ms per line (from: test)" in said
    assert re.search(r"CloudScope \d", said)


def test_the_caption_of_an_uncalibrated_recording() -> None:
    shown = replace(content(), calibration=Calibration())
    said = caption(recipe(), shown)
    assert "lines 0 to 1000" in said
    assert "scale bars: 200 lines and 20 px" in said
    assert "Not calibrated" in said


# --- recipes -------------------------------------------------


def full() -> FigureRecipe:
    image = ImagePanel(limits=(1.5, 9.0), lut="Viridis", scale="axes", time_bar=0.4, shown=False)
    traces = TracePanel(curves=(CurveSource("a", "b", 1, 2),), limits=(-1.0, 2.0), band=False)
    return recipe(panels=(image, traces, TracePanel()), letters="", font="Serif", dpi=300)


def test_a_recipe_survives_its_file() -> None:
    assert FigureRecipe.from_json(full().to_json()) == full()


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", '"x"', '{"cloudscope_figure": 99}',
        '{"cloudscope_figure": 1, "width_mm": "wide"}',
        '{"cloudscope_figure": 1, "width_mm": 1e9}',
        '{"cloudscope_figure": 1, "lines": [5, 1]}',
        '{"cloudscope_figure": 1, "lines": 5}',
        '{"cloudscope_figure": 1, "panels": [{"kind": "pie"}]}',
        '{"cloudscope_figure": 1, "panels": [{"kind": "image", "limits": [3, 1]}]}',
        '{"cloudscope_figure": 1, "panels": [{"kind": "image", "limits": [NaN, 1]}]}',
        '{"cloudscope_figure": 1, "panels": [{"kind": "traces", "curves": [{}]}]}',
        '{"cloudscope_figure": 1, "panels": [3]}',
        '{"cloudscope_figure": 1, "embed": 1}',
        '{"cloudscope_figure": 1, "font": "Comic"}',
    ],
)  # fmt: skip
def test_a_damaged_recipe_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UnreadableRecipe, match=r"\.$"):
        FigureRecipe.from_json(text)


def test_what_a_recipe_leaves_unsaid_is_the_default() -> None:
    stored = json.loads(full().to_json())
    del stored["dpi"], stored["panels"][0]["lut"]
    read = FigureRecipe.from_json(json.dumps(stored | {"later": 1}))
    assert read.dpi == 600
    assert read.panels[0].lut == ""


def test_moving_and_removing_panels() -> None:
    first, second = recipe().panels
    assert recipe().moved(0, 1).panels == (second, first)
    assert recipe().moved(0, -1) == recipe()
    assert recipe().without(0).panels == (second,)


# --- composites and results on the picture -------------------------------------------------


def composite() -> Picture:
    magenta = np.stack((np.arange(256), np.zeros(256), np.arange(256)), axis=1).astype(np.uint8)
    colors = np.zeros((80, 1000, 3), np.uint8)
    colors[..., 0] = 200
    second = Shade(magenta, (5, 55), "Dextran", "Magenta")
    return picture(colors=colors, added=(second,))


def test_a_composite_is_painted_in_colours(qapp) -> None:
    asked = recipe(panels=(ImagePanel(scale="axes", also=(1,), lut_bar=True),), letters="")
    image = as_image(asked, content(composite()))
    plot = arranged(asked, content(composite()), lettering(asked)).frames[0].plot
    at = plot.center() * (600 / 720)
    assert image.pixelColor(round(at.x()), round(at.y())).name() == "#c80000"
    said = set(texts(as_svg(asked, content(composite()))))
    assert {"100", "900", "5", "55"} <= said  # one bar for each channel


def test_the_caption_names_what_lies_on_the_picture() -> None:
    streaks = StreakAngles(np.array([10.0]), np.array([0.5]), (0, 1000, 0, 80), "Velocity (Radon)")
    marks = (
        Mark((10, 60, 0, 80), "rise"),
        Mark((70, 90, 0, 80), "user"),
        Mark((1, 9, 1, 9), SPARK),
    )
    edge = Polyline(np.arange(9.0), np.arange(9.0), "Left edge", "#00E5FF")
    one = replace(
        composite(),
        streaks=(streaks,),
        marks=marks,
        overlays=(edge, edge),
        stale=("the ROI moved",),
    )
    said = caption(recipe(), content(one, TracePlot("Velocity (mm/s)", (curve(),))))
    assert "composite of Texas Red (Gray, 100 to 900) and Dextran (Magenta, 5 to 55)" in said
    assert "lines: left edge;" in said
    assert "short lines: measured streak angles (Velocity (Radon))" in said
    assert "strips: events (▲ rise, ● marked)" in said
    assert "frames: calcium sparks" in said
    assert "results out of date: the ROI moved" in said


def test_streaks_have_their_slope_on_the_page() -> None:
    """At 1 pixel per line the ends are as far apart as the scales say."""
    where = Place(QRectF(0, 0, 1000, 160), picture())
    lines = np.arange(0.0, 1000, 4)
    streaks = StreakAngles(lines, np.full(lines.size, -1.0), (0, 1000, 0, 80), "")
    drawn = streak_lines(where, streaks)
    assert 5 < len(drawn) < 60
    for one in drawn[1:-1]:
        assert one.dy() / one.dx() == pytest.approx(2.0)  # down the page: towards lower pixels
        assert one.center().y() == pytest.approx(80)
    upright = StreakAngles(np.array([500.0]), np.array([np.inf]), (0, 1000, 0, 80), "")
    (one,) = streak_lines(where, upright)
    assert one.dx() == pytest.approx(0, abs=1e-6)


def test_marks_stay_in_the_picture(qapp) -> None:
    marks = (
        Mark((-50, 40, 10, 70), "rise"), Mark((900, 5000, -5, 999), "transient"),
        Mark((2000, 2100, 0, 80), "fall"), Mark((100, 140, 20, 30), SPARK),
    )  # fmt: skip
    asked = recipe(panels=(ImagePanel(events=True, sparks=True, scale="axes"),), letters="")
    flat = picture(marks=marks)
    image, scale = as_image(asked, content(flat)), 600 / 720
    plot = arranged(asked, content(flat), lettering(asked)).frames[0].plot
    beyond = round((plot.right() + 12) * scale), round((plot.top() + 12) * scale)
    assert image.pixelColor(*beyond).name() == "#ffffff"
    inside = round((plot.left() + 9) * scale), round((plot.top() + plot.height() / 8 + 9) * scale)
    assert image.pixelColor(*inside).name() == "#6db7ec"


def test_recipes_of_before_and_of_now() -> None:
    block = {"kind": "image", "overlays": True}
    read = FigureRecipe.from_json(json.dumps({"cloudscope_figure": 1, "panels": [block]}))
    assert read.panels == (ImagePanel(overlays=True),)
    now = recipe(panels=(ImagePanel(also=(1, 2), streaks=True, events=True, sparks=True),))
    assert FigureRecipe.from_json(now.to_json()) == now
    for wrong in ([0], [1, 1], ["x"], [-1]):
        stored = {"cloudscope_figure": 1, "panels": [{"kind": "image", "also": wrong}]}
        with pytest.raises(UnreadableRecipe):
            FigureRecipe.from_json(json.dumps(stored))
