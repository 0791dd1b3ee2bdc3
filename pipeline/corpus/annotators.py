"""What several annotators say of one text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipeline.corpus.labels import Record
from pipeline.stances import STANCES

ANNOTATORS = ("annotator", "_annotator_id", "_session_id", "annotator_id")


@dataclass
class Entry:
    """A text and how it was labelled.

    Attributes
    ----------
    line : int
        Where it stands.
    record : dict
        Its columns.
    labels : list, or None
        One label cell for each annotator; None where a column of `record` holds it.
    """

    line: int
    record: Record
    labels: list[Any] | None = None


@dataclass
class Findings:
    """What was done on the way.

    Attributes
    ----------
    left_out : Counter of str
        How many texts were left out, by reason.
    counted : Counter of str
        How many count as something by default, by what that is.
    several, alike : int
        Texts with several annotators, and those on which all of them agree.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    several: int = 0
    alike: int = 0

    def notes(self) -> list[str]:
        """Tell it."""
        found = [f"{count:,} left out: {reason}" for reason, count in self.left_out.items()]
        found += [f"{count:,} {what}" for what, count in self.counted.items()]
        if self.several:
            found.append(
                f"{self.several:,} texts with several annotators: on {self.alike:,} all agree, of "
                f"the other {self.several - self.alike:,} the majority is taken"
            )
        return found


def merge_annotators(
    entries: Iterable[Entry], texts: Iterable[str], columns: Iterable[str]
) -> Iterator[Entry]:
    """Make one of the rows that several annotators gave the same text.

    Parameters
    ----------
    entries : iterable of Entry
        Rows.
    texts, columns : iterable of str
        Columns in which the text and the label may stand.

    Yields
    ------
    Entry
        In the order of the first of each; rows of no named annotator, and what one annotator said
        twice, stay apart.
    """
    kept: dict[object, tuple[Entry, set[str]]] = {}
    for number, entry in enumerate(entries):
        record = entry.record
        who = next((str(record[name]) for name in ANNOTATORS if record.get(name)), None)
        column = next((name for name in columns if name in record), None)
        text = next((record[name] for name in texts if name in record), None)
        if who is None or not isinstance(text, str) or (entry.labels is None and column is None):
            kept[number] = entry, set()
            continue
        labels = [record[column]] if entry.labels is None and column else entry.labels or []
        first, annotators = kept.setdefault(text, (Entry(entry.line, record, []), set()))
        if who in annotators or first.labels is None:
            kept[number] = entry, set()
            continue
        first.labels += labels
        annotators.add(who)
    for entry, _ in kept.values():
        yield entry


def take_majority(labelled: list[list[str]], findings: Findings) -> list[str]:
    """Return the stances that more than half of the annotators gave.

    Raises
    ------
    ValueError
        With two arguments, what is wrong and what to do: where as many are for a stance as against.
    """
    if len(labelled) == 1:
        return labelled[0]
    votes = Counter(stance for stances in labelled for stance in set(stances))
    tied = [stance for stance in STANCES if votes[stance] * 2 == len(labelled)]
    if tied:
        what = f"{len(labelled)} annotations disagree on {', '.join(tied)}, with no majority"
        raise ValueError(what, "decide which is right (in Label Studio, mark it as ground truth)")
    findings.several += 1
    findings.alike += len({frozenset(stances) for stances in labelled}) == 1
    order = dict.fromkeys(stance for stances in labelled for stance in stances)
    return [stance for stance in order if votes[stance] * 2 > len(labelled)]
