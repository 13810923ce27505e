"""The two ids that stand for no word."""

from __future__ import annotations

PAD, UNKNOWN = 0, 1
