from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from benchmark.services.checkpoints import model_register


class Command(Base):
    help = (
        "Make a checkpoint folder a rater: it is verified, and copied into the model store under "
        "its sha256."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--name", required=True)

    def handle(self, *args: object, **options: Any) -> None:
        rater = model_register(folder=options["folder"], name=options["name"])
        self.stdout.write(f"{rater.name}: checkpoint {rater.checkpoint_sha256}")
