from pathlib import Path

from django.core.management.base import CommandParser

from annotation.command import Command as Base
from annotation.selectors import study_get
from benchmark.metrics.codings_file import read_bytes
from benchmark.services.imports import KINDS, codings_import


class Command(Base):
    help = (
        "Put anybody's codes on a study's notes: a rater of its Table 1, though nothing was coded here. CSV (header "
        'note_id,code), JSONL ({"note_id", "codes"}) or PSV (note|code|code); all rows are stored or none.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--rater", required=True, help="name of the rater in tables")
        parser.add_argument("--kind", required=True, choices=[str(kind) for kind in KINDS])
        parser.add_argument("--study", help="slug (default: the only study, or the newest)")

    def handle(self, *args: object, **options) -> None:  # noqa: ANN003
        study, path = study_get(options["study"]), options["file"]
        rater, new = codings_import(
            study=study, name=options["rater"], kind=options["kind"], file=path.name, data=read_bytes(path)
        )
        self.stdout.write(f"{rater.name}: {new} new codings in {study.slug}")
