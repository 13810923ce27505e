import sys
import time

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo import steps


class Command(BaseCommand):
    help = "The demo's steps against services that run already; `manage.py demo` starts those and calls this."

    def handle(self, *args: object, **options: object) -> None:
        all_steps = steps.steps()
        for number, (name, step) in enumerate(all_steps.items(), start=1):
            began = time.monotonic()
            print(f"[{number}/{len(all_steps)}] {name} ...", file=sys.stderr, flush=True)
            try:
                step()
            except Exception as error:
                raise CommandError(
                    f"the step '{name}' failed: {type(error).__name__}: {error}"
                ) from error
            print(
                f"[{number}/{len(all_steps)}] {name}: {time.monotonic() - began:.1f} s",
                file=sys.stderr,
                flush=True,
            )
        steps.access()
        call_command("run_benchmark", steps.SLUG, final=True, stdout=self.stdout)
