"""Notes leave a whole running installation: both databases, files, Redis and logs are searched.

Once with SQLite, byte by byte; once with PostgreSQL, table by table and byte by byte.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

import httpx
import psycopg
import pytest
import redis

from demo.processes import LABEL_STUDIO_BIN, ROOT, Services
from tests.cast import PASSWORD
from tests.on_file import holding
from tests.postgres import cluster
from tests.require import require
from tests.stack.conftest import CAST, Stack

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.label_studio,
    pytest.mark.redis,
    pytest.mark.postgresql,
    pytest.mark.timeout(3000),
]
GONE = "Quagga-7731"
"""Stands in every text, and in all that people write, of the notes that are to leave."""
STAYS = "Okapi-4402"
"""Stands in the notes of an open study, which must not be touched."""


def on(server: str) -> dict[str, str]:
    """Label Studio's database of a PostgreSQL server, as it is when served."""
    at = urlparse(server)
    return {
        "host": str(at.hostname),
        "port": str(at.port),
        "user": str(at.username),
        "password": str(at.password),
        "name": "labelstudio",
    }


@dataclass
class Place:
    """A running installation, and where its bytes lie."""

    stack: Stack
    home: Path
    server: str
    """Address of PostgreSQL; empty where the databases are SQLite's."""

    def words_found(self, word: str) -> list[tuple[str, str]]:
        """Wherever the word stands: (file or table, word)."""
        address = self.stack.services.addresses["REDIS_URL"]
        redis.Redis.from_url(address).save()
        found = holding(self.home, [word])
        if self.server:
            for name in ("coderbench", "labelstudio"):
                found += self._in_tables(name, word)
            with psycopg.connect(f"{self.server}/coderbench", autocommit=True) as connection:
                connection.execute("CHECKPOINT")
                (folder,) = connection.execute("SHOW data_directory").fetchone()
            for part in ("base", "global", "pg_stat", "pg_stat_tmp"):
                found += holding(Path(folder) / part, [word])
        return found

    def _in_tables(self, database: str, word: str) -> list[tuple[str, str]]:
        """Every table, the catalogue's statistics among them, read as text."""
        found = []
        with psycopg.connect(f"{self.server}/{database}", autocommit=True) as connection:
            tables = connection.execute(
                "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            ).fetchall()
            for (table,) in tables:
                query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s"
                if connection.execute(query, [f"%{word}%"]).fetchone()[0]:
                    found.append((f"{database}: {table}", word))
        return found

    def look_at_values(self) -> None:
        """As the autovacuum does now and then: PostgreSQL keeps statistics of values."""
        for name in ("coderbench", "labelstudio"):
            with psycopg.connect(f"{self.server}/{name}", autocommit=True) as connection:
                connection.execute("ANALYZE")

    def as_admin(self, method: str, path: str, **body) -> httpx.Response:
        """A request to Label Studio by its admin."""
        a = self.stack.services.addresses
        headers = {"Authorization": f"Token {a['LABEL_STUDIO_TOKEN']}"}
        answer = httpx.request(
            method, f"{a['LABEL_STUDIO_URL']}{path}", headers=headers, timeout=120, **body
        )
        answer.raise_for_status()
        return answer


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path, monkeypatch) -> Iterator[Place]:
    require("Label Studio", (LABEL_STUDIO_BIN / "label-studio").exists(), "make setup installs it")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("CODERBENCH_HOME", str(home))
    with ExitStack() as running:
        services: Services = Services(home)
        server = ""
        if request.param == "postgresql":
            server = running.enter_context(cluster("coderbench", "labelstudio"))
            monkeypatch.setenv("DATABASE_URL", f"{server}/coderbench")
            services = Services(home, label_studio_database=on(server))
        running.callback(services.stop)
        services.start()
        services.wait()
        yield Place(Stack(services), home, server)


def notes_file(folder: Path, name: str, word: str) -> Path:
    """Twelve notes with the word in them: short ones, long ones, and one that packs well."""
    path = folder / name
    with path.open("w") as out:
        for k in range(12):
            text = f"{word} {k}: hypertension."
            if k % 3 == 1:
                text += " ".join(f"{word}{n * 7919 % 10007}" for n in range(900))
            if k % 3 == 2:
                text += f" {word} went on." * 3000
            out.write(json.dumps({"note_id": f"{name[0]}{k}", "text": text, "codes": ["401.9"]}))
            out.write("\n")
    return path


