"""By note: what was given, and each count leads to its notes."""

import doctest
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import lines
from tests.cast import logged_in
from tests.markup import markup
from tests.pages.compared import HUMANS, cells, sets_of

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


def test_what_there_is_not_is_404(compared, rae):
    client = logged_in(rae)
    assert client.get("/studies/small/results/notes/?of=401.9&show=nothing").status_code == 404
    assert client.get("/studies/small/results/?preset=nothing").status_code == 404


@pytest.mark.parametrize("module", [lines])
def test_examples_in_docstrings_hold(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
