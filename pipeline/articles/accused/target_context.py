"""What the other accusations of an article tell of whom one is aimed at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.articles.accused.candidates import Accusation, Candidate

_NEAR = 3
_LIKELY = 0.2
_BEFORE = "last accusation"
_OWN_BEFORE = "speaker's last accusation"
_ALL = "other accusations"
_OWN = "speaker's other accusations"
_BY = "accused the speaker"


def add_context(accusations: Sequence[Accusation], shares: Sequence[Mapping[str, float]]) -> None:
    """Add to the candidates of each accusation how likely the others are aimed at them.

    Parameters
    ----------
    accusations : sequence of Accusation
        Those of an article, in order.
    shares : sequence of mapping
        For each the probability of every party, from its own sentence alone.
    """
    totals = _Totals(accusations, shares)
    last: dict[object, int] = {}
    for k, (one, share) in enumerate(zip(accusations, shares, strict=True)):
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for name, (everywhere, own) in totals.of_others(one, share).items():
            found[name][_ALL] = everywhere
            found[name][_OWN] = own
        for feature, key in ((_BEFORE, None), (_OWN_BEFORE, one.speakers)):
            before = last.get(key)
            if before is not None and one.sentence - accusations[before].sentence <= _NEAR:
                for name, value in shares[before].items():
                    found[name][feature] = value
            last[key] = k
        for name in one.speakers:
            for accuser, value in totals.accusers[name].items():
                found[accuser][_BY] = value
        _note(one, found)


class _Totals:
    """Sums of probabilities over all accusations, and over those of each speaker."""

    def __init__(
        self, accusations: Sequence[Accusation], shares: Sequence[Mapping[str, float]]
    ) -> None:
        self._count = len(accusations)
        self._sums: dict[str, float] = defaultdict(float)
        self._counts: dict[frozenset[str], int] = defaultdict(int)
        self._own: dict[frozenset[str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self.accusers: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for one, share in zip(accusations, shares, strict=True):
            self._counts[one.speakers] += 1
            for name, value in share.items():
                self._sums[name] += value
                self._own[one.speakers][name] += value
                for speaker in one.speakers:
                    self.accusers[name][speaker] = max(self.accusers[name][speaker], value)

    def of_others(
        self, one: Accusation, share: Mapping[str, float]
    ) -> dict[str, tuple[float, float]]:
        """Return the mean probabilities over all other accusations, and the speaker's others."""
        others = max(1, self._count - 1)
        own_others = max(1, self._counts[one.speakers] - 1)
        own = self._own[one.speakers]
        names = {*share, *(name for name, total in own.items() if total > _LIKELY)}
        return {
            name: (
                (self._sums[name] - share.get(name, 0.0)) / others,
                (own[name] - share.get(name, 0.0)) / own_others,
            )
            for name in names
        }


def _note(one: Accusation, found: Mapping[str, Mapping[str, float]]) -> None:
    present = {candidate.name for candidate in one.candidates}
    likely = (name for name, seen in found.items() if max(seen.values()) > _LIKELY)
    one.candidates.extend(_absent(name for name in likely if name not in present))
    for candidate in one.candidates:
        seen = found.get(candidate.name, {})
        candidate.features.update(seen)
        if candidate.mention is None:
            candidate.features.update({f"{name}, elsewhere": seen[name] for name in seen})


def _absent(names: Iterable[str]) -> list[Candidate]:
    return [Candidate(name, features={"elsewhere": 1.0, "only accused": 1.0}) for name in names]
