"""Bytes to the text of an article, its paragraphs and sentences."""
