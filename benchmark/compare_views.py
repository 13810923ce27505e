"""The comparison of a study's raters: Table 1 and all around it, by code, by note. Every view has an address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from annotation.models import Role, Study
from annotation.permissions import roles, visible_study
from annotation.study_selectors import reopening_words, reopenings_told
from benchmark import board, selectors
from benchmark.agreement_tables import AGREEMENT
from benchmark.charts import standalone
from benchmark.groups import GROUPINGS, grouping
from benchmark.lines import FIGURES, Line, by_code, by_note, lines_table, ordered, shown
from benchmark.metrics.certainty import differences_table, intervals_table
from benchmark.metrics.members import counts_of
from benchmark.metrics.rendering import Table
from benchmark.metrics.rendering import render as render_table
from benchmark.metrics.spreadsheet import xlsx
from benchmark.metrics.table2 import BY, evaluation_csv, labels, parts_table, table2, training_table
from benchmark.metrics.tally import Tally
from benchmark.models import BenchmarkRun
from benchmark.note_lists import members_of
from benchmark.presets import PRESETS, Preset, available
from benchmark.services.agreements import agreements_found
from benchmark.table1 import interim_words, study_table
from benchmark.tasks import queue_agreement
from benchmark.views import kept

TEXTS = {"csv": "text/csv", "md": "text/markdown", "tex": "application/x-tex", "txt": "text/plain"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOWNLOADS = (*TEXTS, "xlsx")
A_PAGE = 100
STUDIES_A_PAGE = 20
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


@require_GET
@roles(Role.RESEARCHER)
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Table 1 with the paper's rows beside it and what stands behind it; below it the newest Table 2. htmx asks for
    what is awaited alone, and is told to load the page anew when it is there."""
    study, preset = visible_study(request, slug), asked_preset(request)
    awaited = selectors.awaited_benchmark(study, preset.name)
    if request.htmx and not awaited:
        return HttpResponseClientRefresh()
    if request.htmx:
        return render(request, "compare_awaited.html", {**shared(request, study, preset, None), "awaited": awaited})
    each = selectors.newest_of_presets(study)
    newest = each.get(preset.name)
    context = {**shared(request, study, preset, newest), **table2_context(newest), "awaited": awaited}
    if study.reference_id is None:
        found = agreements_found(study, queue_agreement, request.user)
        context |= {
            "apart": agreement_tables(found.document),
            "comparing": found.asked,
            "facts": board.facts_table(selectors.coder_facts(study)),
            "reopened": [reopening_words(told) for told in reopenings_told(study)],
        }
    if newest:
        result, tally = newest.result, newest.tally
        context |= {
            "table": study_table(newest),
            "headline": board.headline(result),
            "interim": interim_words(newest),
            "definitions": definitions(each, context["presets"]),
            "charts": {name: draw(result, tally) for name, draw in board.CHARTS.items()},
            "spread_table": board.spread_table(result, tally) if tally else None,
            "facts": board.facts_table(selectors.coder_facts(study)),
            "details": {name: table for name in DETAILS if (table := DETAILS[name](result))},
            "result": result,
        }
    return render(request, "compare.html", context)


@require_GET
@roles(Role.RESEARCHER)
def leaderboard(request: HttpRequest) -> HttpResponse:
    """People and models in one table a study, by micro-F1; and the newest Table 2 beside them."""
    preset = asked_preset(request)
    runs = selectors.newest_benchmarks(request.user, preset.name)
    tables = [(run, board.leader_table(run.result, f"{run.study.slug}, {run.notes} notes")) for run in runs]
    context = {
        "preset": preset, "presets": PRESETS.values(), "address": kept(request.GET, "preset").urlencode(),
        "page": Paginator(tables, STUDIES_A_PAGE).get_page(request.GET.get("page")), **table2_context(),
    }  # fmt: skip
    return render(request, "leaderboard.html", context)


def shared(request: HttpRequest, study: Study, preset: Preset, newest: BenchmarkRun | None) -> dict[str, Any]:
    """What all pages of a comparison have: the study, the preset and the others that there are."""
    return {
        "study": study, "benchmark": newest, "preset": preset, "presets": available(study), "downloads": DOWNLOADS,
        "query": f"?{query.urlencode()}" if (query := kept(request.GET, "preset")) else "",
    }  # fmt: skip


DETAILS: dict[str, Callable[[dict], Table | None]] = {
    "intervals": intervals_table,
    "differences": lambda result: differences_table(result) if result.get("differences") else None,
    "coders": board.coders_table,
    "arms": board.arms_table,
    **AGREEMENT,
    "partial": board.partial_table,
    "ranking": board.ranking_table,
}


