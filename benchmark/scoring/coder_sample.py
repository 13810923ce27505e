"""The coders as a sample of coders: an average one, and models held against coders like these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from benchmark.metrics.certainty.coders import (
    AverageCoder,
    average_coder,
    components,
    pooled_coders,
    tipping_sd,
)
from benchmark.metrics.certainty.influence import Estimate, Figure, Influence, influence
from benchmark.metrics.certainty.jackknife import macro_influences
from benchmark.metrics.certainty.margins import MarginTest, MarginTests, margin_tests
from benchmark.metrics.codings import BoolArray, Coded, Encoding
from benchmark.metrics.sets.averages import micro
from benchmark.metrics.sets.code_agreement import votes
from benchmark.metrics.sets.counts import Counts, per_note
from benchmark.scoring.beside import Beside, Margin
from benchmark.scoring.encoded import EncodedStudy

MICRO: tuple[Figure, ...] = ("jaccard", "precision", "recall", "f1")
MARGIN_FIGURE = "micro_jaccard"
LEAST_VOTED = 10
"""Notes that three coders or more coded, to find out whether the reference is their vote."""
NOBODY = "a margin is about a model beside coders, and one of the two is not there yet"
OWN_VOTES = (
    "the reference is what more than half of these coders gave: they would be held to their own "
    "answers; read the table of each rater against the majority of the others"
)


@dataclass(frozen=True)
class SampleFigure:
    """A mean over coders, for coders like these and for these very coders."""

    random: Estimate
    """An average coder; no interval for one coder."""
    fixed: Estimate
    """These coders: over notes alone."""
    between_sd: float | None
    """Between coders; None for one coder."""
    says_nothing: bool
    """Whether the interval of an average coder is too wide to say anything."""


@dataclass(frozen=True)
class ModelBeside:
    """How far a model is ahead of coders, on the notes of each."""

    left_out: list[str]
    """Coders who share fewer than two notes with it."""
    differences: Mapping[str, SampleFigure]
    """By figure: the model less a coder."""
    tipping_sd: Mapping[str, float]
    """By figure: the largest sd between coders at which it would still be ahead; 0 if it is not."""


@dataclass(frozen=True)
class CoderSample:
    """The coders as a sample of coders."""

    coders: list[str]
    left_out: list[str]
    """Coders with fewer than two notes of the reference."""
    figures: Mapping[str, SampleFigure]
    """By figure, "micro_jaccard" to "macro_f1_mean_present": an average coder."""
    pooled: Mapping[str, Estimate]
    """By micro figure: all coders' notes together, each by its own coder, with the interval over
    coders; empty where no note has a coder of its own."""
    models: Mapping[str, ModelBeside]
    own_votes: bool = False
    """Whether the reference is what more than half of these coders gave."""


@dataclass(frozen=True)
class ShownMargin:
    """What is shown of a model, with its words."""

    test: MarginTest
    words: str


@dataclass(frozen=True)
class ModelMargin:
    """A model against coders, within the margin."""

    fixed: ShownMargin
    """Than these coders."""
    random: ShownMargin
    """Than coders like these."""
    tipping_sd: float
    """The largest sd between coders at which non-inferiority would still be shown."""
    left_out: list[str]


@dataclass(frozen=True)
class MarginFigures:
    """Whether models are as good as coders within a margin."""

    margin: Margin
    figure: str = MARGIN_FIGURE
    models: Mapping[str, ModelMargin] = field(default_factory=dict)
    refused: str = ""
    """Why nothing was tested."""


@dataclass(frozen=True)
class _Raters:
    """What the figures of coders and models are made of, over all notes of the axes."""

    encoding: Encoding
    reference: BoolArray
    """(notes,) which notes the reference has."""
    coded: Mapping[str, Coded]

    def done(self, *names: str) -> BoolArray:
        """(notes,) which of the reference's notes all of these coded."""
        found = self.reference
        for name in names:
            found = found & self.coded[name].done
        return found

    def counts(self, name: str) -> Counts:
        return per_note(self.encoding.true, self.encoding.given[name].matrix, self.encoding.missed)

    def influences(self, name: str, done: BoolArray) -> dict[str, Influence]:
        """Every figure of a rater on some notes."""
        counts = self.counts(name)
        found = {f"micro_{figure}": influence(counts, figure, done) for figure in MICRO}
        given = self.encoding.given[name].matrix
        for figure, each in macro_influences(self.encoding.true, given, done=done).items():
            found[f"macro_{figure}"] = each
        return found


def coder_sample(study: EncodedStudy, beside: Beside) -> CoderSample | None:
    """The coders as a sample; None where no coder coded two notes of the reference."""
    raters = _raters_of(study)
    figures = {name: raters.influences(name, raters.done(name)) for name in study.coders}
    kept = [name for name, each in figures.items() if each[MARGIN_FIGURE].notes > 1]
    if not kept:
        return None
    averages = _averages(figures)
    return CoderSample(
        coders=kept,
        left_out=[name for name in study.coders if name not in kept],
        figures={name: _shown(each) for name, each in averages.items()},
        pooled=_pooled(study, raters, beside),
        models={name: _model(raters, name, kept) for name in study.models},
        own_votes=own_votes(study),
    )


