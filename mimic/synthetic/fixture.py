"""The thirty short notes of fixtures/mimic_30, for tests and first looks.

`python -m mimic.synthetic.fixture fixtures/mimic_30` writes them anew; a test compares the bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mimic.synthetic.corpus import write_corpus
from mimic.synthetic.stays import make_stay
from mimic.synthetic.world import common_codes, world

FIXTURE_SEED = 30
NOTES = 30
SPLITS = (16, 4, 10)
COMMON = 40
"""Titles of so many common codes are there beside those of the codes used."""


def write_fixture(out: Path) -> None:
    """Write the folder; its title tables hold the codes used and some common ones."""
    titles = set(list(common_codes())[:COMMON])
    for number in range(NOTES):
        for code in make_stay(world(), FIXTURE_SEED, number).reference:
            titles.add(world().codes[code])
    write_corpus(out, notes=NOTES, seed=FIXTURE_SEED, short=True, splits=SPLITS, titles=titles)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m mimic.synthetic.fixture FOLDER")
    write_fixture(Path(sys.argv[1]))
