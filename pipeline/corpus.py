"""Labelled statements: load, check, merge and split them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")

import datasets
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from pipeline.errors import StanceError
from pipeline.readers import SUFFIXES, Mapping, Problem, Record, read
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES

_ROWS_AT_ONCE = 512


class CorpusError(StanceError, ValueError):
    """Label files that cannot be used, with everything that is wrong in them.

    Attributes
    ----------
    problems : list of Problem
        In order of file and line.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        heading = f"{count} problem{'s' if count > 1 else ''} in the labelled statements"
        super().__init__("\n".join([heading, *map(str, self.problems)]))


@dataclass(frozen=True)
class Corpus:
    """Labelled statements and where they came from.

    Attributes
    ----------
    statements : datasets.Dataset
        Columns ``text`` (string), ``stances`` (list of `ClassLabel`, main stance first), ``origin``
        (file and line), and whatever other columns the files had.
    files : dict of str to str
        SHA-256 of each file read.
    notes : list of str
        What was done to the statements on the way, such as duplicates dropped.
    """

    statements: datasets.Dataset
    files: dict[str, str]
    notes: list[str]

    @property
    def texts(self) -> list[str]:
        """The text of each statement."""
        return list(self.statements["text"][:])

    @property
    def stances(self) -> list[tuple[str, ...]]:
        """The stances of each statement, main one first."""
        return [tuple(STANCES[code] for code in codes) for codes in self.statements["stances"][:]]

    @property
    def groups(self) -> list[str]:
        """The group of each statement; one without a group is a group of its own."""
        texts = self.texts
        if "group" not in self.statements.column_names:
            return [_key(text) for text in texts]
        return [
            _key(text) if group in (None, "") else str(group)
            for group, text in zip(self.statements["group"][:], texts, strict=True)
        ]

    def counts(self) -> dict[str, int]:
        """Count the statements of each stance, and those of none."""
        counted = Counter(name for names in self.stances for name in names or (NONE,))
        return {name: counted[name] for name in (*STANCES, NONE)}

    def select(self, rows: Iterable[int]) -> Corpus:
        """Keep only some statements.

        Parameters
        ----------
        rows : iterable of int
            Their positions.

        Returns
        -------
        Corpus
            The same files and notes, fewer statements.
        """
        kept = np.fromiter(rows, dtype=np.int64)
        return Corpus(self.statements.select(kept), self.files, self.notes)

    def __len__(self) -> int:
        return int(self.statements.num_rows)


def load(paths: str | Path | Sequence[str | Path], mapping: Mapping | None = None) -> Corpus:
    r"""Load labelled statements.

    Parameters
    ----------
    paths : path or sequence of paths
        Files (JSONL, JSON, CSV, TSV, Parquet; exports of Label Studio and doccano) or folders of
        them, searched to any depth.
    mapping : Mapping, optional
        For labels of another scheme, such as PLOVER or CAMEO codes.

    Returns
    -------
    Corpus
        All statements in order, exact duplicates dropped.

    Raises
    ------
    CorpusError
        With every problem of every file. Nothing is returned of files with problems.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "mine.csv")
    ...     _ = file.write_text("text,stance\nHe denied it.,deny\nIt rained.,none\n")
    ...     load(file).stances
    [('deny',), ()]
    """
    problems: list[Problem] = []
    files: dict[str, str] = {}
    statements: list[Record] = []
    for file in _files([paths] if isinstance(paths, str | Path) else paths, problems):
        try:
            content = file.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            problems.append(Problem(str(file), None, f"cannot be read ({reason})", "check it"))
            continue
        files[str(file)] = hashlib.sha256(content).hexdigest()
        statements.extend(read(file, content, problems, mapping))
    notes = [] if mapping is None else _mapped(mapping, files, problems)
    kept = _drop_duplicates(statements, problems, notes)
    if not kept and not problems:
        problems.append(
            Problem(", ".join(map(str, files)) or "-", None, "no statements", "add some")
        )
    if problems:
        raise CorpusError(problems)
    return Corpus(_dataset(kept), files, notes)


