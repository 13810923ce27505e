"""The fixed world behind every corpus: which codes exist, how often, and the kinds of patient that bring them together.

Code frequency is MIMIC-III's, a stretched exponential of the rank: n(r) = exp(10.651 - 0.9274 r^0.27) in 52,726 notes.
The first ranks are ordered by hand (head.psv), the tail by chapter from WORLD_SEED. Profiles (profiles.psv, each in
three variants) tilt the frequencies; the base weights are re-fitted until the mixture has the marginals again.
"""

from __future__ import annotations

import math
import random
import re
from array import array
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from icd.chapters import DX_CHAPTERS, PROC_CHAPTERS, chapter, chapter_number
from icd.codes import KINDS, Kind, category
from icd.tables import kind_of, read_icd9_tables

WORLD_SEED = 1999
DX_USED, PROC_USED = 8_350, 2_450
"""Codes a stay may carry. MIMIC-III's 6,918 and 2,011 are those seen in 52,726 notes; as many notes here leave some
of the rarest out.
"""
CODES_A_NOTE = 16.6
"""Mean codes true of a stay; coding noise takes some and the reference comes out near 16."""
CHRONIC_DRAWS = 8
VARIANTS = (0.5, 0.3, 0.2)
FIRST_STAYS = 0.78
"""Share of stays that are a patient's first: only those can be of a newborn."""
SCALE = 1 << 40
CHRONIC = re.compile(
    r"(250|272|40[1-4]|41[246]|427\.31|428\.[0-9]2|42[45]|44[03]|49[236]|515|530\.81|244|27[48]|285\.2|300|311|296|327"
    r"|33[1-3]|340|345|571|070\.5|585|600|71[45]|733|V|305\.1|303\.9|1[4-9]\d|20[0-8])"
)
OF_SEX = {
    "M": {"dx": re.compile(r"18[5-7]|60[0-8]|V10\.46|V50\.2"), "proc": re.compile("6[0-4]")},
    "F": {"dx": re.compile(r"174|179|18[0-4]|61[4-9]|6[2-7]|V2[2-478]|V10\.3"), "proc": re.compile("6[5-9]|7[0-5]")},
}
DX_WEIGHTS = (1, 1.3, 1.2, 1.2, 0.7, 0.5, 1.8, 1.6, 1.4, 1, 0.25, 0.7, 0.6, 0.6, 1.5, 1.4, 1, 0.7, 0.9)
PROC_WEIGHTS = (1.5, 1.2, 0.6, 0.1, 0.4, 0.1, 0.3, 1.6, 2.2, 1, 1.4, 0.8, 0.3, 0.3, 0.2, 0.9, 0.8, 1.2)
CHAPTER_WEIGHTS = {
    name: weight
    for chapters, weights in ((DX_CHAPTERS, DX_WEIGHTS), (PROC_CHAPTERS, PROC_WEIGHTS))
    for (_, name), weight in zip(chapters, weights, strict=True)
}
"""How often the tail draws a code of each chapter."""


@dataclass(frozen=True)
class HeadCode:
    """What people write for a common code: noun phrases, sentences that stand in for it, medications."""

    phrases: tuple[str, ...]
    evidence: tuple[str, ...]
    medications: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """A kind of patient. `cumulative` are running integer weights over the world's codes, for bisection."""

    name: str
    share: float
    age: int
    service: str
    complaints: tuple[str, ...]
    core: tuple[tuple[int, float], ...]
    cumulative: array[int]


@dataclass(frozen=True)
class World:
    """Codes by rank (rank 1 first) and their kinds; every other member speaks of positions in `codes`."""

    codes: tuple[str, ...]
    kinds: tuple[Kind, ...]
    siblings: tuple[tuple[int, ...], ...]
    profiles: tuple[Profile, ...]
    position: dict[str, int]
    of_sex: dict[str, frozenset[int]]


def _rows(name: str) -> list[list[str]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [line.split("|") for line in text.splitlines()]


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split(";") if item.strip())


