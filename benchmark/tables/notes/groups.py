"""The codes of one note by who gave them, each right, wrong or missed. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

MARKS = {
    "right": ("✓", "right"),
    "wrong": ("✗", "wrong"),
    "missed": ("○", "missed"),
    "": ("·", "given"),
}
"""How a code stands -> its sign, and the word for who does not see signs. "": nothing says what is
right."""


@dataclass(frozen=True)
class Given:
    """What was given to one note, of the codes that count."""

    true: frozenset[str] | None
    """The reference's; None where nothing says what is right."""
    a: frozenset[str] | None
    """None where the rater did not code the note."""
    b: frozenset[str] | None
    """None where the rater did not code the note, and where there is no second."""
    beside: frozenset[str] = frozenset()
    """Given by A or B, and not counted: outside the codes that count."""


@dataclass(frozen=True)
class Group:
    """Codes that the same of the three gave."""

    who: str
    """Of true, a and b those who gave them, such as "true a"; "beside" for codes that do not count.
    """
    state: str
    """One of MARKS."""
    codes: tuple[str, ...]

    @property
    def sign(self) -> str:
        return MARKS[self.state][0]

    @property
    def word(self) -> str:
        return MARKS[self.state][1]


@dataclass(frozen=True)
class Score:
    """How a rater did on the note."""

    given: int
    found: int
    of: int

    @property
    def added(self) -> int:
        return self.given - self.found


ORDER = ("true a b", "true a", "true b", "true", "a", "b", "a b")
"""Everybody, one of the two with the reference, the reference alone, then what is wrong."""
ORDER_WITHOUT_REFERENCE = ("a b", "a", "b")


def groups_of(given: Given) -> list[Group]:
    """The groups of a note, those without a code too; groups of who is not there are left out.

    >>> found = groups_of(Given(frozenset({"1", "2"}), frozenset({"1", "3"}), None))
    >>> [(group.who, group.state, group.codes) for group in found]
    [('true a', 'right', ('1',)), ('true', 'missed', ('2',)), ('a', 'wrong', ('3',))]
    """
    has = {"true": given.true, "a": given.a, "b": given.b}
    there = {name: codes for name, codes in has.items() if codes is not None}
    order: tuple[str, ...] = ORDER
    if given.true is None:
        order = ORDER_WITHOUT_REFERENCE
    found = []
    for who in order:
        names = who.split()
        if not set(names) <= set(there):
            continue
        codes = frozenset.intersection(*(there[name] for name in names))
        for name, others in there.items():
            if name not in names:
                codes -= others
        found.append(Group(who, _state(names, given.true is not None), tuple(sorted(codes))))
    if given.beside:
        found.append(Group("beside", "", tuple(sorted(given.beside))))
    return found


def score_of(true: Collection[str] | None, codes: Collection[str]) -> Score:
    """A rater's codes of a note against the reference's; without one, how many were given."""
    right = set(true or ())
    return Score(len(codes), len(right & set(codes)), len(right))


def _state(who: list[str], known: bool) -> str:
    if not known:
        return ""
    if who == ["true"]:
        return "missed"
    if "true" in who:
        return "right"
    return "wrong"
