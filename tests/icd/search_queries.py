"""Queries whose first ten codes are kept in search_queries.tsv, for both engines of the search.

After a change of tables or ranking: `.venv/bin/python -m tests.icd.search_queries` writes the file
anew; look at what changed before it is committed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from icd.search import search
from icd.search.tables import tables
from tests.icd.study import probes, study_index, study_rows

FILE = Path(__file__).with_suffix(".tsv")
FIRST = 10
SETS = ("search_probes", "search_second", "search_third", "search_fourth")
ODD = [
    "", " ", "  \t ", ".", "-", "'", "&", "n&v", "N & V", "a", "I", "v", "e", "0", "00", "9999",
    "4280.", "428.", "428.0 ", " 428.0", "v 45.81", "V45.81x", "e885.", "250.00.1", "42 8.0",
    "CHF", "chf chf", "heart heart heart", "of", "of the", "s/p", "hx of", "h/o", "status post",
    "s/p s/p cabg", "cabg hx", "hx of hx of mi", "w/o", "w/", "left", "R hip fx", "lt rt",
    "Crohn's", "Crohn’s disease", "crohns", "Ménière", "meniere's disease", "naïve", "İstanbul",
    "ſepsis", "K+ low", "½", "№ 5", "心不全", "сердце", "😀", "heart 😀 failure", "e\u0301coli",
    "\u0301\u0301", "\ud800", "chest\u00a0pain", "chest\u200bpain", "chest\npain", "chest\tpain",
    "x" * 60, "heart failure " * 5, "chronic " * 8, "é" * 70, "😀" * 61 + "chf", "1" * 60,
    "hypertension!!!", "(heart) [failure]", "heart-failure", "heart_failure", "heart/failure",
    "<script>", "a\\b", '"', "`", "%", "#", "constructor", "__proto__", "toString",
    "diabetes mellitus without mention of complication type ii or unspecified",
    "unspecified", "other", "not elsewhere classified", "without mention", "zzzz", "qwertyuiop",
]  # fmt: skip
"""What fingers, scanners and other keyboards send."""


def queries() -> list[str]:
    """Every query of the file, each once."""
    found = [probe.query for name in SETS for probe in probes(name)]
    return list(dict.fromkeys([*found, *ODD]))


def generated(seed: int, count: int) -> Iterator[str]:
    """Queries made of the list's titles, of the table's spellings, of codes, and of noise."""
    rng = random.Random(seed)
    words = [word for row in study_rows() for word in row.long.split()]
    spellings = sorted(tables().spellings.values())
    codes = [row.code for row in study_rows()]
    before = ["s/p ", "hx of ", "left ", "acute ", "R "]
    noise = "abcde '’-/.,<>&+éÉßİKſ½№\u0301😀\t\n 012"
    for _ in range(count):
        title = rng.choice(study_rows()).long.split()
        code = rng.choice(codes)
        yield rng.choice(
            [
                " ".join(rng.sample(words, rng.randrange(1, 5))),
                " ".join(word[: rng.randrange(1, 8)] for word in title[:4]),
                " ".join(mistyped(word, rng) for word in title[: rng.randrange(1, 4)]),
                rng.choice(spellings),
                mistyped(rng.choice(spellings), rng),
                rng.choice(before) + rng.choice(spellings),
                code[: rng.randrange(1, 7)],
                f"{code.replace('.', '')} {rng.choice(words)}",
                "".join(rng.choice(noise) for _ in range(rng.randrange(70))),
            ]
        )


def mistyped(word: str, rng: random.Random) -> str:
    """The word with a letter missing, added, changed, or before its neighbour."""
    if len(word) < 4:
        return word
    place = rng.randrange(len(word))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [
            word[:place] + word[place + 1 :],
            word[:place] + letter + word[place:],
            word[:place] + letter + word[place + 1 :],
            word[:place]
            + word[place + 1 : place + 2]
            + word[place : place + 1]
            + word[place + 2 :],
        ]
    )


def expected() -> dict[str, list[str]]:
    """Query -> its first ten codes, as the file has them."""
    found = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        query, _, codes = line.partition("\t")
        found[json.loads(query)] = codes.split()
    return found


def write() -> None:
    """Write the file: a query as JSON, its first ten codes."""
    lines = []
    for query in queries():
        codes = [hit.code for hit in search(study_index(), query, FIRST)]
        lines.append(f"{json.dumps(query)}\t{' '.join(codes)}\n")
    FILE.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} queries in {FILE}")


if __name__ == "__main__":
    write()
