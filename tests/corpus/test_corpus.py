import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpus.corpus import load_corpus, require_trainable
from pipeline.corpus.splitting import near_duplicates, split_corpus
from pipeline.errors import CorpusError

EXPECTED = [("They denied it.", ("deny", "accuse")), ("Rain fell.", ())]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(*paths: Path) -> list[str]:
    with pytest.raises(CorpusError) as caught:
        load_corpus(paths)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "list.jsonl",
            '{"text":"They denied it.","stances":["deny","accuse"]}\n'
            '\n{"text":"Rain fell.","stances":[]}\n',
        ),
        (
            "comma.jsonl",
            '{"text":"They denied it.","stance":"deny,accuse"}\n{"text":"Rain fell.","stance":""}',
        ),
        ("cells.csv", 'text,labels\nThey denied it.,"Deny, ACCUSE"\nRain fell.,none\n'),
        ("bom.csv", b'\xef\xbb\xbftext,label\r\n"They denied it.",deny;accuse\r\nRain fell.,\r\n'),
        ("tabs.tsv", "text\tstances\nThey denied it.\tdeny|accuse\nRain fell.\tnone\n"),
        (
            "doccano.jsonl",
            '{"id":1,"text":"They denied it.","label":["deny","accuse"]}\n'
            '{"id":2,"text":"Rain fell.","label":[]}\n',
        ),
        (
            "doccano_data.jsonl",
            '{"id":1,"data":"They denied it.","label":["deny","accuse"]}\n'
            '{"id":2,"data":"Rain fell.","label":[]}\n',
        ),
        (
            "label_studio.json",
            json.dumps(
                [
                    {
                        "id": 7,
                        "data": {"text": "They denied it."},
                        "annotations": [
                            {"was_cancelled": True, "result": []},
                            {
                                "result": [
                                    {"type": "choices", "value": {"choices": ["deny", "accuse"]}}
                                ]
                            },
                        ],
                    },
                    {
                        "id": 8,
                        "data": {"text": "Rain fell."},
                        "annotations": [{"result": [{"value": {"choices": ["none"]}}]}],
                    },
                ],
                indent=1,
            ),
        ),
        (
            "label_studio_min.csv",
            'id,text,choice\n1,They denied it.,"{""choices"": [""deny"", ""accuse""]}"\n'
            "2,Rain fell.,none\n",
        ),
    ],
)
def test_reads(tmp_path: Path, name: str, content: str | bytes) -> None:
    found = load_corpus(write(tmp_path / name, content))
    assert list(zip(found.texts, found.stances, strict=True)) == EXPECTED


def test_reads_three_columns(tmp_path: Path) -> None:
    file = write(
        tmp_path / "flags.csv",
        "text,accuse,deny,announce\nThey denied it.,1,1,0\nRain fell.,0,,false\n",
    )
    assert load_corpus(file).stances == [("accuse", "deny"), ()]


def test_reads_parquet_and_keeps_other_columns(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["They denied it.", "Rain fell."],
            "stances": [["deny", "accuse"], None],
            "year": [2001, 2002],
        }
    )
    pq.write_table(table, tmp_path / "p.parquet")
    found = load_corpus(tmp_path / "p.parquet")
    assert list(zip(found.texts, found.stances, strict=True)) == EXPECTED
    assert list(found.statements["year"]) == [2001, 2002]


def test_declares_its_features(tmp_path: Path) -> None:
    found = load_corpus(write(tmp_path / "a.csv", "text,stance\nNo.,deny\n"))
    features = found.statements.features
    assert features["text"].dtype == "string"
    assert features["stances"].feature.names == ["accuse", "deny", "announce"]


def test_reads_folders_and_several_files_with_columns_of_different_types(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "a.jsonl", '{"text":"One.","stances":"deny","n":1}')
    write(tmp_path / "b.csv", "text,stance,n\nTwo.,none,many\n")
    write(tmp_path / "README.md", "no labels here")
    found = load_corpus([tmp_path, tmp_path / "b.csv"])
    assert sorted(found.texts) == ["One.", "Two."]
    assert sorted(found.statements["n"]) == ["1", "many"]


