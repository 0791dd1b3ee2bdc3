"""Archives in, scored archives out, of any size.

`plan` finds the files, `chunks` reads them in pieces, `parsing` makes Arrow rows of a piece and
tells the bad rows apart, `writing` encodes scored rows, `checkpoints` keeps what is finished,
`runner` runs it all.
"""

from __future__ import annotations

from pipeline.batch.formats import Limits
from pipeline.batch.runner import Summary, score_archive
from pipeline.batch.signals import StopSignal
from pipeline.errors import Stopped

__all__ = ["Limits", "StopSignal", "Stopped", "Summary", "score_archive"]
