"""What a benchmark is made from: the codings of the reference and of each rater; and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from annotation.models import Code, Rater, Study
from annotation.selectors.clocks import ACTIVE
from annotation.selectors.codings import Codings, codings_of
from annotation.selectors.removal import removed_of
from annotation.selectors.study_life import reopenings_told
from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.label_space import LabelSpace, listed, present, union
from benchmark.metrics.sets.compare import common_notes
from benchmark.models import Chunk
from benchmark.scoring.arms import Arms
from benchmark.scoring.beside import Beside
from benchmark.scoring.encoded import EncodedStudy, encoded_study
from benchmark.scoring.figures import RULER
from benchmark.scoring.presets import PAPER, PRESETS, Preset
from benchmark.scoring.probabilities import Probabilities
from benchmark.selectors.beside import beside_of
from benchmark.selectors.model_store import dev_threshold
from benchmark.selectors.panel import panel_of
from benchmark.selectors.probabilities import (
    codings_at,
    imported_threshold_dev,
    scored_files,
    stored_scores,
)
from benchmark.selectors.raters import arms_of, coders_of, table1_codings, table1_raters
from benchmark.selectors.runs import failed_notes

LIST_OF_FILE = "codes of the reference's file"
"""What the list of a study of codings alone is called: nobody ticked from it."""


class NothingToCompareError(ValueError):
    """Why there is no Table 1, in words for the page and the terminal."""


def reference_of(study: Study, preset: Preset) -> Codings:
    """note -> codes to score against. NothingToCompareError where there are none."""
    if preset.against == "reference":
        if study.reference is None:
            raise NothingToCompareError(
                f"{study.slug} has no reference codes: its notes came without any, "
                "so there is no Table 1"
            )
        return codings_of(study, study.reference)
    panel = panel_of(study)
    if panel is None:
        raise NothingToCompareError(
            f"{study.slug} has no panel yet: no adjudicator has settled a note"
        )
    return codings_of(study, panel)


def label_space(
    study: Study,
    preset: Preset,
    reference: Codings,
    raters: Mapping[str, Codings],
    notes: Sequence[str],
) -> LabelSpace:
    """The codes that macro figures average over, in their order."""
    name: str = preset.space
    if name == "own":
        name = PRESETS[study.preset].space
    if name == "present":
        return present(reference, notes)
    if name == "union":
        return union(reference, raters.values(), notes)
    listed_codes = study.code_set.codes.all()
    if name == "full":
        systems = listed_codes.values_list("system", flat=True).distinct()
        listed_codes = Code.objects.filter(system__in=list(systems))
    found = set(listed_codes.values_list("code", flat=True))
    if name == "shortlist and panel":
        for note in notes:
            found.update(reference[note])
    if name == "shortlist" and study.preset == Study.Preset.UNION:
        name = LIST_OF_FILE
    return listed(name, sorted(found))


def available(study: Study) -> list[Preset]:
    """The presets that the study has a reference for, the one it is scored by first.

    "As the paper" is not offered where nobody had a list to tick codes from.
    """
    has = {"reference": study.reference_id is not None, "panel": panel_of(study) is not None}
    found = []
    for preset in PRESETS.values():
        of_coders_alone = preset == PAPER and study.preset == Study.Preset.UNION
        if has[preset.against] and not of_coders_alone:
            found.append(preset)
    found.sort(key=lambda preset: preset.name != study.preset)
    return found


@dataclass(frozen=True)
class Inputs:
    """All that a benchmark is computed from.

    Who is scored against what, on which notes and codes.
    """

    study: Study
    preset: str
    reference: Codings
    """What raters are scored against."""
    known: Mapping[str, Rater | None]
    """Table 1's raters by name; None: the human coders together."""
    everybody: Mapping[str, Codings]
    """What each of these gave, which may be nothing yet."""
    coders: Mapping[str, Codings]
    """What each coder gave to all of their notes, for agreement between coders."""
    arms: Arms | None
    notes: Sequence[str]
    """The notes that everybody is scored on."""
    space: LabelSpace
    as_run: list[str]
    """Models that are not at their development threshold, though the preset asks for it."""
    left_out: list[str]
    """Raters that were not asked for."""
    failed: Mapping[str, int]
    """Model -> notes on which its newest run failed."""
    reopened: list[dict[str, Any]]
    """When the study was closed and reopened, and who could see results then."""
    beside: Beside
    """What the study has beside its codings."""

    @property
    def against(self) -> str:
        return PRESETS[self.preset].against

    @property
    def kinds(self) -> dict[str, str]:
        """Rater -> "people", "coder", "model" or "reference"."""
        found = {}
        for name, rater in self.known.items():
            found[name] = "people" if rater is None else str(rater.kind)
        return found

    @property
    def models(self) -> list[str]:
        return [name for name, kind in self.kinds.items() if kind == Rater.Kind.MODEL]

    @property
    def raters(self) -> dict[str, Codings]:
        """Those who have coded anything."""
        return {name: codings for name, codings in self.everybody.items() if codings}

    @cached_property
    def incomplete(self) -> bool:
        """Whether notes or raters are missing, or notes that a panel has not settled."""
        if self.against == "panel" and len(self.reference) < self.study.notes.count():
            return True
        without_notes = len(self.notes) < len(self.reference)
        without_raters = len(self.raters) < len(self.everybody)
        return without_notes or without_raters

    @cached_property
    def interim(self) -> bool:
        """Whether what is missing may still come.

        People give no more once a study is closed; a run of a model that has not ended, and a
        panel, go on.
        """
        if not self.incomplete:
            return False
        if self.study.status != Study.Status.CLOSED or self.against == "panel":
            return True
        unfinished = [Chunk.State.WAITING, Chunk.State.CLAIMED]
        return Chunk.objects.filter(run__study=self.study, state__in=unfinished).exists()

    def encoded(self) -> EncodedStudy:
        """All of it, encoded once."""
        return encoded_study(
            self.space, self.notes, self.reference, self.raters, self.coders, self.models
        )

    def probabilities(self) -> dict[str, Probabilities]:
        """Of the models whose probabilities of all notes are kept."""
        found = {}
        for name, rater in self.known.items():
            if rater is None or rater.kind != Rater.Kind.MODEL:
                continue
            stored = stored_scores(self.study, rater, self.notes, self.space.codes)
            if stored is not None:
                found[name] = Probabilities(
                    stored.matrix, stored.threshold_dev, stored.floors, imported=bool(stored.files)
                )
        return found

    @cached_property
    def scored_files(self) -> dict[str, list[str]]:
        """Imported model -> digests of the files that its probabilities are from."""
        found = {}
        for name, rater in self.known.items():
            if rater and rater.kind == Rater.Kind.MODEL and not rater.checkpoint_sha256:
                digests = [file.sha256 for file in scored_files(self.study, rater)]
                if digests:
                    found[name] = digests
        return found

    @cached_property
    def sha256(self) -> str:
        """The same inputs have the same hash, and so the same benchmark."""
        everything = [
            self.study.slug,
            self.study.protocol_sha256,
            self.preset,
            REPLICATES,
            RULER,
            self.reference,
            self.everybody,
            self.coders,
            self.models,
            self.space.codes,
            self.left_out,
            self.interim,
            self.arms and _hashed(self.arms),
        ]
        # Added only where there are any: the hashes of earlier versions stay valid.
        if self.failed:
            everything.append({"failed": self.failed})
        if self.reopened:
            everything.append({"reopened": self.reopened})
        removed = removed_of(self.study)
        if removed:
            everything.append({"texts removed": removed.at.isoformat()})
        if self.scored_files:
            everything.append({"scores": self.scored_files})
        told = self.beside.hashed()
        if told:
            everything.append({"beside": told})
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _hashed(arms: Arms) -> dict[str, Any]:
    """The arms as the hash of a benchmark has them.

    What was added since is in it only where there is any: the hashes of earlier versions, whose
    minutes were all by Label Studio's clock, stay valid.
    """
    plain = asdict(arms)
    if arms.clock != ACTIVE:
        plain.pop("clock")
    if not arms.simulated:
        plain.pop("simulated")
    return plain


