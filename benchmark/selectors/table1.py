"""A stored benchmark as Table 1.

With the paper's rows beside it, and what a reader must know below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from annotation.models import Batch, Coding, Rater, Study
from annotation.selectors.codes import ICD9
from annotation.selectors.removal import removed_of, removed_words
from annotation.selectors.study_life import in_words, reopening_words
from benchmark.metrics.tables.paper import PaperRow, paper_rows
from benchmark.metrics.tables.rendering import Table
from benchmark.metrics.tables.table1 import table1
from benchmark.models import BenchmarkRun, ModelRun
from benchmark.scoring.document import Document
from benchmark.scoring.presets import PAPER, PRESETS
from benchmark.selectors.raters import table1_raters
from benchmark.selectors.runs import model_card
from benchmark.selectors.sides import Named
from benchmark.tables.agreement import alpha_words

CODES_COUNTED = "Codes that count"


def study_table(run: BenchmarkRun, told: Sequence[Told] | None = None) -> Table:
    """Table 1 of a benchmark run, from its stored figures.

    With the paper's rows where figures mean the same as there, else a word on why not. `told` is
    `told_of` the run, where it is known already.
    """
    paper: tuple[PaperRow, ...] = ()
    if told is None:
        told = told_of(run)
    footnotes = [each.words for each in told]
    if run.preset == PAPER.name:
        refusal = paper_refusal(run.study)
        if refusal:
            footnotes.append(f"The paper's rows are left out: {refusal}.")
        else:
            paper = paper_rows("table1")
    return table1(
        run.result,
        paper_rows=paper,
        title=_title(run),
        footnotes=footnotes,
        against=PRESETS[run.preset].against,
    )


def paper_refusal(study: Study, coded_here: bool | None = None) -> str:
    """Why the paper's figures would mean something else than the study's; "" where they do not.

    `coded_here`: whether people code in the study, where that is known already.

    The paper's design: coders tick codes of ICD-9-CM from a list while they read discharge
    summaries, of MIMIC-III there; synthetic ones are made after these.
    """
    if coded_here is None:
        coded_here = study.workspaces.exists()
    if not coded_here:
        return "nobody coded these notes here from a list, as the paper's coders did"
    systems = study.code_set.codes.order_by().values_list("system__name", flat=True).distinct()
    others = sorted(set(systems) - {ICD9[0]})
    if others:
        return f"its coders have a list of {', '.join(others)}, the paper's of {ICD9[0]}"
    if study.batch.origin == Batch.Origin.OWN:
        return "nothing says that these notes are discharge summaries, as the paper's are"
    return ""


def given_since(run: BenchmarkRun) -> list[str]:
    """Raters, by their names in Table 1, whose codings came after the run was scored.

    A stored run stays as it was scored. Of a union they change every macro figure, so its page
    says who they are.
    """
    study = run.study
    since = Coding.objects.filter(study=study, submitted_at__gt=run.asked_at)
    gave = set(since.order_by().values_list("rater", flat=True).distinct())
    coded_here = set(study.workspaces.values_list("rater", flat=True))
    known = {*run.result.raters, *run.result.without_codings}
    found = []
    for name, rater in table1_raters(study, run.result.against).items():
        raters = coded_here if rater is None else {rater.pk}
        if name not in known or raters & gave:
            found.append(name)
    return found


def _title(run: BenchmarkRun) -> str:
    preset = PRESETS[run.preset]
    title = "Table 1"
    if preset.name != "paper":
        title += f" ({preset.title})"
    title += f". Raters of study {run.result.study} against its {preset.against}, per cent"
    interim = interim_words(run)
    if interim:
        title += f" ({interim})"
    return title


def interim_words(run: BenchmarkRun) -> str:
    """Whether more is to come, and how many notes are compared where some raters lack notes.

    "" where neither is to be said.
    """
    words = []
    if run.interim:
        words.append("interim")
    if run.notes < run.result.notes_of_study:
        words.append(f"n = {run.notes:,} of {run.result.notes_of_study:,}")
    return ", ".join(words)


@dataclass(frozen=True)
class Told:
    """What a reader of Table 1 must know, and what it is about."""

    about: str
    """In a word or two, such as "Human coders"; a model's name."""
    words: str
    run_id: int | None = None
    """The model's newest run in the study, whose page says more."""


