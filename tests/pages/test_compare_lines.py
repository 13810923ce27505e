"""By code and by note: what was given, and each count leads to its notes."""

import doctest
import re
from collections import Counter
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from annotation.selectors.codings import codings_of
from benchmark.models import BenchmarkRun
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import lines
from benchmark.tables.lines import GROUPINGS, band, grouping
from tests.cast import logged_in
from tests.markup import markup
from tests.pages.compared import HUMANS, cells, picked, sets_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("rater", [HUMANS, "Theirs"])
def test_by_note_is_what_was_given(compared, rae, rater):
    page = logged_in(rae).get("/studies/small/results/notes/", {"rater": rater}).content.decode()
    shown = {row[0]: [int(x) for x in row[1:6]] for row in cells(page)}
    for note, (true, given) in sets_of(compared, rater).items():
        both, missed, extra = true & given, true - given, given - true
        assert shown[note] == [len(codes) for codes in (true, given, both, missed, extra)]
    jaccards = [float(row[8]) for row in cells(page)]
    assert jaccards == sorted(jaccards) and len(jaccards) == 12, "worst first"


@pytest.mark.parametrize("by", GROUPINGS)
def test_by_code_is_what_was_given_and_each_count_leads_to_its_notes(compared, rae, by):
    client = logged_in(rae)
    group = grouping(by, BenchmarkRun.objects.get().tally)
    page = client.get("/studies/small/results/codes/", {"rater": HUMANS, "by": by}).content.decode()
    sets = sets_of(compared, HUMANS)

    def held(name: str) -> dict[str, tuple[set[str], set[str]]]:
        """Of each note, the reference's and the rater's codes of that group."""
        found = {}
        for note, (true, given) in sets.items():
            of_reference = {code for code in true if group(code) == name}
            of_rater = {code for code in given if group(code) == name}
            found[note] = (of_reference, of_rater)
        return found

    shown = cells(page)
    names = {row[0] for row in shown}
    for true, given in sets.values():
        assert {group(code) for code in true | given} <= names
    for name, *counts in shown:
        both = held(name).values()
        true = sum(len(of_reference) for of_reference, _ in both)
        given = sum(len(of_rater) for _, of_rater in both)
        agreed = sum(len(of_reference & of_rater) for of_reference, of_rater in both)
        expected = [true, given, agreed, true - agreed, given - agreed]
        assert [int(x) for x in counts[:5]] == expected, name
    links = [unescape(link) for link in re.findall(r'<td class="n"><a href="([^"]+)"', page)]
    assert links
    for link in links:
        asked = parse_qs(urlsplit(link).query)
        notes = {row[0] for row in cells(client.get(link).content.decode())}
        expected = set()
        for note, (true, given) in held(asked["of"][0]).items():
            if picked(true, given, asked["show"][0]):
                expected.add(note)
        assert notes == expected != set()


def test_from_a_count_to_a_note_and_back(compared, rae):
    client = logged_in(rae)
    by = {"rater": "Theirs", "by": "code", "of": "401.9", "show": "added", "preset": "full"}
    benchmark_run(study=compared, preset="full")
    listed = markup(client.get("/studies/small/results/notes/", by))
    link = unescape(re.search(r'<th scope="row"><a href="([^"]+)"', listed)[1])
    page = client.get(link).content.decode()
    (row,) = re.findall(r'<tr class="[^"]*counted">.*?</tr>', page, re.DOTALL)
    assert "→" in row and "401.9" in row
    back = unescape(re.search(r'href="(/studies/small/results/notes/[^"]*)"', page)[1])
    asked = parse_qs(urlsplit(back).query)
    assert {name: values[0] for name, values in asked.items()} == by
    plain = client.get(urlsplit(link).path).content.decode()
    assert "counted" not in plain and "back to the notes of" not in plain


def test_by_frequency_is_how_many_notes_have_the_code(compared, rae):
    times = Counter()
    for codes in codings_of(compared, compared.reference).values():
        times.update(codes)
    by = {"rater": HUMANS, "by": "frequency"}
    page = logged_in(rae).get("/studies/small/results/codes/", by).content.decode()
    shown = {row[0]: int(row[1]) for row in cells(page)}
    expected = Counter({band(0): 0})
    for code, notes in times.items():
        expected[band(times[code])] += notes
    assert {name: n for name, n in shown.items() if n} == +expected
    by["sort"] = "name"
    page = logged_in(rae).get("/studies/small/results/codes/", by).content.decode()
    bands = [band(notes) for notes in (0, 1, 2, 6, 21, 101)]
    assert [row[0] for row in cells(page)] == [name for name in bands if name in shown]


def test_columns_sort_both_ways_and_say_so(compared, rae):
    client = logged_in(rae)
    for sort, state in (("given", "ascending"), ("-given", "descending")):
        by = {"rater": HUMANS, "sort": sort}
        page = client.get("/studies/small/results/codes/", by).content.decode()
        given = [int(row[2]) for row in cells(page)]
        assert given == sorted(given, reverse=sort.startswith("-"))
        assert page.count(f'aria-sort="{state}"') == 1
    assert client.get("/studies/small/results/codes/?sort=nothing").status_code == 404
    assert client.get("/studies/small/results/codes/?rater=Nobody").status_code == 404
    assert client.get("/studies/small/results/notes/?of=401.9&show=nothing").status_code == 404
    assert client.get("/studies/small/results/?preset=nothing").status_code == 404


@pytest.mark.parametrize("module", [lines])
def test_examples_in_docstrings_hold(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
