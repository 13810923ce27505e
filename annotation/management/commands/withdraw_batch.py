from typing import Any

from django.core.management.base import CommandParser

from annotation.management.command import Command as Base
from annotation.selectors.removal import batch_named
from annotation.services.withdraw import batch_put_back, batch_withdraw


class Command(Base):
    help = (
        "Withdraw a batch: no new study can have it, its notes stay for closed studies. "
        "--put-back undoes it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("batch", help="name or number of the batch")
        parser.add_argument("--put-back", action="store_true", help="let studies have it again")

    def handle(self, *args: object, **options: Any) -> None:
        batch = batch_named(options["batch"])
        if options["put_back"]:
            batch_put_back(batch=batch, actor=None)
            self.stdout.write(f"{batch.name} is back; new studies can have it")
        else:
            batch_withdraw(batch=batch, actor=None)
            self.stdout.write(f"{batch.name} is withdrawn; no new study can have it")
