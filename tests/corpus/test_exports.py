import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.corpus.corpus import Corpus, load_corpus
from pipeline.corpus.labels import LabelMapping
from pipeline.errors import CorpusError

TEXT = "Ankara rejects the report as fiction."


def load(
    tmp_path: Path, *records: object, mapped: tuple[str, ...] = (), name: str = "a.json"
) -> Corpus:
    (tmp_path / name).write_text(json.dumps([*records]))
    return load_corpus(tmp_path / name, LabelMapping.parse(mapped) if mapped else None)


def labelled(tmp_path: Path, *records: object, mapped: tuple[str, ...] = ()) -> dict[str, Any]:
    found = load(tmp_path, *records, mapped=mapped)
    return dict(zip(found.texts, found.stances, strict=True))


def refusals(tmp_path: Path, *records: object) -> list[str]:
    with pytest.raises(CorpusError) as caught:
        load(tmp_path, *records)
    return [str(problem) for problem in caught.value.problems]


def task(*annotations: object, text: str = TEXT, **others: object) -> dict[str, object]:
    return {"data": {"text": text}, "annotations": [*annotations], **others}


def result(kind: str, **value: object) -> dict[str, object]:
    return {"result": [{"type": kind, "value": value, "from_name": "s", "to_name": "t"}]}


CHOSEN = result("choices", choices=["deny"])
OTHER = result("choices", choices=["accuse"])


@pytest.mark.parametrize(
    "annotation",
    [
        CHOSEN,
        result("taxonomy", taxonomy=[["Verbal conflict", "deny"]]),
        result("labels", labels=["deny"], start=0, end=len(TEXT), text=TEXT),
        {"result": [*result("textarea", text=["sure"])["result"], *CHOSEN["result"]]},  # type: ignore[misc]
        {"result": [*CHOSEN["result"], *result("rating", rating=4)["result"]]},  # type: ignore[misc]
    ],
)
def test_label_studio_results_of_whole_texts_are_read(
    tmp_path: Path, annotation: dict[str, object]
) -> None:
    assert labelled(tmp_path, task(annotation)) == {TEXT: ("deny",)}


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (result("labels", labels=["deny"], start=0, end=6, text="Ankara"), "labels"),
        (result("choices", choices=["deny"], start=0, end=6, text="Ankara"), "choices"),
        (result("textarea", text=["deny"]), "textarea"),
        (result("rating", rating=3), "rating"),
        (result("pairwise", selected="left"), "pairwise"),
        (result("choices", choices="deny"), "choices"),
        ({"result": [{"type": "relation", "from_id": "a", "to_id": "b"}]}, "relation"),
    ],
)
def test_other_label_studio_results_are_refused_by_name(
    tmp_path: Path, annotation: dict[str, object], kind: str
) -> None:
    (found,) = refusals(tmp_path, task(annotation))
    assert f"a.json:1: a Label Studio result of type {kind}; use Choices" in found


def test_skipped_tasks_are_left_out_and_counted(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        task(CHOSEN),
        task({"was_cancelled": True, "result": []}, text="It snowed."),
        {"data": {"text": "It thawed."}, "completions": [{"skipped": True, "result": []}]},
        task({"was_cancelled": True, **OTHER}, CHOSEN, text="Never, says Riga."),
        task({"result": []}, text="The lake froze."),
    )
    assert dict(zip(found.texts, found.stances, strict=True)) == {
        TEXT: ("deny",),
        "Never, says Riga.": ("deny",),
        "The lake froze.": (),
    }
    assert found.notes == [
        "2 left out: skipped in Label Studio",
        "1 submitted in Label Studio without a label count as none",
    ]


def test_the_majority_of_annotators_counts(tmp_path: Path) -> None:
    both = result("choices", choices=["deny", "accuse"])
    found = load(
        tmp_path,
        task(CHOSEN, both, both),
        task(OTHER, OTHER, text="Riga blames Minsk."),
        task(OTHER, {**CHOSEN, "ground_truth": True}, text="Never, says Riga."),
    )
    assert found.stances == [("deny", "accuse"), ("accuse",), ("deny",)]
    assert found.notes == [
        "2 texts with several annotators: on 1 all agree, of the other 1 the majority is taken"
    ]
    (problem,) = refusals(tmp_path, task(CHOSEN, OTHER))
    assert "2 annotations disagree on accuse, deny, with no majority" in problem


def test_rows_of_several_annotators_are_one_text(tmp_path: Path) -> None:
    rows = [
        {"text": TEXT, "choice": choice, "annotator": who}
        for who, choice in enumerate(("deny", "deny", "accuse"), start=1)
    ]
    found = load(tmp_path, *rows, {"text": "It snowed.", "choice": "none", "annotator": 1})
    assert found.stances == [("deny",), ()]
    assert found.notes[0].startswith("1 texts with several annotators: on 0 all agree")
    rows[1]["annotator"] = 1  # who says it twice is one annotator still
    with pytest.raises(CorpusError, match="disagree on accuse, deny"):
        load(tmp_path, *rows)
    del rows[2]["annotator"]
    with pytest.raises(CorpusError, match="but the same text is deny"):
        load(tmp_path, *rows[1:])


def answer(text: str, label: str, given: str, **others: object) -> dict[str, object]:
    return {"text": text, "label": label, "answer": given, "_view_id": "classification", **others}


