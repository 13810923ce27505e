"""Write a study to one file; `import_study.py` reads it into another installation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from annotation.models import Coding, CodingItem, Note, Study, User, WeightList
from annotation.selectors.removal import removed_of
from annotation.selectors.study_life import with_reopening
from annotation.services.custody import export_opened
from annotation.services.events import event_record
from benchmark.bundle.probabilities import scores_files
from benchmark.bundle.zip_format import csv_file, json_file, pack
from benchmark.metrics.tables.rendering import RENDERERS, Table, render
from benchmark.metrics.tables.spreadsheet import xlsx
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.benchmarks import newest_benchmark
from benchmark.selectors.beside import outside_counts
from benchmark.selectors.raters import people_of
from benchmark.selectors.table1 import study_table
from benchmark.tables.charts import CHARTS
from benchmark.tables.details import DETAILS
from benchmark.tables.svg import standalone
from files.code_files import written_counts, written_weights

if TYPE_CHECKING:
    from annotation.selectors.study_life import MarkedCoding

PROTOCOL = (
    "slug",
    "overlap",
    "interface",
    "search_sha256",
    "preset",
    "guideline",
    "seed",
    "sample",
    "status",
    "protocol_sha256",
    "margin",
    "title",
)
RATER = ("kind", "name", "simulated", "certification", "years_experience", "checkpoint_sha256")
CODING = (
    "kind",
    "rater",
    "note_id",
    "revision",
    "submitted_at",
    "active_seconds",
    "lead_time",
    "unlisted",
)
ITEM = ("code", "score", "after_reopening", "rank")
"""The columns of codings.csv behind those of CODING, of each code; the third is of the coding."""
CODINGS_AT_ONCE = 500
NOTE = ("note_id", "sha256", "split")
BATCH_KEYS = ("name", "sha256", "origin", "details")
ENDINGS = {"text": "txt"}
"""Of files of tables, where they are not the format's name."""


