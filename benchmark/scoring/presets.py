"""What a benchmark is asked: against which reference, over which codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
