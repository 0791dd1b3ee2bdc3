"""A trained model as flat arrays: what the compiled kernel reads, and what scoring loads.

A word is known by its small letters, an n-gram by the numbers of its parts packed into one integer.
Both are compared in full where a hash finds them, so no two terms are ever confused.
"""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline import analyzer, store
from pipeline.lexicon import FAMILY_OF, SOURCE_FAMILIES
from pipeline.stances import STANCES

if TYPE_CHECKING:
    from pipeline.model import StanceClassifier

INTERCEPT = "<intercept>"

# Kinds of characters, and marks on them.
OTHER, LETTER, DIGIT, APOSTROPHE, HYPHEN, DOT, AMPERSAND, PUNCTUATION, JOINER, SLASH, LOW_LINE = (
    range(11)
)
KIND, UPPER, NUMERAL, ALPHABETIC = 15, 16, 32, 64

# What the last two columns of `Table.words` pack. Terms are counted from 1, so that 0 is none.
BEGINNING_SHIFT, STEM_SHIFT = 22, 44
CUE_SHIFT, FAMILY_SHIFT, MARKS_SHIFT, TAIL_SHIFT = 8, 16, 24, 32

# Marks on words.
KNOWN, ALWAYS, SOURCE, OPENS, IS_NAME, IS_QUOTE, STAYS_OPEN = 1, 2, 4, 8, 16, 32, 64

# The first rows of `Table.words`: what the tokenizer makes that is not spelt out in a text.
SPECIAL = (
    analyzer.NAME,
    analyzer.NUMBER,
    analyzer.START,
    analyzer.END,
    *["n't", "'s", "'d", "'m", "'re", "'ve", "'ll"],
    *'"?!:;,()',
    "<unknown>",
)
NAME, NUMBER, START, END, NOT, S, D, M, RE, VE, LL = range(11)
UNKNOWN = len(SPECIAL) - 1

# Kinds of n-grams over the parts of a frame: of each, the shortest stands here and one longer has
# the next number. The width of one part.
FRAMES, CUES, QUOTED = 1, 4, 6
PART_BITS = 8
STEM_BITS = 20

# An n-gram's key and term share one integer.
TERM_BITS = 22
TERM = (1 << TERM_BITS) - 1

# Columns of `Table.words`, and bytes of a word that stand in the first two.
WIDTH = 4
SPELT = 16

# Terms that the kernel gathers before it counts them.
GATHERED = 4096

# Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4): odd multipliers, the
# first near 2^64 over the golden ratio.
MIX, MIX_AGAIN = 0x9E3779B97F4A7C15, 0x517CC1B727220A95
SHIFT_BITS = 8
ROLLED = (1 << 40) - 1

_CHARACTERS = 0x110000
_PAGE = 256
_EMPTY = -1
_FULL = 0.8
_MOST_SEEDS = 1 << 16
_LOW_64 = (1 << 64) - 1
_NOTED = re.compile(r"[\w'\"-]")  # what is a letter, a digit, or stands for a mark of ASCII


