"""By note: two raters side by side, each list of notes, in every order, and as files."""

from __future__ import annotations

import csv
import doctest
import io
import re
from collections import Counter
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmark.models import BenchmarkRun
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import lines
from benchmark.tables.lines import GROUPINGS, band
from benchmark.tables.notes import list_words, rows, soft_breaks
from benchmark.tables.notes.list_words import GROUPS as MENU
from benchmark.tables.notes.list_words import NEEDS_SECOND, WORDS, Names, menu, sentence
from benchmark.tables.notes.lists import ALL_SHOWS, SORTS
from icd.groups import GROUPS
from tests.cast import logged_in
from tests.pages.compared import HUMANS, cells, sets_of

pytestmark = pytest.mark.slow
PAGE = "/studies/small/results/notes/"
PAIR = {"a": HUMANS, "b": "Theirs"}
OLD_COLUMNS = ["reference", "given", "agreed", "missed", "added", "precision", "recall", "jaccard"]


def page_of(user, **asked) -> str:
    """By note of the pair, or of who else is asked for."""
    answer = logged_in(user).get(PAGE, {**PAIR, **asked})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def coder(compared) -> str:
    """Who has notes of their own."""
    return str(compared.assignments.filter(role="primary").first().rater)


def said(page: str) -> str:
    """The sentence above the list."""
    heading = re.search(r'<h2 id="list">(.*?)</h2>', page, re.DOTALL)[1]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", heading)).split())


def menu_of(page: str) -> str:
    """What can be shown."""
    return page.split('<select id="show"')[1].split("</select>")[0]


def rows_of(page: str) -> list[list[str]]:
    if "<tbody>" not in page:
        return []
    return cells(page)


def test_a_row_is_what_was_given(compared, rae):
    shown = {row[0]: row for row in rows_of(page_of(rae))}
    humans, theirs = sets_of(compared, HUMANS), sets_of(compared, "Theirs")
    lengths = {note.external_id: len(note.text.split()) for note in compared.notes.all()}
    own = compared.assignments.filter(role="primary").select_related("note", "rater")
    coders = {each.note.external_id: str(each.rater) for each in own}
    assert len(shown) == len(humans) == 12
    for note, (true, a) in humans.items():
        b = theirs[note][1]
        row = shown[note]
        assert row[1] == coders[note]
        assert [int(cell) for cell in row[2:4]] == [lengths[note], len(true)]
        assert [int(cell) for cell in row[4:8]] == [len(a), len(b), len(a & true), len(b & true)]
        jaccard_a = 100 * len(a & true) / len(a | true)
        jaccard_b = 100 * len(b & true) / len(b | true)
        expected = [jaccard_a, jaccard_b, jaccard_a - jaccard_b, 100 * len(a & b) / len(a | b)]
        assert [float(cell) for cell in row[8:12]] == pytest.approx(expected, abs=0.051)


def test_the_worst_come_first_and_every_column_sorts_both_ways(compared, rae):
    jaccards = [float(row[8]) for row in rows_of(page_of(rae))]
    assert jaccards == sorted(jaccards)
    columns = ["name", "coder", "words", "reference", "given-a", "given-b", "found-a", "found-b"]
    columns += ["jaccard-a", "jaccard-b", "difference", "jaccard-ab"]
    assert set(columns) <= set(SORTS)
    for place, name in enumerate(columns):
        if name not in ("coder", "words", "found-b", "difference"):
            continue
        for sort, state in ((name, "ascending"), (f"-{name}", "descending")):
            page = page_of(rae, sort=sort)
            values = [row[place] for row in rows_of(page)]
            if place > 1:
                values = [float(value) for value in values]
            assert values == sorted(values, reverse=sort.startswith("-")), sort
            assert page.count(f'aria-sort="{state}"') == 1
    links = re.findall(r'aria-sort="\w+">\s*<a href="([^"]+)"', page)
    sorts = [parse_qs(urlsplit(unescape(link)).query)["sort"][0] for link in links]
    assert [sort.removeprefix("-") for sort in sorts] == columns


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_count_by_code_leads_to_its_notes(compared, rae, by):
    """Each list, of each group of codes: the notes of it, and the sentence's number."""
    humans, theirs = sets_of(compared, HUMANS), sets_of(compared, "Theirs")
    codes = set()
    for true, a in humans.values():
        codes |= true | a
    times = Counter(code for true, _ in humans.values() for code in true)

    def group(code: str) -> str:
        if by == "frequency":
            return band(times[code])
        return GROUPS[by](code)

    of = min(group(code) for code in codes)
    lists = {
        "missed-a": lambda true, a, b: true - a,
        "right-b-only": lambda true, a, b: (true ^ a) - (true ^ b),
        "reference": lambda true, a, b: true,
    }
    for show, picked in lists.items():
        expected = set()
        for note, (true, a) in humans.items():
            held = []
            for each in (true, a, theirs[note][1]):
                held.append({code for code in each if group(code) == of})
            if picked(*held):
                expected.add(note)
        page = page_of(rae, by=by, of=of, show=show)
        assert {row[0] for row in rows_of(page)} == expected, show
        assert said(page).startswith(f"{len(expected) or 'No'} note")
        assert of in said(page)


