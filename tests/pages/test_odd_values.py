"""Whatever stands in an address or a form, no page and no API answer breaks.

Every route, GET and POST, each role.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from annotation.label_studio.client import WEBHOOK_HEADER
from annotation.models import Upload, User
from tests.addresses import Route, routes
from tests.cast import logged_in
from tests.clerk import brought

ODD = ("%00", "9" * 30, "abc", "-1", "%C3%A9%F0%9F%98%80", "x" * 300, "..%2F..", "1e999", " ")
VALUES = ("\0", "9" * 30, "9" * 5000, "abc", "-1", "é😀", "", "x" * 3000, "=1+1", "٣")
FIELDS = (
    "slug", "batch", "code_set", "coders", "sample", "overlap", "seed", "interface", "guideline",
    "model", "giver", "taker", "preset", "code", "further", "revision", "rater", "kind", "username",
    "password", "preview", "name",
)  # fmt: skip
QUERIES = (
    "page",
    "preset",
    "rater",
    "by",
    "of",
    "show",
    "sort",
    "code",
    "a",
    "b",
    "q",
    "least",
    "rows",
    "chapter",
    "category",
    "study",
    "whose",
    "note",
    "status",
    "run",
)
OTHERS = 40
"""Requests a role besides the admin, drawn with a seed."""


@pytest.fixture(autouse=True)
def no_queue() -> Iterator[None]:
    """Tasks run at once: a queue that does not answer is not what this is about."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


def asked(study, each: int) -> Iterator[tuple[str, str, dict]]:
    """Every route with one odd value somewhere, as (method, address, form).

    `each` of them of a kind, by lot.
    """
    rng = random.Random(0)
    real = {
        "slug": study.slug,
        "note_id": study.notes.first().pk,
        "assignment_id": study.assignments.first().pk,
        "batch_id": study.batch_id,
        "upload_id": Upload.objects.values_list("pk", flat=True).first() or 1,
    }
    for route in routes():
        if route.pattern.startswith("/admin/jsi18n"):
            continue
        whole = route.filled({name: real.get(name, "1") for name in route.parameters})
        for odd in rng.sample(ODD, min(each, len(ODD))):
            for address in _addresses(route, real, odd):
                yield "get", address, {}
                yield "post", address, {}
        for value in VALUES:
            yield "get", whole, dict.fromkeys(QUERIES, value)
            yield "post", whole, dict.fromkeys(FIELDS, value)
        for value in rng.sample(VALUES, min(each, len(VALUES))):
            yield "post", whole, dict.fromkeys(rng.sample(FIELDS, 3), value)
        yield (
            "post",
            whole,
            {"file": SimpleUploadedFile("odd\x01.csv", b"\0\xff"), "rater": "x", "kind": "model"},
        )


def _addresses(route: Route, real: dict[str, object], odd: str) -> Iterator[str]:
    for name in route.parameters:
        yield route.filled({each: real.get(each, "1") for each in route.parameters} | {name: odd})
    if not route.parameters:
        asked_for = ("page", "preset", "rater", "id", "coding", "study")
        yield f"{route.pattern}?" + "&".join(f"{name}={odd}" for name in asked_for)


def broken(client: Client, requests: list[tuple[str, str, dict]]) -> list[str]:
    """The requests that ended in a 5xx.

    The readiness check aside, which says 503 where a service is away.
    """
    found = []
    for method, address, form in requests:
        answer = (
            getattr(client, method)(address, form)
            if form or method == "post"
            else client.get(address)
        )
        if answer.status_code >= 500 and not address.startswith("/readyz"):
            found.append(
                f"{method} {address[:120]} {list(form)[:3]} {str(form)[:60]}: {answer.status_code}"
            )
    return found


@pytest.mark.slow
def test_no_odd_value_breaks_a_page(study, sam, rae, cid, ada):
    brought(logged_in(sam), "n.csv", b"note_id,text,codes\na,x,250\nb,y,401.9\n")
    every = list(asked(study, 2))
    assert len(every) > 1_000
    wrong = _broken_as(sam, every)
    for person in (rae, cid, ada, None):
        wrong += _broken_as(person, random.Random(1).sample(every, OTHERS))
    assert not wrong, "\n".join(wrong)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", ["sam", "rae", "cid", "ada", None])
def test_no_odd_value_at_all_breaks_a_page(study, sam, rae, cid, ada, name):
    wrong = _broken_as(
        User.objects.get(username=name) if name else None, list(asked(study, len(VALUES)))
    )
    assert not wrong, "\n".join(wrong)


def _broken_as(person: User | None, requests: list[tuple[str, str, dict]]) -> list[str]:
    """As that person, or as nobody; what would log the person out is left to others."""
    client = logged_in(person) if person else Client()
    client.raise_request_exception = False
    return broken(
        client, [one for one in requests if "logout" not in one[1] and "password" not in one[1]]
    )


def test_what_cannot_be_stored_is_said(study, rae):
    client = logged_in(rae)
    page = client.post("/studies/new/", {"coders": "9" * 30, "slug": "x"})
    assert page.status_code == 422 and "coders" in page.content.decode().lower()
    assert client.post("/studies/small/run-model/", {"model": "abc"}).status_code == 404
    nul = client.get("/studies/small/notes/?page=%00")
    assert nul.status_code == 400 and "NUL character" in nul.content.decode()


@pytest.mark.parametrize("name", ["table1", "counts", "progress", "work", "agreement"])
def test_a_study_s_answers_have_a_suffix_too(study, rae, name):
    client = logged_in(rae)
    plain, suffixed = (client.get(f"/api/v1/studies/small/{name}{end}") for end in ("/", ".json/"))
    assert plain.status_code == suffixed.status_code in (200, 404)
    assert plain.json() == suffixed.json()


def test_a_webhook_secret_of_other_letters_is_a_wrong_one(settings, client):
    settings.WEBHOOK_SECRET = "right"
    answer = client.post("/webhooks/label-studio/1/", headers={WEBHOOK_HEADER: "é"})
    assert answer.status_code == 403