def definitions(newest: Mapping[str, BenchmarkRun], presets: Sequence[Preset]) -> Table | None:
    """Raters by each of the presets that the study has been scored by; the others are named below."""
    scored = {preset.title: newest[preset.name].result for preset in presets if preset.name in newest}
    return board.definitions_table(scored, [p.title for p in presets if p.name not in newest])


def agreement_tables(found: dict[str, Any] | None) -> dict[str, Table]:
    """Raters against each other, where there is nothing to score them against. Empty before two have coded a note."""
    if found is None or not any(pair["notes"] for pair in found["pairs"]):
        return {}
    return {name: table for name, lay_out in AGREEMENT.items() if (table := lay_out(found))}


def table2_context(beside: BenchmarkRun | None = None) -> dict[str, object]:
    """The newest Table 2 and its parts; empty without one. A system of the name of a rater that stands beside it says
    which checkpoint it is."""
    evaluation = selectors.newest_evaluation()
    if evaluation is None:
        return {}
    result = evaluation.result
    tables = [table2(result), *(parts_table(result, by) for by in BY), training_table(result)]
    first, *details = [told_apart(table, result, beside.result["raters"] if beside else ()) for table in tables]
    return {
        "evaluation": evaluation,
        "table2": first,
        "details2": details,
        "result2": result,
    }


def told_apart(table: Table, document: Mapping[str, Any], raters: Collection[str]) -> Table:
    """A table of systems with the checkpoint beside each name that a rater of Table 1 has too."""
    digests = dict(zip(labels(document["checkpoints"]), document["checkpoints"], strict=True))
    rows = []
    for row in table.rows:
        part, _, name = row.name.rpartition(": ")
        if row.kind == "rater" and name in raters and name in digests:
            named = f"{name}, checkpoint {digests[name]['sha256'][:7]}"
            row = replace(row, name=f"{part}: {named}" if part else named)
        rows.append(row)
    return replace(table, rows=tuple(rows))


@require_GET
@roles(Role.RESEARCHER)
def codes(request: HttpRequest, slug: str) -> HttpResponse:
    """One rater by code, category, chapter or kind, sortable; every count leads to its notes."""
    study, preset = visible_study(request, slug), asked_preset(request)
    newest, tally, rater = chosen(request, study, preset)
    context = shared(request, study, preset, newest)
    if tally:
        by, lines = code_lines(request, tally, rater)
        page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
        titles = selectors.titles_of(line.name for line in page)
        context |= {
            "rater": rater, "raters": list(tally.by_note), "by": by, "groups": GROUPINGS, "page": page,
            "lines": [(line, titles.get(line.name, "")) for line in page], "columns": columns(request, "-missed"),
            "address": kept(request.GET, "preset", "rater", "by", "sort").urlencode(),
            "to_notes": kept(request.GET, "preset", by=by, rater=rater).urlencode(),
        }  # fmt: skip
    return render(request, "compare_codes.html", context)


@require_GET
@roles(Role.RESEARCHER)
def notes(request: HttpRequest, slug: str) -> HttpResponse:
    """One rater by note, worst first; `?by=&of=&show=` keeps the notes with some codes missed, added or agreed."""
    study, preset = visible_study(request, slug), asked_preset(request)
    newest, tally, rater = chosen(request, study, preset)
    context = shared(request, study, preset, newest)
    if tally:
        lines, of = note_lines(request, newest, preset, tally, rater)
        page = Paginator(lines, A_PAGE).get_page(request.GET.get("page"))
        rows = study.notes.filter(external_id__in=[line.name for line in page])
        pks = dict(rows.values_list("external_id", "pk"))
        context |= {
            "rater": rater, "raters": list(tally.by_note), "page": page, "columns": columns(request, "jaccard"),
            "lines": [(line, pks[line.name]) for line in page], "of": of,
            "show": SHOW[request.GET.get("show", "missed")].format(against=preset.against) if of else "",
            "title": selectors.titles_of([of]).get(of, "") if of else "",
            "address": kept(request.GET, "preset", "rater", "sort", "by", "of", "show").urlencode(),
            "filters": kept(request.GET, "by", "of", "show").items(),
            "to_note": kept(request.GET, "preset", "by", "of", "show", whose=rater).urlencode() if of else "",
        }  # fmt: skip
    return render(request, "compare_notes.html", context)


def chosen(request: HttpRequest, study: Study, preset: Preset) -> tuple[BenchmarkRun | None, Tally | None, str]:
    """The newest run of the preset, its counts, and the rater of `?rater=`, by default the first."""
    newest = selectors.newest_benchmark(study, preset.name)
    tally = newest.tally if newest else None
    if tally is None:
        return newest, None, ""
    rater = request.GET.get("rater") or next(iter(tally.by_note))
    if rater not in tally.by_note:
        raise Http404("no such rater")
    return newest, tally, rater


