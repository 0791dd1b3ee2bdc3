"""Lays a fitted model out as the flat arrays of `pipeline.inference.model_arrays`."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.inference.array_format import (
    ALPHABETIC,
    ALWAYS,
    AMPERSAND,
    APOSTROPHE,
    CHARACTERS,
    CUE_SHIFT,
    CUES,
    DIGIT,
    DOT,
    FAMILY_SHIFT,
    FOLDED,
    FRAMES,
    HYPHEN,
    INVISIBLE,
    IS_NAME,
    IS_QUOTE,
    JOINER,
    KNOWN,
    LETTER,
    LOW_LINE,
    MARKS_SHIFT,
    NO_GRAM,
    NO_PREFIX,
    NUMERAL,
    OF_WORDS,
    OPENS,
    OTHER,
    PAGE,
    PART_BITS,
    PUNCTUATION,
    QUOTED,
    ROLLED,
    SETTING_NAMES,
    SLASH,
    SOURCE,
    SPECIAL,
    SPELT,
    STAYS_OPEN,
    STEM_BITS,
    STEM_SHIFT,
    TAIL_SHIFT,
    TERM,
    TERM_BITS,
    UNKNOWN,
    UPPER,
)
from pipeline.inference.model_arrays import ModelArrays
from pipeline.inference.perfect_hash import hash_key, perfect_hash
from pipeline.model import features
from pipeline.model.lexicon import FAMILY_OF, SOURCE_FAMILIES

if TYPE_CHECKING:
    from pipeline.model.classifier import StanceClassifier

_NOTED = re.compile(
    rf"[\w'\"{features.INVISIBLE}-]"
)  # what is a letter, a digit, or stands for a mark of ASCII

_NEVER_NAMES = {*features.ALWAYS_WORDS, "i", features.UNSAID, features.WITHHELD}


def build_arrays(model: StanceClassifier) -> ModelArrays:
    """Lay out a fitted model.

    Parameters
    ----------
    model : StanceClassifier
        Fitted.

    Returns
    -------
    ModelArrays
    """
    return _ArrayBuilder(model).table()


class _ArrayBuilder:
    """Lays out one model's terms; numbers its parts on the way, from 1."""

    def __init__(self, model: StanceClassifier) -> None:
        self.model = model
        self.common = model.counter_.analyzer.keywords["common_words"]
        self.terms, self.weights = _folded(model)
        self.by_kind: dict[str, dict[str, int]] = {kind: {} for kind in "wbgspfcqnalx"}
        for name, number in self.terms.items():
            self.by_kind[name[0]][name[2:]] = number
        stems = dict.fromkeys(s for pair in self.by_kind["p"] for s in pair.split(" "))
        self.stems = _numbered(stems)
        self.frames = _numbered(dict.fromkeys(features.FRAME.values()))
        self.cues = _numbered(dict.fromkeys(features.CUE.values()))
        self.families = _numbered(dict.fromkeys(features.IN_FRAME.values()))
        if (
            max(map(len, (self.stems, self.by_kind["w"]))) >= 1 << STEM_BITS - 1
            or len(self.terms) >= TERM
        ):
            raise ModelError(f"{len(self.terms):,} terms are more than a table can hold")

    def table(self) -> ModelArrays:
        pages, kinds, small = _characters()
        word_seeds, word_slots, words, long_words, rows = self._words()
        prefix_seeds, prefixes = self._prefixes()
        pair_seeds, pairs = _by_key([*self._pairs(), *self._word_pairs(rows)])
        gram_seeds, grams = _by_key(self._grams())
        rates = self.model.base_rates_
        return ModelArrays(
            pages=pages,
            kinds=kinds,
            small=small,
            words=words,
            long_words=long_words,
            word_slots=word_slots,
            prefixes=prefixes,
            pairs=pairs,
            grams=grams,
            word_seeds=word_seeds,
            prefix_seeds=prefix_seeds,
            pair_seeds=pair_seeds,
            gram_seeds=gram_seeds,
            settings=self._settings(rows),
            roles=np.array([features.ROLES.get(word, 0) for word in rows], dtype=np.uint8),
            cues=self._cues(),
            quoted=self._quoted(),
            sides=self._sides(),
            attributions=self._attributions(),
            lengths=np.array(
                [self.by_kind["l"].get(str(step), -1) for step in range(features.LONGEST + 1)],
                dtype=np.int32,
            ),
            vocabulary=_lines(self.terms),
            common=_lines(sorted(self.common)),
            weights=self.weights.astype(np.float32),
            intercept=self.model.intercept_.astype(np.float64),
            base_log_odds=np.log(rates / (1 - rates)),
            thresholds=self.model.thresholds_.astype(np.float64),
            context=self.model.context_.astype(np.float64),
            context_thresholds=self.model.context_thresholds_.astype(np.float64),
        )

    def _words(
        self,
    ) -> tuple[
        npt.NDArray[np.uint16],
        npt.NDArray[np.int32],
        npt.NDArray[np.uint64],
        npt.NDArray[np.uint8],
        dict[str, int],
    ]:
        spelt = {
            *self.by_kind["w"],
            *(word for pair in self.by_kind["g"] for word in pair.split(" ")),
            *(term.partition(" ")[2] for term in self.by_kind["s"]),
            *FAMILY_OF,
            *self.common,
            *features.ALWAYS_WORDS,
            *features.FRAME,
            *features.ROLES,
            "i",
        }
        terms = self.by_kind["w"]
        texts = sorted(
            spelt - set(SPECIAL), key=lambda text: (terms.get(text, TERM), len(text), text)
        )
        tails = bytearray(1)
        rows = []
        for text in texts:
            raw = text.encode("utf-8", "surrogatepass")
            first, second = struct.unpack("<QQ", raw[:SPELT].ljust(SPELT, b"\0"))
            tail = len(tails) if len(raw) > SPELT else 0
            if tail:
                tails += raw[SPELT:] + b"\0"
            rows.append([first, second, *self._word(text, tail)])
        hashes = [
            hash_key(first, second ^ _rolled(text.encode("utf-8", "surrogatepass")[SPELT:]))
            for text, (first, second, *_) in zip(texts, rows, strict=True)
        ]
        seeds, slots, size = perfect_hash(hashes)
        word_slots = np.full(size, UNKNOWN, dtype=np.int32)
        word_slots[slots] = np.arange(len(SPECIAL), len(SPECIAL) + len(rows))
        special = [[0, 0, *self._word(text, 0)] for text in SPECIAL]
        words = np.array([*special, *rows], dtype=np.uint64)
        numbered = {text: number for number, text in enumerate([*SPECIAL, *texts])}
        return seeds, word_slots, words, np.frombuffer(bytes(tails), dtype=np.uint8), numbered

    def _word(self, text: str, tail: int) -> tuple[int, int]:
        """Pack what a word stands for: the last two columns of `ModelArrays.words`."""
        if text == SPECIAL[UNKNOWN]:
            return 0, 0
        family = FAMILY_OF.get(text)
        known = text in self.common or family is not None
        marks = (
            (KNOWN if known else 0)
            | (ALWAYS if text in _NEVER_NAMES else 0)
            | (SOURCE if family in SOURCE_FAMILIES else 0)
            | (OPENS if text in features.OPENING else 0)
            | (STAYS_OPEN if text == "(" else 0)
            | (IS_NAME if text == features.NAME else 0)
            | (IS_QUOTE if text == '"' else 0)
        )
        bound = text in (features.START, features.END)
        beginning = -1 if bound else self.by_kind["b"].get(features.beginning(text), -1)
        stands_for = beginning + 1 | self.stems.get(features.stem(text), 0) << STEM_SHIFT
        parts = (
            self.frames.get(features.FRAME.get(text, ""), 0)
            | self.cues.get(features.CUE.get(text, ""), 0) << CUE_SHIFT
            | self.families.get(features.IN_FRAME.get(text, ""), 0) << FAMILY_SHIFT
            | marks << MARKS_SHIFT
            | tail << TAIL_SHIFT
        )
        return stands_for, parts

    def _prefixes(self) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
        beginnings = self.by_kind["b"]
        texts = sorted({*beginnings, *(stem for stem in self.stems if len(stem) <= features.STEM)})
        rows = []
        for text in texts:
            points = [*map(ord, text), *[0] * features.STEM]
            first = points[0] | points[1] << 21 | points[2] << 42
            second = points[3] | points[4] << 21
            rows.append([first, second, beginnings.get(text, -1) << 32 | self.stems.get(text, 0)])
        seeds, slots, size = perfect_hash([hash_key(first, second) for first, second, _ in rows])
        prefixes = np.full((size, 3), NO_PREFIX, dtype=np.int64)
        prefixes[slots] = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return seeds, prefixes

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for pair, number in self.by_kind["p"].items():
            first, second = pair.split(" ")
            yield self.stems[first] << STEM_BITS | self.stems[second], number

    def _word_pairs(self, rows: dict[str, int]) -> Iterator[tuple[int, int]]:
        for pair, number in self.by_kind["g"].items():
            first, second = pair.split(" ")
            yield OF_WORDS | rows[first] << STEM_BITS | rows[second], number

    def _settings(self, rows: dict[str, int]) -> npt.NDArray[np.int32]:
        found = np.full((len(rows), len(SETTING_NAMES)), -1, dtype=np.int32)
        for word, row in rows.items():
            for k, setting in enumerate(filter(None, SETTING_NAMES)):
                names = (f"{FOLDED}{setting} {word}", f"s:{setting} {word}", f"w:{word}")
                found[row, k] = next((self.terms[name] for name in names if name in self.terms), -1)
        return found

    def _grams(self) -> Iterator[tuple[int, int]]:
        for kind, letter, parts in ((FRAMES, "f", self.frames), (CUES, "c", self.cues)):
            for gram, number in self.by_kind[letter].items():
                packed = [parts[part] for part in gram.split(" ")]
                if letter == "f" or len(packed) > 1:
                    yield _packed(kind, packed), number
        for gram, number in self.by_kind["q"].items():
            if gram.count(" ") > 1:
                yield _packed(QUOTED, self._sides_of(gram)), number

    def _cues(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << PART_BITS, -1, dtype=np.int32)
        for cue, number in self.cues.items():
            found[number] = self.by_kind["c"].get(cue, -1)
        return found

    def _quoted(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << PART_BITS, -1, dtype=np.int32)
        for gram, number in self.by_kind["q"].items():
            if gram.count(" ") == 1:
                found[self._sides_of(gram)] = number
        return found

    def _sides_of(self, gram: str) -> list[int]:
        """Return the parts of what stands inside or outside quotation marks."""
        words = gram.split(" ")
        return [
            self.families[family] << 1 | (side == "in")
            for side, family in zip(words[::2], words[1::2], strict=True)
        ]

    def _sides(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << (PART_BITS + 2), -1, dtype=np.int32)
        for cue, number in self.cues.items():
            for code in range(4):
                name = features.sided(cue, bool(code & 2), bool(code & 1))
                found[number << 2 | code] = self.terms.get(name, -1)
        return found

    def _attributions(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << (PART_BITS + 2), -1, dtype=np.int32)
        for family, number in {"": 0, **self.families}.items():
            for code in range(4):
                name = features.attributed(family, bool(code & 2), bool(code & 1))
                found[number << 2 | code] = self.terms.get(name, -1)
        return found


