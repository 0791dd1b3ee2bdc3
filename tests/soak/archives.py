"""Archives to score: rows drawn from a seed, in every format, some of them broken."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.formats import format_of

SUFFIXES = (".jsonl", ".csv", ".tsv.zst", ".txt.gz", ".parquet")
_WHO = ("The ministry", "Oslo", "Velmora", "A court in Rome", "The firm", "Kardia's envoy")
_WHAT = (
    "denied the charge",
    "accused the harbour board of fraud",
    "will build a bridge",
    "rejected the claim and blamed the other side",
    "saw rain for a week",
    "said nothing more",
)
_BROKEN = {"jsonl": '{"text": 7}', "csv": "1,2,3,4", "tsv": "1\t2\t3\t4"}
_ONE_BROKEN_IN = 5_000


def sentences(seed: int) -> Iterator[str]:
    """Yield sentences without end, no two alike."""
    draw = random.Random(seed)
    number = 0
    while True:
        yield f"{draw.choice(_WHO)} {draw.choice(_WHAT)}, report {number} has it."
        number += 1


def write_archive(file: Path, rows: int, seed: int) -> Path:
    """Write an archive in the format that the name says, with a broken row here and there."""
    kind, compression = format_of(file) or ("", None)
    texts = islice(sentences(seed), rows)
    if kind == "parquet":
        table = pa.table({"id": range(rows), "text": list(texts)})
        pq.write_table(table, file, row_group_size=max(1, rows // 20))
        return file
    with pa.output_stream(str(file), compression=compression or None) as sink:
        for line in _lines(kind, texts):
            sink.write(f"{line}\n".encode())
    return file


def _lines(kind: str, texts: Iterator[str]) -> Iterator[str]:
    if kind in ("csv", "tsv"):
        yield "id,text" if kind == "csv" else "id\ttext"
    for number, text in enumerate(texts):
        if kind in _BROKEN and number % _ONE_BROKEN_IN == _ONE_BROKEN_IN - 1:
            yield _BROKEN[kind]
        yield {
            "jsonl": json.dumps({"id": number, "text": text}) if kind == "jsonl" else "",
            "csv": f'{number},"{text}"',
            "tsv": f"{number}\t{text}",
            "text": text,
        }[kind]
