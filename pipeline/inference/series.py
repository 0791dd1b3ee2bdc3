"""Series of pandas, known without importing pandas: who has one has imported it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd


class TextSeries(Protocol):
    """What a `pandas.Series` has and a list does not, for type checkers that know no pandas."""

    @property
    def iloc(self) -> Any:
        """The values by position."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the values."""


def is_series(value: object) -> bool:
    """Return whether a value is a `pandas.Series`."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.Series)


def check_none_missing(series: pd.Series) -> None:
    """Check that no text of a series is missing.

    Parameters
    ----------
    series : Series
        Texts.

    Raises
    ------
    TypeError
        Naming the index of the first that is missing.
    """
    missing = series.index[series.isna()]
    if len(missing):
        raise TypeError(
            f"the text at index {missing[0]!r} is missing; leave such rows out with dropna(), or "
            "call score_table(frame), which leaves their stances empty"
        )


def series_like(series: pd.Series, values: Sequence[object]) -> pd.Series:
    """Return values as a series with the index and the name of another."""
    import pandas as pd

    return pd.Series(values, index=series.index, name=series.name, dtype=object)
