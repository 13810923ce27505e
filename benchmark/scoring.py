"""The document of a benchmark, from codings alone: every figure that the compare pages and `--format json` show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.groups import partial_credit
from benchmark.metrics.agreement import kappa, krippendorff_alpha, majority_of_others, pairwise
from benchmark.metrics.arms import arms_test
from benchmark.metrics.auc import auc_macro, auc_micro, pr_macro, pr_micro
from benchmark.metrics.averages import note_jaccard
from benchmark.metrics.bootstrap import intervals
from benchmark.metrics.codings import Codings, encode
from benchmark.metrics.compare import compare_in
from benchmark.metrics.counts import per_note
from benchmark.metrics.label_space import LabelSpace
from benchmark.metrics.paired import paired_tests
from benchmark.metrics.ranking import ranking, true_ranks
from benchmark.metrics.scored import set_figures

RULER = 7
"""Raise it when a figure's definition changes, so that stored runs are made anew."""
PEOPLE = "Human coders"


@dataclass(frozen=True)
class Arms:
    """Of each note that people coded in a study of two arms: the arm, whose note it is, and the minutes it took."""

    names: Sequence[str]
    arm: Mapping[str, str]
    coder: Mapping[str, str]
    minutes: Mapping[str, float]


@dataclass(frozen=True)
class Scored:
    """A model's probabilities (N, C) of notes and codes, and the threshold that served its development notes best."""

    probabilities: NDArray[np.float32]
    dev_threshold: float | None


def scored(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    raters: Mapping[str, Codings],
    coders: Mapping[str, Codings],
    models: Sequence[str],
    scores: Mapping[str, Scored] = {},
    arms: Arms | None = None,
    against: str = "reference",
) -> dict[str, Any]:
    """Table 1's figures of `raters` with their intervals and differences, each coder apart, and who agrees with whom.

    `coders` are the people one by one, `models` names those of the raters that are models; `scores`, of models whose
    probabilities are known, adds what Table 2 has, on these notes; `arms` compares the arms of a study that has two;
    `against` says what the reference is: the hospital's, or a panel's.
    """
    result = compare_in(space, notes, reference, raters, "miss").to_json()
    bounds = intervals(space, notes, reference, raters)
    for name, row in result["raters"].items():
        row["intervals"] = asdict(bounds[name])
    machines = {name: raters[name] for name in models if name in raters}
    return result | {
        "coders": {name: _apart(space, reference, name, given, machines) for name, given in coders.items() if given},
        **agreements({against.capitalize(): reference}, coders, machines, space),
        "reference_outside": _outside(space, notes, reference, raters),
        "arms": _arms(space, notes, reference, coders, machines, arms) if arms else {},
        "partial": partial_credit(notes, reference, raters),
        "ranking": {name: _ranking(space, notes, reference, known) for name, known in scores.items()},
        "differences": [asdict(pair) for pair in paired_tests(space, notes, reference, raters)],
    }


def _outside(
    space: LabelSpace, notes: Sequence[str], reference: Codings, raters: Mapping[str, Codings]
) -> dict[str, Any]:
    """How many of the reference's codes lie outside the label space; micro figures where those are dropped."""
    count = int(encode(reference, notes, space).outside.sum())
    dropped = compare_in(space, notes, reference, raters, "drop").raters if count else {}
    return {"codes": count, "micro_dropped": {name: asdict(figures.micro) for name, figures in dropped.items()}}


def _ranking(space: LabelSpace, notes: Sequence[str], reference: Codings, known: Scored) -> dict[str, Any]:
    """Figures over a model's probabilities, and over sets at the threshold that its development notes chose."""
    true, matrix = encode(reference, notes, space), known.probabilities
    missed = true.outside
    found = {
        "auc_macro": auc_macro(matrix, true.matrix),
        "auc_micro": auc_micro(matrix, true.matrix),
        "pr_macro": pr_macro(matrix, true.matrix),
        "pr_micro": pr_micro(matrix, true.matrix),
        **ranking(true_ranks(matrix, true.matrix, missed)),
    }
    if known.dev_threshold is None:
        return found
    at = set_figures(matrix, true.matrix, threshold=known.dev_threshold, missed=int(missed.sum()))
    return found | {"threshold_dev": known.dev_threshold} | {f"{name}_dev": value for name, value in at.items()}


