"""Label files: JSONL, JSON, CSV, TSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.corpus.exports import (
    Entry,
    Findings,
    Record,
    merge_annotators,
    read_exports,
    take_majority,
)
from pipeline.corpus.labels import (
    _SHOWN_COLUMNS,
    LabelMapping,
    _flag,
    parse_stances,
    short,
    shown_value,
    typename,
)
from pipeline.delimited import Head, count_cells, read_head, read_rows, unify_line_ends
from pipeline.errors import LabelProblem
from pipeline.parquet import read_batches
from pipeline.stances import STANCES
from pipeline.unicode import to_utf8

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
TEXT_COLUMNS = ("text", "sentence", "statement", "data")
STANCE_COLUMNS = ("stances", "stance", "labels", "label", "choices", "choice")
_DEEPEST = 32  # Arrow passes on at most 64 levels
_MOST_COLUMNS = 1_000
_MOST_ROWS = 5_000_000
_MOST_UNPACKED = 1 << 30
_ROWS_AT_ONCE = 1000
_BYTES_AT_ONCE = 16 << 20
_LINE_END = re.compile(rb"\r\n|\n|\r")


def read_label_file(
    file: Path,
    content: bytes,
    problems: list[LabelProblem],
    mapping: LabelMapping | None = None,
    findings: Findings | None = None,
) -> list[Record]:
    """Read the labelled statements of one file.

    Parameters
    ----------
    file : Path
        Its name; the ending says how to read it.
    content : bytes
        What is in it.
    problems : list of LabelProblem
        Everything wrong is added here.
    mapping : LabelMapping, optional
        For labels of another scheme.
    findings : Findings, optional
        What is left out and what several annotators say is added here.

    Returns
    -------
    list of dict
        The good statements: ``text``, ``stances`` (list of names), ``origin`` (file and line), and
        the other columns of the file.
    """
    name = str(file)
    before = len(problems)
    findings = Findings() if findings is None else findings
    entries = list(_entries(name, file.suffix.lower(), content, problems, findings))
    if entries:
        columns = dict.fromkeys(key for entry in entries for key in entry.record)
        wrong = _column_problems(name, columns, labelled=all(entry.labels for entry in entries))
        if wrong:
            problems.extend(wrong)
            return []
    elif len(problems) == before:
        problems.append(LabelProblem(name, None, "no statements", "add some or leave the file out"))
    statements = []
    for entry in merge_annotators(entries, TEXT_COLUMNS, STANCE_COLUMNS):
        statement = _statement(name, entry, problems, mapping, findings)
        if statement is not None:
            statements.append(statement)
    return statements


def _entries(
    name: str, suffix: str, content: bytes, problems: list[LabelProblem], findings: Findings
) -> Iterator[Entry]:
    def refuse(line: int, what: str, remedy: str) -> None:
        problems.append(LabelProblem(name, line, what, remedy))

    if suffix != ".parquet":
        try:
            content = to_utf8(content)
        except ValueError as error:
            problems.append(LabelProblem(name, None, *error.args))
            return
    found = (Entry(*row) for row in _READERS[suffix](name, content, problems))
    yield from read_exports(found, findings, refuse)


def _column_problems(name: str, columns: Iterable[str], *, labelled: bool) -> list[LabelProblem]:
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
    named = any(column in columns for column in STANCE_COLUMNS) or set(STANCES) <= {*columns}
    if not labelled and not named:
        remedy = (
            f"name the column of labels 'stances', or give 0/1 columns {', '.join(STANCES)} "
            f"(found: {found})"
        )
        problems.append(LabelProblem(name, None, "no stances column", remedy))
    return problems


def _statement(
    name: str,
    entry: Entry,
    problems: list[LabelProblem],
    mapping: LabelMapping | None,
    findings: Findings,
) -> Record | None:
    line, record = entry.line, entry.record
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
    stance_column = None
    if entry.labels is None:
        stance_column = next((column for column in STANCE_COLUMNS if column in record), None)
    stances: list[str] = []
    try:
        read_cell = mapping.stances if mapping else parse_stances
        if entry.labels is not None:
            stances = take_majority([read_cell(cell) for cell in entry.labels], findings)
        elif stance_column is not None:
            stances = read_cell(record[stance_column])
        elif set(STANCES) <= record.keys():
            stances = [stance for stance in STANCES if _flag(stance, record[stance])]
        else:
            raise ValueError("no stances", "add them, 'none' where there is no stance")
    except ValueError as error:
        problems.append(LabelProblem(name, line, *error.args))
    if len(problems) > before:
        return None
    used = {text_column, *STANCE_COLUMNS, *(STANCES if stance_column is None else ())}
    if entry.labels is None:
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
        return content.decode()
    except UnicodeDecodeError as error:
        row = line + content.count(b"\n", 0, error.start)
        what = f"not UTF-8 (byte {error.object[error.start]:#04x})"
        problems.append(LabelProblem(name, row, what, "save the file as UTF-8"))
        return None


class _RepeatedKeyError(ValueError):
    """A JSON object that has a key twice."""


def _unrepeated(pairs: list[tuple[str, Any]]) -> Record:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise _RepeatedKeyError(shown_value(next(key for key in counts if counts[key] > 1)))
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_unrepeated)


def _read_jsonl(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    for line, raw in enumerate(unify_line_ends(content).split(b"\n"), start=1):
        text = _decode(name, line, raw, problems)
        if text is None or not text.strip():
            continue
        try:
            value = _decoder.decode(text)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, line, what, "write one JSON object a line"))
            continue
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, *_unreadable(error)))
            continue
        yield from _record(name, line, value, problems)


def _read_json(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    text = _decode(name, 1, content, problems)
    if text is None:
        return
    blank = re.compile(r"[\s,]*")
    start = re.match(r"\s*\[", text)
    if start is None:
        with suppress(ValueError, RecursionError):
            yield from _record(name, 1, _decoder.decode(text), problems)
            return
        yield from _read_jsonl(name, content, problems)
        return
    position = blank.match(text, start.end()).end()  # type: ignore[union-attr]
    line, counted = 1, 0
    while position < len(text) and text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, end = _decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            what = f"broken JSON at column {error.colno} ({error.msg})"
            problems.append(LabelProblem(name, error.lineno, what, "write a list of JSON objects"))
            return
        except (RecursionError, ValueError) as error:
            problems.append(LabelProblem(name, line, *_unreadable(error)))
            return
        yield from _record(name, line, value, problems)
        position = blank.match(text, end).end()  # type: ignore[union-attr]
    if position >= len(text):
        problems.append(
            LabelProblem(
                name, text.count("\n") + 1, "the JSON list does not end", "close it with ]"
            )
        )


def _unreadable(error: Exception) -> tuple[str, str]:
    if isinstance(error, _RepeatedKeyError):
        return f"JSON with the key {error} twice", "delete one of the two"
    deep = isinstance(error, RecursionError)
    what = "JSON nested too deeply" if deep else "JSON with a number of too many digits"
    return what, "delete it"


def _record(
    name: str, line: int, value: object, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    if isinstance(value, dict):
        yield line, value
    else:
        what = f"{typename(value)} where a statement should be"
        problems.append(LabelProblem(name, line, what, 'write {"text": ..., "stances": [...]}'))


def _read_csv(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    head = _read_head(name, content, problems)
    if head is None:
        return
    first = 1 + len(_LINE_END.findall(content[: head.size]))
    rest = content[head.size :] + b"\n" * (not content.endswith((b"\n", b"\r")))
    rows = read_rows(rest, head.delimiter, len(head.names), final=True)
    for flaw in rows.flaws:
        remedy = "double the marks in a quoted cell, or write the file again as JSONL"
        problems.append(LabelProblem(name, first + flaw.line, flaw.reason, remedy))
    text = _decode(name, first, rows.data, problems)
    reader = csv.reader(io.StringIO(text or "", newline=""), delimiter=head.delimiter)
    line = first
    for cells in reader:
        if len(cells) == len(head.names) and any(cells):
            yield line, dict(zip(head.names, cells, strict=True))
        elif any(cells):
            what = count_cells(len(cells), len(head.names))
            few = len(cells) < len(head.names)
            remedy = "write them all" if few else f"quote cells that hold {head.delimiter!r}"
            problems.append(LabelProblem(name, line, what, remedy))
        line = first + reader.line_num


def _read_head(name: str, content: bytes, problems: list[LabelProblem]) -> Head | None:
    """Read the columns of CSV."""
    if content.startswith(b"#FORMAT=WebAnno"):
        what, remedy = "an INCEpTION export, which labels words", "label whole statements"
        problems.append(LabelProblem(name, 1, what, remedy))
        return None
    if not content.strip():
        return None
    kind = "tsv" if name.lower().endswith(".tsv") else "csv"
    try:
        head = read_head(content, kind, final=True)
    except UnicodeDecodeError:
        _decode(name, 1, content, problems)
        return None
    except (ValueError, csv.Error) as error:
        problems.append(LabelProblem(name, 1, f"the head is broken: {error}", "mend it"))
        return None
    if head is not None and len(head.names) > _MOST_COLUMNS:
        problems += _column_problems(name, head.names, labelled=True)
        return None
    if head is None or _has_repeated(name, 1, head.names, problems):
        return None
    return head


def _has_repeated(
    name: str, line: int | None, columns: Iterable[str], problems: list[LabelProblem]
) -> bool:
    repeated = [(column, count) for column, count in Counter(columns).items() if count > 1]
    for column, count in repeated:
        what = f"{count} columns named {shown_value(column)}"
        problems.append(LabelProblem(name, line, what, "rename or delete all but one"))
    return bool(repeated)


def _read_parquet(
    name: str, content: bytes, problems: list[LabelProblem]
) -> Iterator[tuple[int, Record]]:
    records: list[Record] = []
    unpacked = 0
    try:
        source = pa.BufferReader(content)
        file = pq.ParquetFile(source)
        if _has_repeated(name, None, file.schema_arrow.names, problems):
            return
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
