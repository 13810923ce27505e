"""A study's results: who codes well, where it goes wrong, and whether the difference is real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Role
from annotation.selectors.removal import removed_of
from benchmark.selectors.benchmarks import awaited_benchmark, newest_of_presets
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import DOWNLOADS, Choice, choice_of
from pages.results_low import low_context, without_reference
from pages.results_top import top_context


@dataclass(frozen=True)
class Section:
    """A card of the page: a part of the context, which has its name, and a partial, which too."""

    id: str
    title: str
    """In the contents at the left."""

    @property
    def template(self) -> str:
        """Its partial, a `<section>` with this id and a heading of the second level."""
        return f"results/{self.id}.html"


SECTIONS = (
    Section("answer", "The answer"),
    Section("table1", "Table 1"),
    Section("charts", "In two charts"),
    Section("where", "Where it comes from"),
    Section("coders", "Each coder"),
    Section("agreement", "Who agrees with whom"),
    Section("definitions", "Counted otherwise"),
    Section("models", "Models, any threshold"),
    Section("more", "More"),
    Section("how", "How this was counted"),
    Section("export", "Export"),
)
"""In the order of the page. One whose part of the context is missing or empty is left out."""


@require_GET
@roles(Role.RESEARCHER)
def results(request: AuthedRequest, slug: str) -> HttpResponse:
    """The answer first, then Table 1, where the difference comes from, and what stands behind it.

    While a benchmark is awaited htmx asks for that part alone, and is told to load the page anew
    when the benchmark is there.
    """
    study = visible_study(request, slug)
    choice = choice_of(request, study, newest_of_presets(study))
    awaited = awaited_benchmark(study, choice.preset.name)
    context = {**shared(choice, view="summary"), "awaited": awaited}
    if request.htmx:
        if not awaited:
            return HttpResponseClientRefresh()
        return render(request, "results/awaited.html", context)
    if study.reference_id is None:
        context |= without_reference(request, choice)
    if choice.run:
        context |= top_context(choice)
        context |= low_context(request, choice)
    context["sections"] = filled(context)
    return render(request, "results/results.html", context)


def filled(context: Mapping[str, Any]) -> list[Section]:
    """The sections that there is something for."""
    return [section for section in SECTIONS if context.get(section.id)]


def shared(choice: Choice, view: str) -> dict[str, Any]:
    """What every page of results shows: the study, its tab, the bar of choices.

    `view` is summary, codes or notes.
    """
    presets = choice.presets
    against = dict.fromkeys(preset.against for preset in presets)
    words = {"reference": "The reference's codes", "panel": "What the panel settled"}
    if choice.study.batch.origin != choice.study.batch.Origin.OWN:
        words["reference"] = "The hospital's codes"
    return {
        "study": choice.study,
        "tab": "results",
        "view": view,
        "choice": choice,
        "references": [(name, words[name]) for name in against],
        "spaces": choice.spaces,
        "removed": removed_of(choice.study),
        "benchmark": choice.run,
        "preset": choice.preset,
        "presets": presets,
        "downloads": DOWNLOADS,
        "query": choice.query,
    }
