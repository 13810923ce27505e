"""Each rule of codes stands once: over every code of the tables the rules agree with each other and
with the tables."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import example
from hypothesis import strategies as st

from files.cells import SHORTEST_CODE
from icd import tables
from icd.chapters import CHAPTERS, NO_CHAPTER, chapter, chapter_number, chapter_of
from icd.check import Cause, CodeCheck, Taken
from icd.codes import (
    KINDS,
    as_kind,
    caml_reading,
    category,
    dotted,
    has_shape,
    kind_by_shape,
    parent,
    undotted,
)
from icd.groups import GROUPS
from icd.spelling import LONGEST, looks_like_icd10
from icd.tables import (
    categories,
    children,
    kind_of,
    known_kinds,
    nearest_titles,
    retired_diagnoses,
)
from icd.titles import ABSENT
from tests.generated import given

ROOT = Path(__file__).parents[2]
CHECK = CodeCheck()
ALL = st.sampled_from(sorted(known_kinds().items()))
LIKE_CODES = st.from_regex(r"[EV0-9][0-9]{1,3}\.?[0-9]{0,2}", fullmatch=True)
STRINGS = st.text("0123456789.EV", max_size=7) | LIKE_CODES | st.text(max_size=7)
LENIENT = CodeCheck(unlisted_procedures=True, old_tables=True)
NO_CODES = (
    "E116.5", "E11.65", "E299.9", "V00.1", "V97.2", "I50.22", "000.0", "8.4", ".786.2", "4019",
    "４２８.0", "٣٨.٩", "",
)  # fmt: skip


def ancestors(code: str) -> list[str]:
    found = []
    above = parent(code)
    while above:
        found.append(above)
        above = parent(above)
    return found


@given(ALL)
def test_a_dot_is_taken_out_and_put_back(item):
    code, kind = item
    assert "." not in undotted(code)
    assert dotted(undotted(code), kind) == dotted(code, kind) == code
    assert undotted(code) == code.replace(".", "")


def test_the_guess_by_shape_is_what_the_tables_say():
    for code, kind in {**known_kinds(), **categories()}.items():
        assert kind_by_shape(code) == kind_of(code) == kind
        assert [has_shape(code, each) for each in KINDS] == [each == kind for each in KINDS]


def test_the_shortest_and_the_longest_code_are_as_the_readers_take_them():
    assert min(map(len, known_kinds())) == SHORTEST_CODE
    assert max(len(undotted(code)) for code in known_kinds()) == LONGEST


def test_what_stands_above_a_code_is_of_its_kind_its_category_and_its_chapter():
    valid = tables.kinds()
    for code, kind in valid.items():
        above = ancestors(code)
        assert not above or above[-1] == category(code)
        for each in above:
            assert (valid.get(each) or categories()[each]) == kind
            assert category(each) == category(code)
            assert chapter(each, kind) == chapter(code, kind) != NO_CHAPTER


def test_chapters_begin_with_their_first_category_and_end_before_the_next():
    for kind in KINDS:
        firsts = [first for first, _ in CHAPTERS[kind]]
        assert firsts == sorted(firsts) and len(set(CHAPTERS[kind])) == len(firsts)
        for code in (code for code, its in known_kinds().items() if its == kind):
            number = chapter_number(code, kind)
            assert firsts[number - 1] <= category(code)
            assert number == len(firsts) or category(code) < firsts[number]


def test_groups_are_by_the_kind_of_the_table():
    for code, kind in known_kinds().items():
        assert GROUPS["chapter"](code) == chapter_of(code) == chapter(code, kind)
        assert GROUPS["category"](code) == category(code) + (" proc" if kind == "proc" else "")
        assert GROUPS["kind"](code) == {"dx": "Diagnoses", "proc": "Procedures"}[kind]


def test_no_two_categories_have_one_name():
    of_name: dict[str, set[tuple[str, str]]] = {}
    for code, kind in known_kinds().items():
        of_name.setdefault(GROUPS["category"](code), set()).add((kind, category(code)))
    assert all(len(found) == 1 for found in of_name.values())


def test_a_table_holds_against_the_shape(monkeypatch):
    monkeypatch.setattr(tables, "known_kinds", lambda: {"428.0": "proc", "0DJ08ZZ": "proc"})
    assert [kind_of(code) for code in ("428.0", "0DJ08ZZ", "401.9")] == ["proc", "proc", "dx"]
    assert GROUPS["kind"]("0DJ08ZZ") == "Procedures" and GROUPS["category"]("428.0") == "428 proc"


@pytest.mark.parametrize("code", NO_CODES)
def test_what_is_no_code_of_icd9_is_none_by_any_rule(code):
    """E100 to E799, V00 and V92 to V99 are of ICD-10 alone, no category is 000, and none has fewer
    figures than its kind has."""
    assert kind_by_shape(code) is None and kind_of(code) is None
    assert chapter_of(code) == GROUPS["kind"](code) == NO_CHAPTER
    assert GROUPS["category"](code) == code
    assert [chapter(code, kind) for kind in KINDS] == [NO_CHAPTER, NO_CHAPTER]
    if code[:1] in tuple("EVI"):
        assert CHECK.read(code).cause == Cause.ICD10
    if code != "4019":  # which the kind gives its dot
        assert not any(isinstance(LENIENT.read(code, kind), Taken) for kind in KINDS)


@pytest.mark.parametrize("code", ["E001.7", "E030", "E029.5", "V91.00", "999.99", "E999.0"])
def test_the_ends_of_the_ranges_are_of_icd9(code):
    """E000 to E030 came in 2009: E001.7 is an unknown code of ICD-9 and none of ICD-10."""
    assert kind_by_shape(code) == "dx" and not looks_like_icd10(code)
    answer = CHECK.read(code)
    assert isinstance(answer, Taken) or answer.cause != Cause.ICD10


@given(STRINGS)
@example("E0010")
@example("E03.9")
def test_the_rules_never_contradict_each_other(text):
    kind = kind_by_shape(text)
    assert not (kind and looks_like_icd10(text))
    assert (chapter_of(text) == NO_CHAPTER) == (kind is None)
    assert (GROUPS["kind"](text) == NO_CHAPTER) == (kind is None)
    for each in KINDS:
        assert (chapter(text, each) == NO_CHAPTER) == (not has_shape(text, each))
        answer = LENIENT.read(text, each)
        assert not isinstance(answer, Taken) or has_shape(answer.code, each)


@pytest.mark.parametrize("rule", [dotted, chapter, has_shape])
def test_a_kind_that_is_none_is_refused_by_every_rule(rule):
    for kind in ("procedure", "", None):
        with pytest.raises(ValueError, match=f"kind must be dx or proc, not {kind!r}"):
            rule("401.9", kind)
    assert [as_kind(kind) for kind in KINDS] == ["dx", "proc"]


def test_a_chapter_is_of_the_kind_that_is_given():
    """38.93 is no diagnosis, although 38 lies between the diagnoses 320 and 390."""
    assert chapter("38.93", "dx") == chapter("401.9", "proc") == NO_CHAPTER


def test_a_published_reading_is_made_once():
    """Read again it would become the name of another code: 00.09 is 9.0, and that 90.0."""
    assert caml_reading("00.09", "proc") == "9.0" and caml_reading("9.0", "proc") == "90.0"


def test_a_code_that_version_32_lacks_has_the_title_of_the_nearest_and_its_own_kind():
    rows = {row.code: row for row in tables.read_icd9_tables()}
    without = []
    for code, row in retired_diagnoses().items():
        assert (row.code, row.kind) == (code, "dx")
        assert row == nearest_titles().row(code, "dx")
        if row.long == ABSENT:
            without.append(code)
            continue
        lenders = [above for above in ancestors(code) if above in rows] or children(code)
        lender = rows[lenders[0]]
        assert (row.short, row.long) == (lender.short, lender.long)
    assert len(without) == 13 and "043.0" in without
    assert nearest_titles().row("36.01", "proc").long == ABSENT


BY_HAND = re.compile(
    r"""code\w*(?:\[\w+\])?\)?\.(?:split|partition|rpartition)\(["']\."""
    r"""|replace\(["']\.["'], ["']["']\)"""
    r"""|code\w*\[:[2345]\]"""
)
"""Ways to take a code apart: before its dot, without its dot, its first figures."""
BROWSERS_OWN = "static/desk/search/codes.js"
"""The same rules for scripts of pages, which cannot import ours."""


def test_no_other_package_takes_codes_apart_or_guesses_their_kind():
    command = ["git", "ls-files", "*.py", "*.js", "*.html"]
    tracked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for name in tracked.stdout.split():
        if name.startswith(("icd/", "tests/")) or name == BROWSERS_OWN:
            continue
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            if BY_HAND.search(line) or "kind_by_shape" in line:
                found.append(f"{name}:{number}: {line.strip()}")
    assert tracked.stdout and found == []
