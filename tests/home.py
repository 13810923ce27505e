"""Loaded first of all (`-p tests.home`): tests keep their files in a folder of their own, never in a demo's home."""

import os
import tempfile

os.environ["CODERBENCH_HOME"] = tempfile.mkdtemp(prefix="coderbench-test-")
