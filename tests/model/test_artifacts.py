import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import numpy.typing as npt
import pytest

from pipeline.errors import ModelError
from pipeline.files import write_atomically, write_text
from pipeline.inference.array_format import FAMILY_SHIFT, TAIL_SHIFT, TERM
from pipeline.inference.model_arrays import ModelArrays
from pipeline.model.artifacts import (
    MANIFEST_FILE,
    MODEL_FILE,
    TABLE_FILE,
    read_manifest,
    read_model_files,
    read_verified,
    save_files,
)
from pipeline.model.classifier import features
from pipeline.model.persistence import load_classifier
from pipeline.model.verification import installed_versions
from pipeline.stages.train import Training
from tests.conftest import run

VERSIONS = {"scikit-learn": "1", "analyzer": "a"}
Arrays = dict[str, npt.NDArray[np.generic]]


def save(folder: Path, content: bytes = b"model") -> Path:
    files = {
        MODEL_FILE: lambda path: path.write_bytes(content),
        TABLE_FILE: lambda path: path.write_bytes(content * 2),
    }
    return save_files(folder, files, versions=VERSIONS) / MODEL_FILE


SAVES = """
import os, random, resource, signal, sys, time
from pathlib import Path
from pipeline.errors import ModelError
from pipeline.files import write_atomically, write_text
from pipeline.model.artifacts import find_model, read_verified, save_files

folder = Path(sys.argv[1])

def save(number):
    text = f"{number} ".encode()
    save_files(folder, {
        "stance.joblib": lambda path: path.write_bytes(text * 100),
        "stance.npz": lambda path: path.write_bytes(text * 20_000),
    }, {"MODEL_CARD.md": lambda path: path.write_bytes(text)}, versions={})

def read():
    model = find_model(folder).resolve()
    found = {read_verified(model.with_name(name), {}).split()[0]
             for name in ("stance.joblib", "stance.npz")}
    (number,) = found
    card = folder / "MODEL_CARD.md"
    if card.exists():
        assert card.read_bytes().split() == [number], (card.read_bytes(), number)
    return int(number)

def child(work):
    pid = os.fork()
    if not pid:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return pid

def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""

KILLED_AT_EVERY_STEP = (
    SAVES
    + """
STEPS = ("open", "os.", "shutil.")

def save_until(step, number):
    left = [step]
    def count(event, _):
        if event.startswith(STEPS):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    save(number)

old = None
step = 1
while True:
    code = ended(child(lambda: save_until(step, step)))
    try:
        now = read()
    except ModelError as error:
        assert old is None and "no model at" in str(error), error
    else:
        assert now in (old, step), (now, old, step)
        old = now
    if not code:
        break
    assert code == -signal.SIGKILL, code
    step += 1
assert old == step
kept = len(list((folder / ".sets").iterdir()))
print(step, kept, *sorted(path.name for path in folder.iterdir()))
"""
)

KILLED_AT_RANDOM = (
    SAVES
    + """
def save_forever(first):
    number = first
    while True:
        number += 1
        save(number)

draw = random.Random(1)
save(0)
old = 0
for _ in range(50):
    pid = child(lambda: save_forever(old))
    time.sleep(draw.uniform(0.001, 0.04))
    os.kill(pid, signal.SIGKILL)
    assert ended(pid) == -signal.SIGKILL
    now = read()
    assert now >= old, (now, old)
    old = now
print(old)
"""
)

DISK_FULL = (
    SAVES
    + """
def save_on_full_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        save(2)
    except OSError:
        os._exit(7)