def margin_figures(study: EncodedStudy, margin: Margin | None) -> MarginFigures | None:
    """Each model against the coders within the margin; None without a margin."""
    if margin is None:
        return None
    if not study.coders or not study.models:
        return MarginFigures(margin, refused=NOBODY)
    if own_votes(study):
        return MarginFigures(margin, refused=OWN_VOTES)
    raters = _raters_of(study)
    found = {}
    for name in study.models:
        differences = {}
        for coder, each in _differences(raters, name, list(study.coders)).items():
            differences[coder] = each[MARGIN_FIGURE]
        if any(each.notes > 1 for each in differences.values()):
            found[name] = _margin(margin_tests(differences, margin.value))
    if not found:
        return MarginFigures(margin, refused="no coder shares two notes with a model")
    return MarginFigures(margin, models=found)


def own_votes(study: EncodedStudy) -> bool:
    """Whether the reference is what more than half of the coders gave, note by note.

    Looked at where three coders or more coded ten notes or more.
    """
    given, judged = votes(study.coders)
    if not len(judged):
        return False
    voted = np.flatnonzero((judged >= 3) & study.reference.done)
    if len(voted) < LEAST_VOTED:
        return False
    cells = given[voted].tocoo()
    won = 2 * cells.data > judged[voted][cells.row]
    majority = set(zip(cells.row[won].tolist(), cells.col[won].tolist(), strict=True))
    true = study.reference.matrix[voted].tocoo()
    codes = set(zip(true.row.tolist(), true.col.tolist(), strict=True))
    return bool(codes) and majority == codes


def _raters_of(study: EncodedStudy) -> _Raters:
    coded = {**study.coders, **study.models}
    everywhere = np.arange(len(study.axes.notes))
    return _Raters(study.on(everywhere, coded), study.reference.done, coded)


def _averages(figures: Mapping[str, Mapping[str, Influence]]) -> dict[str, AverageCoder]:
    """By figure, from each coder's figures."""
    names = next(iter(figures.values()))
    found = {}
    for figure in names:
        of_coders = {name: each[figure] for name, each in figures.items()}
        found[figure] = average_coder(of_coders)
    return found


def _pooled(study: EncodedStudy, raters: _Raters, beside: Beside) -> dict[str, Estimate]:
    """Table 1's notes, each by its own coder, with the interval over coders."""
    of_coder: dict[str, list[int]] = {}
    for row in study.rows:
        coder = beside.own_coder.get(study.axes.notes[row], "")
        if coder in study.coders and study.coders[coder].done[row]:
            of_coder.setdefault(coder, []).append(int(row))
    counts = []
    for coder, rows in of_coder.items():
        each = raters.counts(coder)
        pooled = [np.array([part[rows].sum()]) for part in (each.tp, each.p, each.t)]
        counts.append(Counts(*pooled))
    if not counts:
        return {}
    found = {}
    for figure in MICRO:
        found[f"micro_{figure}"] = pooled_coders(counts, partial(_micro_figure, figure))
    return found


def _micro_figure(figure: Figure, counts: Counts) -> float:
    return float(getattr(micro(counts), figure))


def _differences(raters: _Raters, model: str, coders: list[str]) -> dict[str, dict[str, Influence]]:
    """By coder: the model's figures less the coder's, on the notes that both coded."""
    found = {}
    for coder in coders:
        done = raters.done(model, coder)
        ours = raters.influences(model, done)
        theirs = raters.influences(coder, done)
        found[coder] = {figure: ours[figure] - theirs[figure] for figure in ours}
    return found


def _model(raters: _Raters, model: str, coders: list[str]) -> ModelBeside:
    differences = _differences(raters, model, coders)
    left_out = [name for name, each in differences.items() if each[MARGIN_FIGURE].notes < 2]
    shown = {}
    tipping = {}
    for figure in next(iter(differences.values())):
        of_coders = {name: each[figure] for name, each in differences.items()}
        kept = [each for each in of_coders.values() if each.notes > 1]
        shown[figure] = _shown(average_coder(of_coders, lowest=-1.0))
        tipping[figure] = 0.0
        if kept:
            parts = components(kept)
            tipping[figure] = tipping_sd(parts.value, 0.0, parts.coders, parts.notes_only)
    return ModelBeside(left_out, shown, tipping)


def _shown(found: AverageCoder) -> SampleFigure:
    return SampleFigure(found.random, found.fixed, found.between_sd, found.says_nothing)


def _margin(found: MarginTests) -> ModelMargin:
    return ModelMargin(
        fixed=ShownMargin(found.fixed, found.fixed.words),
        random=ShownMargin(found.random, found.random.words),
        tipping_sd=found.tipping_sd,
        left_out=list(found.left_out),
    )
