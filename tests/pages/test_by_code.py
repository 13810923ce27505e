"""By code: two raters side by side as they gave it, found by search, in an order that tells."""

import csv
import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.models import Rater
from annotation.selectors.code_search import search_list
from annotation.selectors.codings import codings_of, primary_codings
from benchmark.models import BenchmarkRun, GivenCodes
from benchmark.tables.lines import GROUPINGS, band
from icd.groups import GROUPS
from tests.cast import CODES, logged_in
from tests.markup import markup
from tests.pages.code_table import counted_links, lines
from tests.pages.compared import HUMANS
from tests.pages.drawn_run import drawn_sides, stored_run

pytestmark = pytest.mark.slow

PAGE = "/studies/small/results/codes/"
CODE = "/studies/small/results/code/"
NOTES = "/studies/small/results/notes/"
A, B = "Theirs", HUMANS
KINDS = {"Best model": "model", HUMANS: "people", "Ada": "coder", "Ben": "coder"}
WIDE = [*CODES, "428.9", "428.20", "428.21", "250.01", "250.60", "401.1", "38.91", ".786.2", "zz 9"]


def sets_of(study, name):
    """Note -> the codes of the study's list that a rater gave, from the codings themselves."""
    listed = set(study.code_set.codes.values_list("code", flat=True))
    given = primary_codings(study) if name == HUMANS else None
    if given is None:
        given = codings_of(study, Rater.objects.get(name=name))
    return {note: set(codes) & listed for note, codes in given.items()}


def held(study, a, b):
    """(reference, A's, B's codes) of each note that all have."""
    reference = codings_of(study, study.reference)
    ours, theirs = sets_of(study, a), sets_of(study, b)
    shared = reference.keys() & ours.keys() & theirs.keys()
    return {note: (set(reference[note]), ours[note], theirs[note]) for note in shared}


def lists_of(true, a, b):
    """List of notes -> the codes of a note of which it is."""
    wrong_a, wrong_b = true ^ a, true ^ b
    return {
        "reference": true,
        "missed-a": true - a,
        "missed-b": true - b,
        "missed-both": true - a - b,
        "added-a": a - true,
        "added-b": b - true,
        "right-a-only": wrong_b - wrong_a,
        "right-b-only": wrong_a - wrong_b,
        "given-both": a & b,
        "given-a-only": a - b,
        "given-b-only": b - a,
    }


@pytest.fixture
def drawn(study):
    """A run of forty notes whose codes are known: a model, the coders together and each of two."""
    sides = drawn_sides([f"m{k}" for k in range(40)], sorted(WIDE), KINDS, seed=5)
    stored_run(study, sides, "Best model", HUMANS)
    return sides


@pytest.mark.parametrize("by", GROUPINGS)
def test_figures_are_those_of_the_codings(compared, rae, by):
    query = {"a": A, "b": B, "by": by, "least": 0}
    client = logged_in(rae)
    answer = client.get("/studies/small/results/codes.csv", query)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    notes = held(compared, A, B)
    times = {}
    for true, _, _ in notes.values():
        for code in true:
            times[code] = times.get(code, 0) + 1
    group = GROUPS.get(by, lambda code: band(times.get(code, 0)))
    expected = {}
    for true, ours, theirs in notes.values():
        for code in true | ours | theirs:
            line = expected.setdefault(group(code), dict.fromkeys(COLUMNS, 0))
            mine, yours, right = code in ours, code in theirs, code in true
            line["reference"] += right
            line["given"] += mine
            line["missed"] += right and not mine
            line["added"] += mine and not right
            line["b_given"] += yours
            line["b_missed"] += right and not yours
            line["b_added"] += yours and not right
            line["both_gave"] += mine and yours
            line["only_a_gave"] += mine and not yours
            line["only_b_gave"] += yours and not mine
    assert {row["rater"] for row in rows} == set(expected)
    shown = lines(client.get(PAGE, query).content.decode())
    for row in rows:
        line = expected[row["rater"]]
        assert {name: int(row[name]) for name in COLUMNS} == line, row["rater"]
        cells = shown[row["rater"]]
        assert cells[0] == [str(line["reference"])]
        missed_and_added = [int(cell[0]) for cell in cells[6:10]]
        names = ("missed", "b_missed", "added", "b_added")
        assert missed_and_added == [line[name] for name in names]
        assert int(row["errors_of_b_less_errors_of_a"]) == (
            line["b_missed"] + line["b_added"] - line["missed"] - line["added"]
        )


