"""Which codes each note of a benchmark has: what lists the notes of some codes. Reads only."""

from __future__ import annotations

from scipy.sparse import csr_matrix

from benchmark.metrics.sets.members import rater_members, reference_members, unpacked
from benchmark.metrics.sets.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import Preset
from benchmark.selectors.inputs import reference_of
from benchmark.selectors.raters import table1_codings, table1_raters


def members_of(run: BenchmarkRun, preset: Preset, tally: Tally, rater: str) -> tuple[csr_matrix, csr_matrix]:
    """(notes, codes) of the reference and of a rater, as they were scored.

    A run of before they were kept is answered from the codings of now; LookupError where it has a rater that is gone.
    """
    stored = dict(run.given.filter(rater__in=["", rater]).values_list("rater", "members"))
    if len(stored) == 2:
        shape = len(tally.notes), len(tally.codes)
        return unpacked(stored[""], *shape), unpacked(stored[rater], *shape)
    raters = table1_raters(run.study, preset.against)
    codings = table1_codings(run.study, raters[rater])
    return reference_members(reference_of(run.study, preset), tally), rater_members(codings, tally)
