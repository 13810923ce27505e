"""A note's codes for its page: who gave which, whether that was right, and where models looked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from annotation.models import Rater
from benchmark.selectors.notes import SideBySide, titles_of
from benchmark.tables.notes.groups import Given, Group, Score, groups_of, score_of
from benchmark.tables.notes.highlight import Marked, Piece, Why, marked
from benchmark.tables.notes.list_words import Names
from benchmark.tables.notes.soft_breaks import softened
from icd.groups import GROUPS
from pages.choices import Choice

CODE = (Rater.Kind.CODER, Rater.Kind.MODEL)
"""Raters that are compared where there is no benchmark."""


@dataclass(frozen=True)
class Pair:
    """The two raters on a note: their names, and who of those who coded it they are."""

    a: str
    b: str
    raters: Mapping[str, Rater]
    """By name; without who did not code the note."""


@dataclass(frozen=True)
class Look:
    """A model's look at a note for a code that it gave."""

    rater: Rater
    mark: str
    """A or B; "" for another model."""
    name: str
    marked: Marked
    number: int
    """Its place on the page."""
    chosen: bool


@dataclass(frozen=True)
class Row:
    """A code in a group."""

    code: str
    title: str
    here: bool
    """Whether it, or its group of codes, led here."""
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Shown:
    """A group of codes as the page has it."""

    group: Group
    words: str
    marks: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class OfOne:
    """A rater's line of the score."""

    mark: str
    name: str
    score: Score | None
    """None where the rater did not code the note."""


@dataclass(frozen=True)
class NoteCodes:
    """All of it."""

    pieces: list[Piece]
    groups: list[Shown]
    scores: list[OfOne]
    reference: int | None
    """How many codes it has; None where nothing says what is right."""
    others: list[tuple[Rater, list[Look]]]
    """Models beside the two."""
    chosen: Look | None = None
    looked: bool = field(default=False)
    """Whether any model tells where it looked."""


def given_of(choice: Choice, note: str, side: SideBySide, pair: Pair) -> Given:
    """Who gave what to a note: as it was scored, else as it is coded now."""
    now = _codes_now(side)
    a = now.get(pair.raters[pair.a].pk) if pair.a in pair.raters else None
    b = now.get(pair.raters[pair.b].pk) if pair.b in pair.raters else None
    notes = choice.sides.axes.notes if choice.raters else ()
    if note not in notes:
        true = now.get(choice.study.reference_id or 0)
        return Given(true, a, b)
    row = notes.index(note)
    sides = choice.sides

    def scored(name: str) -> frozenset[str] | None:
        if not name or not sides.raters[name].done[row]:
            return None
        columns = sides.raters[name].given[row].indices
        return frozenset(sides.axes.codes[column] for column in columns)

    true = frozenset(sides.axes.codes[column] for column in sides.true[row].indices)
    scored_a, scored_b = scored(pair.a), scored(pair.b)
    beside = ((a or frozenset()) - (scored_a or frozenset())) | (
        (b or frozenset()) - (scored_b or frozenset())
    )
    return Given(true, scored_a, scored_b, beside)


def pair_of(choice: Choice, side: SideBySide, own: Rater | None, asked: Sequence[str]) -> Pair:
    """The two raters of the bar among those who coded the note; `own` is the note's own coder.

    Without a benchmark they are those `asked` for by name, else the first two.
    """
    if not choice.raters:
        names = {str(rater): rater for rater in side.raters if rater.kind in CODE}
        wanted = [name for name in asked if name in names]
        first = list(dict.fromkeys([*wanted, *names]))
        return Pair("".join(first[:1]), "".join(first[1:2]), names)
    found = {}
    for name in (choice.a, choice.b):
        rater = _who(name, choice.kinds.get(name, ""), side.raters, own)
        if rater is not None:
            found[name] = rater
    return Pair(choice.a, choice.b, found)


def note_codes(
    text: str,
    given: Given,
    pair: Pair,
    names: Names,
    evidence: Mapping[Rater, Sequence[Why]],
    titles: dict[str, str],
    asked: Callable[[str], bool],
    chosen: tuple[str, str],
) -> NoteCodes:
    """What the page shows of a note's codes.

    `asked` says of a code whether it led here; `chosen` are the code of the address whose evidence
    is shown and its model's id. Without them it is that of a code that led here.
    """
    looks, pieces = _looks(text, pair, evidence, asked, chosen)
    of_pair = {rater.pk for rater in pair.raters.values()}
    of_two = [look for look in looks if look.rater.pk in of_pair]
    shown = of_two or looks
    by_code: dict[str, list[Look]] = {}
    for look in shown:
        by_code.setdefault(look.marked.why.code, []).append(look)
        titles.setdefault(look.marked.why.code, look.marked.why.title)
    groups = []
    for group in groups_of(given):
        rows = []
        for code in _ordered(group.codes, by_code):
            row = Row(code, titles.get(code, ""), asked(code), tuple(by_code.get(code, [])[:2]))
            rows.append(row)
        groups.append(Shown(group, _words(group, given, names), _marks(group), tuple(rows)))
    others = []
    for model in evidence:
        if model.pk not in of_pair:
            others.append((model, [look for look in looks if look.rater == model]))
    return NoteCodes(
        pieces=pieces,
        groups=groups,
        scores=list(_scores(given, pair)),
        reference=None if given.true is None else len(given.true),
        others=others,
        chosen=next((look for look in looks if look.chosen), None),
        looked=bool(looks),
    )


