"""Whether evidence is a reason: its words are taken out of the note and the model is asked again.

Comprehensiveness and sufficiency are those of DeYoung et al. 2020 ("ERASER", section 4.2):
p(note) - p(note without the words) and p(note) - p(the words alone), here for each code given. A
code's strongest words, on which its logit leans most, are set against random ones, as many and in
runs as long (such words, all moved on by a random number of places), and against those of the
note's other codes, which matter as much but are not about this code.

C codes given to a note, n words of it that are read, k words taken out, R random draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmark.metrics.certainty.bootstrap import REPLICATES, note_weights
from mimic.truth import Places, true_places
from rac_model import checkpoint as checkpoints
from rac_model.data.held_out import read_held_out
from rac_model.evaluation.pointing import pointed
from rac_model.inference.predict import Predictor, predictor

Doubles = NDArray[np.float64]
FORMAT = "coderbench deletion test 1"


@dataclass(frozen=True)
class Trial:
    """One note: what the logits of its codes become without some words, or with them alone.

    Each is (C,), but `random` and `random_alone` (C, R). `strongest` (C, k) are the words, by
    number, that were taken out for each code, of `words` read; `weight` are theirs, summed. `whole`
    are the logits of the note itself. `top`: without the strongest words. `other`: without those of
    another code, the mean over the others, nan where there is none. `random`: without random runs
    of words. `top_alone`, `random_alone`: with these words and no other.
    """

    codes: list[str]
    words: int
    strongest: NDArray[np.int64]
    whole: Doubles
    weight: Doubles
    top: Doubles
    other: Doubles
    random: Doubles
    top_alone: Doubles
    random_alone: Doubles


def deletion(
    folder: Path,
    data: Path,
    split: str,
    *,
    notes: int,
    top: int = 10,
    draws: int = 5,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, Any]:
    """The test of a checkpoint over the first `notes` of a split by id (0: all), as a document.

    Only ids are needed to repeat it, and only numbers come out: nothing of any note.
    """
    loaded = checkpoints.load(folder)
    model = predictor(loaded)
    held_out = read_held_out(data, [split], notes, "correct")[split]
    trials: dict[int, Trial] = {}
    bar = tqdm(held_out.ids, desc="notes", disable=not progress)
    for note, words in zip(bar, held_out.words, strict=True):
        found = trial(model, words, top, draws, np.random.default_rng([seed, note]))
        if found is not None:
            trials[note] = found
    means: dict[str, Any] = {}
    if trials:
        means = figures(trials, model.threshold, seed, true_places(data, trials))
    return {
        "format": FORMAT,
        "checkpoint": loaded.name,
        "sha256": checkpoints.sha256(folder),
        "data": data.resolve().name,
        "synthetic": (data / "SYNTHETIC").is_file(),
        "split": split,
        "notes": len(held_out.ids),
        "notes_sha256": held_out.sha256,
        "threshold": model.threshold,
        "codes": sum(len(one.codes) for one in trials.values()),
        "top": top,
        "draws": draws,
        "seed": seed,
        "figures": means,
    }


def trial(
    model: Predictor, words: Sequence[str], top: int, draws: int, generator: np.random.Generator
) -> Trial | None:
    """One note; None when it gets no code or has no word."""
    columns = np.flatnonzero(model.of_words(words) > model.threshold).tolist()
    if not columns or not words:
        return None
    biases, weights = model.parts(words, columns)
    size = weights.shape[1]
    words = words[:size]
    strongest = np.argsort(-weights, axis=1, kind="stable")[:, :top]
    moved = generator.integers(1, max(size, 2), size=(draws, 1))
    drawn = (strongest[generator.integers(len(strongest), size=draws)] + moved) % size
    # without[i, j]: the logit of code i without the words of code j
    without = _logits(model, [_without(words, places) for places in strongest], columns)
    alone = _logits(model, [_only(words, places) for places in strongest], columns)
    other = np.full(1, np.nan)
    if len(columns) > 1:
        other = (without.sum(1) - without.diagonal()) / (len(columns) - 1)
    return Trial(
        codes=[model.codes[column] for column in columns],
        words=size,
        strongest=strongest,
        whole=np.asarray(biases + weights.sum(1), np.float64),
        weight=np.take_along_axis(weights, strongest, 1).sum(1).astype(np.float64),
        top=without.diagonal(),
        other=other,
        random=_logits(model, [_without(words, places) for places in drawn], columns),
        top_alone=alone.diagonal(),
        random_alone=_logits(model, [_only(words, places) for places in drawn], columns),
    )


def _logits(model: Predictor, notes: Sequence[Sequence[str]], columns: Sequence[int]) -> Doubles:
    """Logits (C, notes) of the codes at `columns`."""
    found = []
    for words in notes:
        biases, weights = model.parts(words, columns)
        found.append(biases + weights.sum(1, dtype=np.float64))
    return np.stack(found, axis=1)


def _without(words: Sequence[str], places: NDArray[np.int64]) -> list[str]:
    gone = set(places.tolist())
    return [word for place, word in enumerate(words) if place not in gone]


def _only(words: Sequence[str], places: NDArray[np.int64]) -> list[str]:
    return [words[place] for place in sorted(places.tolist())]


def figures(
    trials: Mapping[int, Trial],
    threshold: float,
    seed: int,
    truth: Mapping[int, Places] | None = None,
) -> dict[str, Any]:
    """Means over all codes given, each with the 95% interval of a bootstrap over notes.

    `trials` and `truth` are by note id. The figures are {section: {figure: {mean, low, high}}}.
    """
    per_note = []
    for note, one in trials.items():
        of_note = _per_code(one, threshold)
        if truth is not None:
            of_note |= pointed(one.codes, one.strongest, one.words, truth[note])
        per_note.append(of_note)
    resamples = note_weights(len(trials), REPLICATES, seed)
    found: dict[str, Any] = {}
    for name in per_note[0]:
        section, _, figure = name.partition(".")
        values = [np.asarray(of_note[name], np.float64) for of_note in per_note]
        sums = np.array([np.nansum(of_codes) for of_codes in values])
        counts = np.array([np.count_nonzero(~np.isnan(of_codes)) for of_codes in values])
        found.setdefault(section, {})[figure] = _mean(sums, counts, resamples)
    return found


def _mean(
    sums: Doubles, counts: NDArray[np.int64], resamples: NDArray[np.int64]
) -> dict[str, float] | None:
    """Mean with its interval; None where nothing was counted."""
    if not counts.sum():
        return None
    replicates = (resamples @ sums) / np.maximum(resamples @ counts, 1)
    low, high = np.quantile(replicates, [0.025, 0.975])
    return {"mean": float(sums.sum() / counts.sum()), "low": float(low), "high": float(high)}


def _per_code(one: Trial, threshold: float) -> dict[str, Doubles]:
    """Figures of each code of a note, (C,), named section.figure."""
    whole = _probability(one.whole)
    top = _probability(one.top)
    other = _probability(one.other)
    random = _probability(one.random)
    top_alone = _probability(one.top_alone)
    random_alone = _probability(one.random_alone)
    top_drop = one.whole - one.top
    other_drop = one.whole - one.other
    random_drop = (one.whole[:, None] - one.random).mean(1)
    return {
        "whole.logit": one.whole,
        "whole.probability": whole,
        "top.weight": one.weight,
        "top.logit_drop": top_drop,
        "other.logit_drop": other_drop,
        "random.logit_drop": random_drop,
        "top.comprehensiveness": whole - top,
        "other.comprehensiveness": whole - other,
        "random.comprehensiveness": whole - random.mean(1),
        "top.lost": (top <= threshold).astype(np.float64),
        "random.lost": (random <= threshold).mean(1),
        "top.sufficiency": whole - top_alone,
        "random.sufficiency": whole - random_alone.mean(1),
        "top.kept": (top_alone > threshold).astype(np.float64),
        "random.kept": (random_alone > threshold).mean(1),
        "top.beats_random": (top_drop > random_drop).astype(np.float64),
        "top.beats_other": np.where(np.isnan(other_drop), np.nan, top_drop > other_drop),
    }


def _probability(logits: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-logits)))


COLUMNS = {
    "top": "the code's words",
    "random": "random runs of words",
    "other": "other codes' words",
}
ROWS = {
    "logit_drop": "fall of the logit without the words",
    "comprehensiveness": "fall of the probability without the words (comprehensiveness)",
    "lost": "codes no longer given without the words",
    "sufficiency": "fall of the probability with the words alone (sufficiency)",
    "kept": "codes still given with the words alone",
    "beats_random": "codes whose logit falls more than without random runs of words",
    "beats_other": "codes whose logit falls more than without another code's words",
    "weight": "weights of the words taken out, summed",
}
POINTS = {
    "hit": "codes said in the note: strongest word where it is said",
    "share": "codes said in the note: share of the words where it is said",
    "chance": "codes said in the note: that share of all words read",
}


def as_text(document: dict[str, Any]) -> str:
    """A table: what was taken out across, figures down, each mean with its interval."""
    synthetic = ", synthetic" if document["synthetic"] else ""
    lines = [
        f"{document['checkpoint']} on {document['notes']} notes of {document['data']} "
        f"({document['split']}{synthetic}): {document['codes']} codes given",
        f"{document['top']} words a code; {document['draws']} random draws a note, seed "
        f"{document['seed']}; mean over codes [95% interval over notes]",
    ]
    if not document["codes"]:
        lines.append("no code was given, so there is nothing to test")
        return "\n".join(lines)
    figures = document["figures"]
    lines.append("\n" + _line("", list(COLUMNS.values())))
    for figure, about in ROWS.items():
        cells = [_cell(figures[section].get(figure)) for section in COLUMNS]
        lines.append(_line(about, cells))
    if "points" in figures:
        for figure, about in POINTS.items():
            lines.append(_line(about, [_cell(figures["points"][figure])]))
    return "\n".join(lines)


def _line(about: str, cells: Sequence[str]) -> str:
    return f"{about:<66}" + "".join(f"{cell:>24}" for cell in cells)


def _cell(value: dict[str, float] | None) -> str:
    if value is None:
        return "-"
    return f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
