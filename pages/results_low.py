"""The lower half of a study's results: coders, agreement, other definitions, models."""

from __future__ import annotations

from typing import Any

from annotation.models import Study
from annotation.selectors.study_life import reopening_words, reopenings_told
from benchmark.selectors.benchmarks import newest_of_presets
from benchmark.selectors.inputs import available
from benchmark.selectors.table1 import study_table
from benchmark.services.agreements import agreements_found
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest
from pages.choices import Choice
from pages.result_tables import (
    agreement_tables,
    definitions,
    details,
    work_context,
)

AGREEMENT = (
    "coders",
    "arms",
    "agreement",
    "kappa",
    "majority",
    "positive",
    "agreed_codes",
    "given",
)
MODELS = ("ranking", "calibration", "abstention")


def low_context(choice: Choice) -> dict[str, Any]:
    """What the lower half shows of a benchmark."""
    newest = choice.run
    assert newest is not None  # the page asks only then
    found = details(newest.result)
    work = work_context(choice.study)
    return {
        **work,
        "coders": work["facts"],
        "agreement": {name: found[name] for name in AGREEMENT if name in found},
        "definitions": definitions(newest_of_presets(choice.study), available(choice.study)),
        "models": {name: found[name] for name in MODELS if name in found},
        "how": study_table(newest).footnotes,
    }


def without_reference(request: AuthedRequest, study: Study) -> dict[str, Any]:
    """What the page shows of a study without a reference: raters compared with each other."""
    found = agreements_found(study, queue_agreement, request.user)
    return {
        "apart": agreement_tables(found.document),
        "comparing": found.asked,
        **work_context(study),
        "reopened": [reopening_words(told) for told in reopenings_told(study)],
    }
