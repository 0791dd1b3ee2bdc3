"""What a model has to beat: always none, cue rules, plain words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import Floats, best_f1_threshold
from pipeline.settings import SETTINGS
from pipeline.stances import STANCES, to_indicators

Baseline = tuple[Floats, Floats]
_HALF = np.full(len(STANCES), 0.5)
_C = 10.0
_FOLDS = 3
_CUES = {
    "accuse": re.compile(
        r"\b(?:accus\w+|alleg\w+|blam(?:e|es|ed|ing)|denounc\w+|condemn\w+|indict\w+|slam(?:s|med)?"
        r"|sue[sd]?|suing|(?:is|are|was|were|been) charged|charged with|on charges"
        r"|face[sd]? charges|lied|violat\w+|guilty of|responsible for)\b",
        re.IGNORECASE,
    ),
    "deny": re.compile(
        r"\b(?:den(?:y|ies|ied|ying|ials?)|refut\w+|disput(?:e|es|ed|ing)|not guilty|baseless"
        r"|unfounded|untrue|fabricat\w+|nothing to do with|no truth"
        r"|(?:reject|dismiss)\w* (?:\S+ ){0,4}(?:alleg|accus|claim|charge|report|suggest)\w*)",
        re.IGNORECASE,
    ),
    "announce": re.compile(
        r"\b(?:announc\w+|unveil\w*|pledg\w+|vow(?:s|ed)?|promis\w+|plans? to|agreed to"
        r"|decided to|declar(?:es?|ed)|(?:said|says) (?:\S+ ){0,3}(?:will|would|had)"
        r"|will (?!not be|be hard|probably))\b",
        re.IGNORECASE,
    ),
}


def cue_stances(text: str) -> list[str]:
    """Return the stances of which a sentence has a cue word: the rules one writes in an hour.

    Examples
    --------
    >>> cue_stances("The firm denied it and announced a review.")
    ['deny', 'announce']
    >>> cue_stances("The court rejected the motion.")
    []
    """
    return [stance for stance, cue in _CUES.items() if cue.search(text)]


def always_none(texts: Sequence[str]) -> Baseline:
    """Score as if no sentence had a stance.

    Returns
    -------
    scores : ndarray of float, shape (n_texts, 3)
    thresholds : ndarray of float, shape (3,)
    """
    return np.zeros((len(texts), len(STANCES))), _HALF


def cue_rules(texts: Sequence[str]) -> Baseline:
    """Score 1 where a sentence has a cue word of the stance, else 0.

    Returns
    -------
    scores : ndarray of float, shape (n_texts, 3)
    thresholds : ndarray of float, shape (3,)
    """
    return to_indicators(map(cue_stances, texts)).astype(float), _HALF


def plain_words(trained_on: Corpus, texts: Sequence[str]) -> Baseline:
    """Score with TF-IDF of the plain words and word pairs, and logistic regression.

    Parameters
    ----------
    trained_on : Corpus
        Statements to learn from; thresholds for the best F1 are chosen on folds of their groups.
    texts : sequence of str
        What to score.

    Returns
    -------
    scores : ndarray of float, shape (n_texts, 3)
    thresholds : ndarray of float, shape (3,)
    """
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    known = words.fit_transform(trained_on.texts)
    asked = words.transform(texts)
    labels = to_indicators(trained_on.stances)
    _, groups = np.unique(trained_on.groups, return_inverse=True)
    folds = list(GroupKFold(_FOLDS).split(labels, groups=groups))
    scores, thresholds = np.empty((len(texts), len(STANCES))), np.empty(len(STANCES))
    for k, column in enumerate(labels.T):
        learner = LogisticRegression(
            C=_C, solver="liblinear", dual=True, random_state=SETTINGS.seed
        )
        folded = cross_val_predict(learner, known, column, cv=folds, method="predict_proba")
        thresholds[k] = best_f1_threshold(column, folded[:, 1])
        scores[:, k] = learner.fit(known, column).predict_proba(asked)[:, 1]
    return scores, thresholds
