"""What a benchmark is asked: against which reference, over which codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Preset:
    """What a benchmark counts."""

    name: str
    title: str
    about: str
    space: Literal["shortlist", "shortlist and panel", "present", "full", "union", "own"]
    """The study's list of codes, with or without what the panel gave; the codes of the reference;
    all that the code system has; the codes of the reference and of the raters; or what the study's
    own preset has."""
    which: str
    """Which codes count, in the words of the pages' choice."""
    against: Literal["reference", "panel"] = "reference"
    threshold: Literal["run", "dev"] = "run"
    """Models as they coded in their run, or at the threshold that their development notes chose."""

    @property
    def kind(self) -> str:
        """As "scored ..." goes on: against what, or over which codes.

        >>> PANEL.kind, PAPER.kind
        ('against the panel', 'over the codes that coders could tick')
        """
        if self.against == "panel":
            return "against the panel"
        if self.which.startswith("codes "):
            return f"over the {self.which}"
        return f"over {self.which}"


PAPER = Preset(
    name="paper",
    title="as the paper",
    about="macro over the codes that coders could tick, zeros included: the paper's Table 1",
    space="shortlist",
    which="codes that coders could tick",
)
PRESENT = Preset(
    name="present",
    title="codes present",
    about="over the codes of the reference on these notes alone; "
    "codes given beside them are not counted",
    space="present",
    which="codes that the reference used",
)
FULL = Preset(
    name="full",
    title="full code system",
    about="over every code of the code system: nothing that was given is dropped",
    space="full",
    which="every code of the code system",
)
TUNED = Preset(
    name="tuned",
    title="models tuned",
    about="as by the study's own preset, but each model gives the codes above the threshold that "
    "its development notes chose",
    space="own",
    which="the study's own codes, models at their best threshold",
    threshold="dev",
)
PANEL = Preset(
    name="panel",
    title="against the panel",
    about="scored against what the adjudicators settled",
    space="shortlist and panel",
    which="codes that coders could tick, and the panel's",
    against="panel",
)
UNION = Preset(
    name="union",
    title="union of codes",
    about="over the codes that the reference or any rater gave, as python -m benchmark.metrics "
    "does; another rater changes it",
    space="union",
    which="codes that anybody gave",
)
PRESETS = {preset.name: preset for preset in (PAPER, PRESENT, FULL, TUNED, PANEL, UNION)}
