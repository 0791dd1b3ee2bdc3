"""Label files to labelled statements: which columns hold what, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.corpus.annotators import Entry, Findings, merge_annotators, take_majority
from pipeline.corpus.exports import read_exports
from pipeline.corpus.labels import (
    _SHOWN_COLUMNS,
    LabelMapping,
    Record,
    _flag,
    parse_stances,
    short,
    shown_value,
    typename,
)
from pipeline.corpus.records import MOST_COLUMNS, read_records
from pipeline.errors import LabelProblem
from pipeline.stances import STANCES

TEXT_COLUMNS = ("text", "sentence", "statement", "data")
STANCE_COLUMNS = ("stances", "stance", "labels", "label", "choices", "choice")
_DEEPEST = 32  # Arrow passes on at most 64 levels


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

    found = (Entry(*row) for row in read_records(name, suffix, content, problems))
    yield from read_exports(found, findings, refuse)


def _column_problems(name: str, columns: Iterable[str], *, labelled: bool) -> list[LabelProblem]:
    columns = list(columns)
    shown = (name if name.isprintable() else repr(name) for name in columns[:_SHOWN_COLUMNS])
    found = ", ".join(map(short, shown))
    if len(columns) > _SHOWN_COLUMNS:
        found += f" and {len(columns) - _SHOWN_COLUMNS:,} others"
    problems = []
    if len(columns) > MOST_COLUMNS:
        what = f"{len(columns):,} columns, more than {MOST_COLUMNS:,}"
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
