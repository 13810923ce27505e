import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.processes import EmbeddedError, Services, follow, only_one

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Command(BaseCommand):
    help = "Run the whole study on synthetic notes, with real parts, and keep it up until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when Table 1 is printed")

    def handle(self, *args: object, **options: object) -> None:
        # Both signals, whatever they did before: a script may have started us with SIGINT ignored.
        for number in STOPPING:
            signal.signal(number, _interrupt)
        home = Path(settings.HOME)
        services = Services(home)
        try:
            with only_one(home):
                self._run(services, once=bool(options["once"]))
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as stop:
            _say("stopped, every process too")
            if not services.reached_the_end:
                raise CommandError("stopped before the end", returncode=130) from stop

    def _run(self, services: Services, once: bool) -> None:
        """Start the services, run the steps, keep everything up unless `once`, and stop."""
        began = time.monotonic()
        try:
            _say("starting Redis, Label Studio, the site, two workers and the clock ...")
            services.start()
            services.wait()
            _say(f"all services answer: {time.monotonic() - began:.1f} s")
            if follow([sys.executable, "manage.py", "demo_steps"], services):
                raise EmbeddedError("the demo did not finish; the failed step is named above")
            services.reached_the_end = True
            if not once:
                self._stay(services)
        finally:
            # A second Ctrl-C must not leave a process behind.
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            services.stop()
        _say(f"done in {time.monotonic() - began:.0f} s, every process stopped")
        trouble = services.trouble()
        if trouble:
            raise EmbeddedError(f"the step 'look through the logs' failed: {trouble}")

    def _stay(self, services: Services) -> None:
        """Print addresses and log-ins, and wait. EmbeddedError where a service ends for good."""
        access = json.loads((services.home / "access.json").read_text())
        _say(f"\nThe site:      {access['site']}\nThe dashboard: {access['study']}\nLog-ins:")
        for name, person in access["people"].items():
            _say(f"  {name}  {person['password']}  ({person['role']})")
        _say("Ada and Ben are simulated coders. Ctrl-C stops everything.")
        dead = services.dead()
        while not dead:
            time.sleep(1)
            dead = services.dead()
        raise EmbeddedError(f"{dead} ends again and again; its log is {services.log(dead)}")


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
