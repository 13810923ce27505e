"""The search of codes in the API."""

from __future__ import annotations

import json

import pytest

from annotation.models import CodeSet
from tests.cast import CODES, logged_in

URL = "/api/v1/codes/search/"


def post(client, body):
    return client.post(URL, json.dumps(body), content_type="application/json")


def test_staff_search_the_whole_system_or_a_list(codes, rae):
    client = logged_in(rae)
    whole = [hit["code"] for hit in post(client, {"query": "heart failure"}).json()["codes"]]
    assert whole[0] == "428.0" and len(whole) > 10
    listed = post(client, {"query": "heart failure", "code_set": codes.pk}).json()["codes"]
    assert [hit["code"] for hit in listed] == ["428.0"]
    assert {
        hit["code"] for hit in post(client, {"query": "e", "code_set": codes.pk}).json()["codes"]
    } <= set(CODES)


def test_a_list_s_frequencies_count(codes, rae):
    client = logged_in(rae)
    body = {"query": "unspecified", "code_set": codes.pk, "limit": 1}
    first = post(client, body).json()["codes"][0]["code"]
    others = [hit["code"] for hit in post(client, {**body, "limit": 9}).json()["codes"]]
    assert first == others[0] and len(others) > 1
    CodeSet.objects.filter(pk=codes.pk).update(frequencies={others[-1]: 40_000})
    assert post(client, body).json()["codes"][0]["code"] == others[-1]


def test_the_limit_is_kept(rae):
    client = logged_in(rae)
    assert len(post(client, {"query": "fracture", "limit": 3}).json()["codes"]) == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": "x" * 61},
        {"query": None},
        {"query": "chf", "limit": 0},
        {"query": "chf", "limit": 51},
        {"query": "chf", "code_set": 10**9},
        {"query": "chf", "code_set": 10**30},
        {"query": "chf", "code_set": "x"},
    ],
    ids=str,
)
def test_what_is_asked_wrongly_is_refused(rae, body):
    answer = post(logged_in(rae), body)
    assert answer.status_code == 400 and "codes" not in answer.json()


def test_coders_have_no_api(ada, cid):
    for person in (ada, cid):
        assert post(logged_in(person), {"query": "chf"}).status_code == 403
