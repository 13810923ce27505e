"""The leaderboard: for each study, people and models in one table."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.benchmarks import newest_benchmarks
from benchmark.tables.summary import leader_table
from pages.access import AuthedRequest, roles
from pages.choices import kept, preset_named
from pages.result_tables import table2_context

STUDIES_A_PAGE = 20


@require_GET
@roles(Role.RESEARCHER)
def leaderboard(request: AuthedRequest) -> HttpResponse:
    """For each study its people and models by micro-F1; below them the newest Table 2.

    Unless `?preset=` asks otherwise each study is scored by its own preset.
    """
    preset = None
    if "preset" in request.GET:
        preset = preset_named(request.GET["preset"])
    tables = []
    for run in newest_benchmarks(request.user, preset.name if preset else None):
        title = f"{run.study.slug}, {run.notes} notes"
        tables.append((run, leader_table(run.result, title)))
    context = {
        "preset": preset,
        "presets": PRESETS.values(),
        "address": kept(request.GET, "preset").urlencode(),
        "page": Paginator(tables, STUDIES_A_PAGE).get_page(request.GET.get("page")),
        **table2_context(),
    }
    return render(request, "leaderboard/leaderboard.html", context)
