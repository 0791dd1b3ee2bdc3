"""Audit of a corpus: what is wrong with its labels, and how it compares with news."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.corpus.corpus import Corpus
from pipeline.corpus.splitting import near_duplicates
from pipeline.model import features
from pipeline.settings import SETTINGS
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
SEQUENCE_WORDS = 6
NAMES = 50
NAME_MARGIN = 0.10
FEWEST_OF_NAME = 10
LONG_WORDS, SHORT_WORDS = 35, 10
SAME_TEXT = 0.9
SHOWN = 5
COUNTED_COLUMNS = ("form", "region", "voice")
_NO_NAMES = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May
    June July August September October November December Christmas Easter Ramadan Mr Mrs Ms Dr
    """.split()  # noqa: SIM905
)
_NAME = re.compile(r"\b[A-Z][^\W\d_]+(?:[ -][A-Z][^\W\d_]+)*")


@dataclass(frozen=True)
class Audit:
    """The outcome of an audit.

    Attributes
    ----------
    problems : list of str
        What is wrong whatever the statements are about, and where.
    figures : dict of str to str
        What the statements are like; nothing here is right or wrong by itself.
    cues : list of CueShare
        How often telling words are used, beside news.
    counts : dict of str to dict of str to int
        Statements by stance, and by each of the columns form, region and voice that are there.
    """

    problems: list[str]
    figures: dict[str, str]
    cues: list[CueShare]
    counts: dict[str, dict[str, int]]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class CueShare:
    """How many statements of a stance use a word.

    Attributes
    ----------
    stance : str
        One of `STANCES`.
    cue : str
        The word, or how it begins.
    share, in_news : float
        Share of the statements of the stance that have it: here, and in news.
    """

    stance: str
    cue: str
    share: float
    in_news: float


def audit_corpus(corpus: Corpus) -> Audit:
    """Audit a corpus.

    Parameters
    ----------
    corpus : Corpus
        Labelled statements; what is wrong with a line is found when they are loaded.

    Returns
    -------
    Audit
    """
    pairs = near_duplicates(corpus.texts)
    words = word_counts(corpus)
    sequence, repeated = most_repeated_sequence(corpus)
    counts = {"stance": corpus.counts()}
    for column in COUNTED_COLUMNS:
        if column in corpus.statements.column_names:
            counted = Counter(str(value) for value in corpus.statements[column][:])
            counts[column] = dict(counted.most_common())
    return Audit(
        problems=[*_contradictions(corpus, pairs), *_too_few(corpus)],
        figures={
            "statements": f"{len(corpus):,}",
            "groups": f"{len(set(corpus.groups)):,}",
            "near-duplicates": f"{near_duplicate_share(corpus, pairs):.2%}",
            "median length in words": f"{np.median(words):g}",
            f"of {LONG_WORDS} words or more": f"{(words >= LONG_WORDS).mean():.1%}",
            f"under {SHORT_WORDS} words": f"{(words < SHORT_WORDS).mean():.1%}",
            f"most with one {SEQUENCE_WORDS}-word sequence": f"{repeated} ({sequence})",
            "frequent names that lean to a stance": "; ".join(leaning_names(corpus)) or "none",
        },
        cues=cue_shares(corpus),
        counts=counts,
    )


Pairs = Sequence[tuple[int, int, float]]


def _contradictions(corpus: Corpus, pairs: Pairs) -> Iterator[str]:
    """Yield pairs of statements that say the same, come from two groups, and differ in labels."""
    origins, groups = corpus.statements["origin"][:], corpus.groups
    for i, j, similarity in pairs:
        labels = [sorted(corpus.stances[row]) for row in (i, j)]
        if similarity >= SAME_TEXT and groups[i] != groups[j] and labels[0] != labels[1]:
            one, other = (", ".join(names) or NONE for names in labels)
            yield (
                f"{origins[i]} and {origins[j]} say the same, but are labelled {one} and {other}; "
                "correct one, or give them one group"
            )


def _too_few(corpus: Corpus) -> Iterator[str]:
    counts = corpus.counts()
    for stance in (*STANCES, NONE):
        if 0 < counts[stance] < SETTINGS.least_statements:
            yield (
                f"only {counts[stance]} statements are {stance}: training needs at least "
                f"{SETTINGS.least_statements}"
            )


def near_duplicate_share(corpus: Corpus, pairs: Pairs | None = None) -> float:
    """Return the share of statements that nearly repeat an earlier one."""
    found = near_duplicates(corpus.texts) if pairs is None else pairs
    return len({j for _, j, _ in found}) / len(corpus)


def word_counts(corpus: Corpus) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the length of each statement in words."""
    return np.array([len(text.split()) for text in corpus.texts])


def most_repeated_sequence(corpus: Corpus) -> tuple[str, int]:
    """Find the sequence of `SEQUENCE_WORDS` words in most statements, and count these.

    Names and numbers count as one word each.
    """
    common = features.lowercase_vocabulary(corpus.texts)
    seen: Counter[str] = Counter()
    for text in corpus.texts:
        tokens = [t for t in features.tokenize(text, common) if t[0].isalpha() or t[0] == "<"]
        last = len(tokens) - SEQUENCE_WORDS
        seen.update({" ".join(tokens[i : i + SEQUENCE_WORDS]) for i in range(last + 1)})
    return max(seen.items(), key=lambda item: (item[1], item[0]), default=("", 0))


def cue_shares(corpus: Corpus) -> list[CueShare]:
    """Measure how many statements of each stance use the words of `CUE_SHARES`."""
    found = []
    for stance, shares in CUE_SHARES.items():
        rows = zip(corpus.texts, corpus.stances, strict=True)
        texts = [text for text, stances in rows if stance in stances]
        for cue, in_news in shares.items():
            hits = sum(bool(re.search(cue, text, re.IGNORECASE)) for text in texts)
            name = re.sub(r"\\b|\(\?:|\)", "", cue)
            found.append(CueShare(stance, name, hits / max(1, len(texts)), in_news))
    return found


def leaning_names(corpus: Corpus) -> list[str]:
    """List the frequent names whose statements have a stance more, or less, often than others.

    Only those of the `NAMES` most frequent that stand in `FEWEST_OF_NAME` statements or more, and
    whose share of a stance is more than `NAME_MARGIN` from that of the corpus.
    """
    found = _statements_by_name(corpus.texts)
    labels = to_indicators(corpus.stances)
    rows = np.column_stack([labels, ~labels.any(axis=1)]).astype(float)
    shares = rows.mean(axis=0)
    frequent = sorted(found, key=lambda name: -len(found[name]))[:NAMES]
    return [
        f"{name} {stance} {difference:+.0%} of {len(found[name])}"
        for name in frequent
        if len(found[name]) >= FEWEST_OF_NAME
        for stance, difference in zip(
            (*STANCES, NONE), rows[found[name]].mean(axis=0) - shares, strict=True
        )
        if abs(difference) > NAME_MARGIN
    ]


def _statements_by_name(texts: Sequence[str]) -> dict[str, list[int]]:
    common = features.lowercase_vocabulary(texts)
    found: dict[str, list[int]] = defaultdict(list)
    for row, text in enumerate(texts):
        for name in {*_NAME.findall(text)} - _NO_NAMES:
            if not common.issuperset(re.split("[ -]", name.lower())):
                found[name].append(row)
    return found
