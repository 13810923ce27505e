"""A synthetic corpus beside the published figures, and the simulated coders beside the paper's.

`python -m mimic.synthetic.check [--notes N] [--seed S] [--short]` writes a corpus to a temporary
folder and prints its figures.
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

from icd.codes import CodeRow, Kind
from icd.titles import NearestTitle, Title
from mimic.folder import SPLIT_SIZES, Admission, read_admissions, read_splits, read_titles
from mimic.synthetic.coders import SimulatedCoder
from mimic.synthetic.corpus import NOTICE_FILE, write_corpus
from mimic.synthetic.stays import make_stay
from mimic.synthetic.world import frequency, world

T = TypeVar("T")
TUNING_SEED = 3
"""Seed of the notes on which the coders were tuned; never the demo's nor a training corpus's."""
ENOUGH = 1_000
"""Notes from which on a corpus is held to its targets; fewer say too little."""
MOST_FOR_CEILING = 2_000
"""Notes that the ceiling is worked out from at most."""
MIMIC_NOTES = sum(SPLIT_SIZES)
MIMIC_CODES = 8_929
SEED_AND_FORM = re.compile(r"Seed: (\d+)\. Form: (full|short)\.")


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
        line = f"  {self.name:<28}{self.value:>12,.3f}   {self.published:<12}{bounds}{verdict}"
        return line.rstrip()


def corpus_figures(
    folder: Path, progress: Callable[[int], None] = lambda notes: None
) -> list[Figure]:
    """A folder that `write_corpus` wrote, beside MIMIC-III. Notes are streamed.

    Tokens are those that models read: runs of word characters, all-numeric ones dropped (Mullenbach
    et al. 2018). `progress` is called with the number of notes just read. ValueError where the
    folder is not a synthetic one.
    """
    seed, short = _seed_and_form(folder)
    codes_of: dict[int, tuple[str, ...]] = {}
    words = tokens = addenda = procedures = 0
    for admission in read_admissions(folder):
        codes_of[admission.hadm_id] = admission.codes
        procedures += list(admission.kinds.values()).count("proc")
        words += len(admission.text.split())
        found = re.findall(r"\w+", admission.text)
        tokens += sum(not token.isdigit() for token in found)
        addenda += "\nAddendum:\n" in admission.text
        progress(1)
    notes = len(codes_of)
    counts = _count(codes_of.values())
    total = counts.total()
    in_top_50 = sum(count for _, count in counts.most_common(50))
    length = (350, 400) if short else (1200, 1500)
    figures = [
        Figure("codes a note", total / notes, "15.9", 15, 17),
        Figure("diagnoses' share", 1 - procedures / total, ".74", 0.72, 0.76),
        Figure("top 50 share", in_top_50 / total, ".34", 0.30, 0.38),
        Figure("words a note", words / notes, "", *length),
        Figure("tokens a note", tokens / notes, "" if short else "1,513"),
        Figure("addenda a note", addenda / notes, ".13", 0.08, 0.18),
        *_spread("all", codes_of.values()),
    ]
    for split, ids in read_splits(folder).items():
        if ids:
            figures += _spread(split, [codes_of[hadm_id] for hadm_id in ids])
    highest = ceiling(seed, min(notes, MOST_FOR_CEILING))
    figures.append(Figure("ceiling, micro-F1", highest, "", 0.85, 0.89))
    return figures


def _seed_and_form(folder: Path) -> tuple[int, bool]:
    """(seed, whether its notes are short), from the notice of a synthetic folder."""
    notice = folder / NOTICE_FILE
    found = None
    if notice.is_file():
        found = SEED_AND_FORM.search(notice.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{folder.name} is no synthetic folder; make_synthetic_mimic writes one")
    return int(found[1]), found[2] == "short"


def _count(codings: Iterable[Sequence[str]]) -> Counter[str]:
    """How many notes have each code."""
    counts: Counter[str] = Counter()
    for codes in codings:
        counts.update(codes)
    return counts


def _spread(part: str, codings: Iterable[Sequence[str]]) -> Iterator[Figure]:
    """Distinct codes and codes seen once, beside what MIMIC-III would have in as many notes."""
    codings = list(codings)
    counts = _count(codings)
    once = list(counts.values()).count(1)
    expected_distinct, expected_once = published_spread(len(codings))
    for name, value, expected in (
        ("distinct codes", len(counts), expected_distinct),
        ("codes seen once", once, expected_once),
    ):
        low, high = round(0.85 * expected), round(1.15 * expected)
        yield Figure(f"{name}, {part}", value, f"{expected:,.0f}", low, high)


def published_spread(notes: int) -> tuple[float, float]:
    """(distinct codes, codes seen once) in `notes` notes drawn from MIMIC-III's 52,726.

    By its stretched exponential: a code of n notes is in a sample of share q with probability
    1 - (1 - q)^n, and once with n q (1 - q)^(n - 1).

    >>> [round(figure) for figure in published_spread(52_726)]
    [8929, 1619]
    """
    expected = [MIMIC_NOTES * frequency(rank) for rank in range(1, MIMIC_CODES + 1)]
    n = np.maximum(1, np.round(expected))
    share = notes / MIMIC_NOTES
    distinct = (1 - (1 - share) ** n).sum()
    once = (n * share * (1 - share) ** (n - 1)).sum()
    return float(distinct), float(once)


def ceiling(seed: int, notes: int) -> float:
    """Micro-F1 of one who finds all that is said, without error, against the reference."""
    pairs = []
    for number in range(notes):
        stay = make_stay(world(), seed, number)
        pairs.append((set(stay.truth) - stay.unsaid, set(stay.reference)))
    _, _, f1 = micro(pairs)
    return f1


def micro(pairs: Iterable[tuple[set[T], set[T]]]) -> tuple[float, float, float]:
    """Pooled precision, recall and F1 of (predicted, reference) sets."""
    hits = 0
    predicted = 0
    true = 0
    for given, reference in pairs:
        hits += len(given & reference)
        predicted += len(given)
        true += len(reference)
    return hits / predicted, hits / true, 2 * hits / (predicted + true)


def shortlist_titles(
    admissions: Iterable[Admission], titles: Mapping[str, Title]
) -> dict[str, CodeRow]:
    """Every code of the admissions with its titles; a retired one borrows its neighbour's."""
    nearest = NearestTitle(titles)
    kinds: dict[str, Kind] = {}
    for admission in admissions:
        kinds.update(admission.kinds)
    return {code: nearest.row(code, kinds[code]) for code in sorted(kinds)}


