"""Reading what an address or a form asks for, in one place for all pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, QueryDict

from annotation.models import Study
from benchmark.metrics.sets.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS, Preset
from benchmark.selectors.benchmarks import newest_benchmark
from benchmark.tables.lines import FIGURES

MOST_DIGITS = 18
"""Of a number that surely fits a column of the database."""


def whole(text: object) -> int:
    """The whole number that a form sent as text; -1, the id of no row, where it is none.

    >>> whole("12"), whole("abc"), whole("9" * 30), whole(None)
    (12, -1, -1, -1)
    """
    digits = str(text)
    if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS:
        return int(digits)
    return -1


TEXTS = {"csv": "text/csv", "md": "text/markdown", "tex": "application/x-tex", "txt": "text/plain"}
"""A text format of a table, by its file extension -> its content type."""
DOWNLOADS = (*TEXTS, "xlsx")
SHOW = {
    "missed": "the {against} has, the rater lacks",
    "added": "the rater has, the {against} lacks",
    "agreed": "both have",
    "reference": "the {against} has",
    "given": "the rater has",
}


def asked_preset(request: HttpRequest, study: Study) -> Preset:
    """The `?preset=` of an address, by default the study's own."""
    return preset_named(request.GET.get("preset", study.preset))


def preset_named(name: str) -> Preset:
    """404 where there is no such preset."""
    if name not in PRESETS:
        raise Http404("no such preset")
    return PRESETS[name]


def chosen(
    request: HttpRequest, study: Study, preset: Preset
) -> tuple[BenchmarkRun | None, Tally | None, str]:
    """The newest run of the preset, its counts, and the rater of `?rater=`.

    Without `?rater=` it is the first rater. The counts are None, and the rater is "", where there
    is no run, or one from before counts were stored.
    """
    newest = newest_benchmark(study, preset.name)
    if newest is None:
        return None, None, ""
    tally = newest.tally
    if tally is None:
        return newest, None, ""
    rater = request.GET.get("rater") or next(iter(tally.by_note))
    if rater not in tally.by_note:
        raise Http404("no such rater")
    return newest, tally, rater


def asked_sort(request: HttpRequest, default: str) -> str:
    """The `?sort=` of an address: a column's name, with a hyphen before it for largest first."""
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in ("name", *FIGURES) or sort.startswith("--"):
        raise Http404("no such column")
    return sort


def kept(query: QueryDict, *names: str, **changes: str) -> QueryDict:
    """A new query: the parameters of `query` with these names, then the changes; no empty ones."""
    wanted = {name: query.get(name) for name in names}
    wanted.update(changes)
    found = QueryDict(mutable=True)
    for name, value in wanted.items():
        if value:
            found[name] = value
    return found
