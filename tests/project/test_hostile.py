"""What strangers may send: damaged label files, articles made to stall or to break the readers."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.articles.reader import read_article, read_file
from pipeline.articles.story import combine_articles
from pipeline.articles.text.decoding import MOST_BYTES, decode_article
from pipeline.corpus.corpus import load_corpus
from pipeline.corpus.records import SUFFIXES
from pipeline.errors import ArticleError, CorpusError
from pipeline.inference.predict import predict
from tests import fuzz

pytestmark = pytest.mark.usefixtures("shipped_model")

bounded = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD_TEXT = (
    "Oslo Rome ministry the “ ” \" ' said denied accused that it , . ? ! \n \n\n ( ) — -- # * _ > "
    "http://a.b <b> </p> <html> <!doctype <body> 1. Mr. Dr. he They “No,” according to Ali Jan "
    "President \u2028 \ud800 \x00 \u202e İ ß 𝔸 ﬁ U.S. [a](b) ``` --- : ; told n't"
)
WORDS = ODD_TEXT.split(" ")
texts = st.lists(st.sampled_from(WORDS), max_size=120).map(" ".join) | st.text(max_size=300)

COLUMNS = (
    "text stances data annotations completions result value choices ground_truth was_cancelled "
    "group origin label accuse deny announce \ud800"
)
KEYS = COLUMNS.split()
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["deny", "He denied it.", "", "\ud800", '["deny"]', '{"choices": 1}', "["]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
STATEMENT = {"text": "He denied it.", "stances": ["deny"]}


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["He denied it.", "Rain."], "stances": [["deny"], []]}), file)
    return file.getvalue()


PARQUET = parquet()


def load_or_tell(file: Path) -> None:
    """Load a file, or get an error that names it."""
    told = file.name
    try:
        loaded = load_corpus(file)
        assert len(loaded.groups) == len(loaded)
    except CorpusError as error:
        told = str(error)
    assert file.name in told


@bounded
@given(content=st.binary(max_size=500), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes_load_or_tell(tmp_path: Path, content: bytes, suffix: str) -> None:
    file = tmp_path / f"any{suffix}"
    file.write_bytes(content)
    load_or_tell(file)


@bounded
@given(values=st.lists(values, max_size=3), good=st.booleans())
def test_any_json_loads_or_tells(tmp_path: Path, values: list[object], good: bool) -> None:
    entries = [
        {**STATEMENT, **value} if good and isinstance(value, dict) else value for value in values
    ]
    file = tmp_path / "any.json"
    file.write_text(json.dumps(entries))
    load_or_tell(file)


@bounded
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(PARQUET) - 1), st.integers(0, 255)), min_size=1, max_size=6
    )
)
def test_a_damaged_parquet_file_loads_or_tells(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(PARQUET)
    for position, byte in changes:
        content[position] = byte
    file = tmp_path / "any.parquet"
    file.write_bytes(bytes(content))
    load_or_tell(file)


def test_a_time_of_no_known_zone_is_told(tmp_path: Path) -> None:
    when = pa.array([1], pa.timestamp("us", "Nowhere/Never"))
    pq.write_table(pa.table({"text": ["a"], "stances": [[]], "when": when}), tmp_path / "a.parquet")
    with pytest.raises(CorpusError, match=r"a\.parquet: not a readable Parquet file .*Nowhere"):
        load_corpus(tmp_path / "a.parquet")


@pytest.mark.parametrize("limit", ["_MOST_ROWS", "_MOST_UNPACKED"])
def test_a_small_parquet_file_that_unpacks_to_very_much_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"pipeline.corpus.records.{limit}", 10_000)
    rows = pa.table({"text": ["He denied it."] * 100_000, "stances": ["deny"] * 100_000})
    pq.write_table(rows, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    with pytest.raises(CorpusError, match=r"a\.parquet: more than .* rows or .* when unpacked"):
        load_corpus(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    "task",
    [
        {"annotations": 1.5},
        {"annotations": [{"result": 1}]},
        {"annotations": [{"result": [{"value": {"choices": True}}]}]},
    ],
)
def test_a_label_studio_task_with_no_lists_is_told(tmp_path: Path, task: dict[str, object]) -> None:
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps([{**task, "data": {"text": "He denied it."}}]))
    load_or_tell(file)


def test_odd_characters_outside_the_text(tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({**STATEMENT, "note": "\ud800", "group": "\udc00"}))
    assert load_corpus(file).statements["note"][:] == ["\\ud800"]
    file.write_text(json.dumps({**STATEMENT, "a\0b": 1}))
    with pytest.raises(CorpusError, match=r"odd\.jsonl: column 'a\\x00b' has a NUL"):
        load_corpus(file)


def test_parquet_text_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    file = tmp_path / "latin.parquet"
    file.write_bytes(PARQUET.replace(b"He denied", b"He d\xe9nied"))
    with pytest.raises(CorpusError, match=r"latin\.parquet: not a readable Parquet file .*utf-8"):
        load_corpus(file)


@pytest.mark.parametrize("depth", [50, 500, 900, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_json_loads_or_tells(tmp_path: Path, depth: int, opening: str, closing: str) -> None:
    deep = f"{opening * depth}1{closing * depth}"
    file = tmp_path / "deep.jsonl"
    file.write_text(f'{{"text": "He denied it.", "stances": ["deny"], "more": {deep}}}')
    load_or_tell(file)


def test_a_number_of_too_many_digits_is_told(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    file.write_text(json.dumps(STATEMENT) + f'\n{{"text": {"9" * 5000}}}')
    with pytest.raises(CorpusError, match=r"long\.jsonl:2: JSON with a number of too many digits"):
        load_corpus(file)


def test_many_columns_are_told_in_short(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text(",".join(f"c{i}" for i in range(10**5)) + "\n" + "," * (10**5 - 1) + "\n")
    with pytest.raises(CorpusError, match=r"100,000 columns, more than 1,000") as raised:
        load_corpus(file)
    assert len(str(raised.value)) < 2000


@bounded
@given(text=texts)
def test_any_text_has_scores(text: str) -> None:
    assert all(0 <= score <= 1 for score in predict(text).scores.values())


@bounded
@given(text=texts, name=st.sampled_from([None, "a.md", "a.html"]))
def test_any_article_reads_with_offsets_that_fit(text: str, name: str | None) -> None:
    article = read_article(text, name)
    for sentence in article.sentences:
        assert sentence.text == article.text[sentence.start : sentence.end]
        assert sentence.text.strip()
    combine_articles([article])


@bounded
@given(content=st.binary(max_size=300))
def test_any_bytes_of_an_article_decode_or_tell(content: bytes) -> None:
    try:
        found = f"any.txt {decode_article(content, 'any.txt')}"
    except ArticleError as error:
        found = str(error)
    assert found.startswith("any.txt")


def test_a_file_too_large_for_an_article_is_told(tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(ArticleError, match=r"a\.txt: more than 16 MB, .* stance score"):
        read_file(tmp_path / "a.txt")


INPUTS = {"skops": 20, "table": 20, "archive": 30, "article": 30}


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_no_reader_breaks(name: str) -> None:
    """The beginning of what `python -m tests.fuzz` runs for as long as it is let."""
    if name == "skops":
        pytest.importorskip("skops", reason="skops is not installed")
    for number in range(INPUTS.get(name, 100)):
        fuzz.attempt(name, fuzz.drawn(name, 1, number))
