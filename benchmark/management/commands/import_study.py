from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from benchmark.bundle.import_study import study_import


class Command(Base):
    help = (
        "Read a study back from a file of export_study, check its hashes, and store it as a "
        "closed study."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", help="name in addresses (default: the study's own)")

    def handle(self, *args: object, **options: Any) -> None:
        study = study_import(data=options["file"].read_bytes(), slug=options["name"])
        raters = study.codings.values("rater").distinct().count()
        self.stdout.write(
            f"{study.slug}: {study.notes.count()} notes, {raters} raters; now run_benchmark"
        )
