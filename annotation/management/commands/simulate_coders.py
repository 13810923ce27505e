from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.management.command import progress_bar
from annotation.selectors.studies import study_get
from annotation.services.simulate import coders_simulate


class Command(Base):
    help = (
        "Let the simulated coders of a study submit their notes, "
        "through Label Studio's API with their own accounts, or by the service of our own page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", nargs="?")

    def handle(self, *args: object, **options: Any) -> None:
        study = study_get(options["study"])
        total = study.assignments.filter(rater__simulated=True).count()
        with progress_bar(total, "answers") as update:
            sent = coders_simulate(study=study, progress=update)
        self.stdout.write(f"{sent} answers submitted by simulated coders")
