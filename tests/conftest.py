"""The cast and small fixtures that every area shares."""

from __future__ import annotations

import os
import tempfile

os.environ["CODERBENCH_HOME"] = tempfile.mkdtemp(prefix="coderbench-test-")  # never the home of a running demo

pytest_plugins = ["tests.live", "tests.cast"]
