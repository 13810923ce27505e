from pathlib import Path

from django.core.management.base import CommandParser

from annotation.command import Command as Base
from annotation.services.batches import batch_upload


class Command(Base):
    help = "Load a batch of notes from CSV note_id,text[,codes] or JSONL (.gz too): all rows, or none and every error."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: object, **options) -> None:  # noqa: ANN003
        batch, new = batch_upload(name=options["file"].name, data=options["file"].read_bytes(), user=None)
        self.stdout.write(f"{batch.name}: {batch.notes.count()} notes, {'loaded' if new else 'here already'}")
