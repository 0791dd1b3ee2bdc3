"""The `stance` command: a thin layer over the stages."""

import gc

# what start-up and reading make is kept or goes by itself: looking for garbage as often as Python
# does by itself takes a tenth of the time
gc.set_threshold(50_000, 20, 50)

from pipeline.cli.app import main  # noqa: E402

__all__ = ["main"]
