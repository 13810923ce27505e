from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.services.notes_in import batch_upload, notes_check, same_file
from files.source import opened


class Command(Base):
    help = (
        "Load a batch of notes: CSV note_id,text[,codes] or JSONL (.gz too). All rows are loaded; "
        "or none, and every error is shown. Codes are separated by | and keep their dots; codes "
        "without dots go into the columns dx_codes and proc_codes, the patient's id into patient. "
        "Separator, encoding and order "
        "of columns are detected. docs/data.md has the whole format."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--practice",
            action="store_true",
            help="the notes are to practise on: they need codes, and no study can have them",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="check the file and say what would be stored, and store nothing",
        )
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        path = options["file"]
        with opened(path) as file:
            if options["dry_run"]:
                self._show(path.name, file, options["practice"])
                return
            batch, new = batch_upload(
                name=path.name, data=file, user=None, for_practice=options["practice"]
            )
        if new:
            self.say(f"read as {batch.details['read_as']}")
            for remark in batch.details["remarks"]:
                self.say(remark)
        outcome = "loaded" if new else "here already"
        purpose = " for practice" if batch.for_practice else ""
        self.stdout.write(f"{batch.name}: {batch.notes.count()} notes{purpose}, {outcome}")

    def _show(self, name: str, file: IO[bytes], for_practice: bool) -> None:
        """What loading would do. FileError as loading would raise it."""
        reading, found = notes_check([(name, file)], for_practice=for_practice)
        same = same_file(found, for_practice)
        for line in found.lines():
            self.stdout.write(line)
        reading.found[0].problems.refuse()
        if same is not None:
            self.stdout.write(f"{name}: here already as {same.name}; nothing would change")
            return
        self.stdout.write(f"{name}: {found.good:,} notes would be loaded; nothing was stored")
