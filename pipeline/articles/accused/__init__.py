"""Whom an accusation is aimed at."""
