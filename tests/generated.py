"""Tests over generated cases take `given` from here.

It is Hypothesis, told how many cases and how long each may take.
Only such tests load Hypothesis, which takes half a second.
"""

from __future__ import annotations

import os

from hypothesis import given, settings

settings.register_profile("whatever-the-load", deadline=None)
settings.register_profile("fast", deadline=None, max_examples=20)
settings.register_profile("thorough", deadline=None, max_examples=3_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "whatever-the-load")

__all__ = ["given"]