def _folded(model: StanceClassifier) -> tuple[dict[str, int], npt.NDArray[np.float64]]:
    """Return a number for each term, and what the kernel adds: squared idf, weights times idf.

    A word and the same word in its setting stand in a sentence equally often, so that what they add
    can be added in one: that gets a row too. Frequent terms stand side by side, so that they stay
    in the processor's cache; at the end stand those that the kernel has no use for.
    """
    idf = model.tfidf_.idf_
    rows = np.column_stack([idf**2, *(model.coef_ * idf)])
    known = {str(name): i for i, name in enumerate(model.counter_.get_feature_names_out())}
    pairs = {
        FOLDED + name[2:]: (i, known[word])
        for name, i in known.items()
        if name[0] == "s" and (word := f"w:{name[2:].partition(' ')[2]}") in known
    }
    with_word = Counter(word for _, word in pairs.values())
    settings = len(list(filter(None, SETTING_NAMES)))
    unused = {i for i, _ in pairs.values()}
    unused |= {word for word, count in with_word.items() if count == settings}
    names = [*known, *pairs]
    both = np.array(list(pairs.values()), dtype=np.intp).reshape(-1, 2)
    rows = np.vstack([rows, rows[both].sum(axis=1)])
    rarity = np.append(idf, idf[both[:, 0]])
    last = np.array([i in unused for i in range(len(names))])
    order = np.lexsort((rarity, last))
    return {names[i]: number for number, i in enumerate(order)}, rows[order]