@dataclass(frozen=True)
class Table:
    """A model's weights in the form the kernel reads.

    Attributes
    ----------
    pages : ndarray of int32, shape (4352,)
        Where the page of each 256 characters begins in `kinds` and `small`.
    kinds : ndarray of uint8
        Kind of each character, with marks.
    small : ndarray of int32
        Small letter of each character, or the plain form of punctuation.
    words : ndarray of uint64, shape (n_words, 4)
        `SPECIAL`, then the words, frequent ones first. First 16 bytes; term, term of the beginning
        and stem, packed; frame, cue, family, marks and place in `long_words`, packed.
    word_slots : ndarray of int32
        Rows in `words`, by hash.
    long_words : ndarray of uint8
        What words of more than 16 bytes have beyond them, each with a 0 before and after it.
    prefixes : ndarray of int64, shape (n_slots, 3)
        Beginnings of words that are not in `words`, by hash: up to five characters, and the term of
        the beginning and the stem, packed.
    pairs, grams : ndarray of uint64
        N-grams, by hash: key and term, packed.
    word_seeds, prefix_seeds, pair_seeds, gram_seeds : ndarray of uint16
        What sends each key to a slot of its own, so that one look tells.
    cues, quoted, sides, attributions, lengths : ndarray of int32
        Terms looked up by number, -1 for none.
    vocabulary, common : ndarray of uint8
        The terms, frequent ones first, and the words known in small letters, a line each; the
        kernel does not read them.
    weights : ndarray of float32, shape (n_terms, 4)
        Squared inverse document frequency, then weight for each stance times inverse document
        frequency.
    intercept, base_log_odds, thresholds : ndarray of float64, shape (3,)
        Of each stance.
    """

    pages: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint8]
    small: npt.NDArray[np.int32]
    words: npt.NDArray[np.uint64]
    long_words: npt.NDArray[np.uint8]
    word_slots: npt.NDArray[np.int32]
    prefixes: npt.NDArray[np.int64]
    pairs: npt.NDArray[np.uint64]
    grams: npt.NDArray[np.uint64]
    word_seeds: npt.NDArray[np.uint16]
    prefix_seeds: npt.NDArray[np.uint16]
    pair_seeds: npt.NDArray[np.uint16]
    gram_seeds: npt.NDArray[np.uint16]
    cues: npt.NDArray[np.int32]
    quoted: npt.NDArray[np.int32]
    sides: npt.NDArray[np.int32]
    attributions: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]
    vocabulary: npt.NDArray[np.uint8]
    common: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]
    base_log_odds: npt.NDArray[np.float64]
    thresholds: npt.NDArray[np.float64]

    @classmethod
    def of(cls, model: StanceClassifier) -> Table:
        """Lay out a fitted model.

        Parameters
        ----------
        model : StanceClassifier
            Fitted.

        Returns
        -------
        Table
        """
        return _Layout(model).table()

    def save(self, path: Path) -> None:
        """Write the arrays to an ``.npz`` file, uncompressed, without pickles."""
        with path.open("wb") as file:
            np.savez(
                file, allow_pickle=False, **{f.name: getattr(self, f.name) for f in fields(self)}
            )

    @classmethod
    def load(cls, path: str | Path) -> Table:
        """Read the arrays of a model, without unpickling anything, and check that they fit.

        Parameters
        ----------
        path : path
            The table beside a model's manifest.

        Returns
        -------
        Table

        Raises
        ------
        pipeline.store.ModelError
            If the file is not the one its manifest names, or an array is missing, has another type
            or shape, or points outside another one: the kernel does not check again.
        """
        content = store.verified(Path(path), {"analyzer": analyzer.fingerprint()})
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
                    raise ValueError("it is compressed")
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                table = cls(**{f.name: np.ascontiguousarray(file[f.name]) for f in fields(cls)})
        except (
            *(OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, OverflowError),
            zipfile.BadZipFile,
        ) as error:
            raise store.ModelError(f"{path} is no table of weights ({error})") from None
        for problem in table._problems():
            raise store.ModelError(f"{path} is damaged: {problem}; run: make train")
        return table

    @cached_property
    def terms(self) -> dict[str, int]:
        """The number of each term."""
        return {term: number for number, term in enumerate(_words_of(self.vocabulary))}

    @cached_property
    def common_words(self) -> frozenset[str]:
        """What `pipeline.analyzer.terms` takes as `common_words`."""
        return frozenset(_words_of(self.common))

    def explain(self, text: str) -> dict[str, list[tuple[str, float]]]:
        """Tell which terms of a text moved each stance.

        Parameters
        ----------
        text : str
            A sentence.

        Returns
        -------
        dict of str to list of (str, float)
            For each stance the terms and what each adds to the log-odds, largest amount first, then
            `INTERCEPT`; together they are the log-odds.
        """
        if analyzer.is_blank(text):
            return {
                stance: [(INTERCEPT, float(log_odds))]
                for stance, log_odds in zip(STANCES, self.base_log_odds, strict=True)
            }
        counts = Counter(t for t in analyzer.terms(text, self.common_words) if t in self.terms)
        names = list(counts)
        weights = self.weights[[self.terms[name] for name in names]].astype(np.float64)
        tf = 1 + np.log(np.array(list(counts.values()), dtype=np.float64))
        norm = np.sqrt((weights[:, 0] * tf**2).sum()) or 1.0
        added = weights[:, 1:] * (tf / norm)[:, None]
        return {
            stance: [
                *((names[i], float(added[i, k])) for i in np.argsort(-np.abs(added[:, k]))),
                (INTERCEPT, float(self.intercept[k])),
            ]
            for k, stance in enumerate(STANCES)
        }

    def _problems(self) -> Iterator[str]:
        """Tell what would make the kernel read outside an array, or search it without end."""
        shapes: dict[str, tuple[type, tuple[int | None, ...]]] = {
            "pages": (np.int32, (_CHARACTERS // _PAGE,)),
            "kinds": (np.uint8, (None,)),
            "small": (np.int32, (None,)),
            "words": (np.uint64, (None, WIDTH)),
            "long_words": (np.uint8, (None,)),
            "word_slots": (np.int32, (None,)),
            "prefixes": (np.int64, (None, 3)),
            "pairs": (np.uint64, (None,)),
            "grams": (np.uint64, (None,)),
            "word_seeds": (np.uint16, (None,)),
            "prefix_seeds": (np.uint16, (None,)),
            "pair_seeds": (np.uint16, (None,)),
            "gram_seeds": (np.uint16, (None,)),
            "cues": (np.int32, (1 << PART_BITS,)),
            "quoted": (np.int32, (1 << PART_BITS,)),
            "sides": (np.int32, (1 << (PART_BITS + 2),)),
            "attributions": (np.int32, (1 << (PART_BITS + 2),)),
            "lengths": (np.int32, (analyzer.LONGEST + 1,)),
            "vocabulary": (np.uint8, (None,)),
            "common": (np.uint8, (None,)),
            "weights": (np.float32, (None, 1 + len(STANCES))),
            "intercept": (np.float64, (len(STANCES),)),
            "base_log_odds": (np.float64, (len(STANCES),)),
            "thresholds": (np.float64, (len(STANCES),)),
        }
        for name, (dtype, shape) in shapes.items():
            array = getattr(self, name)
            fits = array.ndim == len(shape) and all(
                wanted in (None, found) for wanted, found in zip(shape, array.shape, strict=True)
            )
            if array.dtype != dtype or not fits:
                yield f"{name} is {array.dtype} of shape {array.shape}"
                return
        if len(self.small) != len(self.kinds):
            yield "small is out of range"
            return
        terms = len(self.weights)
        rows = len(self.words)
        stands_for, parts = self.words[:, 2], self.words[:, 3]
        checks = {
            "pages": _within(self.pages, 0, len(self.kinds) - _PAGE + 1),
            "kinds": _within(self.kinds & KIND, 0, LOW_LINE + 1),
            "small": _within(self.small, 0, _CHARACTERS)
            and _within(self.small[np.isin(self.kinds & KIND, (PUNCTUATION, JOINER))], 0, 128),
            "words": rows >= len(SPECIAL)
            and _within(stands_for & TERM, 0, terms + 1)
            and _within(stands_for >> BEGINNING_SHIFT & TERM, 0, terms + 1)
            and _within(parts >> FAMILY_SHIFT & 255, 0, 1 << (PART_BITS - 1))
            and _within(parts >> TAIL_SHIFT, 0, len(self.long_words)),
            "word_slots": _within(self.word_slots, 0, rows),
            "long_words": len(self.long_words) > 0 and self.long_words[-1] == 0,
            "prefixes": _within(self.prefixes[:, 2] >> 32, -1, terms),
            "pairs": _within((self.pairs & TERM)[self.pairs != _LOW_64], 0, terms),
            "grams": _within((self.grams & TERM)[self.grams != _LOW_64], 0, terms),
            "cues": _within(self.cues, -1, terms),
            "quoted": _within(self.quoted, -1, terms),
            "sides": _within(self.sides, -1, terms),
            "attributions": _within(self.attributions, -1, terms),
            "lengths": _within(self.lengths, -1, terms),
            "weights": bool(np.isfinite(self.weights).all() and (self.weights[:, 0] > 0).all()),
        }
        for name in _BY_HASH:
            size = len(getattr(self, name))
            checks[name] = checks.get(name, True) and size >= 2 and size & (size - 1) == 0
        yield from (f"{name} is out of range" for name, passed in checks.items() if not passed)
        for name, most in (("vocabulary", terms), ("common", None)):
            try:
                count = len(_words_of(getattr(self, name)))
            except UnicodeDecodeError:
                yield f"{name} is no UTF-8"
            else:
                if most not in (None, count):
                    yield f"{name} has {count:,} terms for {most:,} weights"


def _within(values: npt.NDArray[np.integer], least: int, below: int) -> bool:
    return not values.size or bool(values.min() >= least and values.max() < below)


_BY_HASH = (
    *("word_slots", "prefixes", "pairs", "grams"),
    *("word_seeds", "prefix_seeds", "pair_seeds", "gram_seeds"),
)


class _Layout:
    """Lays out one model's terms; numbers its parts on the way, from 1."""

    def __init__(self, model: StanceClassifier) -> None:
        self.model = model
        self.common = model.counter_.analyzer.keywords["common_words"]
        names = model.counter_.get_feature_names_out()
        # frequent terms side by side: together they stay in the processor's cache
        self.order = np.argsort(model.tfidf_.idf_, kind="stable")
        self.terms = {str(name): number for number, name in enumerate(names[self.order])}
        self.by_kind: dict[str, dict[str, int]] = {kind: {} for kind in "wbpfcqnal"}
        for name, number in self.terms.items():
            self.by_kind[name[0]][name[2:]] = number
        stems = dict.fromkeys(s for pair in self.by_kind["p"] for s in pair.split(" "))
        self.stems = _numbered(stems)
        self.frames = _numbered(dict.fromkeys(analyzer.FRAME.values()))
        self.cues = _numbered(dict.fromkeys(analyzer.CUE.values()))
        self.families = _numbered(dict.fromkeys(analyzer.IN_FRAME.values()))
        if len(self.stems) >= 1 << STEM_BITS or len(self.terms) >= TERM:
            raise store.ModelError(f"{len(self.terms):,} terms are more than a table can hold")

    def table(self) -> Table:
        pages, kinds, small = _characters()
        word_seeds, word_slots, words, long_words = self._words()
        prefix_seeds, prefixes = self._prefixes()
        pair_seeds, pairs = _by_key(self._pairs())
        gram_seeds, grams = _by_key(self._grams())
        idf = self.model.tfidf_.idf_
        weights = np.column_stack([idf**2, *(self.model.coef_ * idf)])
        rates = self.model.base_rates_
        return Table(
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
            cues=self._cues(),
            quoted=self._quoted(),
            sides=self._sides(),
            attributions=self._attributions(),
            lengths=np.array(
                [self.by_kind["l"].get(str(step), -1) for step in range(analyzer.LONGEST + 1)],
                dtype=np.int32,
            ),
            vocabulary=_lines(self.terms),
            common=_lines(sorted(self.common)),
            weights=weights[self.order].astype(np.float32),
            intercept=self.model.intercept_.astype(np.float64),
            base_log_odds=np.log(rates / (1 - rates)),
            thresholds=self.model.thresholds_.astype(np.float64),
        )

    def _words(
        self,
    ) -> tuple[
        npt.NDArray[np.uint16],
        npt.NDArray[np.int32],
        npt.NDArray[np.uint64],
        npt.NDArray[np.uint8],
    ]:
        spelt = {
            *self.by_kind["w"],
            *FAMILY_OF,
            *self.common,
            *analyzer.ALWAYS_WORDS,
            *analyzer.FRAME,
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
            _hash(first, second ^ _rolled(text.encode("utf-8", "surrogatepass")[SPELT:]))
            for text, (first, second, *_) in zip(texts, rows, strict=True)
        ]
        seeds, slots, size = _perfect_hash(hashes)
        word_slots = np.full(size, UNKNOWN, dtype=np.int32)
        word_slots[slots] = np.arange(len(SPECIAL), len(SPECIAL) + len(rows))
        special = [[0, 0, *self._word(text, 0)] for text in SPECIAL]
        words = np.array([*special, *rows], dtype=np.uint64)
        return seeds, word_slots, words, np.frombuffer(bytes(tails), dtype=np.uint8)

    def _word(self, text: str, tail: int) -> tuple[int, int]:
        """Pack what a word stands for: the last two columns of `Table.words`."""
        if text == SPECIAL[UNKNOWN]:
            return 0, 0
        family = FAMILY_OF.get(text)
        known = text in self.common or family is not None
        marks = (
            (KNOWN if known else 0)
            | (ALWAYS if text in analyzer.ALWAYS_WORDS or text == "i" else 0)
            | (SOURCE if family in SOURCE_FAMILIES else 0)
            | (OPENS if text in analyzer.OPENING else 0)
            | (STAYS_OPEN if text == "(" else 0)
            | (IS_NAME if text == analyzer.NAME else 0)
            | (IS_QUOTE if text == '"' else 0)
        )
        bound = text in (analyzer.START, analyzer.END)
        beginning = -1 if bound else self.by_kind["b"].get(analyzer.beginning(text), -1)
        stands_for = (
            self.by_kind["w"].get(text, -1) + 1
            | beginning + 1 << BEGINNING_SHIFT
            | self.stems.get(analyzer.stem(text), 0) << STEM_SHIFT
        )
        parts = (
            self.frames.get(analyzer.FRAME.get(text, ""), 0)
            | self.cues.get(analyzer.CUE.get(text, ""), 0) << CUE_SHIFT
            | self.families.get(analyzer.IN_FRAME.get(text, ""), 0) << FAMILY_SHIFT
            | marks << MARKS_SHIFT
            | tail << TAIL_SHIFT
        )
        return stands_for, parts

    def _prefixes(self) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
        beginnings = self.by_kind["b"]
        texts = sorted({*beginnings, *(stem for stem in self.stems if len(stem) <= analyzer.STEM)})
        rows = []
        for text in texts:
            points = [*map(ord, text), *[0] * analyzer.STEM]
            first = points[0] | points[1] << 21 | points[2] << 42
            second = points[3] | points[4] << 21
            rows.append([first, second, beginnings.get(text, -1) << 32 | self.stems.get(text, 0)])
        seeds, slots, size = _perfect_hash([_hash(first, second) for first, second, _ in rows])
        prefixes = np.full((size, 3), _EMPTY, dtype=np.int64)
        prefixes[slots] = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return seeds, prefixes

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for pair, number in self.by_kind["p"].items():
            first, second = pair.split(" ")
            yield self.stems[first] << STEM_BITS | self.stems[second], number

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
        """Give the parts of what stands inside or outside quotation marks."""
        words = gram.split(" ")
        return [
            self.families[family] << 1 | (side == "in")
            for side, family in zip(words[::2], words[1::2], strict=True)
        ]

    def _sides(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << (PART_BITS + 2), -1, dtype=np.int32)
        for cue, number in self.cues.items():
            for code in range(4):
                name = analyzer.sided(cue, bool(code & 2), bool(code & 1))
                found[number << 2 | code] = self.terms.get(name, -1)
        return found

    def _attributions(self) -> npt.NDArray[np.int32]:
        found = np.full(1 << (PART_BITS + 2), -1, dtype=np.int32)
        for family, number in {"": 0, **self.families}.items():
            for code in range(4):
                name = analyzer.attributed(family, bool(code & 2), bool(code & 1))
                found[number << 2 | code] = self.terms.get(name, -1)
        return found


def _words_of(lines: npt.NDArray[np.uint8]) -> list[str]:
    return lines.tobytes().decode("utf-8", "surrogatepass").split("\n")


def _lines(words: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names, start=1)}


def _hash(first: int, second: int = 0) -> int:
    return (first * MIX ^ second * MIX_AGAIN) & _LOW_64


def shifts_of(slots: npt.NDArray[Any], seeds: npt.NDArray[np.uint16]) -> int:
    """Pack by how much to shift a hash to its seed, and a hash times its seed to its slot."""
    return (65 - len(slots).bit_length()) << SHIFT_BITS | 65 - len(seeds).bit_length()


def _rolled(tail: bytes) -> int:
    """Fold what a word has beyond its first 16 bytes into one integer, as the kernel does."""
    folded = 0
    for byte in tail:
        folded = folded * 31 + byte & ROLLED
    return folded


def _perfect_hash(
    hashes: Sequence[int],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp], int]:
    """Find seeds that send every key to a slot of its own: seeds, slot of each key, and size.

    Hash and displace (Belazzougui, Botelho and Dietzfelbinger 2009): keys fall into buckets; from
    the fullest bucket on, the first seed is taken that finds free slots for all of a bucket.
    """
    if len(set(hashes)) < len(hashes):
        raise store.ModelError("two keys of the table have the same 64-bit hash")
    size = 1 << max(7, math.ceil(len(hashes) / _FULL) - 1).bit_length()
    while (found := _displaced(hashes, size)) is None:
        size *= 2
    return *found, size