save(1)
assert ended(child(save_on_full_disk)) == 7
assert read() == 1
print(len(list((folder / ".sets").iterdir())))
"""
)


def test_a_save_killed_at_any_step_leaves_one_whole_set(tmp_path: Path) -> None:
    steps, kept, *names = run(KILLED_AT_EVERY_STEP, tmp_path).split()
    assert int(steps) > 20
    assert int(kept) <= 3
    assert set(names) == {
        *(".current", ".sets", "MODEL_CARD.md"),
        *("manifest.json", "stance.joblib", "stance.npz"),
    }


def test_a_card_of_before_sets_is_never_seen_beside_a_new_model(tmp_path: Path) -> None:
    """Where an earlier version of this package saved, the card was a file of its own."""
    save(tmp_path, b"9 ")
    (tmp_path / "MODEL_CARD.md").write_bytes(b"9")
    run(KILLED_AT_EVERY_STEP.replace("old = None", "old = 9"), tmp_path)
    assert (tmp_path / "MODEL_CARD.md").is_symlink()


def test_a_saver_killed_at_random_leaves_one_whole_set(tmp_path: Path) -> None:
    assert int(run(KILLED_AT_RANDOM, tmp_path)) > 0


def test_a_full_disk_is_an_error_and_leaves_the_old_set(tmp_path: Path) -> None:
    assert run(DISK_FULL, tmp_path) == "1\n"


def test_a_writer_that_fails_leaves_the_old_set(tmp_path: Path) -> None:
    path = save(tmp_path, b"old")

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        save_files(tmp_path, {MODEL_FILE: fail}, versions=VERSIONS)
    assert read_verified(path, VERSIONS) == b"old"
    assert len(list((tmp_path / ".sets").iterdir())) == 1


def test_saving_again_shows_the_new_set_and_keeps_the_one_before_for_its_readers(
    tmp_path: Path,
) -> None:
    path = save(tmp_path, b"first")
    reading = path.resolve()
    save(tmp_path, b"second")
    assert read_verified(path, VERSIONS) == b"second"
    assert read_verified(reading, VERSIONS) == b"first"
    assert read_verified(reading.with_name(TABLE_FILE), VERSIONS) == b"firstfirst"
    for number in range(5):
        save(tmp_path, bytes([number]))
    assert len(list((tmp_path / ".sets").iterdir())) <= 3


def _remanifest(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    manifest = read_manifest(path)
    change(manifest)
    path.with_name(MANIFEST_FILE).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.write_bytes(b"mod"), r"has 3 bytes, its manifest names 5; run: make train"),
        (lambda p: p.write_bytes(b""), r"has 0 bytes, its manifest names 5; run: make train"),
        (lambda p: p.write_bytes(b"models"), r"has 6 bytes, its manifest names 5; run"),
        (lambda p: p.write_bytes(b"Model"), r"is not the file its manifest names; run"),
        (lambda p: p.resolve().unlink(), r"cannot be read \(No such file or directory\); run"),
        (
            lambda p: (p.resolve().unlink(), p.resolve().mkdir()),
            r"cannot be read \(Is a directory\); run",
        ),
        (
            lambda p: _remanifest(p, lambda m: m["files"].pop(p.name)),
            r"stance\.joblib is not in manifest\.json beside it; run",
        ),
        (
            lambda p: _remanifest(p, lambda m: m["versions"].update(analyzer="b")),
            r"was trained with analyzer b, here is a; run",
        ),
        (
            lambda p: _remanifest(p, lambda m: m["versions"].clear()),
            r"was trained with scikit-learn None, here is 1; run",
        ),
        (
            lambda p: p.with_name(MANIFEST_FILE).unlink(),
            r"no manifest\.json beside .*; run: make train",
        ),
        *(
            (
                lambda p, text=text: p.with_name(MANIFEST_FILE).write_bytes(text),
                r"manifest\.json is not a model manifest; run: make train",
            )
            for text in (
                *(b"", b"{", b"[]", b"null", b"\xff", b'{"files": {}}', b"[" * 100_000),
                b'{"files": [], "versions": {}}',
                b'{"files": {"stance.joblib": 7}, "versions": {}}',
                b'{"files": {"stance.joblib": {"sha256": "a", "bytes": "5"}}, "versions": {}}',
            )
        ),
    ],
)
def test_a_file_that_is_not_the_manifests_is_refused_with_the_reason(
    tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    path = save(tmp_path)
    assert read_verified(path, VERSIONS) == b"model"
    spoil(path)
    with pytest.raises(ModelError, match=message):
        read_verified(path, VERSIONS)


def test_writing_text_leaves_the_old_text_where_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    write_text(path, "old")
    with pytest.raises(TypeError), write_atomically(path) as file:
        file.writelines([b"new", "not bytes"])  # type: ignore[list-item]
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture(scope="module")
def arrays(training: Training) -> Arrays:
    with np.load(training.model.with_name(TABLE_FILE)) as file:
        return dict(file)


def signed(folder: Path, content: bytes) -> Path:
    """Write a table and a manifest that vouches for it."""
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {
        "files": {TABLE_FILE: entry},
        "versions": {"analyzer": features.fingerprint()},
    }
    (folder / MANIFEST_FILE).write_text(json.dumps(manifest))
    path = folder / TABLE_FILE
    path.write_bytes(content)
    return path


def packed(arrays: Arrays, write: Callable[..., None] = np.savez) -> bytes:
    content = io.BytesIO()
    write(content, **arrays)
    return content.getvalue()


NAMES = list(ModelArrays.__dataclass_fields__)
FLOATS = [name for name, field in ModelArrays.__dataclass_fields__.items() if "float" in field.type]


@pytest.mark.parametrize("name", NAMES)
def test_an_array_that_is_missing_or_of_another_type_or_shape_is_refused(
    tmp_path: Path, arrays: Arrays, name: str
) -> None:
    whole = arrays[name]
    changed = {
        "objects": whole.astype(object),
        "other type": whole.astype(np.complex128),
        "other bytes": whole.astype(whole.dtype.newbyteorder()),
        "deeper": whole[None],
        "flat": whole.ravel(),
    }
    if whole.dtype.itemsize == 1:
        del changed["other bytes"]
    if whole.ndim == 1:
        del changed["flat"]
    with pytest.raises(ModelError, match=name):
        ModelArrays.load(
            signed(tmp_path, packed({key: arrays[key] for key in NAMES if key != name}))
        )
    for what, array in changed.items():
        problem = "is no table" if what == "objects" else f"damaged: {name} is .* of shape"
        with pytest.raises(ModelError, match=problem):
            ModelArrays.load(signed(tmp_path, packed({**arrays, name: array})))


POINTS = {
    "pages": [-1, 1 << 20, 2**31 - 1],
    "small": [-1, 0x110000],
    "word_slots": [-1, 1 << 20],
    "settings": [-2, 1 << 24],
    "cues": [-2, 1 << 24],
    "quoted": [-2, 1 << 24],
    "sides": [-2, 1 << 24],
    "attributions": [-2, 1 << 24],
    "lengths": [-2, 1 << 24],
    "pairs": [TERM],
    "grams": [TERM],
    "weights": [np.nan, np.inf],
}


@pytest.mark.parametrize(
    "name",
    POINTS,
)
def test_an_array_that_points_outside_another_is_refused(
    tmp_path: Path, arrays: Arrays, name: str
) -> None:
    for value in POINTS[name]:
        for at in (0, arrays[name].size - 1):
            array = arrays[name].copy()
            array.flat[at] = value
            with pytest.raises(ModelError, match=f"damaged: {name} is out of range"):
                ModelArrays.load(signed(tmp_path, packed({**arrays, name: array})))


@pytest.mark.parametrize(
    ("column", "value"),
    [(2, TERM), (3, 255 << FAMILY_SHIFT), (3, 1 << TAIL_SHIFT + 20)],
    ids=["term", "family", "tail"],
)
def test_a_word_that_points_outside_an_array_is_refused(
    tmp_path: Path, arrays: Arrays, column: int, value: int
) -> None:
    for row in (0, len(arrays["words"]) - 1):
        words = arrays["words"].copy()
        words[row, column] = value
        with pytest.raises(ModelError, match="damaged: words is out of range"):
            ModelArrays.load(signed(tmp_path, packed({**arrays, "words": words})))


@pytest.mark.parametrize(
    "name", ["word_slots", "prefixes", "pairs", "grams", "word_seeds", "gram_seeds"]
)
def test_a_hash_table_whose_size_is_no_power_of_two_is_refused(
    tmp_path: Path, arrays: Arrays, name: str
) -> None:
    for size in (0, 1, len(arrays[name]) - 1):
        with pytest.raises(ModelError, match=f"damaged: {name} is out of range"):
            ModelArrays.load(signed(tmp_path, packed({**arrays, name: arrays[name][:size]})))


def test_long_words_without_an_end_are_refused(tmp_path: Path, arrays: Arrays) -> None:
    for changed in (arrays["long_words"][:-1], arrays["long_words"][:0]):
        with pytest.raises(ModelError, match=r"damaged: .* out of range"):
            ModelArrays.load(signed(tmp_path, packed({**arrays, "long_words": changed})))


@pytest.mark.parametrize("lines", [b"w:he\n" * 20_000, b"\xff"], ids=["too many", "no UTF-8"])
def test_a_vocabulary_that_does_not_fit_is_refused(
    tmp_path: Path, arrays: Arrays, lines: bytes
) -> None:
    changed = {**arrays, "vocabulary": np.frombuffer(lines, dtype=np.uint8)}
    with pytest.raises(ModelError, match="damaged: vocabulary"):
        ModelArrays.load(signed(tmp_path, packed(changed)))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf], ids=str)
def test_numbers_that_are_not_finite_are_refused(
    tmp_path: Path, arrays: Arrays, name: str, value: float
) -> None:
    changed = arrays[name].copy()
    changed.flat[-1] = value
    with pytest.raises(ModelError, match=f"damaged: {name} is out of range"):
        ModelArrays.load(signed(tmp_path, packed({**arrays, name: changed})))


@pytest.mark.parametrize("name", ["intercept_", "thresholds_", "coef_", "idf_", "context_"])
@pytest.mark.parametrize("value", [np.nan, np.inf], ids=str)
def test_an_estimator_whose_numbers_are_not_finite_is_refused(
    tmp_path: Path, training: Training, name: str, value: float
) -> None:
    model = load_classifier(training.model)
    numbers = model.tfidf_.idf_ if name == "idf_" else getattr(model, name)
    changed = np.array(numbers)
    changed.flat[-1] = value
    setattr(model.tfidf_ if name == "idf_" else model, name, changed)
    files = {MODEL_FILE: lambda path: joblib.dump(model, path)}
    save_files(tmp_path, files, versions=installed_versions())
    with pytest.raises(ModelError, match=rf"stance\.joblib is damaged: {name} is not finite"):
        load_classifier(tmp_path)


def test_the_fingerprint_is_of_what_scores_depend_on(
    tmp_path: Path, training: Training, arrays: Arrays
) -> None:
    table = ModelArrays.load(training.model.resolve().with_name(TABLE_FILE))
    again = ModelArrays.load(signed(tmp_path, packed(arrays)))
    assert again.fingerprint == table.fingerprint
    for name in ("weights", "thresholds", "lengths", "pages"):
        changed = arrays[name].copy()
        changed.flat[-1] = np.nextafter(changed.flat[-1], 9) if changed.dtype.kind == "f" else 0
        if not np.array_equal(changed, arrays[name]):
            other = ModelArrays(**{**arrays, name: changed})
            assert other.fingerprint != table.fingerprint, name


def test_the_files_for_scoring_are_of_one_training(tmp_path: Path) -> None:
    first = save(tmp_path, b"first")
    files = read_model_files(first, VERSIONS)
    assert files[TABLE_FILE] == b"firstfirst"
    digest = json.loads(files[MANIFEST_FILE])["files"][TABLE_FILE]["sha256"]
    assert digest == hashlib.sha256(files[TABLE_FILE]).hexdigest()
    first.resolve().with_name(TABLE_FILE).write_bytes(b"Firstfirst")
    with pytest.raises(ModelError, match="is not the file its manifest names"):
        read_model_files(first, VERSIONS)


def test_punctuation_that_is_no_punctuation_is_refused(tmp_path: Path, arrays: Arrays) -> None:
    small = arrays["small"].copy()
    small[ord("!")] = 0x10FFFF
    with pytest.raises(ModelError, match="damaged: small"):
        ModelArrays.load(signed(tmp_path, packed({**arrays, "small": small})))


FUZZ = """
import random, sys
from pathlib import Path
import numpy as np
from pipeline.inference.predictor import Predictor
from pipeline.model.artifacts import ModelError
from pipeline.inference.model_arrays import ModelArrays
from tests.model.test_artifacts import NAMES, packed, signed

