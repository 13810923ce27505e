"""The embedded form's small parts; tests/stack has the whole of it running."""

from __future__ import annotations

import json
import socket
import stat
import sys

import pytest

from demo.processes import (
    EmbeddedError,
    Services,
    follow,
    kept_ports,
    kept_secrets,
    only_one,
    write_private,
)


def test_ports_stay_the_same_unless_taken(tmp_path):
    first = kept_ports(tmp_path)
    assert kept_ports(tmp_path) == first and len(set(first.values())) == 3
    with socket.socket() as other:
        other.bind(("127.0.0.1", first["web"]))
        other.listen()
        moved = kept_ports(tmp_path)
    assert moved["web"] != first["web"] and moved["redis"] == first["redis"]


def test_secrets_are_made_once_and_are_private(tmp_path):
    made = kept_secrets(tmp_path)
    assert kept_secrets(tmp_path) == made and len(set(made.values())) == len(made)
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    write_private(tmp_path / "x.json", {"a": 1})
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": 1}


def test_one_folder_serves_one_start(tmp_path):
    with only_one(tmp_path), pytest.raises(EmbeddedError, match="in use"), only_one(tmp_path):
        pass


@pytest.mark.parametrize(
    "line", ["x ERROR y", "Traceback (most recent call last):", "database is locked"]
)
def test_trouble_in_a_log_is_found_and_named(tmp_path, line):
    services = Services(tmp_path)
    (tmp_path / "web.log").write_text("all is well\n")
    assert services.trouble() is None
    (tmp_path / "worker.log").write_text(f"fine\n{line}\n")
    assert services.trouble() == f"worker.log: {line}"


def test_a_child_that_dies_is_named_with_its_log(tmp_path):
    services = Services(tmp_path)
    services.spawn("redis", ["false"])
    with pytest.raises(EmbeddedError, match=r"redis did not start; its log is .*redis\.log"):
        services._until("redis", 1, 5)
    assert services.dead() == "redis"
    services.stop()
    assert services.children == {}


def test_a_command_is_followed_to_its_end_unless_a_service_is_lost(tmp_path):
    services = Services(tmp_path)
    assert follow([sys.executable, "-c", "raise SystemExit(3)"], services) == 3
    services.spawn("redis", ["false"])
    with pytest.raises(EmbeddedError, match="redis ends again and again"):
        follow([sys.executable, "-c", "import time; time.sleep(600)"], services)
    services.stop()