def benchmark_inputs(
    study: Study,
    preset: str | None = None,
    only: Sequence[str] = (),
    afterwards: Mapping[str, Any] | None = None,
) -> Inputs:
    """What a benchmark of the study would be computed from, read in a moment.

    `preset`: by default the study's own. `only`: names of the raters asked for, all if none.
    `afterwards`: fields of Beside that are told now, in place of the study's own. Raises
    NothingToCompareError where there is nothing to compare, and ValueError for a name that no
    rater has.
    """
    rules = PRESETS[preset or study.preset]
    reference = reference_of(study, rules)
    known, left_out = _asked(table1_raters(study, rules.against), only)
    everybody = {name: table1_codings(study, rater) for name, rater in known.items()}
    as_run: list[str] = []
    if rules.threshold == "dev":
        as_run = _tune(study, known, everybody)
    raters = {name: codings for name, codings in everybody.items() if codings}
    notes: list[str] = []
    if raters:
        notes = common_notes(reference, raters, "intersect")
    if not notes:
        words = who_lacks(reference, everybody)
        raise NothingToCompareError(
            f"no note of {study.slug} has been coded by every rater yet: {words}"
        )
    failed = {name: count for name, count in failed_notes(study).items() if name in known}
    return Inputs(
        study=study,
        preset=rules.name,
        reference=reference,
        known=known,
        everybody=everybody,
        coders=coders_of(study),
        arms=arms_of(study),
        notes=notes,
        space=label_space(study, rules, reference, raters, notes),
        as_run=as_run,
        left_out=left_out,
        failed=failed,
        reopened=reopenings_told(study),
        beside=replace(beside_of(study), **(afterwards or {})),
    )


def _asked(
    known: dict[str, Rater | None], only: Sequence[str]
) -> tuple[dict[str, Rater | None], list[str]]:
    """The raters asked for, in the order of Table 1, and the names of the others."""
    unknown = [name for name in only if name not in known]
    if unknown:
        raise ValueError(f"no rater named {', '.join(unknown)}; there is: {', '.join(known)}")
    asked: dict[str, Rater | None] = {}
    left_out = []
    for name, rater in known.items():
        if not only or name in only:
            asked[name] = rater
        else:
            left_out.append(name)
    return asked, left_out


def _tune(
    study: Study, known: Mapping[str, Rater | None], everybody: dict[str, Codings]
) -> list[str]:
    """Put each model's codings in `everybody` at its own development threshold.

    Returns the names of the models whose codings have to stay as they were run.
    """
    stay = []
    for name, rater in known.items():
        if rater is None or rater.kind != Rater.Kind.MODEL:
            continue
        threshold = dev_threshold(rater.checkpoint_sha256)
        if threshold is None:
            threshold = imported_threshold_dev(study, rater)
        tuned = None
        if threshold is not None:
            tuned = codings_at(study, rater, list(everybody[name]), threshold)
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
