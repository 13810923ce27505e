"""The search in the browser answers as that on the server, exactly; and the tabular list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from icd.search import Index, search
from icd.search.browser import browser_data
from icd.tables import children, nearest_titles
from tests.icd.search_queries import FIRST, expected, generated
from tests.icd.study import study_index, study_rows

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "static"
SITE = "http://desk.test"
GENERATED = 300
LOAD = """
async (name) => {
  const { makeIndex } = await import("/desk/search.js");
  const data = await (await fetch(`/${name}.json`)).json();
  window.made ??= {};
  const before = performance.now();
  window.made[name] = makeIndex(data);
  return performance.now() - before;
}
"""
SEARCH = """
async ([name, queries, limit]) => {
  const { search } = await import("/desk/search.js");
  const answers = [];
  const taken = [];
  for (const query of queries) {
    const before = performance.now();
    const hits = search(window.made[name], query, limit);
    taken.push(performance.now() - before);
    answers.push(hits.map((hit) => [hit.code, hit.title, hit.kind, hit.why, hit.marks]));
  }
  return { answers, taken };
}
"""
TABULAR = """
async (codes) => {
  const { tabular } = await import("/desk/search.js");
  return codes.map((code) => tabular(window.made.plain, code));
}
"""
FREQUENCIES = {row.code: (place * 37) % 2_900 for place, row in enumerate(study_rows())}
"""Made up: the study's own come from training stays."""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """A page of a site that serves the search and two lists: with frequencies and without."""
    made = chromium.new_page()
    lists = {
        "plain": browser_data(study_rows(), None),
        "counted": browser_data(study_rows(), FREQUENCIES),
    }

    def serve(route: Any) -> None:
        name = route.request.url.removeprefix(f"{SITE}/")
        if name.endswith(".json"):
            body = json.dumps(lists[name.removesuffix(".json")])
            route.fulfill(content_type="application/json", body=body)
        elif name:
            route.fulfill(content_type="text/javascript; charset=utf-8", path=STATIC / name)
        else:
            route.fulfill(content_type="text/html", body="")

    made.route(f"{SITE}/**", serve)
    made.goto(f"{SITE}/")
    for name in lists:
        print(f"index of {name}: {made.evaluate(LOAD, name):.0f} ms")
    yield made
    made.close()


def on_server(index: Index, query: str) -> list[list[Any]]:
    """The server's answer in the shape of the browser's."""
    found = []
    for hit in search(index, query, FIRST):
        marks = [list(mark) for mark in hit.marks]
        found.append([hit.code, hit.title, hit.kind, hit.why, marks])
    return found


def test_both_engines_answer_every_query_of_the_file_as_it_says(page):
    known = expected()
    told = page.evaluate(SEARCH, ["plain", list(known), FIRST])
    taken = sorted(told["taken"])
    print(f"median {taken[len(taken) // 2]:.1f} ms, slowest {taken[-1]:.0f} ms")
    for (query, codes), answer in zip(known.items(), told["answers"], strict=True):
        assert [hit[0] for hit in answer] == codes, query
        assert answer == on_server(study_index(), query), query


@pytest.mark.parametrize("name", ["plain", "counted"])
def test_both_engines_answer_generated_queries_alike(page, name):
    index = study_index() if name == "plain" else Index(study_rows(), FREQUENCIES)
    made_up = list(generated(seed=len(name), count=GENERATED))
    told = page.evaluate(SEARCH, [name, made_up, FIRST])
    for query, answer in zip(made_up, told["answers"], strict=True):
        assert answer == on_server(index, query), query


def test_the_tabular_list_around_a_code(page):
    codes = ["428.22", "428", "36.15", "042", "780.6", "999.999"]
    leaf, category, procedure, alone, retired, nowhere = page.evaluate(TABULAR, codes)
    assert leaf["chapter"] == "Diseases of the circulatory system"
    assert leaf["path"] == [
        {"code": "428", "title": "Heart failure"},
        {"code": "428.2", "title": "Systolic heart failure"},
    ]
    assert [row["code"] for row in leaf["siblings"]] == children("428.2")
    listed = {row.code for row in study_rows()}
    for row in leaf["siblings"]:
        assert row["title"] == nearest_titles().titles[row["code"]].long
        assert row["listed"] == (row["code"] in listed)
    assert not all(row["listed"] for row in leaf["siblings"])
    assert leaf["children"] == []
    below = [row["code"] for row in category["children"]]
    assert below == ["428.0", "428.1", "428.2", "428.3", "428.4", "428.9"]
    assert [row["code"] for row in procedure["path"]] == ["36", "36.1"]
    assert procedure["chapter"] == "Operations on the cardiovascular system"
    assert alone["path"] == [] and [row["code"] for row in alone["siblings"]] == ["042"]
    assert [row["listed"] for row in retired["siblings"] if row["code"] == "780.6"] == [True]
    assert "780.60" in [row["code"] for row in retired["children"]]
    assert nowhere is None


def test_every_code_of_the_list_stands_in_its_place(page):
    codes = [row.code for row in study_rows()]
    for code, told in zip(codes, page.evaluate(TABULAR, codes), strict=True):
        assert code in [row["code"] for row in told["siblings"]], code
        assert told["chapter"]
        assert all(step["title"] for step in told["path"])
