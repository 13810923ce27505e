from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.selectors.studies import study_get
from annotation.selectors.study_life import left_undone
from annotation.services.study_life import study_close


class Command(Base):
    help = (
        "Close a study: the last answers are fetched, and Label Studio takes no more. "
        "Only an admin can reopen it, on its page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="short name of the study")
        parser.add_argument(
            "--yes",
            action="store_true",
            help="close it; without this the command only says what is left",
        )

    def handle(self, *args: object, **options: Any) -> None:
        study = study_get(options["name"])
        undone = left_undone(study)
        for coder, done, left in undone.rows:
            self.say(f"{coder}: {done} done, {left} left")
        if not options["yes"]:
            raise ValueError(
                f"study {study.slug} is {study.status}, {undone.left} left; --yes closes it"
            )
        study_close(study=study, actor=None)
        self.stdout.write(
            f"study {study.slug} is closed; {undone.left} of {undone.total} assignments were left"
        )
