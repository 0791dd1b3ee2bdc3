import csv
import io
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch.chunks import text_chunks
from pipeline.batch.formats import Limits
from pipeline.formats.delimited import read_head, read_rows


def cells(
    content: str, delimiter: str = "\t", columns: int = 2
) -> tuple[list[list[str]], list[int]]:
    """Give the rows, and the lines (from 0) of those that cannot be read for sure."""
    found = read_rows(content.encode(), delimiter, 2, final=True)
    assert found.size == len(content.encode())
    text = io.StringIO(found.data.decode(), newline="")
    rows = [row for row in csv.reader(text, delimiter=delimiter, strict=False) if row]
    return rows, [flaw.line for flaw in found.flaws]


@pytest.mark.parametrize(
    ("content", "delimiter", "expected"),
    [
        # marks at the head of a cell, which tab-separated text does not quote
        ('1\t"Never," she said.\n2\tx\n', "\t", ['"Never," she said.', "x"]),
        ('1\t"Not one cent.\n2\tx\n3\tA "gift", he said\n', "\t", None),
        ('1\t“No”\n2\t"\n', "\t", ["“No”", '"']),
        # marks amid a cell
        ('1,A 5" pipe\n2,x"\n', ",", ['A 5" pipe', 'x"']),
        # marks escaped by backslashes
        ('1,"The \\"gift\\", she said."\n', ",", ['The "gift", she said.']),
        ('1;"C:\\\\temp \\"x\\""\n', ";", ['C:\\temp "x"']),
        ('1,"two\nlines of \\"text\\", he said"\n', ",", ['two\nlines of "text", he said']),
        # quoted cells of several lines
        ('1,"He said:\nno, never.\nBye."\n', ",", ["He said:\nno, never.\nBye."]),
        ('1\t"He said:\n\nno."\n', "\t", ["He said:\n\nno."]),
        ('1,"It cost\n1,200 crowns."\n', ",", ["It cost\n1,200 crowns."]),
        # line ends of any system
        ("1,a\r2,b\r", ",", ["a", "b"]),
        ("1,a\r\n2,b\r3,c\n", ",", ["a", "b", "c"]),
        ('1,"a\r\nb\rc"\r2,"d"\r', ",", ["a\r\nb\rc", "d"]),
        ("1;3,5\n2;-1,0\n", ";", ["3,5", "-1,0"]),
    ],
)
def test_reads(content: str, delimiter: str, expected: list[str] | None) -> None:
    rows, flaws = cells(content, delimiter)
    if expected is None:
        expected = ['"Not one cent.', "x", 'A "gift", he said']
    assert flaws == []
    assert [text for _, text in rows] == expected


@pytest.mark.parametrize(
    ("content", "delimiter", "flaws", "left"),
    [
        # rows by themselves in what seems to be one cell
        ('1\t"Not one cent.\n2\tRain fell."\n3\tx\n', "\t", [0], ["x"]),
        ('0,x\n1,"Not one cent.\n2,Rain fell.\n3,Dry."\n', ",", [1], ["x"]),
        ('0,x\n1,"Not, one cent.\n2,Rain fell.\n3,Dry, too."\n', ",", [1], ["x"]),
        ('No one cares.;a\n"Not one cent.;a\nRain fell.;b\nDry: ";c\n', ";", [1], ["a"]),
        # a mark that closes amid a cell, or not at all
        ('1,"Never," she said.\n2,x\n', ",", [0], ["x"]),
        ('1,"Never" she said.\n2,x\n', ",", [0], ["x"]),
        ('1,x\n2,"Never\n', ",", [1], ["x"]),
        # both RFC 4180 and backslashes could be meant
        ('1,"The \\"gift\\""\n2,"x"\n', ",", [], ['The "gift"', "x"]),
        ('"The \\"",1\na,2\n"b",3\n', ",", [], ["1", "2", "3"]),
        ('"The \\"",1\na,"\nb",3\n', ",", [0], ["3"]),
    ],
)
def test_what_is_not_sure_is_a_flaw(
    content: str, delimiter: str, flaws: list[int], left: list[str]
) -> None:
    rows, found = cells(content, delimiter)
    assert found == flaws
    assert [row[-1] for row in rows] == left


