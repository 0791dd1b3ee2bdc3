"""Many articles read at once, in processes of their own, and given back in their order."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import active_children, get_context, parent_process

from pipeline.articles.article import Article
from pipeline.articles.inputs.entries import Entry
from pipeline.errors import ArticleError, StanceError

Read = Callable[[Entry], Article]
Placed = tuple[Entry | ArticleError, float]
Outcome = tuple[Article | StanceError, float]
# So few are read sooner than processes have started.
_FEW = 100
# What a process is given at once, and how much of that waits for each.
_ARTICLES_AT_ONCE = 16
_CHARACTERS_AT_ONCE = 1 << 18
_AHEAD = 2
_MOMENT = 0.05


def read_in_order(entries: Iterator[Placed], read: Read, jobs: int) -> Generator[Outcome]:
    """Read articles in several processes, the first few in this one.

    Parameters
    ----------
    entries : iterator of (Entry or ArticleError, float)
        The articles, each with the share of the input that is read.
    read : callable
        Reads one; has to be picklable.
    jobs : int
        How many processes; with 1, all is done in this one.

    Yields
    ------
    Article or StanceError, float
        What became of each, in order, and its share.

    Raises
    ------
    StanceError
        If a process is killed.
    """
    for entry, share in entries if jobs < 2 else islice(entries, _FEW):
        yield _outcome(entry, read), share
    more = next(entries, None)
    if more is not None:
        yield from _read_by_others(_batches(chain([more], entries)), read, jobs)


def _outcome(entry: Entry | ArticleError, read: Read) -> Article | StanceError:
    try:
        return entry if isinstance(entry, ArticleError) else read(entry)
    except StanceError as error:
        return error


def _batches(entries: Iterator[Placed]) -> Iterator[list[Placed]]:
    batch: list[Placed] = []
    size = 0
    for entry, share in entries:
        batch.append((entry, share))
        size += len(entry.content) if isinstance(entry, Entry) else 0
        if len(batch) == _ARTICLES_AT_ONCE or size >= _CHARACTERS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _read_by_others(batches: Iterator[list[Placed]], read: Read, jobs: int) -> Iterator[Outcome]:
    before = {*active_children()}
    # "spawn" works everywhere, and alone is safe beside the threads of pyarrow
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _start, (read,))
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(_read_batch, batch))
            if len(waiting) > jobs * _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
        pool.shutdown()
    except BrokenProcessPool:
        raise StanceError(
            "a process that read articles was killed, perhaps for want of memory, or could not "
            "start; read them again with fewer jobs (a script that asks for several needs "
            "`if __name__ == '__main__':`)"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        ours = {*active_children()} - before
        for process in ours:
            process.terminate()
        for process in ours:
            while process.is_alive():  # the pool waits for it too: who comes second learns nothing
                process.join(_MOMENT)


_read: list[Read] = []


def _start(read: Read) -> None:
    """Make a process ready to read: it ends with the one that started it, and by no Ctrl-C."""
    _read[:] = [read]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)  # what an article needs goes without it


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_batch(batch: list[Placed]) -> list[Outcome]:
    return [(_outcome(entry, _read[0]), share) for entry, share in batch]
