from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.models import Rater
from annotation.selectors.studies import study_get
from annotation.services.studies import slug_free
from benchmark.selectors.import_plan import (
    KINDS,
    ImportOptions,
    ImportPlan,
)
from benchmark.selectors.import_planning import plan_of_codings, plan_of_study
from benchmark.selectors.import_words import counted, plan_lines
from benchmark.services.import_codings import plan_store, study_store
from files.checked import UNKNOWN
from files.codings import FORMS, Asked
from files.given import given_path
from files.score_cells import AskedScores
from icd.codes import KINDS as CODE_KINDS

HELP = """\
Put anybody's codes on a study's notes: a rater of its Table 1, though nothing was coded here.

  import_codings predictions.csv --kind model --rater Vendor --dry-run
  import_codings predictions.csv --kind model --rater Vendor
  import_codings three_raters.xlsx --kind coder            (the file has a column rater)
  import_codings truth.csv --kind reference --study audit --new
  import_codings challenge.xml --kind reference --study cmc --new --reference-rater MAJORITY
  import_codings challenge.xml --kind coder --study cmc --reference-rater MAJORITY

The file is a table (CSV, TSV, semicolons, xlsx), JSON, JSONL or PSV, also gzipped: what it is, and
which columns it has, is found out and said. All rows are stored or none. Where a file is refused
the causes are counted with their rows, and what would help is named:

  codes without dots              --codes-are dx, or proc; or a column kind
  zeros lost as in CAML's tables  --reading caml
  strings that are no codes       --unknown keep (as written, never right) or drop (left out)
  notes that the study lacks      --notes-of-study leaves them out

A column score (probability, prob, p) makes a model with probabilities: AUC, P@k and the like, as
far as the file tells them (docs/scores.md).

docs/files.md has every shape of file.
"""


class Command(Base):
    help = HELP

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the lines of the help as they are."""
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file of codings")
        parser.add_argument(
            "--rater", default="", help="name of the rater in tables, where the file names none"
        )
        parser.add_argument("--kind", required=True, choices=[str(kind) for kind in KINDS])
        parser.add_argument("--study", help="slug (default: the only study, or the newest)")
        parser.add_argument(
            "--new",
            action="store_true",
            help="with --kind reference and --study NAME: make the study, of the file's notes by "
            "their ids alone, without their text",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show what was understood and would be stored; store nothing",
        )
        _add_reading(parser)
        _add_scores(parser)
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        if options["new"]:
            self._new_study(options)
            return
        study = study_get(options["study"])
        plan = plan_of_codings(
            study=study,
            kind=options["kind"],
            file=given_path(options["file"], settings.UPLOAD_LIMIT),
            name=options["rater"],
            options=_chosen(options),
        )
        if options["dry_run"]:
            self._show(plan, f"study {study.slug}")
            return
        self._tell(plan)
        for stored in plan_store(plan=plan, study=study).raters:
            self.stdout.write(f"{stored.rater.name}: {stored.new} new codings in {study.slug}")

    def _new_study(self, options: dict[str, Any]) -> None:
        if options["kind"] != Rater.Kind.REFERENCE or not options["study"]:
            raise ValueError(
                "--new makes a study of a reference: it goes with --kind reference and --study NAME"
            )
        slug = options["study"]
        slug_free(slug)
        given = given_path(options["file"], settings.UPLOAD_LIMIT)
        plan = plan_of_study(file=given, options=_chosen(options))
        if options["dry_run"]:
            self._show(plan, f"a new study {slug}, of notes without their text")
            return
        self._tell(plan)
        made = study_store(plan=plan, slug=slug)
        notes = counted(made.notes.count(), "note")
        codes = counted(made.code_set.codes.count(), "code")
        self.stdout.write(f"{made.slug}: a study of {notes} and {codes}")

    def _show(self, plan: ImportPlan, place: str) -> None:
        for line in plan_lines(plan, place):
            self.stdout.write(line)

    def _tell(self, plan: ImportPlan) -> None:
        for sentence in plan.said():
            self.say(sentence)


def _add_reading(parser: CommandParser) -> None:
    """The options about how the file is read, and what is left out of it."""
    parser.add_argument(
        "--unknown",
        choices=UNKNOWN,
        default="refuse",
        help="a string that is no code: refuse the file (default); keep it as written, it counts "
        "as given and is never right; drop it. A retired code is a code",
    )
    parser.add_argument(
        "--notes-of-study",
        action="store_true",
        help="leave out the notes that the study lacks, and count them",
    )
    parser.add_argument(
        "--reference-rater",
        default="",
        metavar="NAME",
        help="which of the file's raters is the reference: with --kind reference it alone is "
        "taken, else the others are",
    )
    parser.add_argument(
        "--codes-are",
        choices=CODE_KINDS,
        help="codes without dots are all diagnoses (dx) or all procedures (proc)",
    )
    parser.add_argument(
        "--reading",
        choices=("plain", "caml"),
        default="plain",
        help="caml: the zeros of procedures were lost as in the tables that CAML's code makes",
    )
    parser.add_argument(
        "--input-format", choices=sorted(set(FORMS.values())), help="whatever the file's ending is"
    )


def _add_scores(parser: CommandParser) -> None:
    """The options about a column of scores; docs/scores.md explains them."""
    group = parser.add_argument_group("scores", "what is said of a model's scores in the file")
    group.add_argument(
        "--threshold",
        type=float,
        metavar="T",
        help="a code is given where its score is above T (else the file's column `given` says it, "
        "or how the file lists codes)",
    )
    group.add_argument(
        "--threshold-dev",
        type=float,
        metavar="T",
        help="the threshold that the model's own development notes chose, for the preset tuned",
    )
    group.add_argument(
        "--floor", type=float, metavar="F", help="every code with a score above F is in the file"
    )
    group.add_argument(
        "--every-code",
        action="store_true",
        help="the file has every code that the model knows, for every note: others have "
        "probability 0",
    )
    group.add_argument(
        "--logits", action="store_true", help="the scores are logits; make them probabilities"
    )


def _chosen(options: dict[str, Any]) -> ImportOptions:
    scores = AskedScores(
        threshold=options["threshold"],
        threshold_dev=options["threshold_dev"],
        floor=options["floor"],
        every_code=options["every_code"],
        logits=options["logits"],
    )
    asked = Asked(options["input_format"], options["reading"], options["codes_are"], scores)
    return ImportOptions(
        options["unknown"], options["notes_of_study"], options["reference_rater"], asked
    )
