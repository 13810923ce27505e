from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.services.batches import batch_upload
from files.source import read_bytes


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
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        path = options["file"]
        batch, new = batch_upload(
            name=path.name, data=read_bytes(path), user=None, for_practice=options["practice"]
        )
        if new:
            self.say(f"read as {batch.details['read_as']}")
            for remark in batch.details["remarks"]:
                self.say(remark)
        outcome = "loaded" if new else "here already"
        purpose = " for practice" if batch.for_practice else ""
        self.stdout.write(f"{batch.name}: {batch.notes.count()} notes{purpose}, {outcome}")
