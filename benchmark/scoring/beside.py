"""What a study has beside its codings: a margin, weights, ranks, counts of other notes, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from files.code_files import CountsFile


@dataclass(frozen=True)
class Margin:
    """The loss in micro Jaccard, model less coder, that would not matter."""

    value: float
    afterwards: bool = False
    """Whether it was set after labels could be seen."""
    set_at: str = ""
    """When, as ISO 8601; "" where nothing says so."""


@dataclass(frozen=True)
class Weighted:
    """What each code counts for."""

    weights: Mapping[str, float]
    tiers: Mapping[str, int] | None = None
    """0 none, 1 CC, 2 MCC; None where the file has none."""
    afterwards: bool = False
    set_at: str = ""
    sha256: str = ""
    """Of the file; "" where it is not kept."""


@dataclass(frozen=True)
class Beside:
    """All of it; what a study lacks is None or empty."""

    margin: Margin | None = None
    weighted: Weighted | None = None
    outside: CountsFile | None = None
    """How many other notes have each code."""
    ranks: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Note id -> code of the reference -> rank, from 1."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Note id -> group."""
    words: Mapping[str, int] = field(default_factory=dict)
    """Note id -> words of its text; empty where texts are elsewhere."""
    own_coder: Mapping[str, str] = field(default_factory=dict)
    """Note id -> the coder whose answer stands for the people in Table 1."""

    def hashed(self) -> dict[str, Any]:
        """What the hash of a benchmark has of it: that which is there, and may change."""
        found = {}
        for name, value in asdict(replace(self, words={}, own_coder={})).items():
            if value:
                found[name] = value
        return found


NOTHING = Beside()
