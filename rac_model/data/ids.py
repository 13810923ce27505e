"""The two ids that stand for no word."""

from __future__ import annotations

PAD = 0
UNKNOWN = 1
