import io

import pytest

from pipeline.formats.unicode import Utf8Stream, find_encoding, to_utf8

TEXT = "Größe “now”, said 語: 𝔸.\r\nIt rained — and it went on raining, on and on.\n" * 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_any_encoding_of_unicode_is_read(encoding: str, mark: str, size: int) -> None:
    content = (mark + "Plain words at first. " * 20 * (not mark) + TEXT).encode(encoding)
    expected = content.decode(encoding).removeprefix(mark).encode()
    assert to_utf8(content) == expected
    stream = Utf8Stream(io.BytesIO(content[:1000] if mark else content))
    blocks = [stream.read(max(size, 1000 * (not mark)))]
    while blocks[-1]:
        blocks.append(stream.read(size))
    assert b"".join(blocks) == (expected if not mark else to_utf8(content[:1000]))


@pytest.mark.parametrize(
    "content", [b"", b"a", b"\x00", b"a\x00b\x00\x00c", "語語".encode("utf-16-le")]
)
def test_what_may_be_anything_is_left_as_utf_8(content: bytes) -> None:
    assert find_encoding(content) == ("utf-8", 0)
    assert to_utf8(content) == content


def test_half_a_character_is_told() -> None:
    with pytest.raises(ValueError, match="not UTF-16-LE as it begins"):
        to_utf8("\ufeffNo.".encode("utf-16-le") + b"\x00")
    with pytest.raises(ValueError, match="not UTF-32-BE"):
        to_utf8("\ufeffNo.".encode("utf-32-be") + b"\xff\xff\xff\xff")
