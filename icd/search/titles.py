"""What a title says first, what it adds, and what it denies."""

from __future__ import annotations

from dataclasses import dataclass

from icd.search.tables import Tables
from icd.search.words import texts, words_in


@dataclass(frozen=True)
class TitleWords:
    """The words of a long title."""

    said: frozenset[str]
    denied: frozenset[str]
    """Words that stand only behind without, not or except: "without mention of hemorrhage"."""
    head: frozenset[str]
    """Words before the first comma, with or due; but for those that say nothing."""
    tail: frozenset[str]
    """The others that say something."""


def read_title(title: str, tables: Tables) -> TitleWords:
    """Read a long title. A comma or a bracket ends what is denied."""
    said: set[str] = set()
    denied: set[str] = set()
    head: set[str] = set()
    in_head = True
    negated = False
    end = 0
    for word in words_in(title):
        if any(sign in title[end : word.start] for sign in ",;()[]"):
            in_head = False
            negated = False
        if word.text in tables.ends_head:
            in_head = False
            negated = False
        end = word.end
        (denied if negated else said).add(word.text)
        if in_head:
            head.add(word.text)
        if word.text in tables.negates:
            negated = True
    nothing = tables.says_nothing | tables.small
    return TitleWords(
        said=frozenset(said),
        denied=frozenset(denied - said),
        head=frozenset(head - nothing),
        tail=frozenset((said | denied) - head - nothing),
    )


def read_term(term: str, tables: Tables) -> frozenset[str]:
    """The words of an inclusion term, but for those that it denies."""
    words = texts(term)
    if any(word in tables.negates for word in words):
        return read_title(term, tables).said
    return frozenset(words)
