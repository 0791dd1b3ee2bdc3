"""Every exception that a user can catch; the command shows them without a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class StanceError(Exception):
    """Base of errors whose message says what is wrong, where, and what to do."""


class ArticleError(StanceError):
    """An article that cannot be read."""


class CorpusError(StanceError, ValueError):
    """Label files that cannot be used, with everything that is wrong in them.

    Attributes
    ----------
    problems : list of Problem
        In order of file and line.
    """

    def __init__(self, problems: Sequence[LabelProblem]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        heading = f"{count} problem{'s' if count > 1 else ''} in the labelled statements"
        super().__init__("\n".join([heading, *map(str, self.problems)]))


@dataclass(frozen=True)
class LabelProblem:
    """One thing wrong in a label file: where, what, and what to do about it."""

    file: str
    line: int | None
    what: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}; {self.remedy}"


class ScoringError(StanceError, ValueError):
    """Rows, columns or files that cannot be scored."""


class ModelError(StanceError, RuntimeError):
    """A model that is missing, damaged, or made by other versions."""


class MissingExtraError(StanceError, ImportError):
    """A package that is installed only with an extra, such as ``train``."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f'this needs {package}, which is not installed: pip install "stance-pipeline[{extra}]"'
        )


class Stopped(StanceError):  # noqa: N818
    """A run that a signal ended early, with what was begun finished."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
