"""The list of codes of the demo's study, and sets of queries over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from icd.codes import CodeRow
from icd.search import Index
from icd.tables import kind_of, nearest_titles

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Probe:
    """A query as a coder types it, and the codes that she would take."""

    kind: str
    query: str
    accepted: frozenset[str]


@cache
def study_rows() -> list[CodeRow]:
    """The 4,075 codes with their titles; a few are retired, and have the nearest."""
    found = []
    for code in (FOLDER / "study_codes.txt").read_text().split():
        kind = kind_of(code)
        assert kind is not None
        found.append(nearest_titles().row(code, kind))
    return found


@cache
def study_index() -> Index:
    """The list's index without frequencies. Do not change it."""
    return Index(study_rows())


def probes(name: str) -> list[Probe]:
    """A set of queries: search_probes, or one of those that were written later."""
    found = []
    for line in (FOLDER / f"{name}.tsv").read_text().splitlines():
        if not line.startswith(("#", "kind\t")):
            kind, query, accepted = line.split("\t")
            found.append(Probe(kind, query, frozenset(accepted.split())))
    return found
