"""Signals that ask a run to stop."""

from __future__ import annotations

import os
import signal


class StopSignal:
    """Ends the reading of input early when a signal comes; to be entered.

    The first signal lets what is begun finish; the second ends the process at once.

    Parameters
    ----------
    *signals : int
        The signals to handle.
    """

    def __init__(self, *signals: int) -> None:
        self.number: int | None = None
        self._signals = signals

    def __enter__(self) -> StopSignal:
        self.descriptor, self._wake = os.pipe()
        self._before = {number: signal.signal(number, self._handle) for number in self._signals}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.descriptor)
        os.close(self._wake)

    def _handle(self, number: int, _: object) -> None:
        self.number = number
        signal.signal(number, signal.SIG_DFL)
        self.wake()

    def wake(self) -> None:
        """Let a reader that waits for input leave."""
        os.write(self._wake, b".")
