"""Downloads: any table or chart of the comparison as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from annotation.models import Role, Study
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.rendering import render as render_table
from benchmark.metrics.tables.spreadsheet import xlsx
from benchmark.metrics.tables.table2 import evaluation_csv, table2
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import AgreementDocument
from benchmark.scoring.presets import Preset
from benchmark.selectors.benchmarks import (
    newest_benchmark,
    newest_evaluation,
    newest_of_presets,
)
from benchmark.selectors.inputs import available
from benchmark.selectors.table1 import study_table
from benchmark.selectors.work import coder_facts
from benchmark.services.agreements import agreements_found
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.charts import CHARTS
from benchmark.tables.codes_a_note import spread_table
from benchmark.tables.details import DETAILS
from benchmark.tables.first_table import figures_table
from benchmark.tables.summary import definitions_table
from benchmark.tables.svg import standalone
from benchmark.tables.work import facts_table, times_chart, times_table
from benchmark.tasks import queue_agreement
from pages.access import AuthedRequest, roles, visible_study
from pages.by_code import codes_table
from pages.by_note import asked_notes
from pages.choices import DOWNLOADS, TEXTS, asked_preset, choice_of
from pages.results_top import WHERE, where_downloaded

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@roles(Role.RESEARCHER)
def download(request: AuthedRequest, slug: str, table: str, extension: str) -> HttpResponse:
    """A table or chart of the comparison as a file.

    The address makes the same choices as that of the page (`?preset=`, `?rater=` and so on).
    """
    study = visible_study(request, slug)
    preset = asked_preset(request, study)
    if extension == "svg":
        return _chart(study, preset, table)
    if extension not in DOWNLOADS:
        raise Http404("no such format")
    name = table
    if preset.name != study.preset and table != "table2":
        name = f"{table}-{preset.name}"
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{name}.{extension}"'}
    content = _content(request, study, preset, table, extension)
    content_type = XLSX if extension == "xlsx" else f"{TEXTS[extension]}; charset=utf-8"
    return HttpResponse(content, content_type=content_type, headers=headers)


def _content(
    request: AuthedRequest, study: Study, preset: Preset, table: str, extension: str
) -> str | bytes:
    """A table in the format of a file extension. 404 where there is no such table."""
    if table == "table2" and extension == "csv":
        # As a CSV Table 2 has every figure in it, not only those of the page.
        evaluation = newest_evaluation()
        if evaluation:
            return evaluation_csv(evaluation.result)
    found = asked_table(request, study, preset, table)
    if found is None:
        raise Http404("no such table")
    if extension == "xlsx":
        return xlsx(found)
    if extension == "txt":
        return render_table(found, "text")
    return render_table(found, extension)


def _chart(study: Study, preset: Preset, name: str) -> HttpResponse:
    """A chart of the newest benchmark, or of the coders' time, as an SVG file.

    404 where there is none.
    """
    chart = ""
    newest = newest_benchmark(study, preset.name)
    if name == "time":
        chart = times_chart(coder_facts(study))
    elif newest and name in CHARTS:
        chart = CHARTS[name](newest.result, newest.tally)
    if not chart:
        raise Http404("no such chart")
    headers = {"Content-Disposition": f'attachment; filename="{study.slug}-{name}.svg"'}
    return HttpResponse(standalone(chart), content_type="image/svg+xml", headers=headers)


def asked_table(request: AuthedRequest, study: Study, preset: Preset, name: str) -> Table | None:
    """The table of that name in addresses; None where there is none."""
    if name == "table2":
        evaluation = newest_evaluation()
        if evaluation is None:
            return None
        return table2(evaluation.result)
    if name in AGREEMENT and study.reference_id is None:
        found = agreements_found(study, queue_agreement, request.user)
        return agreement_tables(found.document).get(name)
    if name == "work":
        return facts_table(coder_facts(study))
    if name == "time":
        return times_table(coder_facts(study))
    if name in ("codes", "notes"):
        choice = choice_of(request, study)
        if not choice.raters:
            return None
        if name == "codes":
            return codes_table(request, choice)
        return asked_notes(request, choice)
    if name in WHERE:
        return where_downloaded(choice_of(request, study), WHERE[name])
    newest = newest_benchmark(study, preset.name)
    if newest is None:
        return None
    if name == "figures":
        return figures_table(newest.result)
    if name == "table1":
        return study_table(newest)
    if name == "definitions":
        return definitions(newest_of_presets(study), available(study))
    if name in DETAILS:
        return DETAILS[name](newest.result)
    if name == "spread" and newest.tally is not None:
        return spread_table(newest.result, newest.tally)
    return None


def definitions(newest: Mapping[str, BenchmarkRun], presets: Sequence[Preset]) -> Table | None:
    """The raters' figures by each preset that the study was scored by; it names the other presets.

    `newest` is the newest run of each preset, by the preset's name.
    """
    scored = {}
    unscored = []
    for preset in presets:
        if preset.name in newest:
            scored[preset.title] = newest[preset.name].result
        else:
            unscored.append(preset.title)
    return definitions_table(scored, unscored)


def agreement_tables(found: AgreementDocument | None) -> dict[str, Table]:
    """The raters compared with each other, in a study that has no reference: tables by name.

    Empty until two raters have coded the same note.
    """
    if found is None or not any(pair.notes for pair in found.pairs):
        return {}
    tables = {name: lay_out(found) for name, lay_out in AGREEMENT.items()}
    return {name: table for name, table in tables.items() if table}
