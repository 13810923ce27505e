"""Which notes a list has, held against plain sets: every list, every grouping, every order."""

from __future__ import annotations

import doctest
import itertools

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from benchmark.scoring.sides import Axes, Side, Sides
from benchmark.tables.lines import GROUPINGS
from benchmark.tables.notes import lists
from benchmark.tables.notes.lists import (
    ALL_SHOWS,
    NOBODY,
    SORTS,
    UNKNOWN,
    Asked,
    Facts,
    figures,
    how_many,
    listed,
    usual_sort,
)
from benchmark.tables.two_raters import groups_of, pair_counts

CODES = ("038.9", "250.00", "250.01", "38.93", "401.9", "428.0", "V58.6")
N = 60
CODERS = ("Ada", "Ben", "")


def drawn(rng, share: float) -> np.ndarray:
    return rng.random((N, len(CODES))) < share


@pytest.fixture(scope="module")
def sides() -> Sides:
    """Two raters of Table 1, and two coders who coded some of the notes each."""
    rng = np.random.default_rng(7)
    true = drawn(rng, 0.35)
    true[:3] = False
    scored = rng.random(N) < 0.8
    raters = {}
    for name, kind in (("RAC", "model"), ("Human coders", "people")):
        # Mostly right, so that some notes are exactly right.
        given = true ^ drawn(rng, 0.15)
        raters[name] = Side(name, kind, True, np.ones(N, np.bool_), csr_matrix(given.astype(int)))
    for name in ("Ada", "Ben"):
        done = rng.random(N) < 0.6
        given = (true ^ drawn(rng, 0.3)) & done[:, None]
        raters[name] = Side(name, "coder", False, done, csr_matrix(given.astype(int)))
    notes = tuple(f"n{row:02}" for row in range(N))
    axes = Axes(notes, CODES, frozenset({"V58.6"}), scored)
    return Sides(axes, csr_matrix(true.astype(int)), raters)


@pytest.fixture(scope="module")
def facts() -> Facts:
    rng = np.random.default_rng(8)
    words = rng.integers(50, 90, N)
    words[rng.random(N) < 0.2] = UNKNOWN
    return Facts([CODERS[row % 3] for row in range(N)], words)


def codes_in(matrix: csr_matrix, row: int) -> set[str]:
    return {CODES[column] for column in matrix[row].indices}


def true_of(show: str, true: set, a: set, b: set, others: list[set]) -> bool:
    """Whether a note with these codes, of those asked after, is listed.

    `others` are the codes of everybody who coded it.
    """
    cells = {
        "missed-a": true - a,
        "missed-b": true - b,
        "missed-a-only": (true - a) & b,
        "missed-b-only": (true - b) & a,
        "missed-both": true - a - b,
        "missed-all": true - set().union(*others),
        "added-a": a - true,
        "added-b": b - true,
        "added-a-only": a - true - b,
        "added-b-only": b - true - a,
        "added-both": (a & b) - true,
        "right-a-only": (b ^ true) - (a ^ true),
        "right-b-only": (a ^ true) - (b ^ true),
        "found-a": true & a,
        "found-b": true & b,
        "given-a": a,
        "given-b": b,
        "given-both": a & b,
        "given-a-only": a - b,
        "given-b-only": b - a,
        "reference": true,
        "differ-a": a ^ true,
        "differ-b": b ^ true,
        "differ": a ^ b,
        "both-a-b": true | a | b,
    }
    if show == "nobody-all":
        return all(other != true for other in others)
    if show == "nobody-any":
        return bool(true) and not any(other & true for other in others)
    return bool(cells[show])


def expected(sides: Sides, a: str, b: str, asked: Asked) -> list[int]:
    rows = sides.counted(*(name for name in (a, b) if name))
    inside = set(CODES)
    if asked.of:
        names, number = groups_of(sides, asked.by, rows)
        inside = {CODES[at] for at in range(len(CODES)) if names[number[at]] == asked.of}
    found = []
    for row in rows.tolist():
        true = codes_in(sides.true, row) & inside
        given = {name: codes_in(side.given, row) & inside for name, side in sides.raters.items()}
        others = [given[name] for name, side in sides.raters.items() if side.done[row]]
        every_note = asked.show == "both-a-b" and not asked.of
        if every_note or true_of(asked.show, true, given[a], given.get(b, true), others):
            found.append(row)
    return found