COLUMNS = (
    "reference",
    "given",
    "missed",
    "added",
    "b_given",
    "b_missed",
    "b_added",
    "both_gave",
    "only_a_gave",
    "only_b_gave",
)


def test_every_count_is_of_the_notes_that_its_address_asks_for(compared, rae):
    client = logged_in(rae)
    pages = [client.get(PAGE, {"a": A, "b": B, "least": 0})]
    pages += [client.get(CODE, {"a": A, "b": B, "code": code}) for code in CODES]
    links = []
    for page in pages:
        links += counted_links(page.content.decode())
    notes = held(compared, A, B)
    by_coders = {}
    for coder in Rater.objects.filter(kind="coder"):
        for note, codes in codings_of(compared, coder).items():
            by_coders.setdefault(note, set()).update(codes)
    asked = set()
    for query, count in links:
        if (query["a"], query["b"]) != (A, B):
            continue
        asked.add(query["show"])
        found = 0
        for note, (true, ours, theirs) in notes.items():
            lists = lists_of(true, ours, theirs)
            lists["missed-all"] = lists["missed-both"] - by_coders.get(note, set())
            found += query["of"] in lists[query["show"]]
        assert found == count, query
    assert {"missed-a", "added-b", "reference", "right-b-only", "given-both", "missed-all"} <= asked


def test_every_count_leads_to_as_many_notes(compared, rae):
    """The lists behind the counts hold what they say."""
    pytest.importorskip("benchmark.tables.notes.lists")
    client = logged_in(rae)
    page = client.get(PAGE, {"a": A, "b": B, "least": 0}).content.decode()
    page += client.get(CODE, {"a": A, "b": B, "code": "401.9"}).content.decode()
    links = counted_links(page)
    assert len(links) > 20
    for query, count in links:
        answer = client.get("/studies/small/results/notes.csv", query)
        assert answer.status_code == 200, query
        assert len(list(csv.reader(io.StringIO(answer.content.decode())))) - 1 == count, query


@pytest.mark.parametrize("query", ["428", "heart failure", "afib", "htn", "heart fialure", "v58"])
def test_search_finds_what_the_coding_page_finds(compared, rae, query):
    page = logged_in(rae).get(PAGE, {"q": query, "least": 0}).content.decode()
    expected = {hit.code for hit in search_list(compared.code_set, query)}
    assert expected and set(lines(page)) == expected


def test_strings_that_are_no_codes_are_found_by_their_parts(drawn, rae):
    client = logged_in(rae)
    for query, found in (("786", {".786.2"}), ("ZZ", {"zz 9"}), ("zz9", {"zz 9"})):
        page = client.get(PAGE, {"q": query, "least": 0}).content.decode()
        assert set(lines(page)) == found, query


def test_a_search_without_hits_says_so_and_names_what_nobody_gave(study, rae):
    sides = drawn_sides(
        ["m1", "m2"], ["401.9", "427.31"], {"Best model": "model", HUMANS: "people"}
    )
    stored_run(study, sides, "Best model", HUMANS)
    client = logged_in(rae)
    page = markup(client.get(PAGE, {"q": "heart failure"}))
    assert "0 codes found by “heart failure”" in page
    assert "Nobody gave these codes of the list" in page and "code=428.0" in page
    assert "Nobody gave" not in markup(client.get(PAGE, {"q": "atrial"}))
    page = markup(client.get(PAGE, {"q": "<b>&\"'"}))
    assert "&lt;b&gt;" in page and "<b>&" not in page


def test_groups_are_found_by_their_codes_and_their_names(drawn, rae):
    client = logged_in(rae)
    for by, query, name in (
        ("category", "250.6", "250"),
        ("category", "diabetes", "250"),
        ("category", "38 proc", "38 proc"),
        ("chapter", "circulatory", "Diseases of the circulatory system"),
        ("kind", "procedures", "Procedures"),
    ):
        page = client.get(PAGE, {"q": query, "by": by, "least": 0}).content.decode()
        assert name in lines(page), (by, query)