@cache
def head_codes() -> dict[str, HeadCode]:
    """The hand-written head in order of rank, retired codes last."""
    return read_head("head.psv")


def read_head(name: str) -> dict[str, HeadCode]:
    """A hand-written file of this folder, a code a line."""
    return {code: HeadCode(*map(_items, cells)) for code, *cells in _rows(name)}


def frequency(rank: int) -> float:
    """Expected share of notes that carry the code of a rank.

    >>> round(frequency(1), 3), round(52_726 * frequency(8_929), 1)
    (0.317, 0.8)
    """
    return math.exp(10.651 - 0.9274 * rank**0.27) / 52_726


def ranked_codes() -> list[tuple[str, Kind]]:
    """(code, kind) by rank: the hand-ordered head, then diagnoses and procedures drawn by chapter and interleaved."""
    rng = random.Random(WORLD_SEED)
    head = head_codes()
    ranked = [(code, _kind_of_head(code)) for code in head]
    tails: dict[Kind, list[str]] = {}
    for kind, used in zip(KINDS, (DX_USED, PROC_USED), strict=True):
        rows = [row for row in read_icd9_tables() if row.kind == kind and row.code not in head]
        key = {row.code: rng.expovariate(1.0) / _tail_weight(row.long, chapter(row.code, kind)) for row in rows}
        count = used - sum(k == kind for _, k in ranked)
        tails[kind] = sorted(key, key=key.__getitem__)[:count]
    # Procedures sit a little higher in the tail than diagnoses: they are 22% of the codes and 26% of what is assigned.
    places: list[tuple[float, Kind]] = [(rng.random(), "dx") for _ in tails["dx"]]
    places += [(rng.random() ** 1.1, "proc") for _ in tails["proc"]]
    following = {kind: iter(codes) for kind, codes in tails.items()}
    return ranked + [(next(following[kind]), kind) for _, kind in sorted(places)]


def _kind_of_head(code: str) -> Kind:
    """That of its table; 36.01 was retired and is in none."""
    kind = kind_of(code)
    if kind is None:
        raise ValueError(f"head.psv: {code} is no code")
    return kind


def _tail_weight(title: str, chapter_name: str) -> float:
    vague = any(word in title.lower() for word in ("unspecified", "other ", "without"))
    return CHAPTER_WEIGHTS[chapter_name] * (2.0 if vague else 1.0)


@cache
def world() -> World:
    """Build the world; about a second, once a process."""
    ranked = ranked_codes()
    codes, kinds = tuple(code for code, _ in ranked), tuple(kind for _, kind in ranked)
    rows = _rows("profiles.psv")
    shares = np.array([float(row[1]) * part for row in rows for part in VARIANTS])
    shares /= shares.sum()
    tilt, core = _tilts(rows, ranked), _cores(rows, codes)
    infants = [row[0] == "newborn" for row in rows for _ in VARIANTS]
    stays = np.where(infants, shares * FIRST_STAYS, shares * _adults_gain(float(shares[infants].sum())))
    weights = _fit(stays, tilt, core, codes)
    profiles = tuple(
        Profile(
            f"{row[0]}-{variant}",
            float(shares[at]),
            int(row[2]),
            row[3],
            _items(row[4]),
            tuple((int(c), float(core[at, c])) for c in np.flatnonzero(core[at])),
            _cumulative(weights[at]),
        )
        for at, (row, variant) in enumerate((row, v) for row in rows for v in range(len(VARIANTS)))
    )
    of_sex = {
        sex: frozenset(at for at, (code, kind) in enumerate(ranked) if patterns[kind].match(code))
        for sex, patterns in OF_SEX.items()
    }
    return World(codes, kinds, _siblings(ranked), profiles, {code: at for at, code in enumerate(codes)}, of_sex)


def _adults_gain(infants: float) -> float:
    """Factor on the adults' shares once later stays of newborns are adults'."""
    return (1 - infants * FIRST_STAYS) / (1 - infants)


