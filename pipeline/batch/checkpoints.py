"""Finished parts of a run, on disk beside its output: saved, locked, resumed, put together."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from pipeline.batch.formats import BadRow
from pipeline.batch.plan import ERRORS, OutputJob, RunPlan
from pipeline.batch.writing import describe_errors, to_csv
from pipeline.errors import ScoringError, StanceError
from pipeline.files import flush, write_atomically
from pipeline.inference.arrow import OUTPUT_SCHEMA

ROW_GROUP = 131_072
_SAMPLE = 1024


@dataclass(frozen=True)
class ScoredChunk:
    """A scored chunk: bytes of the output's format, or a table where its columns are still open."""

    data: pa.Table | pa.Buffer
    rows: int
    bad: list[BadRow]


class RunDirectory:
    """The folder of parts, the lock and the list of bad rows that belong to an output.

    Parameters
    ----------
    target : Path
        The output. Nothing is written outside the folder it is in, or is.
    is_folder : bool
        Whether it is a folder.
    """

    def __init__(self, target: Path, *, is_folder: bool) -> None:
        name = target.absolute().name or target.resolve().name
        home = target if is_folder else target.parent
        self.target = target
        self.parts = home / f".{name}.parts"
        self._lock = home / f".{name}.lock"
        self._errors = home / f"{name}{ERRORS}"
        self._plan = self.parts / "plan.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the output against other runs."""
        self._lock.parent.mkdir(exist_ok=True)
        busy = f"{self.target}: another run is writing it; wait for it, or name another output"
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise StanceError(busy) from None
        try:
            if not self._lock.exists():  # its last holder removed it while this run opened it
                raise StanceError(busy)
            try:
                yield
            finally:
                self._lock.unlink()
        finally:
            lock.release()

    def open(self, task: RunPlan, plan: dict[str, Any], *, resume: bool, force: bool) -> None:
        """Make the folder of parts, or accept the one that an earlier run left.

        Parameters
        ----------
        task : RunPlan
            What is to be done.
        plan : dict
            All that the parts depend on; a run with another plan cannot use them.
        resume : bool
            Whether to go on with an earlier run.
        force : bool
            Whether outputs may be overwritten and an earlier run's parts thrown away.

        Raises
        ------
        StanceError
            If something is in the way.
        """
        earlier = self._read_plan()
        if earlier is not None and resume:
            changed = [key for key in plan if plan[key] != earlier.get(key)]
            if not changed:
                return
            if not force:
                what = " and ".join(changed)
                raise StanceError(
                    f"cannot resume {self.target}: {what} changed since; start anew with --force"
                )
        elif earlier is not None and not force:
            raise StanceError(
                f"{self.target}: a run was left unfinished; go on with --resume, or start anew "
                f"with --force"
            )
        if earlier is None:  # what a run left that was killed after its output was complete
            shutil.rmtree(self.parts, ignore_errors=True)
        if not force:
            hint = "; there is no unfinished run to resume" if resume else ""
            _check_free([self.target] if task.is_folder else [], hint, folders=True)
            _check_free([job.target for job in task.jobs if job.target is not None], hint)
            _check_free([self._errors], hint)
        self._errors.unlink(missing_ok=True)
        shutil.rmtree(self.parts, ignore_errors=True)
        self.parts.mkdir()
        _write(self._plan, json.dumps(plan, indent=1).encode())

    def close(self) -> Path | None:
        """List the bad rows, throw the parts away; give the list's file, if there are any."""
        found = sorted(self.parts.glob("*/*.errors"))
        if found:
            _write(self._errors, b"".join(part.read_bytes() for part in found), self.parts)
        self.discard()
        return self._errors if found else None

    def discard(self) -> None:
        """Throw the parts away."""
        self._plan.unlink()
        shutil.rmtree(self.parts)

    def _read_plan(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads(self._plan.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None


class Checkpoints:
    """The parts of one output; to be entered.

    Parameters
    ----------
    job : OutputJob
        Whose output.
    folder : Path
        Where they are; made if it is not there.

    Attributes
    ----------
    done : tuple of int, or None
        Once the output is in place: rows scored and bad rows.
    """

    def __init__(self, job: OutputJob, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._job = job
        self._folder = folder
        self._finished = {int(part.name.split("-")[0]): part for part in folder.glob("*.part")}
        marker = next(folder.glob("*.done"), None)
        there = job.target is not None and job.target.exists()
        self.done = counts(marker) if marker is not None and there else None
        self._made: list[Path] = []
        self._whole = folder / "whole"
        self._ahead = _Ahead(self._whole) if job.kind == "parquet" else None

    def __enter__(self) -> Checkpoints:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ahead is not None:
            self._ahead.close()

    def get(self, number: int) -> Path | None:
        """Return a part, if it is finished."""
        return self._finished.get(number)

    def save(self, number: int, scored: ScoredChunk) -> Path:
        """Save a scored chunk; it is there whole or not at all."""
        name = f"{number:08d}-{scored.rows}-{len(scored.bad)}"
        if scored.bad:
            lines = (json.dumps(asdict(bad), ensure_ascii=False) + "\n" for bad in scored.bad)
            content = "".join(lines).encode(errors="backslashreplace")
            _write(self._folder / f"{name}.errors", content)
        path = self._folder / f"{name}.part"
        _write(path, _packed(scored.data, self._job.compression))
        return path

    def add(self, part: Path) -> None:
        """Take the next part of the output."""
        self._made.append(part)
        if self._ahead is not None:
            self._ahead.add(part)

    def finish(self) -> None:
        """Join the parts; the output appears in one step."""
        target = self._job.target
        assert target is not None
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._ahead is None or not self._ahead.finish():
            with self._whole.open("wb") as file, describe_errors(target, self._job.kind):
                _assemble(self._made, self._job, file)
        flush(self._whole)
        self._whole.replace(target)
        flush(target.parent)
        rows, skipped = (sum(column) for column in zip(*map(counts, self._made), strict=True))
        _write(self._folder / f"0-{rows}-{skipped}.done", b"")
        for path in self._made:
            path.unlink()


class _Ahead:
    """Puts a Parquet file together while more is scored, as long as all parts have one schema.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = ThreadPoolExecutor(1)
        self._tasks: list[Future[None]] = []
        self._groups: _RowGroups | None = None

    def add(self, part: Path) -> None:
        """Write a part behind those before it, in its own time."""
        self._tasks.append(self._pool.submit(self._add, part))

    def finish(self) -> bool:
        """Write what is left; return whether that was all, and without trouble."""
        fits = all(task.exception() is None for task in self._tasks)
        if not fits or self._groups is None:
            self.close()
            return False
        groups, self._groups = self._groups, None
        try:
            groups.close()
        except (pa.ArrowException, ValueError, OverflowError, KeyError):
            return False  # told when it is tried again
        return True

    def close(self) -> None:
        """Let go of the file, which is of no use then."""
        self._pool.shutdown(cancel_futures=True)
        groups, self._groups = self._groups, None
        if groups is not None:
            with suppress(OSError, ValueError, pa.ArrowException):
                groups.close()

    def _add(self, part: Path) -> None:
        table = _unpacked(part)
        if self._groups is None:
            self._groups = _RowGroups(self._path, table)
        self._groups.add(table)


def counts(part: Path) -> tuple[int, int]:
    """Return how many rows of a part were scored and how many were bad."""
    _, rows, skipped = part.stem.split("-")
    return int(rows), int(skipped)


def fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the columns of a schema; null where it has none."""
    if table.schema.equals(schema):
        return table
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema)


def _check_free(paths: list[Path], hint: str, *, folders: bool = False) -> None:
    for path in paths:
        if path.is_symlink():
            raise StanceError(f"{path} is a symbolic link; replace it with --force")
        if path.exists() and not folders:
            raise StanceError(f"{path} exists; overwrite it with --force{hint}")


def _packed(data: pa.Table | pa.Buffer, compression: str | None) -> pa.Buffer:
    if isinstance(data, pa.Buffer) and compression is None:
        return data
    sink = pa.BufferOutputStream()
    if isinstance(data, pa.Table):
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        with pa.ipc.new_stream(sink, data.schema, options=options) as writer:
            writer.write_table(data)
    else:
        with pa.CompressedOutputStream(sink, compression) as stream:
            stream.write(data)
    return sink.getvalue()


def _unpacked(part: Path) -> pa.Table:
    return pa.ipc.open_stream(part.read_bytes()).read_all()


def _assemble(parts: list[Path], job: OutputJob, file: BinaryIO) -> None:
    if job.kind == "parquet":
        _assemble_parquet(parts, file)
    elif job.in_tables:
        schema = _common_schema(parts)
        stream = pa.CompressedOutputStream(file, job.compression) if job.compression else file
        for number, part in enumerate(parts):
            table = fitted(_unpacked(part), schema)
            stream.write(to_csv(table, job.kind, header=number == 0))
        stream.close()
    else:
        for part in parts:
            with part.open("rb") as content:
                shutil.copyfileobj(content, file, 1 << 20)


def _assemble_parquet(parts: list[Path], file: BinaryIO) -> None:
    schema = _common_schema(parts)
    groups = _RowGroups(file, fitted(_unpacked(parts[0]), schema))
    for part in parts:
        groups.add(fitted(_unpacked(part), schema))
    groups.close()


class _RowGroups:
    """Writes tables to Parquet, several small ones as one row group."""

    def __init__(self, file: Path | BinaryIO, first: pa.Table) -> None:
        columns = _with_dictionary(first)
        self._schema = first.schema
        self._writer = pq.ParquetWriter(
            file, first.schema, compression="zstd", use_dictionary=columns
        )
        self._gathered: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        if not table.schema.equals(self._schema):
            raise ValueError("a table of other columns")
        self._gathered.append(table)
        if sum(table.num_rows for table in self._gathered) >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        if self._gathered:
            self._writer.write_table(pa.concat_tables(self._gathered))
            self._gathered = []


def _with_dictionary(table: pa.Table) -> list[str]:
    """Find the columns worth a dictionary: not those whose values hardly ever come again."""
    empty = pa.BufferOutputStream()
    pq.write_table(table.schema.empty_table(), empty)
    found = pq.ParquetFile(empty.getvalue()).schema
    paths = [found.column(i).path for i in range(len(found.names))]
    sample = table.slice(0, _SAMPLE)
    unique = {
        field.name
        for field in table.schema
        if pa.types.is_primitive(field.type) or pa.types.is_string(field.type)
        if pc.count_distinct(sample.column(field.name)).as_py() > sample.num_rows // 2
    }
    return [path for path in paths if path not in unique]


def _common_schema(parts: list[Path]) -> pa.Schema:
    """Return the columns of all parts: those of the rows in order of appearance, then the added."""
    schemas: list[pa.Schema] = []
    for part in parts:
        with part.open("rb") as file:
            schema = pa.ipc.open_stream(file).schema
        if schema not in schemas:
            schemas.append(schema)
    if len(schemas) == 1:
        return schemas[0]
    given = [
        pa.schema(
            [field for field in schema if field.name not in OUTPUT_SCHEMA.names], schema.metadata
        )
        for schema in schemas
    ]
    try:
        schema = pa.unify_schemas(given, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ScoringError(
            f"rows do not fit into one table ({str(error).splitlines()[0]}); give each column one "
            f"type, or write JSONL"
        ) from None
    return pa.schema([*schema, *OUTPUT_SCHEMA], schema.metadata)


def _write(path: Path, content: bytes | pa.Buffer, folder: Path | None = None) -> None:
    with write_atomically(path, folder) as file:
        file.write(content)
