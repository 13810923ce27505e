"""What a benchmark is made from: the codings of the reference and of each rater, and a hash of it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from annotation.models import Code, Rater, Study
from annotation.selectors.codings import Codings, codings_of
from annotation.selectors.study_life import reopenings_told
from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.label_space import LabelSpace, listed, present
from benchmark.metrics.sets.compare import common_notes
from benchmark.models import Chunk
from benchmark.scoring.arms import Arms
from benchmark.scoring.encoded import EncodedStudy, encoded_study
from benchmark.scoring.figures import RULER, Probabilities
from benchmark.scoring.presets import PRESETS, Preset
from benchmark.selectors.model_store import dev_threshold
from benchmark.selectors.panel import panel_of
from benchmark.selectors.probabilities import codings_at, scores_of
from benchmark.selectors.raters import (
    arms_of,
    coders_of,
    table1_codings,
    table1_raters,
)
from benchmark.selectors.runs import failed_notes


class NothingToCompareError(ValueError):
    """Why there is no Table 1, in words for the page and the terminal."""


def reference_of(study: Study, preset: Preset) -> Codings:
    """note -> codes to score against. NothingToCompareError where there are none."""
    if preset.against == "reference":
        if study.reference is None:
            raise NothingToCompareError(
                f"{study.slug} has no reference codes: its notes came without any, so there is no Table 1"
            )
        return codings_of(study, study.reference)
    panel = panel_of(study)
    if panel is None:
        raise NothingToCompareError(
            f"{study.slug} has no panel yet: no adjudicator has settled a note"
        )
    return codings_of(study, panel)


def label_space(
    study: Study, preset: Preset, reference: Codings, notes: Sequence[str]
) -> LabelSpace:
    """The codes that macro figures average over, in their order."""
    if preset.space == "present":
        return present(reference, notes)
    listed_codes = study.code_set.codes.all()
    if preset.space == "full":
        systems = listed_codes.values_list("system", flat=True).distinct()
        listed_codes = Code.objects.filter(system__in=list(systems))
    found = set(listed_codes.values_list("code", flat=True))
    if preset.space == "shortlist and panel":
        found |= {code for note in notes for code in reference[note]}
    return listed(preset.space, sorted(found))


def available(study: Study) -> list[Preset]:
    """The presets that the study has a reference for."""
    has = {"reference": study.reference_id is not None, "panel": panel_of(study) is not None}
    return [preset for preset in PRESETS.values() if has[preset.against]]


@dataclass(frozen=True)
class Inputs:
    """All that a benchmark is computed from: who is scored against what, on which notes and codes; and its hash."""

    study: Study
    preset: str
    reference: Codings
    known: Mapping[str, Rater | None]
    everybody: Mapping[str, Codings]
    coders: Mapping[str, Codings]
    arms: Arms | None
    notes: Sequence[str]
    space: LabelSpace
    as_run: list[str]
    left_out: list[str]
    failed: Mapping[str, int]
    """Model -> notes on which its newest run failed."""
    reopened: list[dict[str, Any]]

    @property
    def against(self) -> str:
        return PRESETS[self.preset].against

    @property
    def kinds(self) -> dict[str, str]:
        return {name: str(rater.kind) if rater else "people" for name, rater in self.known.items()}

    @property
    def models(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind == Rater.Kind.MODEL]

    @property
    def raters(self) -> dict[str, Codings]:
        """Those who have coded anything."""
        return {name: codings for name, codings in self.everybody.items() if codings}

    @cached_property
    def incomplete(self) -> bool:
        """Whether notes or raters are missing; of a panel, also where it has not settled every note."""
        unsettled = self.against == "panel" and len(self.reference) < self.study.notes.count()
        return (
            unsettled
            or len(self.notes) < len(self.reference)
            or len(self.raters) < len(self.everybody)
        )

    @cached_property
    def interim(self) -> bool:
        """Whether what is missing may still come. People give no more once a study is closed; a run of a model that
        has not ended, and a panel, go on."""
        if not self.incomplete:
            return False
        unfinished = [Chunk.State.WAITING, Chunk.State.CLAIMED]
        running = Chunk.objects.filter(run__study=self.study, state__in=unfinished).exists()
        return self.study.status != Study.Status.CLOSED or self.against == "panel" or running

    def encoded(self) -> EncodedStudy:
        """All of it, encoded once."""
        return encoded_study(
            self.space, self.notes, self.reference, self.raters, self.coders, self.models
        )

    def probabilities(self) -> dict[str, Probabilities]:
        """Of the models whose probabilities of all notes are kept."""
        found = {}
        for name, rater in self.known.items():
            if rater and rater.checkpoint_sha256:
                matrix = scores_of(self.study, rater, self.notes, self.space.codes)
                if matrix is not None:
                    found[name] = Probabilities(matrix, dev_threshold(rater.checkpoint_sha256))
        return found

    @cached_property
    def sha256(self) -> str:
        everything = [
            self.study.slug, self.study.protocol_sha256, self.preset, REPLICATES, RULER, self.reference,
            self.everybody, self.coders, self.models, self.space.codes, self.left_out, self.interim,
            self.arms and asdict(self.arms),
        ]  # fmt: skip
        if self.failed:
            everything.append({"failed": self.failed})
        if self.reopened:  # else the hash is the one of before there were reopenings
            everything.append({"reopened": self.reopened})
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def benchmark_inputs(study: Study, preset: str = "paper", only: Sequence[str] = ()) -> Inputs:
    """What a benchmark of the study would be computed from, read in a moment. Raises NothingToCompareError where it
    cannot be, and ValueError for a name that no rater has."""
    reference = reference_of(study, PRESETS[preset])
    known, left_out = _asked(table1_raters(study, PRESETS[preset].against), only)
    everybody = {name: table1_codings(study, rater) for name, rater in known.items()}
    as_run = _tune(study, known, everybody) if PRESETS[preset].threshold == "dev" else []
    raters = {name: codings for name, codings in everybody.items() if codings}
    notes = common_notes(reference, raters, "intersect") if raters else []
    if not notes:
        words = who_lacks(reference, everybody)
        raise NothingToCompareError(
            f"no note of {study.slug} has been coded by every rater yet: {words}"
        )
    space = label_space(study, PRESETS[preset], reference, notes)
    coders, arms = coders_of(study), arms_of(study)
    failed = {name: count for name, count in failed_notes(study).items() if name in known}
    reopened = reopenings_told(study)
    return Inputs(
        study,
        preset,
        reference,
        known,
        everybody,
        coders,
        arms,
        notes,
        space,
        as_run,
        left_out,
        failed,
        reopened,
    )


def _asked(
    known: dict[str, Rater | None], only: Sequence[str]
) -> tuple[dict[str, Rater | None], list[str]]:
    """The raters asked for, in the order of Table 1, and the names of the others."""
    if unknown := [name for name in only if name not in known]:
        raise ValueError(f"no rater named {', '.join(unknown)}; there is: {', '.join(known)}")
    left_out = [name for name in known if only and name not in only]
    return {name: rater for name, rater in known.items() if name not in left_out}, left_out


def _tune(
    study: Study, known: Mapping[str, Rater | None], everybody: dict[str, Codings]
) -> list[str]:
    """Each model's codings at its own development threshold, in place; names of the models that have to stay."""
    stay = []
    for name, rater in known.items():
        if rater and rater.kind == Rater.Kind.MODEL:
            threshold = dev_threshold(rater.checkpoint_sha256)
            tuned = (
                None
                if threshold is None
                else codings_at(study, rater, list(everybody[name]), threshold)
            )
            if tuned is None:
                stay.append(name)
            else:
                everybody[name] = tuned
    return stay


def lacking(reference: Codings, raters: Mapping[str, Codings]) -> dict[str, int]:
    """Of the raters that lack any, how many of the reference's notes."""
    found = {}
    for name, codings in raters.items():
        count = len(reference.keys() - codings.keys())
        if count:
            found[name] = count
    return found


def who_lacks(reference: Codings, raters: Mapping[str, Codings]) -> str:
    """The same in words."""
    counts = lacking(reference, raters)
    return ", ".join(f"{name} lacks {n} of {len(reference)} notes" for name, n in counts.items())
