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

PATIENCE_SECONDS = 600


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
            models = Rater.objects.filter(kind=Rater.Kind.MODEL)
            names = ", ".join(models.values_list("name", flat=True))
            there_is = names or "none, use register_model"
            raise ValueError(f"no model named {options['model']}; there is: {there_is}")
        run = run_create(study=study, rater=rater, actor=None, poke=poke)
        out_of_reach = len(codes_out_of_reach(run))
        if out_of_reach:
            self.stderr.write(
                f"{out_of_reach} of the study's codes are not among the model's and can never be "
                "given (the run's page lists them); `python -m rac_model extend` gives a RAC that "
                "reads titles every code"
            )
        if not options["wait"]:
            self.stdout.write(
                f"run {run.pk} of {rater.name} is stored; workers take it as soon as they are free"
            )
            return
        end = wait_for(run)
        self.stdout.write(
            f"run {run.pk} of {rater.name}: {end.done} of {end.total} notes, "
            f"{end.truncated} truncated"
        )
        if end.state == "failed":
            raise CommandError(
                f"{end.notes_failed} of {end.total} notes failed: {end.failed[0].error}"
            )


def wait_for(run: ModelRun) -> RunProgress:
    """Watch a run to its end.

    Raises CommandError when nothing moves for ten minutes: no note is coded, and no worker renews a
    claim, as one does that is at a long note.
    """
    progress = run_progress(run)
    moved_at = time.monotonic()
    with progress_bar(progress.total, run.rater.name) as update:
        report = to_total(update)
        while progress.state not in ("done", "failed"):
            if time.monotonic() - moved_at > PATIENCE_SECONDS:
                raise CommandError(
                    f"run {run.pk} has not moved for ten minutes; it waits, and goes on when Redis "
                    "and a worker answer (manage.py doctor)"
                )
            report(progress.done)
            time.sleep(0.5)
            before = progress
            progress = run_progress(run)
            if (progress.done, progress.renewed) != (before.done, before.renewed):
                moved_at = time.monotonic()
    return progress
