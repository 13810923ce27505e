"""Patients and their stays: what was true of each stay, and what the hospital's coders made of it.

Stay k of a seed is the same at any scale. Stays come in blocks of eight; a block's own randomness says which of them
belong to one patient, so a patient is named by the first of those stays. Ids: SUBJECT_ID = 900,000 + 1,000,000 seed +
that first stay, HADM_ID = 1,400,000 + 1,000,000 seed + k, with at most 100,000 stays a seed: above all of MIMIC's, in
ranges of their own for each seed, and never an id that is both.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mimic.synthetic.world import (
    CHRONIC,
    CHRONIC_DRAWS,
    CODES_A_NOTE,
    Profile,
    World,
    frequency,
)

BLOCK = 8
FIRST_SUBJECT, FIRST_HADM, ID_SPAN = 900_000, 1_400_000, 1_000_000
LARGEST_SEED, MOST_NOTES = 2_100, 100_000
DROP, DROP_CHRONIC, SWAP, STRAY = 0.06, 0.12, 0.07, 0.055
UNSAID = 0.05
PATIENT_SIZES = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
EXCLUSIVE = (("250.0", "250.1"), ("401", "402", "403", "404"), ("V30", "V31", "V33"), ("276.0", "276.1"))

RULES = (
    (("96.7",), "518.81", 0.5),
    (("96.7",), "96.04", 0.5),
    (("36.1",), "39.61", 0.9),
    (("36.1",), "414.01", 0.95),
    (("785.52",), "995.92", 0.9),
    (("995.92",), "038.9", 0.5),
    (("585.6",), "39.95", 0.6),
)
"""(any code beginning so, the code it brings, how often)."""


@dataclass(frozen=True)
class Coded:
    """What the hospital's coders made of a stay: `reference` are the codes given; `dropped` are true and not given,
    `swapped` are (true code, the one given for it), `strayed` are given and not true. All are positions in World.codes.
    """

    reference: tuple[int, ...]
    dropped: tuple[int, ...]
    swapped: tuple[tuple[int, int], ...]
    strayed: tuple[int, ...]


@dataclass(frozen=True)
class Stay:
    """One admission. `truth` are positions in World.codes; `unsaid` of them are true but never written down.

    `born` is a year; `first` says that no earlier stay of the patient exists.
    """

    k: int
    subject_id: int
    hadm_id: int
    sex: str
    age: int
    profile: Profile
    truth: tuple[int, ...]
    unsaid: frozenset[int]
    coded: Coded
    admitted: date
    left: date
    born: int
    first: bool

    @property
    def reference(self) -> tuple[int, ...]:
        """Codes given, in the order of the rows."""
        return self.coded.reference


def check_seed(seed: int, notes: int) -> None:
    """ValueError where ids of two seeds could meet."""
    if not 0 <= seed <= LARGEST_SEED or not 0 < notes <= MOST_NOTES:
        raise ValueError(
            f"seed must be 0 to {LARGEST_SEED:,} and notes 1 to {MOST_NOTES:,}: each seed has its own range of ids"
        )


def hadm_id(seed: int, k: int) -> int:
    """HADM_ID of stay k of a seed."""
    return FIRST_HADM + seed * ID_SPAN + k


def patients(seed: int, notes: int) -> Iterator[range]:
    """The stays of each patient, in order, among the first `notes`."""
    for block in range(0, notes, BLOCK):
        for stays in _block(seed, block):
            if stays.start < notes:
                yield range(stays.start, min(stays.stop, notes))


def first_stay(seed: int, k: int) -> int:
    """First stay of the patient that stay k belongs to."""
    return next(stays.start for stays in _block(seed, k // BLOCK * BLOCK) if k in stays)


def _block(seed: int, block: int) -> Iterator[range]:
    rng = random.Random(f"{seed}:block:{block}")
    first = block
    while first < block + BLOCK:
        last = min(first + rng.choice(PATIENT_SIZES), block + BLOCK)
        yield range(first, last)
        first = last


def make_stay(world: World, seed: int, k: int) -> Stay:
    """Stay k: its patient's traits come from (seed, first stay), all else from (seed, k)."""
    first = first_stay(seed, k)
    who = random.Random(f"{seed}:patient:{first}")
    profile = _draw_profile(world, who)
    infant = profile.name.startswith("newborn")
    if infant and k != first:
        profile = _draw_profile(world, who, adult=True)
        infant = False
    sex = "F" if profile.name.startswith(("gyn", "obst")) or who.random() < 0.44 else "M"
    age = 0 if infant else max(18, min(89, round(who.gauss(profile.age, 11))))
    born = 2100 + who.randrange(90) - age
    chronic = [c for c in (_draw(profile, who) for _ in range(CHRONIC_DRAWS)) if CHRONIC.match(world.codes[c])]
    rng = random.Random(f"{seed}:stay:{k}")
    if not infant and rng.random() < 0.2:
        profile = _draw_profile(world, rng, adult=True)
    truth = _true_codes(world, profile, rng, sex, [] if infant else chronic)
    unsaid = frozenset(c for c in truth if rng.random() < UNSAID)
    coded = _as_coded(world, profile, rng, truth)
    admitted = date(born + age + k - first, rng.randrange(1, 13), rng.randrange(1, 29))
    left = admitted + timedelta(days=max(1, min(60, round(rng.lognormvariate(1.9, 0.7)))))
    subject, hadm = FIRST_SUBJECT + seed * ID_SPAN + first, hadm_id(seed, k)
    age += k - first
    return Stay(k, subject, hadm, sex, age, profile, truth, unsaid, coded, admitted, left, born, k == first)


