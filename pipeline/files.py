"""Files on disk: what may be overwritten, and writing so that nothing is seen half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import StanceError

# The checkout this package is installed from, where it is one.
ROOT = Path(__file__).resolve().parent.parent
IS_CHECKOUT = (ROOT / "Makefile").is_file()
SHIPPED_STATEMENTS = ROOT / "data" / "statements"
# The model inside the package: `make wheel` puts one there, a checkout has none.
CARRIED_MODEL = Path(__file__).resolve().parent / "carried_model"


def shipped_statements(remedy: str = "name files of your own") -> list[Path]:
    """Return the folder of the shipped statements, which only a checkout has.

    Parameters
    ----------
    remedy : str
        What to do where there is none, for the error.

    Returns
    -------
    list of Path
        What `pipeline.corpus.corpus.load_corpus` takes.

    Raises
    ------
    StanceError
        If the package is installed without its checkout.
    """
    if not SHIPPED_STATEMENTS.is_dir():
        raise StanceError(f"the shipped statements are in the project's checkout only; {remedy}")
    return [SHIPPED_STATEMENTS]


def shown_path(path: str | Path) -> str:
    """Return the path of a file, relative to the current folder where it is inside.

    Examples
    --------
    >>> shown_path(Path.cwd() / "data" / "mine.csv")
    'data/mine.csv'
    """
    return str(path).removeprefix(f"{Path.cwd()}{os.sep}")


def check_free(path: Path, *, force: bool = False) -> None:
    """Check that a file may be written.

    Parameters
    ----------
    path : Path
        Where it would go.
    force : bool
        Whether an existing file may be overwritten.

    Raises
    ------
    StanceError
        If it is a symbolic link, or exists and `force` is not given.
    """
    if path.is_symlink():
        raise StanceError(f"{path}: a symbolic link, which is not followed; name the file itself")
    if path.exists() and not force:
        raise StanceError(f"{path}: exists; overwrite it with --force")


@contextmanager
def write_atomically(path: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """Open a file that takes the place of another when the block ends without an error.

    Parameters
    ----------
    path : Path
        What is written or replaced; it is never seen half-written, and old until the end.
    folder : Path, optional
        Where to write meanwhile, on the same disk; without it, beside `path`.

    Yields
    ------
    binary file
        To write and read; on the disk before it is renamed.
    """
    aside = (folder or path.parent) / f".{path.name}.{os.getpid()}"
    opened = aside.open("x+b")
    try:
        with opened as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, so that it is never seen half-written.

    Parameters
    ----------
    path : Path
        Where it goes.
    text : str
        What goes there, as UTF-8; a lone surrogate becomes a question mark.
    """
    with write_atomically(path) as file:
        file.write(text.encode("utf-8", errors="replace"))


def flush(path: Path) -> None:
    """Flush a file or folder to the disk.

    Parameters
    ----------
    path : Path
        The file or folder.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