def test_reports_everything_wrong_together(tmp_path: Path) -> None:
    broken = write(
        tmp_path / "broken.jsonl",
        b'{"text":"Fine.","stances":"deny"}\n'
        b'{"text":"One.","stances":"denies"}\n'
        b'{"text":"  ","stances":"deny"}\n'
        b'{"text":7,"stances":"deny"}\n'
        b'{"text":"Two.","stances":\n'
        b'{"text":"caf\xe9","stances":"deny"}\n'
        b'["a list"]\n'
        b'{"text":"Three.","stances":["none","deny"]}\n'
        b'{"text":"Four."}\n'
        b'{"text":"\\ud800","stances":"deny"}\n',
    )
    headless = write(tmp_path / "headless.csv", "sentences,stance\nFive.,deny\n")
    found = problems(broken, headless, tmp_path / "absent.csv", write(tmp_path / "a.doc", "x"))
    expected = [
        "absent.csv: no such file",
        "a.doc: cannot read .doc",
        "broken.jsonl:2: unknown stance 'denies'; did you mean 'deny'?",
        "broken.jsonl:3: text is empty",
        "broken.jsonl:4: text is a int, not a string",
        "broken.jsonl:5: broken JSON at column",
        "broken.jsonl:6: not UTF-8 (byte 0xe9)",
        "broken.jsonl:7: a list where a statement should be",
        "broken.jsonl:8: 'none' beside another stance",
        "broken.jsonl:9: no stances",
        "broken.jsonl:10: text has half a surrogate pair",
        "headless.csv: no text column",
    ]
    for part in expected:
        assert sum(part in line for line in found) == 1, part
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "text,note\nOne.,x\n", "no stances column; name the column of labels 'stances'"),
        ("a.csv", "text,stance\nOne, two.,deny\n", "a.csv:2: 3 cells where the head has 2"),
        (
            "a.csv",
            'text,stance\n"One,deny\n',
            "a.csv:2: a quotation mark opens a cell",
        ),
        ("a.csv", "text,stance\nOne.,deny\n\xff".encode("latin-1"), "a.csv:3: not UTF-8"),
        (
            "a.csv",
            "text,accuse,deny,announce\nOne.,2,0,0\n",
            "column 'accuse' is '2'; write 0 or 1",
        ),
        ("a.jsonl", "", "no statements"),
        ("a.jsonl", "[" * 100_000, "a.jsonl:1: JSON nested too deeply"),
        ("a.json", '[{"text":"One.","stances":"deny"}\n', "the JSON list does not end"),
        ("a.json", '[\n{"text":"One.",\n"stances":deny}]', "a.json:3: broken JSON"),
        ("a.jsonl", '{"text":"One.","stances":3}', "stances is a int"),
        ("a.parquet", b"PAR1 not really", "not a readable Parquet file"),
        (
            "a.json",
            '[{"data":{"text":"One."},"annotations":[{"result":[{"value":{"choices":["deny"]}}]},'
            '{"result":[]}]}]',
            "2 annotations disagree on deny, with no majority; decide which is right",
        ),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, name: str, content: str | bytes, expected: str) -> None:
    (found,) = problems(write(tmp_path / name, content))
    assert expected in found


def test_empty_folder_is_a_problem(tmp_path: Path) -> None:
    assert "no label files in the folder" in problems(tmp_path)[0]


def test_exact_duplicates_are_kept_once_and_said(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,stance\nOne.,deny\nOne. ,deny\nTwo.,none\n")
    found = load_corpus(file)
    assert found.texts == ["One.", "Two."]
    assert found.notes == [f"1 exact duplicates left out: {file}:3 repeats {file}:2"]


def test_same_text_with_other_stances_is_a_problem(tmp_path: Path) -> None:
    one = write(tmp_path / "one.csv", "text,stance\nOne.,deny\n")
    two = write(tmp_path / "two.csv", "text,stance\nTwo.,none\nOne.,accuse\n")
    (found,) = problems(one, two)
    assert f"{two}:3: labelled accuse, but the same text is deny at {one}:2" in found


def test_too_few_of_a_stance_is_a_problem(tmp_path: Path) -> None:
    loaded = load_corpus(write(tmp_path / "a.csv", "text,stance\nOne.,deny\n"))
    with pytest.raises(CorpusError, match="0 statements of 'accuse', too few"):
        require_trainable(loaded)


def test_near_duplicates_by_hand(tmp_path: Path) -> None:
    # " abcdef " and " abcdeg " share " abcd" and "abcde" of 4 5-grams each: 2 / (4 + 4 - 2)
    ((i, j, similarity),) = near_duplicates(["abcdef", "abcdeg", "uvwxyz"], 0.3)
    assert (i, j) == (0, 1)
    assert similarity == pytest.approx(2 / 6)


def _split(file: Path) -> tuple[set[str], set[str]]:
    train, test = split_corpus(load_corpus(file), 0.3)
    return set(train.texts), set(test.texts)


def test_split_does_not_depend_on_order_and_keeps_groups_together(
    tmp_path: Path, small_data: Path
) -> None:
    head, *lines = small_data.read_text().splitlines()
    turned = write(tmp_path / "turned.csv", "\n".join([head, *reversed(lines)]))
    assert _split(small_data) == _split(turned)
    train, test = split_corpus(load_corpus(small_data), 0.3)
    assert train.groups
    assert test.groups
    assert not set(train.groups) & set(test.groups)


def test_split_keeps_near_duplicates_together(tmp_path: Path) -> None:
    sentences = [
        f"{'The minister of the interior said in the capital that'} {word * 3} {end}."
        for word in ("one", "two", "three", "four", "five", "six", "seven")
        for end in ("today", "to-day", "todays")
    ]
    rows = "\n".join(f"{sentence},none" for sentence in sentences)
    train, test = split_corpus(load_corpus(write(tmp_path / "a.csv", f"text,stance\n{rows}")), 0.5)
    texts = [*train.texts, *test.texts]
    across = [(i, j) for i, j, _ in near_duplicates(texts) if (i < len(train)) != (j < len(train))]
    assert across == []


def test_what_is_no_plain_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("text,stance\nHe denied it.,deny\n")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for source in (tmp_path, [tmp_path / "good.csv", tmp_path / "pipe.csv"]):
        with pytest.raises(CorpusError, match=r"pipe\.csv: not a plain file; take it away"):
            load_corpus(source)
