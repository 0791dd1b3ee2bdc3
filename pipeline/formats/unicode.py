"""Bytes in any encoding of Unicode, as UTF-8; text that is safe to print."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_LOOKED_AT = 4096
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # what a terminal takes for a command
    "\u2028-\u202e\u2066-\u2069]"  # and what shows a line in another order than it stands
)


class Stream(Protocol):
    """What bytes are read from."""

    def read(self, nbytes: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""


def find_encoding(start: bytes) -> tuple[str, int]:
    """Tell the encoding of Unicode by how a file begins.

    Parameters
    ----------
    start : bytes
        The first bytes; some thousand will do.

    Returns
    -------
    str, int
        The encoding, and how many bytes its mark takes. UTF-16 and UTF-32 without a mark are told
        by the zero bytes that Latin letters have in them, always at the same places.

    Examples
    --------
    >>> find_encoding("\ufeffNo.".encode()), find_encoding("No.".encode("utf-16-le"))
    (('utf-8', 3), ('utf-16-le', 0))
    """
    for mark, encoding in _MARKS.items():
        if start.startswith(mark):
            return encoding, len(mark)
    if len(start) < 4:
        return "utf-8", 0
    start = start[:_LOOKED_AT]
    zeros = [start[place::4].count(0) * 4 > len(start) // 2 for place in range(4)]
    some = [0 in start[place::4] for place in range(4)]
    if zeros[0] and zeros[1] and not some[3]:
        return "utf-32-be", 0
    if zeros[2] and zeros[3] and not some[0]:
        return "utf-32-le", 0
    if (zeros[0] or zeros[2]) and not some[1] and not some[3]:
        return "utf-16-be", 0
    if (zeros[1] or zeros[3]) and not some[0] and not some[2]:
        return "utf-16-le", 0
    return "utf-8", 0


def to_utf8(content: bytes) -> bytes:
    """Return bytes of any encoding of Unicode as UTF-8, without a mark; UTF-8 is not checked.

    Raises
    ------
    ValueError
        With two arguments, what is wrong and what to do: if they are not of that encoding after
        all.
    """
    encoding, mark = find_encoding(content)
    if encoding == "utf-8":
        return content[mark:]
    return _recoded(codecs.getincrementaldecoder(encoding)(), encoding, content[mark:], True)


def _recoded(
    decoder: codecs.IncrementalDecoder, encoding: str, content: bytes, final: bool
) -> bytes:
    try:
        return decoder.decode(content, final).encode()
    except UnicodeDecodeError as error:
        wrong = error.object[error.start : error.start + 1].hex()
        what = f"not {encoding.upper()} as it begins (byte 0x{wrong})"
        raise ValueError(what, "save the file as UTF-8") from None


class Utf8Stream:
    """A stream in any encoding of Unicode, read as UTF-8 without a mark; UTF-8 is not checked.

    Parameters
    ----------
    stream : Stream
        What is read.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._encoding: str | None = None
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, nbytes: int, /) -> bytes:
        """Read what so many bytes hold; none at the end."""
        while True:
            block = bytes(self._stream.read(nbytes))
            final = not block
            if self._encoding is None and not final:
                block = self._begun(block, nbytes)
            if self._decoder is not None:
                block = _recoded(self._decoder, str(self._encoding), block, final)
            if block or final:
                return block

    def _begun(self, block: bytes, nbytes: int) -> bytes:
        while len(block) < len(codecs.BOM_UTF32_LE) and (more := self._stream.read(nbytes)):
            block += more  # the mark is not whole
        self._encoding, mark = find_encoding(block)
        if self._encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(self._encoding)()
        return block[mark:]


def printable(text: str) -> str:
    r"""Escape what is no text but a command to a terminal, as JSON does; tab and line end stay.

    Parameters
    ----------
    text : str
        What is to be printed.

    Returns
    -------
    str
        With escapes; what was JSON stays the same JSON.

    Examples
    --------
    >>> print(printable("\x1b[31mred\x9b0m"))
    \u001b[31mred\u009b0m
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
