"""A synthetic corpus beside the published figures, and the simulated coders beside the paper's.

`python -m mimic.synthetic.check [--notes N] [--seed S] [--short]` writes a corpus to a temporary folder and
prints its figures.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from icd.codes import CodeRow
from icd.titles import NearestTitle, Title
from mimic.folder import SPLIT_SIZES, Admission, read_admissions, read_splits, read_titles
from mimic.synthetic.coders import SimulatedCoder
from mimic.synthetic.corpus import write_corpus
from mimic.synthetic.stays import make_stay
from mimic.synthetic.world import frequency, world

T = TypeVar("T")
TUNING_SEED = 3
"""Seed of the notes on which the coders were tuned; never the demo's nor a training corpus's."""
ENOUGH = 1_000
"""Notes from which on a corpus is held to its targets; fewer say too little."""
MIMIC_NOTES, MIMIC_CODES = sum(SPLIT_SIZES), 8_929
FORM = re.compile(r"Seed: (\d+)\. Form: (full|short)\.")


class Figure(NamedTuple):
    """A measured figure, what is published, and the bounds it must keep (none: only shown)."""

    name: str
    value: float
    published: str = ""
    low: float = -np.inf
    high: float = np.inf

    @property
    def kept(self) -> bool:
        """Whether the figure lies in its bounds."""
        return self.low <= self.value <= self.high

    def __str__(self) -> str:
        bounds = f"{self.low:,.5g} - {self.high:,.5g}" if np.isfinite(self.high) else ""
        verdict = "" if self.kept else "  OUTSIDE"
        return f"  {self.name:<28}{self.value:>12,.3f}   {self.published:<12}{bounds}{verdict}".rstrip()


def corpus_figures(folder: Path, progress: Callable[[int], None] = lambda notes: None) -> list[Figure]:
    """A folder that `write_corpus` wrote, beside MIMIC-III. Notes are streamed.

    Tokens are those that models read: runs of word characters, all-numeric ones dropped (Mullenbach et al. 2018).
    `progress` is called with the number of notes just read. ValueError where the folder is not a synthetic one.
    """
    notice = folder / "SYNTHETIC"
    told = FORM.search(notice.read_text(encoding="utf-8")) if notice.is_file() else None
    if told is None:
        raise ValueError(f"{folder.name} is no synthetic folder; make_synthetic_mimic writes one")
    seed, short = int(told[1]), told[2] == "short"
    codes_of = {}
    words = tokens = addenda = procedures = 0
    for admission in read_admissions(folder):
        codes_of[admission.hadm_id] = admission.codes
        procedures += sum(kind == "proc" for kind in admission.kinds.values())
        words += len(admission.text.split())
        tokens += sum(not token.isdigit() for token in re.findall(r"\w+", admission.text))
        addenda += "\nAddendum:\n" in admission.text
        progress(1)
    notes, counts = len(codes_of), Counter(code for codes in codes_of.values() for code in codes)
    total = sum(counts.values())
    length = (350, 400) if short else (1200, 1500)
    return [
        Figure("codes a note", total / notes, "15.9", 15, 17),
        Figure("diagnoses' share", 1 - procedures / total, ".74", 0.72, 0.76),
        Figure("top 50 share", sum(n for _, n in counts.most_common(50)) / total, ".34", 0.30, 0.38),
        Figure("words a note", words / notes, "", *length),
        Figure("tokens a note", tokens / notes, "" if short else "1,513"),
        Figure("addenda a note", addenda / notes, ".13", 0.08, 0.18),
        *_spread("all", codes_of.values()),
        *(
            figure
            for split, ids in read_splits(folder).items()
            if ids
            for figure in _spread(split, (codes_of[hadm] for hadm in ids))
        ),
        Figure("ceiling, micro-F1", ceiling(seed, min(notes, 2_000)), "", 0.85, 0.89),
    ]


def _spread(part: str, codings: Iterable[Sequence[str]]) -> Iterator[Figure]:
    """Distinct codes and singletons, beside what MIMIC-III would have in as many notes."""
    lists = list(codings)
    counts = Counter(code for codes in lists for code in codes)
    for name, value, expected in zip(
        ("distinct codes", "codes seen once"),
        (len(counts), sum(n == 1 for n in counts.values())),
        published_spread(len(lists)),
        strict=True,
    ):
        yield Figure(f"{name}, {part}", value, f"{expected:,.0f}", round(0.85 * expected), round(1.15 * expected))


def published_spread(notes: int) -> tuple[float, float]:
    """Distinct codes and codes seen once in `notes` notes drawn from MIMIC-III's 52,726, by its stretched exponential.

    A code of n notes is in a sample of share q with probability 1 - (1 - q)^n, and once with n q (1 - q)^(n - 1).
    >>> [round(figure) for figure in published_spread(52_726)]
    [8929, 1619]
    """
    n = np.maximum(1, np.round([MIMIC_NOTES * frequency(rank) for rank in range(1, MIMIC_CODES + 1)]))
    share = notes / MIMIC_NOTES
    return float((1 - (1 - share) ** n).sum()), float((n * share * (1 - share) ** (n - 1)).sum())


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


def shortlist_titles(admissions: Iterable[Admission], titles: Mapping[str, Title]) -> dict[str, CodeRow]:
    """Every code of the admissions with its titles; a retired one borrows its neighbour's."""
    nearest = NearestTitle(titles)
    kinds = {code: kind for admission in admissions for code, kind in admission.kinds.items()}
    return {code: nearest.row(code, kinds[code]) for code in sorted(kinds)}


