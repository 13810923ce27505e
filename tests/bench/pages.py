"""Every page of a site with a large study, as each role.

Seconds to the first byte, the slowest first.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

SLOW = 1.0


@dataclass(frozen=True)
class Visit:
    """A page asked for once: seconds on the clock and on the processor, until its first byte."""

    role: str
    address: str
    status: int
    seconds: float
    busy: float


@contextmanager
def site(database: str) -> Iterator[None]:
    """A site of its own in a temporary folder, on that database, until the process ends."""
    home = tempfile.mkdtemp(prefix="coderbench-bench-")
    os.environ["CODERBENCH_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["CODERBENCH_ALLOWED_HOSTS"] = "testserver"
    os.environ["CODERBENCH_LOG_LEVEL"] = "CRITICAL"
    if database == "postgresql":
        from tests.postgres import cluster

        server = cluster("coderbench")
    else:
        server = nullcontext("")
    with server as address:
        if address:
            os.environ["DATABASE_URL"] = f"{address}/coderbench"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield
    shutil.rmtree(home, ignore_errors=True)


def visits(study, times: int = 2) -> list[Visit]:
    """Each address as each role, and as nobody; the better of some tries."""
    from django.test import Client

    from annotation.models import User
    from tests.addresses import addresses

    found = []
    for role in ("nobody", "ada", "cid", "rae", "sam"):
        client = Client(raise_request_exception=False)
        if role != "nobody":
            client.force_login(
                User.objects.get(username=role), backend="django.contrib.auth.backends.ModelBackend"
            )
        for address in addresses(study):
            visit = _visit(client, role, address)
            if visit.seconds > 0.3:
                visit = min(
                    (visit, *(_visit(client, role, address) for _ in range(times - 1))),
                    key=lambda v: v.seconds,
                )
            found.append(visit)
    return sorted(found, key=lambda visit: -visit.seconds)


def _visit(client, role: str, address: str) -> Visit:
    began, busy = time.perf_counter(), time.process_time()
    answer = client.get(address)
    if answer.streaming:
        next(iter(answer.streaming_content), None)
    took = time.perf_counter() - began, time.process_time() - busy
    if answer.streaming:
        answer.close()
    return Visit(role, address, answer.status_code, *took)


def show(database: str = "sqlite", notes: int = 20_000) -> bool:
    """Print the pages; whether none was slower than a second."""
    with site(database):
        from tests.large import Size, large_study

        began = time.perf_counter()

        def say(stage: str) -> None:
            print(
                f"{database}: {time.perf_counter() - began:4.0f} s: {stage}",
                file=sys.stderr,
                flush=True,
            )

        study = large_study(Size(notes=notes), say)
        print(
            f"{database}: {notes:,} notes made in {time.perf_counter() - began:.0f} s", flush=True
        )
        found = visits(study)
    broken = [visit for visit in found if visit.status >= 500 and visit.status != 503]
    slow = [visit for visit in found if visit.seconds > SLOW]
    print(f"{database}: {len(found)} pages, {len(slow)} over {SLOW:.0f} s, {len(broken)} broken")
    for visit in [*broken, *found[: max(20, len(slow))]]:
        print(
            f"  {visit.seconds:6.2f} s  ({visit.busy:5.2f} s busy)  "
            f"{visit.status}  {visit.role:7} {visit.address}"
        )
    return not slow and not broken


def main(database: str = "sqlite", notes: str = "20000") -> int:
    return 0 if show(database, int(notes)) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
