"""The one check of codes, for every door by which codes come in.

A code as somebody wrote it is taken (in its proper spelling, with what was changed), is no code
at all (an empty cell, NULL), or is refused with a cause and what it may have been. Nothing is
guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from icd.codes import (
    KINDS,
    Kind,
    caml_reading,
    caml_text,
    category,
    dotted,
    has_shape,
    parent,
)
from icd.spelling import (
    looks_like_icd10,
    lost_zeros_candidates,
    spreadsheet_candidates,
    undotted_candidates,
    without_slips,
)
from icd.tables import categories, children, kinds, known_kinds, retired_diagnoses

NO_CODE = frozenset(("", "null", "nan", "n/a", "na", "none", "\\n", "#n/a", "<na>", "nil"))
SHOWN = 12
"""Characters of the longest string that a message repeats: what is longer may be text of a note."""
MOST_CANDIDATES = 6
Reading = Literal["plain", "caml"]
PROCEDURE_NUMBER = re.compile(r"[1-9]\d?\.\d{0,3}", re.ASCII)
"""A procedure read as a number, perhaps with zeros behind it."""
WORDS = re.compile(r"[^\s,:;=()\[\]]+")
"""The parts of a cell that has a code and its title."""
LONGEST_TITLE = 300
"""Characters of a code with its title: the longest title of the book has 222."""


class Standing(StrEnum):
    """How a code that was taken stands."""

    VALID = "valid"  # in version 32
    RETIRED = "retired"  # a diagnosis that was valid before version 32
    UNLISTED = "unlisted"  # a procedure that version 32 lacks


class Fold(StrEnum):
    """What was changed to read a code in its proper spelling."""

    CASE = "upper case"
    BLANKS = "blanks removed"
    TRAILING_DOT = "dot at the end removed"
    DOT = "dot put in"
    TITLE = "title beside the code left out"
    CAML = "zeros put back that CAML's tables lack"


class Cause(StrEnum):
    """Why a string is refused as a code; the value is what a message says of it."""

    SPREADSHEET = "looks spoilt by a spreadsheet"
    CAML = "is written alike for several codes in CAML's tables"
    UNDOTTED = "has no dot"
    ICD10 = "is of ICD-10"
    CATEGORY = "is a category and no code"
    KIND = "is of the other kind (a diagnosis among procedures, or a procedure among diagnoses)"
    TYPO = "looks mistyped"
    TEXT = "is free text"
    UNKNOWN = "is not in the code system"


MENDS = {
    Cause.SPREADSHEET: "give the file with codes as text, not as numbers",
    Cause.CAML: "import it where only one of them is in use, or write the code in full",
    Cause.UNDOTTED: "write codes with their dot, or say each code's kind (dx or proc) beside it",
    Cause.ICD10: "this code system is ICD-9-CM; convert the codes, or leave them out",
    Cause.CATEGORY: "give one of the codes below it",
    Cause.KIND: "check that diagnoses and procedures were not swapped",
    Cause.TYPO: "mend the code",
    Cause.TEXT: "write a code there, not words",
    Cause.UNKNOWN: "write codes of ICD-9-CM with their dot, like 428.0",
}
"""What to do about each cause."""


@dataclass(frozen=True)
class Taken:
    """A code, properly spelt."""

    code: str
    kind: Kind
    standing: Standing = Standing.VALID
    folds: tuple[Fold, ...] = ()
    candidates: tuple[str, ...] = ()
    """Of a retired code: the codes of version 32 that a spreadsheet would have written alike
    (600.00 as 600)."""

    @property
    def retired(self) -> bool:
        return self.standing == Standing.RETIRED


@dataclass(frozen=True)
class NoCode:
    """An empty cell, or a word that says so: NULL, nan, N/A."""


@dataclass(frozen=True)
class Refused:
    """A string that is no code, and what it may have been."""

    written: str
    cause: Cause
    candidates: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The string, or how long it is where it may be text of a note."""
        if self.cause == Cause.TEXT or len(self.written) > SHOWN or not self.written.isprintable():
            return f"of {len(self.written)} characters"
        return self.written

    @property
    def mend(self) -> str:
        """What to do about it, where the words do not say so."""
        return MENDS[self.cause] if self.candidates else ""

    @property
    def words(self) -> str:
        """What is wrong and how to mend it: a sentence after the row's number."""
        said = f"code {self.shown} {self.cause}"
        if self.candidates:
            return f"{said}; it may have been {_listed(self.candidates)}"
        return f"{said}; {MENDS[self.cause]}"


Answer = Taken | NoCode | Refused