def _siblings(ranked: list[tuple[str, Kind]]) -> tuple[tuple[int, ...], ...]:
    groups: dict[tuple[Kind, str], list[int]] = defaultdict(list)
    for at, (code, kind) in enumerate(ranked):
        groups[kind, category(code)].append(at)
    return tuple(tuple(groups[kind, category(code)]) for code, kind in ranked)


def _tilts(rows: list[list[str]], ranked: list[tuple[str, Kind]]) -> NDArray[np.float64]:
    """Multipliers (profiles x codes): of chapter and prefix, then a lognormal per category and variant."""
    chapters = [_chapter_key(code, kind) for code, kind in ranked]
    tilt = np.ones((len(rows) * len(VARIANTS), len(ranked)))
    for at, row in enumerate(rows):
        line = np.array([0.02 if key in ("d11", "p14") else 1.0 for key in chapters])
        if row[0] == "newborn":
            line = np.array([0.02 if c[:2] in ("38", "96", "99", "V0", "74", "75") else 2e-4 for c, _ in ranked])
        else:
            line[[key == "d15" or c[:2] == "V3" for key, (c, _) in zip(chapters, ranked, strict=True)]] = 0.0
        for token in row[6].split():
            where, factor = token.split("*")
            prefix = where.removeprefix("=")
            hits = [c.startswith(prefix) if where != prefix else key == where
                    for key, (c, _) in zip(chapters, ranked, strict=True)]  # fmt: skip
            line[hits] *= float(factor)
        for variant in range(len(VARIANTS)):
            rng = random.Random(f"{WORLD_SEED}:{row[0]}:{variant}")
            own: dict[tuple[Kind, str], float] = defaultdict(lambda rng=rng: math.exp(rng.gauss(0, 0.8)))  # type: ignore[misc]
            tilt[at * len(VARIANTS) + variant] = line * [own[kind, category(code)] for code, kind in ranked]
    return tilt


def _chapter_key(code: str, kind: Kind) -> str:
    """For example d7 or p14, as profiles.psv names chapters."""
    return f"{kind[0]}{chapter_number(code, kind)}"


def _cores(rows: list[list[str]], codes: tuple[str, ...]) -> NDArray[np.float64]:
    """Probability of each core code (profiles x codes)."""
    position = {code: at for at, code in enumerate(codes)}
    core = np.zeros((len(rows) * len(VARIANTS), len(codes)))
    for at, row in enumerate(rows):
        for token in row[5].split():
            code, probability = token.split(":")
            core[at * len(VARIANTS) : (at + 1) * len(VARIANTS), position[code]] = float(probability)
    return core


def _fit(
    shares: NDArray[np.float64], tilt: NDArray[np.float64], core: NDArray[np.float64], codes: tuple[str, ...]
) -> NDArray[np.float64]:
    """Weights (profiles x codes) whose mixture has the target frequencies.

    `shares` are those of stays. With m draws a stay, a code of weight q turns up with probability
    1 - (1 - core) exp(-q m); m gives the mean.
    """
    target = np.array([frequency(rank) for rank in range(1, len(codes) + 1)])
    extra = np.array([0.9 * CHRONIC_DRAWS if CHRONIC.match(code) else 0.0 for code in codes])
    base, draws = target.copy(), np.full(len(shares), 12.0)
    for _ in range(25):
        q = base * tilt
        q /= q.sum(axis=1, keepdims=True)
        present = 1 - (1 - core) * np.exp(-q * (draws[:, None] + extra))
        draws = np.clip(draws * (CODES_A_NOTE / present.sum(axis=1)) ** 1.5, 1.0, 60.0)
        base *= (target / np.maximum(shares @ present, 1e-12)) ** 0.6
    return base * tilt


def _cumulative(weights: NDArray[np.float64]) -> array[int]:
    """Running sums in whole numbers, so that a draw does not hang on the last bit of a float."""
    return array("q", accumulate(int(w) for w in np.rint(weights / weights.sum() * SCALE)))
