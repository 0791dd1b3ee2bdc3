"""What is read and what is written: files, folders, globs and pipes to jobs."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.chunks import Chunk, Pipe, read_chunks, text_chunks
from pipeline.batch.formats import FORMATS, SUFFIXES, Limits, format_of
from pipeline.errors import ScoringError
from pipeline.formats.delimited import DELIMITERS

PIPE = "-"
ERRORS = ".errors.jsonl"


@dataclass(frozen=True)
class Source:
    """A file or a pipe; standard input where it has no path."""

    path: Path | None
    kind: str
    compression: str | None
    size: int
    is_piped: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.path is None else str(self.path)

    def chunks(self, limits: Limits, leave: int, *, eager: bool) -> Iterator[Chunk]:
        """Read it."""
        if self.path is not None and not self.is_piped:
            return read_chunks(self.path, self.kind, self.compression, limits)
        return self._piped_chunks(limits, leave, eager=eager)

    def _piped_chunks(self, limits: Limits, leave: int, *, eager: bool) -> Iterator[Chunk]:
        if self.path is None:
            descriptor = sys.stdin.fileno()
        else:  # opening a named pipe would wait for its writer
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            pipe = Pipe(descriptor, leave, eager=eager)
            yield from text_chunks(pipe, self.name, self.kind, limits)
        finally:
            if self.path is not None:
                os.close(descriptor)


@dataclass(frozen=True)
class OutputJob:
    """Files that become one file (or standard output)."""

    sources: tuple[Source, ...]
    target: Path | None
    kind: str
    compression: str | None

    @property
    def in_tables(self) -> bool:
        """Whether the columns are only known when everything is read."""
        if self.kind == "parquet":
            return True
        kinds = {source.kind for source in self.sources}
        return self.kind in DELIMITERS and (len(self.sources) > 1 or kinds == {"jsonl"})


@dataclass(frozen=True)
class RunPlan:
    """What a run has to do.

    Attributes
    ----------
    jobs : tuple of Job
        One for each output.
    target : Path or None
        The output as it was named; None for standard output.
    is_folder : bool
        Whether that is a folder of outputs.
    """

    jobs: tuple[OutputJob, ...]
    target: Path | None
    is_folder: bool = False


def plan_run(source: str, target: str, kind: str | None) -> RunPlan:
    """Find what is to be read and what is to be written.

    Parameters
    ----------
    source, target : str
        File, folder, glob or ``-``; file, folder or ``-``.
    kind : str, optional
        One of `pipeline.batch.formats.FORMATS`, for what has no telling suffix.

    Returns
    -------
    RunPlan

    Raises
    ------
    ScoreError
        If there is nothing to read, a format is not known, or an output would be an input.
    """
    root, sources = _sources(source, kind)
    if target == PIPE:
        kinds = {found.kind for found in sources}
        if kind is None and len(kinds) > 1:
            raise ScoringError(
                f"files of several formats ({', '.join(sorted(kinds))}); say --format"
            )
        return RunPlan((OutputJob(tuple(sources), None, kind or sources[0].kind, None),), None)
    path = Path(target)
    named = format_of(path)
    if path.is_dir() or target.endswith("/") or (root is not None and named is None):
        task = RunPlan(tuple(_folder_jobs(source, path, root, sources, kind)), path, is_folder=True)
    else:
        if named is None and kind is None:
            raise ScoringError(f"{target}: the suffix tells no format; {_known()}, or say --format")
        found, compression = named or (str(kind), None)
        task = RunPlan((OutputJob(tuple(sources), path, found, compression),), path)
    _check_targets(path, task, root)
    return task


def _folder_jobs(
    source: str, target: Path, root: Path | None, sources: list[Source], kind: str | None
) -> list[OutputJob]:
    jobs = []
    for found in sources:
        if found.path is None:
            raise ScoringError(f"{target} is a folder; name the file to write in it")
        name = found.path.relative_to(root) if root is not None else Path(found.path.name)
        known = format_of(name)
        if kind is None and known is None:
            raise ScoringError(f"{source}: the suffix tells no format; say --format")
        if kind is not None and (known is None or known[0] != kind):
            name = name.with_name(_renamed(name, kind))
            known = (kind, None)
        assert known is not None
        jobs.append(OutputJob((found,), target / name, *known))
    return jobs


def _renamed(name: Path, kind: str) -> str:
    suffix = next(suffix for suffix, found in SUFFIXES.items() if found == kind)
    known = format_of(name)
    stem = name.name
    if known is not None:
        stem = Path(stem).stem if known[1] is None else Path(Path(stem).stem).stem
    return stem + suffix


def _sources(source: str, kind: str | None) -> tuple[Path | None, list[Source]]:
    """Find the input files, and the folder they are in if there may be several."""
    if source == PIPE:
        if kind is None:
            others = [name for name in FORMATS if name != "parquet"]
            raise ScoringError(f"say what comes on standard input: --format {'|'.join(others)}")
        if kind == "parquet":
            raise ScoringError("Parquet cannot be read from a pipe; name the file")
        return None, [Source(None, kind, None, 0, is_piped=True)]
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
        raise ScoringError(f"no such file or folder: {source}")
    found = [
        _source(path, None)
        for path in paths
        if path.is_file()
        and format_of(path) is not None
        and not path.name.endswith(ERRORS)
        and not any(part[0] in "._" for part in path.relative_to(root).parts)
    ]
    if not found:
        raise ScoringError(f"{source}: nothing to score there; {_known()}")
    return root, found


def _source(path: Path, kind: str | None) -> Source:
    known = format_of(path) or (kind and (kind, None))
    if not known:
        raise ScoringError(f"{path}: the suffix tells no format; {_known()}, or say --format")
    status = path.stat()
    if stat.S_ISREG(status.st_mode):
        return Source(path, *known, status.st_size)
    if known[0] == "parquet" or known[1] is not None:
        raise ScoringError(
            f"{path}: a pipe of {known[1] or 'Parquet'}, which cannot be read as it "
            "comes; name a file, or unpack it first"
        )
    return Source(path, *known, 0, is_piped=True)


def _known() -> str:
    return f"known are {', '.join(SUFFIXES)}, all but Parquet also with .gz and .zst"


def _check_targets(target: Path, task: RunPlan, root: Path | None) -> None:
    targets = [job.target for job in task.jobs if job.target is not None]
    twice = next((path for path in targets if targets.count(path) > 1), None)
    if twice is not None:
        raise ScoringError(f"two inputs would both be written to {twice}; score them one by one")
    sources = {s.path.resolve() for job in task.jobs for s in job.sources if s.path is not None}
    for path in targets:
        if path.resolve() in sources:
            raise ScoringError(f"{path} is an input; name another output")
        if task.is_folder and not path.parent.resolve().is_relative_to(target.resolve()):
            raise ScoringError(f"{path.parent} leads out of {target}; name another output")
    if task.is_folder and root is not None and target.resolve().is_relative_to(root.resolve()):
        raise ScoringError(f"{target} lies in the input {root}; name a folder outside")
    if not target.absolute().parent.is_dir():
        raise ScoringError(f"no folder {target.parent}; make it first")
