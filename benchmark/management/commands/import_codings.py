from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.models import Rater
from annotation.selectors.studies import study_get
from benchmark.services.import_codings import KINDS, UNKNOWN, codings_import, study_from_codings
from files.codings import FORMS
from files.source import read_bytes


class Command(Base):
    help = (
        "Put anybody's codes on a study's notes: a rater of its Table 1, though nothing was coded "
        'here. CSV (header note_id,code), JSONL ({"note_id", "codes"}) or PSV (note|code|code), '
        ".gz of each; all rows are stored or none. Undotted codes need a column kind (dx or proc). "
        "docs/data.md has the whole format."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--rater", help="name of the rater in tables")
        parser.add_argument("--kind", required=True, choices=[str(kind) for kind in KINDS])
        parser.add_argument("--study", help="slug (default: the only study, or the newest)")
        parser.add_argument(
            "--new",
            action="store_true",
            help="with --kind reference: make the study, of the file's notes by their ids alone, "
            "without their text",
        )
        parser.add_argument(
            "--unknown",
            choices=UNKNOWN,
            default="refuse",
            help="a string that is no code: refuse the file (default), or keep it as written, "
            "it counts as given and is never right",
        )
        parser.add_argument(
            "--input-format",
            choices=sorted(set(FORMS.values())),
            help="whatever the file's ending is",
        )
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        if options["new"]:
            self._new_study(options)
            return
        if not options["rater"]:
            raise ValueError("--rater NAME says whose codings they are")
        study = study_get(options["study"])
        rater, new = codings_import(
            study=study, name=options["rater"], kind=options["kind"], **self._file(options)
        )
        self.stdout.write(f"{rater.name}: {new} new codings in {study.slug}")

    def _new_study(self, options: dict[str, Any]) -> None:
        if options["kind"] != Rater.Kind.REFERENCE or not options["study"]:
            raise ValueError(
                "--new makes a study of a reference: it goes with --kind reference and --study NAME"
            )
        made = study_from_codings(slug=options["study"], **self._file(options))
        notes = made.notes.count()
        codes = made.code_set.codes.count()
        self.stdout.write(f"{made.slug}: a study of {notes} notes and {codes} codes")

    def _file(self, options: dict[str, Any]) -> dict[str, Any]:
        """The arguments about the file that both ways of importing take."""
        path = options["file"]
        return {
            "file": path.name,
            "data": read_bytes(path),
            "unknown": options["unknown"],
            "input_format": options["input_format"],
            "tell": self.say,
        }
