"""Labelled statements in: reading, splitting, telling what a model has seen."""
