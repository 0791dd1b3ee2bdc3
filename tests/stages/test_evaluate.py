"""The report: what it measures, writes and says, down to files with hardly anything in them."""

import html
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.corpus.corpus import load_corpus
from pipeline.corpus.labels import LabelMapping
from pipeline.corpus.splitting import split_corpus
from pipeline.errors import CorpusError, StanceError
from pipeline.evaluation.baselines import always_none, cue_rules
from pipeline.model.model_card import write_model_card
from pipeline.stages.compare import compare_models
from pipeline.stages.evaluate import Report, evaluate
from pipeline.stages.train import Training, train
from tests.conftest import STATEMENTS


@pytest.fixture(scope="module")
def shipped(training: Training, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on the shipped statements that were held out, beside a copy of the model."""
    folder = tmp_path_factory.mktemp("reported") / "models"
    shutil.copytree(training.model.parent, folder, symlinks=True)
    return evaluate([STATEMENTS], folder)


@pytest.fixture
def small_model(tmp_path: Path, small_data: Path) -> Path:
    """A model trained on the small data."""
    return train([small_data], tmp_path / "models", prior="none").model


class Tags(HTMLParser):
    """Checks that tags close in order, and collects ids and links."""

    void = frozenset({"meta", "br", "img", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: Path) -> Tags:
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    assert tags.open == []
    return tags


def checked(report: Report) -> dict[str, Any]:
    """Read the metrics as strict JSON, and check the page beside them."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    text = report.page.with_name("metrics.json").read_text(encoding="utf-8")
    metrics = json.loads(text, parse_constant=refuse)
    assert metrics == report.metrics
    parsed(report.page)
    page = re.sub(r"<svg.*?</svg>", "", report.page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\b(?:nan|NaN|None|inf)\b", page)
    return dict(metrics)


def write(folder: Path, *lines: str) -> Path:
    file = folder / "mine.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_only_what_was_held_out_is_measured(shipped: Report, training: Training) -> None:
    metrics = checked(shipped)
    assert metrics["statements"] == shipped.figures.statements == training.held_out
    assert shipped.notes == [
        f"{training.statements:,} statements on which the model was trained are left out"
    ]
    assert metrics["systems"][0]["macro"]["f1"]["value"] == pytest.approx(
        shipped.figures.macro_f1, abs=1e-6
    )
    assert metrics["schema_version"] == 2


def test_the_model_beats_what_is_simpler(shipped: Report) -> None:
    systems = {system["name"]: system for system in shipped.metrics["systems"]}
    assert list(systems) == ["this model", "plain words", "cue rules", "always none"]
    f1 = {name: system["macro"]["f1"]["value"] for name, system in systems.items()}
    # plain words know these statements' rates, which are not those of news
    assert f1["this model"] > f1["cue rules"] > f1["always none"] == 0
    for system in systems.values():
        for estimate in (system["macro"]["f1"], system["main_stance_accuracy"]):
            assert estimate["low"] <= estimate["value"] <= estimate["high"]
    kept = [
        row["exact_set_accuracy"]["value"] for row in systems["this model"]["selective_accuracy"]
    ]
    assert kept[-1] > kept[0] + 0.03


def test_slices_of_a_kind_hold_every_statement_once(shipped: Report) -> None:
    sizes: dict[str, int] = {}
    for row in shipped.metrics["slices"]:
        sizes[row["by"]] = sizes.get(row["by"], 0) + row["statements"]
        assert row["too_small"] == (row["statements"] < 30 or row["groups"] < 5)
    assert set(sizes) == {"stances", "cue words", "length", "form", "voice", "region"}
    assert set(sizes.values()) == {shipped.metrics["statements"]}


def test_errors_are_most_confident_first_and_counted(shipped: Report) -> None:
    confusion = shipped.metrics["confusion"]
    assert sum(map(sum, confusion["counts"])) == shipped.metrics["statements"]
    for kind in shipped.metrics["errors"]:
        scores = [one["score"] for one in kind["most_confident"]]
        assert scores == sorted(scores, reverse=kind["kind"] == "false positive")
        assert len(scores) == min(8, kind["count"])
        for one in kind["most_confident"]:
            is_positive = kind["kind"] == "false positive"
            assert (kind["stance"] in one["predicted"]) == is_positive
            assert (kind["stance"] in one["labelled"]) != is_positive


def test_the_page_needs_nothing_else(shipped: Report) -> None:
    tags = parsed(shipped.page)
    policy = [a["content"] for tag, a in tags.all if "http-equiv" in a]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags.all}
    targets = {a["id"] for _, a in tags.all if "id" in a}
    for _, attributes in tags.all:
        for link in (attributes.get("href"), attributes.get("xlink:href")):
            assert link is None or (link[0] == "#" and link[1:] in targets)
    drawings = [a for tag, a in tags.all if tag == "svg"]
    assert len(drawings) == len(shipped.metrics["plots"])
    assert all(drawing["aria-label"] for drawing in drawings)


def test_plots_and_predictions_are_written(shipped: Report) -> None:
    folder = shipped.page.parent
    names = {plot["name"] for plot in shipped.metrics["plots"]}
    assert {file.name for file in (folder / "plots").iterdir()} == {
        f"{name}{ending}" for name in names for ending in (".svg", ".png")
    }
    table = pd.read_parquet(folder / "predictions.parquet")
    assert len(table) == shipped.metrics["statements"]
    right = (table["main"] == table["main_predicted"]).mean()
    assert right == pytest.approx(shipped.figures.main_stance_accuracy)
    hidden = {file.name for file in folder.parent.iterdir() if file.name.startswith(".")}
    assert hidden == {".sets", ".current", ".lock"}


def test_the_card_is_written_from_the_metrics(shipped: Report, training: Training) -> None:
    text = shipped.page.parent.with_name(training.card.name).read_text(encoding="utf-8")
    for number in (
        f"{training.cross_validation.macro_f1:.3f} (",
        f"{shipped.figures.macro_f1:.3f} (",
        f"{shipped.metrics['behaviour']['passed']} of {shipped.metrics['behaviour']['cases']}",
    ):
        assert number in text
    for failure in shipped.metrics["behaviour"]["failures"]:
        assert failure["texts"][0] in text


def test_the_card_tells_nothing_of_another_model(small_model: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "text,stance", "She denied the charge.,deny")
    evaluate([file], small_model)
    assert "The last evaluation" in small_model.with_name("MODEL_CARD.md").read_text()
    metrics = small_model.parent / "evaluation/metrics.json"
    metrics.write_text(metrics.read_text().replace('"sha256": "', '"sha256": "0'))
    assert "The last evaluation" not in write_model_card(small_model).read_text()


def test_other_files_are_measured_whole(small_model: Path, tmp_path: Path) -> None:
    file = write(tmp_path, "text,stance", "She denied the charge.,deny", "Rain fell.,none")
    found = evaluate([file], small_model, tmp_path / "report")
    metrics = checked(found)
    assert (found.figures.statements, found.notes) == (2, [])
    assert found.figures.by_stance["accuse"].recall is None
    assert metrics["systems"][0]["by_stance"]["accuse"]["recall"]["value"] is None
    page = found.page.read_text(encoding="utf-8")
    assert "No statement is labelled accuse" in page
    assert str(file) in page


@pytest.mark.parametrize(
    "lines",
    [
        ["She denied the charge.,deny"],
        ["Rain fell.,none", "Snow fell.,none"],
        ["--,none", "...,deny", "?,accuse"],
    ],
    ids=["one row", "no stances", "equal probabilities"],
)
def test_hardly_anything_is_still_a_report(
    small_model: Path, tmp_path: Path, lines: list[str]
) -> None:
    file = write(tmp_path, "text,stance", *lines)
    metrics = checked(evaluate([file], small_model, tmp_path / "report"))
    assert metrics["statements"] == len(lines)


def test_statements_seen_in_training_are_left_out_of_other_files(
    small_model: Path, small_data: Path, tmp_path: Path
) -> None:
    training_part, _ = split_corpus(load_corpus(small_data))
    file = write(tmp_path, "text,stance", f"{training_part.texts[0].upper()},none", "Hail.,none")
    found = evaluate([file], small_model, tmp_path / "report")
    assert found.figures.statements == 1
    assert found.notes == ["1 statements on which the model was trained are left out"]


def test_moved_training_files_leave_out_plain_words_only(
    small_model: Path, small_data: Path, tmp_path: Path
) -> None:
    held_out = len(split_corpus(load_corpus(small_data))[1])
    moved = small_data.rename(tmp_path / "moved.csv")
    found = evaluate([moved], small_model, tmp_path / "report")
    assert [system["name"] for system in found.metrics["systems"]][1] == "cue rules"
    assert found.figures.statements == held_out
    assert "no plain words" in " ".join(found.notes)


def test_a_file_trained_on_whole_says_so(tmp_path: Path) -> None:
    sentences = {"deny": "denied", "accuse": "accused", "announce": "pledged", "none": "saw"}
    lines = [
        f"They {verb} {'a' * i} it.,{stance},g{i % 2 + 1}"
        for stance, verb in sentences.items()
        for i in range(20)
    ]
    file = write(tmp_path, "text,stance,group", *lines)
    trained = train([file], tmp_path / "models", prior="none")
    assert trained.held_out == 0
    with pytest.raises(CorpusError, match="every statement was trained on"):
        evaluate([file], trained.model)


def test_a_learning_curve_is_kept_while_data_and_model_are_the_same(
    small_model: Path, small_data: Path
) -> None:
    folder = small_model.parent / "evaluation"
    curve = evaluate([small_data], small_model, learning_curve=True).metrics["learning_curve"]
    sizes = [point["statements"] for point in curve["points"]]
    assert sizes == sorted(sizes)
    assert len(sizes) > 2
    assert evaluate([small_data], small_model).metrics["learning_curve"] == curve
    assert (folder / "plots/learning-curve.svg").is_file()
    other = write(folder.parent, "text,stance", "She denied the charge.,deny")
    (folder / "mine.txt").touch()
    assert evaluate([other], small_model).metrics["learning_curve"] is None
    assert not (folder / "plots/learning-curve.svg").exists()
    assert (folder / "mine.txt").exists()


def test_labels_of_another_scheme(small_model: Path, tmp_path: Path) -> None:
    lines = [
        "They accused her of fraud.,ACCUSE",
        "They will meet.,CONSULT",
        "Rain.,",
        "He ran.,112",
    ]
    file = write(tmp_path, "text,label", *lines)
    mapping = LabelMapping.parse(["ACCUSE=accuse", "112=accuse"])
    found = evaluate([file], small_model, tmp_path / "report", mapping=mapping, only=["accuse"])
    metrics = checked(found)
    assert metrics["counts"] == {"accuse": 2, "none": 2}
    assert list(found.figures.by_stance) == ["accuse"]
    assert found.notes == ["labels counted as none: consult (1), (empty) (1)"]


def test_a_mapped_label_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    file = write(tmp_path, "text,label", "They accused her.,ACCUSE")
    with pytest.raises(CorpusError, match=r"no label 'acuse', which --map names; labels there"):
        load_corpus(file, LabelMapping.parse(["ACUSE=accuse"]))


@pytest.mark.parametrize("pair", ["ACCUSE", "=deny", "ACCUSE=denied"])
def test_a_mapping_that_cannot_be_read_says_how(pair: str) -> None:
    with pytest.raises(StanceError, match="write LABEL=STANCE"):
        LabelMapping.parse([pair])


def test_comparing_models(small_model: Path, small_data: Path, tmp_path: Path) -> None:
    rows = small_data.read_text(encoding="utf-8").splitlines()
    fewer = write(tmp_path, *[row for row in rows if ",deny," not in row or row[-1] in "13579"])
    other = train([fewer], tmp_path / "other", prior="none").model
    file = tmp_path / "test.csv"
    file.write_text("text,stance\nThey denied bdfg.,deny\nRain over klmn.,none\n")
    found = compare_models([file], small_model, other)
    assert found.statements == 2
    assert found.differences["accuse_f1"].difference is None
    assert compare_models([file], small_model.parent, small_model).changes == []


def test_baselines_by_hand(tmp_path: Path) -> None:
    scores, thresholds = cue_rules(["He denied it.", "Rain fell."])
    assert scores.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert (scores >= thresholds).tolist() == [[False, True, False], [False] * 3]
    assert not always_none(["He denied it."])[0].any()


def test_a_report_overwrites_nothing_but_a_report(training: Training, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("precious")
    with pytest.raises(StanceError, match=r"report\.html: exists; overwrite it with --force"):
        evaluate([STATEMENTS], training.model, tmp_path)
    (tmp_path / "report.html").unlink()
    (tmp_path / "plots").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StanceError, match=r"plots: a symbolic link, which is not followed"):
        evaluate([STATEMENTS], training.model, tmp_path, force=True)


@pytest.mark.parametrize(("width", "medium"), [(1200, "screen"), (390, "screen"), (718, "print")])
def test_no_table_of_the_report_is_cut_off(
    shipped: Report,
    browser: Any,
    width: int,
    medium: str,
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(media=medium)
    page.goto(shipped.page.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("table").count() > 8
    cut = "all => all.filter(t => t.scrollWidth > t.parentElement.clientWidth + 1).length"
    assert page.locator("table").evaluate_all(cut) == 0
    page.close()


def test_the_report_leads_with_real_news_and_tells_errors_in_words(shipped: Report) -> None:
    page = shipped.page.read_text(encoding="utf-8")
    lead = page.split('<p class="lead">')[1].split("</p>")[0]
    assert "whole news articles" in lead
    assert page.index('<p class="lead">') < page.index('<div class="heads">')
    few = [row for row in shipped.metrics["slices"] if row["too_small"]]
    assert few
    assert page.count('<abbr title="too few">') == len(few)
    assert page.count("fewer than 30 statements") == 1
    term, added, words = next(
        one["terms"][0] for kind in shipped.metrics["errors"] for one in kind["most_confident"]
    )
    assert words in html.unescape(page)
    assert f"{added:+.2f}" in page
    kind, _, rest = term.partition(":")
    assert f"<b>{kind}:</b>{html.escape(rest, quote=False)}" in page.replace("&#34;", '"')
