"""Stage: archives in, scored archives out; in parts, so that a killed run can go on."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.batch.checkpoints import Checkpoints, RunDirectory, ScoredChunk, counts, fitted
from pipeline.batch.chunks import Chunk
from pipeline.batch.formats import LIMITS, Limits
from pipeline.batch.parsing import parse_rows
from pipeline.batch.plan import OutputJob, RunPlan, Source, plan_run
from pipeline.batch.signals import StopSignal
from pipeline.batch.sources import check_source_column
from pipeline.batch.writing import describe_errors, encode_rows, to_csv, with_added
from pipeline.errors import ScoringError, StanceError, Stopped
from pipeline.formats.unicode import printable
from pipeline.inference.arrow import stance_columns
from pipeline.inference.predict import load_predictor
from pipeline.inference.predictor import Predictor, core_count
from pipeline.stances import check_min_score

MOST_THREADS = 16
Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[int, float], None]


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


@dataclass(frozen=True)
class _Scoring:
    """What is done with a chunk; called on many threads at once."""

    job: OutputJob
    predictor: Predictor
    text_column: str
    skip_bad: bool
    limits: Limits
    min_score: float | None
    source_column: str | None

    def __call__(self, number: int, chunk: Chunk) -> ScoredChunk:
        keep_lines = self.job.kind == "jsonl"
        found, bad = parse_rows(
            chunk,
            self.text_column,
            self.limits,
            keep_lines=keep_lines,
            first_bad=not self.skip_bad,
            source_column=self.source_column,
        )
        if bad and not self.skip_bad:
            first = bad[0]
            named = repr(self.text_column) in first.reason
            other = ", name another column with --text-column" if named else ""
            raise ScoringError(
                f"{first.file}:{first.line}: {first.reason}; mend it{other}, or leave such rows "
                f"out with --on-error=skip"
            )
        added = stance_columns(found.texts, self.predictor, 1, self.min_score)
        with describe_errors(chunk.file, self.job.kind):
            if self.job.in_tables:
                data = with_added(found, added)
            else:
                data = encode_rows(found, added, self.job.kind, header=number == 0)
        return ScoredChunk(data, found.table.num_rows, bad)


def score_archive(
    source: str | Path,
    target: str | Path,
    text_column: str = "text",
    model: str | Path | None = None,
    *,
    min_score: float | None = None,
    source_column: str | None = None,
    kind: str | None = None,
    skip_bad: bool = False,
    resume: bool = False,
    force: bool = False,
    line_buffered: bool = False,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
    stop: StopSignal | None = None,
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
        See `pipeline.model.artifacts.find_model`.
    min_score : float, optional
        See `pipeline.inference.predict.predict`.
    source_column : str, optional
        A column to add before the others, which says which file and line (of Parquet, row) each
        row is from, as ``news/a.csv:17``.
    kind : str, optional
        One of `pipeline.batch.formats.FORMATS`: the format of what has no telling suffix.
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
    check_min_score(min_score)
    task = plan_run(str(source), str(target), kind)
    to_stdout = task.target is None
    check_source_column(source_column, text_column, {job.kind for job in task.jobs})
    if to_stdout and resume:
        raise ScoringError("standard output cannot be resumed; name a file")
    if resume and (piped := next((s for s in _sources(task) if s.is_piped), None)):
        raise ScoringError(f"{piped.name} cannot be resumed; name a file")
    if line_buffered and not to_stdout:
        raise ScoringError("--line-buffered is for standard output; write - instead of a file")
    if line_buffered and task.jobs[0].in_tables:
        raise ScoringError(f"--line-buffered cannot write {task.jobs[0].kind}; say --format jsonl")
    if to_stdout and task.jobs[0].kind == "parquet" and sys.stdout.isatty():
        raise ScoringError("a terminal cannot show Parquet; name a file, or say --format jsonl")
    with stop or StopSignal() as entered:
        run = _Run(
            task=task,
            predictor=load_predictor(model),
            text_column=text_column,
            min_score=min_score,
            source_column=source_column,
            skip_bad=skip_bad,
            line_buffered=line_buffered,
            limits=limits,
            progress=progress or (lambda rows, share: None),
            stop=entered,
        )
        errors = None
        if task.target is None:
            run.to_stdout()
        else:
            errors = run.to_files(task.target, resume=resume, force=force)
    return Summary(run.rows, run.skipped, errors, time.perf_counter() - started)


@dataclass
class _Run:
    task: RunPlan
    predictor: Predictor
    text_column: str
    min_score: float | None
    source_column: str | None
    skip_bad: bool
    line_buffered: bool
    limits: Limits
    progress: Progress
    stop: StopSignal
    rows: int = 0
    skipped: int = 0
    bytes_read: int = 0
    cut_short: bool = False

    def to_stdout(self) -> None:
        job = self.task.jobs[0]
        sink = _Sink(sys.stdout.buffer, job.kind)
        with closing(self._worked(job, self._scoring(job))) as found:
            for share, scored in found:
                for bad in scored.bad:
                    print(json.dumps(asdict(bad)), file=sys.stderr)
                with describe_errors("standard output", job.kind):
                    sink.write(scored.data)
                self._count(scored.rows, len(scored.bad), share)
        sink.close()
        self._tell_stopped("stopped")

    def to_files(self, target: Path, *, resume: bool, force: bool) -> Path | None:
        place = RunDirectory(target, is_folder=self.task.is_folder)
        with place.locked():
            place.open(self.task, self._plan(), resume=resume, force=force)
            try:
                for number, job in enumerate(self.task.jobs):
                    self._to_file(job, Checkpoints(job, place.parts / f"{number:06d}"))
                errors = place.close()
            except ScoringError:
                place.discard()
                raise
            except OSError as error:
                raise self._interrupted(error, target) from error
        self._tell_stopped(f"stopped; all that was read is in {target}")
        return errors

    def _tell_stopped(self, message: str) -> None:
        """Raise unless the signal came when everything had been read."""
        if self.cut_short and self.stop.number is not None:
            raise Stopped(self.stop.number, message)

    def _interrupted(self, error: OSError, target: Path) -> StanceError:
        """Say what a full disk or a lack of files ended, and that nothing is lost."""
        where = error.filename or target
        remedy = "go on with the same command and --resume"
        if any(source.is_piped for source in _sources(self.task)):
            remedy = "start anew with --force"
        return StanceError(f"{where}: {error.strerror or error}; mend that, then {remedy}")

    def _to_file(self, job: OutputJob, parts: Checkpoints) -> None:
        if parts.done is not None:
            self._count(*parts.done, 1.0)
            self.bytes_read += sum(source.size for source in job.sources)
            return
        scoring = self._scoring(job)

        def part(number: int, chunk: Chunk) -> Path:
            return parts.get(number) or parts.save(number, scoring(number, chunk))

        with parts:
            with closing(self._worked(job, part)) as found:
                for share, path in found:
                    parts.add(path)
                    self._count(*counts(path), share)
            if not any(source.is_piped for source in job.sources):
                self._tell_stopped("stopped; go on with the same command and --resume")
            parts.finish()

    def _scoring(self, job: OutputJob) -> _Scoring:
        return _Scoring(
            job=job,
            predictor=self.predictor,
            text_column=self.text_column,
            skip_bad=self.skip_bad,
            limits=self.limits,
            min_score=self.min_score,
            source_column=self.source_column,
        )

    def _worked(
        self, job: OutputJob, work: Callable[[int, Chunk], Result]
    ) -> Generator[tuple[float, Result]]:
        """Read, work on several threads, and yield the results in order."""
        threads = 1 if self.line_buffered else min(core_count(), MOST_THREADS)
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

    def _chunks(self, job: OutputJob) -> Iterator[tuple[float, Chunk]]:
        total = max(sum(source.size for each in self.task.jobs for source in each.sources), 1)
        for source in job.sources:
            for chunk in source.chunks(self.limits, self.stop.descriptor, eager=self.line_buffered):
                if self.stop.number is not None and not source.is_piped:
                    self.cut_short = True
                    return
                yield (self.bytes_read + chunk.share * source.size) / total, chunk
            self.cut_short |= self.stop.number is not None and source.is_piped
            self.bytes_read += source.size

    def _count(self, rows: int, skipped: int, share: float) -> None:
        self.rows += rows
        self.skipped += skipped
        self.progress(self.rows, share)

    def _plan(self) -> dict[str, Any]:
        inputs = [
            [str(source.path.resolve()), source.size, source.path.stat().st_mtime_ns]
            for job in self.task.jobs
            for source in job.sources
            if source.path is not None and not source.is_piped
        ]
        return {
            "inputs": inputs,
            "outputs": [[str(job.target), job.kind] for job in self.task.jobs],
            "text column": self.text_column,
            "minimum score": self.min_score,
            "source column": self.source_column,
            "treatment of bad rows": "skip" if self.skip_bad else "stop",
            "limits": asdict(self.limits),
            "model": self.predictor.arrays.fingerprint,
        }


def _sources(task: RunPlan) -> Iterator[Source]:
    return (source for job in task.jobs for source in job.sources)


class _Sink:
    """Standard output: bytes as they come, escaped on a terminal, or one Parquet file."""

    def __init__(self, file: BinaryIO, kind: str) -> None:
        self._file = file
        self._kind = kind
        self._header = True
        self._parquet: pq.ParquetWriter | None = None

    def write(self, data: pa.Table | pa.Buffer) -> None:
        if isinstance(data, pa.Buffer):
            self._send(data)
        elif self._kind == "parquet":
            if self._parquet is None:
                self._parquet = pq.ParquetWriter(self._file, data.schema, compression="zstd")
            self._parquet.write_table(fitted(data, self._parquet.schema))
        else:
            self._send(to_csv(data, self._kind, header=self._header))
            self._header = False
        self._file.flush()

    def _send(self, lines: pa.Buffer) -> None:
        if self._file.isatty():
            lines = printable(lines.to_pybytes().decode()).encode()
        self._file.write(lines)

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
