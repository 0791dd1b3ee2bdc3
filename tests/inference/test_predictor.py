import json
import multiprocessing
import resource
import string
import struct
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.corpus.corpus import load_corpus
from pipeline.inference.compiler import _keep, _kept
from pipeline.inference.predictor import Predictor
from pipeline.model.classifier import StanceClassifier, features
from pipeline.model.lexicon import FAMILY_OF
from pipeline.model.persistence import load_classifier
from pipeline.stages.train import Training
from tests.conftest import STATEMENTS, run

Floats = npt.NDArray[np.float64]

COUNT = 5 * 2048 + 17  # enough rows for several threads
ODD_LETTERS = "ßẞİıſKΣςǅǆ²½Ⅷªʰñéжक語ﬁ𝒜𐐀𝟗٣\u0301\u0345\u200d\ufeff\0_"
MARKS = [*map(chr, features.UNIFORM), *"'\"-.&,:/;?!()_", " -- ", "...", "\u00a0", "\n"]
ENDINGS = ["n't", "N'T", "n’t", "'s", "’S", "'d", "'m", "'re", "'ve", "’ll", "'LL", "'sx", "n'tx"]
ODD_PIECES = [
    *("A.B.", "U.S.-led", "AT&T.", "a.b.c", "R&D&", "U.S", "J.ß.", "e.g.,", "co-op-", "-x", "ǅ.ǅ."),
    *("1,200.50", "3.", "10:30/11", "7-year", "5th", "½", "2²", "x2", "٣٤", "١.٢", "9.x", "1,,2"),
    *("I", "i", "İ", "n't", "N't", "don't", "can'T", "'", "''s", "x'n't", "né't", "(", '("', "\0"),
    *("\ud800", "\udfff\ud800", "\ud83d\ude00", "e\u0301tat", "Σίσυφος", "ΣΑΣ", "STRASSE", "ﬁnal"),
]
SAMPLES: list[str | None] = [
    "He denied it.",
    None,
    "",
    "The ministry rejected the allegations as baseless, and accused Oslo of “fraud”.",
    "État n’a rien nié — 語",
    "Rain.",
    "twelve bytes",
    "thirteen byte",
    None,
]


@pytest.fixture(scope="module")
def fast(training: Training) -> Predictor:
    return Predictor.load(training.model)


@pytest.fixture(scope="module")
def slow(training: Training) -> StanceClassifier:
    return load_classifier(training.model)


@pytest.fixture(scope="module")
def statements() -> list[str]:
    return list(load_corpus([STATEMENTS]).texts)


@pytest.fixture(scope="module")
def texts(fast: Predictor) -> st.SearchStrategy[list[str]]:
    return _texts(fast)


def _texts(fast: Predictor) -> st.SearchStrategy[list[str]]:
    """Texts of the model's own words in any case, near misses of them, and odd pieces."""
    vocabulary = [term[2:] for term in fast.arrays.terms if term.startswith("w:")]
    known = st.sampled_from(
        sorted({*vocabulary, *FAMILY_OF, *features.ALWAYS_WORDS, *fast.arrays.common_words})
    )
    cases = st.sampled_from([str.lower, str.lower, str.capitalize, str.upper, str.swapcase])
    cased = st.builds(lambda word, case: str(case(word)), known, cases)
    mixed = st.builds(
        lambda word, upper: "".join(
            letter.upper() if upper >> i & 1 else letter for i, letter in enumerate(word)
        ),
        known,
        st.integers(0, 2**20),
    )
    missed = st.builds(
        lambda word, at, letter, cut: (
            word[: at % (len(word) + 1)] + letter + word[at % (len(word) + 1) + cut :]
        ),
        known,
        st.integers(0, 30),
        st.sampled_from(string.ascii_letters + ODD_LETTERS),
        st.integers(0, 1),
    )
    long = st.text(string.ascii_lowercase + "éßжक語𐐀İK-", min_size=5, max_size=40)
    piece = st.one_of(
        *[cased, cased, mixed, missed, long],
        st.builds("{}{}".format, cased, st.sampled_from(ENDINGS)),
        st.sampled_from(ODD_PIECES),
        st.text(ODD_LETTERS, min_size=1, max_size=6),
        st.text(st.characters(exclude_categories=()), max_size=6),
    )
    joint = st.one_of(st.just(" "), st.just(" "), st.sampled_from(["", *MARKS]))
    text = st.lists(st.tuples(piece, joint), max_size=25).map(
        lambda parts: "".join(part for pair in parts for part in pair)
    )
    return st.lists(text, min_size=1, max_size=30)