def _displaced(
    hashes: Sequence[int], size: int
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.intp]] | None:
    seeds = np.zeros(size >> 2, dtype=np.uint16)
    to_seed, to_slot = 65 - len(seeds).bit_length(), 65 - size.bit_length()
    buckets: dict[int, list[int]] = {}
    for key, hashed in enumerate(hashes):
        buckets.setdefault(hashed >> to_seed, []).append(key)
    slots = np.zeros(len(hashes), dtype=np.intp)
    taken: set[int] = set()
    for bucket, keys in sorted(buckets.items(), key=lambda entry: -len(entry[1])):
        for seed in range(1, _MOST_SEEDS, 2):
            found = [(hashes[key] * seed & _LOW_64) >> to_slot for key in keys]
            if len(set(found)) == len(found) and taken.isdisjoint(found):
                break
        else:
            return None
        taken.update(found)
        seeds[bucket] = seed
        slots[keys] = found
    return seeds, slots


def _by_key(
    entries: Iterable[tuple[int, int]],
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint64]]:
    known = list(entries)
    seeds, slots, size = _perfect_hash([_hash(key) for key, _ in known])
    table = np.full(size, _LOW_64, dtype=np.uint64)
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
    }
    pages = np.empty(_CHARACTERS // _PAGE, dtype=np.int32)
    known: dict[tuple[bytes, bytes], int] = {}
    kinds: list[npt.NDArray[np.uint8]] = []
    small: list[npt.NDArray[np.int32]] = []
    for page in range(len(pages)):
        points = range(page * _PAGE, (page + 1) * _PAGE)
        text = "".join(map(chr, points)).translate(analyzer.UNIFORM)
        kind = np.zeros(_PAGE, dtype=np.uint8)
        lower = np.zeros(_PAGE, dtype=np.int32)
        if page == 0 or _NOTED.search(text):
            kind[:] = [special.get(character) or _kind(character) for character in text]
            lower[:] = [ord(analyzer.lower(character)) for character in text]
            lower[kind == OTHER] = 0
        entry = kind.tobytes(), lower.tobytes()
        if entry not in known:
            known[entry] = len(kinds) * _PAGE
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