def test_every_list_answers_and_is_in_the_menu_with_its_number(compared, rae):
    page = page_of(rae)
    options = dict(re.findall(r'<option value="([a-z-]+)"[^>]*>([^<]+)<', menu_of(page)))
    assert set(options) == set(ALL_SHOWS) == set(WORDS) == {s for g in MENU.values() for s in g}
    for show in ("nobody-all", "missed-both", "given-b-only", "added-both"):
        listed = page_of(rae, show=show)
        count = int(re.search(r"\((\d+)\)$", unescape(options[show]).strip())[1])
        assert len(rows_of(listed)) == count, show
        if not count:
            assert "There is no such note" in listed and ">All notes</a>" in listed


def test_nobody_right_is_a_list_with_a_count(compared, rae):
    expected = set()
    by_rater = [sets_of(compared, name) for name in (HUMANS, "Theirs")]
    for note, (true, _) in by_rater[0].items():
        if all(sets[note][1] != true for sets in by_rater):
            expected.add(note)
    page = page_of(rae, show="nobody-all")
    # Every note's own coder is the human coders; a second coder of a shared note may be right.
    assert {row[0] for row in rows_of(page)} <= expected
    assert "nobody got right" in said(page)


def test_a_code_is_found_by_its_number_and_by_words(compared, rae):
    client = logged_in(rae)
    for typed in ("428.0", "4280", " 428.0 "):
        answer = client.get(PAGE, {**PAIR, "q": typed, "show": "missed-a", "coder": "ada"})
        asked = parse_qs(urlsplit(answer.url).query)
        assert asked["of"] == ["428.0"] and "q" not in asked
        assert asked["show"] == ["missed-a"] and asked["coder"] == ["ada"]
        assert asked["a"] == [HUMANS]
    one = client.get(PAGE, {"q": "heart failure"})
    assert parse_qs(urlsplit(one.url).query)["of"] == ["428.0"]
    category = client.get(PAGE, {"q": "428"})
    assert parse_qs(urlsplit(category.url).query) | {"by": ["category"], "of": ["428"]}
    several = page_of(rae, q="of")
    assert "Which one?" in several
    for link in re.findall(r'<li><a href="([^"]+)"><span class="code">', several):
        assert client.get(unescape(link)).status_code == 200
    assert "No code that anybody gave" in page_of(rae, q="zebra")


def test_on_a_code_each_row_says_how_each_rater_was(compared, rae):
    of = "401.9"
    humans, theirs = sets_of(compared, HUMANS), sets_of(compared, "Theirs")
    words = {(1, 1): "gave it", (1, 0): "missed it", (0, 1): "added it", (0, 0): "did not give it"}
    shown = rows_of(page_of(rae, of=of))
    assert shown
    for row in shown:
        true, a = humans[row[0]]
        for cell, given in ((row[4], a), (row[5], theirs[row[0]][1])):
            assert cell.endswith(words[of in true, of in given]), row


def test_filters_stay_when_the_bar_changes_and_the_bar_when_filters_do(compared, rae):
    asked = {"of": "401.9", "show": "missed-a", "coder": "ada", "sort": "-words", "least": "3"}
    page = page_of(rae, **asked)
    bar, filters = page.split('aria-label="What is compared"')[1].split("</form>")[:2]
    for name, value in asked.items():
        assert f'name="{name}" value="{value}"' in bar
    for name, value in PAIR.items():
        assert f'name="{name}" value="{value}"' in filters
    every_code = re.search(r'href="([^"]+)">every code', page)[1]
    kept = parse_qs(urlsplit(unescape(every_code)).query)
    assert "of" not in kept and kept["show"] == ["missed-a"] and kept["coder"] == ["ada"]


def test_by_coder_and_by_length(compared, rae, coder):
    everything = rows_of(page_of(rae))
    own = [row[0] for row in everything if row[1] == coder]
    page = page_of(rae, coder=coder)
    assert [row[0] for row in rows_of(page)] == own != []
    assert f"coded by {coder}" in said(page)
    words = sorted(int(row[2]) for row in everything)
    page = page_of(rae, least=words[-1])
    assert {int(row[2]) for row in rows_of(page)} == {words[-1]}
    assert f"of {words[-1]} words and more" in said(page)


