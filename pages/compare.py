"""The page that compares a study's raters: Table 1 and everything around it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Role, Study
from annotation.selectors.removal import removed_of
from annotation.selectors.study_life import reopening_words, reopenings_told
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import Preset
from benchmark.selectors.benchmarks import awaited_benchmark, newest_of_presets
from benchmark.selectors.inputs import available
from benchmark.selectors.table1 import given_since, interim_words, study_table
from benchmark.services.agreements import agreements_found
from benchmark.tables.charts import CHARTS
from benchmark.tables.codes_a_note import spread_table
from benchmark.tables.summary import headline
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import DOWNLOADS, asked_preset, kept
from pages.compare_tables import (
    agreement_tables,
    definitions,
    details,
    table2_context,
    work_context,
)


@require_GET
@roles(Role.RESEARCHER)
def compare(request: AuthedRequest, slug: str) -> HttpResponse:
    """Table 1 with the paper's rows beside it, what stands behind it, and the newest Table 2.

    While a benchmark is awaited htmx asks for that part alone, and is told to load the page anew
    when the benchmark is there.
    """
    study = visible_study(request, slug)
    preset = asked_preset(request, study)
    awaited = awaited_benchmark(study, preset.name)
    if request.htmx:
        if not awaited:
            return HttpResponseClientRefresh()
        waiting = {**shared(request, study, preset, None), "awaited": awaited}
        return render(request, "compare/awaited.html", waiting)
    by_preset = newest_of_presets(study)
    newest = by_preset.get(preset.name)
    context = {
        **shared(request, study, preset, newest),
        **table2_context(newest),
        "awaited": awaited,
    }
    if study.reference_id is None:
        context |= _without_reference(request, study)
    if newest:
        context |= _results(study, newest)
        context["definitions"] = definitions(by_preset, context["presets"])
    return render(request, "compare/compare.html", context)


def _without_reference(request: AuthedRequest, study: Study) -> dict[str, Any]:
    """What the page shows of a study without a reference: raters compared with each other."""
    found = agreements_found(study, queue_agreement, request.user)
    return {
        "apart": agreement_tables(found.document),
        "comparing": found.asked,
        **work_context(study),
        "reopened": [reopening_words(told) for told in reopenings_told(study)],
    }


def _results(study: Study, newest: BenchmarkRun) -> dict[str, Any]:
    """What the page shows of a benchmark."""
    document = newest.result
    tally = newest.tally
    return {
        "table": study_table(newest),
        "headline": headline(document),
        "interim": interim_words(newest),
        "given_since": given_since(newest) if document.label_space.name == "union" else [],
        "charts": {name: draw(document, tally) for name, draw in CHARTS.items()},
        "spread_table": spread_table(document, tally) if tally else None,
        **work_context(study),
        "details": details(document),
        "document": document,
    }


def shared(
    request: HttpRequest, study: Study, preset: Preset, newest: BenchmarkRun | None
) -> dict[str, Any]:
    """What every page of a comparison shows: the study, its benchmark, and the presets."""
    query = kept(request.GET, "preset").urlencode()
    if query:
        query = f"?{query}"
    return {
        "study": study,
        "removed": removed_of(study),
        "benchmark": newest,
        "preset": preset,
        "presets": available(study),
        "downloads": DOWNLOADS,
        "query": query,
    }
