"""`NewsWeights`: what real news taught, as figures; the sentences stay where they came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import ModelError
from pipeline.files import ROOT, write_atomically
from pipeline.model.context import FEATURES
from pipeline.stances import STANCES

Floats = npt.NDArray[np.float64]

SHIPPED_NEWS = ROOT / "data" / "news" / "weights.parquet"
_FACTS = b"stance-pipeline"


@dataclass(frozen=True)
class NewsWeights:
    """Weights that correct what the shipped statements teach, learned from real news.

    Attributes
    ----------
    terms : tuple of str, length n
        The terms that have a weight, written as `pipeline.model.features.extract_terms` does.
    sentences : ndarray of int, shape (n,)
        In how many sentences of news each stands.
    weights : ndarray of float, shape (3, n)
        What to add to the weight of each term; 0 for terms of too few sentences.
    intercept : ndarray of float, shape (3,)
        What to add to the intercepts.
    share : float
        What the statements' log-odds are multiplied by before that.
    slope, shift : ndarray of float, shape (3,)
        Calibration of the sum, from sentences of documents that it was not learned from.
    thresholds : ndarray of float, shape (3,)
        Least probabilities at which a stance is given, chosen on the same sentences.
    context : ndarray of float, shape (3, 13)
        Weights of `pipeline.model.context.article_features`, for sentences read in their article.
    context_thresholds : ndarray of float, shape (3,)
        Least probabilities there.
    rates : ndarray of float, shape (3,)
        How often news has each stance: the share of the sentences of whole articles.
    facts : dict
        What it was learned from, and how well it did on documents held out.
    """

    terms: tuple[str, ...]
    sentences: Any
    weights: Floats
    intercept: Floats
    share: float
    slope: Floats
    shift: Floats
    thresholds: Floats
    context: Floats
    context_thresholds: Floats
    rates: Floats
    facts: dict[str, Any]

    def save(self, path: str | Path) -> None:
        """Write the weights as Parquet, one row a term, with everything else as its metadata."""
        table = pa.table(
            {
                "term": list(self.terms),
                "sentences": pa.array(self.sentences, pa.int32()),
                **{
                    stance: pa.array(self.weights[k].astype(np.float32), pa.float32())
                    for k, stance in enumerate(STANCES)
                },
            }
        )
        named = {name: value for name, value in asdict(self).items() if name not in _COLUMNS}
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in named.items()}
        content = json.dumps(plain, allow_nan=False).encode()
        with write_atomically(Path(path)) as file:
            pq.write_table(
                table.replace_schema_metadata({_FACTS: content}), file, compression="zstd"
            )

    @classmethod
    def load(cls, path: str | Path = SHIPPED_NEWS) -> NewsWeights:
        """Read weights.

        Parameters
        ----------
        path : path
            What `save` wrote.

        Returns
        -------
        NewsWeights

        Raises
        ------
        pipeline.errors.ModelError
            If the file is missing or damaged.
        """
        try:
            table = pq.read_table(path)
            facts = json.loads(table.schema.metadata[_FACTS])
            weights = np.vstack([table[stance].to_numpy() for stance in STANCES]).astype(float)
            found = cls(
                terms=tuple(table["term"].to_pylist()),
                sentences=table["sentences"].to_numpy(),
                weights=weights,
                share=float(facts["share"]),
                facts=dict(facts["facts"]),
                context=np.array(facts["context"], dtype=float).reshape(3, FEATURES),
                **{name: np.array(facts[name], dtype=float).reshape(3) for name in _BY_STANCE},
            )
        except FileNotFoundError:
            raise ModelError(f"{path}: no such file; write one with: stance correct") from None
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise ModelError(f"{path} holds no weights of news ({error})") from None
        if not all(
            np.isfinite(a).all() for a in (weights, found.intercept, found.slope, found.context)
        ):
            raise ModelError(f"{path} holds weights that are no numbers")
        return found


_COLUMNS = ("terms", "sentences", "weights")
_BY_STANCE = ("intercept", "slope", "shift", "thresholds", "context_thresholds", "rates")


def whole_article_line(facts: dict[str, Any]) -> str:
    """Say how well a model does on whole articles: what the README, card and reports lead with.

    Parameters
    ----------
    facts : dict
        `NewsWeights.facts`, or ``news`` of a manifest.

    Returns
    -------
    str
        One sentence, without its full stop.
    """
    f1 = facts["held_out"]["macro"]["f1"]
    return (
        f"On whole news articles ({facts['article_sentences']:,} sentences of "
        f"{facts['articles']:,} documents held out): macro-F1 {f1['value']:.2f} (95 % interval "
        f"{f1['low']:.2f} to {f1['high']:.2f}); {100 * facts['marks_right']:.0f} % of the marks on "
        "a page are right"
    )