def test_rare_codes_are_hidden_and_said_to_be(drawn, rae):
    client = logged_in(rae)
    totals = dict(zip(drawn.axes.codes, drawn.true.sum(axis=0).tolist()[0], strict=True))
    given = {code for code in WIDE if totals[code] >= 5}
    page = markup(client.get(PAGE))
    assert set(lines(page)) == given
    hidden = len(WIDE) - len(given)
    assert hidden and f"{hidden} more codes are hidden" in page
    link = unescape(re.search(r'<a href="([^"]*)">Show them too', page)[1])
    assert set(lines(client.get(link).content.decode())) == set(WIDE)
    most = max(totals.values())
    page = markup(client.get(PAGE, {"least": most + 1}))
    assert f"fewer than {most + 1:.0f} times" in page and "Show them" in page
    assert len(lines(markup(client.get(PAGE, {"least": "abc"})))) == len(given)


def test_where_nothing_is_frequent_nothing_is_hidden(compared, rae):
    """Two coders may have few notes in common."""
    page = markup(logged_in(rae).get(PAGE))
    assert len(lines(page)) == len(CODES) and "codes are hidden" not in page


def test_a_list_narrowed_to_a_group_has_its_codes(drawn, rae):
    client = logged_in(rae)
    for by, name in (
        ("chapter", "Diseases of the circulatory system"),
        ("category", "250"),
        ("category", "38 proc"),
        ("kind", "Procedures"),
    ):
        expected = {code for code in WIDE if GROUPS[by](code) == name}
        page = markup(client.get(PAGE, {by: name, "least": 0}))
        assert set(lines(page)) == expected, name
    assert "kind: Procedures</span>" in page and "not only this" in page
    assert "0 codes" in markup(client.get(PAGE, {"category": "no such thing"}))


def sent(form):
    """What a form sends as it stands."""
    found = {}
    for field in re.findall(r"<input[^>]*>", form):
        found[re.search(r' name="(\w+)"', field)[1]] = re.search(r' value="([^"]*)"', field)[1]
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', form, re.DOTALL):
        value, words = re.search(
            r'<option(?: value="([^"]*)")? selected>([^<]*)<', options
        ).groups()
        found[name] = (value or words).strip()
    return found


def test_the_bar_keeps_the_filters_and_the_filters_the_bar(drawn, rae):
    asked = {
        "a": "Ada",
        "b": "Ben",
        "q": "4",
        "chapter": "Diseases of the circulatory system",
        "least": "1",
        "sort": "ahead",
        "rows": "50",
        "by": "category",
        "kind": "Diagnoses",
    }
    page = logged_in(rae).get(PAGE, asked).content.decode()
    bar, filters = re.findall(r"<form\b.*?</form>", page.split("<main")[1], re.DOTALL)[:2]
    for form in (bar, filters):
        assert asked.items() <= sent(form).items()
    for link in re.findall(r'href="([^"]*/results/codes/\?[^"]*)"', page.split("<table")[1]):
        query = parse_qs(urlsplit(unescape(link)).query)
        kept = {name for name in asked if name not in ("sort", "rows", "least")}
        assert kept <= set(query), link


ORDERS = ("gap", "ahead", "reference", "agree", "recall-a", "recall-b", "precision-b", "missed-b")


@pytest.mark.parametrize("sort", ORDERS)
def test_columns_sort_both_ways_and_few_never_stand_first(drawn, rae, sort):
    client = logged_in(rae)
    values = {}
    for order in (sort, f"-{sort}"):
        query = {"least": 0, "sort": order, "rows": "all", "a": "Best model", "b": HUMANS}
        answer = client.get("/studies/small/results/codes.csv", query)
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        found = []
        for row in rows:
            found.append(value_of(row, sort))
        enough = [value for value, of in found if of >= 5]
        assert [of >= 5 for _, of in found] == sorted((of >= 5 for _, of in found), reverse=True)
        assert enough == sorted(enough, reverse=order.startswith("-"))
        values[order] = enough
        page = client.get(PAGE, query).content.decode()
        state = "descending" if order.startswith("-") else "ascending"
        if sort != "ahead":
            assert page.count(f'aria-sort="{state}"') == 1
        assert list(lines(page)) == [row["rater"] for row in rows], "the file has the page's order"
    assert len(values[sort]) > 3