def _mapped(mapping: Mapping, files: dict[str, str], problems: list[Problem]) -> list[str]:
    """Note which labels count as none; a mapped label that never stands there is a problem."""
    met = ", ".join(f"{label!r}" for label, _ in mapping.seen.most_common(10))
    for label in mapping.meaning.keys() - {*STANCES, NONE} - mapping.seen.keys():
        what = f"no label {label!r}, which --map names"
        problems.append(Problem(", ".join(files), None, what, f"labels there: {met}"))
    others = [
        f"{label or '(empty)'} ({count:,})"
        for label, count in mapping.seen.most_common()
        if label not in mapping.meaning
    ]
    return [f"labels counted as none: {', '.join(others)}"] if others else []


def require_trainable(corpus: Corpus, least: int = SETTINGS.least_statements) -> None:
    """Check that there is enough of every stance to train on.

    Parameters
    ----------
    corpus : Corpus
        What is to be trained on.
    least : int
        Fewest statements of a stance, and of none.

    Raises
    ------
    CorpusError
        Naming each stance that has too few statements, or stands in one group only.
    """
    named = ", ".join(corpus.files)
    problems = [
        Problem(
            named,
            None,
            f"{count} statements of {name!r}, too few to train on",
            f"label at least {least}",
        )
        for name, count in corpus.counts().items()
        if count < least
    ]
    groups = corpus.groups
    for name in (*STANCES, NONE):
        standing_in = {
            group
            for group, stances in zip(groups, corpus.stances, strict=True)
            if name in (stances or (NONE,))
        }
        if len(standing_in) == 1:
            what = f"{name!r} stands in one group only, so it cannot be held out"
            problems.append(
                Problem(named, None, what, "add groups with it, or leave the group column out")
            )
    if problems:
        raise CorpusError(problems)


def split(corpus: Corpus, test_share: float = SETTINGS.test_share) -> tuple[Corpus, Corpus]:
    """Split statements into training and test part, always the same way.

    A statement's side is drawn from a hash of its group, or of its text where it has none, so it
    does not depend on the other statements or their order; except that near-duplicates which fall
    on both sides all go to the training part.

    Parameters
    ----------
    corpus : Corpus
        Statements, with a ``group`` column or without.
    test_share : float
        Expected share of groups in the test part.

    Returns
    -------
    train, test : Corpus
        No near-duplicates stand on both sides.
    """
    in_test = np.array([_draw(group) < test_share for group in corpus.groups], dtype=bool)
    pairs = near_duplicates(corpus.texts, among=np.flatnonzero(in_test))
    size = len(corpus)
    links = sparse.coo_matrix(
        (np.ones(len(pairs)), ([i for i, _, _ in pairs], [j for _, j, _ in pairs])),
        shape=(size, size),
    )
    _, component = sparse.csgraph.connected_components(links, directed=False)
    in_train_too = np.zeros(size, dtype=bool)
    in_train_too[component[~in_test]] = True
    in_test &= ~in_train_too[component]
    return corpus.select(np.flatnonzero(~in_test)), corpus.select(np.flatnonzero(in_test))


def near_duplicates(
    texts: Sequence[str],
    threshold: float = SETTINGS.near_duplicate,
    among: npt.NDArray[np.intp] | None = None,
) -> list[tuple[int, int, float]]:
    """Find pairs of texts that are nearly the same.

    Parameters
    ----------
    texts : sequence of str
        Statements.
    threshold : float
        Similarity above which a pair counts.
    among : ndarray of int, optional
        Look only for pairs with one of these positions, which takes proportionally less time.

    Returns
    -------
    list of (int, int, float)
        Positions of the two, the first smaller, and their Jaccard similarity: shared character
        5-grams over all 5-grams of either, in small letters with punctuation dropped.

    Examples
    --------
    >>> near_duplicates(["He denied the claim.", "He denied the claim!", "Rain fell."])
    [(0, 1, 1.0)]
    """
    rows = np.arange(len(texts)) if among is None else np.asarray(among)
    if not len(rows):
        return []
    matrix = _five_grams(texts)
    columns = matrix.T.tocsr()
    sizes = np.diff(matrix.indptr)
    found = set()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        block = rows[start : start + _ROWS_AT_ONCE]
        shared = (matrix[block] @ columns).tocoo()
        left, right = block[shared.row], shared.col
        jaccard = shared.data / (sizes[left] + sizes[right] - shared.data)
        close = (jaccard > threshold) & (left != right)
        found |= {
            (int(min(i, j)), int(max(i, j)), float(value))
            for i, j, value in zip(left[close], right[close], jaccard[close], strict=True)
        }
    return sorted(found)


