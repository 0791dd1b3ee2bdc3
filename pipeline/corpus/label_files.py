"""Label files: JSONL, JSON, CSV, TSV and Parquet, and what Label Studio and doccano export."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus.labels import (
    _SHOWN_COLUMNS,
    LabelMapping,
    _flag,
    parse_stances,
    short,
    shown_value,
    typename,
)
from pipeline.errors import LabelProblem
from pipeline.parquet import read_batches
from pipeline.stances import STANCES

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
TEXT_COLUMNS = ("text", "sentence", "statement", "data")
STANCE_COLUMNS = ("stances", "stance", "labels", "label", "choices", "choice")
_DEEPEST = 32  # Arrow passes on at most 64 levels
_MOST_COLUMNS = 1_000
_MOST_ROWS = 5_000_000
_MOST_UNPACKED = 1 << 30
_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 16 << 20
Record = dict[str, Any]


def read_label_file(
    file: Path, content: bytes, problems: list[LabelProblem], mapping: LabelMapping | None = None
) -> list[Record]:
    """Read the labelled statements of one file.

    Parameters
    ----------
    file : Path
        Its name; the ending says how to read it.
    content : bytes
        What is in it.
    problems : list of Problem
        Everything wrong is added here.
    mapping : LabelMapping, optional
        For labels of another scheme.

    Returns
    -------
    list of dict
        The good statements: ``text``, ``stances`` (list of names), ``origin`` (file and line), and
        the other columns of the file.
    """
    name = str(file)
    before = len(problems)
    records = list(_READERS[file.suffix.lower()](name, content, problems))
    if records:
        columns = dict.fromkeys(key for _, record in records for key in record)
        wrong = _column_problems(name, columns)
        if wrong:
            problems.extend(wrong)
            return []
    elif len(problems) == before:
        problems.append(LabelProblem(name, None, "no statements", "add some or leave the file out"))
    statements = []
    for line, record in records:
        statement = _statement(name, line, record, problems, mapping)
        if statement is not None:
            statements.append(statement)
    return statements


def _column_problems(name: str, columns: Iterable[str]) -> list[LabelProblem]:
    columns = list(columns)
    shown = (name if name.isprintable() else repr(name) for name in columns[:_SHOWN_COLUMNS])
    found = ", ".join(map(short, shown))
    if len(columns) > _SHOWN_COLUMNS:
        found += f" and {len(columns) - _SHOWN_COLUMNS:,} others"
    problems = []
    if len(columns) > _MOST_COLUMNS:
        what = f"{len(columns):,} columns, more than {_MOST_COLUMNS:,}"
        problems.append(
            LabelProblem(name, None, what, "keep those that tell something of a statement")
        )
    for column in columns:
        if not _is_unicode(column):
            what = f"column {shown_value(column)} has half a surrogate pair, which is no character"
            problems.append(LabelProblem(name, None, what, "name it otherwise"))
        if "\0" in column:
            what = f"column {shown_value(column)} has a NUL"
            problems.append(LabelProblem(name, None, what, "name it otherwise"))
    if not any(column in columns for column in TEXT_COLUMNS):
        remedy = f"name the column of sentences 'text' (found: {found})"
        problems.append(LabelProblem(name, None, "no text column", remedy))
    if not any(column in columns for column in STANCE_COLUMNS) and not set(STANCES) <= {*columns}:
        remedy = (
            f"name the column of labels 'stances', or give 0/1 columns {', '.join(STANCES)} "
            f"(found: {found})"
        )
        problems.append(LabelProblem(name, None, "no stances column", remedy))
    return problems


def _statement(
    name: str, line: int, record: Record, problems: list[LabelProblem], mapping: LabelMapping | None
) -> Record | None:
    text_column = next((column for column in TEXT_COLUMNS if column in record), None)
    text = None if text_column is None else record[text_column]
    before = len(problems)
    if not isinstance(text, str):
        what = f"text is {typename(text)}, not a string"
        problems.append(
            LabelProblem(name, line, what, "write the sentence there or delete the line")
        )
    elif not text.strip():
        problems.append(LabelProblem(name, line, "text is empty", "fill it in or delete the line"))
    elif not _is_unicode(text):
        what = "text has half a surrogate pair, which is no character"
        problems.append(LabelProblem(name, line, what, "write the whole character"))
    if any(map(_is_deep, record.values())):
        problems.append(LabelProblem(name, line, "nested too deeply", "delete what is not needed"))
    stance_column = next((column for column in STANCE_COLUMNS if column in record), None)
    try:
        if stance_column is not None:
            read_cell = mapping.stances if mapping else parse_stances
            stances = read_cell(record[stance_column])
        elif set(STANCES) <= record.keys():
            stances = [stance for stance in STANCES if _flag(stance, record[stance])]
        else:
            raise ValueError("no stances", "add them, 'none' where there is no stance")
    except ValueError as error:
        problems.append(LabelProblem(name, line, *error.args))
    if len(problems) > before:
        return None
    used = {text_column, stance_column, *(STANCES if stance_column is None else ())}
    extra = {key: value for key, value in record.items() if key not in used}
    return {
        **extra,
        "text": text,
        "stances": stances,
        "origin": f"{name}:{line}",
    }


def _is_deep(value: object, allowed: int = _DEEPEST) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, list) and (
        not allowed or any(_is_deep(part, allowed - 1) for part in value)
    )


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decode(name: str, line: int, content: bytes, problems: list[LabelProblem]) -> str | None:
    try:
        return content.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        row = line + content.count(b"\n", 0, error.start)
        what = f"not UTF-8 (byte {error.object[error.start]:#04x})"
        problems.append(LabelProblem(name, row, what, "save the file as UTF-8"))
        return None


def _read_jsonl(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    for line, raw in enumerate(content.split(b"\n"), start=1):
        text = _decode(name, line, raw, problems)
        if text is None or not text.strip():
            continue
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, line, what, "write one JSON object a line"))
            continue
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, _unreadable(error), "delete the line"))
            continue
        yield from _record(name, line, value, problems)


def _read_json(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    text = _decode(name, 1, content, problems)
    if text is None:
        return
    decoder = json.JSONDecoder()
    blank = re.compile(r"[\s,]*")
    start = re.match(r"\s*\[", text)
    if start is None:
        yield from _read_jsonl(name, content, problems)
        return
    position = blank.match(text, start.end()).end()  # type: ignore[union-attr]
    line, counted = 1, 0
    while position < len(text) and text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, error.lineno, what, "write a list of JSON objects"))
            return
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, _unreadable(error), "delete the entry"))
            return
        yield from _record(name, line, value, problems)
        position = blank.match(text, end).end()  # type: ignore[union-attr]
    if position >= len(text):
        problems.append(
            LabelProblem(
                name, text.count("\n") + 1, "the JSON list does not end", "close it with ]"
            )
        )


def _unreadable(error: Exception) -> str:
    deep = isinstance(error, RecursionError)
    return "JSON nested too deeply" if deep else "JSON with a number of too many digits"


def _record(
    name: str, line: int, value: object, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    if not isinstance(value, dict):
        what = f"{typename(value)} where a statement should be"
        problems.append(LabelProblem(name, line, what, 'write {"text": ..., "stances": [...]}'))
    elif isinstance(value.get("data"), dict):
        yield from _label_studio(name, line, value, problems)
    else:
        yield line, value


def _label_studio(
    name: str, line: int, task: Record, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    annotations = [
        annotation
        for annotation in _listed(task.get("annotations") or task.get("completions"))
        if isinstance(annotation, dict) and not annotation.get("was_cancelled")
    ]
    chosen = [a for a in annotations if a.get("ground_truth")] or annotations
    labels = [
        [
            choice
            for result in _listed(annotation.get("result"))
            if isinstance(result, dict) and isinstance(result.get("value"), dict)
            for choice in _listed(result["value"].get("choices"))
        ]
        for annotation in chosen
    ]
    if not labels:
        problems.append(
            LabelProblem(name, line, "a Label Studio task without annotation", "label or delete it")
        )
    elif len({frozenset(map(str, choices)) for choices in labels}) > 1:
        remedy = "mark one as ground truth in Label Studio"
        problems.append(LabelProblem(name, line, f"{len(labels)} annotations disagree", remedy))
    else:
        yield line, {**task["data"], "stances": labels[0]}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _read_csv(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    text = _decode(name, 1, content, problems)
    if text is None:
        return
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    delimiter = "\t" if name.lower().endswith(".tsv") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        line_before = rows.line_num + 1
        try:
            record = next(rows, None)
        except csv.Error as error:
            remedy = "put quotes around cells that hold commas, quotes or line breaks"
            problems.append(
                LabelProblem(name, max(line_before, 2), f"broken CSV ({error})", remedy)
            )
            return
        if record is None:
            return
        line = max(line_before, 2)
        if None in record:
            count = len(rows.fieldnames or ()) + len(record[None])
            what = f"{count} cells where the head has {len(rows.fieldnames or ())}"
            problems.append(
                LabelProblem(name, line, what, "put quotes around cells that hold commas")
            )
        else:
            yield line, record


def _read_parquet(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    records: list[Record] = []
    unpacked = 0
    try:
        source = pa.BufferReader(content)
        file = pq.ParquetFile(source)
        groups = range(file.num_row_groups)
        for batch in read_batches(source, file, groups, _ROWS_AT_ONCE, _BYTES_AT_ONCE):
            unpacked += batch.get_total_buffer_size()
            if unpacked > _MOST_UNPACKED or len(records) > _MOST_ROWS:
                what = f"more than {_MOST_ROWS:,} rows or {_MOST_UNPACKED >> 30} GB when unpacked"
                problems.append(
                    LabelProblem(name, None, what, "split it, if it is what it should be")
                )
                return
            records += batch.to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        # KeyError: a time zone that there is not
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        what = f"not a readable Parquet file ({reason})"
        problems.append(LabelProblem(name, None, what, "write it again"))
        return
    yield from enumerate(records, start=1)


_Reader = Callable[[str, bytes, list[LabelProblem]], Iterator[tuple[int, Record]]]
_READERS: dict[str, _Reader] = {
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}
