"""What a coder may write is the answer alone.

Every other key, and every doubtful id, is refused.
"""

from __future__ import annotations

import json

import pytest

from annotation.label_studio.labeling_page import answer_result
from label_studio_guard.answer import Forged, ids_in
from label_studio_guard.wall_table import (
    ANSWER,
    ROWS,
    Key,
    Scope,
)
from tests.label_studio.spellings import NESTED, PLACES, SPELLINGS

JSON = "application/json"
OBJECTS = (
    "id", "task", "task_id", "project", "project_id", "annotation", "annotation_id", "draft",
    "draft_id", "user", "user_id", "completed_by", "completed_by_id", "updated_by",
    "last_created_by", "parent_annotation", "parent_annotation_id", "parent_prediction",
    "parent_prediction_id", "prediction", "predictions", "annotations", "drafts", "unique_id",
    "import_id", "bulk_created", "ground_truth", "was_cancelled", "was_postponed", "parentID",
    "meta", "data", "view", "file_upload", "members", "organization", "created_by", "last_action",
    "state",
)  # fmt: skip
# The page's own body, as Label Studio's editor sent it.
SENT = (
    b'{"lead_time":18.364,"result":['
    b'{"value":{"choices":["001.0","001.1"]},"id":"h7-3jmViFh",'
    b'"from_name":"codes","to_name":"note","type":"choices","origin":"manual"},'
    b'{"value":{"text":["518.5 lung"]},"id":"gi-nqvjmTW",'
    b'"from_name":"unlisted","to_name":"note","type":"textarea","origin":"manual"},'
    b'{"value":{"taxonomy":[["Diseases","001.1"]]},"id":"ai-gW3yeHa",'
    b'"from_name":"codes","to_name":"note","type":"taxonomy","origin":"manual"}],'
    b'"draft_id":3,"parent_prediction":null,"parent_annotation":null,'
    b'"started_at":"2026-11-25T17:37:54.975Z","project":"7"}'
)


def ids(body: str | bytes, content_type: str = JSON, charset: str = "") -> dict[str, int]:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return ids_in(raw, content_type, charset, ANSWER)


def test_the_pages_own_body_names_its_draft_and_its_project() -> None:
    assert ids(SENT) == {"draft": 3, "project": 7}
    assert ids(SENT, charset="UTF-8") == {"draft": 3, "project": 7}


def test_what_the_simulated_coders_send_passes() -> None:
    assert ids(json.dumps({"result": answer_result(["401.9"], "a code"), "lead_time": 2.0})) == {}


@pytest.mark.parametrize("number", ["0", "75.5", "12", "1e3", "0.0"])
def test_the_seconds_worked_pass(number: str) -> None:
    assert ids(timed(number)) == {}


@pytest.mark.parametrize(
    "number",
    ["-1", "-0.5", "1e999", "-1e999", "NaN", "Infinity", '"75"', "null", "true", "[75]", "{}"],
)
def test_what_is_no_time_does_not(number: str) -> None:
    with pytest.raises(Forged):
        ids(timed(number))


@pytest.mark.parametrize(
    "item",
    [
        '{"from_name": "codes", "value": {"number": 7}}',
        '{"from_name": "codes", "value": {"choices": ["401.9"], "number": 7}}',
        '{"value": {"number": 7}}',
        '{"from_name": "clock", "value": {"number": 7, "choices": ["401.9"]}}',
        '{"from_name": "clock", "value": {"choices": ["401.9"]}}',
        '{"from_name": "clock", "value": {"number": 7, "task": 7}}',
        '{"from_name": "clock", "value": 7}',
        '{"from_name": "clock", "value": {}}',
        '{"from_name": "clock", "number": 7}',
        '{"from_name": "clock", "value": {"number": 7}, "task": 7}',
        '{"from_name": ["clock"], "value": {"number": 7}}',
    ],
)
def test_a_number_may_stand_in_the_clock_alone_and_nothing_beside_it(item: str) -> None:
    with pytest.raises(Forged):
        ids(f'{{"result": [{item}]}}')


def timed(number: str) -> str:
    """An answer with the seconds worked, as the page sends it."""
    answer = (
        '{"id": "clock", "from_name": "clock", "to_name": "note", "type": "number",'
        f' "origin": "manual", "value": {{"number": {number}}}}}'
    )
    return f'{{"lead_time": 90.5, "result": [{answer}]}}'


@pytest.mark.parametrize(
    "body", ['{"draft_id": 0}', '{"draft_id": null}', '{"parent_annotation": null}', "{}", ""]
)
def test_nothing_named_is_nothing_to_check(body: str) -> None:
    assert ids(body) == {}


