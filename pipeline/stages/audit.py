"""Audit of a corpus: whether it reads like news, and whether a name leans to a stance."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.splitting import near_duplicates
from pipeline.model import features
from pipeline.stances import NONE, STANCES, to_indicators

# Share of the sentences of a stance that use a word, measured on real news by the project's makers.
CUE_SHARES = {
    "deny": {
        r"\bden(?:y|ie|ial)": 0.36,
        r"\breject": 0.26,
        r"\baccus": 0.19,
        r"\bcharg": 0.12,
        r"\bclaim": 0.12,
        r"\balleg": 0.10,
        r"\bdismiss": 0.09,
        r"\brefut": 0.03,
        r"\bbaseless": 0.03,
    },
    "accuse": {
        r"\baccus": 0.17,
        r"\balleg": 0.14,
        r"\bcharg": 0.12,
        r"\bviolat": 0.09,
        r"\bblam": 0.05,
    },
    "announce": {
        r"\bwill\b": 0.31,
        r"\bannounc": 0.13,
        r"\bagree": 0.10,
        r"\bwould\b": 0.08,
        r"\bdeclar": 0.04,
        r"\bvow": 0.03,
        r"\bpledg": 0.03,
        r"\bpromis": 0.03,
        r"\baccept": 0.03,
        r"\bplan": 0.03,
        r"\breleas": 0.03,
        r"\border": 0.03,
    },
}
CUE_FACTOR = 1.5
MOST_NEAR_DUPLICATES = 0.003
SEQUENCE_WORDS = 6
MOST_WITH_SEQUENCE = 15
NAMES = 50
NAME_MARGIN = 0.10
MEDIAN_WORDS = (21, 27)
LONG_WORDS, LEAST_LONG = 35, 0.10
SHORT_WORDS, LEAST_SHORT = 10, 0.04
COUNTED_COLUMNS = ("form", "region", "voice")
_NO_NAMES = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May
    June July August September October November December Christmas Easter Ramadan Mr Mrs Ms Dr
    """.split()  # noqa: SIM905
)
_NAME = re.compile(r"\b[A-Z][^\W\d_]+(?:[ -][A-Z][^\W\d_]+)*")


@dataclass(frozen=True)
class Check:
    """One thing an audit looks at.

    Attributes
    ----------
    name : str
        What is looked at.
    found, limit : str
        What was found, and what is allowed.
    passed : bool
        Whether the one is within the other.
    """

    name: str
    found: str
    limit: str
    passed: bool


@dataclass(frozen=True)
class Audit:
    """The outcome of an audit.

    Attributes
    ----------
    checks : list of Check
        Everything that has a limit.
    counts : dict of str to dict of str to int
        Statements by stance, and by each of the columns form, region and voice that are there.
    """

    checks: list[Check]
    counts: dict[str, dict[str, int]]

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


def audit_corpus(corpus: Corpus) -> Audit:
    """Audit a corpus.

    Parameters
    ----------
    corpus : Corpus
        Labelled statements.

    Returns
    -------
    Audit
        Near-duplicates, repeated word sequences, lengths, cue words and the balance of names, each
        against its limit; and counts.
    """
    checks = [
        _near_duplicates(corpus),
        _sequences(corpus),
        *_lengths(corpus),
        *_cues(corpus),
        _names(corpus),
    ]
    counts = {"stance": corpus.counts()}
    for column in COUNTED_COLUMNS:
        if column in corpus.statements.column_names:
            counted = Counter(str(value) for value in corpus.statements[column][:])
            counts[column] = dict(counted.most_common())
    return Audit(checks, counts)


def _near_duplicates(corpus: Corpus) -> Check:
    pairs = near_duplicates(corpus.texts)
    share = len({j for _, j, _ in pairs}) / len(corpus)
    origins = corpus.statements["origin"][:]
    shown = "; ".join(f"{origins[i]} ~ {origins[j]}" for i, j, _ in pairs[:5])
    return Check(
        "near-duplicates",
        f"{share:.2%}{f' ({shown})' if shown else ''}",
        f"at most {MOST_NEAR_DUPLICATES:.1%}",
        share <= MOST_NEAR_DUPLICATES,
    )


def _sequences(corpus: Corpus) -> Check:
    common = features.lowercase_vocabulary(corpus.texts)
    seen: Counter[str] = Counter()
    for text in corpus.texts:
        tokens = [t for t in features.tokenize(text, common) if t[0].isalpha() or t[0] == "<"]
        seen.update(
            {
                " ".join(tokens[i : i + SEQUENCE_WORDS])
                for i in range(len(tokens) - SEQUENCE_WORDS + 1)
            }
        )
    sequence, most = max(seen.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return Check(
        f"statements with one {SEQUENCE_WORDS}-word sequence",
        f"{most} ({sequence})",
        f"at most {MOST_WITH_SEQUENCE}",
        most <= MOST_WITH_SEQUENCE,
    )


def _lengths(corpus: Corpus) -> Iterator[Check]:
    words = np.array([len(text.split()) for text in corpus.texts])
    median = float(np.median(words))
    low, high = MEDIAN_WORDS
    yield Check("median length in words", f"{median:g}", f"{low}-{high}", low <= median <= high)
    for name, share, least in (
        (f"of {LONG_WORDS} words or more", (words >= LONG_WORDS).mean(), LEAST_LONG),
        (f"under {SHORT_WORDS} words", (words < SHORT_WORDS).mean(), LEAST_SHORT),
    ):
        yield Check(name, f"{share:.1%}", f"at least {least:.0%}", bool(share >= least))


def _cues(corpus: Corpus) -> Iterator[Check]:
    for stance, shares in CUE_SHARES.items():
        texts = [
            text
            for text, stances in zip(corpus.texts, corpus.stances, strict=True)
            if stance in stances
        ]
        for cue, expected in shares.items():
            hits = sum(bool(re.search(cue, text, re.IGNORECASE)) for text in texts)
            share = hits / max(1, len(texts))
            low, high = expected / CUE_FACTOR, expected * CUE_FACTOR
            name = re.sub(r"\\b|\(\?:|\)", "", cue)
            yield Check(
                f"{stance} with {name}",
                f"{share:.1%}",
                f"{low:.1%}-{high:.1%}",
                low <= share <= high,
            )


def _names(corpus: Corpus) -> Check:
    common = features.lowercase_vocabulary(corpus.texts)
    labels = to_indicators(corpus.stances)
    rows = np.column_stack([labels, ~labels.any(axis=1)]).astype(float)
    found: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(corpus.texts):
        for name in {*_NAME.findall(text)} - _NO_NAMES:
            if not common.issuperset(re.split("[ -]", name.lower())):
                found[name].append(row)
    frequent = sorted(found, key=lambda name: -len(found[name]))[:NAMES]
    shares = rows.mean(axis=0)
    leaning = [
        f"{name} {stance} {difference:+.0%} of {len(found[name])}"
        for name in frequent
        for stance, difference in zip(
            (*STANCES, NONE), rows[found[name]].mean(axis=0) - shares, strict=True
        )
        if abs(difference) > NAME_MARGIN
    ]
    return Check(
        f"names that lean to a stance, of the {len(frequent)} most frequent",
        "; ".join(leaning) or "none",
        f"within {NAME_MARGIN:.0%} of the corpus",
        not leaning,
    )
