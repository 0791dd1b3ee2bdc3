"""Scores beside labels: metrics, intervals, plots and the report. Knows no model."""
