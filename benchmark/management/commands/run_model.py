import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotation.management.command import Command as Base
from annotation.management.command import progress_bar, to_total
from annotation.models import Rater
from annotation.selectors.studies import study_get
from benchmark.models import ModelRun
from benchmark.selectors.runs import RunProgress, codes_out_of_reach, run_progress
from benchmark.services.runs import run_create
from benchmark.tasks import poke


class Command(Base):
    help = "Have Celery workers run a registered model on every note of a study."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", nargs="?", help="default: the newest study")
        parser.add_argument("model", help="name given to register_model")
        parser.add_argument(
            "--wait", action="store_true", help="show progress until the run has ended"
        )

    def handle(self, *args: object, **options: Any) -> None:
        study = study_get(options["study"])
        rater = Rater.objects.filter(kind=Rater.Kind.MODEL, name=options["model"]).first()
        if rater is None:
            names = ", ".join(
                Rater.objects.filter(kind=Rater.Kind.MODEL).values_list("name", flat=True)
            )
            raise ValueError(
                f"no model named {options['model']}; there is: {names or 'none, use register_model'}"
            )
        run = run_create(study=study, rater=rater, actor=None, poke=poke)
        if out_of_reach := len(codes_out_of_reach(run)):
            self.stderr.write(
                f"{out_of_reach} of the study's codes are not among the model's and can never be given (the run's page "
                "lists them); `python -m rac_model extend` gives a RAC that reads titles every code"
            )
        if not options["wait"]:
            self.stdout.write(
                f"run {run.pk} of {rater.name} is stored; workers take it as soon as they are free"
            )
            return
        end = wait_for(run)
        self.stdout.write(
            f"run {run.pk} of {rater.name}: {end.done} of {end.total} notes, {end.truncated} truncated"
        )
        if end.state == "failed":
            raise CommandError(
                f"{end.notes_failed} of {end.total} notes failed: {end.failed[0].error}"
            )


def wait_for(run: ModelRun) -> RunProgress:
    """Watch a run to its end. Raises CommandError when nothing moves for ten minutes: no note is coded, and no worker
    renews a claim, as one does that is at a long note."""
    moved, seen = time.monotonic(), None
    with progress_bar(run_progress(run).total, run.rater.name) as update:
        report = to_total(update)
        while (progress := run_progress(run)).state not in ("done", "failed"):
            now_seen = (progress.done, progress.renewed)
            if now_seen != seen:
                moved, seen = time.monotonic(), now_seen
            if time.monotonic() - moved > 600:
                raise CommandError(
                    f"run {run.pk} has not moved for ten minutes; it waits, and goes on when Redis and a worker answer "
                    "(manage.py doctor)"
                )
            report(progress.done)
            time.sleep(0.5)
    return progress
