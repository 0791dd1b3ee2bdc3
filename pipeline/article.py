"""Article to sentences to statements: who says what, with speaker, stance and party accused."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.accused import accused
from pipeline.errors import StanceError
from pipeline.layout import Layout, lay_out
from pipeline.parties import Parties
from pipeline.predict import Prediction, predict
from pipeline.speakers import Clauses
from pipeline.voices import Line, read_lines, voices

# How a sentence gives the words of its speaker.
QUOTED = "quoted"
REPORTED = "reported"

_HTML = re.compile(r"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^<>]{0,80}charset=["']?([A-Za-z0-9_.:-]{2,30})""", re.IGNORECASE)
_HEAD = 4096
MOST_BYTES = 16 << 20


class ArticleError(StanceError):
    """An article that cannot be read."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article.

    Attributes
    ----------
    text : str
        The sentence: just ``article.text[start:end]``.
    start, end : int
        Offsets into the article's text, in characters.
    paragraph : int
        Number of its paragraph, from 0.
    is_headline : bool
        Whether it is the article's headline.
    speaker : str or None
        The source of what is said, in the words of the article ("the ministry's spokesman Ali Jan",
        "he"); None where the sentence is the journalist's own. Inside a quotation that runs over
        several sentences, the quotation's source.
    party : str or None
        Who the speaker is: the fullest name that the article gives the same party, with pronouns
        and titles resolved; equal for all sentences of one party.
    manner : str or None
        ``quoted`` where the sentence gives the speaker's words in quotation marks, wholly or in
        part; ``reported`` where it only tells them; None without a speaker.
    accused : str or None
        For accusations, whom the sentence accuses, as the fullest name that the article gives them.
    prediction : Prediction
        Main stance, stances that pass their thresholds, and scores.
    """

    text: str
    start: int
    end: int
    paragraph: int
    is_headline: bool
    speaker: str | None
    party: str | None
    manner: str | None
    accused: str | None
    prediction: Prediction

    @property
    def stances(self) -> tuple[str, ...]:
        """The stances that pass their thresholds, strongest first."""
        return self.prediction.stances

    @property
    def scores(self) -> dict[str, float]:
        """The probability of each stance, independent of the others."""
        return self.prediction.scores


@dataclass(frozen=True, slots=True)
class Article:
    """An article, read.

    Attributes
    ----------
    text : str
        What was read; for HTML the main text that was extracted. Offsets refer to it.
    name : str or None
        Where it came from, such as a file name.
    headline : str or None
        Its headline.
    dateline : str or None
        Its dateline, such as ``KABUL, Nov. 3 (Agency) --``; not part of any sentence.
    sentences : tuple of Sentence
        In order.
    """

    text: str
    name: str | None
    headline: str | None
    dateline: str | None
    sentences: tuple[Sentence, ...]

    @property
    def statements(self) -> tuple[Sentence, ...]:
        """The sentences that carry a stance."""
        return tuple(sentence for sentence in self.sentences if sentence.stances)

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that make statements, in order of appearance."""
        return tuple(dict.fromkeys(s.party for s in self.statements if s.party is not None))


def read_article(
    text: str, name: str | None = None, model: str | Path | None = None, *, explain: bool = False
) -> Article:
    """Read an article: its sentences, who says them, and what stance they take.

    Parameters
    ----------
    text : str
        Plain text, Markdown or HTML. Nothing is ever fetched.
    name : str, optional
        Where it comes from; a name that ends in ``.html`` or ``.htm`` says that it is HTML, which
        is otherwise told by how it begins.
    model : path, optional
        As for `pipeline.predict`.
    explain : bool
        Whether predictions tell which terms moved each stance.

    Returns
    -------
    Article
        Without sentences where there is no text.

    Raises
    ------
    pipeline.store.ModelError
        If there is no model.

    Examples
    --------
    >>> from pipeline.article import read_article
    >>> article = read_article("Oslo accused Rome of spying. Rome denied it.")  # doctest: +SKIP
    >>> [(s.party, s.accused, s.stances) for s in article.statements]  # doctest: +SKIP
    [('Oslo', 'Rome', ('accuse',)), ('Rome', None, ('deny',))]
    """
    if _is_html(text, name):
        text = _main_text(text)
    layout = lay_out(text)
    lines = read_lines(layout)
    predictions = predict([line.words for line in lines], model, explain=explain)
    return Article(
        text=text,
        name=name,
        headline=_words_at(layout, layout.headline),
        dateline=_words_at(layout, layout.dateline),
        sentences=tuple(_sentences(text, layout, lines, predictions)),
    )


def read_file(
    path: str | Path, model: str | Path | None = None, *, explain: bool = False
) -> Article:
    """Read an article from a text, Markdown or HTML file.

    Parameters
    ----------
    path : path
        A local file.
    model, explain
        As for `read_article`.

    Returns
    -------
    Article
        Its ``name`` is the path.

    Raises
    ------
    ArticleError
        If the file cannot be read, is larger than `MOST_BYTES`, or is not text in a known encoding.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ArticleError(
            f"{path}: {error.strerror}; give a text, Markdown or HTML file"
        ) from None
    return read_article(decode(content, str(path)), str(path), model, explain=explain)


