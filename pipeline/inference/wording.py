"""Terms in words that a person reads: "“denied” followed by “charges”"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.inference.model_arrays import INTERCEPT
from pipeline.model import features, lexicon

_MASKS = {
    features.NAME: "a name",
    features.NUMBER: "a number",
    features.START: "the beginning",
    features.END: "the end",
    features.UNSAID: "a stance that is not taken",
    features.WITHHELD: "denying somebody something",
    '"': "a quotation mark",
    ",": "a comma",
    ":": "a colon",
    ";": "a semicolon",
    "?": "a question mark",
    "!": "an exclamation mark",
    "(": "a bracket",
    ")": "a closing bracket",
}
_SETTINGS = {
    "quote": "in a sentence with a quotation",
    "source": "in a sentence that cites somebody",
    "plain": "in a sentence that neither quotes nor cites",
}
_QUOTED = {"in": "inside quotation marks", "out": "outside quotation marks"}
_CONTRACTED = re.compile(" (?=n't\\b|')")
_FAMILY = re.compile("([A-Z]+)(ed|ing|s)?")


_FORMS: dict[str, dict[str, str]] = {}
for _form, _family in lexicon.FAMILY_OF.items():
    _FORMS.setdefault(_family, {})[_form] = lexicon.ENDING_OF[_form]


class TermWording:
    """Writes terms in words: with those of a sentence, or without one in examples.

    Parameters
    ----------
    text : str, optional
        The sentence that the terms are of.

    Examples
    --------
    >>> in_words = TermWording("Oslo flatly denied the charges.")
    >>> in_words("w:denied"), in_words("f:<name> DENY"), in_words("q:out DENY")
    ('the word “denied”', 'a name, later “denied”', '“denied” outside quotation marks')
    >>> TermWording()("p:DENY the")
    'a word like “deny” followed by “the”'
    """

    def __init__(self, text: str | None = None) -> None:
        self._shown = _shown_by_form(text or "")
        self._writers = {
            "w": self._word,
            "b": self._beginning,
            "g": self._word_pair,
            "s": self._setting,
            "p": self._stem_pair,
            "f": self._frame,
            "c": self._cue,
            "q": self._by_quotation,
            "n": self._beside_names,
            "a": self._by_attribution,
            "l": self._length,
        }

    def __call__(self, term: str) -> str:
        """Return a term in words; what is no term stays as it is."""
        if term == INTERCEPT:
            return "what every sentence starts from"
        kind, colon, rest = term.partition(":")
        write = self._writers.get(kind) if colon else None
        return write(rest) if write else term

    def _word(self, word: str) -> str:
        return _MASKS.get(word) or f"the word {_quoted([word])}"

    def _beginning(self, beginning: str) -> str:
        if beginning in _MASKS or beginning.startswith("<"):
            return self._piece(beginning)
        if len(beginning) < features.BEGINNING:
            return self._word(beginning)
        found = self._shown.get(f"{beginning}-")
        return f"a word that begins {f'like {_quoted(found)}' if found else f'with “{beginning}”'}"

    def _word_pair(self, pair: str) -> str:
        pieces = pair.split()
        if not any(piece in _MASKS for piece in pieces):
            return f"the words {_quoted([_CONTRACTED.sub('', ' '.join(pieces))])}"
        return " followed by ".join(_MASKS.get(piece) or _quoted([piece]) for piece in pieces)

    def _setting(self, rest: str) -> str:
        setting, word = rest.split(" ", 1)
        return f"{_MASKS.get(word) or _quoted([word])} {_SETTINGS[setting]}"

    def _stem_pair(self, pair: str) -> str:
        return " followed by ".join(map(self._stem, pair.split()))

    def _frame(self, frame: str) -> str:
        return ", later ".join(map(self._piece, frame.split()))

    def _cue(self, cues: str) -> str:
        words = self._frame(cues)
        if cues in _MASKS or " " in cues:
            return words
        return (
            words.replace("a word", "a telling word")
            if cues not in self._shown
            else (f"the telling word {words}")
        )

    def _by_quotation(self, rest: str) -> str:
        pieces = rest.split()
        places, words = pieces[::2], [self._piece(piece) for piece in pieces[1::2]]
        if len(set(places)) == 1:
            return f"{', later '.join(words)} {_QUOTED[places[0]]}"
        return ", later ".join(
            f"{word} {_QUOTED[place]}" for word, place in zip(words, places, strict=True)
        )

    def _beside_names(self, rest: str) -> str:
        before, cue, after = rest.split(" ")
        where = {
            (True, True): "between names",
            (True, False): "after a name",
            (False, True): "before a name",
            (False, False): "without a name before or after it",
        }[bool(before), bool(after)]
        return f"{self._piece(cue)} {where}"

    def _by_attribution(self, rest: str) -> str:
        *setting, family = rest.split(" ")
        told = {
            (): "neither quotes nor names a source",
            ("quote",): "quotes and names no source",
            ("source",): "names a source and does not quote",
            ("quote", "source"): "quotes and names a source",
        }[tuple(setting)]
        return f"{self._piece(family)} in a sentence that {told}" if family else f"it {told}"

    def _length(self, step: str) -> str:
        least = max(int(step) * features.LENGTH_STEP - 2, 1)  # without its beginning and its end
        if int(step) == features.LONGEST:
            return f"its length: {least} words and marks or more"
        return f"its length: {least} to {int(step) * features.LENGTH_STEP + 3} words and marks"

    def _stem(self, stem: str) -> str:
        is_cut = (
            len(stem) == features.STEM
            and stem not in self._shown
            and stem.isalpha()
            and stem.islower()
        )
        return f"a word that begins with “{stem}”" if is_cut else self._piece(stem)

    def _piece(self, piece: str) -> str:
        if piece in _MASKS:
            return _MASKS[piece]
        if piece.startswith("<"):  # the beginning of a mask stands for it
            return next((name for mask, name in _MASKS.items() if mask.startswith(piece)), piece)
        if found := self._shown.get(piece):
            return _quoted(found)
        family = _FAMILY.fullmatch(piece)
        if family and family[1] in _FORMS:
            return f"a word like {_quoted([_example(family[1], family[2] or '')])}"
        return _quoted([piece])


def _quoted(words: Iterable[str]) -> str:
    return "/".join(f"“{word}”" for word in words)


def _example(family: str, ending: str) -> str:
    """Return a word of a family that has an ending: the one it is called after, if it can be."""
    forms = [form for form, has in _FORMS[family].items() if has == ending] or [*_FORMS[family]]
    namesake = family.lower()[: features.BEGINNING]
    return next((form for form in forms if form.startswith(namesake)), forms[0])


def _shown_by_form(text: str) -> dict[str, list[str]]:
    """Map every form in which a term may hold a word to the words of the sentence in that form."""
    shown: dict[str, dict[str, None]] = {}
    for word in map(features.lower, features.split_tokens(text)):
        forms = [f"{features.beginning(word)}-", features.stem(word)]
        if word in lexicon.FAMILY_OF:
            forms += [f"{lexicon.FAMILY_OF[word]}{lexicon.ENDING_OF[word]}"]
        for form in forms:
            shown.setdefault(form, {})[word] = None
    return {form: list(words) for form, words in shown.items()}
