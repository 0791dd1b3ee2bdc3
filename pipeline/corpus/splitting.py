"""Which statements are held out: whole groups, near-duplicates together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pipeline.corpus.corpus import Corpus, _key
from pipeline.settings import SETTINGS

_ROWS_AT_ONCE = 512


def split_corpus(corpus: Corpus, test_share: float = SETTINGS.test_share) -> tuple[Corpus, Corpus]:
    """Split statements into training and test part, always the same way.

    A statement's side is drawn from a hash of its group, or of its text where it has none, so it
    does not depend on the other statements or their order; except that near-duplicates which fall
    on both sides all go to the training part.

    Parameters
    ----------
    corpus : Corpus
        Statements, with a ``group`` column or without.
    test_share : float
        Expected share of groups in the test part.

    Returns
    -------
    train, test : Corpus
        No near-duplicates stand on both sides.
    """
    in_test = np.array([_draw(group) < test_share for group in corpus.groups], dtype=bool)
    pairs = near_duplicates(corpus.texts, among=np.flatnonzero(in_test))
    size = len(corpus)
    links = sparse.coo_matrix(
        (np.ones(len(pairs)), ([i for i, _, _ in pairs], [j for _, j, _ in pairs])),
        shape=(size, size),
    )
    _, component = sparse.csgraph.connected_components(links, directed=False)
    in_train_too = np.zeros(size, dtype=bool)
    in_train_too[component[~in_test]] = True
    in_test &= ~in_train_too[component]
    return corpus.select(np.flatnonzero(~in_test)), corpus.select(np.flatnonzero(in_test))


def near_duplicates(
    texts: Sequence[str],
    threshold: float = SETTINGS.near_duplicate,
    among: npt.NDArray[np.intp] | None = None,
) -> list[tuple[int, int, float]]:
    """Find pairs of texts that are nearly the same.

    Parameters
    ----------
    texts : sequence of str
        Statements.
    threshold : float
        Similarity above which a pair counts.
    among : ndarray of int, optional
        Look only for pairs with one of these positions, which takes proportionally less time.

    Returns
    -------
    list of (int, int, float)
        Positions of the two, the first smaller, and their Jaccard similarity: shared character
        5-grams over all 5-grams of either, in lowercase with punctuation dropped.

    Examples
    --------
    >>> near_duplicates(["He denied the claim.", "He denied the claim!", "Rain fell."])
    [(0, 1, 1.0)]
    """
    rows = np.arange(len(texts)) if among is None else np.asarray(among)
    if not len(rows):
        return []
    matrix = _five_grams(texts)
    columns = matrix.T.tocsr()
    sizes = np.diff(matrix.indptr)
    found = set()
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        block = rows[start : start + _ROWS_AT_ONCE]
        shared = (matrix[block] @ columns).tocoo()
        left, right = block[shared.row], shared.col
        jaccard = shared.data / (sizes[left] + sizes[right] - shared.data)
        close = (jaccard > threshold) & (left != right)
        found |= {
            (int(min(i, j)), int(max(i, j)), float(value))
            for i, j, value in zip(left[close], right[close], jaccard[close], strict=True)
        }
    return sorted(found)


def _five_grams(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return which character 5-grams each text has, as 0/1 rows."""
    normal = [f" {_key(text)} ".ljust(5).encode("utf-32-le") for text in texts]
    sizes = np.array([len(text) // 4 for text in normal])
    alphabet, characters = np.unique(
        np.frombuffer(b"".join(normal), dtype="<u4"), return_inverse=True
    )
    windows = np.lib.stride_tricks.sliding_window_view(characters.astype(np.uint64), 5)
    grams = windows @ np.uint64(len(alphabet)) ** np.arange(5, dtype=np.uint64)
    ends = np.cumsum(sizes)
    starts = np.concatenate(
        [np.arange(end - size, end - 4) for size, end in zip(sizes, ends, strict=True)]
    )
    _, columns = np.unique(grams[starts], return_inverse=True)
    rows = np.repeat(np.arange(len(texts)), sizes - 4)
    matrix = sparse.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)))
    matrix.data[:] = 1
    return matrix


def _draw(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8]) / 2**64
