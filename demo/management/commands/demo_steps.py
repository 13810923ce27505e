import sys
import time

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo import steps


class Command(BaseCommand):
    help = (
        "Run the demo's steps; the services must run already. "
        "`manage.py demo` starts those and calls this."
    )

    def handle(self, *args: object, **options: object) -> None:
        all_steps = steps.steps()
        for number, (name, step) in enumerate(all_steps.items(), start=1):
            place = f"[{number}/{len(all_steps)}]"
            began = time.monotonic()
            _say(f"{place} {name} ...")
            try:
                step()
            except Exception as error:
                words = f"{type(error).__name__}: {error}"
                raise CommandError(f"the step '{name}' failed: {words}") from error
            _say(f"{place} {name}: {time.monotonic() - began:.1f} s")
        steps.access()
        call_command("run_benchmark", steps.SLUG, final=True, stdout=self.stdout)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