def _draw_profile(world: World, rng: random.Random, adult: bool = False) -> Profile:
    """By share; an adult's is no newborn's. Gynaecology for a man is prevented by the codes' own rule."""
    profiles = world.profiles
    while True:
        drawn = rng.choices(profiles, [p.share for p in profiles])[0]
        if not (adult and drawn.name.startswith("newborn")):
            return drawn


def _draw(profile: Profile, rng: random.Random) -> int:
    return bisect(profile.cumulative, rng.randrange(profile.cumulative[-1]))


def _true_codes(world: World, profile: Profile, rng: random.Random, sex: str, chronic: list[int]) -> tuple[int, ...]:
    """Core, chronic and drawn codes up to a Gamma(4) count between 1 and 60, then the rules of coding."""
    count = max(1, min(60, round(rng.gammavariate(4, CODES_A_NOTE / 4))))
    chosen: dict[int, None] = {}
    for code, probability in profile.core:
        if rng.random() < probability:
            chosen[code] = None
    for code in chronic:
        if rng.random() < 0.9:
            chosen[code] = None
    if len(chosen) > count:
        chosen = dict.fromkeys(rng.sample(list(chosen), count))
    for _ in range(4 * count):
        if len(chosen) >= count:
            break
        chosen[_draw(profile, rng)] = None
    return _obey_rules(world, rng, sex, chosen)


def _obey_rules(world: World, rng: random.Random, sex: str, chosen: dict[int, None]) -> tuple[int, ...]:
    """Drop what the sex or an earlier code excludes; add what some codes bring with them."""
    names = {world.codes[c]: c for c in chosen}
    for group in EXCLUSIVE:
        for name in [n for n in names if n.startswith(group)][1:]:
            del names[name]
    other = world.of_sex["M" if sex == "F" else "F"]
    names = {name: at for name, at in names.items() if at not in other}
    for triggers, brought, probability in RULES:
        if any(n.startswith(triggers) for n in names) and rng.random() < probability:
            names.setdefault(brought, world.position[brought])
    return tuple(names.values())


def _as_coded(world: World, profile: Profile, rng: random.Random, truth: tuple[int, ...]) -> Coded:
    """Some codes are forgotten (chronic ones more), some swapped for a sibling, some are strays."""
    given: dict[int, None] = {}
    swapped, strays = [], []
    for code in truth:
        luck = rng.random()
        if luck < (DROP_CHRONIC if CHRONIC.match(world.codes[code]) else DROP):
            continue
        sibling = _sibling(world, rng, code) if luck > 1 - SWAP else code
        if sibling != code:
            swapped.append((code, sibling))
        given[sibling] = None
    for _ in truth:
        if rng.random() < STRAY:
            strays.append(_draw(profile, rng))
    given |= dict.fromkeys(strays)
    reference = tuple(given or truth[:1])
    taken = {code for code, _ in swapped}
    dropped = tuple(code for code in truth if code not in reference and code not in taken)
    return Coded(reference, dropped, tuple(swapped), tuple(c for c in dict.fromkeys(strays) if c not in truth))


def _sibling(world: World, rng: random.Random, code: int) -> int:
    """A code of the same category by its frequency, the code itself among them, so that swaps keep all frequencies."""
    group = world.siblings[code]
    return rng.choices(group, [frequency(at + 1) for at in group])[0]
