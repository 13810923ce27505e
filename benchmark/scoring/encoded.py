"""What everybody in a study gave, encoded once.

Every figure of a benchmark is computed from this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.metrics.codings import Axes, Coded, Codings, Encoding, IntArray, axes_of
from benchmark.metrics.label_space import LabelSpace


@dataclass(frozen=True)
class EncodedStudy:
    """The reference, the raters of Table 1, and each coder by name, on the same axes."""

    axes: Axes
    space: LabelSpace
    rows: IntArray
    """Of the notes that Table 1 is about: those that all of its raters coded."""
    reference: Coded
    raters: Mapping[str, Coded]
    coders: Mapping[str, Coded]
    models: Mapping[str, Coded]
    """Those of the raters that are models."""

    @property
    def columns(self) -> IntArray:
        """Of the codes of the label space."""
        return self.axes.columns(self.space.codes)

    def table1(self) -> Encoding:
        """Table 1's raters on its notes."""
        return self.on(self.rows, self.raters)

    def on(self, rows: IntArray, raters: Mapping[str, Coded]) -> Encoding:
        """These raters against the reference, on these notes."""
        return self.axes.on(self.space, self.reference, raters, rows)


def encoded_study(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Codings],
    coders: Mapping[str, Codings],
    models: Sequence[str],
) -> EncodedStudy:
    """Encode each of them once.

    `notes` are Table 1's, `models` names those of the raters that are models.
    """
    axes = axes_of([reference, *raters.values(), *coders.values()], space.codes)
    encoded = {name: axes.encode(codings) for name, codings in raters.items()}
    return EncodedStudy(
        axes=axes,
        space=space,
        rows=axes.rows(notes),
        reference=axes.encode(reference),
        raters=encoded,
        coders={name: axes.encode(codings) for name, codings in coders.items()},
        models={name: encoded[name] for name in models if name in encoded},
    )
