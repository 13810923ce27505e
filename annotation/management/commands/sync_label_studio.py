import time
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from annotation.label_studio.client import LabelStudioError
from annotation.management.command import Command as Base
from annotation.models import Study, Workspace
from annotation.services.sync import Pulled, workspace_pull


class Command(Base):
    help = (
        "Pull changed answers of every open study from Label Studio: "
        "again and again at the poll's interval, or once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        while True:
            try:
                pulled = self.pull()
            except LabelStudioError as error:
                if options["once"]:
                    raise CommandError(str(error)) from error
                self.say(f"{error}; trying again in {settings.POLL_SECONDS} s")
            else:
                self.stdout.write(
                    f"{pulled.stored} answers stored, {pulled.quarantined} quarantined"
                )
            if options["once"]:
                return
            time.sleep(settings.POLL_SECONDS)

    def pull(self) -> Pulled:
        """Pull every project of an open study, and record answers that were deleted there."""
        workspaces = Workspace.objects.filter(study__status=Study.Status.OPEN)
        pulled = Pulled()
        for workspace in workspaces.select_related("study", "rater__user"):
            pulled += workspace_pull(workspace=workspace, reconcile=True)
        return pulled
