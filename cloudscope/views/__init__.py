"""Widgets: a view paints a frozen scene and reports gestures; it decides nothing."""
