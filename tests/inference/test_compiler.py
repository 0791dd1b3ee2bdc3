import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.files import write_atomically
from pipeline.inference import compiler
from pipeline.stages.train import Training
from tests.conftest import run

SCORES = """
import sys
from pipeline import predict
print(*predict("They denied it and accused Oslo.", sys.argv[1]).scores.values())
print("numba" in sys.modules)
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, training: Training) -> tuple[Path, str]:
    """Machine code as a process keeps it, and what that process printed."""
    folder = tmp_path_factory.mktemp("kernel")
    printed = run(SCORES, training.model, STANCE_CACHE=str(folder))
    (path,) = folder.iterdir()
    return path, printed.splitlines()[0]


@pytest.fixture
def cache(tmp_path: Path, kept: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with whole machine code, used by this process too; gives the file."""
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path))
    return Path(shutil.copy(kept[0], tmp_path))


def flipped(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << random.Random(place).randrange(8)
    return bytes(changed)


def test_whole_machine_code_is_taken(cache: Path) -> None:
    assert compiler._kept() == cache.read_bytes()[32:]


def test_what_is_compiled_already_is_known(cache: Path) -> None:
    assert compiler.is_compiled()
    cache.unlink()
    assert not compiler.is_compiled()


def test_machine_code_with_a_flipped_bit_is_not_taken(cache: Path) -> None:
    whole = cache.read_bytes()
    for place in (*range(0, len(whole), 997), 31, 32, len(whole) - 1):
        cache.write_bytes(flipped(whole, place))
        assert compiler._kept() is None, place


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 18_000, -1])
def test_machine_code_that_is_cut_off_is_not_taken(cache: Path, size: int) -> None:
    cache.write_bytes(cache.read_bytes()[:size])
    assert compiler._kept() is None


@pytest.mark.slow
def test_damaged_machine_code_is_compiled_again(
    cache: Path, kept: tuple[Path, str], training: Training
) -> None:
    cache.write_bytes(cache.read_bytes()[:18_000])
    scores, compiled = run(SCORES, training.model).splitlines()
    assert (scores, compiled) == (kept[1], "True")
    assert run(SCORES, training.model).splitlines() == [kept[1], "False"]


def a_pipe(path: Path, whole: Path) -> None:
    os.mkfifo(path)


def a_link(path: Path, whole: Path) -> None:
    path.symlink_to(whole)


def a_folder(path: Path, whole: Path) -> None:
    path.mkdir()


def one_that_all_may_write(path: Path, whole: Path) -> None:
    shutil.copy(whole, path)
    path.chmod(0o666)


@pytest.mark.parametrize("put", [a_pipe, a_link, a_folder, one_that_all_may_write])
def test_what_is_no_plain_file_of_ours_is_not_opened(
    cache: Path, kept: tuple[Path, str], put: Callable[[Path, Path], None]
) -> None:
    cache.unlink()
    put(cache, kept[0])
    assert compiler._kept() is None
    compiler._keep(b"code")
    assert (compiler._kept() == b"code") == (put is not a_folder)
    assert kept[0].stat().st_size > 1000, "the file that a link led to was written"


def test_machine_code_of_earlier_sources_is_deleted(cache: Path, tmp_path: Path) -> None:
    for age in range(1, 8):
        for name in (f"kernel-{age:016x}.o", f".kernel-{age:016x}.o.{age}"):
            (tmp_path / name).write_bytes(b"old")
            os.utime(tmp_path / name, (age, age))
    (tmp_path / "mine.o").write_bytes(b"mine")
    compiler._keep(b"new")
    assert compiler._kept() == b"new"
    left = {path.name for path in tmp_path.iterdir()}
    assert {"mine.o", cache.name} < left
    assert len(left) == 1 + compiler._MOST_KEPT


def test_who_cannot_write_aside_leaves_the_file_of_who_can(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with write_atomically(path) as file:
        file.write(b"first")
        with pytest.raises(FileExistsError), write_atomically(path):
            pass
    assert path.read_bytes() == b"first"
