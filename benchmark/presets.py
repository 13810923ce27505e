"""What a benchmark is asked: which reference, and over which codes macro figures average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from annotation.models import Study
from annotation.selectors import Codings, codings_of
from benchmark.metrics.label_space import LabelSpace, listed, present
from benchmark.panel import panel_of


class NothingToCompareError(ValueError):
    """Why there is no Table 1, in words for the page and the terminal."""


@dataclass(frozen=True)
class Preset:
    """What a benchmark counts.

    `space`: the study's list of codes, with or without what the panel gave, those of the reference, or all that the
    code system has. `threshold`: models as they coded in their run, or at the threshold that their development notes
    chose.
    """

    name: str
    title: str
    space: Literal["shortlist", "shortlist and panel", "present", "full"]
    against: Literal["reference", "panel"]
    threshold: Literal["run", "dev"]
    about: str


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "paper", "as the paper", "shortlist", "reference", "run",
            "macro over the codes that coders could tick, zeros included: the paper's Table 1",
        ),
        Preset(
            "present", "codes present", "present", "reference", "run",
            "over the codes of the reference on these notes alone; codes given beside them are not counted",
        ),
        Preset(
            "full", "full code system", "full", "reference", "run",
            "over every code of the code system: nothing that was given is dropped",
        ),
        Preset(
            "tuned", "models tuned", "shortlist", "reference", "dev",
            "as the paper, but each model gives the codes above the threshold that its development notes chose",
        ),
        Preset(
            "panel", "against the panel", "shortlist and panel", "panel", "run",
            "scored against what the adjudicators settled",
        ),
    )
}  # fmt: skip


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
        raise NothingToCompareError(f"{study.slug} has no panel yet: no adjudicator has settled a note")
    return codings_of(study, panel)


def label_space(study: Study, preset: Preset, reference: Codings, notes: Sequence[str]) -> LabelSpace:
    """The codes that macro figures average over, in their order."""
    if preset.space == "present":
        return present(reference, notes)
    codes = study.code_set.codes
    if preset.space == "full":
        systems = codes.values_list("system", flat=True).distinct()
        codes = codes.model.objects.filter(system__in=list(systems))
    found = set(codes.values_list("code", flat=True))
    if preset.space == "shortlist and panel":
        found |= {code for note in notes for code in reference[note]}
    return listed(preset.space, sorted(found))


def available(study: Study) -> list[Preset]:
    """The presets that the study has a reference for."""
    has = {"reference": study.reference_id is not None, "panel": panel_of(study) is not None}
    return [preset for preset in PRESETS.values() if has[preset.against]]
