"""Stage: archives in, scored archives out.

`jobs` finds the files, `chunks` reads them in pieces, `rows` makes Arrow rows of a piece and tells
the bad rows apart, `encode` writes scored rows, `parts` keeps what is finished, `run` runs it all.
"""

from __future__ import annotations

from pipeline.archive.chunks import Limits
from pipeline.archive.run import Stop, Stopped, Summary, score_archive

__all__ = ["Limits", "Stop", "Stopped", "Summary", "score_archive"]