def _apart(
    space: LabelSpace, reference: Codings, name: str, given: Codings, machines: Mapping[str, Codings]
) -> dict[str, Any]:
    """A coder on the notes that the coder coded, and the models that coded all of them on the same notes."""
    notes = [note for note in reference if note in given]
    beside = {model: codings for model, codings in machines.items() if all(note in codings for note in notes)}
    return compare_in(space, notes, reference, {name: given, **beside}, "miss").to_json()


def _arms(
    space: LabelSpace,
    notes: Sequence[str],
    reference: Codings,
    coders: Mapping[str, Codings],
    machines: Mapping[str, Codings],
    arms: Arms,
) -> dict[str, Any]:
    """Each arm's notes as its coders coded them, and models on the same notes; what the arms differ by, note by note.

    The models saw no arm: their rows say whether one arm's notes were easier.
    """
    people = {note: coders[arms.coder[note]][note] for note in notes if note in arms.coder}
    found = {}
    for name in arms.names:
        mine = [note for note in people if arms.arm[note] == name]
        minutes = [arms.minutes[note] for note in mine if note in arms.minutes]
        found[name] = {
            **compare_in(space, mine, reference, {PEOPLE: people, **machines}, "miss").to_json(),
            "median_minutes": float(np.median(minutes)) if minutes else None,
        }
    return {"rows": found, "differences": _between(space, list(people), reference, people, arms)}


def _between(
    space: LabelSpace, notes: Sequence[str], reference: Codings, people: Codings, arms: Arms
) -> dict[str, dict[str, float] | None]:
    """By figure of a note: the second arm's mean - the first's, and its p."""
    true = encode(reference, notes, space)
    counts = per_note(true.matrix, encode(people, notes, space).matrix, true.outside)
    values = {
        "jaccard": dict(zip(notes, note_jaccard(counts), strict=True)),
        "codes": dict(zip(notes, counts.p, strict=True)),
        "minutes": {note: arms.minutes[note] for note in notes if note in arms.minutes},
    }
    found = {}
    for figure, of_note in values.items():
        second = [arms.arm[note] == arms.names[1] for note in of_note]
        test = arms_test([float(x) for x in of_note.values()], second, [arms.coder[note] for note in of_note])
        found[figure] = asdict(test) if test else None
    return found


def agreements(
    reference: Mapping[str, Codings], coders: Mapping[str, Codings], others: Mapping[str, Codings], space: LabelSpace
) -> dict[str, Any]:
    """Who agrees with whom, every two of them; the coders among themselves; each against the majority of the others.

    Needs no reference: a study without one has this. Kappa and the majority's figures are over the label space.
    """
    everybody, raters = {**reference, **coders, **others}, {**coders, **others}
    pairs = [
        asdict(pair) | {"kappa": kappa(everybody[pair.first], everybody[pair.second], space)}
        for pair in pairwise(everybody)
    ]
    majorities = {}
    for name in raters:
        if others_gave := majority_of_others(raters, name):
            of_them = {name: raters[name]}
            majorities[name] = compare_in(space, list(others_gave), others_gave, of_them, "miss").to_json()
    return {"agreement": agreement(coders), "pairs": pairs, "majorities": majorities, "kappa_codes": len(space.codes)}


def agreement(coders: Mapping[str, Codings]) -> dict[str, Any]:
    """Krippendorff's alpha of the coders on the notes that more than one of them coded."""
    times = Counter(note for codings in coders.values() for note in codings)
    shared = sum(count > 1 for count in times.values())
    alphas = {d: krippendorff_alpha(coders, d) if shared else None for d in ("jaccard", "masi")}
    return {
        "coders": len(coders),
        "shared_notes": shared,
        **{f"krippendorff_alpha_{distance}": alpha for distance, alpha in alphas.items()},
    }
