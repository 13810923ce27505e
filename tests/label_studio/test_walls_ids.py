"""Ben's id is refused everywhere that Ada could name it.

In every row of the table that is open to a coder, under every key that Label Studio reads.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from annotation.label_studio.labeling_page import answer_result
from label_studio_guard.wall_table import (
    ANSWER,
    ROWS,
    Key,
    Row,
    Scope,
)
from tests.label_studio.conftest import Desk, Person
from tests.label_studio.spellings import NESTED, PLACES, SPELLINGS
from tests.live import VENV_BIN, LiveLabelStudio

pytestmark = pytest.mark.label_studio

JSON = {"Content-Type": "application/json"}
OWN = [row for row in ROWS if row.scope is Scope.OWN]
WRITTEN = [row for row in OWN if row.body]
EXTRA = ("draft_id", "parentID", "view", "taskID", "region", "next")
OBJECTS = (
    "id",
    "task",
    "project",
    "annotation",
    "draft_id",
    "completed_by",
    "user",
    "parent_annotation",
    "unique_id",
)
# Whose rows are Ben's: table -> the column that says so, and what of his stands in it.
BENS_ROWS = {
    "task": ("project_id", "project"),
    "task_completion": ("project_id", "project"),
    "tasks_annotationdraft": ("user_id", "account"),
    "project": ("id", "project"),
    "projects_projectmember": ("project_id", "project"),
    "data_manager_view": ("project_id", "project"),
    "htx_user": ("id", "account"),
}


@pytest.fixture(scope="module")
def keys(label_studio: LiveLabelStudio) -> list[str]:
    """Every key of Label Studio's serializers and models, and those its views read besides."""
    script = Path(__file__).with_name("fields.py")
    environment = {**os.environ, **label_studio.environment}
    ran = subprocess.run(
        [VENV_BIN / "python", script], env=environment, capture_output=True, text=True, check=True
    )
    return sorted({*json.loads(ran.stdout.splitlines()[-1]), *EXTRA})


@pytest.fixture
def bens_rows_stay(label_studio: LiveLabelStudio, ben: Desk) -> Iterator[None]:
    """What Label Studio's database holds of Ben is the same after the test as before.

    So is who is on his notes.
    """
    before = dump(label_studio, ben)
    yield
    assert dump(label_studio, ben) == before


def dump(live: LiveLabelStudio, desk: Desk) -> dict[str, list[Any]]:
    """Every row of the desk's, and all annotations and drafts on its notes, whoever made them."""
    values = {"project": desk.project, "account": desk.account.id}
    address = f"file:{live.data_dir / 'label_studio.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=60)) as database:
        found = {}
        for table, (column, whose) in BENS_ROWS.items():
            his = f"SELECT * FROM {table} WHERE {column} = ? ORDER BY id"
            found[table] = database.execute(his, (values[whose],)).fetchall()
        for table in ("task_completion", "tasks_annotationdraft"):
            on_his_notes = (
                f"SELECT * FROM {table} WHERE task_id IN (SELECT id FROM task WHERE project_id = ?)"
            )
            found[f"{table} on his notes"] = database.execute(
                on_his_notes, (desk.project,)
            ).fetchall()
    assert all(found.values()), "a table holds nothing of his: the dump would show no change"
    return found


def address(row: Row, desk: Desk) -> str:
    ids = {
        "project": desk.project,
        "task": desk.tasks["n-1"],
        "annotation": desk.annotation,
        "draft": desk.draft,
    }
    path = row.path
    for kind, number in ids.items():
        path = path.replace(f"<{kind}>", str(number))
    return path if "<" in row.path else f"{path}?project={desk.project}"


def id_of(name: str, desk: Desk) -> int:
    """The desk's id of the kind that a key names."""
    stem = name.lower()
    if "user" in stem or stem.endswith("_by") or "completed" in stem:
        return desk.account.id
    if stem in {"view", "tab"}:
        return desk.view
    if "project" in stem:
        return desk.project
    if "draft" in stem:
        return desk.draft
    return desk.annotation if "annotation" in stem or "parent" in stem else desk.tasks["n-2"]


