"""Tests keep their files in a folder of their own, never in a demo's home.

Loaded first of all (`-p tests.home`).
"""

import os
import tempfile

os.environ["CODERBENCH_HOME"] = tempfile.mkdtemp(prefix="coderbench-test-")