def coder_figures(
    name: str, admissions: Sequence[Admission], shortlist: Mapping[str, CodeRow]
) -> list[Figure]:
    """How one simulated coder does on the admissions, beside the human row of the paper."""
    coder = SimulatedCoder(name, TUNING_SEED, shortlist)
    pairs = []
    ticked = 0
    seconds = 0.0
    for admission in admissions:
        codes, spent = coder.code(admission.text)
        pairs.append((set(codes), set(admission.codes)))
        ticked += len(codes)
        seconds += spent
    precision, recall, _ = micro(pairs)
    return [
        Figure("codes a note", ticked / len(admissions), "4-5", 4, 5),
        Figure("micro precision", precision, ".40-.55", 0.40, 0.55),
        Figure("micro recall", recall, ".09-.16", 0.09, 0.16),
        Figure("seconds a note", seconds / len(admissions), "", 60, 600),
    ]


def report(heading: str, figures: Iterable[Figure]) -> str:
    """A heading and a line a figure: measured, published, bounds."""
    return "\n".join((heading, *map(str, figures)))


def outside(figures: Iterable[Figure], notes: int) -> list[str]:
    """Names of the figures that left their bounds; none where the notes are too few to say."""
    if notes < ENOUGH:
        return []
    return [figure.name for figure in figures if not figure.kept]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit status 1 where any left its bounds."""
    parser = argparse.ArgumentParser(prog="python -m mimic.synthetic.check", description=__doc__)
    parser.add_argument("--notes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=TUNING_SEED)
    parser.add_argument(
        "--short", action="store_true", help="short notes; the coders are tuned to whole ones"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path) / "corpus"
        write_corpus(folder, notes=options.notes, seed=options.seed, short=options.short)
        titles = read_titles(folder)
        admissions = list(read_admissions(folder))
        of_corpus = corpus_figures(folder)
    shortlist = shortlist_titles(admissions, titles)
    parts = {"corpus": of_corpus}
    for name in ("Ada", "Ben"):
        parts[f"{name} (simulated)"] = coder_figures(name, admissions, shortlist)
    for heading, figures in parts.items():
        sys.stdout.write(report(heading, figures) + "\n")
    held_to_bounds = list(parts.values())
    if options.short:  # the coders are tuned to whole notes
        held_to_bounds = [of_corpus]
    return int(any(outside(figures, options.notes) for figures in held_to_bounds))


if __name__ == "__main__":
    sys.exit(main())