def assert_same(found: npt.NDArray[np.float32], wanted: Floats, texts: Sequence[str]) -> None:
    worst = int(np.abs(found - wanted).max(axis=1).argmax())
    assert found.shape == wanted.shape
    assert found[worst] == pytest.approx(wanted[worst], abs=1e-5), ascii(texts[worst][:500])
    assert not np.isnan(found).any()


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_gives_the_estimators_probabilities_for_any_text(
    data: st.DataObject,
    fast: Predictor,
    slow: StanceClassifier,
    texts: st.SearchStrategy[list[str]],
) -> None:
    drawn = data.draw(texts)
    wanted = slow.predict_proba(drawn)
    assert_same(fast.predict_proba(drawn), wanted, drawn)
    valid = [text.encode("utf-8", "replace").decode() for text in drawn]
    np.testing.assert_array_equal(fast.predict_arrow(pa.array(valid)), fast.predict_proba(valid))


def test_every_character_is_read_as_the_estimator_reads_it(
    fast: Predictor, slow: StanceClassifier
) -> None:
    letters = [chr(point) for point in range(sys.maxunicode + 1)]
    groups = [
        "".join(f"He denie{c}d {c}it {c} " for c in letters[i : i + 8]) for i in range(0, 0x3000, 8)
    ]
    rare = letters[0x3000::997]
    groups += [f"He denie{c}d, {c}he said" for c in rare]
    assert_same(fast.predict_proba(groups), slow.predict_proba(groups), groups)


def test_gives_the_estimators_probabilities_for_every_shipped_statement(
    fast: Predictor, slow: StanceClassifier, statements: list[str]
) -> None:
    wanted = slow.predict_proba(statements)
    assert_same(fast.predict_proba(statements), wanted, statements)
    assert_same(fast.predict_arrow(pa.array(statements)), wanted, statements)


def test_a_text_of_a_megabyte_whose_terms_repeat(
    fast: Predictor, slow: StanceClassifier, statements: list[str]
) -> None:
    long = ' "'.join(statements * 10)[:1_000_000]
    between = [statements[0], long, statements[1], ""]
    assert_same(fast.predict_proba(between), slow.predict_proba(between), between)


@pytest.mark.parametrize("count", [*range(340, 380), 4095, 4096, 4097])
def test_texts_whose_terms_just_fill_the_buffer(
    fast: Predictor, slow: StanceClassifier, count: int
) -> None:
    texts = ["denied " * count, '"denied" accused ' * count]
    assert_same(fast.predict_proba(texts), slow.predict_proba(texts), texts)


def test_words_of_any_length_around_the_packed_bytes(
    fast: Predictor, slow: StanceClassifier
) -> None:
    words = sorted(fast.arrays.common_words, key=len)
    texts = [
        start + filler * count + end
        for start in ("", "a", "é", "語", "deny", *words[-3:])
        for filler in ("b", "é", "語", "𐐀", "İ", "K")
        for count in range(20)
        for end in ("", "s", "é", "-by", "n't", "'s")
    ]
    assert_same(fast.predict_proba(texts), slow.predict_proba(texts), texts)


def test_words_outside_the_vocabulary_and_no_words_at_all(
    fast: Predictor, slow: StanceClassifier
) -> None:
    unknown = ["xqzzy wvuuk", "Xqzzy", "語語"]
    assert not {f"w:{word}" for text in unknown for word in text.split()} & set(fast.arrays.terms)
    assert_same(fast.predict_proba(unknown), slow.predict_proba(unknown), unknown)
    blank = ["", " ", "...", "\0", "\ud800", "— –", "$%"]
    assert fast.predict_proba(blank) == pytest.approx(np.tile(slow.base_rates_, (len(blank), 1)))
    assert fast.predict_proba([]).shape == (0, 3)


