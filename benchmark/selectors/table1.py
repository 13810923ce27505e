"""A stored benchmark as Table 1, with the paper's rows beside it and what a reader must know below it."""

from __future__ import annotations

from annotation.models import Rater
from annotation.selectors.study_life import reopening_words
from benchmark.metrics.sets.compare import Comparison
from benchmark.metrics.tables.paper import paper_rows
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.table1 import table1
from benchmark.models import BenchmarkRun
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.runs import model_card
from benchmark.tables.agreement import alpha_words


def study_table(run: BenchmarkRun) -> Table:
    """Table 1 of a benchmark run, from its stored figures; the paper's rows where figures mean the same as there."""
    paper = paper_rows("table1") if run.preset == "paper" else ()
    return table1(
        Comparison.from_json(run.result), paper_rows=paper, title=_title(run), footnotes=_footnotes(run),
        against=PRESETS[run.preset].against,
    )  # fmt: skip


def _title(run: BenchmarkRun) -> str:
    mark = f" ({marked})" if (marked := interim_words(run)) else ""
    preset = PRESETS[run.preset]
    kind = "" if preset.name == "paper" else f" ({preset.title})"
    return f"Table 1{kind}. Raters of study {run.result['study']} against its {preset.against}, per cent{mark}"


def interim_words(run: BenchmarkRun) -> str:
    """Whether more is to come, and on how many of the notes raters are compared where some lack notes; "" otherwise."""
    of_all = run.result["notes_of_study"]
    lacking = f"n = {run.notes:,} of {of_all:,}" if run.notes < of_all else ""
    return ", ".join(filter(None, ("interim" if run.interim else "", lacking)))


def _footnotes(run: BenchmarkRun) -> list[str]:
    result, agreement = run.result, run.result["agreement"]
    notes = [f"Protocol sha256 {result['protocol_sha256']}."]
    if result["synthetic"]:
        notes.append("The notes are synthetic and the coders named simulated are programs: no result about people.")
    if result.get("against") == "panel":
        settled = result["notes_of_study"]
        notes.append(f"The panel has settled {settled} of the study's {run.notes_of_study} notes, drawn by lot.")
    if "people" in result.get("kinds", {}).values():
        notes.append("Human coders: of each note the answer of its own coder; shared notes are for agreement alone.")
    if lacking := result.get("lacking"):
        rows = ", ".join(f"{name} lacks {n:,} of {result['notes_of_study']:,} notes" for name, n in lacking.items())
        notes.append(f"Everybody is scored on the notes that all have coded: {rows}.")
    if failed := result.get("failed"):
        rows = ", ".join(f"{name} {n:,} failed" for name, n in failed.items())
        notes.append(f"Notes on which a model failed, with the reason on its run's page: {rows}.")
    if agreement["shared_notes"]:
        notes.append(
            f"Coder to coder, on {agreement['shared_notes']} notes that more than one coded: "
            f"Krippendorff's alpha {alpha_words(agreement['krippendorff_alpha_jaccard'])} (Jaccard distance)."
        )
    outside = result.get("reference_outside", {})
    if outside.get("codes"):
        rows = "; ".join(f"{name} {_jpr(micro)}" for name, micro in outside["micro_dropped"].items())
        notes.append(
            f"Of the {result['against']}'s codes {outside['codes']:,} lie outside the label space and count as misses. "
            f"Dropped, micro Jaccard, precision and recall would be: {rows}."
        )
    if result.get("as_run"):
        notes.append(f"At the threshold of their run, for want of another: {', '.join(result['as_run'])}.")
    if result.get("left_out"):
        notes.append(f"Left out, as asked: {', '.join(result['left_out'])}.")
    if result["without_codings"]:
        notes.append(f"Not in the table, nothing coded yet: {', '.join(result['without_codings'])}.")
    notes += [reopening_words(told) for told in result.get("reopened", [])]
    return notes + _checkpoints(run)


def _jpr(micro: dict[str, float]) -> str:
    return ", ".join(f"{100 * micro[figure]:.1f}" for figure in ("jaccard", "precision", "recall"))


def _checkpoints(run: BenchmarkRun) -> list[str]:
    """Which checkpoint each model is, and how many of its settings differ from the published ones; its run's page
    lists them."""
    models = Rater.objects.filter(kind=Rater.Kind.MODEL, name__in=run.result["raters"]).order_by("name")
    notes = []
    for rater in models:
        if rater.checkpoint_sha256:
            notes.append(f"{rater.name}: checkpoint {rater.checkpoint_sha256[:7]}.")
        card = model_card(rater.checkpoint_sha256)
        if card and card.deviations:
            notes.append(
                f"{rater.name}: {len(card.deviations)} settings differ from the published model's; the page of its run "
                "lists them."
            )
    return notes
