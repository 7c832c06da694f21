"""Figures for print: a recipe, what it shows, and one function that paints both anywhere."""