def decode(content: bytes, name: str) -> str:
    """Turn the bytes of an article into text.

    Parameters
    ----------
    content : bytes
        UTF-8, UTF-16 with its byte order mark, or HTML that declares its charset.
    name : str
        Where they come from, for errors.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    ArticleError
        If they are more than `MOST_BYTES`, or in no such encoding, naming the first byte that does
        not fit.
    """
    if len(content) > MOST_BYTES:
        raise ArticleError(
            f"{name}: more than {MOST_BYTES >> 20} MB, which is no article; for archives use: "
            "stance score"
        )
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not content.startswith(codecs.BOM_UTF8) and (found := _CHARSET.search(content[:_HEAD])):
        encoding = found.group(1).decode("ascii")
        if encoding.lower().startswith("utf-16"):  # the declaration was readable, so it is wrong
            encoding = "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}"
        remedy = "save the file as UTF-8"
    except (LookupError, UnicodeError):
        what, remedy = f"unknown charset {encoding!r}", "save it as UTF-8 and declare that"
    raise ArticleError(f"{name}: {what}; {remedy}")


def _is_html(text: str, name: str | None) -> bool:
    named = name is not None and name.lower().endswith((".html", ".htm"))
    return named or _HTML.match(text) is not None


def _main_text(page: str) -> str:
    from trafilatura import bare_extraction

    # lxml takes neither surrogates nor NULs
    page = page.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")
    found = bare_extraction(page, include_comments=False, include_tables=False, with_metadata=True)
    if found is None:
        return ""
    title, body = found.title, (found.text or "").replace("\n", "\n\n")  # type: ignore[union-attr]
    return body if not title or body.startswith(title) else f"{title}\n\n{body}"


def _sentences(
    text: str, layout: Layout, lines: list[Line], predictions: list[Prediction]
) -> Iterator[Sentence]:
    parties = Parties(line.reading for line in lines)
    headline_end = layout.headline[1] if layout.headline else -1
    named: dict[int, tuple[str, str]] = {}
    for line, voice, prediction in zip(lines, voices(lines), predictions, strict=True):
        if voice is None:
            speaker = party = None
            parties.mention(line.reading)
        else:
            if voice not in named:
                named[voice] = _speaker(lines[voice], parties)
            speaker, party = named[voice]
        yield Sentence(
            text=text[line.start : line.end],
            start=line.start,
            end=line.end,
            paragraph=line.paragraph,
            is_headline=line.end <= headline_end,
            speaker=speaker,
            party=party,
            manner=None if speaker is None else QUOTED if line.quotations else REPORTED,
            accused=_accused(line, parties, party) if "accuse" in prediction.stances else None,
            prediction=prediction,
        )


def _speaker(line: Line, parties: Parties) -> tuple[str, str]:
    assert line.attribution is not None
    source = Clauses(line.reading).named(line.attribution.source)
    meant = line.attribution.antecedent or source
    return line.reading.wording(source), parties.resolve(line.reading, meant)


def _accused(line: Line, parties: Parties, speaker: str | None) -> str | None:
    found = accused(line.reading)
    return None if found is None else parties.find(*found, but=speaker)


def _words_at(layout: Layout, span: tuple[int, int] | None) -> str | None:
    return None if span is None else " ".join(layout.clean[slice(*span)].split())
