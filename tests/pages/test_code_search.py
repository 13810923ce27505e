"""Search in the whole code system: who may, what is refused, and that nobody writes it down."""

from __future__ import annotations

import json
import logging

import pytest
from django.core.cache import cache
from django.test import Client

from annotation.models import Event
from icd.search import Index, search
from icd.tables import read_icd9_tables
from tests.cast import logged_in

URL = "/codes/search/"
API = "/api/v1/codes/search/"
MARKED = "Zebulon Quartermain"


def post(client: Client, body: object, url: str = URL):
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(url, text, content_type="application/json")


@pytest.mark.parametrize("role", ["ada", "cid", "rae", "sam"])
def test_everybody_who_is_logged_in_may_search(request, role):
    client = logged_in(request.getfixturevalue(role))
    answer = post(client, {"query": "s/p cabg"})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    hits = answer.json()["codes"]
    assert hits[0]["code"] == "V45.81"
    assert set(hits[0]) == {"code", "title", "kind", "why", "marks"}


def test_it_answers_as_the_search_does(ada, rae):
    index = Index(read_icd9_tables())
    for query in ("chf", "fx rib", "hypertention", "4280", "zzzz", "Crohn’s", "\ud800"):
        wanted = [(hit.code, hit.title, hit.kind, hit.why) for hit in search(index, query)]
        for client, url in ((logged_in(ada), URL), (logged_in(rae), API)):
            answer = post(client, {"query": query}, url)
            if url == API and query == "\ud800":
                assert answer.status_code in (200, 400)
                continue
            told = answer.json()["codes"]
            assert [(hit["code"], hit["title"], hit["kind"], hit["why"]) for hit in told] == wanted


def test_nobody_else_may(client, db):
    answer = post(client, {"query": "chf"})
    assert answer.status_code == 401 and "codes" not in answer.json()
    assert "detail" in answer.json()


def test_it_is_never_asked_for_by_an_address(ada):
    assert logged_in(ada).get(URL, {"query": "chf"}).status_code == 405


def test_it_needs_a_token_against_forged_requests(ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert post(client, {"query": "chf"}).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"query": "x" * 61},
        {"query": None},
        {"query": ["chf"]},
        {},
        [],
        "chf",
        "{",
        "[" * 1_500,
        json.dumps({"query": "chf", "more": "x" * 3_000}),
    ],
    ids=str,
)
def test_what_is_no_query_is_refused_in_words(ada, body):
    answer = post(logged_in(ada), body)
    assert answer.status_code == 400
    assert "60 characters" in answer.json()["detail"]
    assert "xxxx" not in answer.content.decode()


def test_sixty_characters_are_searched_however_they_are_written(ada):
    client = logged_in(ada)
    for query in ("x" * 60, "é" * 60, "😀" * 60, " " * 60, ""):
        assert post(client, {"query": query}).json() == {"codes": []}


def test_a_name_in_a_query_is_written_nowhere(ada, rae, caplog, capfd):
    """Neither in a log, nor in the record, nor in the cache; nor in a refusal."""
    with caplog.at_level(logging.DEBUG):
        for client, url in ((logged_in(ada), URL), (logged_in(rae), API)):
            for query in (MARKED, f"{MARKED} 428.0", MARKED * 5):
                answer = post(client, {"query": query}, url)
                assert answer.status_code == (400 if len(query) > 60 else 200)
                assert "Quartermain" not in answer.content.decode()
    assert "uartermain" not in caplog.text
    written = capfd.readouterr()
    assert "uartermain" not in written.out + written.err
    assert "uartermain" not in str(list(Event.objects.values()))
    assert "uartermain" not in str(getattr(cache, "_cache", {}))
