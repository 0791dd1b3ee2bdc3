"""How well stances are found in whole labelled articles, each sentence beside its neighbours."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import ScoredStatements, compute_metrics
from pipeline.inference.predict import predict
from pipeline.inference.predictor import Predictor
from pipeline.stances import STANCES

_DOCUMENT = ("doc", "article")
_PLACE = "number"


def article_f1(predictor: Predictor, labelled: dict[str, Corpus]) -> dict[str, float]:
    """Return the macro-F1 of reading articles, of the files that say which sentences are one.

    Parameters
    ----------
    predictor : Predictor
        The model.
    labelled : dict of str to Corpus
        By name; those with a column ``doc`` or ``article`` and one ``number`` hold articles.

    Returns
    -------
    dict of str to float
    """
    found = {}
    for name, part in labelled.items():
        columns = part.statements.column_names
        document = next((each for each in _DOCUMENT if each in columns), None)
        if document is not None and _PLACE in columns:
            f1 = compute_metrics(_scored(predictor, part, document)).macro_f1
            found |= {} if f1 is None else {name: f1}
    return found


def _scored(predictor: Predictor, part: Corpus, document: str) -> ScoredStatements:
    documents = [str(each) for each in part.statements[document][:]]
    places = [int(each) for each in part.statements[_PLACE][:]]
    texts = part.texts
    order = sorted(range(len(texts)), key=lambda i: (documents[i], places[i]))
    scores = np.empty((len(texts), len(STANCES)))
    for _, together in groupby(order, key=documents.__getitem__):
        rows = [*together]
        read = predict([texts[i] for i in rows], predictor, in_article=True)
        scores[rows] = [[one.scores[stance] for stance in STANCES] for one in read]
    thresholds = predictor.arrays.context_thresholds
    return ScoredStatements.of(part.stances, scores, thresholds)
