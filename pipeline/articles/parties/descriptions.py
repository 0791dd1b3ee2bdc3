"""Which name of an article a description may stand for: "the union", "the Hunters", "EPA"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from pipeline.articles.grammar.mentions import Mention
from pipeline.articles.grammar.nouns import PERSON, noun_kind
from pipeline.articles.grammar.tagging import word_set
from pipeline.articles.parties.coreference import PartyResolver

DEFINITE = word_set("the this that these those its his her their")
_REACH = 12


class DescriptionLinker:
    """Links what describes a party of an article to its name.

    Parameters
    ----------
    names : sequence of sequence of str
        The names of each sentence of the article.
    parties : PartyResolver
        Its parties.
    """

    def __init__(self, names: Sequence[Sequence[str]], parties: PartyResolver) -> None:
        self._names = names
        self._parties = parties
        self._by_word: dict[str, list[str]] = defaultdict(list)
        self._by_initials: dict[str, str] = {}
        for name in dict.fromkeys(name for line in names for name in line):
            words = re.findall(r"[^\W_]+", name)
            for word in words:
                self._by_word[word.lower()].append(name)
            initials = "".join(word[0] for word in words if word[0].isupper())
            self._by_initials.setdefault(initials, name)

    def bearing(self, mention: Mention, but: Collection[str] = ()) -> str | None:
        """Find the name that bears the noun of a description, or that an abbreviation shortens."""
        text = mention.sentence.words[mention.span.head].text
        short = text.replace(".", "")
        if short.isupper() and 2 <= len(short) <= 6:
            found = self._by_initials.get(short)
            return None if found == text else found
        if mention.determiner not in DEFINITE:
            return None
        noun = mention.head
        bearing = self._by_word.get(noun) or (
            self._by_word.get(noun.removesuffix("s"), []) if text[0].isupper() else []
        )
        return next((name for name in bearing if name not in but), None)

    def fitting(
        self, mention: Mention, i: int, but: Collection[str], first: Iterable[str]
    ) -> str | None:
        """Find the name before sentence ``i`` that is of the kind a description says.

        Parameters
        ----------
        mention : Mention
            The description.
        i : int
            Number of its sentence.
        but : collection of str
            Names that it does not mean.
        first : iterable of str
            Names to prefer to later ones.

        Returns
        -------
        str or None
            The name.
        """
        kind = noun_kind(mention.head)
        if kind is None or mention.determiner not in DEFINITE:
            return None
        latest = (name for line in reversed(self._names[max(0, i - _REACH) : i]) for name in line)
        fits = (name for name in (*first, *latest) if name not in but and self._is(name, kind))
        return next(fits, None)

    def _is(self, name: str, kind: str) -> bool:
        known = self._parties.kind(name)
        return known == kind or (known is None and (kind == PERSON) == (name.count(" ") == 1))
