"""What everybody gave, kept with a benchmark; benchmark/selectors/sides.py reads it back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

import numpy as np

from benchmark.metrics.sets.members import packed
from benchmark.models import BenchmarkRun, GivenCodes
from benchmark.scoring.sides import Axes, Sides
from benchmark.tables.notes.lists import UNKNOWN


def packed_axes(axes: Axes, words: Mapping[str, int], first: str, second: str) -> bytes:
    """The axes of the sides, how long the notes are, and the two raters that are shown first.

    `words`: note id -> words of its text, of the notes whose texts are here.
    """
    plain = {
        "notes": axes.notes,
        "codes": axes.codes,
        "outside": sorted(axes.outside),
        "scored": np.flatnonzero(axes.scored).tolist(),
        "words": [words.get(note) or UNKNOWN for note in axes.notes],
        "a": first,
        "b": second,
    }
    return zlib.compress(json.dumps(plain).encode(), level=1)


def sides_store(*, run: BenchmarkRun, sides: Sides) -> None:
    """Keep the codes of the reference and of each rater."""
    rows = [GivenCodes(run=run, rater="", members=packed(sides.true))]
    for side in sides.raters.values():
        rows.append(
            GivenCodes(
                run=run,
                rater=side.name,
                kind=side.kind,
                in_table1=side.in_table1,
                done=np.packbits(side.done).tobytes(),
                members=packed(side.given),
            )
        )
    GivenCodes.objects.bulk_create(rows)
