"""Every rater's counts on every note and every code of a comparison: what views by note, code and group derive from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.metrics.codings import Encoding, IntArray
from benchmark.metrics.sets.counts import Counts, per_code, per_note
from benchmark.metrics.sets.members import Members, members_of


@dataclass(frozen=True)
class Tally:
    """N notes, C codes that the reference or a rater gave to them. A rater's codes outside the label space are
    dropped; the reference's stay, as misses."""

    notes: tuple[str, ...]
    codes: tuple[str, ...]
    outside: frozenset[str]
    """Those of the codes that are not in the label space."""
    by_note: Mapping[str, Counts]
    """Rater -> counts (N,)."""
    by_code: Mapping[str, Counts]
    """Rater -> counts (C,)."""
    dropped: Mapping[str, IntArray]
    """Rater -> codes of each note (N,) that were dropped."""

    def to_json(self) -> dict[str, Any]:
        """Lists of ints; `from_json` reads them back."""
        return {
            "notes": self.notes,
            "codes": self.codes,
            "outside": sorted(self.outside),
            "by_note": {name: _lists(counts) for name, counts in self.by_note.items()},
            "by_code": {name: _lists(counts) for name, counts in self.by_code.items()},
            "dropped": {name: counts.tolist() for name, counts in self.dropped.items()},
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Tally:
        by_note, by_code = ({name: _counts(x) for name, x in stored[key].items()} for key in ("by_note", "by_code"))
        none = [0] * len(stored["notes"])  # for counts of before
        dropped = {name: np.array(stored.get("dropped", {}).get(name, none), np.int64) for name in by_note}
        return cls(
            tuple(stored["notes"]), tuple(stored["codes"]), frozenset(stored["outside"]), by_note, by_code, dropped
        )


@dataclass(frozen=True)
class Group:
    """Some codes of a tally together: a code by itself, a category, a chapter."""

    name: str
    codes: int
    """How many of them the reference or a rater gave."""
    counts: Mapping[str, Counts]
    """Rater -> counts (1,)."""


def tally(encoding: Encoding, members: Members | None = None) -> Tally:
    """Count. `members`: those of the encoding, where they are known already.

    >>> from benchmark.metrics.codings import encode_all
    >>> from benchmark.metrics.label_space import LabelSpace
    >>> space = LabelSpace("two", ("a", "b"))
    >>> counted = tally(encode_all(space, ["n1"], {"n1": ["a", "z"]}, {"Ada": {"n1": ["a", "b"]}}))
    >>> counted.codes, sorted(counted.outside), counted.by_note["Ada"]
    (('a', 'b', 'z'), ['z'], Counts(tp=array([1]), p=array([2]), t=array([2])))
    """
    found = members or members_of(encoding)
    return Tally(
        notes=encoding.notes,
        codes=found.codes,
        outside=frozenset(encoding.others),
        by_note={name: per_note(found.true, given) for name, given in found.given.items()},
        by_code={name: per_code(found.true, given) for name, given in found.given.items()},
        dropped={name: given.outside for name, given in encoding.given.items()},
    )


def grouped(counted: Tally, group: Callable[[str], str], only: Collection[str] | None = None) -> list[Group]:
    """The codes of a tally by `group`, sorted by its name; with `only`, those of its codes alone.

    >>> from benchmark.metrics.codings import encode_all
    >>> from benchmark.metrics.label_space import LabelSpace
    >>> space = LabelSpace("two", ("a1", "a2"))
    >>> counted = tally(encode_all(space, ["n1"], {"n1": ["a1"]}, {"Ada": {"n1": ["a1", "a2"]}}))
    >>> [(each.name, each.codes, each.counts["Ada"].pooled()) for each in grouped(counted, lambda code: code[0])]
    [('a', 2, (1, 2, 1))]
    """
    kept = [i for i, code in enumerate(counted.codes) if only is None or code in only]
    names, index = np.unique([group(counted.codes[i]) for i in kept] or np.array([], str), return_inverse=True)
    size = len(names)

    def pooled(values: IntArray) -> IntArray:
        return np.bincount(index, weights=values[kept], minlength=size).astype(np.int64)

    sums = {name: Counts(pooled(c.tp), pooled(c.p), pooled(c.t)) for name, c in counted.by_code.items()}
    members = np.bincount(index, minlength=size)
    return [
        Group(
            str(names[i]), int(members[i]),
            {rater: Counts(c.tp[i : i + 1], c.p[i : i + 1], c.t[i : i + 1]) for rater, c in sums.items()},
        )
        for i in range(size)
    ]  # fmt: skip


def _lists(counts: Counts) -> list[list[int]]:
    return [counts.tp.tolist(), counts.p.tolist(), counts.t.tolist()]


def _counts(lists: Sequence[Sequence[int]]) -> Counts:
    tp, p, t = (np.array(each, np.int64) for each in lists)
    return Counts(tp, p, t)
