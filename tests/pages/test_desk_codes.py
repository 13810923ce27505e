"""The list of codes as the coding page's scripts load it."""

from __future__ import annotations

import gzip
import json

import pytest

from annotation.models import CodeSet
from annotation.selectors.code_search import list_hash
from icd.search import tables as search_tables
from pages.desk_codes import codes_url
from tests.cast import CODES, logged_in


@pytest.mark.parametrize("role", ["ada", "cid", "rae", "sam"])
def test_the_list_comes_with_all_that_its_search_needs(request, codes, role):
    client = logged_in(request.getfixturevalue(role))
    answer = client.get(codes_url(codes), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200 and answer["Content-Encoding"] == "gzip"
    data = json.loads(gzip.decompress(answer.content))
    assert [row[0] for row in data["codes"]] == sorted(CODES)
    row = next(row for row in data["codes"] if row[0] == "428.0")
    assert row == ["428.0", "dx", "Congestive heart failure, unspecified", "CHF NOS"]
    assert data["categories"]["dx"]["428.2"] == "Systolic heart failure"
    assert data["frequencies"] is None
    assert ["428.1", "dx", "Left heart failure"] in data["others"]
    assert client.get(codes_url(codes)).json() == data


def test_browsers_may_keep_it_and_nothing_between(codes, ada):
    answer = logged_in(ada).get(codes_url(codes))
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"


def test_nobody_gets_it_without_a_log_in(codes, client):
    answer = client.get(codes_url(codes))
    assert answer.status_code == 401 and "codes" not in answer.json()
    assert answer["Cache-Control"] == "no-store"


def test_the_address_changes_with_the_codes_the_frequencies_and_the_tables(codes, ada, monkeypatch):
    client = logged_in(ada)
    before = codes_url(codes)
    CodeSet.objects.filter(pk=codes.pk).update(frequencies={"428.0": 7, "999.9": 2})
    codes.refresh_from_db()
    counted = codes_url(codes)
    assert counted != before
    assert client.get(counted).json()["frequencies"] == {"428.0": 7}
    assert client.get(before).status_code == 404
    assert client.get(before)["Cache-Control"] == "no-store"
    search_tables.tables_sha256.cache_clear()
    monkeypatch.setattr(search_tables, "RANKING_VERSION", "of tomorrow")
    try:
        assert codes_url(codes) not in (before, counted)
    finally:
        search_tables.tables_sha256.cache_clear()


@pytest.mark.parametrize("digest", ["0" * 16, "x", "0"])
def test_another_hash_and_another_list_are_not_there(codes, ada, digest):
    client = logged_in(ada)
    assert client.get(f"/code/codes/{codes.pk}-{digest}.json").status_code == 404
    other = f"/code/codes/{codes.pk + 1}-{list_hash(codes)}.json"
    assert client.get(other).status_code == 404
