"""Frozen values: what a recording is and what was added to it. No input or output."""
