"""Label spaces: the list of codes that macro figures average over.

A figure without its label space means little.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LabelSpaceId:
    """The name, size and hash of a label space, which every result carries."""

    name: str
    size: int
    sha256: str
    """Of the codes joined by newlines, in their order, UTF-8: the same as a code set's."""


@dataclass(frozen=True)
class LabelSpace:
    """Distinct codes in a fixed order, which settles ties between equal scores."""

    name: str
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for code in self.codes:
            if code in seen:
                raise ValueError(
                    f"label space {self.name}: code {code} is listed twice; list each code once"
                )
            seen.add(code)

    @property
    def id(self) -> LabelSpaceId:
        """Its name, size and hash."""
        digest = hashlib.sha256("\n".join(self.codes).encode()).hexdigest()
        return LabelSpaceId(self.name, len(self.codes), digest)


def listed(name: str, codes: Sequence[str]) -> LabelSpace:
    """The label space of a given list, such as a study's shortlist or the full code system."""
    return LabelSpace(name, tuple(codes))


def present(reference: Mapping[str, Collection[str]], notes: Iterable[str]) -> LabelSpace:
    """The codes that the reference gives to these notes, sorted.

    Flatters micro precision: codes that it does not give are not counted.
    """
    return LabelSpace("present", _codes([reference], notes))


def union(
    reference: Mapping[str, Collection[str]],
    raters: Iterable[Mapping[str, Collection[str]]],
    notes: Iterable[str],
) -> LabelSpace:
    """The codes that the reference or any rater gives to these notes, sorted.

    >>> union({"n1": ["428.0"]}, [{"n1": ["401.9"]}], ["n1"]).codes
    ('401.9', '428.0')
    """
    return LabelSpace("union", _codes([reference, *raters], notes))


def _codes(many: Sequence[Mapping[str, Collection[str]]], notes: Iterable[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for note in notes:
        for codings in many:
            found.update(codings.get(note, ()))
    return tuple(sorted(found))
