import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation.management.command import Command as Base
from annotation.models import Batch, Purge
from annotation.selectors.removal import batch_named
from benchmark.selectors.purges import (
    name_to_type,
    purge_facts,
    purge_named,
    purge_refusal,
    receipt_lines,
)
from benchmark.services.purge import purge_ask, purge_go_on


class Command(Base):
    help = (
        "Remove a batch's notes for good: from Coderbench, from Label Studio, and from the free "
        "pages of both databases. The name has to be typed, or given with --yes-purge. The receipt "
        "goes to stdout. Where a part could not be done, run it again: it goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", help="name or number of the batch")
        parser.add_argument(
            "--yes-purge", metavar="NAME", help="the batch's name: remove without asking"
        )

    def handle(self, *args: object, **options: Any) -> None:
        purge = purge_named(options["batch"])
        if purge is None:
            purge = self._asked(batch_named(options["batch"]), options["yes_purge"])
        else:
            self.say(f"going on with removal {purge.pk}")
        complete = purge_go_on(purge, self.say)
        self.stdout.write("\n".join(receipt_lines(purge)))
        if not complete:
            raise CommandError("not complete: run it again; the clock tries again too")

    def _asked(self, batch: Batch, given: str | None) -> Purge:
        """Ask whether it is meant. Raises ValueError where the name is not the batch's."""
        refusal = purge_refusal(batch)
        if refusal:
            raise ValueError(refusal)
        for fact in purge_facts(batch):
            self.say(f"- {fact}")
        name = name_to_type(batch)
        if given is None:
            given = self._typed(name)
        if given.strip() != name:
            raise ValueError(f"nothing was removed: {given[:60]!r} is not {name}")
        return purge_ask(batch=batch, actor=None)

    def _typed(self, name: str) -> str:
        """What is typed at the terminal; ValueError where there is none."""
        if not sys.stdin.isatty():
            raise ValueError(f"nothing was removed: give --yes-purge {name!r}")
        self.say(f"Type {name} to remove these notes for good:")
        return sys.stdin.readline()
