from tests.gestures.test_compare import *
def test_dbg(user, window, feature, five):
    opened = compared(user, window, feature, "a", "b")
    plot = opened.tiles[0].plot
    got=[]; plot.hovered.connect(got.append)
    for x in (200,210): user.hover(plot.viewport(), QPoint(x, plot.height()//2)); print(x, got, plot.height(), plot.viewport().hasMouseTracking(), plot.view_box.sceneBoundingRect())
    assert 0
