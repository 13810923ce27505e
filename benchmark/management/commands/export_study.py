from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.selectors.studies import study_get
from benchmark.bundle.export import study_export
from benchmark.bundle.zip_format import FORMAT
from files.output import check_file, write_file


class Command(Base):
    help = (
        "Write a study to one file: protocol, hashes, raters, every coding, the newest benchmarks "
        "with tables and figures; no text of a note unless asked. import_study reads it back, here "
        "or elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", nargs="?", help="default: the newest study")
        parser.add_argument(
            "--out", type=Path, help="default: STUDY.zip; writes over an earlier bundle alone"
        )
        parser.add_argument(
            "--with-text", action="store_true", help="the notes' text as well: patient data leaves"
        )

    def handle(self, *args: object, **options: Any) -> None:
        study = study_get(options["study"])
        out = options["out"] or Path(f"{study.slug}.zip")
        check_file(out, marks=[FORMAT.rpartition("-")[0]])
        data = study_export(study=study, with_text=options["with_text"])
        write_file(out, data)
        self.stdout.write(f"{out}: {len(data):,} bytes")