def method_of(row: Row) -> str:
    return row.methods.split()[0]


def test_the_coders_own_ids_pass(as_ada: Person, ada: Desk, bens_rows_stay: None) -> None:
    """The same requests with her own ids: without this the tests below could not fail."""
    note = ada.tasks["n-2"]
    draft = as_ada(
        "POST",
        f"/api/tasks/{note}/drafts",
        json={"result": [], "draft_id": 0, "project": str(ada.project)},
    )
    assert draft.status_code == 201
    named = {
        "result": answer_result(["428.0"]),
        "draft_id": draft.json()["id"],
        "project": ada.project,
    }
    path = f"/api/drafts/{named['draft_id']}/"
    assert as_ada("PATCH", f"{path}?project={ada.project}", json=named).status_code == 200
    answer = as_ada("POST", f"/api/tasks/{note}/annotations/?project={ada.project}", json=named)
    assert answer.status_code == 201
    number = answer.json()["id"]
    assert as_ada("GET", path).status_code == 403, "an answer takes its draft away"
    second = {"result": [], "draft_id": 0, "parent_annotation": None, "project": str(ada.project)}
    draft = as_ada("POST", f"/api/tasks/{note}/annotations/{number}/drafts", json=second)
    assert draft.status_code == 201
    changed = second | {"draft_id": draft.json()["id"]}
    answer = as_ada("PATCH", f"/api/annotations/{number}/?taskID={note}", json=changed)
    assert answer.status_code == 200
    draft = as_ada("POST", f"/api/tasks/{note}/annotations/{number}/drafts", json={"result": []})
    path = f"/api/drafts/{draft.json()['id']}/"
    assert as_ada("DELETE", path, json={"project": ada.project}).status_code == 204


Try = tuple[Row, str, str, str]  # A row, a key, how Ben's id is written, and where the key stands.


def few(keys: list[str]) -> Iterator[Try]:
    """Each key somewhere, and in every row those that name an object there.

    Each in turn in another spelling.
    """
    spelled = itertools.cycle(itertools.product(SPELLINGS, PLACES | NESTED))
    rows = itertools.cycle(WRITTEN)
    for name in keys:
        yield next(rows), name, *next(spelled)
    for row, name in itertools.product(WRITTEN, OBJECTS):
        yield row, name, *next(spelled)


def every(keys: list[str]) -> Iterator[Try]:
    """Each key in each row, and each key that a row allows in every spelling beside the answer."""
    spelled = itertools.cycle(itertools.product(SPELLINGS, PLACES | NESTED))
    for row, name in itertools.product(WRITTEN, keys):
        yield row, name, *next(spelled)
    for row in WRITTEN:
        for name, *written in itertools.product(row.body, SPELLINGS, PLACES):
            yield row, name, *written


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("tries", [few, pytest.param(every, marks=pytest.mark.chaos)])
def test_no_key_of_a_body_takes_bens_id(
    tries: Callable[[list[str]], Iterator[Try]],
    keys: list[str],
    as_ada: Person,
    ada: Desk,
    ben: Desk,
    bens_rows_stay: None,
) -> None:
    assert len(keys) > 100 and set(OBJECTS) <= set(keys)
    taken = []
    for row, name, spelling, place in tries(keys):
        written = SPELLINGS[spelling](id_of(name, ben))
        if is_answer(row, name, place, written):
            continue
        body = (PLACES | NESTED)[place](f'"{name}": {written}')
        taken += unless_refused(as_ada, row, address(row, ada), body.encode())
    assert taken == []


def is_answer(row: Row, name: str, place: str, written: str) -> bool:
    """Whether the key is part of the answer there and names nothing.

    Such as seconds, or the name of an item of it.
    """
    if place in PLACES:
        return row.body.get(name) in {Key.PLAIN, Key.RESULT}
    return place == "in an item" and name == "id" and written.startswith('"')


