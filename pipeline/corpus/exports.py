"""What annotation tools export: the labels of each annotator, and what is left out or refused.

Read are Label Studio, doccano, Prodigy, Argilla and spaCy's ``cats``; refused by name are labels of
parts of a text, and what holds no labels of whole texts (INCEpTION, spaCy's old training format).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pipeline.corpus.annotators import ANNOTATORS, Entry, Findings
from pipeline.corpus.labels import Record, shown_value

_WHOLE = "label whole statements, not parts of them"


def read_exports(
    entries: Iterable[Entry],
    findings: Findings,
    refuse: Callable[[int, str, str], None],
) -> Iterator[Entry]:
    """Take the labels out of what tools export; other records pass as they are.

    Parameters
    ----------
    entries : iterable of Entry
        Records as they stand in the file.
    findings : Findings
        What is left out is added here.
    refuse : callable
        Called with line, what is wrong and what to do.

    Yields
    ------
    Entry
        One for each text that has labels.
    """
    answers: list[Entry] = []
    for entry in entries:
        try:
            if _is_prodigy(entry.record):
                answers.append(entry)
                continue
            reader = next((read for fits, read in _TOOLS if fits(entry.record)), None)
            if reader is None:
                yield entry
            else:
                yield reader(entry, findings)
        except _LeftOutError as error:
            findings.left_out[str(error)] += 1
        except ValueError as error:
            refuse(entry.line, *error.args)
    yield from _prodigy(answers, findings)


class _LeftOutError(Exception):
    """A text that is left out, and why."""


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[Record]:
    return [each for each in _listed(value) if isinstance(each, dict)]


def _label_studio(entry: Entry, findings: Findings) -> Entry:
    task = entry.record
    given = _dicts(task.get("annotations") or task.get("completions"))
    done = [each for each in given if not (each.get("was_cancelled") or each.get("skipped"))]
    if not given:
        raise ValueError("a Label Studio task without annotation", "label or delete it")
    if not done:
        raise _LeftOutError("skipped in Label Studio")
    done = [each for each in done if each.get("ground_truth")] or done
    text = task["data"].get("text")
    labels = [_label_studio_labels(each, text) for each in done]
    if not any(_listed(each.get("result")) for each in done):
        findings.counted["submitted in Label Studio without a label count as none"] += 1
    return Entry(entry.line, task["data"], labels)


def _label_studio_labels(annotation: Record, text: object) -> list[Any]:
    chosen: list[Any] = []
    others: dict[str, None] = {}
    for result in _dicts(annotation.get("result")):
        value = result.get("value")
        labels = _whole_labels(value, text) if isinstance(value, dict) else None
        if labels is None:
            others[str(result.get("type"))] = None
        else:
            chosen += labels
    if others and not chosen:
        what = f"a Label Studio result of type {', '.join(others)}"
        raise ValueError(what, f"use Choices or Taxonomy; {_WHOLE}")
    return chosen


def _whole_labels(value: Record, text: object) -> list[Any] | None:
    """Return the labels of a result, unless they are of a part of the text or of another kind."""
    covered = [value.get("start", 0), value.get("end", len(str(text)))]
    if covered != [0, len(str(text))]:
        return None
    kind = next((key for key in ("choices", "labels", "taxonomy") if key in value), None)
    labels = value[kind] if kind else None
    if not isinstance(labels, list):
        return None
    return [path[-1] for path in labels if _listed(path)] if kind == "taxonomy" else labels


def _is_prodigy(record: Record) -> bool:
    named = record.get("answer") in ("accept", "reject", "ignore")
    return named and any(key in record for key in ("label", "accept", "spans", "_view_id"))


def _prodigy(entries: Iterable[Entry], findings: Findings) -> Iterator[Entry]:
    """Put the answers of each annotator to a text together."""
    given: dict[tuple[str, str], Entry] = {}
    rejected: dict[tuple[str, str], str] = {}
    for entry in entries:
        record = entry.record
        who = next((str(record[key]) for key in ANNOTATORS if record.get(key)), "")
        key = (str(record.get("text")), who)
        answer, whole = record["answer"], "accept" in record
        if answer == "ignore" or (answer == "reject" and whole):
            findings.left_out[f"{answer} in Prodigy"] += 1
            continue
        kept = given.setdefault(key, Entry(entry.line, record, [[]]))
        labels = record.get("accept") if whole else [record.get("label")]
        if answer == "accept" and kept.labels is not None:
            kept.labels[0] += _listed(labels)
        else:
            rejected[key] = f"rejected in Prodigy for {record.get('label')!r} count as none"
    for key, entry in given.items():
        if entry.labels == [[]] and key in rejected:
            findings.counted[rejected[key]] += 1
        used = ("label", "accept", "options")
        record = {name: value for name, value in entry.record.items() if name not in used}
        yield Entry(entry.line, record, entry.labels)


def _spacy(entry: Entry, _: Findings) -> Entry:
    cats = entry.record["cats"]
    if not cats:
        raise ValueError("'cats' is empty", "write 0 or 1 for each stance")
    for name, value in cats.items():
        if value not in (0, 1):
            raise ValueError(
                f"'cats' has {shown_value(value)} for {shown_value(name)}", "write 0 or 1"
            )
    record = {name: value for name, value in entry.record.items() if name != "cats"}
    return Entry(entry.line, record, [[name for name, value in cats.items() if value]])


def _argilla(entry: Entry, _: Findings) -> Entry:
    """Read the records of Argilla: nested as of version 2, or the older form of version 1."""
    record = entry.record
    question, given = _argilla_question(_argilla_responses(record))
    done = [each for each in given if each.get("status") in ("submitted", None)]
    if not done:
        raise _LeftOutError("not submitted in Argilla")
    fields = record.get("fields")
    columns = dict(fields) if isinstance(fields, dict) else dict(record)
    for name in [name for name in columns if name.split(".")[0] == question]:
        del columns[name]
    return Entry(entry.line, columns, [_listed_or_one(each.get("value")) for each in done])


def _argilla_question(responses: dict[str, list[Record]]) -> tuple[str, list[Record]]:
    named = [name for name in responses if name.startswith(("stance", "label"))]
    chosen = named or [*responses]
    if len(chosen) != 1:
        found = ", ".join(map(shown_value, chosen)) or "none"
        remedy = "keep one question, named 'stances'"
        raise ValueError(f"an Argilla record with several questions or none ({found})", remedy)
    return chosen[0], responses[chosen[0]]


def _argilla_responses(record: Record) -> dict[str, list[Record]]:
    """Return the responses to each question."""
    found: dict[str, list[Record]] = {}
    nested = record.get("responses")
    if isinstance(nested, dict):
        return {name: _dicts(given) for name, given in nested.items()}
    for response in _dicts(nested):
        values = response.get("values")
        for name, value in values.items() if isinstance(values, dict) else ():
            answer = value.get("value") if isinstance(value, dict) else value
            found.setdefault(name, []).append({**response, "value": answer})
    for name in [name for name in record if name.endswith(".responses")]:
        values = _listed(record[name])
        status = _listed(record.get(f"{name}.status")) or ["submitted"] * len(values)
        found[name.removesuffix(".responses")] = [
            {"value": value, "status": each} for value, each in zip(values, status, strict=False)
        ]
    return found


def _argilla_one(entry: Entry, _: Findings) -> Entry:
    """Read the records of Argilla 1 for text classification."""
    record = {name: value for name, value in entry.record.items() if name != "annotation"}
    if record["status"] != "Validated":
        raise _LeftOutError(f"{record['status'].lower()} in Argilla")
    return Entry(entry.line, record, [_listed_or_one(entry.record["annotation"])])


def _listed_or_one(value: object) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _refuse_inception(_: Entry, __: Findings) -> Entry:
    raise ValueError("an INCEpTION export, which labels parts of texts", _WHOLE)


def _refuse_old_spacy(_: Entry, __: Findings) -> Entry:
    what = "spaCy's training format of version 2"
    raise ValueError(what, 'write {"text": ..., "cats": {"accuse": 1, "deny": 0, "announce": 0}}')


_Reader = Callable[[Entry, Findings], Entry]
_TOOLS: tuple[tuple[Callable[[Record], bool], _Reader], ...] = (
    (lambda record: isinstance(record.get("data"), dict), _label_studio),
    (lambda record: isinstance(record.get("cats"), dict), _spacy),
    (
        lambda record: (
            (isinstance(record.get("fields"), dict) and "responses" in record)
            or any(name.endswith(".responses") for name in record)
        ),
        _argilla,
    ),
    (
        lambda record: (
            "annotation" in record and record.get("status") in ("Validated", "Default", "Discarded")
        ),
        _argilla_one,
    ),
    (lambda record: "%FEATURE_STRUCTURES" in record or "_views" in record, _refuse_inception),
    (lambda record: isinstance(record.get("paragraphs"), list), _refuse_old_spacy),
)
