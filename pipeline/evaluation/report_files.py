"""The files of a report: metrics, predictions, plots and page, replaced together."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.corpus.corpus import Corpus
from pipeline.evaluation.metrics import ScoredStatements, main_names
from pipeline.files import check_free

METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.parquet"
PAGE_FILE = "report.html"
PLOTS_FOLDER = "plots"


def earlier_metrics(folder: Path) -> dict[str, Any]:
    """Load the metrics of the report in a folder; empty where there is none."""
    try:
        found = json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def predictions_frame(statements: Corpus, scored: ScoredStatements) -> Any:
    """Return a data frame with the labels and scores of each statement, one row a statement."""
    names = np.array(main_names(scored))
    table = statements.statements.to_pandas()[["origin", "text"]]
    return table.assign(
        group=statements.groups,
        main=names[scored.main],
        stances=[list(names[:-1][row]) for row in scored.truth],
        main_predicted=names[scored.predicted_main],
        stances_predicted=[list(names[:-1][row]) for row in scored.predicted],
        **{name: scored.scores[:, k] for k, name in enumerate(scored.names)},
    )


def check_ours(folder: Path, *, force: bool) -> None:
    """Check that a report into a folder overwrites nothing but an earlier one."""
    is_earlier = "schema_version" in earlier_metrics(folder)
    for name in (METRICS_FILE, PREDICTIONS_FILE, PAGE_FILE, PLOTS_FOLDER):
        check_free(folder / name, force=force or is_earlier)


def swap_in(aside: Path, folder: Path) -> None:
    """Move a report's files into place, the metrics last, and delete plots it no longer has."""
    earlier = earlier_metrics(folder).get("plots", [])
    (folder / PLOTS_FOLDER).mkdir(parents=True, exist_ok=True)
    files = [file.relative_to(aside) for file in aside.rglob("*") if file.is_file()]
    for file in sorted(files, key=lambda file: file.name == METRICS_FILE):
        (aside / file).replace(folder / file)
    for plot in earlier:
        for ending in (".svg", ".png"):
            name = Path(PLOTS_FOLDER, Path(plot["name"]).name + ending)
            if name not in files:
                (folder / name).unlink(missing_ok=True)


def finite(value: Any) -> Any:
    """Return a value ready for JSON: plain numbers, and None for those that are not finite.

    Examples
    --------
    >>> finite({"a": np.float64("nan"), "b": (np.int64(1), np.float64(0.5))})
    {'a': None, 'b': [1, 0.5]}
    """
    if isinstance(value, dict):
        return {str(key): finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        return round(plain, 6) if math.isfinite(plain) else None
    return plain
