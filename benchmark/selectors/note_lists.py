"""Which codes each note of a benchmark has: what lists the notes of some codes. Reads only."""

from __future__ import annotations

from scipy.sparse import csr_matrix

from benchmark.metrics.codings import encode
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.sets.members import unpacked
from benchmark.metrics.sets.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import Preset
from benchmark.selectors.inputs import reference_of
from benchmark.selectors.raters import table1_codings, table1_raters


def members_of(
    run: BenchmarkRun, preset: Preset, tally: Tally, rater: str
) -> tuple[csr_matrix, csr_matrix]:
    """(notes, codes) of the reference and of a rater, as they were scored.

    A run that was made before they were kept is answered from the codings of now; LookupError where
    it has a rater that is gone.
    """
    stored = dict(run.given.filter(rater__in=["", rater]).values_list("rater", "members"))
    if len(stored) == 2:
        shape = len(tally.notes), len(tally.codes)
        return unpacked(bytes(stored[""]), *shape), unpacked(bytes(stored[rater]), *shape)
    codes = LabelSpace("tally", tally.codes)
    reference = encode(reference_of(run.study, preset), tally.notes, codes).matrix
    gave = table1_codings(run.study, table1_raters(run.study, preset.against)[rater])
    in_space = {note: set(given) - tally.outside for note, given in gave.items()}
    return reference, encode(in_space, tally.notes, codes).matrix