def expected(fast: Predictor, texts: Sequence[str | None]) -> npt.NDArray[np.float32]:
    scores = fast.predict_proba([text or "" for text in texts])
    scores[[text is None for text in texts]] = np.nan
    return scores


ARROW: dict[str, Callable[[list[str | None]], pa.Array | pa.ChunkedArray]] = {
    "string": lambda texts: pa.array(texts, pa.string()),
    "large_string": lambda texts: pa.array(texts, pa.large_string()),
    "string_view": lambda texts: pa.array(texts, pa.string_view()),
    "dictionary": lambda texts: pa.array(texts).dictionary_encode(),
    "dictionary with a null": lambda texts: pa.DictionaryArray.from_arrays(
        np.arange(len(texts), dtype=np.uint8), pa.array(texts)
    ),
    "large dictionary": lambda texts: pa.DictionaryArray.from_arrays(
        np.arange(len(texts)), pa.array(texts, pa.large_string())
    ),
    "chunked": lambda texts: pa.chunked_array([texts[:3], [], texts[3:5], texts[5:]], pa.string()),
    "chunked dictionary": lambda texts: pa.chunked_array(
        [pa.array(texts[:4]).dictionary_encode(), pa.array(texts[4:]).dictionary_encode()]
    ),
    "chunked string_view": lambda texts: pa.chunked_array([texts[:5], texts[5:]], pa.string_view()),
    "views into several buffers": lambda texts: pa.concat_arrays(
        [pa.array([text], pa.string_view()) for text in texts]
    ),
}


@pytest.mark.parametrize("kind", ARROW)
def test_every_kind_of_arrow_strings_nulls_and_slices(fast: Predictor, kind: str) -> None:
    texts = SAMPLES * 2
    array = ARROW[kind](texts)
    for start, stop in [(0, len(texts)), (1, len(texts) - 1), (4, 9), (5, 6), (3, 3), (9, 18)]:
        found = fast.predict_arrow(array.slice(start, stop - start))
        np.testing.assert_array_equal(found, expected(fast, texts[start:stop]))


@pytest.mark.parametrize(
    "type_",
    [
        *(pa.string(), pa.large_string(), pa.string_view(), pa.null()),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)
def test_empty_and_all_null_arrow_arrays(fast: Predictor, type_: pa.DataType) -> None:
    assert fast.predict_arrow(pa.array([], type_)).shape == (0, 3)
    assert fast.predict_arrow(pa.chunked_array([], type_)).shape == (0, 3)
    assert np.isnan(fast.predict_arrow(pa.nulls(3, type_))).all()


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8()], ids=str)
def test_a_dictionary_as_large_as_its_index_can_point(fast: Predictor, index: pa.DataType) -> None:
    size = 128 if index == pa.int8() else 256
    texts = [f"He denied {'it ' * number}" for number in range(size)]
    array = pa.DictionaryArray.from_arrays(pa.array([*range(size), None], index), pa.array(texts))
    np.testing.assert_array_equal(fast.predict_arrow(array), expected(fast, [*texts, None]))


@pytest.mark.parametrize(
    "array",
    [pa.array([1]), pa.array([b"x"]), pa.array([["x"]]), pa.array([1, 1]).dictionary_encode()],
    ids=lambda array: str(array.type),
)
def test_refuses_arrow_arrays_of_anything_else(fast: Predictor, array: pa.Array) -> None:
    with pytest.raises(TypeError, match="expected an Arrow array of strings, got"):
        fast.predict_arrow(array)