def asked_codes(by: str, of: str) -> Callable[[str], bool]:
    """Whether a code is one of those that an address asks after."""
    group = GROUPS.get(by)
    if group is None or not of:
        return lambda code: False
    return lambda code: group(code) == of


def titles_for(side: SideBySide, given: Given) -> dict[str, str]:
    """The titles of a note's codes."""
    titles = {row.code: row.title for row in side.rows}
    everything = (given.true or frozenset()) | (given.a or frozenset()) | (given.b or frozenset())
    missing = everything - titles.keys()
    if missing:
        titles |= titles_of(missing)
    return titles


def _codes_now(side: SideBySide) -> dict[int, frozenset[str]]:
    """Rater's id -> its newest codes of the note."""
    found = {}
    for place, rater in enumerate(side.raters):
        found[rater.pk] = frozenset(row.code for row in side.rows if row.given[place])
    return found


def _who(name: str, kind: str, raters: Sequence[Rater], own: Rater | None) -> Rater | None:
    """The rater that a name of the bar is, of those who coded the note."""
    if kind == "people":
        return next((rater for rater in raters if rater == own), None)
    for rater in raters:
        if rater.kind != kind:
            continue
        names = (rater.name, str(rater), f"{rater.name} ({kind})", f"{rater} ({kind})")
        if name in names or kind == Rater.Kind.REFERENCE:
            return rater
    return None


def _looks(
    text: str,
    pair: Pair,
    evidence: Mapping[Rater, Sequence[Why]],
    asked: Callable[[str], bool],
    chosen: tuple[str, str],
) -> tuple[list[Look], list[Piece]]:
    """Each model's look for each of its codes, and the text in pieces."""
    owners = []
    whys = []
    for model, codes in evidence.items():
        for why in codes:
            owners.append(model)
            whys.append(why)
    marks = {}
    for mark, name in (("B", pair.b), ("A", pair.a)):
        if name in pair.raters and pair.raters[name].kind == Rater.Kind.MODEL:
            marks[pair.raters[name].pk] = mark
    lit = _lit(owners, whys, marks, asked, chosen)
    pieces, codes_marked = marked(softened(text), whys, lit)
    looks = []
    for number, (owner, each) in enumerate(zip(owners, codes_marked, strict=True)):
        looks.append(
            Look(owner, marks.get(owner.pk, ""), owner.name, each, number, chosen=number == lit)
        )
    return looks, pieces


def _lit(
    owners: Sequence[Rater],
    whys: Sequence[Why],
    marks: Mapping[int, str],
    asked: Callable[[str], bool],
    chosen: tuple[str, str],
) -> int | None:
    """Which of the looks lights the text as the page opens.

    The one of the address; else that of a code that led here, A's before B's before others'.
    """
    best = None
    for number, (owner, why) in enumerate(zip(owners, whys, strict=True)):
        if (why.code, str(owner.pk)) == chosen:
            return number
        if not chosen[0] and why.spans and asked(why.code):
            place = (marks.get(owner.pk, "C"), number)
            if best is None or place < best:
                best = place
    return best[1] if best else None


def _ordered(codes: Sequence[str], looks: Mapping[str, Sequence[Look]]) -> list[str]:
    """The likeliest first, then by code."""

    def place(code: str) -> tuple[float, str]:
        likely = [look.marked.why.probability or 0.0 for look in looks.get(code, ())[:1]]
        return -sum(likely), code

    return sorted(codes, key=place)


def _marks(group: Group) -> tuple[str, ...]:
    """The marks of those of the two who gave a group's codes."""
    return tuple(who.upper() for who in group.who.split() if who in ("a", "b"))


def _who_missed(given: Given, names: Names) -> str:
    """Those of the two who coded the note, and so missed what the reference alone has."""
    if given.a is None and given.b is None:
        return "nobody: neither coded it"
    if given.b is None:
        return names.a
    if given.a is None:
        return names.b
    return "both"


def _words(group: Group, given: Given, names: Names) -> str:
    """Who gave a group's codes."""
    a, b, true = names.a, names.b, names.true
    words = {
        "true a b": f"{a}, {b} and {true}",
        "true a": f"{a} and {true}",
        "true b": f"{b} and {true}",
        "true": f"{true}, missed by {_who_missed(given, names)}",
        "a": f"{a} alone",
        "b": f"{b} alone",
        "a b": f"{a} and {b}",
        "beside": "given, not counted",
    }[group.who]
    if group.who == "a b" and group.state == "wrong":
        words += f", not {true}"
    return words[:1].upper() + words[1:]


def _scores(given: Given, pair: Pair) -> list[OfOne]:
    found = []
    for mark, name, codes in (("A", pair.a, given.a), ("B", pair.b, given.b)):
        if name:
            score = None if codes is None else score_of(given.true, codes)
            found.append(OfOne(mark, name, score))
    return found
