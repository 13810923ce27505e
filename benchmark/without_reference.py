"""What can be said of a study's raters when nothing says which codes are right: who agrees with whom."""

from __future__ import annotations

from typing import Any

from annotation.models import Study
from annotation.study_selectors import reopenings_told
from benchmark import selectors
from benchmark.presets import PRESETS, label_space
from benchmark.scoring import agreements


def agreements_of(study: Study) -> dict[str, Any]:
    """Every two raters, the coders among themselves, each against the majority of the others; from today's codings."""
    coders, raters = selectors.coders_of(study), selectors.table1_raters(study)
    others = {name: selectors.table1_codings(study, rater) for name, rater in raters.items() if rater}
    found = agreements({}, coders, others, label_space(study, PRESETS["paper"], {}, []))
    return found | {"reopened": reopenings_told(study)}
