"""What browsers keep, what spreadsheets run, and whose wrong passwords lock whom."""

from __future__ import annotations

import base64

import pytest
from axes.models import AccessAttempt

from annotation.models import Event
from annotation.services.events import proxy_is_unnamed
from benchmark.metrics.tables.rendering import (
    Column,
    Row,
    Table,
    render,
)
from files.spreadsheet_csv import harmless
from tests.addresses import addresses
from tests.cast import PASSWORD, logged_in


@pytest.mark.slow
def test_no_answer_is_kept(study, sam):
    client = logged_in(sam)
    client.raise_request_exception = False
    for address in addresses(study):
        if address != "/readyz" and not address.startswith("/code/codes/"):
            answer = client.get(address)
            assert answer.headers["Cache-Control"] == "no-store", address
            assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers, address


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_formula_in_a_table_s_file_is_text(start):
    name = f"{start}HYPERLINK(1)"
    table = Table("t", "Rater", (Column("x", "", "x"),), (Row("rater", name, ("1",), ("-0.5",)),))
    line = render(table, "csv").splitlines()[-1] if start not in "\r" else render(table, "csv")
    assert f"'{start}HYPERLINK" in line and "-0.5" in line and "'-0.5" not in line


@pytest.mark.parametrize("number", ["-1", "+2.5", "-1e-9", "-.5", "-", "0", 7, -3.5])
def test_numbers_stay_numbers(number):
    assert harmless(number) == number


def test_wrong_passwords_on_the_api_do_not_lock_the_page(client, rae):
    wrong = base64.b64encode(b"rae:wrong").decode()
    answers = [
        client.get("/api/v1/studies/", headers={"Authorization": f"Basic {wrong}"}).status_code
        for _ in range(12)
    ]
    assert set(answers) <= {401, 403}
    right = client.post("/login/", {"username": "rae", "password": PASSWORD})
    assert right.status_code == 302 and right.url == "/"
    assert AccessAttempt.objects.filter(username="api: rae").exists()


def test_a_proxy_that_nobody_told_of_is_noticed(client, db, settings):
    assert not proxy_is_unnamed()
    settings.BEHIND_PROXY = True
    client.get("/healthz", headers={"X-Forwarded-For": "192.0.2.7"})
    assert not proxy_is_unnamed()
    settings.BEHIND_PROXY = False
    for _ in range(2):
        client.get("/healthz", headers={"X-Forwarded-For": "192.0.2.7"})
    assert proxy_is_unnamed() and Event.objects.filter(verb="proxy.unnamed").count() == 1
