"""`make bench-coding`: how long a coder waits in each interface, and is our page quick enough?"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from demo.processes import LABEL_STUDIO_BIN
from tests.bench.coding.figures import Row, is_busy, table, targets
from tests.bench.coding.measure import measured, say
from tests.bench.coding.options import Options, options
from tests.bench.coding.site import WORDS, Site, code_rows, installed
from tests.browser import CHROMIUM, launched


def main() -> int:
    asked = options()
    for what, path in (("Label Studio", LABEL_STUDIO_BIN), ("Chromium", CHROMIUM)):
        if not path.exists():
            say(f"{what} is not there: make setup-dev setup-system installs it")
            return 2
    say("starting Redis, Label Studio, the site and its workers; then the codes and the notes ...")
    with installed(asked.notes) as site, launched() as browser:
        _show_head(asked, site, browser)
        rows = [
            measured(browser, site, name, asked.repetitions, asked.notes) for name in asked.rows
        ]
    return show(rows)


def _show_head(asked: Options, site: Site, browser: Any) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{_processor()}, {os.cpu_count()} cores; load before: {load}")
    print(f"Label Studio {site.label_studio_version()}, Chromium {browser.version}")
    print(
        f"{len(code_rows()):,} codes, notes of {WORDS:,} words; "
        f"median of {asked.repetitions}; load: average of a minute, before each row"
    )


def _processor() -> str:
    """The processor's name, where this system tells it."""
    told = Path("/proc/cpuinfo")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(": ")[2]
    return platform.machine()


def show(rows: list[Row]) -> int:
    """Print the table and the targets. Returns 1 where one is missed."""
    print(table(rows))
    if is_busy(rows, os.cpu_count() or 1):
        print("the machine was busy with other things: times are longer than they would be alone")
    held = targets(rows)
    if not held:
        print("no target: our own page was not measured")
    for target in held:
        print(target)
    return 0 if all(target.is_met for target in held) else 1


if __name__ == "__main__":
    sys.exit(main())
