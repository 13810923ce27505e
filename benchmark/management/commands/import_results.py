from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from benchmark.services.import_table2 import evaluation_import


class Command(Base):
    help = (
        "Put a table of `python -m rac_model evaluate --format json` on the results pages, "
        "as Table 2."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what evaluate wrote with --format json")

    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(
                f"{path.name} cannot be read ({type(error).__name__}); give a file of evaluate"
            ) from error
        table, created = evaluation_import(text=text)
        rows = table.rows.count()
        words = f"table {table.pk}: {rows} systems on {table.result['notes']} notes"
        if not created:
            words += ", known already: now the newest"
        self.stdout.write(words)