def furnish(place: Place, elsewhere: Path) -> list[int]:
    """Two studies in Label Studio, and all that people leave of a text there.

    Returns the projects of the study that stays.
    """
    stack = place.stack
    stack.manage("load_codes")
    for name, role in CAST.items():
        stack.manage("create_user", name, "--role", role, "--stdin", stdin=PASSWORD)
    projects: dict[str, list[int]] = {}
    for name, word in (("gone", GONE), ("stays", STAYS)):
        stack.manage("load_notes", str(notes_file(elsewhere, f"{name}.jsonl", word)))
        before = {project["id"] for project in listed(place)}
        stack.manage(
            "open_study",
            name,
            "--batch",
            f"{name}.jsonl",
            "--overlap",
            "2",
            "--interface",
            "list",
            "--codes",
            "reference",
        )
        projects[name] = [each["id"] for each in listed(place) if each["id"] not in before]
    client = stack.label_studio()
    ada = client.ensure_account("ada@coderbench.invalid", "Ada").token
    project = next(each["id"] for each in listed(place) if each["title"] == "gone Ada")
    tasks = sorted(client._task_ids(project).values())
    client.submit(ada, tasks[0], ["401.9"], 5.0, unlisted=f"{GONE} as the note says")
    draft = [
        {
            "from_name": "unlisted",
            "to_name": "note",
            "type": "textarea",
            "id": "a",
            "value": {"text": [f"{GONE} drafted"]},
        }
    ]
    place.as_admin("POST", f"/api/tasks/{tasks[1]}/drafts", json={"result": draft, "lead_time": 1})
    # An admin's work by hand: a copy in a project of the own, a file uploaded, a file exported.
    by_hand = place.as_admin("POST", "/api/projects/", json={"title": "by hand"}).json()["id"]
    copied = [place.as_admin("GET", f"/api/tasks/{task}/").json()["data"] for task in tasks[:3]]
    rows = [{"data": data} for data in copied]
    place.as_admin("POST", f"/api/projects/{by_hand}/import", json=rows)
    file = {"file": ("rows.json", json.dumps(rows).encode())}
    place.as_admin("POST", f"/api/projects/{project}/import", files=file)
    place.as_admin("GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
    stack.manage("sync_label_studio", "--once")
    stack.manage("export_study", "gone", "--with-text", "--out", str(elsewhere / "gone.zip"))
    stack.manage("close_study", "gone", "--yes")
    if place.server:
        place.look_at_values()
    return projects["stays"]


def listed(place: Place) -> list[dict]:
    return place.as_admin("GET", "/api/projects/?page_size=100").json()["results"]


def killed_after(place: Place, line: str) -> None:
    """The command, ended as by a power cut as soon as it has said this."""
    command = [
        sys.executable,
        "manage.py",
        "purge_batch",
        "gone.jsonl",
        "--yes-purge",
        "gone.jsonl",
    ]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CODERBENCH_HOME": str(place.home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr
    for said in running.stderr:
        if line in said:
            break
    running.send_signal(signal.SIGKILL)
    running.wait()


def test_nothing_of_the_notes_is_left_anywhere(place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    stays = furnish(place, elsewhere)
    before = {file for file, _ in place.words_found(GONE)}
    print(f"before: {sorted(before)}")
    assert len(before) > 3
    client = place.stack.label_studio()
    texts = [client.task_texts_sha256(project) for project in stays]
    assert len(texts) == 2 and all(texts)

    killed_after(place, "Label Studio: projects")
    receipt = place.stack.manage("purge_batch", "gone.jsonl") if unfinished(place) else ""
    print(receipt)
    assert place.words_found(GONE) == []

    assert place.words_found(STAYS) != []
    assert [client.task_texts_sha256(project) for project in stays] == texts
    site = httpx.Client(base_url=place.stack.site, auth=("sam", PASSWORD), timeout=60)
    (purge,) = site.get("/api/v1/purges/").json()["results"]
    assert purge["finished_at"] and purge["trouble"] == {}
    assert purge["done"]["rows"]["texts"] == 12
    told = "\n".join(purge["beyond"])
    assert "with the notes' text" in told
    assert ("write-ahead log" in told) == bool(place.server)
    table = place.stack.manage("run_benchmark", "gone", "--format", "text")
    assert "removed for good" in table
    assert place.words_found(GONE) == []


def unfinished(place: Place) -> bool:
    """Whether the clock has not ended the removal meanwhile."""
    answer = httpx.get(f"{place.stack.site}/api/v1/purges/", auth=("sam", PASSWORD), timeout=60)
    return answer.json()["results"][0]["finished_at"] is None
