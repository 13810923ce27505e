"""Where the name of a rater leads."""

from __future__ import annotations

from django.urls import reverse

from annotation.models import Rater
from benchmark.selectors.sides import raters_by_name
from pages.choices import Choice


def rater_links(choice: Choice) -> dict[str, str]:
    """Name of a rater -> the address of its page; those that have none are left out.

    A coder has a page; the human coders together have the list of them; a model the page of its
    newest run in the study.
    """
    found = {}
    runs: dict[int, int] = {}
    for model, run in choice.study.model_runs.order_by("pk").values_list("rater", "pk"):
        runs[model] = run
    for name, rater in raters_by_name(choice.study, choice.preset.against).items():
        if rater.kind == Rater.Kind.CODER:
            found[name] = choice.link("coder", rater.pk)
        elif rater.pk in runs:
            found[name] = reverse("run", args=[runs[rater.pk]])
    for name, kind in choice.kinds.items():
        if kind == "people":
            found[name] = choice.link("coders")
    return found
