"""The `stance` command: a thin layer over the stages."""

from pipeline.cli.app import main

__all__ = ["main"]
