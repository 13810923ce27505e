"""Tests choose themselves out of `make test-fast`, and none starts a service unsaid."""

import pytest

from tests.require import FIXTURES, mark, starts


def test_a_fast_test_may_start_no_service():
    with pytest.raises(
        pytest.fail.Exception, match="give it one of the markers label_studio, redis"
    ):
        starts("Redis")


@pytest.mark.redis
def test_a_test_that_says_so_may():
    starts("Redis")


def test_a_fixture_that_starts_a_service_gives_its_marker(request, tmp_path, monkeypatch):
    monkeypatch.setitem(FIXTURES, "tmp_path", "redis")
    mark(request.node)
    assert request.node.get_closest_marker("redis")