@pytest.mark.parametrize(
    ("pair", "groupings"),
    [(("Ada", "RAC"), GROUPINGS), (("RAC", "Human coders"), ["code"]), (("RAC", ""), ["category"])],
)
@pytest.mark.parametrize("show", ALL_SHOWS)
def test_lists_are_those_of_sets(sides, show, pair, groupings):
    a, b = pair
    lists = []
    for by in groupings:
        names = groups_of(sides, by, sides.counted(*(name for name in pair if name)))[0]
        for of in (*names, ""):
            asked = Asked(show, by, of)
            lists.append(sorted(listed(sides, a, b, asked).tolist()))
            assert lists[-1] == expected(sides, a, b, asked), (by, of)
    if b and show != "nobody-any":
        assert any(lists), "the table tells something"


@pytest.mark.parametrize("pair", [("Ada", "RAC"), ("RAC", "")])
def test_how_many_is_how_long_each_list_is(sides, pair):
    for of in ("", "428.0"):
        found = how_many(sides, *pair, Asked(of=of))
        assert set(found) == set(ALL_SHOWS)
        for show, notes in found.items():
            assert notes == len(listed(sides, *pair, Asked(show, of=of)))


def test_lists_are_in_their_usual_order_unless_asked_otherwise(sides):
    for show in ("", *ALL_SHOWS):
        for of in ("", "428.0"):
            usual = usual_sort(show, of)
            assert usual in SORTS
            first = listed(sides, "Ada", "RAC", Asked(show, of=of)).tolist()
            assert first == listed(sides, "Ada", "RAC", Asked(show, of=of, sort=usual)).tolist()


def test_without_everybody_nothing_is_said_of_everybody(sides):
    two = Sides(sides.axes, sides.true, {name: sides.raters[name] for name in ("Ada", "RAC")})
    assert not set(NOBODY) & set(how_many(two, "Ada", "RAC", Asked()))


def test_a_code_that_nobody_gave_has_no_notes(sides):
    for by in GROUPINGS:
        assert len(listed(sides, "RAC", "Ada", Asked("missed-a", by, "999.99"))) == 0


def test_counts_by_code_are_the_lengths_of_lists(sides):
    counts = pair_counts(sides, "Ada", "RAC")
    for place, code in enumerate(counts.names):
        lengths = how_many(sides, "Ada", "RAC", Asked(by="code", of=code))
        assert lengths["missed-a-only"] == counts.missed.a_only[place]
        assert lengths["missed-both"] == counts.missed.both[place]
        assert lengths["added-b-only"] == counts.added.b_only[place]
        assert lengths["reference"] == counts.reference[place]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_both_ways_ties_by_note(sides, facts, sort):
    rows = sides.counted("Ada", "RAC")
    place = {row: at for at, row in enumerate(rows.tolist())}
    known = figures(sides, "Ada", "RAC", rows)

    def value(row: int):
        if sort == "name":
            return row
        if sort == "coder":
            return facts.coder[row]
        if sort == "words":
            return facts.words[row]
        return known[sort][place[row]]

    rising = listed(sides, "Ada", "RAC", Asked(sort=sort), facts).tolist()
    assert rising == sorted(rows.tolist(), key=lambda row: (value(row), row))
    falling = listed(sides, "Ada", "RAC", Asked(sort=f"-{sort}"), facts).tolist()
    values = [value(row) for row in falling]
    assert values == sorted(values, reverse=True)
    assert sorted(falling) == rows.tolist()
    for before, after in itertools.pairwise(falling):
        assert value(before) != value(after) or before < after


def test_by_coder_and_by_length(sides, facts):
    everything = listed(sides, "Ada", "RAC", Asked(sort="name"), facts).tolist()
    of_ben = listed(sides, "Ada", "RAC", Asked(coder="Ben", sort="name"), facts).tolist()
    assert of_ben == [row for row in everything if facts.coder[row] == "Ben"] != []
    short = listed(sides, "Ada", "RAC", Asked(least=60, most=70, sort="name"), facts).tolist()
    assert short == [row for row in everything if 60 <= facts.words[row] <= 70] != []
    at_most = listed(sides, "Ada", "RAC", Asked(most=70, sort="name"), facts).tolist()
    assert at_most == [row for row in everything if 0 <= facts.words[row] <= 70]


@pytest.mark.parametrize(
    "asked",
    [
        Asked("nothing"),
        Asked("missed-a", "nothing", "x"),
        Asked(sort="--name"),
    ],
)
def test_what_is_unknown_is_refused(sides, asked):
    with pytest.raises(LookupError):
        listed(sides, "Ada", "RAC", asked)


def test_examples():
    found = doctest.testmod(lists)
    assert found.attempted and not found.failed