def damaged(kind: pa.DataType) -> list[pa.Array]:
    data = pa.py_buffer(b"He denied that he had ever been there.")
    if pa.types.is_string_view(kind):
        views = [(99, 0, 0), (30, 9, 0), (30, 0, 1), (30, 0, -1), (30, -1, 0), (-1, 0, 0)]
        packed = [struct.pack("<i4sii", size, b"He d", at, place) for size, place, at in views]
        return [pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(p), data]) for p in packed]
    number = np.int32 if pa.types.is_string(kind) else np.int64
    offsets = [[0, 50, 38], [0, -5, 38], [3, 2, 9], [0, 2**31 - 1, 38]]
    return [
        pa.Array.from_buffers(
            kind, len(places) - 1, [None, pa.py_buffer(np.array(places, dtype=number)), data]
        )
        for places in offsets
    ]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_refuses_arrow_arrays_that_point_outside_their_text(
    fast: Predictor, kind: pa.DataType
) -> None:
    for array in damaged(kind):
        with pytest.raises(ValueError, match="points outside its own text"):
            fast.predict_arrow(array)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_does_not_copy_the_text(fast: Predictor, kind: pa.DataType) -> None:
    rows = 10_000
    array = pa.array(["He denied it. " * 70] * rows, kind)
    assert array.nbytes > 8_000_000
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        fast.predict_arrow(array, threads=1)
        peak = tracemalloc.get_traced_memory()[1] + pool.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)
    assert peak < rows * 100 + 1_000_000


@pytest.mark.parametrize("kind", [pa.string(), pa.string_view()], ids=str)
def test_several_threads_give_the_same(
    fast: Predictor, statements: list[str], kind: pa.DataType
) -> None:
    array = pa.array((statements * 2)[:COUNT], kind)
    alone = fast.predict_arrow(array, threads=1)
    for threads in (2, 3, 16, None):
        np.testing.assert_array_equal(fast.predict_arrow(array, threads=threads), alone)


def test_goes_on_when_a_thread_has_counted_a_thousand_million_terms(
    training: Training, statements: list[str]
) -> None:
    fast = Predictor.load(training.model)
    wanted = fast.predict_proba(statements[:1000])
    fast._workspace(0).seen[-1] = (1 << 30) - 1000
    np.testing.assert_array_equal(fast.predict_proba(statements[:1000]), wanted)
    assert fast._workspace(0).seen.max() < 1 << 30
    np.testing.assert_array_equal(fast.predict_proba(statements[:1000]), wanted)


def test_sixteen_python_threads_give_the_same(fast: Predictor, statements: list[str]) -> None:
    parts = [statements[i :: 16 * 4] for i in range(16 * 4)]
    wanted = [fast.predict_proba(part) for part in parts]
    with ThreadPoolExecutor(16) as pool:
        for found in (
            pool.map(fast.predict_proba, parts),
            pool.map(fast.predict_arrow, map(pa.array, parts)),
        ):
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_array_equal(one, other)


def _score_in_child(path: Path, texts: list[str]) -> npt.NDArray[np.float32]:
    return (_INHERITED.get(path) or Predictor.load(path)).predict_arrow(pa.array(texts), threads=2)


_INHERITED: dict[Path, Predictor] = {}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_child_processes_give_the_same_after_the_parent_used_its_threads(
    training: Training, fast: Predictor, statements: list[str], method: str
) -> None:
    texts = (statements * 2)[: 2 * 2048]
    wanted = fast.predict_arrow(pa.array(texts), threads=2)
    _INHERITED[training.model] = fast
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        found = pool.submit(_score_in_child, training.model, texts).result(timeout=100)
    np.testing.assert_array_equal(found, wanted)


def test_other_python_threads_go_on_during_a_long_score(
    fast: Predictor, statements: list[str]
) -> None:
    array = pa.array([" ".join(statements) * 4])  # one row: one call of the kernel
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.perf_counter())

    other = threading.Thread(target=tick)
    other.start()
    started = time.perf_counter()
    fast.predict_arrow(array, threads=1)
    ended = time.perf_counter()
    done.set()
    other.join()
    times = [started, *(at for at in ticks if started < at < ended), ended]
    assert ended - started > 0.05
    assert max(np.diff(times)) < 0.7 * (ended - started)


