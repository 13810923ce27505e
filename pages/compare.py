"""The comparison of a study's raters: Table 1 and all around it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Role, Study
from annotation.selectors.study_life import reopening_words, reopenings_told
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import Preset
from benchmark.selectors.benchmarks import (
    awaited_benchmark,
    newest_of_presets,
)
from benchmark.selectors.inputs import available
from benchmark.selectors.raters import coder_facts
from benchmark.selectors.table1 import interim_words, study_table
from benchmark.services.agreements import agreements_found
from benchmark.tables.charts import CHARTS
from benchmark.tables.coders import facts_table
from benchmark.tables.codes_a_note import spread_table
from benchmark.tables.summary import headline
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import DOWNLOADS, asked_preset, kept
from pages.compare_tables import agreement_tables, definitions, details, table2_context


@require_GET
@roles(Role.RESEARCHER)
def compare(request: AuthedRequest, slug: str) -> HttpResponse:
    """Table 1 with the paper's rows beside it and what stands behind it; below it the newest Table 2. htmx asks for
    what is awaited alone, and is told to load the page anew when it is there."""
    study, preset = visible_study(request, slug), asked_preset(request)
    awaited = awaited_benchmark(study, preset.name)
    if request.htmx and not awaited:
        return HttpResponseClientRefresh()
    if request.htmx:
        return render(
            request,
            "compare/awaited.html",
            {**shared(request, study, preset, None), "awaited": awaited},
        )
    each = newest_of_presets(study)
    newest = each.get(preset.name)
    context = {
        **shared(request, study, preset, newest),
        **table2_context(newest),
        "awaited": awaited,
    }
    if study.reference_id is None:
        found = agreements_found(study, queue_agreement, request.user)
        context |= {
            "apart": agreement_tables(found.document),
            "comparing": found.asked,
            "facts": facts_table(coder_facts(study)),
            "reopened": [reopening_words(told) for told in reopenings_told(study)],
        }
    if newest:
        document, tally = newest.result, newest.tally
        context |= {
            "table": study_table(newest),
            "headline": headline(document),
            "interim": interim_words(newest),
            "definitions": definitions(each, context["presets"]),
            "charts": {name: draw(document, tally) for name, draw in CHARTS.items()},
            "spread_table": spread_table(document, tally) if tally else None,
            "facts": facts_table(coder_facts(study)),
            "details": details(document),
            "document": document,
        }
    return render(request, "compare/compare.html", context)


def shared(
    request: HttpRequest, study: Study, preset: Preset, newest: BenchmarkRun | None
) -> dict[str, Any]:
    """What all pages of a comparison have: the study, the preset and the others that there are."""
    query = kept(request.GET, "preset").urlencode()
    return {
        "study": study,
        "benchmark": newest,
        "preset": preset,
        "presets": available(study),
        "downloads": DOWNLOADS,
        "query": f"?{query}" if query else "",
    }
