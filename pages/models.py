"""Models: the leaderboard of each study, Table 2, and the checkpoints that are known here."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotation.models import Role, User
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.rendering import render as render_table
from benchmark.metrics.tables.spreadsheet import xlsx
from benchmark.metrics.tables.table2 import BY, evaluation_csv, parts_table, table2, training_table
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS, Preset
from benchmark.selectors.benchmarks import newest_benchmarks, newest_evaluation
from benchmark.selectors.checkpoints import Checkpoint, checkpoints_known
from benchmark.tables.checkpoints import Described, checkpoints_table
from benchmark.tables.summary import leader_table
from pages.access import AuthedRequest, roles
from pages.choices import DOWNLOADS, TEXTS, kept, preset_named
from pages.downloads import XLSX

STUDIES_A_PAGE = 20
LEADERBOARD = "leaderboard-"
"""Before a study's short name, in the name of its table."""


@require_GET
@roles(Role.RESEARCHER)
def models(request: AuthedRequest) -> HttpResponse:
    """For each study its people and models by micro-F1; then Table 2, then checkpoints.

    Unless `?preset=` asks otherwise each study is scored by its own preset.
    """
    preset = _asked(request)
    boards = []
    for run in newest_benchmarks(request.user, preset.name if preset else None):
        boards.append((run, _leaders(run), f"{LEADERBOARD}{run.study.slug}"))
    known = checkpoints_known(request.user)
    evaluation = newest_evaluation()
    context: dict[str, Any] = {
        "preset": preset,
        "presets": PRESETS.values(),
        "address": kept(request.GET, "preset").urlencode(),
        "page": Paginator(boards, STUDIES_A_PAGE).get_page(request.GET.get("page")),
        "downloads": DOWNLOADS,
        "known": known,
        "checkpoints": _checkpoints(known),
        "evaluation": evaluation,
    }
    if evaluation:
        tables = _of_evaluation(evaluation.result)
        context |= {
            "result2": evaluation.result,
            "table2": tables.pop("table2"),
            "details2": tables,
        }
    return render(request, "models/models.html", context)


@require_GET
@roles(Role.RESEARCHER)
def models_download(request: AuthedRequest, table: str, extension: str) -> HttpResponse:
    """A table of the page as a file; the address makes the same choice as that of the page."""
    if extension not in DOWNLOADS:
        raise Http404("no such format")
    content: str | bytes
    if table == "table2" and extension == "csv":
        # As a CSV Table 2 has every figure in it, not only those of the page.
        evaluation = newest_evaluation()
        if evaluation is None:
            raise Http404("no such table")
        content = evaluation_csv(evaluation.result)
    else:
        content = _written(_asked_table(request, table), extension)
    content_type = XLSX if extension == "xlsx" else f"{TEXTS[extension]}; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{table}.{extension}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _written(table: Table, extension: str) -> str | bytes:
    if extension == "xlsx":
        return xlsx(table)
    if extension == "txt":
        return render_table(table, "text")
    return render_table(table, extension)


def _asked_table(request: AuthedRequest, name: str) -> Table:
    """The table of that name in addresses. 404 where there is none."""
    found = None
    if name == "checkpoints":
        found = _checkpoints(checkpoints_known(request.user))
    elif name.startswith(LEADERBOARD):
        found = _board(request.user, _asked(request), name.removeprefix(LEADERBOARD))
    else:
        evaluation = newest_evaluation()
        if evaluation:
            found = _of_evaluation(evaluation.result).get(name)
    if found is None:
        raise Http404("no such table")
    return found


def _asked(request: AuthedRequest) -> Preset | None:
    """The `?preset=` of the address; None where each study is scored by its own."""
    if "preset" not in request.GET:
        return None
    return preset_named(request.GET["preset"])


def _board(user: User, preset: Preset | None, slug: str) -> Table | None:
    """The leaderboard of a study whose results the person may see."""
    for run in newest_benchmarks(user, preset.name if preset else None):
        if run.study.slug == slug:
            return _leaders(run)
    return None


def _leaders(run: BenchmarkRun) -> Table:
    return leader_table(run.result, f"{run.study.name}, {run.notes:,} notes")


def _of_evaluation(result: dict[str, object]) -> dict[str, Table]:
    """Table 2 and the tables below it, by name in addresses."""
    found = {"table2": table2(result)}
    for by in BY:
        found[f"table2-{by}"] = parts_table(result, by)
    found["table2-training"] = training_table(result)
    return found


def _checkpoints(known: list[Checkpoint]) -> Table | None:
    described = []
    for each in known:
        described.append(
            Described(
                name=each.name,
                kind=each.kind,
                digest=each.digest,
                development=each.development,
                notes=each.development_notes,
                deviations=len(each.deviations),
            )
        )
    return checkpoints_table(described)
