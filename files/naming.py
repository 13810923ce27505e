"""What columns and keys of files of codings are called, and what each name means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from files.cells import looks_like_code
from files.problems import Problems
from icd.codes import Kind

Role = Literal["note", "code", "kind", "system", "rater", "score", "given"]
OF_SOMEBODY = 3
"""Rank of names of codes that say whose they are: target, prediction."""
ROLE_NAMES: dict[Role, tuple[str, str]] = {
    "note": ("the note ids", "note_id"),
    "code": ("the codes", "code"),
    "kind": ("the kinds of codes", "kind"),
    "system": ("the code system", "icd_version"),
    "rater": ("the raters", "rater"),
    "score": ("the scores", "score"),
    "given": ("whether a code is given", "given"),
}
"""Role -> (what the column has, the name by which it is always known)."""


@dataclass(frozen=True)
class Meaning:
    """What a name means."""

    role: Role
    rank: int
    """Of several columns of one role, those of the lowest rank are meant."""
    kind: Kind | None = None
    """Of the codes in the column, where its name says it."""


def _of(role: Role, *ranked: str, kind: Kind | None = None, first: int = 1) -> dict[str, Meaning]:
    """The names of a role, best ones first: each string has names of one rank."""
    found = {}
    for rank, names in enumerate(ranked, start=first):
        for name in names.split():
            found[name] = Meaning(role, rank, kind)
    return found


NAMES: dict[str, Meaning] = {
    **_of(
        "note",
        "noteid noteids",
        "hadmid hadmids docid documentid document reportid encounterid visitid admissionid stayid "
        "textid caseid filename externalid sampleid admid haid externalnoteid notenumber noteno "
        "documentname encounternumber accountnumber visitnumber casenumber chartnumber "
        "reportnumber noteuid noteuuid",
        "id note doc file report encounter admission",
        "rowid",
    ),
    **_of(
        "code",
        "code codes",
        "icd9code icd9codes icdcode icdcodes icd9 icd icds icd9s icd9cm icd9cmcode icd9cmcodes "
        "icdcm icd9codelist icdcodelist codelist conceptcode codeid codeslist codeicd9 "
        "codeicd9cm assignedcode assignedcodes finalcode codeassigned icd9cmcodelist",
        "label labels target targets prediction predictions predictedcodes predictedcode predcodes "
        "predicted pred preds truth ytrue ypred goldcodes truecodes finalcodes givencodes answer "
        "answers",
    ),
    **_of(
        "code",
        "dxcode dxcodes dx icd9dx icddx diagcode diagcodes diag icd9diag icddiag diagnosiscode "
        "diagnosiscodes diagnosescodes icd9diagnosis icddiagnosis icd9diagnosiscode "
        "icddiagnosiscode "
        "principaldx primarydx secondarydx admittingdx otherdx principaldiagnosis primarydiagnosis "
        "secondarydiagnosis icd9diagcode icd9diagcodes icd9diagnosiscodes",
        kind="dx",
        first=2,
    ),
    **_of(
        "code",
        "proccode proccodes proc procs icd9proc icdproc procedurecode procedurecodes pxcode "
        "pxcodes "
        "px icd9procedure icdprocedure icd9procedurecode icdprocedurecode icd9px prcode "
        "principalproc principalprocedure icd9proccode icd9proccodes icd9procedurecodes",
        kind="proc",
        first=2,
    ),
    **_of("code", "diagnosis diagnoses", kind="dx", first=4),
    **_of("code", "procedure procedures", kind="proc", first=4),
    **_of("kind", "kind", "codekind codetype icdtype dxorproc", "type"),
    **_of("system", "icdversion codesystem codingsystem vocabulary icdsystem"),
    **_of(
        "rater",
        "rater",
        "raterid ratername coder coderid codername annotator annotatorid annotatorname origin "
        "reviewer company completedby codedby coderinitials",
        "model modelname",
    ),
    **_of("score", "score", "probability prob p proba confidence"),
    **_of("given", "given", "isgiven assigned present"),
}
"""A name without case and marks -> what it means."""
SLOTS = {"pr": "proc", "icd": "icd", "pdx": "dx", "sdx": "dx"}
"""Names that mean a column of codes where a number follows them, as in claims: PR1, DX2."""
SLOT = re.compile(r"(.+?)[_ .-]+(\d{1,3})|([a-z]+)(\d{1,3})", re.ASCII)


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning | None:
    """What a column's name means; None where it says nothing.

    >>> meaning(" HADM_ID "), meaning("ward")
    (Meaning(role='note', rank=2, kind=None), None)
    >>> meaning("ICD9_Proc").kind, meaning("dx12").kind, meaning("icd9_3").role
    ('proc', 'dx', 'code')
    """
    found = NAMES.get(bare(name))
    if found is not None:
        return found
    base = base_of(name)
    of_base = NAMES.get(SLOTS.get(base, base))
    if of_base is None or of_base.role != "code":
        return None
    return Meaning("code", of_base.rank, of_base.kind)


def bare(name: str) -> str:
    """A name without case and marks.

    >>> bare(" ICD-9_Code")
    'icd9code'
    """
    return re.sub(r"[\W_]+", "", name.lower())


def base_of(name: str) -> str:
    """A numbered name without its number; "" for one that has none.

    >>> base_of("DX_12"), base_of("code.1"), base_of("ward")
    ('dx', 'code', '')
    """
    slot = SLOT.fullmatch(name.strip().lower())
    return "" if slot is None else bare(slot[1] or slot[3])


def is_slot(name: str) -> bool:
    """Whether a column holds one of several codes of its row.

    >>> is_slot("DX1"), is_slot("ICD9")
    (True, False)
    """
    return bare(name) not in NAMES and base_of(name) != ""


def header_fits(names: Sequence[str]) -> int:
    """How far a row looks like the header of a file of codings: 2 where it has note ids, and
    codes in a column or as columns."""
    roles = set()
    for name in names:
        found = meaning(name)
        if found is not None:
            roles.add(found.role)
    if "code" not in roles and any(map(looks_like_code, names)):
        roles.add("code")
    return ("note" in roles) + ("code" in roles)


def of_role(
    role: Role, names: Sequence[str], row: int, problems: Problems, *, apart: bool = False
) -> list[int]:
    """The places of the columns of a role: those of the best rank. FileError where several may be
    meant. `apart`: several columns that each have codes of their own (target and prediction) are
    no question to the caller."""
    best: list[int] = []
    rank = 0
    for place, name in enumerate(names):
        found = meaning(name)
        if found is None or found.role != role:
            continue
        if not best or found.rank < rank:
            best, rank = [place], found.rank
        elif found.rank == rank:
            best.append(place)
    if len(best) < 2 or (apart and rank == OF_SOMEBODY):
        return best
    if role != "code" or not _go_together([names[place] for place in best]):
        raise problems.fatal(row, _which(role, [names[place] for place in best]))
    return best


def _go_together(names: Sequence[str]) -> bool:
    """Whether columns of codes hold the codes of a row together: each names its kind, or has a
    number, as the others of its name have."""
    numbered = {base_of(name) for name in names if is_slot(name)}
    for name in names:
        found = meaning(name)
        of_kind = found is not None and found.kind is not None
        if not of_kind and not is_slot(name) and bare(name) not in numbered:
            return False
    return True


def _which(role: Role, names: Sequence[str]) -> str:
    what, name = ROLE_NAMES[role]
    listed = " and ".join([", ".join(names[:-1]), names[-1]])
    return f"{what} may be in {listed}; name the right column {name}, and the others otherwise"
