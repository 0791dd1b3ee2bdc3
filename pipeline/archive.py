"""Stage: archives in, scored archives out; in parts, so that a killed run can go on."""

from __future__ import annotations

import glob
import json
import os
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from pipeline import tables
from pipeline.errors import StanceError
from pipeline.predict import load as load_scorer
from pipeline.score import ADDED, ScoreError, fingerprint, stances
from pipeline.scorer import Scorer, cores
from pipeline.tables import LIMITS, BadRow, Chunk, Limits

PIPE = "-"
MOST_THREADS = 16
ROW_GROUP = 131_072

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, float], None]


class Stopped(StanceError):  # noqa: N818
    """A run that a signal ended early, with what was begun finished."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    rows : int
        Rows scored, in this run and in those it resumed.
    skipped : int
        Bad rows left out.
    errors : Path or None
        Where they are listed.
    seconds : float
        Wall time of this run.
    """

    rows: int
    skipped: int
    errors: Path | None
    seconds: float


class Stop:
    """Ends the reading of input early when a signal comes; to be entered.

    The first signal lets what is begun finish; the second ends the process at once.

    Parameters
    ----------
    *signals : int
        The signals to handle.
    """

    def __init__(self, *signals: int) -> None:
        self.number: int | None = None
        self._signals = signals

    def __enter__(self) -> Stop:
        self.descriptor, self._wake = os.pipe()
        self._before = {number: signal.signal(number, self._handle) for number in self._signals}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self.descriptor)
        os.close(self._wake)

    def _handle(self, number: int, _: object) -> None:
        self.number = number
        signal.signal(number, signal.SIG_DFL)
        self.wake()

    def wake(self) -> None:
        """Let a reader that waits for input leave."""
        os.write(self._wake, b".")


@dataclass(frozen=True)
class _Source:
    path: Path | None
    kind: str
    compression: str | None
    size: int

    def chunks(self, limits: Limits, stop: Stop, *, eager: bool) -> Iterator[Chunk]:
        if self.path is not None:
            return tables.read_chunks(self.path, self.kind, self.compression, limits)
        pipe = tables.Pipe(sys.stdin.fileno(), stop.descriptor, eager=eager)
        return tables.text_chunks(pipe, "standard input", self.kind, limits)


@dataclass(frozen=True)
class _Job:
    """Files that become one file (or standard output)."""

    sources: tuple[_Source, ...]
    target: Path | None
    kind: str
    compression: str | None

    @property
    def in_tables(self) -> bool:
        """Whether the columns are only known when everything is read."""
        if self.kind == "parquet":
            return True
        kinds = {source.kind for source in self.sources}
        return self.kind in tables.DELIMITERS and (len(self.sources) > 1 or kinds == {"jsonl"})


@dataclass(frozen=True)
class _Scored:
    """A scored chunk."""

    data: pa.Table | pa.Buffer
    rows: int
    bad: list[BadRow]


@dataclass(frozen=True)
class _Scoring:
    """What is done with a chunk; called on many threads at once."""

    job: _Job
    scorer: Scorer
    text_column: str
    skip_bad: bool
    limits: Limits

    def __call__(self, number: int, chunk: Chunk) -> _Scored:
        keep_lines = self.job.kind == "jsonl"
        rows, bad = tables.parse(chunk, self.text_column, self.limits, keep_lines=keep_lines)
        if bad and not self.skip_bad:
            first = bad[0]
            raise ScoreError(
                f"{first.file}:{first.line}: {first.reason}; mend it, or leave such rows out with "
                f"--on-error=skip"
            )
        added = stances(rows.texts, self.scorer)
        if self.job.in_tables:
            data = tables.with_added(rows, added)
        else:
            data = tables.encode(rows, added, self.job.kind, header=number == 0)
        return _Scored(data, rows.table.num_rows, bad)


