"""Is where a model looked a reason? Its words are taken out of the note and the model is asked again.

Comprehensiveness and sufficiency are those of DeYoung et al. 2020 ("ERASER", section 4.2): p(note) - p(note without the
words) and p(note) - p(the words alone), here for each code given. The words that a code's logit leans on most are set
against random ones, as many and in runs as long (such words, all moved on by a random number of places), and against
those of the note's other codes, which are as telling but not about this code.

C codes given to a note, n words of it that are read, k words taken out, R random draws, M codes of all notes.
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
    """Of a note: logits of its codes, each (C,) but for `random` and `random_alone` (C, R), and what was taken away.

    `leaned` (C, k): the words, by number, that each code leans on most, of `words` read; `weight` (C,): theirs summed.
    `other`: the mean over the words of each other code of the note, nan where there is none.
    """

    codes: list[str]
    words: int
    leaned: NDArray[np.int64]
    whole: Doubles
    weight: Doubles
    top: Doubles
    other: Doubles
    random: Doubles
    top_alone: Doubles
    random_alone: Doubles


def deletion(
    folder: Path, data: Path, split: str, *, notes: int, top: int = 10, draws: int = 5, seed: int = 0,
    progress: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """The test over the first `notes` of a split by id (0: all). Only ids are needed to repeat it, and only numbers
    come out: nothing of any note."""
    loaded = checkpoints.load(folder)
    model = predictor(loaded)
    held = read_held_out(data, [split], notes, "correct")[split]
    trials = {}
    for note, words in zip(tqdm(held.ids, desc="notes", disable=not progress), held.words, strict=True):
        found = trial(model, words, top, draws, np.random.default_rng([seed, note]))
        if found is not None:
            trials[note] = found
    return {
        "format": FORMAT,
        "checkpoint": loaded.name,
        "sha256": checkpoints.sha256(folder),
        "data": data.resolve().name,
        "synthetic": (data / "SYNTHETIC").is_file(),
        "split": split,
        "notes": len(held.ids),
        "notes_sha256": held.sha256,
        "threshold": model.threshold,
        "codes": sum(len(one.codes) for one in trials.values()),
        "top": top,
        "draws": draws,
        "seed": seed,
        "figures": figures(trials, model.threshold, seed, true_places(data, trials)) if trials else {},
    }


def trial(model: Predictor, words: Sequence[str], top: int, draws: int, generator: np.random.Generator) -> Trial | None:
    """One note; None when it gets no code or has no word."""
    columns = [int(column) for column in np.flatnonzero(model.of_words(words) > model.threshold)]
    if not columns or not words:
        return None
    biases, weights = model.parts(words, columns)
    size = weights.shape[1]
    words = words[:size]
    leaned = np.argsort(-weights, axis=1, kind="stable")[:, :top]
    moved = generator.integers(1, max(size, 2), size=(draws, 1))
    drawn = (leaned[generator.integers(len(leaned), size=draws)] + moved) % size
    # without[i, j]: the logit of code i without the words of code j
    without = _asked(model, [_without(words, places) for places in leaned], columns)
    alone = _asked(model, [_only(words, places) for places in leaned], columns)
    others = without.sum(1) - without.diagonal()
    return Trial(
        codes=[model.codes[column] for column in columns],
        words=size,
        leaned=leaned,
        whole=np.asarray(biases + weights.sum(1), np.float64),
        weight=np.take_along_axis(weights, leaned, 1).sum(1).astype(np.float64),
        top=without.diagonal(),
        other=others / (len(columns) - 1) if len(columns) > 1 else np.full(1, np.nan),
        random=_asked(model, [_without(words, places) for places in drawn], columns),
        top_alone=alone.diagonal(),
        random_alone=_asked(model, [_only(words, places) for places in drawn], columns),
    )


def _asked(model: Predictor, notes: Sequence[Sequence[str]], columns: Sequence[int]) -> Doubles:
    """Logits (C, notes)."""
    parts = [model.parts(words, columns) for words in notes]
    return np.stack([bias + weights.sum(1, dtype=np.float64) for bias, weights in parts], axis=1)


def _without(words: Sequence[str], places: NDArray[np.int64]) -> list[str]:
    gone = set(places.tolist())
    return [word for place, word in enumerate(words) if place not in gone]


def _only(words: Sequence[str], places: NDArray[np.int64]) -> list[str]:
    return [words[place] for place in sorted(places.tolist())]


def figures(
    trials: Mapping[int, Trial], threshold: float, seed: int, truth: Mapping[int, Places] | None = None
) -> dict[str, Any]:
    """Means over all codes given, by note id, each with the 95% interval of a bootstrap over notes."""
    per_note = [
        {
            **_per_code(one, threshold),
            **({} if truth is None else pointed(one.codes, one.leaned, one.words, truth[note])),
        }
        for note, one in trials.items()
    ]
    resamples = note_weights(len(trials), REPLICATES, seed)
    found: dict[str, Any] = {}
    for name in per_note[0]:
        section, _, figure = name.partition(".")
        values = [np.asarray(note[name], np.float64) for note in per_note]
        sums = np.array([np.nansum(note) for note in values])
        counts = np.array([np.count_nonzero(~np.isnan(note)) for note in values])
        found.setdefault(section, {})[figure] = _mean(sums, counts, resamples)
    return found


def _mean(sums: Doubles, counts: NDArray[np.int64], resamples: NDArray[np.int64]) -> dict[str, float] | None:
    """Mean with its interval; None where nothing was counted."""
    if not counts.sum():
        return None
    replicates = (resamples @ sums) / np.maximum(resamples @ counts, 1)
    low, high = np.quantile(replicates, [0.025, 0.975])
    return {"mean": float(sums.sum() / counts.sum()), "low": float(low), "high": float(high)}


def _per_code(one: Trial, threshold: float) -> dict[str, Doubles]:
    """Figures of each code of a note, (C,), named section.figure."""
    logits = ("whole", "top", "other", "random", "top_alone", "random_alone")
    p = {name: 1 / (1 + np.exp(-getattr(one, name))) for name in logits}
    drop = {name: one.whole - getattr(one, name) for name in ("top", "other")}
    drop["random"] = (one.whole[:, None] - one.random).mean(1)
    flat = {"top": p["top"], "other": p["other"], "random": p["random"].mean(1)}
    lost = {"top": p["top"] <= threshold, "random": (p["random"] <= threshold).mean(1)}
    kept = {"top": p["top_alone"] > threshold, "random": (p["random_alone"] > threshold).mean(1)}
    return {
        "whole.logit": one.whole,
        "whole.probability": p["whole"],
        "top.weight": one.weight,
        **{f"{name}.logit_drop": value for name, value in drop.items()},
        **{f"{name}.comprehensiveness": p["whole"] - value for name, value in flat.items()},
        **{f"{name}.lost": np.asarray(value, np.float64) for name, value in lost.items()},
        "top.sufficiency": p["whole"] - p["top_alone"],
        "random.sufficiency": p["whole"] - p["random_alone"].mean(1),
        **{f"{name}.kept": np.asarray(value, np.float64) for name, value in kept.items()},
        "top.beats_random": np.asarray(drop["top"] > drop["random"], np.float64),
        "top.beats_other": np.where(np.isnan(drop["other"]), np.nan, drop["top"] > drop["other"]),
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
    lines = [
        f"{document['checkpoint']} on {document['notes']} notes of {document['data']} ({document['split']}"
        f"{', synthetic' if document['synthetic'] else ''}): {document['codes']} codes given",
        f"{document['top']} words a code; {document['draws']} random draws a note, seed {document['seed']};"
        " mean over codes [95% interval over notes]",
    ]
    if not document["codes"]:
        return "\n".join([*lines, "no code was given, so there is nothing to test"])
    columns = {"top": "the code's words", "random": "random runs of words", "other": "other codes' words"}
    lines.append(f"\n{'':<66}" + "".join(f"{name:>24}" for name in columns.values()))
    for figure, about in ROWS.items():
        cells = [_cell(document["figures"][section].get(figure)) for section in columns]
        lines.append(f"{about:<66}" + "".join(f"{cell:>24}" for cell in cells))
    for figure, about in POINTS.items():
        if "points" in document["figures"]:
            lines.append(f"{about:<66}{_cell(document['figures']['points'][figure]):>24}")
    return "\n".join(lines)


def _cell(value: dict[str, float] | None) -> str:
    return "-" if value is None else f"{value['mean']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