def value_of(row, sort):
    """(figure, what it is a share of) of a row of the file, counted anew."""
    number = {name: float(value or 0) for name, value in row.items() if name not in TEXTS}
    ahead = number["errors_of_b_less_errors_of_a"]
    either = number["both_gave"] + number["only_a_gave"] + number["only_b_gave"]
    shares = {
        "recall-a": (number["agreed"], number["reference"]),
        "recall-b": (number["b_agreed"], number["reference"]),
        "precision-b": (number["b_agreed"], number["b_given"]),
        "agree": (number["both_gave"], either),
    }
    if sort in shares:
        over, under = shares[sort]
        return over / max(under, 1), under
    numbers = {
        "gap": abs(ahead),
        "ahead": ahead,
        "reference": number["reference"],
        "missed-b": number["b_missed"],
    }
    return numbers[sort], 5


TEXTS = ("rater", "kind", "title")


def test_what_there_is_not_is_404_and_odd_pages_are_not(drawn, rae):
    client = logged_in(rae)
    for query in ("sort=nothing", "sort=--gap", "by=nothing", "rows=7", "preset=nothing"):
        assert client.get(f"{PAGE}?{query}").status_code == 404, query
    for query in ("page=99", "page=x", "least=-1", f"least={'9' * 18}", "sort=-missed"):
        assert client.get(f"{PAGE}?{query}").status_code == 200, query
    assert client.get(f"{CODE}?by=nothing&code=x").status_code == 404


def test_pages_are_numbered(study, rae):
    codes = [f"{number:03}" for number in range(100, 190)]
    sides = drawn_sides(
        [f"m{k}" for k in range(9)], codes, {"Best model": "model", HUMANS: "people"}
    )
    stored_run(study, sides, "Best model", HUMANS)
    client = logged_in(rae)
    page = markup(client.get(PAGE, {"least": 0, "page": 2, "sort": "name"}))
    assert list(lines(page)) == codes[25:50]
    assert ">Page </span>4</a>" in page and 'aria-current="page"><span' in page
    assert (
        list(lines(markup(client.get(PAGE, {"least": 0, "rows": "all", "sort": "name"})))) == codes
    )


def test_bands_stand_in_order_of_frequency(drawn, rae):
    page = logged_in(rae).get(PAGE, {"by": "frequency", "sort": "name"}).content.decode()
    bands = [band(times) for times in (0, 1, 2, 6, 21, 101)]
    shown = list(lines(page))
    assert shown == [name for name in bands if name in shown] and len(shown) > 2


def test_a_run_of_before_and_no_run_ask_for_one(compared, rae):
    client = logged_in(rae)
    GivenCodes.objects.all().delete()
    BenchmarkRun.objects.update(axes=b"")
    for address in (PAGE, f"{CODE}?code=428.0"):
        assert "Run the benchmark" in client.get(address).content.decode()
    assert client.get("/studies/small/results/codes.csv").status_code == 404
    BenchmarkRun.objects.all().delete()
    for address in (PAGE, f"{CODE}?code=428.0"):
        assert "Run the benchmark" in client.get(address).content.decode()


def test_one_rater_alone_stands_beside_nobody(study, rae):
    sides = drawn_sides(["m1", "m2", "m3"], CODES, {HUMANS: "people"})
    stored_run(study, sides, HUMANS, "")
    client = logged_in(rae)
    page = client.get(PAGE, {"least": 0}).content.decode()
    assert set(lines(page)) == set(CODES) and 'class="badge b"' not in page
    assert client.get("/studies/small/results/codes.csv").status_code == 200
    page = client.get(CODE, {"code": "401.9"}).content.decode()
    assert 'class="badge b"' not in page and "Difference" not in page


def test_a_page_asks_few_queries_whatever_its_length(drawn, rae):
    client = logged_in(rae)
    for address in (PAGE, f"{PAGE}?rows=all&least=0&q=4", f"{CODE}?code=428.0"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert len(queries) <= 12, [query["sql"][:90] for query in queries]
