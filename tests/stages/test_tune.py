from pathlib import Path

import pytest

from pipeline.settings import SETTINGS
from pipeline.stages.tune import GRID, Trial, tune


def test_every_combination_is_tried_best_first(
    small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.stages.tune.GRID", {"C": (0.01, 10.0), "min_df": (2,)})
    seen: list[Trial] = []
    trials = tune([small_data], tried=seen.append)
    assert [trial.settings.C for trial in seen] == [0.01, 10.0]
    scores = [trial.macro_average_precision for trial in trials]
    assert scores == sorted(scores, reverse=True)


def test_the_settings_of_today_are_in_the_grid() -> None:
    for name, values in GRID.items():
        assert getattr(SETTINGS, name) in values
