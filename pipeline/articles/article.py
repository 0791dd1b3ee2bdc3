"""`Article` and `Sentence`: an article as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.articles.metadata import NO_METADATA, Metadata
from pipeline.errors import MissingExtraError
from pipeline.inference.predict import Prediction

if TYPE_CHECKING:
    import pandas as pd


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
    parties : tuple of str
        Who the speaker is: the fullest name that the article gives the same party, with pronouns
        and titles resolved; equal for all sentences of one party. Several where several speak or
        act together; empty where nobody is named.
    manner : str or None
        ``quoted`` where the sentence gives the speaker's words in quotation marks, wholly or in
        part, but not for scare quotes; ``reported`` where it only tells them; None without a
        speaker.
    accused_parties : tuple of str
        For accusations, whom the sentence accuses, as the fullest name that the article gives them.
    accusers : tuple of str
        For accusations, who makes them: `parties`, or where these deny another's charge, the other.
    prediction : Prediction
        Main stance, stances that pass their thresholds, and scores.
    """

    text: str
    start: int
    end: int
    paragraph: int
    is_headline: bool
    speaker: str | None
    parties: tuple[str, ...]
    manner: str | None
    accused_parties: tuple[str, ...]
    accusers: tuple[str, ...]
    prediction: Prediction

    @property
    def party(self) -> str | None:
        """The first of `parties`."""
        return next(iter(self.parties), None)

    @property
    def accused(self) -> str | None:
        """The first of `accused_parties`."""
        return next(iter(self.accused_parties), None)

    @property
    def stance(self) -> str:
        """The main stance, or ``none``."""
        return self.prediction.stance

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
        What was read: plain text as it was given; of HTML and Markdown the text extracted, a blank
        line between paragraphs. Offsets refer to it.
    name : str or None
        Where it came from, such as a file name.
    headline : str or None
        Its headline.
    dateline : str or None
        Its dateline, such as ``KABUL, Nov. 3 (Agency) --``; not part of any sentence.
    sentences : tuple of Sentence
        In order.
    metadata : Metadata
        What is told of it beside its text.
    language : str or None
        Code of the language it seems to be in, such as ``en``; None where there are too few words.
    """

    text: str
    name: str | None
    headline: str | None
    dateline: str | None
    sentences: tuple[Sentence, ...]
    metadata: Metadata = NO_METADATA
    language: str | None = None

    @property
    def statements(self) -> tuple[Sentence, ...]:
        """The sentences that carry a stance."""
        return tuple(sentence for sentence in self.sentences if sentence.stances)

    def to_frame(self) -> pd.DataFrame:
        """Return a table of the statements, one a row.

        Returns
        -------
        DataFrame
            The columns of `pipeline.articles.story.ROW`: article, sentence, offsets, party,
            speaker, stances, accused, the probability of each stance, and the text.

        Raises
        ------
        pipeline.errors.MissingExtraError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError:
            raise MissingExtraError("pandas", "pandas") from None

        from pipeline.articles.story import ROW, combine_articles, statement_rows

        return pd.DataFrame(statement_rows(combine_articles([self])), columns=list(ROW))

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the text, its statements marked, who speaks beside them."""
        from pipeline.articles.page.notebook import render_article

        return render_article(self)

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties that make statements, in order of appearance."""
        return tuple(dict.fromkeys(party for s in self.statements for party in s.parties))