def _five_grams(texts: Sequence[str]) -> sparse.csr_matrix:
    """Tell which character 5-grams each text has, as 0/1 rows."""
    normal = [f" {_key(text)} ".ljust(5).encode("utf-32-le") for text in texts]
    sizes = np.array([len(text) // 4 for text in normal])
    alphabet, characters = np.unique(
        np.frombuffer(b"".join(normal), dtype="<u4"), return_inverse=True
    )
    windows = np.lib.stride_tricks.sliding_window_view(characters.astype(np.uint64), 5)
    grams = windows @ np.uint64(len(alphabet)) ** np.arange(5, dtype=np.uint64)
    ends = np.cumsum(sizes)
    starts = np.concatenate(
        [np.arange(end - size, end - 4) for size, end in zip(sizes, ends, strict=True)]
    )
    _, columns = np.unique(grams[starts], return_inverse=True)
    rows = np.repeat(np.arange(len(texts)), sizes - 4)
    matrix = sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)))
    matrix.data[:] = 1
    return matrix


def shown(path: str | Path) -> str:
    """Name a file as seen from the current folder, if it is in there.

    Examples
    --------
    >>> shown(Path.cwd() / "data" / "mine.csv")
    'data/mine.csv'
    """
    return str(path).removeprefix(f"{Path.cwd()}{os.sep}")


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower() or text


def _draw(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8]) / 2**64


def _files(paths: Sequence[str | Path], problems: list[Problem]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
            if not inside:
                remedy = f"put {', '.join(SUFFIXES)} files there"
                problems.append(Problem(str(path), None, "no label files in the folder", remedy))
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            problems.append(Problem(str(path), None, "no such file or folder", "check the path"))
        elif path.suffix.lower() not in SUFFIXES:
            remedy = f"give it one of the endings {', '.join(SUFFIXES)}"
            problems.append(
                Problem(
                    str(path), None, f"cannot read {path.suffix or 'a file without ending'}", remedy
                )
            )
        else:
            found[path] = None
    return list(found)


def _drop_duplicates(
    statements: list[Record], problems: list[Problem], notes: list[str]
) -> list[Record]:
    first: dict[str, Record] = {}
    dropped = []
    for statement in statements:
        key = " ".join(statement["text"].split())
        other = first.setdefault(key, statement)
        if other is statement:
            continue
        if set(other["stances"]) == set(statement["stances"]):
            dropped.append(f"{statement['origin']} repeats {other['origin']}")
            continue
        file, _, line = statement["origin"].rpartition(":")
        mine, others = (", ".join(s["stances"]) or NONE for s in (statement, other))
        what = f"labelled {mine}, but the same text is {others} at {other['origin']}"
        problems.append(Problem(file, int(line), what, "decide which is right, delete the other"))
    if dropped:
        notes.append(f"{len(dropped)} exact duplicates left out: {'; '.join(dropped[:5])}")
    return list(first.values())


def _dataset(statements: list[Record]) -> datasets.Dataset:
    names = dict.fromkeys(key for statement in statements for key in statement)
    extra = {
        name: _column([statement.get(name) for statement in statements])
        for name in names
        if name not in ("text", "stances")
    }
    table = pa.table(
        {
            "text": pa.array([statement["text"] for statement in statements], pa.string()),
            "stances": pa.array(
                [[STANCES.index(name) for name in s["stances"]] for s in statements],
                pa.list_(pa.int64()),
            ),
            **extra,
        }
    )
    features = datasets.Features.from_arrow_schema(table.schema)
    features["stances"] = datasets.List(datasets.ClassLabel(names=list(STANCES)))
    return datasets.Dataset(
        table.cast(features.arrow_schema), info=datasets.DatasetInfo(features=features)
    )


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        texts = (
            v if v is None or isinstance(v, str) else json.dumps(v, default=str) for v in values
        )
        return pa.array([v and v.encode(errors="backslashreplace").decode() for v in texts])
