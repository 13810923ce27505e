"""Files of codings that no door may take."""

from __future__ import annotations