GUARDED = """
import ctypes, mmap, random, struct, sys
import numpy as np, pyarrow as pa
from pipeline.inference.predictor import Predictor

PAGE = mmap.PAGESIZE
memory = mmap.mmap(-1, 2 * PAGE)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
assert not ctypes.CDLL(None).mprotect(ctypes.c_void_p(address + PAGE), PAGE, 0)
draw = random.Random(1)
predictor = Predictor.load(sys.argv[1])
pieces = [bytes([byte]) for byte in range(256)]
pieces += [b"n't", b"'ll", b"'r", b"don'", b"A.", b"A.B", b"x-", b"1,", b"denied ", b" they "]
pieces += ["é".encode()[:1], "語".encode()[:2], "𐐀".encode()[:3], "’".encode()[:2]]
whole = b"don't don' they'l they'll U.S. U.S U. x- 1, 1. n'".split()
for number in range(5_000):
    text = b"".join(draw.choices(pieces, k=draw.randrange(1, 12)))
    if number < len(whole):
        text = whole[number]
    memory[PAGE - len(text) : PAGE] = text  # the next byte cannot be read
    data = pa.foreign_buffer(address + PAGE - len(text), len(text))
    cut = draw.randrange(len(text) + 1)
    offsets = pa.py_buffer(np.array([0, cut, len(text)], dtype=np.int32))
    scores = predictor.predict_arrow(pa.Array.from_buffers(pa.string(), 2, [None, offsets, data]))
    assert ((scores >= 0) & (scores <= 1)).all(), text
    view = struct.pack("<i4sii", len(text), text[:4], 0, 0)
    buffers = [None, pa.py_buffer(view), data]
    if len(text) <= 12:
        memory[PAGE - 16 : PAGE] = struct.pack("<i12s", len(text), text)
        buffers = [None, pa.foreign_buffer(address + PAGE - 16, 16)]
    scores = predictor.predict_arrow(pa.Array.from_buffers(pa.string_view(), 1, buffers))
    assert ((scores >= 0) & (scores <= 1)).all(), text
print("whole")
"""


def test_malformed_utf8_is_scored_without_reading_past_its_end(training: Training) -> None:
    assert run(GUARDED, training.model) == "whole\n"


HEAVY = ["sklearn", "pandas", "datasets", "scipy", "pyarrow", "numba"]
ONE_SENTENCE = f"""
import json, sys
from pipeline import predict
found = predict("The ministry rejected the allegations as baseless.", model=sys.argv[1])
print(json.dumps([found.scores, [name for name in {HEAVY} if name in sys.modules]]))
"""


def test_machine_code_is_compiled_once_and_kept(
    training: Training, fast: Predictor, tmp_path: Path
) -> None:
    first, imported = json.loads(run(ONE_SENTENCE, training.model, STANCE_CACHE=str(tmp_path)))
    assert "numba" in imported
    (kept,) = tmp_path.iterdir()
    assert kept.suffix == ".o"
    again, imported = json.loads(run(ONE_SENTENCE, training.model, STANCE_CACHE=str(tmp_path)))
    assert imported == []
    assert again == first
    text = "The ministry rejected the allegations as baseless."
    assert list(first.values()) == fast.predict_proba([text])[0].tolist()


def test_machine_code_that_others_can_write_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(tmp_path / "new"))
    _keep(b"code")
    assert _kept() == b"code"
    (kept,) = (tmp_path / "new").iterdir()
    for mode in (0o664, 0o646):
        kept.chmod(mode)
        assert _kept() is None


@pytest.mark.parametrize("folder", ["", "file/below", "file"])
def test_works_where_machine_code_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("STANCE_CACHE", folder and str(tmp_path / folder))
    _keep(b"code")
    assert _kept() is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def cpu_seconds(script: str, *arguments: object) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(script, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_a_fresh_process_scores_a_sentence_in_little_more_than_it_takes_to_import_numpy(
    training: Training, fast: Predictor
) -> None:
    assert json.loads(run(ONE_SENTENCE, training.model))[1] == []
    numpy_alone = min(cpu_seconds("import numpy") for _ in range(3))
    sentence = min(cpu_seconds(ONE_SENTENCE, training.model) for _ in range(3))
    assert sentence < 4 * numpy_alone
