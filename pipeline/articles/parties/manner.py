"""Whether a sentence gives the words of its speaker, or only tells them."""

from __future__ import annotations

import re

from pipeline.articles.grammar.quotations import find_quotations
from pipeline.articles.grammar.tagging import word_set
from pipeline.articles.parties.attributed_sentences import AttributedSentence
from pipeline.model.lexicon import FAMILY_OF, SOURCE_FAMILIES

# How a sentence gives the words of its speaker.
QUOTED = "quoted"
REPORTED = "reported"

_SCARE_WORDS = 2
_WORD = re.compile(r"[^\W_][\w'’-]*")
_SO_CALLED = re.compile(r"so[- ]called\s*$", re.IGNORECASE)
_NAMING = word_set("called calls calling described describes describing dubbed labelled labeled")


def find_manner(line: AttributedSentence) -> str:
    """Return how a sentence that has a speaker gives their words.

    Parameters
    ----------
    line : AttributedSentence
        The sentence.

    Returns
    -------
    str
        `QUOTED` where they stand in quotation marks, wholly or in part, else `REPORTED`. One or two
        words in marks are the speaker's only where somebody says or calls something; elsewhere they
        are the writer's scare quotes, and so they are after "so-called".
    """
    if not line.quotations:
        return REPORTED
    text = line.reading.text
    spans = find_quotations(text)
    if not spans or line.is_quoted or line.is_opened or line.is_unclosed:
        return QUOTED
    if any(len(_WORD.findall(text, *span)) > _SCARE_WORDS for span in spans):
        return QUOTED
    named_so = all(_SO_CALLED.search(text, 0, start) for start, _ in spans)
    return QUOTED if _is_said(line) and not named_so else REPORTED


def _is_said(line: AttributedSentence) -> bool:
    cues = {line.clauses.lower(attribution.cue) for attribution in line.attributions}
    return any(FAMILY_OF.get(cue) in SOURCE_FAMILIES or cue in _NAMING for cue in cues)
