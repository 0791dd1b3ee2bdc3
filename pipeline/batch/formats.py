"""The formats of archives: suffixes, compression, limits, bad rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SUFFIXES = {
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "text",
}
FORMATS = tuple(dict.fromkeys(SUFFIXES.values()))
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}


@dataclass(frozen=True)
class Limits:
    """How much is held at once, and what is too much.

    Attributes
    ----------
    chunk_bytes : int
        Text is read, scored and saved in chunks of about this size: large enough that a chunk costs
        nothing by itself, small enough that a few for each core fit in memory.
    chunk_rows : int
        Most rows of a Parquet chunk.
    line_bytes : int
        A longer line is no sentence but a broken or hostile file.
    columns : int
        More columns than this in a CSV file are a broken or hostile file.
    depth : int
        JSON nested deeper than this is refused: parsers recurse.
    raw_bytes : int
        How much of a bad row is shown.
    """

    chunk_bytes: int = 4 << 20
    chunk_rows: int = 65_536
    line_bytes: int = 64 << 20
    columns: int = 10_000
    depth: int = 100
    raw_bytes: int = 1024


LIMITS = Limits()
_LONGEST_NAME = 1 << 16


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be scored.

    Attributes
    ----------
    file : str
        Where it stands.
    line : int
        The line it begins on, from 1; of Parquet, the row, from 1.
    reason : str
        What is wrong.
    raw : str
        Its beginning.
    """

    file: str
    line: int
    reason: str
    raw: str


def format_of(path: str | Path) -> tuple[str, str | None] | None:
    """Return format and compression from a file's name.

    Examples
    --------
    >>> format_of("news.jsonl.gz"), format_of("a.parquet"), format_of("notes")
    (('jsonl', 'gzip'), ('parquet', None), None)
    """
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    compression = COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    kind = (
        SUFFIXES.get(suffixes[-2 if compression else -1]) if suffixes[bool(compression) :] else None
    )
    if kind is None or (kind == "parquet" and compression):
        return None
    return kind, compression


def first_line(error: Exception) -> str:
    """Return the gist of an error of Arrow."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]


def shown(raw: bytes | str, limits: Limits) -> str:
    """Return the beginning of a bad row, with what is no text replaced."""
    start = raw[: limits.raw_bytes]
    start = start.encode(errors="replace") if isinstance(start, str) else start
    return start[: limits.raw_bytes].decode(errors="replace").rstrip("\r\n")
