"""The error that is the user's to mend: shown without a traceback."""

from __future__ import annotations


class StanceError(Exception):
    """Base of errors whose message says what is wrong, where, and what to do."""