def _lines(words: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, start=1)}


def _rolled(tail: bytes) -> int:
    """Fold what a word has beyond its first 16 bytes into one integer, as the kernel does."""
    folded = 0
    for byte in tail:
        folded = folded * 31 + byte & ROLLED
    return folded


def _by_key(
    entries: Iterable[tuple[int, int]],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint64]]:
    known = list(entries)
    seeds, slots, size = perfect_hash([hash_key(key) for key, _ in known])
    table = np.full(size, NO_GRAM, dtype=np.uint64)
    table[slots] = [key << TERM_BITS | term for key, term in known]
    return seeds, table


def _packed(kind: int, parts: list[int]) -> int:
    key = 0
    for part in parts:
        key = key << PART_BITS | part
    return kind + len(parts) - 2 << 4 * PART_BITS | key


@cache
def _characters() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Lay out what the tokenizer asks of every character; equal pages are kept once."""
    special = {
        "'": APOSTROPHE,
        "-": HYPHEN,
        ".": DOT,
        "&": AMPERSAND,
        "/": SLASH,
        "_": LOW_LINE,
        **dict.fromkeys('"?!;()', PUNCTUATION),
        **dict.fromkeys(",:", JOINER),
        **dict.fromkeys(features.INVISIBLE, INVISIBLE),
    }
    uniform = {point: form for point, form in features.UNIFORM.items() if form}
    pages = np.empty(CHARACTERS // PAGE, dtype=np.int32)
    known: dict[tuple[bytes, bytes], int] = {}
    kinds: list[npt.NDArray[np.uint8]] = []
    small: list[npt.NDArray[np.int32]] = []
    for page in range(len(pages)):
        points = range(page * PAGE, (page + 1) * PAGE)
        text = "".join(map(chr, points)).translate(uniform)
        kind = np.zeros(PAGE, dtype=np.uint8)
        lower = np.zeros(PAGE, dtype=np.int32)
        if page == 0 or _NOTED.search(text):
            kind[:] = [special.get(character) or _kind(character) for character in text]
            lower[:] = [ord(features.lower(character)) for character in text]
            lower[kind == OTHER] = 0
        entry = kind.tobytes(), lower.tobytes()
        if entry not in known:
            known[entry] = len(kinds) * PAGE
            kinds.append(kind)
            small.append(lower)
        pages[page] = known[entry]
    return pages, np.concatenate(kinds), np.concatenate(small)


def _kind(character: str) -> int:
    if character.isdecimal():
        return DIGIT
    if not character.isalnum():
        return OTHER
    return (
        LETTER
        | (UPPER if character.isupper() else 0)
        | (NUMERAL if character.isdigit() else 0)
        | (ALPHABETIC if character.isalpha() else 0)
    )
