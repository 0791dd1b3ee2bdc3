import pytest

from pipeline.corpus.labels import LabelMapping, parse_stances


@pytest.mark.parametrize(
    ("pairs", "cell", "expected"),
    [
        (["0=deny", "1=accuse"], 0, ["deny"]),
        (["0=deny", "1=accuse"], 1.0, ["accuse"]),
        (["0=deny", "1=accuse"], "0.0", ["deny"]),
        (["false=deny", "true=accuse"], False, ["deny"]),
        (["false=deny", "true=accuse"], "TRUE", ["accuse"]),
        (["-1=deny"], -1, ["deny"]),
        (["0=deny"], None, []),
        (["0=deny"], float("nan"), []),
        (["0=deny"], "", []),
        # labels that hold commas, and lists of labels
        (["Blame, in general=accuse", "Rebuff=deny"], "Blame, in general", ["accuse"]),
        (["Blame, in general=accuse", "Rebuff=deny"], "Rebuff; Blame, in general",
         ["deny", "accuse"]),
        (["Blame=accuse"], "Blame, in general", []),
        (["Blame=accuse"], "MEET,BLAME", ["accuse"]),
        (["Blame at home=accuse", "Rebuff=deny"], "rebuff, blame at home", ["deny", "accuse"]),
        (["Blame, in general=accuse"], ["Blame, in general"], ["accuse"]),
        (["a=b=deny"], "A=B", ["deny"]),
        # JSON
        (["B=accuse"], '["B", "x"]', ["accuse"]),
        (["B=accuse"], '{"choices": ["x", "B"]}', ["accuse"]),
        (["B=accuse"], {"choices": ["B"]}, ["accuse"]),
        (["[b=accuse"], "[B", ["accuse"]),
        # not named
        (["B=accuse"], "deny", []),
        (["B=accuse", "deny=none"], "deny", []),
    ],
)  # fmt: skip
def test_labels_of_another_scheme(pairs: list[str], cell: object, expected: list[str]) -> None:
    assert LabelMapping.parse(pairs).stances(cell) == expected


def test_what_a_label_with_a_comma_counts_as_is_told_whole() -> None:
    mapping = LabelMapping.parse(["Blame=accuse"])
    mapping.stances("Blame, in general")
    assert mapping.seen == {"blame, in general": 1}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("accuse#deny", ["accuse", "deny"]),
        ("Deny | accuse", ["deny", "accuse"]),
        ('{"choices": ["deny"]}', ["deny"]),
        (["none"], []),
    ],
)
def test_our_labels(cell: object, expected: list[str]) -> None:
    assert parse_stances(cell) == expected


@pytest.mark.parametrize(
    "cell", ["[deny", "{'choices': 1}", 0, True, {"deny": 1}, [["deny"]], "x#"]
)
def test_what_is_no_label_of_ours(cell: object) -> None:
    with pytest.raises(ValueError, match=r"stance") as caught:
        parse_stances(cell)
    assert len(caught.value.args) == 2
