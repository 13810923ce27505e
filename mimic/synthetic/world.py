"""The fixed world behind every corpus: which codes exist, how often, and which patients have them.

A code's frequency is MIMIC-III's, a stretched exponential of its rank:
n(r) = exp(10.651 - 0.9274 r^0.27) in 52,726 notes. The most common codes are listed by hand in
order of rank (common_codes.psv); the rare ones after them are drawn by chapter from WORLD_SEED.
Kinds of patient (profiles.psv, each in three variants) make some codes more likely than others; the
base weights are then fitted so that all patients together have the frequencies again.
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
from icd.codes import Kind, category
from icd.tables import kind_of, read_icd9_tables

Floats = NDArray[np.float64]

WORLD_SEED = 1999
DX_USED = 8_350
PROC_USED = 2_450
"""Codes that a stay may carry. MIMIC-III's 6,918 and 2,011 are those seen in 52,726 notes; as many
notes here leave some of the rarest out."""
CODES_A_NOTE = 16.6
"""Mean number of codes true of a stay. Coding noise takes some, and the reference has about 16."""
CHRONIC_DRAWS = 8
"""How often a patient's chronic codes are drawn for."""
VARIANTS = (0.5, 0.3, 0.2)
"""Share of each variant of a profile."""
FIRST_STAYS = 0.78
"""Share of stays that are a patient's first: only those can be of a newborn."""
SCALE = 1 << 40
"""Weights are whole numbers that add up to about this."""
CHRONIC = re.compile(
    r"(250|272|40[1-4]|41[246]|427\.31|428\.[0-9]2|42[45]|44[03]|49[236]|515|530\.81|244|27[48]"
    r"|285\.2|300|311|296|327|33[1-3]|340|345|571|070\.5|585|600|71[45]|733|V|305\.1|303\.9"
    r"|1[4-9]\d|20[0-8])"
)
"""Codes of chronic conditions, by how they begin."""
OF_SEX = {
    "M": {"dx": re.compile(r"18[5-7]|60[0-8]|V10\.46|V50\.2"), "proc": re.compile("6[0-4]")},
    "F": {
        "dx": re.compile(r"174|179|18[0-4]|61[4-9]|6[2-7]|V2[2-478]|V10\.3"),
        "proc": re.compile("6[5-9]|7[0-5]"),
    },
}
"""Codes that only a man or only a woman can have, by how they begin."""
DX_WEIGHTS = (
    1, 1.3, 1.2, 1.2, 0.7, 0.5, 1.8, 1.6, 1.4, 1, 0.25, 0.7, 0.6, 0.6, 1.5, 1.4, 1, 0.7, 0.9,
)  # fmt: skip
PROC_WEIGHTS = (
    1.5, 1.2, 0.6, 0.1, 0.4, 0.1, 0.3, 1.6, 2.2, 1, 1.4, 0.8, 0.3, 0.3, 0.2, 0.9, 0.8, 1.2,
)  # fmt: skip
"""How often a rare code of each chapter is drawn, in the order of the chapters."""
RARE_IN_ADULTS = ("d11", "p14")
"""Chapters of pregnancy and birth."""
NEWBORN_CHAPTER = "d15"
NEWBORN_PREFIXES = ("38", "96", "99", "V0", "74", "75")
"""How codes begin that a newborn may have beside those of its profile."""


@dataclass(frozen=True)
class CommonCode:
    """What people write for a common code.

    `phrases` are noun phrases, `evidence` whole sentences that stand in for the name, `medications`
    what is given for it.
    """

    phrases: tuple[str, ...]
    evidence: tuple[str, ...]
    medications: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """A kind of patient.

    `core` are (code, probability) of what such patients usually have; `cumulative` are running
    whole-number weights over the world's codes, in which a draw is looked up by bisection.
    """

    name: str
    share: float
    age: int
    service: str
    complaints: tuple[str, ...]
    core: tuple[tuple[int, float], ...]
    cumulative: array[int]


@dataclass(frozen=True)
class World:
    """Codes by rank (the most frequent first) and their kinds.

    Everywhere else in this package a code is a number: its position in `codes`. `siblings` are the
    codes of the same category, `position` finds a dotted code, and `of_sex` are the codes that only
    "M" or only "F" can have.
    """

    codes: tuple[str, ...]
    kinds: tuple[Kind, ...]
    siblings: tuple[tuple[int, ...], ...]
    profiles: tuple[Profile, ...]
    position: dict[str, int]
    of_sex: dict[str, frozenset[int]]