def code_lines(request: HttpRequest, tally: Tally, rater: str) -> tuple[str, list[Line]]:
    by = request.GET.get("by", "code")
    if by not in GROUPINGS:
        raise Http404("no such group of codes")
    return by, ordered(by_code(tally, rater, by), asked_sort(request, "-missed"))


def note_lines(
    request: HttpRequest, newest: BenchmarkRun, preset: Preset, tally: Tally, rater: str
) -> tuple[list[Line], str]:
    """The notes asked for, and the code or group of codes that was asked after, "" for none."""
    lines, of = by_note(tally, rater), request.GET.get("of", "")
    if of:
        by, show = request.GET.get("by", "code"), request.GET.get("show", "missed")
        if by not in GROUPINGS or show not in SHOW:
            raise Http404("no such notes")
        group = grouping(by, tally)
        columns = [place for place, code in enumerate(tally.codes) if group(code) == of]
        try:
            true, given = members_of(newest, preset, tally, rater)
        except LookupError as error:
            raise Http404("the raters have changed since; run the benchmark again") from error
        listed = shown(counts_of(true, given, columns), show)
        lines = [line for line, is_listed in zip(lines, listed, strict=True) if is_listed]
    return ordered(lines, asked_sort(request, "jaccard")), of


def asked_sort(request: HttpRequest, default: str) -> str:
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in ("name", *FIGURES) or sort.startswith("--"):
        raise Http404("no such column")
    return sort


def columns(request: HttpRequest, default: str) -> list[dict[str, str]]:
    """The sortable columns: name, where its link leads, and how it is sorted now, as aria-sort says it."""
    sort, found = asked_sort(request, default), []
    for name in ("name", *FIGURES):
        mine = sort.lstrip("-") == name
        turned = name if (mine and sort.startswith("-")) or (not mine and name == "name") else f"-{name}"
        query = kept(request.GET, "preset", "rater", "by", "of", "show", sort=turned)
        state = "none" if not mine else "descending" if sort.startswith("-") else "ascending"
        found.append({"name": name, "query": query.urlencode(), "state": state})
    return found


@require_GET
@roles(Role.RESEARCHER)
def download(request: HttpRequest, slug: str, table: str, extension: str) -> HttpResponse:
    """Any table of the comparison as a file, with the same choices in its address as the page has."""
    study, preset = visible_study(request, slug), asked_preset(request)
    if extension == "svg":
        return _drawn(study, preset, table)
    if extension not in DOWNLOADS:
        raise Http404("no such format")
    if table == "table2" and extension == "csv" and (evaluation := selectors.newest_evaluation()):
        content: str | bytes = evaluation_csv(evaluation.result)
    else:
        found = asked_table(request, study, preset, table)
        if found is None:
            raise Http404("no such table")
        content = xlsx(found) if extension == "xlsx" else render_table(found, {"txt": "text"}.get(extension, extension))
    name = table if preset.name == "paper" or table == "table2" else f"{table}-{preset.name}"
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{name}.{extension}"'}
    kind = XLSX if extension == "xlsx" else f"{TEXTS[extension]}; charset=utf-8"
    return HttpResponse(content, content_type=kind, headers=headers)


def _drawn(study: Study, preset: Preset, name: str) -> HttpResponse:
    newest = selectors.newest_benchmark(study, preset.name)
    chart = board.CHARTS[name](newest.result, newest.tally) if newest and name in board.CHARTS else ""
    if not chart:
        raise Http404("no such chart")
    headers = {"Content-Disposition": f'attachment; filename="{study.slug}-{name}.svg"'}
    return HttpResponse(standalone(chart), content_type="image/svg+xml", headers=headers)


def asked_table(request: HttpRequest, study: Study, preset: Preset, name: str) -> Table | None:
    """A table by the name that it has in addresses; None where there is none."""
    if name == "table2":
        evaluation = selectors.newest_evaluation()
        return table2(evaluation.result) if evaluation else None
    if name in AGREEMENT and study.reference_id is None:
        found = agreements_found(study, queue_agreement, request.user)
        return agreement_tables(found.document).get(name)
    if name == "work":
        return board.facts_table(selectors.coder_facts(study))
    newest, tally, rater = chosen(request, study, preset)
    if newest is None:
        return None
    if name == "table1":
        return study_table(newest)
    if name == "definitions":
        return definitions(selectors.newest_of_presets(study), available(study))
    if name in DETAILS:
        return DETAILS[name](newest.result)
    if tally is None:
        return None
    if name == "spread":
        return board.spread_table(newest.result, tally)
    if name == "codes":
        by, lines = code_lines(request, tally, rater)
        return lines_table(f"{rater} by {by}, against the {preset.against}", by.capitalize(), lines)
    if name == "notes":
        lines, of = note_lines(request, newest, preset, tally, rater)
        return lines_table(f"{rater} by note, against the {preset.against}{f': {of}' if of else ''}", "Note", lines)
    return None
