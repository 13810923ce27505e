"""What lists of notes are called, in a menu and in a sentence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.tables.notes.lists import NOBODY


@dataclass(frozen=True)
class Words:
    """How one list is spoken of. {a}, {b}: the raters; {true}: the reference; {of}: the codes."""

    menu: str
    """As a choice."""
    whole: str
    """Behind "108 notes", where no code is asked after."""
    code: str
    """The same of a code or group of codes."""


WORDS = {
    "both-a-b": Words("every note", "that {both} coded", "with {of}, whoever gave it"),
    "missed-a": Words("missed by {a}", "in which {a} missed a code", "in which {a} missed {of}"),
    "missed-b": Words("missed by {b}", "in which {b} missed a code", "in which {b} missed {of}"),
    "missed-a-only": Words(
        "missed by {a}, found by {b}",
        "in which {a} missed a code that {b} found",
        "in which {a} missed {of} and {b} found it",
    ),
    "missed-b-only": Words(
        "missed by {b}, found by {a}",
        "in which {b} missed a code that {a} found",
        "in which {b} missed {of} and {a} found it",
    ),
    "missed-both": Words(
        "missed by both",
        "in which {a} and {b} missed the same code",
        "in which {a} and {b} both missed {of}",
    ),
    "missed-all": Words(
        "missed by everybody", "with a code that everybody missed", "in which everybody missed {of}"
    ),
    "added-a": Words("added by {a}", "in which {a} added a code", "in which {a} added {of}"),
    "added-b": Words("added by {b}", "in which {b} added a code", "in which {b} added {of}"),
    "added-a-only": Words(
        "added by {a} alone",
        "in which {a} added a code that {b} did not",
        "in which {a} added {of} and {b} did not",
    ),
    "added-b-only": Words(
        "added by {b} alone",
        "in which {b} added a code that {a} did not",
        "in which {b} added {of} and {a} did not",
    ),
    "added-both": Words(
        "added by both",
        "in which {a} and {b} added the same code",
        "in which {a} and {b} both added {of}",
    ),
    "right-a-only": Words(
        "{a} right, {b} wrong",
        "in which {a} was right on a code and {b} wrong",
        "in which {a} was right on {of} and {b} wrong",
    ),
    "right-b-only": Words(
        "{b} right, {a} wrong",
        "in which {b} was right on a code and {a} wrong",
        "in which {b} was right on {of} and {a} wrong",
    ),
    "found-a": Words("found by {a}", "in which {a} found a code", "in which {a} found {of}"),
    "found-b": Words("found by {b}", "in which {b} found a code", "in which {b} found {of}"),
    "given-a": Words(
        "given by {a}, right or wrong", "to which {a} gave a code", "to which {a} gave {of}"
    ),
    "given-b": Words(
        "given by {b}, right or wrong", "to which {b} gave a code", "to which {b} gave {of}"
    ),
    "reference": Words(
        "given by {true}", "to which {true} gave a code", "to which {true} gave {of}"
    ),
    "differ": Words(
        "{a} and {b} differ",
        "to which {a} and {b} gave different codes",
        "of which only one of {a} and {b} gave {of}",
    ),
    "differ-a": Words(
        "{a} and {true} differ",
        "to which {a} and {true} gave different codes",
        "of which only one of {a} and {true} gave {of}",
    ),
    "differ-b": Words(
        "{b} and {true} differ",
        "to which {b} and {true} gave different codes",
        "of which only one of {b} and {true} gave {of}",
    ),
    "given-both": Words(
        "given by both, right or wrong",
        "to which {a} and {b} gave the same code",
        "to which {a} and {b} both gave {of}",
    ),
    "given-a-only": Words(
        "given by {a}, not by {b}",
        "to which {a} gave a code that {b} did not",
        "to which {a} gave {of} and {b} did not",
    ),
    "given-b-only": Words(
        "given by {b}, not by {a}",
        "to which {b} gave a code that {a} did not",
        "to which {b} gave {of} and {a} did not",
    ),
    "nobody-all": Words(
        "nobody got right",
        "that nobody got right: no rater gave exactly the codes of {true}",
        "in which no rater gave exactly what {true} has of {of}",
    ),
    "nobody-any": Words(
        "nobody found anything",
        "in which no rater found any code of {true}",
        "in which no rater found what {true} has of {of}",
    ),
}
"""List -> its words; with "both-a-b" for no list in particular."""
BY_ANYBODY = "given by anybody"
"""Instead of "every note", where a code is asked after."""
GROUPS = {
    "Both": ("both-a-b", "differ", "missed-both", "added-both", "given-both"),
    "First": (
        "missed-a",
        "missed-a-only",
        "added-a",
        "added-a-only",
        "right-a-only",
        "found-a",
        "given-a",
        "given-a-only",
        "differ-a",
    ),
    "Second": (
        "missed-b",
        "missed-b-only",
        "added-b",
        "added-b-only",
        "right-b-only",
        "found-b",
        "given-b",
        "given-b-only",
        "differ-b",
    ),
    "Everybody": (*NOBODY, "reference"),
}
"""How the menu has them together."""
NEEDS_SECOND = frozenset(
    show
    for show, words in WORDS.items()
    if "{b}" in words.menu + words.whole or show.endswith("-both")
)
"""Lists that say nothing where there is one rater."""


@dataclass(frozen=True)
class Names:
    """Who is spoken of, as sentences say it."""

    a: str
    b: str
    true: str

    def fill(self, words: str, of: str = "") -> str:
        """The words with these names; `of` are the codes asked after."""
        both = self.a
        if self.b:
            both = f"{self.a} and {self.b} both"
        return words.format(a=self.a, b=self.b, true=self.true, both=both, of=of)


def named(name: str, kind: str) -> str:
    """A rater's name in a sentence.

    >>> named("Human coders (simulated)", "people"), named("RAC", "model")
    ('the human coders (simulated)', 'RAC')
    """
    if kind == "people":
        return f"the {name[:1].lower()}{name[1:]}"
    if kind == "reference":
        return name[:1].lower() + name[1:]
    return name


def menu(names: Names, of: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """(group, [(list, its words)]): what can be asked for with or without a code."""
    heads = {"Both": "Both", "First": f"A: {names.a}", "Second": f"B: {names.b}"}
    found = []
    for head, shows in GROUPS.items():
        choices = []
        for show in shows:
            if _offered(show, names.b, of):
                words = BY_ANYBODY if of and show == "both-a-b" else WORDS[show].menu
                choices.append((show, names.fill(words)))
        if choices:
            found.append((heads.get(head, head), choices))
    return found


def _offered(show: str, b: str, of: str) -> bool:
    if show in NEEDS_SECOND and not b:
        return False
    return not (of and show in ("nobody-all", "nobody-any"))


def sentence(show: str, names: Names, of: str) -> str:
    """What is listed, behind "108 notes": "in which RAC missed 38.93". `of`: "" without a code."""
    words = WORDS[show or "both-a-b"]
    return names.fill(words.code if of else words.whole, of)


def how_many(notes: int) -> str:
    """
    >>> how_many(0), how_many(1), how_many(1200)
    ('no note', '1 note', '1,200 notes')
    """
    if not notes:
        return "no note"
    if notes == 1:
        return "1 note"
    return f"{notes:,} notes"


def narrowed(coder: str, least: int | None, most: int | None) -> str:
    """What else they have in common, behind the sentence; "" where nothing was asked.

    >>> narrowed("Ada", 100, None), narrowed("", None, None)
    (', coded by Ada, of 100 words and more', '')
    """
    said = ""
    if coder:
        said += f", coded by {coder}"
    if least is not None and most is not None:
        said += f", of {least:,} to {most:,} words"
    elif least is not None:
        said += f", of {least:,} words and more"
    elif most is not None:
        said += f", of {most:,} words at most"
    return said