@pytest.mark.parametrize("place", [*PLACES, *NESTED])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_key_names_another_object(spelling: str, place: str) -> None:
    wrap = (PLACES | NESTED)[place]
    for name in OBJECTS:
        if (
            place in PLACES
            and name in ANSWER
            and spelling in {"number", "string", "escaped digits"}
        ):
            continue  # An id as the page writes it: the next test.
        if place == "in an item" and name == "id" and SPELLINGS[spelling](7).startswith('"'):
            continue  # The name of an item within the answer.
        with pytest.raises(Forged):
            ids(wrap(f'"{name}": {SPELLINGS[spelling](7)}'))


@pytest.mark.parametrize(
    "name", [name for name, key in ANSWER.items() if key in {Key.PROJECT, Key.DRAFT}]
)
@pytest.mark.parametrize("spelling", ["number", "string", "escaped digits"])
def test_an_id_is_handed_on_to_be_looked_up(name: str, spelling: str) -> None:
    for wrap in PLACES.values():
        assert ids(wrap(f'"{name}": {SPELLINGS[spelling](7)}')) == {ANSWER[name].value: 7}


@pytest.mark.parametrize("name", [name for name, key in ANSWER.items() if key is Key.EMPTY])
def test_what_the_page_sends_empty_must_be_empty(name: str) -> None:
    for value in ("0", "7", '"7"', "false", '""', "[]", "{}"):
        with pytest.raises(Forged):
            ids(f'{{"{name}": {value}}}')


def test_a_note_cannot_be_taken_out_of_its_project() -> None:
    with pytest.raises(Forged):
        ids('{"result": [], "project": null}')


@pytest.mark.parametrize("name", sorted(ANSWER))
def test_a_doubled_key_is_refused_wherever_it_stands(name: str) -> None:
    value = "[]" if name == "result" else "null"
    for pair in (
        f'"{name}": {value}, "{name}": {value}',
        f'"{name}": {value}, "\\u{ord(name[0]):04x}{name[1:]}": 7',
    ):
        for wrap in [*PLACES.values(), *NESTED.values()]:
            with pytest.raises(Forged):
                ids(wrap(pair))


@pytest.mark.parametrize(
    ("body", "content_type", "charset"),
    [
        ('{"result": [], "started_at": "x+ACI-, +ACI-task+ACI-: +ACI-7"}', JSON, "utf-7"),
        ('{"result": []}'.encode("utf-16"), JSON, "utf-16"),
        ('{"result": []}'.encode("utf-16"), JSON, ""),
        ('{"result": []}'.encode("utf-32"), JSON, ""),
        (b'\xef\xbb\xbf{"result": []}', JSON, ""),
        (b'{"result": [], "started_at": "\xff"}', JSON, ""),
        ('{"result": []} {"task": 7}', JSON, ""),
        ('{"result": []}&task=7', JSON, ""),
        ("result=[]&task=7", "application/x-www-form-urlencoded", ""),
        ("result=[]&draft_id=7", JSON, ""),
        ('{"result": []}', "text/plain", ""),
        ('{"result": []}', "text/json", ""),
        ('{"result": []}', "", ""),
        ("null", JSON, ""),
        ("7", JSON, ""),
        ('"result"', JSON, ""),
        ("[]", JSON, ""),
        ('{"result": ' + "[" * 100_000 + "]" * 100_000 + "}", JSON, ""),
        ('{"result": "[]"}', JSON, ""),
        ('{"result": null}', JSON, ""),
        ('{"result": [7]}', JSON, ""),
        ('{"result": [{"value": {"choices": [7]}}]}', JSON, ""),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_two_readers_may_read_differently_is_refused(
    body: str | bytes, content_type: str, charset: str
) -> None:
    with pytest.raises(Forged) as refused:
        ids(body, content_type, charset)
    assert "7" not in str(refused.value)


def test_where_the_table_names_no_key_no_body_is_taken() -> None:
    silent = [row for row in ROWS if row.scope in {Scope.OWN, Scope.SELF} and not row.body]
    assert silent
    for row in silent:
        with pytest.raises(Forged):
            ids_in(b"{}", JSON, "", row.body)


def test_only_answers_and_drafts_are_written() -> None:
    written = {(row.methods, row.path) for row in ROWS if row.scope is Scope.OWN and row.body}
    assert written == {
        ("POST", "/api/tasks/<task>/annotations/"),
        ("PATCH", "/api/annotations/<annotation>/"),
        ("POST", "/api/tasks/<task>/drafts"),
        ("POST", "/api/tasks/<task>/annotations/<annotation>/drafts"),
        ("PATCH", "/api/drafts/<draft>/"),
        ("DELETE", "/api/drafts/<draft>/"),
    }
