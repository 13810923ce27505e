"""The raters of a benchmark beside each other, as they were scored. Reads only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import OuterRef, Subquery

from annotation.models import Rater, Study
from benchmark.metrics.codings import BoolArray
from benchmark.metrics.sets.members import unpacked
from benchmark.models import BenchmarkRun, GivenCodes, ModelRun
from benchmark.scoring.sides import Axes, Side, Sides

SUFFIXES = (" (coder)", " (model)", " (simulated)")
"""What a rater's name in Table 1 may have behind it, outermost first."""


@dataclass(frozen=True)
class Listed:
    """A rater that can be chosen."""

    name: str
    kind: str
    in_table1: bool


@dataclass(frozen=True)
class Named:
    """A coder or a model, and its newest run in a study."""

    rater: Rater
    run_id: int | None


def newest_run(study: Study, preset: str) -> BenchmarkRun | None:
    """The newest benchmark by that preset; its document and counts are read when asked for."""
    runs = study.benchmarks.filter(preset=preset, partial=False)
    return runs.defer("counts", "document").first()


def raters_listed(run: BenchmarkRun) -> list[Listed]:
    """Who can be laid side by side: Table 1's raters in its order, then each coder.

    Empty for a run that was made before sides were kept.
    """
    if not run.axes:
        return []
    rows = run.given.exclude(rater="").values_list("rater", "kind", "in_table1")
    return [Listed(*row) for row in rows]


def default_pair(run: BenchmarkRun) -> tuple[str, str]:
    """The raters that are compared unless somebody asks otherwise; the second may be ""."""
    stored = json.loads(zlib.decompress(run.axes))
    return stored["a"], stored["b"]


def sides_of(run: BenchmarkRun, names: Sequence[str]) -> Sides:
    """These raters and the reference. Raises KeyError for a name that the run has not."""
    stored = json.loads(zlib.decompress(run.axes))
    notes = tuple(stored["notes"])
    scored = np.zeros(len(notes), dtype=np.bool_)
    scored[stored["scored"]] = True
    axes = Axes(notes, tuple(stored["codes"]), frozenset(stored["outside"]), scored)
    rows: dict[str, GivenCodes] = {}
    for row in run.given.filter(rater__in=["", *names]):
        rows[row.rater] = row
    shape = len(axes.notes), len(axes.codes)
    sides = {}
    for name in names:
        row = rows[name]
        given = unpacked(bytes(row.members), *shape)
        done = _unpacked_bits(bytes(row.done), len(notes))
        sides[name] = Side(name, row.kind, row.in_table1, done, given)
    return Sides(axes, unpacked(bytes(rows[""].members), *shape), sides)


def raters_named(study: Study, listed: Sequence[Listed]) -> dict[str, Named]:
    """The models and coders behind the names of sides, by one query."""
    bare = []
    for each in listed:
        name = each.name
        for suffix in SUFFIXES:
            name = name.removesuffix(suffix)
        bare += [each.name, name]
    runs = ModelRun.objects.filter(study=study, rater=OuterRef("pk")).order_by("-pk")
    raters = Rater.objects.filter(name__in=bare, kind__in=[Rater.Kind.CODER, Rater.Kind.MODEL])
    known: dict[tuple[str, str], Named] = {}
    for rater in raters.annotate(newest=Subquery(runs.values("pk")[:1])):
        named = Named(rater, rater.newest)
        for name in (rater.name, str(rater)):
            known[rater.kind, name] = named
            known.setdefault((rater.kind, f"{name} ({rater.kind})"), named)
    found = {}
    for each in listed:
        if (each.kind, each.name) in known:
            found[each.name] = known[each.kind, each.name]
    return found


def _unpacked_bits(bits: bytes, count: int) -> BoolArray:
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=count).astype(np.bool_)
