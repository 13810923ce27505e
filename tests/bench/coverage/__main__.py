"""The command of `make coverage`."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor

from tests.bench.coverage import alpha, bootstrap, coders, macro, reference, scores
from tests.bench.coverage.run import Runner

TOPICS = {
    "bootstrap": bootstrap,
    "macro": macro,
    "coders": coders,
    "alpha": alpha,
    "scores": scores,
    "reference": reference,
}


def main() -> None:
    options = ArgumentParser(prog="make coverage", description=__doc__)
    options.add_argument("--only", choices=list(TOPICS), action="append", help="this topic alone")
    options.add_argument("--share", type=float, default=1.0, help="of the worlds, such as .05")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--processes", type=int, default=os.cpu_count())
    chosen = options.parse_args()
    print(f"Seed {chosen.seed}. A level is followed by its standard error.")
    with ProcessPoolExecutor(chosen.processes) as pool:
        runner = Runner(pool, chosen.seed, chosen.share)
        for name in chosen.only or TOPICS:
            began = time.monotonic()
            for section in TOPICS[name].sections(runner):
                print(section, flush=True)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