def test_pages_are_numbered_and_keep_what_was_asked(compared, rae, monkeypatch):
    monkeypatch.setattr("pages.by_note.SIZES", ("5", "50"))
    page = page_of(rae, rows="5", sort="name")
    links = dict(
        re.findall(r'<a href="([^"]+)"><span class="out-of-sight">Page </span>(\d+)', page)
    )
    assert sorted(links.values()) == ["2", "3"]
    seen = [row[0] for row in rows_of(page)]
    for link, _ in sorted(links.items(), key=lambda pair: pair[1]):
        seen += [row[0] for row in rows_of(logged_in(rae).get(unescape(link)).content.decode())]
    assert seen == sorted(seen) and len(set(seen)) == 12
    assert logged_in(rae).get(PAGE, {"rows": "7"}).status_code == 404


def test_files_hold_the_same_notes_old_columns_first(compared, rae):
    client = logged_in(rae)
    asked = {**PAIR, "of": "401.9", "show": "missed-a", "sort": "-jaccard-b"}
    page = rows_of(client.get(PAGE, asked).content.decode())
    answer = client.get("/studies/small/results/notes.csv", asked)
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    head, *rows = read[-len(page) - 1 :]
    assert [row[0] for row in rows] == [row[0] for row in page] != []
    assert head[2:10] == OLD_COLUMNS, "after the note's id and the kind of row"
    assert {"given_b", "jaccard_b", "jaccard_difference", "coder", "words"} <= set(head[10:])
    for row, shown in zip(rows, page, strict=True):
        values = dict(zip(head, row, strict=True))
        assert values["coder"] == shown[1] and values["words"] == shown[2]
        assert 100 * float(values["jaccard"]) == pytest.approx(float(shown[10]), abs=0.051)
    for extension in ("md", "tex", "txt", "xlsx"):
        file = client.get(f"/studies/small/results/notes.{extension}", asked)
        assert file.status_code == 200 and file.content


def test_addresses_of_before_lead_here(compared, rae):
    client = logged_in(rae)
    before = {"rater": HUMANS, "by": "code", "of": "401.9", "show": "missed", "sort": "-agreed"}
    moved = client.get("/studies/small/compare/notes/?" + urlencode(before))
    page = client.get(moved.url).content.decode()
    assert [row[0] for row in rows_of(page)]
    assert "missed 401.9" in said(page)


@pytest.mark.parametrize(
    "asked",
    [
        {"show": "nothing"},
        {"sort": "nothing"},
        {"by": "nothing", "of": "x"},
        {"rows": "0"},
        {"preset": "nothing"},
    ],
)
def test_what_there_is_not_is_not_found(compared, rae, asked):
    assert logged_in(rae).get(PAGE, asked).status_code == 404


def test_odd_values_are_harmless(compared, rae):
    for asked in (
        {"of": "<b>", "coder": "<b>"},
        {"least": "x" * 40, "most": "-1", "page": "9" * 30},
        {"q": "<b>" + "x" * 5000},
    ):
        assert "<b>" not in page_of(rae, **asked)


def test_without_a_benchmark_or_with_one_of_before_it_says_what_to_do(study, compared, rae):
    BenchmarkRun.objects.update(axes=b"")
    assert "Run the benchmark" in page_of(rae)
    assert logged_in(rae).get("/studies/small/results/notes.csv").status_code == 404
    BenchmarkRun.objects.all().delete()
    assert "Run the benchmark" in page_of(rae)


def test_a_run_without_lengths_shows_none(compared, rae, monkeypatch):
    BenchmarkRun.objects.all().delete()
    compared.notes.update(text="")
    benchmark_run(study=compared)
    assert {row[2] for row in rows_of(page_of(rae))} == {"–"}
    assert rows_of(page_of(rae, most="5")) == []


def test_few_queries_however_it_is_asked(compared, rae, coder):
    client = logged_in(rae)
    for asked in ({}, {"of": "401.9", "show": "missed-all"}, {"coder": coder, "sort": "words"}):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE, {**PAIR, **asked}).status_code == 200
        assert len(queries) <= 15, [query["sql"] for query in queries]


def test_sentences_name_who_they_are_about():
    names = Names("Ada", "Ben", "the hospital")
    for show in WORDS:
        for of in ("", "428.0"):
            words = sentence(show, names, of)
            assert "{" not in words and (of in words)
    alone = Names("Ada", "", "the hospital")
    offered = {show for _, options in menu(alone, "") for show, _ in options}
    assert not offered & NEEDS_SECOND and {"missed-a", "nobody-all", "reference"} <= offered
    for show in offered:
        assert "  " not in sentence(show, alone, "")


@pytest.mark.parametrize("module", [lines, list_words, rows, soft_breaks])
def test_examples_in_docstrings_hold(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