def test_a_doubled_key_takes_bens_id_nowhere(
    as_ada: Person, ada: Desk, ben: Desk, bens_rows_stay: None
) -> None:
    taken = []
    for row, name in itertools.product(WRITTEN, ("task", "project", "draft_id")):
        hers, his = f'"{name}": {id_of(name, ada)}', f'"{name}": {id_of(name, ben)}'
        for body in (f"{{{hers}, {his}}}", f"{{{his}, {hers}}}"):
            taken += unless_refused(as_ada, row, address(row, ada), body.encode())
    assert taken == []


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: f"{row.methods} {row.path}")
def test_no_other_reading_of_a_body_takes_bens_id(
    row: Row, as_ada: Person, ada: Desk, ben: Desk, bens_rows_stay: None
) -> None:
    note = ben.tasks["n-2"]
    plain = f'{{"result": [], "task": {note}}}'
    hidden = f'{{"result": [], "started_at": "x+ACI-, +ACI-task+ACI-: +ACI-{note}"}}'
    form = {
        "result": "[]",
        "task": str(note),
        "annotation": str(ben.annotation),
        "draft_id": str(ben.draft),
    }
    parts = {name: (None, value) for name, value in form.items()}
    sent: list[dict[str, Any]] = [
        {"data": form},
        {"files": parts},
        {"content": plain.encode(), "headers": {"Content-Type": "text/plain"}},
        {
            "content": hidden.encode(),
            "headers": {"Content-Type": "application/json; charset=utf-7"},
        },
        {
            "content": plain.encode("utf-16"),
            "headers": {"Content-Type": "application/json; charset=utf-16"},
        },
        {"content": plain.encode("utf-16"), "headers": JSON},
        {"content": b"\xef\xbb\xbf" + plain.encode(), "headers": JSON},
        {"content": b'{"result": []}' + plain.encode(), "headers": JSON},
        {"content": plain.encode(), "headers": {**JSON, "X-HTTP-Method-Override": "PUT"}},
    ]
    statuses = [as_ada(method_of(row), address(row, ada), **one).status_code for one in sent]
    assert statuses == [403] * len(sent)


NAMES = (
    "task",
    "taskID",
    "project",
    "view",
    "tab",
    "annotation",
    "draft",
    "draft_id",
    "id",
    "user",
    "project[]",
)
FEW_NAMES = ("task", "project", "view", "draft_id")


@pytest.mark.parametrize(
    "names", [FEW_NAMES, pytest.param(NAMES, marks=pytest.mark.chaos)], ids=["few", "every"]
)
def test_no_query_takes_bens_id(
    names: tuple[str, ...], as_ada: Person, ada: Desk, ben: Desk, bens_rows_stay: None
) -> None:
    """Ben's id in the query of her note, in doubt and alone, and her own id in the query of his."""
    taken = []
    for row, name in itertools.product(OWN, names):
        hers, his = id_of(name, ada), id_of(name, ben)
        queries = [f"{name}={his}", f"{name}={hers}&{name}={his}"]
        if names is NAMES:
            queries += [
                f"{name}={his}&{name}={hers}",
                f"{name}=%20{his}",
                f"{name}=0{his}",
                f"{name}=%D9%A1",
            ]
        body = b'{"result": []}' if row.body else b""
        for query in queries:
            taken += unless_refused(as_ada, row, with_query(address(row, ada), query), body)
        if "<" in row.path:
            taken += unless_refused(
                as_ada, row, with_query(address(row, ben), f"{name}={hers}"), body
            )
    assert taken == []


def with_query(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def unless_refused(ask: Person, row: Row, path: str, body: bytes) -> list[str]:
    status = ask(method_of(row), path, content=body, headers=JSON).status_code
    return [] if status == 403 else [f"{status} {row.methods} {path} {body.decode()}"]


def test_what_is_asked_for_comes_without_a_body(as_ada: Person, ada: Desk, ben: Desk) -> None:
    for row in OWN:
        if not row.body:
            sent = as_ada(
                "GET", address(row, ada), json={"project": ben.project, "view": ben.project}
            )
            assert sent.status_code == 403, row


def test_every_key_of_an_answer_is_named_in_the_table() -> None:
    assert {key for row in WRITTEN for key in row.body} == set(ANSWER)
