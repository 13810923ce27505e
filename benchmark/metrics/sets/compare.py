"""Raters against a reference: the figures of Table 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from benchmark.metrics.codings import Codings, Encoded, Encoding, encode_all
from benchmark.metrics.label_space import LabelSpaceId, listed, union
from benchmark.metrics.sets.averages import Macro, Micro, macro, micro
from benchmark.metrics.sets.counts import per_code

Outside = Literal["miss", "drop"]
Missing = Literal["refuse", "intersect", "empty"]

VERSION = 1
"""Of a comparison as JSON. Raise it when a key is renamed or changes its meaning; the document of a
benchmark has one of its own (`benchmark.scoring.document`)."""


class NotesError(ValueError):
    """The reference and a rater do not have the same notes; the message says who lacks how many."""


@dataclass(frozen=True)
class RaterFigures:
    """One rater's figures, as fractions."""

    micro: Micro
    macro: Macro
    codes_per_note: float
    """Of the codes scored: those in the label space."""
    outside: int
    """(note, code) pairs that the rater gave outside the label space; they were dropped."""


@dataclass(frozen=True)
class ReferenceFigures:
    """What raters are scored against."""

    codes_per_note: float
    """Of the codes scored: all of them, or those in the label space where others are dropped."""


@dataclass(frozen=True)
class Comparison:
    """All raters on the same notes over the same label space."""

    notes: int
    label_space: LabelSpaceId
    reference: ReferenceFigures
    raters: Mapping[str, RaterFigures]

    def to_json(self) -> dict[str, Any]:
        """The dict that `--format json` prints: fractions, 0 where undefined, never NaN."""
        return asdict(self)


def compare(
    reference: Codings,
    raters: Mapping[str, Codings],
    *,
    labels: Sequence[str] | None = None,
    label_space_name: str = "labels",
    outside: Outside = "miss",
    missing: Missing = "refuse",
) -> Comparison:
    """Score each rater against the reference.

    Without `labels` the label space is the union over the reference and all raters; with it, that
    list under `label_space_name`. Reference codes outside it are misses in the micro figures, or
    dropped; predictions outside it are dropped and counted. `missing`: what to do where a rater
    lacks notes, see `common_notes`, which may raise NotesError. ValueError where `labels` lists a
    code twice.

    >>> result = compare({"n1": ["401.9", "428.0"]}, {"Ada": {"n1": ["401.9"]}})
    >>> result.raters["Ada"].micro
    Micro(jaccard=0.5, precision=1.0, recall=0.5, f1=0.6666666666666666)
    >>> result.label_space.name, result.label_space.size
    ('union', 2)
    """
    notes = common_notes(reference, raters, missing)
    if labels is None:
        space = union(reference, raters.values(), notes)
    else:
        space = listed(label_space_name, labels)
    encoding = encode_all(space, notes, reference, raters)
    if outside == "drop":
        encoding = encoding.dropping()
    return compare_encoded(encoding)


def compare_encoded(encoding: Encoding) -> Comparison:
    """Each rater of an encoding against its reference."""
    missed = int(encoding.missed.sum())
    true_codes = int(encoding.true.nnz) + missed
    raters = {}
    for name, given in encoding.given.items():
        raters[name] = _figures(encoding, given, missed)
    return Comparison(
        notes=len(encoding.notes),
        label_space=encoding.space.id,
        reference=ReferenceFigures(true_codes / max(len(encoding.notes), 1)),
        raters=raters,
    )


def common_notes(reference: Codings, raters: Mapping[str, Codings], missing: Missing) -> list[str]:
    """The notes to score, in the reference's order.

    "refuse": every rater must have exactly the reference's notes. "intersect": the notes that all
    have. "empty": the reference's notes; where a rater lacks one, it gave no code. NotesError
    otherwise.
    """
    if missing == "intersect":
        common = list(reference)
        for codings in raters.values():
            common = [note for note in common if note in codings]
        return common
    for name, codings in raters.items():
        unknown = [note for note in codings if note not in reference]
        if unknown:
            raise NotesError(f"{name} has {_notes(unknown)} that the reference lacks")
        lacking = [note for note in reference if note not in codings]
        if lacking and missing == "refuse":
            raise NotesError(f"{name} lacks {_notes(lacking)} of the reference's {len(reference)}")
    return list(reference)


def _notes(ids: Sequence[str]) -> str:
    if len(ids) == 1:
        return f"1 note (first: {ids[0]})"
    return f"{len(ids)} notes (first: {ids[0]})"


def _figures(encoding: Encoding, given: Encoded, missed: int) -> RaterFigures:
    """One rater's figures; `missed`: how many reference codes are outside the label space."""
    counts = per_code(encoding.true, given.matrix)
    return RaterFigures(
        micro=micro(counts, missed),
        macro=macro(counts),
        codes_per_note=int(given.matrix.nnz) / max(len(encoding.notes), 1),
        outside=int(given.outside.sum()),
    )
