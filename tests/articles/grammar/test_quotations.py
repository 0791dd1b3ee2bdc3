import time

import pytest

from pipeline.articles.grammar.quotations import find_quotations


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in find_quotations(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'It is shut,' she said. 'We leave.'", ["'It is shut,'", "'We leave.'"]),
        ("She said: 'It won't open.'", ["'It won't open.'"]),
        ("'The workers' hall is shut,' she said.", ["'The workers' hall is shut,'"]),
        ("He had 'no reason to doubt' the dockers' word.", ["'no reason to doubt'"]),
        ("‘The workers’ hall is shut,’ she said.", ["‘The workers’ hall is shut,’"]),
        ("'\"Never\" is a long time,' she said.", ["'\"Never\" is a long time,'"]),
        ("\"They call it 'the pit',\" she said.", ["\"They call it 'the pit',\""]),
        ("The dockers' hall and the owners' hall are shut.", []),
        ("Rock 'n' roll in the '90s, 'til the end.", []),
        ("It's the city's and it isn't ours.", []),
    ],
)
def test_single_marks_are_told_from_apostrophes(text: str, found: list[str]) -> None:
    assert quoted(text) == found


def test_a_quotation_in_single_marks_runs_on_to_the_end_of_its_paragraph() -> None:
    assert quoted("'We waited. Nobody came.") == ["'We waited. Nobody came."]


@pytest.mark.parametrize("unit", ["'a ", "a' ", "‘a ", "s' a ", "'s \" "])
def test_time_grows_with_length(unit: str) -> None:
    def spent(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        find_quotations(text)
        return time.process_time() - start

    spent(1_000)
    assert spent(80_000) < 12 * spent(20_000) + 0.1