def told_of(run: BenchmarkRun, models: Sequence[Named] | None = None) -> list[Told]:
    """What a reader of Table 1 must know, in the order of how much it matters.

    `models`: those of the table by name, where they are known already.
    """
    document = run.result
    found = [Told("Protocol", f"Protocol sha256 {document.protocol_sha256}.")]
    if document.synthetic:
        found.append(
            Told(
                "Simulated",
                "The notes are synthetic and the coders named simulated are programs: "
                "no result about people.",
            )
        )
    if document.against == "panel":
        settled = document.notes_of_study
        words = (
            f"The panel has settled {settled} of the study's {run.notes_of_study} notes, "
            "drawn by lot."
        )
        found.append(Told("Panel", words))
    if document.label_space.name == "union":
        found.append(
            Told(
                CODES_COUNTED,
                "Union: the codes that the reference or a rater of this table gave to these notes "
                "when it was scored. With another rater it is another, and every macro figure with "
                "it.",
            )
        )
    if "people" in document.kinds.values():
        found.append(
            Told(
                "Human coders",
                "Human coders: of each note the answer of its own coder; "
                "shared notes are for agreement alone.",
            )
        )
    found += [Told("Notes", words) for words in _missing_notes(document)]
    if document.agreement.shared_notes:
        alpha = alpha_words(document.agreement.krippendorff_alpha_jaccard)
        words = (
            f"Coder to coder, on {document.agreement.shared_notes} notes that more than one coded: "
            f"Krippendorff's alpha {alpha} (Jaccard distance)."
        )
        found.append(Told("Coder to coder", words))
    if document.reference_outside.codes:
        found.append(Told(CODES_COUNTED, _outside_note(document)))
    found += [Told("Raters", words) for words in _raters_notes(document)]
    for each in document.reopened:
        found.append(Told("Reopened", reopening_words(asdict(each))))
    found += [Told("Texts removed", words) for words in _removed_notes(run, document)]
    if models is None:
        models = _models(run)
    return found + _checkpoints(models)


def _removed_notes(run: BenchmarkRun, document: Document) -> list[str]:
    """That the notes' texts were removed, before it was scored or since."""
    if document.texts_removed:
        told = document.texts_removed
        at = in_words(datetime.fromisoformat(told.at))
        return [removed_words(at, told.notes, told.by_models)]
    removed = removed_of(run.study)
    if removed:
        return [
            f"As it was run, before the texts of the study's {removed.notes:,} notes were removed "
            f"for good on {in_words(removed.at)}."
        ]
    return []


def _missing_notes(document: Document) -> list[str]:
    """Who lacks notes, and on which a model failed."""
    notes = []
    if document.lacking:
        rows = []
        for name, count in document.lacking.items():
            rows.append(f"{name} lacks {count:,} of {document.notes_of_study:,} notes")
        words = ", ".join(rows)
        notes.append(f"Everybody is scored on the notes that all have coded: {words}.")
    if document.failed:
        words = ", ".join(f"{name} {count:,} failed" for name, count in document.failed.items())
        notes.append(f"Notes on which a model failed, with the reason on its run's page: {words}.")
    return notes


def _outside_note(document: Document) -> str:
    rows = []
    for name, micro in document.reference_outside.micro_dropped.items():
        shares = (micro.jaccard, micro.precision, micro.recall)
        words = ", ".join(f"{100 * share:.1f}" for share in shares)
        rows.append(f"{name} {words}")
    return (
        f"Of the {document.against}'s codes {document.reference_outside.codes:,} lie outside the "
        "label space and count as misses. Dropped, micro Jaccard, precision and recall would be: "
        f"{'; '.join(rows)}."
    )


def _raters_notes(document: Document) -> list[str]:
    """Raters that are not, or not quite, what was asked for."""
    notes = []
    if document.as_run:
        notes.append(
            f"At the threshold of their run, for want of another: {', '.join(document.as_run)}."
        )
    if document.left_out:
        notes.append(f"Left out, as asked: {', '.join(document.left_out)}.")
    if document.without_codings:
        notes.append(f"Not in the table, nothing coded yet: {', '.join(document.without_codings)}.")
    return notes


def _models(run: BenchmarkRun) -> list[Named]:
    """The models of the table, by name, with the id of each one's newest run in the study."""
    newest = ModelRun.objects.filter(study=run.study, rater=OuterRef("pk")).order_by("-pk")
    models = Rater.objects.filter(kind=Rater.Kind.MODEL, name__in=run.result.raters)
    models = models.annotate(newest=Subquery(newest.values("pk")[:1])).order_by("name")
    return [Named(model, model.newest) for model in models]


def _checkpoints(models: Sequence[Named]) -> list[Told]:
    """Which checkpoint each model is, and how many of its settings differ from the published ones.

    The page of its run lists them.
    """
    found = []
    for each in models:
        rater = each.rater
        if rater.checkpoint_sha256:
            words = f"{rater.name}: checkpoint {rater.checkpoint_sha256[:7]}."
            found.append(Told(rater.name, words, each.run_id))
        card = model_card(rater.checkpoint_sha256)
        if card and card.deviations:
            words = (
                f"{rater.name}: {len(card.deviations)} settings differ from the published model's; "
                "the page of its run lists them."
            )
            found.append(Told(rater.name, words, each.run_id))
    return found
