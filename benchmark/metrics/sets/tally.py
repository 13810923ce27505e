"""Every rater's counts on every note and every code of a comparison.

What is shown by note and by code is derived from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark.metrics.codings import Encoding, IntArray
from benchmark.metrics.sets.counts import Counts, per_code, per_note
from benchmark.metrics.sets.members import Members, members_of


@dataclass(frozen=True)
class Tally:
    """Counts on N notes and on the C codes that the reference or a rater gave to them.

    A rater's codes outside the label space are dropped; the reference's stay, as misses.
    """

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
        """The tally that `to_json` wrote."""
        stored_dropped = stored.get("dropped", {})  # earlier versions did not write it
        none = [0] * len(stored["notes"])
        dropped = {}
        for name in stored["by_note"]:
            dropped[name] = np.array(stored_dropped.get(name, none), np.int64)
        return cls(
            notes=tuple(stored["notes"]),
            codes=tuple(stored["codes"]),
            outside=frozenset(stored["outside"]),
            by_note={name: _counts(lists) for name, lists in stored["by_note"].items()},
            by_code={name: _counts(lists) for name, lists in stored["by_code"].items()},
            dropped=dropped,
        )


def tally(encoding: Encoding, members: Members | None = None) -> Tally:
    """Count an encoding. `members`: those of the encoding, where they are known already.

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


def _lists(counts: Counts) -> list[list[int]]:
    return [counts.tp.tolist(), counts.p.tolist(), counts.t.tolist()]


def _counts(lists: Sequence[Sequence[int]]) -> Counts:
    tp, p, t = (np.array(each, np.int64) for each in lists)
    return Counts(tp, p, t)
