"""The lower half of a study's results: coders, agreement, other definitions, models."""

from __future__ import annotations

from typing import Any

from annotation.models import Study
from annotation.selectors.study_life import reopening_words, reopenings_told
from benchmark.selectors.benchmarks import newest_of_presets
from benchmark.selectors.inputs import available
from benchmark.services.agreements import agreements_found
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest
from pages.choices import Choice
from pages.result_tables import (
    agreement_tables,
    definitions,
    details,
    table2_context,
    work_context,
)


def low_context(choice: Choice) -> dict[str, Any]:
    """What the lower half shows of a benchmark."""
    newest = choice.run
    assert newest is not None  # the page asks only then
    return {
        **table2_context(newest),
        **work_context(choice.study),
        "definitions": definitions(newest_of_presets(choice.study), available(choice.study)),
        "details": details(newest.result),
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
