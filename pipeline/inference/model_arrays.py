"""A trained model as flat arrays: what the compiled kernel reads, and what scoring loads.

A word is known by its lowercase form, an n-gram by the numbers of its parts, packed into one
integer. Both are compared in full where a hash finds them, so no two terms are ever confused.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.errors import ModelError
from pipeline.inference.array_format import (
    CHARACTERS,
    FAMILY_SHIFT,
    FOLDED,
    INVISIBLE,
    JOINER,
    KIND,
    NO_GRAM,
    PAGE,
    PART_BITS,
    PUNCTUATION,
    SETTING_BITS,
    SPECIAL,
    TAIL_SHIFT,
    TERM,
    WIDTH,
)
from pipeline.model import features
from pipeline.model.artifacts import TRAIN, read_verified
from pipeline.model.context import FEATURES
from pipeline.stances import STANCES

INTERCEPT = "<intercept>"


@dataclass(frozen=True)
class ModelArrays:
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
        `SPECIAL`, then the words, frequent ones first. First 16 bytes; term of the beginning and
        stem, packed; frame, cue, family, marks and place in `long_words`, packed.
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
    settings : ndarray of int32, shape (n_words, 4)
        Terms of the words in `words` by the setting of their sentence, that of the word itself
        included; -1 for none.
    roles : ndarray of uint8, shape (n_words,)
        What each word does where a stance is not taken: bits of `pipeline.model.features`.
    cues, quoted, sides, attributions, lengths : ndarray of int32
        Terms looked up by number, -1 for none.
    vocabulary, common : ndarray of uint8
        The names of the rows of `weights`, frequent ones first, and the words known in lowercase,
        a line each; the kernel does not read them.
    weights : ndarray of float32, shape (n_terms, 4)
        Squared inverse document frequency, then weight for each stance times inverse document
        frequency.
    intercept, base_log_odds, thresholds : ndarray of float64, shape (3,)
        Of each stance.
    context : ndarray of float64, shape (3, 13)
        Weights of `pipeline.model.context.article_features`, for sentences read in their article.
    context_thresholds : ndarray of float64, shape (3,)
        Thresholds of these.
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
    settings: npt.NDArray[np.int32]
    roles: npt.NDArray[np.uint8]
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
    context: npt.NDArray[np.float64]
    context_thresholds: npt.NDArray[np.float64]

    def save(self, path: Path) -> None:
        """Write the arrays to an ``.npz`` file, uncompressed, without pickles."""
        with path.open("wb") as file:
            np.savez(
                file, allow_pickle=False, **{f.name: getattr(self, f.name) for f in fields(self)}
            )

    @classmethod
    def load(cls, path: str | Path) -> ModelArrays:
        """Read the arrays of a model, without unpickling anything, and check that they fit.

        Parameters
        ----------
        path : path
            The table beside a model's manifest.

        Returns
        -------
        ModelArrays

        Raises
        ------
        pipeline.errors.ModelError
            If the file is not the one its manifest names, or an array is missing, has another type
            or shape, or points outside another one: the kernel does not check again.
        """
        content = read_verified(Path(path), {"analyzer": features.fingerprint()})
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                if any(entry.compress_type != zipfile.ZIP_STORED for entry in file.zip.infolist()):
                    raise ValueError("it is compressed")
                table = cls(**{f.name: np.ascontiguousarray(file[f.name]) for f in fields(cls)})
        except (
            *(OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, OverflowError),
            zipfile.BadZipFile,
        ) as error:
            raise ModelError(f"{path} is no table of weights ({error})") from None
        for problem in table._problems():
            raise ModelError(f"{path} is damaged: {problem}; {TRAIN}")
        return table

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of these very arrays and of the analyzer: what scores depend on."""
        digest = hashlib.sha256(features.fingerprint().encode())
        for field in fields(self):
            array = getattr(self, field.name)
            digest.update(f"{field.name} {array.dtype} {array.shape}".encode())
            digest.update(array.data)
        return digest.hexdigest()

    @cached_property
    def terms(self) -> dict[str, int]:
        """The number of each term."""
        names = enumerate(_words_of(self.vocabulary))
        return {name: number for number, name in names if not name.startswith(FOLDED)}

    @cached_property
    def common_words(self) -> frozenset[str]:
        """What `pipeline.model.features.extract_terms` takes as `common_words`."""
        return frozenset(_words_of(self.common))

    def explain(self, text: str) -> dict[str, list[tuple[str, float]]]:
        """Return which terms of a text moved each stance.

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
        if features.is_blank(text):
            return {
                stance: [(INTERCEPT, float(log_odds))]
                for stance, log_odds in zip(STANCES, self.base_log_odds, strict=True)
            }
        names, weights, tf = self._counted(text)
        norm = _norm(weights, tf)
        added = weights[:, 1:] * (tf / norm)[:, None]
        return {
            stance: [
                *((names[i], float(added[i, k])) for i in np.argsort(-np.abs(added[:, k]))),
                (INTERCEPT, float(self.intercept[k])),
            ]
            for k, stance in enumerate(STANCES)
        }

    def norm(self, text: str) -> float:
        """Return the length of a text's TF-IDF vector, by which what its terms add is divided."""
        _, weights, tf = self._counted(text)
        return _norm(weights, tf)

    def _counted(
        self, text: str
    ) -> tuple[list[str], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        counts = Counter(
            t for t in features.extract_terms(text, self.common_words) if t in self.terms
        )
        rows = [self.terms[name] for name in counts]
        weights = self.weights[rows].astype(np.float64)
        return list(counts), weights, 1 + np.log(np.array(list(counts.values()), dtype=np.float64))

    def _problems(self) -> Iterator[str]:
        """Yield what would make the kernel read outside an array, or search it without end."""
        shapes: dict[str, tuple[type, tuple[int | None, ...]]] = {
            "pages": (np.int32, (CHARACTERS // PAGE,)),
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
            "settings": (np.int32, (None, 1 << SETTING_BITS)),
            "roles": (np.uint8, (None,)),
            "cues": (np.int32, (1 << PART_BITS,)),
            "quoted": (np.int32, (1 << PART_BITS,)),
            "sides": (np.int32, (1 << (PART_BITS + 2),)),
            "attributions": (np.int32, (1 << (PART_BITS + 2),)),
            "lengths": (np.int32, (features.LONGEST + 1,)),
            "vocabulary": (np.uint8, (None,)),
            "common": (np.uint8, (None,)),
            "weights": (np.float32, (None, 1 + len(STANCES))),
            "intercept": (np.float64, (len(STANCES),)),
            "base_log_odds": (np.float64, (len(STANCES),)),
            "thresholds": (np.float64, (len(STANCES),)),
            "context": (np.float64, (len(STANCES), FEATURES)),
            "context_thresholds": (np.float64, (len(STANCES),)),
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
            "pages": _within(self.pages, 0, len(self.kinds) - PAGE + 1),
            "kinds": _within(self.kinds & KIND, 0, INVISIBLE + 1),
            "small": _within(self.small, 0, CHARACTERS)
            and _within(self.small[np.isin(self.kinds & KIND, (PUNCTUATION, JOINER))], 0, 128),
            "words": rows >= len(SPECIAL)
            and _within(stands_for & TERM, 0, terms + 1)
            and _within(parts >> FAMILY_SHIFT & 255, 0, 1 << (PART_BITS - 1))
            and _within(parts >> TAIL_SHIFT, 0, len(self.long_words)),
            "word_slots": _within(self.word_slots, 0, rows),
            "long_words": len(self.long_words) > 0 and self.long_words[-1] == 0,
            "prefixes": _within(self.prefixes[:, 2] >> 32, -1, terms),
            "pairs": _within((self.pairs & TERM)[self.pairs != NO_GRAM], 0, terms),
            "grams": _within((self.grams & TERM)[self.grams != NO_GRAM], 0, terms),
            "settings": len(self.settings) == rows and _within(self.settings, -1, terms),
            "roles": len(self.roles) == rows,
            "cues": _within(self.cues, -1, terms),
            "quoted": _within(self.quoted, -1, terms),
            "sides": _within(self.sides, -1, terms),
            "attributions": _within(self.attributions, -1, terms),
            "lengths": _within(self.lengths, -1, terms),
            "weights": bool((self.weights[:, 0] > 0).all()),
        }
        for name, (dtype, _) in shapes.items():
            if issubclass(dtype, np.floating):  # no comparison with NaN is ever true
                finite = bool(np.isfinite(getattr(self, name)).all())
                checks[name] = checks.get(name, True) and finite
        for name in _BY_HASH:
            size = len(getattr(self, name))
            checks[name] = checks.get(name, True) and size >= 2 and size & (size - 1) == 0
        yield from (f"{name} is out of range" for name, passed in checks.items() if not passed)
        for name, most in (("vocabulary", terms), ("common", None)):
            try:
                count = 1 + str(getattr(self, name).data, "utf-8", "surrogatepass").count("\n")
            except UnicodeDecodeError:
                yield f"{name} is no UTF-8"
            else:
                if most not in (None, count):
                    yield f"{name} has {count:,} terms for {most:,} weights"


def _norm(weights: npt.NDArray[np.float64], tf: npt.NDArray[np.float64]) -> float:
    return float(np.sqrt((weights[:, 0] * tf**2).sum())) or 1.0


def _within(values: npt.NDArray[np.integer], least: int, below: int) -> bool:
    return not values.size or bool(values.min() >= least and values.max() < below)


_BY_HASH = (
    *("word_slots", "prefixes", "pairs", "grams"),
    *("word_seeds", "prefix_seeds", "pair_seeds", "gram_seeds"),
)


def _words_of(lines: npt.NDArray[np.uint8]) -> list[str]:
    return lines.tobytes().decode("utf-8", "surrogatepass").split("\n")