@dataclass(frozen=True)
class CodeCheck:
    """Reads codes as they are written.

    `besides` are codes that are none of version 32 and taken all the same, with their kinds:
    those that a study's list has. `unlisted_procedures`: take a procedure that version 32 lacks
    where its shape and its category fit, since no list of retired procedures exists; its
    standing says so. `old_tables`: the same for diagnoses, and for procedures that are headings
    today (32.4 was a code until it was parted into 32.41 and 32.49), as old tables have them.

    >>> check = CodeCheck()
    >>> check.read("v10.3").code, check.read("0066", "proc").code, check.read("518.5").retired
    ('V10.3', '00.66', True)
    >>> check.read("250").words
    'code 250 looks spoilt by a spreadsheet; it may have been 250.00'
    >>> check.read("I50.22").words
    'code I50.22 is of ICD-10; this code system is ICD-9-CM; convert the codes, or leave them out'
    """

    besides: Mapping[str, Kind] = field(default_factory=dict)
    unlisted_procedures: bool = False
    old_tables: bool = False
    among: frozenset[str] = frozenset()
    """The codes in use where the file goes. Of several that CAML's tables write alike, the only
    one of these is meant."""

    def read(
        self,
        written: str,
        kind: Kind | None = None,
        *,
        undotted: bool = False,
        reading: Reading = "plain",
    ) -> Answer:
        """The answer to one string. `kind`: what the file says of it. `undotted`: the file's
        codes have no dots. `reading`: "caml" where procedures lost their zeros as in CAML's
        tables."""
        if reading == "caml":
            answer = self._of_caml(written.strip(), kind)
            if answer is not None:
                return answer
        code = written.strip()
        if code.lower() in NO_CODE:
            return NoCode()
        folds = [] if code == written else [Fold.BLANKS]
        if code != code.upper():
            code = code.upper()
            folds.append(Fold.CASE)
        if code.endswith(".") and code != ".":
            code = code[:-1]
            folds.append(Fold.TRAILING_DOT)
        taken = self._taken(code, kind, folds) or self._beside_title(code, kind, folds)
        return taken or self._refused(written.strip(), code, kind, undotted)

    @cached_property
    def known(self) -> Mapping[Kind | None, frozenset[str]]:
        """Every code that is taken without a question, by kind; under None those of both."""
        of_kind: dict[Kind, set[str]] = {"dx": set(), "proc": set()}
        for code, kind in {**self.besides, **known_kinds()}.items():
            of_kind[kind].add(code)
        dx, proc = frozenset(of_kind["dx"]), frozenset(of_kind["proc"])
        return {"dx": dx, "proc": proc, None: dx | proc}

    @cached_property
    def _in_caml(self) -> Mapping[str, tuple[str, ...]]:
        """How CAML's tables write procedures -> the codes that are written so."""
        found: dict[str, tuple[str, ...]] = {}
        for code in sorted(self.known["proc"]):
            for text in {caml_text(code), caml_reading(code, "proc")}:
                found[text] = (*found.get(text, ()), code)
        return found

    def _of_caml(self, written: str, kind: Kind | None) -> Answer | None:
        """The procedure that CAML's tables write so; None where they write none so."""
        if kind == "dx":
            return None
        codes = self._in_caml.get(written, ())
        if not codes and PROCEDURE_NUMBER.fullmatch(written):
            codes = self._in_caml.get(str(float(written)), ())
        if len(codes) > 1:
            codes = tuple(code for code in codes if code in self.among) or codes
        if len(codes) > 1:
            return Refused(written, Cause.CAML, codes)
        if not codes:
            return None
        return self._told(codes[0], "proc", [] if codes[0] == written else [Fold.CAML])

    def _beside_title(self, code: str, kind: Kind | None, folds: list[Fold]) -> Taken | None:
        """The code that stands beside its title in a cell ("401.9 - HYPERTENSION"): where exactly
        one code stands there, at the beginning or the end."""
        if len(code) > LONGEST_TITLE:
            return None
        words = WORDS.findall(code)
        if not any(word.isalpha() and len(word) > 1 for word in words):
            return None
        kept = [fold for fold in folds if fold != Fold.CASE]
        found = {}
        for place, word in enumerate(words):
            if any(map(str.isdigit, word)):
                found[place] = self._taken(word, kind, [*kept, Fold.TITLE])
        taken = {place: answer for place, answer in found.items() if answer is not None}
        if len(taken) != 1 or not taken.keys() & {0, len(words) - 1}:
            return None
        return next(iter(taken.values()))

    def _taken(self, code: str, kind: Kind | None, folds: list[Fold]) -> Taken | None:
        found = self._kind(code)
        if found and kind in (None, found):
            return self._told(code, found, folds)
        if kind is None:
            return None
        with_dot = dotted(code, kind)
        if with_dot != code and self._kind(with_dot) == kind:
            return self._told(with_dot, kind, [*folds, Fold.DOT])
        if self._may_be_unlisted(code, with_dot, kind):
            fold = [Fold.DOT] if with_dot != code else []
            return Taken(with_dot, kind, Standing.UNLISTED, (*folds, *fold))
        return None

    def _may_be_unlisted(self, code: str, with_dot: str, kind: Kind) -> bool:
        """Whether a code that no list has can have been one, and is no number that lost its zeros
        (309 of 03.09)."""
        asked = self.old_tables or (self.unlisted_procedures and kind == "proc")
        if not asked or not _fits(with_dot, kind):
            return False
        if with_dot in categories() and not (self.old_tables and kind == "proc"):
            return False
        return not lost_zeros_candidates(code, self.known[kind], (kind,))

    def _kind(self, code: str) -> Kind | None:
        return known_kinds().get(code) or self.besides.get(code)

    def _told(self, code: str, kind: Kind, folds: list[Fold]) -> Taken:
        if code in kinds():
            return Taken(code, kind, Standing.VALID, tuple(folds))
        if code in retired_diagnoses():
            alike = tuple(spreadsheet_candidates(code, kinds()))
            return Taken(code, kind, Standing.RETIRED, tuple(folds), alike)
        return Taken(code, kind, Standing.UNLISTED, tuple(folds))

    def _refused(self, written: str, code: str, kind: Kind | None, undotted: bool) -> Refused:
        asked = KINDS if kind is None else (kind,)
        known = self.known[kind]
        plain = undotted_candidates(code, known, asked)
        if plain and code in categories():
            return Refused(written, Cause.CATEGORY, (*plain, *children(code)))
        if plain:
            return Refused(written, Cause.UNDOTTED, tuple(plain))
        spoilt = set(lost_zeros_candidates(code, known, asked))
        spoilt.update(_of_a_float(code, known, asked))
        if not undotted:
            spoilt.update(spreadsheet_candidates(code, known))
        if spoilt:
            return Refused(written, Cause.SPREADSHEET, tuple(sorted(spoilt)))
        if self._kind(code):
            return Refused(written, Cause.KIND)
        return _refused_otherwise(written, code, known, asked, undotted)


