"""What an address or a form asks for, read once for all pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, QueryDict

from annotation.models import Study
from benchmark.metrics.sets.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS, Preset
from benchmark.selectors.benchmarks import (
    newest_benchmark,
)
from benchmark.tables.lines import (
    FIGURES,
)

LONGEST_NUMBER = 19
"""Digits; a database holds 18 of them."""


def whole(text: object) -> int:
    """A number that a form gave as text; -1, which no row has, where it is none.

    >>> whole("12"), whole("abc"), whole("9" * 30), whole(None)
    (12, -1, -1, -1)
    """
    digits = str(text)
    return (
        int(digits)
        if digits.isascii() and digits.isdecimal() and len(digits) < LONGEST_NUMBER
        else -1
    )


TEXTS = {"csv": "text/csv", "md": "text/markdown", "tex": "application/x-tex", "txt": "text/plain"}
DOWNLOADS = (*TEXTS, "xlsx")
SHOW = {
    "missed": "the {against} has, the rater lacks",
    "added": "the rater has, the {against} lacks",
    "agreed": "both have",
    "reference": "the {against} has",
    "given": "the rater has",
}


def asked_preset(request: HttpRequest) -> Preset:
    """The `?preset=` of an address, by default the paper's."""
    name = request.GET.get("preset", "paper")
    if name not in PRESETS:
        raise Http404("no such preset")
    return PRESETS[name]


def chosen(
    request: HttpRequest, study: Study, preset: Preset
) -> tuple[BenchmarkRun | None, Tally | None, str]:
    """The newest run of the preset, its counts, and the rater of `?rater=`, by default the first."""
    newest = newest_benchmark(study, preset.name)
    tally = newest.tally if newest else None
    if tally is None:
        return newest, None, ""
    rater = request.GET.get("rater") or next(iter(tally.by_note))
    if rater not in tally.by_note:
        raise Http404("no such rater")
    return newest, tally, rater


def asked_sort(request: HttpRequest, default: str) -> str:
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in ("name", *FIGURES) or sort.startswith("--"):
        raise Http404("no such column")
    return sort


def kept(query: QueryDict, *names: str, **changes: str) -> QueryDict:
    """A query with some of another's parameters, and with changes."""
    found = QueryDict(mutable=True)
    for name, value in ({name: query.get(name) for name in names} | changes).items():
        if value:
            found[name] = value
    return found
