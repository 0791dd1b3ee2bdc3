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

# read when `datasets` is imported: nothing is ever fetched
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")

import datasets
import numpy as np
import pyarrow as pa

from pipeline.corpus.label_files import SUFFIXES, Record, read_label_file
from pipeline.corpus.labels import LabelMapping
from pipeline.errors import CorpusError, LabelProblem
from pipeline.settings import SETTINGS
from pipeline.stances import NONE, STANCES


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


def load_corpus(
    paths: str | Path | Sequence[str | Path], mapping: LabelMapping | None = None
) -> Corpus:
    r"""Load labelled statements.

    Parameters
    ----------
    paths : path or sequence of paths
        Files (JSONL, JSON, CSV, TSV, Parquet; exports of Label Studio and doccano) or folders of
        them, searched to any depth.
    mapping : LabelMapping, optional
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
    ...     load_corpus(file).stances
    [('deny',), ()]
    """
    problems: list[LabelProblem] = []
    files: dict[str, str] = {}
    statements: list[Record] = []
    for file in _files([paths] if isinstance(paths, str | Path) else paths, problems):
        try:
            content = file.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            problems.append(LabelProblem(str(file), None, f"cannot be read ({reason})", "check it"))
            continue
        files[str(file)] = hashlib.sha256(content).hexdigest()
        statements.extend(read_label_file(file, content, problems, mapping))
    notes = [] if mapping is None else _mapped(mapping, files, problems)
    kept = _drop_duplicates(statements, problems, notes)
    if not kept and not problems:
        problems.append(
            LabelProblem(", ".join(map(str, files)) or "-", None, "no statements", "add some")
        )
    if problems:
        raise CorpusError(problems)
    return Corpus(_dataset(kept), files, notes)


def _mapped(
    mapping: LabelMapping, files: dict[str, str], problems: list[LabelProblem]
) -> list[str]:
    """Note which labels count as none; a mapped label that never stands there is a problem."""
    met = ", ".join(f"{label!r}" for label, _ in mapping.seen.most_common(10))
    for label in mapping.meaning.keys() - {*STANCES, NONE} - mapping.seen.keys():
        what = f"no label {label!r}, which --map names"
        problems.append(LabelProblem(", ".join(files), None, what, f"labels there: {met}"))
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
        LabelProblem(
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
                LabelProblem(named, None, what, "add groups with it, or leave the group column out")
            )
    if problems:
        raise CorpusError(problems)


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower() or text


def _files(paths: Sequence[str | Path], problems: list[LabelProblem]) -> list[Path]:
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
            if not inside:
                remedy = f"put {', '.join(SUFFIXES)} files there"
                problems.append(
                    LabelProblem(str(path), None, "no label files in the folder", remedy)
                )
            found.update(dict.fromkeys(inside))
        elif not path.exists():
            problems.append(
                LabelProblem(str(path), None, "no such file or folder", "check the path")
            )
        elif path.suffix.lower() not in SUFFIXES:
            remedy = f"give it one of the endings {', '.join(SUFFIXES)}"
            problems.append(
                LabelProblem(
                    str(path), None, f"cannot read {path.suffix or 'a file without ending'}", remedy
                )
            )
        else:
            found[path] = None
    return list(found)


def _drop_duplicates(
    statements: list[Record], problems: list[LabelProblem], notes: list[str]
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
        problems.append(
            LabelProblem(file, int(line), what, "decide which is right, delete the other")
        )
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