def read_cells(name: str) -> list[list[str]]:
    """The lines of a .psv file of this folder, split into cells."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [line.split("|") for line in text.splitlines()]


def _items(cell: str) -> tuple[str, ...]:
    """The items of a cell, which are separated by semicolons."""
    items = []
    for item in cell.split(";"):
        if item.strip():
            items.append(item.strip())
    return tuple(items)


@cache
def common_codes() -> dict[str, CommonCode]:
    """The common codes in order of rank, retired ones last."""
    return read_common_codes("common_codes.psv")


def read_common_codes(name: str) -> dict[str, CommonCode]:
    """A file of this folder that says what is written for common codes, a code a line."""
    found = {}
    for code, phrases, evidence, medications in read_cells(name):
        found[code] = CommonCode(_items(phrases), _items(evidence), _items(medications))
    return found


def frequency(rank: int) -> float:
    """Expected share of notes that carry the code of a rank.

    >>> round(frequency(1), 3), round(52_726 * frequency(8_929), 1)
    (0.317, 0.8)
    """
    return math.exp(10.651 - 0.9274 * rank**0.27) / 52_726


def ranked_codes() -> list[tuple[str, Kind]]:
    """(code, kind) by rank: the common codes, then rare diagnoses and procedures, interleaved."""
    rng = random.Random(WORLD_SEED)
    ranked = [(code, _kind_of_common(code)) for code in common_codes()]
    common_kinds = [kind for _, kind in ranked]
    dx = _rare_codes("dx", DX_USED - common_kinds.count("dx"), rng)
    proc = _rare_codes("proc", PROC_USED - common_kinds.count("proc"), rng)
    places: list[tuple[float, Kind]] = [(rng.random(), "dx") for _ in dx]
    # Procedures sit a little higher than diagnoses: they are 22% of the codes, yet 26% of what is
    # assigned.
    places += [(rng.random() ** 1.1, "proc") for _ in proc]
    following = {"dx": iter(dx), "proc": iter(proc)}
    for _, kind in sorted(places):
        ranked.append((next(following[kind]), kind))
    return ranked


def _kind_of_common(code: str) -> Kind:
    kind = kind_of(code)
    if kind is None:
        raise ValueError(f"common_codes.psv: {code} is no code")
    return kind


def _rare_codes(kind: Kind, count: int, rng: random.Random) -> list[str]:
    """`count` codes that are not common, drawn by weight without putting back."""
    arrival: dict[str, float] = {}
    for row in read_icd9_tables():
        if row.kind == kind and row.code not in common_codes():
            weight = _rare_weight(row.long, chapter(row.code, kind))
            arrival[row.code] = rng.expovariate(1.0) / weight
    return sorted(arrival, key=arrival.__getitem__)[:count]


@cache
def _chapter_weights() -> dict[str, float]:
    """Chapter -> how often a rare code of it is drawn."""
    weights: dict[str, float] = {}
    for chapters, of_kind in ((DX_CHAPTERS, DX_WEIGHTS), (PROC_CHAPTERS, PROC_WEIGHTS)):
        for (_, name), weight in zip(chapters, of_kind, strict=True):
            weights[name] = weight
    return weights


def _rare_weight(title: str, chapter_name: str) -> float:
    """How likely a rare code is drawn: vague codes are used twice as often."""
    vague = any(word in title.lower() for word in ("unspecified", "other ", "without"))
    return _chapter_weights()[chapter_name] * (2.0 if vague else 1.0)


@cache
def world() -> World:
    """Build the world; about a second, once a process."""
    ranked = ranked_codes()
    codes = tuple(code for code, _ in ranked)
    kinds = tuple(kind for _, kind in ranked)
    return World(
        codes=codes,
        kinds=kinds,
        siblings=_siblings(ranked),
        profiles=_profiles(ranked, codes),
        position={code: at for at, code in enumerate(codes)},
        of_sex={sex: _only_of(patterns, ranked) for sex, patterns in OF_SEX.items()},
    )


def _only_of(
    patterns: dict[str, re.Pattern[str]], ranked: list[tuple[str, Kind]]
) -> frozenset[int]:
    """The codes that match their kind's pattern."""
    found = set()
    for at, (code, kind) in enumerate(ranked):
        if patterns[kind].match(code):
            found.add(at)
    return frozenset(found)


def _profiles(ranked: list[tuple[str, Kind]], codes: tuple[str, ...]) -> tuple[Profile, ...]:
    """The kinds of patient, each variant with weights of its own."""
    rows = read_cells("profiles.psv")
    shares, stay_shares = _shares(rows)
    tilt = _tilts(rows, ranked)
    core = _cores(rows, codes)
    weights = _fit(stay_shares, tilt, core, codes)
    profiles = []
    for row_number, row in enumerate(rows):
        for variant in range(len(VARIANTS)):
            at = row_number * len(VARIANTS) + variant
            core_codes = [(int(code), float(core[at, code])) for code in np.flatnonzero(core[at])]
            profile = Profile(
                name=f"{row[0]}-{variant}",
                share=float(shares[at]),
                age=int(row[2]),
                service=row[3],
                complaints=_items(row[4]),
                core=tuple(core_codes),
                cumulative=_cumulative(weights[at]),
            )
            profiles.append(profile)
    return tuple(profiles)


