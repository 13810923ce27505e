"""A synthetic corpus beside the published figures, and the simulated coders beside the paper's.

`python -m annotation.synthetic.check [--notes N] [--seed S] [--full]` writes a corpus to a temporary folder, prints.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from annotation.codes import title_or_nearest
from annotation.synthetic.coders import SimulatedCoder
from annotation.synthetic.corpus import write_corpus
from annotation.synthetic.stays import make_stay
from annotation.synthetic.world import world
from rac_model.mimic import Admission, Title, read_admissions, read_titles

T = TypeVar("T")
TUNING_SEED = 3
"""Seed of the notes on which the coders were tuned; never the demo's nor a training corpus's."""
PUBLISHED = {
    "codes a note": "15.9", "diagnoses' share": ".74", "top 50 share": ".34", "words a note": "1,200-1,500 (full)",
    "tokens a note": "1,513", "addenda a note": ".13", "ceiling, micro-F1": ".85-.89", "distinct codes": "",
    "codes a coder": "4-5", "micro precision": ".40-.55", "micro recall": ".09-.16", "seconds a note": "",
}  # fmt: skip


def corpus_figures(admissions: Sequence[Admission], titles: Mapping[str, Title]) -> dict[str, float]:
    """Means over notes; retired codes count as diagnoses except 36.01."""
    counts = Counter(code for admission in admissions for code in admission.codes)
    total, notes = sum(counts.values()), len(admissions)
    procedures = sum(n for c, n in counts.items() if c == "36.01" or (c in titles and titles[c].kind == "proc"))
    return {
        "codes a note": total / notes,
        "diagnoses' share": 1 - procedures / total,
        "top 50 share": sum(n for _, n in counts.most_common(50)) / total,
        "distinct codes": len(counts),
        "words a note": sum(len(a.text.split()) for a in admissions) / notes,
        "tokens a note": sum(len(re.findall(r"\w+", a.text)) for a in admissions) / notes,
        "addenda a note": sum("\nAddendum:\n" in a.text for a in admissions) / notes,
    }


def ceiling(seed: int, notes: int) -> float:
    """Micro-F1 of one who reads everything that is said, without error, against the imperfect reference."""
    stays = [make_stay(world(), seed, k) for k in range(notes)]
    return micro((set(stay.truth) - stay.unsaid, set(stay.reference)) for stay in stays)[2]


def micro(pairs: Iterable[tuple[set[T], set[T]]]) -> tuple[float, float, float]:
    """Pooled precision, recall and F1 of (predicted, reference) sets."""
    hits = predicted = true = 0
    for given, reference in pairs:
        hits, predicted, true = hits + len(given & reference), predicted + len(given), true + len(reference)
    return hits / predicted, hits / true, 2 * hits / (predicted + true)


def shortlist_titles(admissions: Iterable[Admission], titles: Mapping[str, Title]) -> dict[str, Title]:
    """Titles of every code of the admissions; a retired one borrows its neighbour's."""
    long = {code: title.long for code, title in titles.items()}
    codes = sorted({code for admission in admissions for code in admission.codes})
    return {code: titles.get(code) or Title("", "", title_or_nearest(code, long)) for code in codes}


def coder_figures(name: str, admissions: Sequence[Admission], shortlist: Mapping[str, Title]) -> dict[str, float]:
    """How one simulated coder does on the admissions."""
    coder = SimulatedCoder(name, TUNING_SEED, shortlist)
    work = [coder.code(admission.text) for admission in admissions]
    precision, recall, _ = micro((set(w[0]), set(a.codes)) for w, a in zip(work, admissions, strict=True))
    return {
        "codes a coder": sum(len(codes) for codes, _ in work) / len(work),
        "micro precision": precision,
        "micro recall": recall,
        "seconds a note": sum(seconds for _, seconds in work) / len(work),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m annotation.synthetic.check", description=__doc__)
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=TUNING_SEED)
    parser.add_argument("--full", action="store_true", help="notes of full length")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        write_corpus(Path(folder), notes=options.notes, seed=options.seed, short=not options.full)
        titles, admissions = read_titles(Path(folder)), list(read_admissions(Path(folder)))
    _print("corpus", {**corpus_figures(admissions, titles), "ceiling, micro-F1": ceiling(options.seed, options.notes)})
    shortlist = shortlist_titles(admissions, titles)
    for name in ("Ada", "Ben"):
        _print(f"{name} (simulated)", coder_figures(name, admissions, shortlist))
    return 0


def _print(heading: str, figures: Mapping[str, float]) -> None:
    rows = [f"  {name:<20}{value:>10.3f}   {PUBLISHED[name]}\n" for name, value in figures.items()]
    sys.stdout.write(f"{heading}\n{''.join(rows)}")


if __name__ == "__main__":
    sys.exit(main())
