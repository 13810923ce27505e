"""Patients and their stays: what was true of each stay, and what the hospital's coders made of it.

Stay k of a seed is the same at any scale. Stays come in blocks of eight; a block's own randomness
says which of them belong to one patient, so a patient is named by the first of those stays. Ids:
SUBJECT_ID = 900,000 + 1,000,000 seed + that first stay, HADM_ID = 1,400,000 + 1,000,000 seed + k,
with at most 100,000 stays a seed: above all of MIMIC's, in ranges of their own for each seed, and
never an id that is both.
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
FIRST_SUBJECT = 900_000
FIRST_HADM = 1_400_000
ID_SPAN = 1_000_000
"""Ids from one seed to the next."""
LARGEST_SEED = 2_100
MOST_NOTES = 100_000

# Coding noise: the chance that a code is forgotten (a chronic one), is swapped for one of its
# category, and, for each true code, that a stray one is given.
DROP = 0.06
DROP_CHRONIC = 0.12
SWAP = 0.07
STRAY = 0.055
UNSAID = 0.05
"""Chance that a true code is never written down."""
PATIENT_SIZES = (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4)
"""Stays of a patient: one of these."""
EXCLUSIVE = (
    ("250.0", "250.1"),
    ("401", "402", "403", "404"),
    ("V30", "V31", "V33"),
    ("276.0", "276.1"),
)
"""Beginnings of codes of which a stay has one alone."""
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
    """What the hospital's coders made of a stay, in positions in World.codes.

    `reference` are the codes given, in the order of the rows; `dropped` are true and not given;
    `swapped` are (true code, the one given for it); `strayed` are given and not true.
    """

    reference: tuple[int, ...]
    dropped: tuple[int, ...]
    swapped: tuple[tuple[int, int], ...]
    strayed: tuple[int, ...]


@dataclass(frozen=True)
class Stay:
    """One admission, the `number`-th of its seed.

    `truth` are positions in World.codes; `unsaid` of them are true but never written down.
    `is_first` says that no earlier stay of the patient exists.
    """

    number: int
    subject_id: int
    hadm_id: int
    sex: str
    age: int
    profile: Profile
    truth: tuple[int, ...]
    unsaid: frozenset[int]
    coded: Coded
    admitted: date
    discharged: date
    birth_year: int
    is_first: bool

    @property
    def reference(self) -> tuple[int, ...]:
        """Codes given, in the order of the rows."""
        return self.coded.reference


def check_seed(seed: int, notes: int) -> None:
    """ValueError where ids of two seeds could meet."""
    if not 0 <= seed <= LARGEST_SEED or not 0 < notes <= MOST_NOTES:
        raise ValueError(
            f"seed must be 0 to {LARGEST_SEED:,} and notes 1 to {MOST_NOTES:,}: "
            "each seed has its own range of ids"
        )


def hadm_id(seed: int, number: int) -> int:
    """HADM_ID of a stay of a seed."""
    return FIRST_HADM + seed * ID_SPAN + number


def patients(seed: int, notes: int) -> Iterator[range]:
    """The stays of each patient, in order, among the first `notes`."""
    for block in range(0, notes, BLOCK):
        for stays in _patients_of_block(seed, block):
            if stays.start < notes:
                yield range(stays.start, min(stays.stop, notes))


def first_stay(seed: int, number: int) -> int:
    """First stay of the patient that a stay belongs to."""
    block = number // BLOCK * BLOCK
    for stays in _patients_of_block(seed, block):
        if number in stays:
            return stays.start
    raise AssertionError("a block's patients have all of its stays")


def _patients_of_block(seed: int, block: int) -> Iterator[range]:
    """The stays of each patient of the block that begins with stay `block`."""
    rng = random.Random(f"{seed}:block:{block}")
    first = block
    while first < block + BLOCK:
        end = min(first + rng.choice(PATIENT_SIZES), block + BLOCK)
        yield range(first, end)
        first = end


def make_stay(world: World, seed: int, number: int) -> Stay:
    """A stay of a seed.

    Its patient's traits come from (seed, first stay), all else from (seed, number).

    The order of the draws is part of the corpus: another one gives other bytes.
    """
    first = first_stay(seed, number)
    of_patient = random.Random(f"{seed}:patient:{first}")
    profile = _draw_profile(world, of_patient)
    is_newborn = profile.name.startswith("newborn")
    if is_newborn and number != first:
        profile = _draw_profile(world, of_patient, adult=True)
        is_newborn = False
    sex = "M"
    if profile.name.startswith(("gyn", "obst")) or of_patient.random() < 0.44:
        sex = "F"
    first_age = 0 if is_newborn else max(18, min(89, round(of_patient.gauss(profile.age, 11))))
    birth_year = 2100 + of_patient.randrange(90) - first_age
    age = first_age + number - first
    chronic = _chronic_codes(world, profile, of_patient)

    of_stay = random.Random(f"{seed}:stay:{number}")
    if not is_newborn and of_stay.random() < 0.2:
        profile = _draw_profile(world, of_stay, adult=True)
    truth = _true_codes(world, profile, of_stay, sex, [] if is_newborn else chronic)
    unsaid = frozenset(code for code in truth if of_stay.random() < UNSAID)
    coded = _as_coded(world, profile, of_stay, truth)
    admitted = date(birth_year + age, of_stay.randrange(1, 13), of_stay.randrange(1, 29))
    days = max(1, min(60, round(of_stay.lognormvariate(1.9, 0.7))))
    return Stay(
        number=number,
        subject_id=FIRST_SUBJECT + seed * ID_SPAN + first,
        hadm_id=hadm_id(seed, number),
        sex=sex,
        age=age,
        profile=profile,
        truth=truth,
        unsaid=unsaid,
        coded=coded,
        admitted=admitted,
        discharged=admitted + timedelta(days=days),
        birth_year=birth_year,
        is_first=number == first,
    )


def _draw_profile(world: World, rng: random.Random, adult: bool = False) -> Profile:
    """A kind of patient by its share; `adult`: not a newborn.

    A man may be drawn a gynaecological profile: `of_sex` takes the codes out that he cannot have.
    """
    profiles = world.profiles
    while True:
        drawn = rng.choices(profiles, [profile.share for profile in profiles])[0]
        if not (adult and drawn.name.startswith("newborn")):
            return drawn


def _draw_code(profile: Profile, rng: random.Random) -> int:
    return bisect(profile.cumulative, rng.randrange(profile.cumulative[-1]))


def _chronic_codes(world: World, profile: Profile, rng: random.Random) -> list[int]:
    """What a patient has at every stay."""
    chronic = []
    for _ in range(CHRONIC_DRAWS):
        code = _draw_code(profile, rng)
        if CHRONIC.match(world.codes[code]):
            chronic.append(code)
    return chronic


def _true_codes(
    world: World, profile: Profile, rng: random.Random, sex: str, chronic: list[int]
) -> tuple[int, ...]:
    """Core, chronic and drawn codes up to a Gamma(4) count of 1 to 60, then the rules of coding."""
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
        chosen[_draw_code(profile, rng)] = None
    return _obey_rules(world, rng, sex, chosen)


def _obey_rules(
    world: World, rng: random.Random, sex: str, chosen: dict[int, None]
) -> tuple[int, ...]:
    """Drop what the sex or an earlier code excludes; add what some codes bring with them."""
    names = {world.codes[code]: code for code in chosen}
    for group in EXCLUSIVE:
        excluding = [name for name in names if name.startswith(group)]
        for name in excluding[1:]:
            del names[name]
    impossible = world.of_sex["M" if sex == "F" else "F"]
    names = {name: code for name, code in names.items() if code not in impossible}
    for beginnings, brought, probability in RULES:
        if any(name.startswith(beginnings) for name in names) and rng.random() < probability:
            names.setdefault(brought, world.position[brought])
    return tuple(names.values())


def _as_coded(world: World, profile: Profile, rng: random.Random, truth: tuple[int, ...]) -> Coded:
    """Some codes are forgotten (chronic ones more), some swapped for a sibling, some are strays."""
    given: dict[int, None] = {}
    swapped: list[tuple[int, int]] = []
    for code in truth:
        luck = rng.random()
        if luck < (DROP_CHRONIC if CHRONIC.match(world.codes[code]) else DROP):
            continue
        sibling = _sibling(world, rng, code) if luck > 1 - SWAP else code
        if sibling != code:
            swapped.append((code, sibling))
        given[sibling] = None
    strays: dict[int, None] = {}
    for _ in truth:
        if rng.random() < STRAY:
            strays[_draw_code(profile, rng)] = None
    given |= strays
    reference = tuple(given or truth[:1])
    accounted_for = {*reference, *(code for code, _ in swapped)}
    return Coded(
        reference=reference,
        dropped=tuple(code for code in truth if code not in accounted_for),
        swapped=tuple(swapped),
        strayed=tuple(code for code in strays if code not in truth),
    )


def _sibling(world: World, rng: random.Random, code: int) -> int:
    """A code of the same category by its frequency, so that swaps keep all frequencies.

    The code itself is among them.
    """
    group = world.siblings[code]
    return rng.choices(group, [frequency(position + 1) for position in group])[0]