def _shares(rows: list[list[str]]) -> tuple[Floats, Floats]:
    """(share of each profile's variant among patients, among stays), in the order of the profiles.

    Later stays of newborns are adults' stays, so that newborns have fewer of the stays and adults
    more.
    """
    of_patients = []
    newborn = []
    for row in rows:
        for part in VARIANTS:
            of_patients.append(float(row[1]) * part)
            newborn.append(row[0] == "newborn")
    shares = np.array(of_patients)
    shares /= shares.sum()
    newborn_share = float(shares[newborn].sum())
    adults_gain = (1 - newborn_share * FIRST_STAYS) / (1 - newborn_share)
    return shares, np.where(newborn, shares * FIRST_STAYS, shares * adults_gain)


def _siblings(ranked: list[tuple[str, Kind]]) -> tuple[tuple[int, ...], ...]:
    """For each code the codes of its category, itself among them."""
    groups: dict[tuple[Kind, str], list[int]] = defaultdict(list)
    for at, (code, kind) in enumerate(ranked):
        groups[kind, category(code)].append(at)
    return tuple(tuple(groups[kind, category(code)]) for code, kind in ranked)


def _tilts(rows: list[list[str]], ranked: list[tuple[str, Kind]]) -> Floats:
    """Multipliers (profiles x codes): one for chapters and beginnings of codes, which the variants
    of a profile share, times one for each category, which they do not."""
    codes = [code for code, _ in ranked]
    categories = [(kind, category(code)) for code, kind in ranked]
    chapters = [f"{kind[0]}{chapter_number(code, kind)}" for code, kind in ranked]
    tilt = np.ones((len(rows) * len(VARIANTS), len(ranked)))
    for at, row in enumerate(rows):
        shared = _profile_factors(row, codes, chapters)
        for variant in range(len(VARIANTS)):
            own = _category_factors(f"{WORLD_SEED}:{row[0]}:{variant}", categories)
            tilt[at * len(VARIANTS) + variant] = shared * own
    return tilt


def _profile_factors(row: list[str], codes: list[str], chapters: list[str]) -> Floats:
    """A factor for each code, from a line of profiles.psv.

    Its seventh cell has items like `d7*3` (a chapter) and `=482*6` (codes that begin so).
    """
    factors = np.ones(len(codes))
    for at, code in enumerate(codes):
        if row[0] == "newborn":
            factors[at] = 0.02 if code.startswith(NEWBORN_PREFIXES) else 2e-4
        elif chapters[at] == NEWBORN_CHAPTER or code.startswith("V3"):
            factors[at] = 0.0
        elif chapters[at] in RARE_IN_ADULTS:
            factors[at] = 0.02
    for item in row[6].split():
        where, factor = item.split("*")
        if where.startswith("="):
            hits = [code.startswith(where[1:]) for code in codes]
        else:
            hits = [chapter == where for chapter in chapters]
        factors[hits] *= float(factor)
    return factors


def _category_factors(seed: str, categories: list[tuple[Kind, str]]) -> list[float]:
    """A factor for each code, lognormal, the same for all codes of a category."""
    rng = random.Random(seed)
    factor_of: dict[tuple[Kind, str], float] = {}
    factors = []
    for key in categories:
        if key not in factor_of:
            factor_of[key] = math.exp(rng.gauss(0, 0.8))
        factors.append(factor_of[key])
    return factors


def _cores(rows: list[list[str]], codes: tuple[str, ...]) -> Floats:
    """Probability of each core code (profiles x codes), from items like `038.9:.4`."""
    position = {code: at for at, code in enumerate(codes)}
    core = np.zeros((len(rows) * len(VARIANTS), len(codes)))
    for at, row in enumerate(rows):
        variants = slice(at * len(VARIANTS), (at + 1) * len(VARIANTS))
        for item in row[5].split():
            code, probability = item.split(":")
            core[variants, position[code]] = float(probability)
    return core


def _fit(stay_shares: Floats, tilt: Floats, core: Floats, codes: tuple[str, ...]) -> Floats:
    """Weights (profiles x codes) with which all stays together have the target frequencies.

    With m draws a stay, a code of weight q turns up with probability 1 - (1 - core) exp(-q m);
    m is fitted to the mean number of codes.
    """
    target = np.array([frequency(rank) for rank in range(1, len(codes) + 1)])
    chronic = np.array([CHRONIC.match(code) is not None for code in codes])
    chronic_draws = np.where(chronic, 0.9 * CHRONIC_DRAWS, 0.0)
    base = target.copy()
    draws = np.full(len(stay_shares), 12.0)
    for _ in range(25):
        q = base * tilt
        q /= q.sum(axis=1, keepdims=True)
        present = 1 - (1 - core) * np.exp(-q * (draws[:, None] + chronic_draws))
        draws = np.clip(draws * (CODES_A_NOTE / present.sum(axis=1)) ** 1.5, 1.0, 60.0)
        base *= (target / np.maximum(stay_shares @ present, 1e-12)) ** 0.6
    return base * tilt


def _cumulative(weights: Floats) -> array[int]:
    """Running sums in whole numbers, so that a draw does not hang on the last bit of a float."""
    whole = np.rint(weights / weights.sum() * SCALE)
    return array("q", accumulate(int(weight) for weight in whole))
