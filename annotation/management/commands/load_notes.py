from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.services.batches import batch_upload
from files.source import read_bytes


class Command(Base):
    help = (
        "Load a batch of notes: CSV note_id,text[,codes] or JSONL (.gz too). All rows go in, or none and every error "
        "is told. Codes are separated by | and keep their dots; undotted ones go into dx_codes and proc_codes. "
        "Separators, UTF-16 and column order are found out. docs/data.md has the whole format."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        self.add_errors_option(parser)

    def handle(self, *args: object, **options: Any) -> None:
        path = options["file"]
        batch, new = batch_upload(name=path.name, data=read_bytes(path), user=None)
        if new:
            self.say(f"read as {batch.details['read_as']}")
            for remark in batch.details["remarks"]:
                self.say(remark)
        self.stdout.write(
            f"{batch.name}: {batch.notes.count()} notes, {'loaded' if new else 'here already'}"
        )
