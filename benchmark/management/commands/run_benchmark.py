import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation.management.command import Command as Base
from annotation.selectors.studies import study_get
from benchmark.metrics.tables.rendering import RENDERERS, Table, render
from benchmark.metrics.tables.spreadsheet import xlsx
from benchmark.models import BenchmarkRun
from benchmark.scoring.beside import Margin, Weighted
from benchmark.scoring.presets import PRESETS
from benchmark.selectors.inputs import NothingToCompareError
from benchmark.selectors.methods import setting_of
from benchmark.selectors.table1 import study_table
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.details import DETAILS
from benchmark.tables.methods import methods_text
from files.code_files import read_counts, read_groups, read_weights
from files.output import check_file, write_file
from files.spreadsheet_csv import spreadsheet_csv

TABLES = ("Raters of study", "rater,kind,", "protocol_sha256")
"""What Table 1 in any of its formats says at its head."""


class Command(Base):
    help = (
        "Score every rater of a study against its reference and print Table 1, or another table "
        "of the results page. Needs the database alone. --out writes over an earlier table, and "
        "over no other file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", nargs="?", help="default: the newest study")
        presets = "; ".join(f"{preset.name}: {preset.about}" for preset in PRESETS.values())
        parser.add_argument(
            "--preset",
            choices=list(PRESETS),
            help=f"{presets} (default: the study's, which is paper where coders tick codes and "
            "union where there are codings alone)",
        )
        parser.add_argument(
            "--raters", default="", help="names as in the table, separated by commas (default: all)"
        )
        parser.add_argument(
            "--table",
            choices=["table1", *DETAILS],
            default="table1",
            help="another table of the results page; ranking: models by their probabilities "
            "(default: table1)",
        )
        parser.add_argument(
            "--more",
            action="store_true",
            help="after the table every other table that the benchmark has, each under its title",
        )
        parser.add_argument(
            "--format",
            choices=[*RENDERERS, "xlsx", "json", "methods"],
            default="text",
            help="json: the whole document; methods: paragraphs for a paper with the study's own "
            "numbers, and BibTeX",
        )
        parser.add_argument("--out", type=Path, help="write here instead of standard output")
        parser.add_argument(
            "--final", action="store_true", help="refuse while any rater lacks notes"
        )
        told = parser.add_argument_group(
            "told afterwards",
            "What a study's protocol should have said before anybody coded. Its hash stays; the "
            "figures say that this was set afterwards, and pages show the study without it.",
        )
        told.add_argument(
            "--margin",
            type=float,
            help="the loss in micro Jaccard, model less coder, that would not matter, such as 0.05",
        )
        told.add_argument(
            "--weights", type=Path, help="CSV code,weight[,tier]: what each code counts for"
        )
        told.add_argument(
            "--counts",
            type=Path,
            help="CSV code,count and a row ,N: how many of N other notes have each code",
        )
        told.add_argument("--groups", type=Path, help="CSV note_id,group: parts of the notes")

    def handle(self, *args: object, **options: Any) -> None:
        study = study_get(options["study"])
        table = options["table"]
        if table != "table1" and options["format"] in ("json", "methods"):
            raise ValueError(
                "json and methods are of the whole document, with every table's figures; no --table"
            )
        if options["more"] and options["format"] in ("json", "xlsx", "methods"):
            raise ValueError("--more is for text, md, csv and tex; json has everything anyway")
        afterwards = told_afterwards(options)
        if options["out"] and table == "table1":
            check_file(options["out"], marks=(*TABLES, f"Study {study.slug} compared"))
        only = [name.strip() for name in options["raters"].split(",") if name.strip()]
        try:
            run = benchmark_run(
                study=study,
                preset=options["preset"],
                final=options["final"],
                only=only,
                afterwards=afterwards,
            )
        except NothingToCompareError as error:
            raise CommandError(str(error), returncode=1) from error
        laid_out = table_of(run, table)
        content = printed(run, options["format"], laid_out)
        if options["more"]:
            content += more(run, options["format"], laid_out)
        if options["out"]:
            marks = (*TABLES, laid_out.title, f"Study {study.slug} compared")
            check_file(options["out"], marks=marks)
            write_file(options["out"], content)
            self.say(f"written to {options['out']}")
        elif options["format"] == "xlsx":
            raise ValueError("a spreadsheet is no text; say where to write it with --out")
        else:
            self.stdout.write(content.decode(), ending="")


def told_afterwards(options: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Beside` that the options tell. ValueError or FileError for what is none."""
    found: dict[str, Any] = {}
    margin = options["margin"]
    if margin is not None:
        if not 0 < margin < 1:
            raise ValueError(f"--margin is {margin}; it must be above 0 and below 1, such as 0.05")
        found["margin"] = Margin(margin, afterwards=True)
    if options["weights"]:
        read = read_weights(str(options["weights"]))
        digest = hashlib.sha256(options["weights"].read_bytes()).hexdigest()
        found["weighted"] = Weighted(read.weights, read.tiers, afterwards=True, sha256=digest)
    if options["counts"]:
        found["outside"] = read_counts(str(options["counts"]))
    if options["groups"]:
        found["groups"] = read_groups(str(options["groups"]))
    return found


def table_of(run: BenchmarkRun, name: str) -> Table:
    """Table 1, or one of those below it. CommandError where the benchmark has nothing of it."""
    if name == "table1":
        return study_table(run)
    table = DETAILS[name](run.result)
    if table is None:
        raise CommandError(f"this benchmark of {run.study.slug} has no table {name}", returncode=1)
    return table


def printed(run: BenchmarkRun, form: str, table: Table) -> bytes:
    """The table in that format, the whole document, or paragraphs about it."""
    if form == "methods":
        return methods_text(run.result, setting_of(run.study)).encode()
    if form == "xlsx":
        return xlsx(table)
    if form == "json":
        return (json.dumps(run.result.to_json(), indent=2) + "\n").encode()
    return render(table, form).encode()


def more(run: BenchmarkRun, form: str, printed_before: Table) -> bytes:
    """Every other table below Table 1, in that format; of CSV each under a line with its title."""
    parts = []
    for lay_out in DETAILS.values():
        table = lay_out(run.result)
        if table is None or table.title == printed_before.title:
            continue
        text = render(table, form)
        if form == "csv":
            text = spreadsheet_csv([[table.title]]) + text
        parts.append(f"\n{text}")
    return "".join(parts).encode()
