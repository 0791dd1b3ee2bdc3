from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import settings, tune
from pipeline.errors import StanceError
from pipeline.settings import SETTINGS


def test_every_combination_is_tried_best_first(
    small_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "GRID", {"C": (0.01, 10.0), "min_df": (2,)})
    seen: list[tune.Trial] = []
    trials = tune.tune([small_data], tried=seen.append)
    assert [trial.settings.C for trial in seen] == [0.01, 10.0]
    scores = [trial.macro_average_precision for trial in trials]
    assert scores == sorted(scores, reverse=True)


def test_writing_changes_only_the_values(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    before = Path(settings.__file__).read_text(encoding="utf-8")
    file.write_text(before, encoding="utf-8")
    tune.write(replace(SETTINGS, C=7.5, min_df=4, ratio_power=0.25), file)
    after = file.read_text(encoding="utf-8")
    changed = [
        (old, new)
        for old, new in zip(before.splitlines(), after.splitlines(), strict=True)
        if old != new
    ]
    assert [new.strip() for _, new in changed] == [
        "C: float = 7.5",
        "min_df: int = 4",
        "ratio_power: float = 0.25",
    ]
    file.write_text("", encoding="utf-8")
    with pytest.raises(StanceError, match="no line that sets C"):
        tune.write(SETTINGS, file)