def study_export(
    *,
    study: Study,
    actor: User | None = None,
    with_text: bool = False,
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> bytes:
    """The bundle of a study. Same study, same bytes.

    It has the protocol, the codes, the raters, the assignments, every coding, what models thought
    of every code, and the newest benchmark of each preset with its tables and figures; note text
    only where asked for, and where it was not removed, which protocol.json says. `progress` is
    told how many codings of all are written.
    """
    notes = study.notes.order_by("external_id")
    codings = _codings(study)
    files = {
        "protocol.json": json_file(_protocol(study)),
        "codes.csv": _codes_file(study),
        "notes.csv": csv_file(NOTE, notes.values_list("external_id", "sha256", "split")),
        "raters.csv": _raters_file(codings),
        "assignments.csv": _assignments_file(study),
        "codings.csv": csv_file((*CODING, *ITEM), _coding_rows(codings, progress)),
    }
    if study.weights:
        weights = written_weights(study.weights.weights, study.weights.tiers)
        files["weights.csv"] = weights.encode()
    counts = outside_counts(study)
    if counts:
        files["outside_counts.csv"] = written_counts(counts.counts, counts.notes).encode()
    removed = removed_of(study)
    with_text = with_text and removed is None  # then there is none to go with it
    if with_text:
        export_opened(user=actor, study=study)
        files["notes.jsonl"] = _texts_file(notes)
    files.update(scores_files(study))
    for preset in PRESETS:
        run = newest_benchmark(study, preset)
        if run:
            for name, content in _results(run):
                files[f"benchmark/{preset}/{name}"] = content
    event_record(actor=actor, verb="study.exported", object=f"study:{study.slug}", text=with_text)
    return pack(files)


def _protocol(study: Study) -> dict[str, Any]:
    """What was planned, and when the study was open: protocol.json."""
    reopenings = []
    for each in study.reopenings.all():
        reopenings.append(
            {
                "closed_at": each.closed_at.isoformat(),
                "reopened_at": each.reopened_at.isoformat(),
                "could_see": each.could_see,
            }
        )
    return {
        **{field: getattr(study, field) for field in PROTOCOL},
        "opened_at": study.opened_at and study.opened_at.isoformat(),
        "closed_at": study.closed_at and study.closed_at.isoformat(),
        "batch": {field: getattr(study.batch, field) for field in BATCH_KEYS},
        "code_set": {"name": study.code_set.name, "sha256": study.code_set.sha256},
        "reference": study.reference and study.reference.name,
        "coders": [rater.name for rater in people_of(study)],
        "reopenings": reopenings,
        "margin_set_at": study.margin_set_at and study.margin_set_at.isoformat(),
        "weights": study.weights and _weights(study.weights),
        "weights_set_at": study.weights_set_at and study.weights_set_at.isoformat(),
        **_removed(study),
    }


def _removed(study: Study) -> dict[str, Any]:
    """That the notes' texts were removed, where they were."""
    removed = removed_of(study)
    if removed is None:
        return {}
    return {
        "texts_removed": {
            "at": removed.at.isoformat(),
            "notes": removed.notes,
            "words": removed.words,
        }
    }


def _weights(weights: WeightList) -> dict[str, str]:
    """Which list weights.csv is."""
    return {"name": weights.name, "sha256": weights.sha256}


def _codes_file(study: Study) -> bytes:
    codes = study.code_set.codes.order_by("codesetmember__position")
    rows = codes.values_list("code", "kind", "long_title")
    return csv_file(("code", "kind", "title"), rows)


def _raters_file(codings: list[MarkedCoding]) -> bytes:
    """The raters of these codings, by kind and name."""
    raters = {(coding.rater.kind, coding.rater.name): coding.rater for coding in codings}
    rows = []
    for key in sorted(raters):
        rows.append([getattr(raters[key], field) for field in RATER])
    return csv_file(RATER, rows)


def _assignments_file(study: Study) -> bytes:
    assignments = study.assignments.order_by("rater__name", "position")
    rows = assignments.values_list("rater__name", "note__external_id", "role", "arm", "position")
    return csv_file(("rater", "note_id", "role", "arm", "position"), rows)


def _texts_file(notes: QuerySet[Note]) -> bytes:
    """A JSON object a line."""
    lines = []
    for note, text in notes.values_list("external_id", "text").iterator(200):
        lines.append(json.dumps({"note_id": note, "text": text}, ensure_ascii=False))
    return "\n".join(lines).encode()


def _codings(study: Study) -> list[MarkedCoding]:
    """Every coding of the study and of its reference, every revision."""
    rows = Coding.objects.filter(study=study)
    if study.reference_id:
        # No join: a note that is in other studies too would give each coding several times.
        notes = study.notes.values("pk")
        rows |= Coding.objects.filter(rater=study.reference_id, study=None, note__in=notes)
    marked = with_reopening(rows).select_related("rater", "note").defer("note__text")
    return list(
        marked.order_by("rater__kind", "rater__name", "note__external_id", "revision", "pk")
    )


def _coding_rows(
    codings: list[MarkedCoding], progress: Callable[[int, int], object]
) -> Iterator[list[object]]:
    """The rows of codings.csv, one a code; a coding without codes has a row with an empty code.

    The column after_reopening says when the study had been reopened before the coder answered, ""
    where it had not.
    """
    for start in range(0, len(codings), CODINGS_AT_ONCE):
        some = codings[start : start + CODINGS_AT_ONCE]
        items: dict[int, list[tuple[str, float | None, int | None]]] = defaultdict(list)
        given = CodingItem.objects.filter(coding__in=[coding.pk for coding in some])
        given = given.order_by("code__code")
        columns = ("coding_id", "code__code", "score", "rank")
        for pk, code, score, rank in given.values_list(*columns):
            items[pk].append((code, score, rank))
        for coding in some:
            head = [
                coding.rater.kind,
                coding.rater.name,
                coding.note.external_id,
                coding.revision,
                coding.submitted_at.isoformat(),
                coding.active_seconds,
                coding.lead_time,
                coding.unlisted,
            ]
            after = ""
            if coding.after_reopening:
                after = coding.after_reopening.isoformat()
            for code, score, rank in items[coding.pk] or [("", None, None)]:
                yield [*head, code, score, after, rank]
        progress(start + len(some), len(codings))


def _results(run: BenchmarkRun) -> Iterator[tuple[str, bytes]]:
    """A benchmark's document, counts, tables and figure."""
    document = run.result
    yield "result.json", json_file(document.to_json())
    yield "counts.json", (run.counts + "\n").encode()
    tables: dict[str, Table | None] = {"table1": study_table(run)}
    for name, lay_out in DETAILS.items():
        tables[name] = lay_out(document)
    for name, table in tables.items():
        if table:
            for output_format in RENDERERS:
                ending = ENDINGS.get(output_format, output_format)
                yield f"{name}.{ending}", render(table, output_format).encode()
            yield f"{name}.xlsx", xlsx(table)
    for name, draw in CHARTS.items():
        chart = draw(document, run.tally)
        if chart:
            yield f"{name}.svg", standalone(chart).encode()