def coder_figures(name: str, admissions: Sequence[Admission], shortlist: Mapping[str, CodeRow]) -> list[Figure]:
    """How one simulated coder does on the admissions, beside the human row of the paper."""
    coder = SimulatedCoder(name, TUNING_SEED, shortlist)
    work = [coder.code(admission.text) for admission in admissions]
    precision, recall, _ = micro((set(w[0]), set(a.codes)) for w, a in zip(work, admissions, strict=True))
    return [
        Figure("codes a note", sum(len(codes) for codes, _ in work) / len(work), "4-5", 4, 5),
        Figure("micro precision", precision, ".40-.55", 0.40, 0.55),
        Figure("micro recall", recall, ".09-.16", 0.09, 0.16),
        Figure("seconds a note", sum(seconds for _, seconds in work) / len(work), "", 60, 600),
    ]


def report(heading: str, figures: Iterable[Figure]) -> str:
    """A heading and a line a figure: measured, published, bounds."""
    return "\n".join((heading, *map(str, figures)))


def outside(figures: Iterable[Figure], notes: int) -> list[str]:
    """Names of the figures that left their bounds; none where the notes are too few to say."""
    return [figure.name for figure in figures if notes >= ENOUGH and not figure.kept]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m mimic.synthetic.check", description=__doc__)
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=TUNING_SEED)
    parser.add_argument("--short", action="store_true", help="short notes; the coders are tuned to whole ones")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path) / "corpus"
        write_corpus(folder, notes=options.notes, seed=options.seed, short=options.short)
        titles, admissions = read_titles(folder), list(read_admissions(folder))
        parts = {"corpus": corpus_figures(folder)}
    shortlist = shortlist_titles(admissions, titles)
    parts |= {f"{name} (simulated)": coder_figures(name, admissions, shortlist) for name in ("Ada", "Ben")}
    sys.stdout.write("\n".join(report(heading, figures) for heading, figures in parts.items()) + "\n")
    if options.short:  # the coders are tuned to whole notes
        parts = {"corpus": parts["corpus"]}
    return int(any(outside(figures, options.notes) for figures in parts.values()))


if __name__ == "__main__":
    sys.exit(main())
