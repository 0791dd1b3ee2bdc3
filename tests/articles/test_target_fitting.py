import json
from pathlib import Path

from pipeline.articles.accused.target_ranker import load_weights
from pipeline.articles.target_fitting import fit_targets, read_labelled


def labelled(folder: Path, name: str, who: str, whom: str) -> Path:
    """Write an article in which one party accuses another, with its labels."""
    text = f"{who} accused {whom} of hiding a spill in {name}."
    (folder / f"{name}.txt").write_text(f"{text} Nobody was hurt.\n")
    path = folder / f"{name}.json"
    statement = {"text": text, "stances": ["accuse"], "accused": whom}
    path.write_text(json.dumps({"statements": [statement]}))
    return path


def test_weights_are_fitted_to_labelled_articles(tmp_path: Path) -> None:
    pairs = [("Bergen", "Oslo", "Rome"), ("Narvik", "Kiel", "Bonn"), ("Tromso", "Riga", "Lima")]
    paths = [labelled(tmp_path, *pair) for pair in pairs]
    example = read_labelled(paths[0])[0]
    assert example.accused == ("Rome",)
    assert {"Oslo", "Rome"} <= {one.name for one in example.accusation.candidates}
    into = tmp_path / "weights.json"
    weights = fit_targets(paths, into)
    assert load_weights(into) == weights
    assert weights.alone["object of blame"] > 0 > weights.alone["speaker"]