def test_prodigy_answers(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        answer(TEXT, "accuse", "reject"),
        answer(TEXT, "deny", "accept"),
        answer("It snowed.", "deny", "ignore"),
        answer("A bridge opened.", "accuse", "reject"),
        {"text": "Riga blames Minsk.", "accept": ["accuse"], "answer": "accept"},
        {"text": "Riga shrugs.", "accept": [], "answer": "accept", "options": []},
        {"text": "Riga sighs.", "accept": ["deny"], "answer": "reject"},
    )
    assert dict(zip(found.texts, found.stances, strict=True)) == {
        TEXT: ("deny",),
        "A bridge opened.": (),
        "Riga blames Minsk.": ("accuse",),
        "Riga shrugs.": (),
    }
    assert found.notes == [
        "1 left out: ignore in Prodigy",
        "1 left out: reject in Prodigy",
        "1 rejected in Prodigy for 'accuse' count as none",
    ]


def test_prodigy_sessions_are_annotators(tmp_path: Path) -> None:
    rows = [
        answer(TEXT, "deny", given, _session_id=f"s{number}")
        for number, given in enumerate(("accept", "reject", "accept"))
    ]
    assert labelled(tmp_path, *rows) == {TEXT: ("deny",)}
    with pytest.raises(CorpusError, match="disagree on deny"):
        load(tmp_path, *rows[:2])


def test_a_column_named_answer_is_not_prodigy(tmp_path: Path) -> None:
    assert labelled(tmp_path, {"text": TEXT, "label": "deny", "answer": "maybe"}) == {
        TEXT: ("deny",)
    }


def test_spacy_cats(tmp_path: Path) -> None:
    cats = {"accuse": False, "deny": 1.0, "announce": 0}
    assert labelled(tmp_path, {"text": TEXT, "cats": cats}) == {TEXT: ("deny",)}
    named = {"text": TEXT, "cats": {"DEN": 1, "ACC": 0}}
    assert labelled(tmp_path, named, mapped=("DEN=deny",)) == {TEXT: ("deny",)}
    (score,) = refusals(tmp_path, {"text": TEXT, "cats": {"deny": 0.7}})
    assert "'cats' has 0.7 for 'deny'; write 0 or 1" in score
    (old,) = refusals(tmp_path, {"id": 0, "paragraphs": [{"raw": TEXT, "cats": []}]})
    assert "spaCy's training format of version 2" in old


@pytest.mark.parametrize(
    "record",
    [
        {"text": TEXT, "label.responses": ["deny"], "label.responses.status": ["submitted"]},
        {"text": TEXT, "stance.responses": [["deny"], None], "stance.responses.users": ["a", "b"],
         "stance.responses.status": ["submitted", "discarded"]},
        {"fields": {"text": TEXT}, "responses": {"label": [{"value": "deny", "user_id": "a"}]}},
        {"fields": {"text": TEXT}, "responses": [
            {"status": "discarded", "values": {"label": {"value": "accuse"}}},
            {"status": "submitted", "values": {"label": {"value": ["deny"]}}}]},
        {"text": TEXT, "annotation": "deny", "prediction": "accuse", "status": "Validated"},
    ],
)  # fmt: skip
def test_argilla_records(tmp_path: Path, record: dict[str, object]) -> None:
    assert labelled(tmp_path, record) == {TEXT: ("deny",)}


def test_argilla_records_that_are_not_done_are_left_out(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        {"text": TEXT, "stances": "deny"},
        {"text": "a", "annotation": None, "status": "Default"},
        {"text": "b", "label.responses": ["deny"], "label.responses.status": ["discarded"]},
        {"fields": {"text": "c"}, "responses": {"label": []}},
    )
    assert found.texts == [TEXT]
    assert found.notes == [
        "1 left out: default in Argilla",
        "2 left out: not submitted in Argilla",
    ]
    record = {"fields": {"text": TEXT}, "responses": {"a": [], "b": []}}
    assert "several questions or none ('a', 'b')" in refusals(tmp_path, record)[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{\n"%TYPES": {},\n"%FEATURE_STRUCTURES": []\n}'),
        ("a.json", '{"_context": {}, "_views": {}}'),
        ("a.tsv", "#FORMAT=WebAnno TSV 3.3\n\n#Text=No.\n1-1\t0-2\tNo\t_\n"),
    ],
)
def test_inception_is_refused_by_name(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(CorpusError, match=rf"^1 problem.*\n.*{name}:1: an INCEpTION export"):
        load_corpus(tmp_path / name)


@pytest.mark.parametrize("label", [[[0, 4, "deny"]], [{"start": 0, "end": 4, "labels": ["deny"]}]])
def test_labels_of_parts_are_refused(tmp_path: Path, label: list[object]) -> None:
    (found,) = refusals(tmp_path, {"text": TEXT, "label": label})
    assert "as of a part of the text; label whole statements" in found


def test_doccano_joins_labels_by_a_number_sign(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id,text,label\n1,{TEXT},deny#accuse\n2,It snowed.,\n")
    assert load_corpus(tmp_path / "a.csv").stances == [("deny", "accuse"), ()]


@pytest.mark.parametrize(
    "record",
    [
        {"text": 1, "answer": "accept", "label": None},
        {"answer": "accept", "accept": 7},
        {"text": TEXT, "cats": {}},
        {"text": TEXT, "cats": {"deny": "1"}},
        {"data": {}, "annotations": [{"result": [{"value": {"taxonomy": [[], 3]}}]}]},
        {"data": {"text": None}, "annotations": [{"result": [{"value": {"labels": [None]}}]}]},
        {"fields": [], "responses": []},
        {"fields": {}, "responses": [{"values": 3, "status": []}]},
        {"x.responses": 5, "x.responses.status": {}},
        {"annotation": {}, "status": "Validated"},
        {"text": [TEXT], "annotator": 1, "label": "deny"},
    ],
)
def test_odd_records_are_told(tmp_path: Path, record: dict[str, object]) -> None:
    with pytest.raises(CorpusError):
        load(tmp_path, record)