def test_an_opening_mark_swallows_no_rows() -> None:
    draw = random.Random(5)
    heads = ('"We know nothing of it.', "Rain fell.", 'Nobody "knew" of it', 'It was "theirs"')
    rows = [f"{number}\t{draw.choice(heads)}" for number in range(2000)]
    found, flaws = cells("\n".join(rows) + "\n")
    assert flaws == []
    assert ["\t".join(row) for row in found] == rows


def test_the_number_of_lines_stays() -> None:
    content = b'1\t"Not one cent.\n2\tRain fell."\n3\t"a\nb"\n'
    found = read_rows(content, "\t", 2, final=True)
    assert found.data == b'\n\n3\t"a\nb"\n'
    assert found.flaws[0].raw == b'1\t"Not one cent.\n2\tRain fell."\n'


@pytest.mark.parametrize(
    ("content", "kind", "names", "delimiter"),
    [
        (b"text;stance\n", "csv", ("text", "stance"), ";"),
        (b"text\tstance\r\n", "csv", ("text", "stance"), "\t"),
        (b"text,stance\r", "tsv", ("text", "stance"), ","),
        (b'"text, whole";id\n', "csv", ("text, whole", "id"), ";"),
        (b"text\n", "csv", ("text",), ","),
        (b"a,b;c\n", "csv", ("a", "b;c"), ","),
        (b'"a\nb"\tc\n', "tsv", ("a\nb", "c"), "\t"),
    ],
)
def test_the_head_tells_the_delimiter(
    content: bytes, kind: str, names: tuple[str, ...], delimiter: str
) -> None:
    head = read_head(content, kind, final=True)
    assert head is not None
    assert (head.names, head.delimiter, head.size) == (names, delimiter, len(content))


def test_a_head_that_goes_on_is_waited_for() -> None:
    assert read_head(b'id,"te', "csv", final=False) is None
    assert read_head(b"id,te", "csv", final=False) is None
    with pytest.raises(ValueError, match="none closes it"):
        read_head(b'id,"te\n', "csv", final=True)


TOKENS = ("a", '"', '"', ",", ", ", "\n", "\n", "\r", "\r\n", "\\", '\\"', "1", "\t", " b")


@given(st.lists(st.sampled_from(TOKENS), max_size=30), st.integers(1, 12))
@settings(max_examples=150)
def test_the_chunks_make_no_difference(tokens: list[str], size: int) -> None:
    content = ("x,y\n" + "".join(tokens)).encode()

    def read(size: int) -> tuple[bytes, list[tuple[int, str]]]:
        found = [*text_chunks(io.BytesIO(content), "f", "csv", Limits(chunk_bytes=size))]
        flaws = [(bad.line, bad.reason) for chunk in found for bad in chunk.bad]
        return b"".join(bytes(chunk.data) for chunk in found), flaws

    assert read(size) == read(1 << 20)


@given(
    st.lists(
        st.tuples(st.text('a1 ,;"\n\\\t', max_size=8), st.text('b2 ,;"\n\\', max_size=8)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(",;\t"),
)
@settings(max_examples=150)
def test_what_a_writer_made_is_read_or_told(
    rows: list[tuple[str, str]], quoting: int, end: str, delimiter: str
) -> None:
    sink = io.StringIO()
    csv.writer(sink, quoting=quoting, lineterminator=end, delimiter=delimiter).writerows(rows)
    found, flaws = cells(sink.getvalue(), delimiter)
    if not flaws:
        assert found == [[*row] for row in rows]
    for row in found:
        assert tuple(row) in rows


@pytest.mark.parametrize("row", ['\\","\n', '"\\"\n', '"a\\"\n', '1,"a\n', '"",\n"', '\\",",\r'])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_marks_set_to_take_very_long_do_not(row: str, delimiter: str) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        read_rows(row.encode() * count + b"\n", delimiter, 2, final=True)
        return time.process_time() - started

    assert seconds(16_000) < 12 * max(seconds(4_000), 0.05)
