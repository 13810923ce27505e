"""A note's page: who gave which code, how right it was, and its place in the list it came from."""

from __future__ import annotations

import doctest
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Batch, Code, NoteOpening, Study
from annotation.services.codings import Given, coding_append
from benchmark.models import BenchmarkRun
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.notes import groups
from tests.cast import logged_in
from tests.imports import codings_import
from tests.pages.compared import HUMANS, cells, sets_of

PAIR = {"a": HUMANS, "b": "Theirs"}
LISTS = "/studies/small/results/notes/"


def address_of(study, name: str) -> str:
    return f"/studies/small/notes/{study.notes.get(external_id=name).pk}/"


def page_of(user, address: str, **asked) -> str:
    answer = logged_in(user).get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def bare(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def groups_on(page: str) -> dict[str, list[tuple[str, str]]]:
    """Group of codes, as its heading says -> (word, code) of each."""
    found = {}
    for group in page.split('<div class="group')[1:]:
        group = group.split('<details class="everybody"')[0]
        heading = bare(re.search(r'<span class="out">(.*?)</span>', group, re.DOTALL)[1])
        signs = re.findall(r'class="sign.*?out-of-sight">(\w+)<', group, re.DOTALL)
        codes = [unescape(code) for code in re.findall(r'<li.*? id="code-([^"]+)"', group)]
        found[heading] = list(zip(signs, codes, strict=True))
    return found


def walked(page: str) -> str:
    """The sentence that says where the note stands."""
    return bare(re.search(r'<div class="walk".*?<p>(.*?)</p>', page, re.DOTALL)[1])


def link_of(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return unescape(found[1]) if found else ""


@pytest.mark.slow
def test_codes_are_grouped_by_who_gave_them_each_right_or_wrong(compared, rae):
    humans, theirs = sets_of(compared, HUMANS), sets_of(compared, "Theirs")
    for name in ("n1", "n3", "n5"):
        true, a = humans[name]
        b = theirs[name][1]
        expected = {
            "The human coders, Theirs and the hospital": ("right", true & a & b),
            "The human coders and the hospital": ("right", true & a - b),
            "Theirs and the hospital": ("right", true & b - a),
            "The hospital, missed by both": ("missed", true - a - b),
            "The human coders alone": ("wrong", a - true - b),
            "Theirs alone": ("wrong", b - true - a),
            "The human coders and Theirs, not the hospital": ("wrong", (a & b) - true),
        }
        page = page_of(rae, address_of(compared, name), **PAIR)
        shown = groups_on(page)
        if name == "n3":  # a code that does not count
            assert shown.pop("Given, not counted") == [("given", "038.9")]
        assert shown.keys() == expected.keys()
        for heading, (word, codes) in expected.items():
            assert shown[heading] == [(word, code) for code in sorted(codes)], heading
        score = bare(re.search(r'<dl class="score">(.*?)</dl>', page, re.DOTALL)[1])
        added = len(a - true) or "none"
        assert f"{len(true)} codes" in score
        assert f"{len(true & a)} of {len(true)} found, {added} added" in score


@pytest.mark.slow
def test_from_a_count_through_its_notes_and_back(compared, rae):
    """A list by one code: each note says which of how many it is, in the order of the list."""
    asked = {**PAIR, "of": "401.9", "show": "given-a", "sort": "-jaccard-b"}
    listed = logged_in(rae).get(LISTS, asked).content.decode()
    names = [row[0] for row in cells(listed)]
    assert len(names) > 2
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', listed)
    address = unescape(links[0])
    for place, name in enumerate(names, start=1):
        page = page_of(rae, address)
        assert f"Note {name}<" in page
        assert walked(page).startswith(f"{place} of {len(names)} notes to which the human coders")
        assert re.search(r'<li class="here" id="code-401.9"', page)
        assert f'href="{links[place - 2]}"' in page if place > 1 else not link_of(page, "prev")
        address = link_of(page, "next")
        assert bool(address) == (place < len(names))
    back = unescape(re.search(r'<a href="([^"]+)">the list</a>', page)[1])
    kept = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    assert urlsplit(back).path == LISTS and kept == asked
    trail = bare(re.search(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)[0])
    assert trail == f"Studies small Results By code 401.9 Note {names[-1]}"


@pytest.mark.slow
def test_a_note_that_is_not_in_the_list_leads_to_its_first(compared, rae):
    asked = {**PAIR, "of": "401.9", "show": "missed-a"}
    listed = {row[0] for row in cells(logged_in(rae).get(LISTS, asked).content.decode())}
    other = next(name for name in (f"n{k}" for k in range(12)) if name not in listed)
    page = page_of(rae, address_of(compared, other), **asked)
    assert walked(page).startswith(f"Not in the list: {len(listed)} note")
    first = unescape(re.search(r'href="([^"]+)">To its first note', page)[1])
    assert walked(page_of(rae, first)).startswith("1 of ")


@pytest.mark.slow
def test_without_a_list_it_is_one_of_the_studys_notes(compared, rae):
    names = sorted(compared.notes.values_list("external_id", flat=True))
    address = address_of(compared, names[0])
    for place, name in enumerate(names[:3], start=1):
        page = page_of(rae, address)
        assert f"Note {name}<" in page and walked(page).startswith(f"{place} of 12 notes")
        assert bool(link_of(page, "prev")) == (place > 1)
        address = link_of(page, "next")
    assert not link_of(page_of(rae, address_of(compared, names[-1])), "next")


@pytest.mark.slow
def test_who_did_not_code_the_note_is_said(compared, rae):
    own = compared.assignments.filter(role="primary").select_related("note", "rater").first()
    coders = {str(each.rater) for each in compared.assignments.select_related("rater")}
    both = set(compared.assignments.filter(note=own.note).values_list("rater__name", flat=True))
    others = coders - both
    note = own.note.external_id
    if not others:  # a shared note: take one that is not
        own = next(
            each
            for each in compared.assignments.select_related("note", "rater")
            if compared.assignments.filter(note=each.note).count() == 1
        )
        note, others = own.note.external_id, coders - {str(own.rater)}
    page = page_of(rae, address_of(compared, note), a=min(others), b="Theirs")
    assert "did not code this note" in page
    assert not any(min(others) in heading for heading in groups_on(page))


@pytest.mark.slow
def test_fifty_five_codes_stand_in_one_list(compared, rae):
    """Those that count and those that do not, everybody's in the table behind the fold."""
    many = list(Code.objects.filter(code__startswith="V").order_by("code")[:55])
    rater = compared.assignments.get(note__external_id="n0", role="primary").rater
    note = compared.notes.get(external_id="n0")
    given = Given(note, dict.fromkeys(many), "many", timezone.now(), 60.0)
    coding_append(study=compared, rater=rater, given=given)
    benchmark_run(study=compared, preset="full")
    page = page_of(rae, address_of(compared, "n0"), preset="full", **PAIR)
    assert len(groups_on(page)["The human coders alone"]) == 55
    assert "55 codes, wrong" in bare(page)
    again = page_of(rae, address_of(compared, "n0"), **PAIR)
    assert len(groups_on(again)["Given, not counted"]) >= 50


@pytest.mark.slow
def test_without_a_benchmark_the_codes_of_now_are_grouped(compared, rae):
    BenchmarkRun.objects.all().delete()
    page = page_of(rae, address_of(compared, "n1"), a="Theirs")
    assert [word for codes in groups_on(page).values() for word, _ in codes]
    assert "Theirs" in page and "2 of 12" in walked(page)


@pytest.mark.slow
def test_without_a_reference_nothing_is_right_or_wrong(compared, rae):
    Study.objects.filter(pk=compared.pk).update(reference=None)
    BenchmarkRun.objects.all().delete()
    page = page_of(rae, address_of(compared, "n1"), b="Theirs")
    shown = groups_on(page)
    assert {word for codes in shown.values() for word, _ in codes} == {"given"}
    assert "Nothing says which codes are right" in page and "found" not in bare(page).split()


@pytest.mark.slow
def test_against_the_panel_its_codes_are_the_right_ones(compared, rae):
    page = page_of(rae, address_of(compared, "n1"), a="Theirs", b=HUMANS, preset="panel")
    assert "Note n1" in page, "no panel yet: the codes of now"


@pytest.mark.slow
def test_few_queries_and_one_opening(compared, rae):
    client, address = logged_in(rae), address_of(compared, "n1")
    for asked in ({}, {**PAIR, "of": "401.9", "show": "missed-all"}, {"show": "nobody-all"}):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, asked).status_code == 200
        real = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        assert len(real) <= 15, "\n".join(each[:150] + " ... " + each[-150:] for each in real)
    assert NoteOpening.objects.filter(user=rae).count() == 1


@pytest.mark.slow
def test_a_text_that_is_gone_is_said(compared, rae):
    compared.notes.update(text="")
    address = address_of(compared, "n1")
    page = page_of(rae, address)
    assert "The text of this note is not on this installation." in page
    assert 'class="card text bare"' in page and '<pre class="note-text" hidden' in page
    Batch.objects.filter(pk=compared.batch_id).update(removed_at=timezone.now())
    page = page_of(rae, address)
    assert "was removed for good on" in page and groups_on(page)


@pytest.mark.slow
def test_odd_values_of_the_address_are_harmless(compared, rae):
    client, address = logged_in(rae), address_of(compared, "n1")
    for asked in (
        {"a": "Nobody", "b": "<b>", "of": "<b>"},
        {"of": "401.9", "by": "frequency"},
        {"code": "401.9", "rater": "x", "least": "x"},
    ):
        answer = client.get(address, asked)
        assert answer.status_code == 200 and b"<b></" not in answer.content
    assert client.get(address, {"show": "nothing"}).status_code == 404


@pytest.mark.slow
def test_the_list_of_notes_finds_an_id_that_stands_in_no_address(compared, rae):
    client, address = logged_in(rae), "/studies/small/notes/"
    page = client.get(address).content.decode()
    assert len(cells(page)) == 12 and "12 notes" in bare(page)
    for row in cells(page):
        own = compared.assignments.get(note__external_id=row[0], role="primary")
        assert row[1] == str(own.rater)
        coded = compared.codings.filter(note__external_id=row[0]).values("rater").distinct()
        assert int(row[2]) == coded.count()
    exact = client.post(address, {"id": " n1 "})
    assert exact.url == address_of(compared, "n1")
    begins = client.post(address, {"id": "n"}).content.decode()
    assert len(cells(begins)) == 12 and "begins with n" in bare(begins)
    assert "No note of this study" in client.post(address, {"id": "zebra"}).content.decode()
    assert f'action="{address}"' in page and 'method="post"' in page


@pytest.mark.slow
def test_a_model_from_outside_says_how_sure_it_was(study, compared, rae):
    """Probabilities stand beside codes, where a model told them."""
    data = b"note_id,code,score\nn1,401.9,0.75\n"
    codings_import(study=compared, name="Sure", kind="model", file="b.csv", data=data)
    BenchmarkRun.objects.all().delete()
    page = page_of(rae, address_of(compared, "n1"), a="Sure", b="Theirs")
    assert "0.75" in page


def test_examples_in_docstrings_hold():
    found = doctest.testmod(groups)
    assert found.attempted and not found.failed