def _of_a_float(code: str, known: Collection[str], asked: Collection[Kind]) -> list[str]:
    """What 4019.0 may have been: an undotted code in a column with gaps, read and written as
    numbers."""
    whole = code.removesuffix(".0")
    if whole == code or len(whole) < 4:
        return []
    return [*undotted_candidates(whole, known, asked), *lost_zeros_candidates(whole, known, asked)]


def _refused_otherwise(
    written: str, code: str, known: Collection[str], asked: Collection[Kind], undotted: bool
) -> Refused:
    for kind in asked:
        heading = dotted(code, kind) if undotted else code
        if categories().get(heading) == kind:
            return Refused(written, Cause.CATEGORY, tuple(children(heading)))
    if looks_like_icd10(code):
        return Refused(written, Cause.ICD10)
    if _is_text(written):
        return Refused(written, Cause.TEXT)
    meant = _meant(code, known)
    if meant:
        return Refused(written, Cause.TYPO, (meant,))
    return Refused(written, Cause.UNKNOWN)


def _is_text(written: str) -> bool:
    """Words: three letters or more, other than the letters of a code's name before it ("ICD9:
    401.9")."""
    letters = sum(character.isalpha() for character in written)
    figures = sum(character.isdigit() for character in written)
    return letters >= 3 and letters > figures


def _meant(code: str, known: Collection[str]) -> str:
    """The one code that was meant: without slips, or without a last figure too many."""
    bare = without_slips(code)
    if bare in known and bare != code:
        return bare
    shorter = parent(bare)
    return shorter if shorter in known and bare.count(".") == 1 else ""


def _fits(code: str, kind: Kind) -> bool:
    """Whether a code that version 32 lacks can have been one: right shape, and a category that
    its kind has."""
    if "." not in code or not has_shape(code, kind):
        return False
    above = category(code)
    return kind in (categories().get(above), kinds().get(above))


def _listed(candidates: tuple[str, ...]) -> str:
    first = " or ".join(candidates[:MOST_CANDIDATES])
    more = len(candidates) - MOST_CANDIDATES
    return f"{first} or one of {more} more" if more > 0 else first