def score_archive(
    source: str | Path,
    target: str | Path,
    text_column: str = "text",
    model: str | Path | None = None,
    *,
    kind: str | None = None,
    skip_bad: bool = False,
    resume: bool = False,
    force: bool = False,
    line_buffered: bool = False,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Summary:
    """Score files of any size, in memory that does not grow with them.

    Parameters
    ----------
    source : path
        A file, a folder, a glob, or ``-`` for standard input.
    target : path
        A file; a folder, where `source` is a folder or a glob; or ``-`` for standard output. It
        appears under its name when it is complete.
    text_column : str
        Where the text is.
    model : path, optional
        See `pipeline.store.find`.
    kind : str, optional
        One of `pipeline.tables.FORMATS`: the format of what has no telling suffix.
    skip_bad : bool
        Whether bad rows are left out and listed in ``<target>.errors.jsonl`` (for standard output:
        on standard error), rather than end the run.
    resume : bool
        Whether to go on with a run that was killed.
    force : bool
        Whether `target` may be overwritten.
    line_buffered : bool
        Whether each line is answered at once; for standard output.
    limits : Limits
        Sizes.
    progress : callable, optional
        Called with the rows scored and the share of the input done, 0 to 1.
    stop : Stop, optional
        Ends the run early.

    Returns
    -------
    Summary

    Raises
    ------
    ScoreError
        If something is wrong with a row, a column, a file or the request.
    Stopped
        If `stop` ended it; run again with `resume` to go on.
    """
    started = time.perf_counter()
    jobs = _jobs(str(source), str(target), kind)
    to_stdout = jobs[0].target is None
    if to_stdout and resume:
        raise ScoreError("standard output cannot be resumed; name a file")
    if resume and jobs[0].sources[0].path is None:
        raise ScoreError("standard input cannot be resumed; name a file")
    if line_buffered and not to_stdout:
        raise ScoreError("--line-buffered is for standard output; write - instead of a file")
    if line_buffered and jobs[0].in_tables:
        raise ScoreError(f"--line-buffered cannot write {jobs[0].kind} here; say --format jsonl")
    with stop or Stop() as entered:
        run = _Run(
            jobs=jobs,
            model=model,
            text_column=text_column,
            skip_bad=skip_bad,
            line_buffered=line_buffered,
            limits=limits,
            progress=progress or (lambda rows, share: None),
            stop=entered,
        )
        if to_stdout:
            run.to_stdout()
            errors = None
        else:
            errors = run.to_files(Path(target), resume=resume, force=force)
    return Summary(run.rows, run.skipped, errors, time.perf_counter() - started)


class _Run:
    def __init__(
        self,
        *,
        jobs: list[_Job],
        model: str | Path | None,
        text_column: str,
        skip_bad: bool,
        line_buffered: bool,
        limits: Limits,
        progress: Progress,
        stop: Stop,
    ) -> None:
        self.jobs = jobs
        self.scorer = load_scorer(model)
        self.model = fingerprint(model)
        self.text_column = text_column
        self.skip_bad = skip_bad
        self.line_buffered = line_buffered
        self.limits = limits
        self.progress = progress
        self.stop = stop
        self.rows = self.skipped = 0
        self.bytes_read = 0
        self.bytes_total = max(sum(s.size for job in jobs for s in job.sources), 1)

    def to_stdout(self) -> None:
        scoring = self._scoring(self.jobs[0])
        sink = _Sink(sys.stdout.buffer, self.jobs[0].kind)
        with closing(self._scored(self.jobs[0], scoring)) as found:
            for share, scored in found:
                for bad in scored.bad:
                    print(json.dumps(asdict(bad), ensure_ascii=False), file=sys.stderr)
                sink.write(scored.data)
                self._count(scored.rows, len(scored.bad), share)
        sink.close()
        if self.stop.number is not None:
            raise Stopped(self.stop.number, "stopped")

    def to_files(self, target: Path, *, resume: bool, force: bool) -> Path | None:
        _check_targets(target, self.jobs)
        with _locked(target):
            state = target.parent / f".{target.name}.parts"
            _open_state(state, target, self.jobs, self._plan(), resume=resume, force=force)
            try:
                for number, job in enumerate(self.jobs):
                    self._to_file(job, state / f"{number:06d}")
            except ScoreError:
                shutil.rmtree(state)
                raise
            errors = _gather_errors(state, target)
            (state / "plan.json").unlink()
            shutil.rmtree(state)
        if self.stop.number is not None:
            raise Stopped(self.stop.number, f"stopped; what was read is in {target}")
        return errors

    def _to_file(self, job: _Job, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        finished = {int(part.name.split("-")[0]): part for part in folder.glob("*.part")}
        done = next(folder.glob("*.done"), None)
        if done is not None:
            self._count(*_counts(done), 1.0)
            self.bytes_read += sum(source.size for source in job.sources)
            return
        scoring = self._scoring(job)

        def part(number: int, chunk: Chunk) -> Path:
            if number in finished:
                return finished[number]
            return _save(scoring(number, chunk), folder, number, job)

        parts: list[Path] = []
        with closing(self._scored(job, part)) as found:
            for share, path in found:
                parts.append(path)
                self._count(*_counts(path), share)
        if self.stop.number is not None and job.sources[0].path is not None:
            raise Stopped(self.stop.number, "stopped; go on with the same command and --resume")
        assert job.target is not None
        job.target.parent.mkdir(parents=True, exist_ok=True)
        aside = folder / "whole"
        _assemble(parts, job, aside)
        aside.replace(job.target)
        _sync(job.target.parent)
        counts = [_counts(path) for path in parts]
        rows, skipped = (sum(column) for column in zip(*counts, strict=True))
        _write(folder / f"0-{rows}-{skipped}.done", b"")
        for path in parts:
            path.unlink()

    def _scoring(self, job: _Job) -> _Scoring:
        return _Scoring(job, self.scorer, self.text_column, self.skip_bad, self.limits)

    def _scored(
        self, job: _Job, work: Callable[[int, Chunk], Result]
    ) -> Generator[tuple[float, Result]]:
        threads = min(cores(), MOST_THREADS)
        ahead = 0 if self.line_buffered else threads + 1
        with ThreadPoolExecutor(threads) as pool, ThreadPoolExecutor(1) as reader:
            waiting: deque[tuple[float, Future[Result]]] = deque()
            try:
                for number, (share, chunk) in enumerate(_prefetched(self._chunks(job), reader)):
                    waiting.append((share, pool.submit(work, number, chunk)))
                    if len(waiting) > ahead:
                        share, future = waiting.popleft()
                        yield share, future.result()
                while waiting:
                    share, future = waiting.popleft()
                    yield share, future.result()
            except BaseException:
                self.stop.wake()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _chunks(self, job: _Job) -> Iterator[tuple[float, Chunk]]:
        for source in job.sources:
            for chunk in source.chunks(self.limits, self.stop, eager=self.line_buffered):
                if self.stop.number is not None and source.path is not None:
                    return
                done = self.bytes_read + chunk.share * source.size
                yield done / self.bytes_total, chunk
            self.bytes_read += source.size

    def _count(self, rows: int, skipped: int, share: float) -> None:
        self.rows += rows
        self.skipped += skipped
        self.progress(self.rows, share)

    def _plan(self) -> dict[str, Any]:
        inputs = [
            [str(source.path.resolve()), source.size, source.path.stat().st_mtime_ns]
            for job in self.jobs
            for source in job.sources
            if source.path is not None
        ]
        return {
            "inputs": inputs,
            "outputs": [str(job.target) for job in self.jobs],
            "text column": self.text_column,
            "format": [job.kind for job in self.jobs],
            "treatment of bad rows": "skip" if self.skip_bad else "stop",
            "limits": asdict(self.limits),
            "model": self.model,
        }


class _Sink:
    """Standard output: bytes as they come, or one Parquet file."""

    def __init__(self, file: BinaryIO, kind: str) -> None:
        self._file = file
        self._kind = kind
        self._header = True
        self._parquet: pq.ParquetWriter | None = None

    def write(self, data: pa.Table | pa.Buffer) -> None:
        if isinstance(data, pa.Buffer):
            self._file.write(data)
        elif self._kind == "parquet":
            if self._parquet is None:
                self._parquet = pq.ParquetWriter(self._file, data.schema, compression="zstd")
            self._parquet.write_table(_fitted(data, self._parquet.schema))
        else:
            self._file.write(tables.to_csv(data, self._kind, header=self._header))
            self._header = False
        self._file.flush()

    def close(self) -> None:
        if self._parquet is not None:
            self._parquet.close()
        self._file.flush()


def _prefetched(items: Iterator[Item], reader: ThreadPoolExecutor) -> Iterator[Item]:
    """Read the next item while this one is worked on."""
    coming = reader.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = reader.submit(next, items, None)
        yield item


def _jobs(source: str, target: str, kind: str | None) -> list[_Job]:
    root, sources = _sources(source, kind)
    if target == PIPE:
        kinds = {found.kind for found in sources}
        if kind is None and len(kinds) > 1:
            raise ScoreError(f"files of several formats ({', '.join(sorted(kinds))}); say --format")
        return [_Job(tuple(sources), None, kind or sources[0].kind, None)]
    path = Path(target)
    named = tables.format_of(path)
    if path.is_dir() or target.endswith("/") or (root is not None and named is None):
        return _folder_jobs(source, path, root, sources, kind)
    if named is None and kind is None:
        raise ScoreError(f"{target}: the suffix tells no format; {_known()}, or say --format")
    found, compression = named or (str(kind), None)
    return [_Job(tuple(sources), path, found, compression)]


def _folder_jobs(
    source: str, target: Path, root: Path | None, sources: list[_Source], kind: str | None
) -> list[_Job]:
    jobs = []
    for found in sources:
        if found.path is None:
            raise ScoreError(f"{target} is a folder; name the file to write in it")
        name = found.path.relative_to(root) if root is not None else Path(found.path.name)
        known = tables.format_of(name)
        if kind is None and known is None:
            raise ScoreError(f"{source}: the suffix tells no format; say --format")
        if kind is not None and (known is None or known[0] != kind):
            name = name.with_name(_renamed(name, kind))
            known = (kind, None)
        assert known is not None
        jobs.append(_Job((found,), target / name, *known))
    return jobs


def _renamed(name: Path, kind: str) -> str:
    suffix = next(suffix for suffix, found in tables.SUFFIXES.items() if found == kind)
    known = tables.format_of(name)
    stem = name.name
    if known is not None:
        stem = Path(stem).stem if known[1] is None else Path(Path(stem).stem).stem
    return stem + suffix


def _sources(source: str, kind: str | None) -> tuple[Path | None, list[_Source]]:
    """Find the input files, and the folder they are in if there may be several."""
    if source == PIPE:
        if kind is None:
            others = [name for name in tables.FORMATS if name != "parquet"]
            raise ScoreError(f"say what comes on standard input: --format {'|'.join(others)}")
        if kind == "parquet":
            raise ScoreError("Parquet cannot be read from a pipe; name the file")
        return None, [_Source(None, kind, None, 0)]
    path = Path(source)
    if path.is_dir():
        root, paths = path, sorted(path.rglob("*"))
    elif path.exists():
        return None, [_source(path, kind)]
    elif glob.has_magic(source):
        plain = [part for part in path.parts if not glob.has_magic(part)]
        fixed = next(i for i, part in enumerate(path.parts) if glob.has_magic(part))
        root = Path(*plain[:fixed])
        paths = sorted(map(Path, glob.glob(source, recursive=True)))  # noqa: PTH207
    else:
        raise ScoreError(f"no such file or folder: {source}")
    found = [
        _source(path, None)
        for path in paths
        if path.is_file()
        and tables.format_of(path) is not None
        and not any(part[0] in "._" for part in path.relative_to(root).parts)
    ]
    if not found:
        raise ScoreError(f"{source}: nothing to score there; {_known()}")
    return root, found


def _source(path: Path, kind: str | None) -> _Source:
    known = tables.format_of(path) or (kind and (kind, None))
    if not known:
        raise ScoreError(f"{path}: the suffix tells no format; {_known()}, or say --format")
    return _Source(path, *known, path.stat().st_size)


def _known() -> str:
    return f"known are {', '.join(tables.SUFFIXES)}, all but Parquet also with .gz and .zst"


def _check_targets(target: Path, jobs: list[_Job]) -> None:
    targets = [job.target for job in jobs if job.target is not None]
    twice = next((path for path in targets if targets.count(path) > 1), None)
    if twice is not None:
        raise ScoreError(f"two inputs would both be written to {twice}; score them one by one")
    sources = {s.path.resolve() for job in jobs for s in job.sources if s.path is not None}
    for path in targets:
        if path.resolve() in sources:
            raise ScoreError(f"{path} is an input; name another output")
        if path != target and not path.parent.resolve().is_relative_to(target.resolve()):
            raise ScoreError(f"{path.parent} leads out of {target}; name another output")
    if not target.parent.is_dir():
        raise ScoreError(f"no folder {target.parent}; make it first")


def _open_state(
    state: Path, target: Path, jobs: list[_Job], plan: dict[str, Any], *, resume: bool, force: bool
) -> None:
    """Make the folder of parts, or accept the one that an earlier run left."""
    earlier = _read_plan(state)
    if earlier is not None and resume:
        changed = [key for key in plan if plan[key] != earlier.get(key)]
        if not changed:
            return
        if not force:
            raise StanceError(
                f"cannot resume {target}: {' and '.join(changed)} changed since; start anew with "
                f"--force"
            )
    elif earlier is not None and not force:
        raise StanceError(
            f"{target}: a run was left unfinished; go on with --resume, or start anew with --force"
        )
    if not force:
        for path in (target, *(job.target for job in jobs if job.target is not None)):
            if path.is_symlink():
                raise StanceError(f"{path} is a symbolic link; replace it with --force")
            if path.exists() and not (path.is_dir() and path == target):
                hint = "; there is no unfinished run to resume" if resume else ""
                raise StanceError(f"{path} exists; overwrite it with --force{hint}")
    else:
        _errors_file(target).unlink(missing_ok=True)
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    _write(state / "plan.json", json.dumps(plan, indent=1).encode())


def _read_plan(state: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads((state / "plan.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    path = target.parent / f".{target.name}.lock"
    busy = StanceError(f"{target}: another run is writing it; wait for it, or name another output")
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise busy from None
    try:
        if not path.exists():  # its last holder removed it while this run opened it
            raise busy
        try:
            yield
        finally:
            path.unlink()
    finally:
        lock.release()


def _save(scored: _Scored, folder: Path, number: int, job: _Job) -> Path:
    """Save a scored chunk; it is there whole or not at all."""
    name = f"{number:08d}-{scored.rows}-{len(scored.bad)}"
    if scored.bad:
        lines = (json.dumps(asdict(bad), ensure_ascii=False) + "\n" for bad in scored.bad)
        _write(folder / f"{name}.errors", "".join(lines).encode())
    path = folder / f"{name}.part"
    if isinstance(scored.data, pa.Table):
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, scored.data.schema, options=options) as writer:
            writer.write_table(scored.data)
        _write(path, sink.getvalue())
    elif job.compression is not None:
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, job.compression) as stream:
            stream.write(scored.data)
        _write(path, sink.getvalue())
    else:
        _write(path, scored.data)
    return path


def _counts(path: Path) -> tuple[int, int]:
    _, rows, skipped = path.stem.split("-")
    return int(rows), int(skipped)


def _assemble(parts: list[Path], job: _Job, whole: Path) -> None:
    with whole.open("wb") as file:
        if job.kind == "parquet":
            _assemble_parquet(parts, file)
        elif job.in_tables:
            schema = _common_schema(parts)
            stream = pa.CompressedOutputStream(file, job.compression) if job.compression else file
            for number, part in enumerate(parts):
                table = _fitted(_load(part), schema)
                stream.write(tables.to_csv(table, job.kind, header=number == 0))
            stream.close()
        else:
            for part in parts:
                with part.open("rb") as content:
                    shutil.copyfileobj(content, file, 1 << 20)
    _sync(whole)


def _assemble_parquet(parts: list[Path], file: BinaryIO) -> None:
    schema = _common_schema(parts)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        gathered: list[pa.Table] = []
        for part in parts:
            gathered.append(_fitted(_load(part), schema))
            if sum(table.num_rows for table in gathered) >= ROW_GROUP:
                writer.write_table(pa.concat_tables(gathered))
                gathered = []
        if gathered:
            writer.write_table(pa.concat_tables(gathered))


def _load(part: Path) -> pa.Table:
    return pa.ipc.open_stream(part.read_bytes()).read_all()


def _common_schema(parts: list[Path]) -> pa.Schema:
    """Give the columns of all parts: those of the rows in order of appearance, then the added."""
    schemas: list[pa.Schema] = []
    for part in parts:
        with part.open("rb") as file:
            schema = pa.ipc.open_stream(file).schema
        if not schemas or schema != schemas[-1]:
            schemas.append(schema)
    given = [
        pa.schema([field for field in schema if field.name not in ADDED.names], schema.metadata)
        for schema in schemas
    ]
    if len(given) == 1:
        return schemas[0]
    try:
        schema = pa.unify_schemas(given, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ScoreError(
            f"rows do not fit into one table ({str(error).splitlines()[0]}); give each column one "
            f"type, or write JSONL"
        ) from None
    return pa.schema([*schema, *ADDED], schema.metadata)


def _fitted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    if table.schema.equals(schema):
        return table
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    return pa.table(columns, schema)


def _gather_errors(state: Path, target: Path) -> Path | None:
    path = _errors_file(target)
    found = sorted(state.glob("*/*.errors"))
    if not found:
        return None
    aside = state / "errors"
    with aside.open("wb") as file:
        for part in found:
            file.write(part.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    return path


def _errors_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.errors.jsonl")


def _write(path: Path, content: bytes | pa.Buffer) -> None:
    aside = path.with_name(f"{path.name}.new")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