folder = Path(sys.argv[1])
with np.load(sys.argv[2]) as file:
    arrays = dict(file)
draw = random.Random(int(sys.argv[3]))
words = "Oslo didn't deny “the” U.S. charges, they'll accuse (AT&T) of 1,200; état 語!".split()
texts = [" ".join(draw.choices(words, k=12)) for _ in range(40)]
refused = 0
for _ in range(int(sys.argv[4])):
    name = draw.choice(NAMES)
    array = arrays[name].copy()
    kind = array.dtype
    values = [0, 1, -1, 127, 255]
    if kind.kind == "f":
        values += [np.nan, np.inf, -np.inf, 1e38]
    else:
        info = np.iinfo(kind)
        values += [info.max, info.min, 0x10FFFF, 1 << 24]
        values += [len(arrays["words"]), len(arrays["weights"])]
        values = [int(value) for value in values if info.min <= value <= info.max]
    value = draw.choice(values)
    if draw.random() < 0.5:
        array[...] = value
    elif draw.random() < 0.5:
        array[: 1 + draw.randrange(128)] = value
    else:
        array = array[: draw.randrange(len(array) + 1)]
    try:
        predictor = Predictor(ModelArrays.load(signed(folder, packed({**arrays, name: array}))))
    except ModelError:
        refused += 1
        continue
    print(name, value, array.shape, file=sys.stderr, flush=True)
    assert predictor.predict_proba(texts).shape == (len(texts), 3)
print(refused)
"""


def test_no_damaged_table_that_is_let_in_crashes_the_kernel(
    tmp_path: Path, training: Training
) -> None:
    table = training.model.with_name(TABLE_FILE)
    assert int(run(FUZZ, tmp_path, table, 1, 60)) > 5


def test_bytes_that_are_no_table_are_refused(tmp_path: Path, arrays: Arrays) -> None:
    whole = packed(arrays)
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    contents = [b"", b"PK", b"x" * 100, whole[:-1], whole[: len(whole) // 2], whole[100:]]
    for content in [*contents, empty.getvalue()]:
        with pytest.raises(ModelError, match="is no table of weights"):
            ModelArrays.load(signed(tmp_path, content))


def test_a_single_array_is_no_table(tmp_path: Path, arrays: Arrays) -> None:
    content = io.BytesIO()
    np.save(content, arrays["weights"])
    with pytest.raises(ModelError, match="is no table of weights"):
        ModelArrays.load(signed(tmp_path, content.getvalue()))


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, arrays: Arrays) -> None:
    bomb = {**arrays, "vocabulary": np.zeros(200_000_000, dtype=np.uint8)}
    path = signed(tmp_path, packed(bomb, np.savez_compressed))
    assert path.stat().st_size < 3_000_000
    with pytest.raises(ModelError, match="it is compressed"):
        ModelArrays.load(path)


def test_extreme_shapes_in_a_header_are_refused(tmp_path: Path, arrays: Arrays) -> None:
    for shape in (
        "(10**15,)",
        "(-1,)",
        "(2**70,)",
        "(1000000000000000,)",
        "(99999999999999999999,)",
    ):
        content = io.BytesIO(packed({name: a for name, a in arrays.items() if name != "common"}))
        header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
        with zipfile.ZipFile(content, "a") as file:
            file.writestr(
                "common.npy", b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header
            )
        with pytest.raises(ModelError, match="is no table of weights"):
            ModelArrays.load(signed(tmp_path, content.getvalue()))
